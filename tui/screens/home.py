"""Home: the keys of the project tree and the task table, and the lines around them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal

from store.errors import InvalidValue, LabtopError
from tui import chosen, completing, home_data, home_lines, keymap
from tui.compare import opening
from tui.export.what import Export
from tui.home_data import Stand
from tui.verbs import VERB_WORK
from tui.widgets.bar import KeyLine
from tui.widgets.candidates import Candidate
from tui.widgets.preview import Preview
from tui.widgets.prompt import Prompt
from tui.widgets.table import TaskTable
from tui.widgets.tree import ProjectTree

from .home_preview import HomePreview

if TYPE_CHECKING:
    from store.records import TaskRow


class HomeScreen(HomePreview, inherit_bindings=False):
    """Projects and tasks."""

    KEYS = "home"
    BINDINGS: ClassVar[Any] = keymap.bindings("home")
    AUTO_FOCUS = "TaskTable"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-high"), (36, "-tall")]  # noqa: RUF012 - an instance variable of Screen

    def __init__(self) -> None:
        super().__init__()
        self._filters: list[str] = []
        """The filters entered, oldest first."""
        self._began_at: Stand | None = None
        """Where the cursor stood when a filter began to be typed."""
        self._left_at: Stand | None = None
        """Where the cursor stood among the archived tasks, or among the others, when they were last shown."""
        self._marking = False
        """Whether rows of a range are still on their way: what is marked is not yet what was meant."""
        self._arranged = ("shown", "shown")
        """Tree and preview as the settings last had them; keys turn them until those change."""

    def body(self) -> ComposeResult:
        """Tree and table, and what there is to say of the row under the cursor."""
        with Horizontal(classes="panes"):
            yield ProjectTree()
            yield TaskTable()
        yield Preview()

    def on_mount(self) -> None:
        """Show what is known before the store is open."""
        self.recall()
        self._arrange()
        self.table.focus()
        self.status(Text("opening the store…", style=self.look.style("dim"), end=""))
        self._show_keys()
        if self.data.opened:
            self.load(self.wanted, projects=True)

    def on_screen_resume(self) -> None:
        """In sight again: the settings may have changed too."""
        self._arrange()

    def _arrange(self) -> None:
        settings = self.labtop.user_settings
        if self._arranged != (settings.tree, settings.preview):
            self._arranged = (settings.tree, settings.preview)
            self.query_one(".panes").set_class(settings.tree == "hidden", "-zoomed")
            self.set_class(settings.preview == "hidden", "-facts")
            self.query_one(Preview).remove_class("-turned")
            self.call_after_refresh(self.show_preview)

    def targets(self) -> list[TaskRow]:
        """The marked tasks, else the one under the cursor; none while the keys go to the tree, or a range is read."""
        return self.table.chosen if not (self.projects.has_focus or self._marking) else []

    @property
    def unseen(self) -> frozenset[str]:
        """The marked tasks that the view has not got: a filter hides them, or they are in another project."""
        return self._unseen & self.table.marks.keys()

    def looked_at(self) -> TaskRow | None:
        """The task under the cursor; none while the keys go to the tree."""
        return self.table.current if not self.projects.has_focus else None

    def export(self) -> Export | str:
        """The marked tasks, else all of the view."""
        from tui.export import tasks

        if not self.table.loaded:
            return super().no_targets()
        if not (self.table.marks or self.table.pages.total):
            return "There is no task to export: the table is empty."
        return tasks.of_view(self.view, tuple(self.table.marks))

    def no_targets(self) -> str:
        """Say where the tasks are."""
        if self._marking:
            return "The tasks of the range are still being marked. Nothing was done."
        if self.table.pages.total:
            return f"Go to the tasks ({keymap.now('pane.next')}) first."
        everything = self.view.plain and self.view.project is None
        return super().no_targets() if everything or self.labtop.banner else home_lines.why_empty(self.view)[0][0]

    def help_screens(self) -> tuple[str, ...]:
        """Keys of the screen and both panes."""
        return ("home", "table", "tree", "app")

    def aged(self) -> None:
        """Draw the lines of the table whose ages have changed."""
        self.table.sync()

    # Lines ------------------------------------------------------------------------------------------------------

    def show_status(self) -> None:
        """Show project, numbers, filter, marks; or that the store is away."""
        if self.labtop.banner:
            self.say(self.labtop.banner, "error")
        if self.table.loaded:
            node = self.projects.node(self.view.project)
            marked, unseen = len(self.table.marks), len(self.unseen)
            self.status(home_lines.heading(self.view, node, self.table.pages.total, marked, unseen, self.look))
        elif self.labtop.banner:
            self.status(Text("the store is not open", style=self.look.style("dim"), end=""))

    @on(TaskTable.Moved)
    def show_row(self) -> None:
        """Show what there is about the row under the cursor, and its keys."""
        self.show_preview()
        self.show_status()
        self._show_keys(tree=self.on_projects)

    def _show_keys(self, *, tree: bool = False) -> None:
        """Name the keys of the pane; over a task, what its verbs are for that one."""
        if tree:
            closed = frozenset(key.id for key in keymap.KEYS if key.changes)
            self.query_one(KeyLine).use(("home", "tree"), closed)
        else:
            chosen = self.table.chosen
            self.query_one(KeyLine).use(("home", "table"), row=chosen[0] if len(chosen) == 1 else None)

    # Panes ------------------------------------------------------------------------------------------------------

    def action_next_pane(self) -> None:
        """Go to the other pane; a narrow screen shows one at a time."""
        to_tree = self.table.has_focus
        if to_tree:
            self.query_one(".panes").remove_class("-zoomed")
        (self.projects if to_tree else self.table).focus()

    @on(events.DescendantFocus)
    def _turn_to(self) -> None:
        """Tell of what is in the pane that has the keys; where there is room for one pane, it is this one."""
        self.query_one(".panes").set_class(self.on_projects, "-tree")
        self.show_row()

    def action_previous_pane(self) -> None:
        """The same, there being two."""
        self.action_next_pane()

    def action_zoom(self) -> None:
        """Hide or show the tree."""
        if self.is_full or self.has_class("-narrow"):
            self.say(f"There is room for one pane here: {keymap.now('pane.next')} goes to the projects and back.")
            return
        if self.projects.has_focus:
            self.action_next_pane()
        self.query_one(".panes").toggle_class("-zoomed")

    @on(ProjectTree.Chosen)
    def _choose(self, message: ProjectTree.Chosen) -> None:
        if message.path != self.wanted.project:
            view = self.in_project(message.path)
            self.close_prompt()  # a filter that is just typed was for where it began
            self.table.marks.clear()
            self.load(view, keep=False)
        if message.entered:
            self.action_next_pane()

    @on(TaskTable.Opened)
    def _open(self, message: TaskTable.Opened) -> None:
        self.labtop.open_task(message.row.id)

    @on(TaskTable.Ranged)
    def _ranged(self, message: TaskTable.Ranged) -> None:
        self.run_worker(self._mark_range(message.one, message.other), group=VERB_WORK)

    async def _mark_range(self, one: str, other: str) -> None:
        self._marking = True
        try:
            self.table.mark(await self.data.read(home_data.between, self.view, one, other), also=True)
        except LabtopError as error:
            self.say(str(error), "error")
        finally:
            self._marking = False

    def action_compare(self) -> None:
        """Compare the marked tasks."""
        try:
            opening.marked(self.labtop, self.targets())
        except InvalidValue as error:
            self.say(str(error), "refused")

    # Columns ----------------------------------------------------------------------------------------------------

    def action_columns(self) -> None:
        """Choose the columns."""
        self.run_worker(self._choose_columns(), group=VERB_WORK)

    async def _choose_columns(self) -> None:
        from tui.dialogs.columns import ColumnsDialog

        shown = self.wanted.columns or tuple(column.key for column, _ in self.table.in_columns)
        fields = [column.key for column in chosen.every(None, False)]
        try:
            found = await self.data.read(home_data.choices, self.view)
        except LabtopError as error:
            self.say(str(error), "error")
            return
        now = {column.key: width for column, width in self.table.in_columns}
        dialog = ColumnsDialog(shown, [*found, *fields], dict(self.wanted.widths), now)
        answer = await self.app.push_screen_wait(dialog)
        if answer is not None:
            self.use_columns(*answer)

    def use_columns(self, keys: tuple[str, ...], widths: tuple[tuple[str, int], ...] = ()) -> None:
        """Show these columns, some in a width of somebody's choice; an order by one that has gone: the newest first."""
        view = replace(self.wanted, columns=keys, widths=widths)
        lost = ":" in view.sort and view.sort not in keys
        self.load(replace(view, sort="activity", descending=True) if lost else view)
        if out := self.table.left_out(keys, dict(widths)):
            key = keymap.now("home.columns")
            self.say(f"There is no room for {', '.join(out)}: choose fewer columns ({key}), or widen the terminal.")

    # Order and filter -------------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort by the next column on screen, metrics first; of a table that the tree hides, by the next of all."""
        here = [column for column, _ in self.table.in_columns] or self.table.available
        shown = sorted((column for column in here if column.sort), key=lambda column: not column.is_metric)
        keys = [column.sort for column in shown]
        at = keys.index(self.wanted.sort) if self.wanted.sort in keys else -1
        column = shown[(at + 1) % len(shown)]
        self.sort(column.sort, column.down)
        self.say(f"Sorted by {column.said}.")

    def action_reverse(self) -> None:
        """Reverse the order; the cursor stays on its task."""
        self.load(replace(self.wanted, descending=not self.wanted.descending), keep=False, at=self._stand)

    def sort(self, by: str, descending: bool) -> None:
        """Show the rows in another order, the first of them: one sorts to see it."""
        self.load(replace(self.wanted, sort=by, descending=descending), keep=False)

    def turn_archive(self) -> None:
        """Show the archived tasks, or the others again, with the cursor where it was left."""
        left, self._left_at = self._left_at, self._stand
        self.load(replace(self.wanted, archived=not self.wanted.archived), keep=False, at=left)

    def action_filter(self) -> None:
        """Type a filter; the table follows."""
        self._began_at = self._stand
        self.typed_over = self.wanted.text
        self.query_one(Prompt).ask("filter", "/", self.wanted.text, past=self._filters)

    def close_prompt(self) -> None:
        """Hide the line to type into: what was typed is the filter by now, or the one of before is again."""
        super().close_prompt()
        self.typed_over = None

    @on(Prompt.Typed)
    def _typed(self, message: Prompt.Typed) -> None:
        if message.purpose == "filter":
            work = partial(self._list_words, message.text)
            self.run_worker(work, group="suggest", exclusive=True)  # type: ignore[arg-type]  # its result is None
            if message.text.strip() != self.wanted.text:
                self.filter(message.text)

    async def _list_words(self, text: str) -> None:
        found = [(ending, note) for ending, note in await completing.filters(self, text) if ending != text]
        self.query_one(Prompt).suggest(text, [Candidate(ending, ending, note) for ending, note in found])

    def save_filter(self, name: str) -> None:
        """Save the filter under a name; with no filter shown, forget the one saved under it.

        Raises:
            InvalidValue: there is neither.
        """
        filters = {other: text for other, text in self.memory.filters.items() if other != name}
        if self.wanted.text:
            filters[name] = self.wanted.text
            self.say(f"Saved as {name}: the list below / and :filter offers it.")
        elif name in self.memory.filters:
            self.say(f"The filter {name} is forgotten.")
        else:
            raise InvalidValue(f"There is no filter to save. Type one ({keymap.now('home.filter')}) first.")
        self.memory = replace(self.memory, filters=filters)
        self.note()

    def filter(self, text: str) -> None:
        """Show only the tasks that fit; the cursor stays on its task if that is one of them."""
        stand = self._began_at if self.query_one(Prompt).asking else self._stand
        self.load(replace(self.wanted, text=text.strip()), keep=False, at=stand)

    @property
    def _stand(self) -> Stand | None:
        row, line = self.table.current, self.table.cursor - self.table.top
        return Stand(row.id, line, self.table.room - line) if row is not None else None

    @on(Prompt.Entered)
    def _filter_entered(self, message: Prompt.Entered) -> None:
        if message.purpose == "filter":
            message.prevent_default()  # the line stays open until the filter is known to be one
            self.run_worker(self._enter_filter(message.text.strip()), group=VERB_WORK)

    async def _enter_filter(self, text: str) -> None:
        """Close the line over the rows of a filter; over what is none, show those of the filter before."""
        prompt = self.query_one(Prompt)
        if problem := await self._wrong_with(text):
            text = prompt.before
            self.say(f"{problem} {home_lines.still(text)}", "refused")
        else:
            self.close_prompt()
            if text and text not in self._filters[-1:]:
                self._filters.append(text)
        if text != self.wanted.text:
            self.filter(text)

    async def _wrong_with(self, text: str) -> str:
        try:
            await self.data.read(home_data.check_filter, text)
        except InvalidValue as error:
            return str(error)
        except LabtopError:  # the store is away, which the table says
            pass
        return ""

    @on(Prompt.Left)
    def _filter_left(self, message: Prompt.Left) -> None:
        if message.purpose == "filter" and message.text != self.wanted.text:
            self.filter(message.text)

    def action_back(self) -> None:
        """Leave the full screen; then clear marks, then the filter, then show the tasks again."""
        if self.is_full:
            self.action_full()
        elif self.table.marks:
            self.table.action_unmark()
        elif self.wanted.text:
            self.filter("")
        elif self.wanted.archived:
            self.turn_archive()
        elif self.projects.has_focus:
            self.action_next_pane()

    def action_quit(self) -> None:
        """Leave the full screen, else the dashboard."""
        if self.is_full:
            self.action_full()
        else:
            from tui.leaving import leave

            leave(self.labtop)
