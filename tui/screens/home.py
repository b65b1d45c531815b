"""Home: the project tree and the task table, live.

What the table shows is a ``View``; a new view is loaded in a thread, a change by somebody else arrives as rows and is
put in place without asking the store again, unless a filter has to be applied anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer

from store.errors import InvalidValue, LabtopError
from tui import format as form
from tui import home_data, keymap, messages
from tui.compare import opening
from tui.home_data import Loaded, View
from tui.pages import PAGE
from tui.widgets.bar import KeyLine, Notice
from tui.widgets.preview import Preview
from tui.widgets.prompt import Prompt
from tui.widgets.table import TaskTable
from tui.widgets.tree import ProjectTree, within

from .base import LabtopScreen

if TYPE_CHECKING:
    from store.records import TaskRow

MINUTE_TICK = 20.0
"""Seconds between two looks at whether an age on screen has changed; nothing is drawn if none has."""
FILTER_PACE = 0.08
RELOAD_PACE = 1.0
"""Least seconds between two reloads of a filtered view while tasks change."""

NEW_STORE = [
    ("Add three lines to a training script and run it:", "normal"),
    ("", "normal"),
    ("from capture import Task", "accent"),
    ('task = Task.init(project_name="vision/digits", task_name="first try")', "accent"),
    ('task.get_logger().report_scalar("loss", "train", value=loss, iteration=step)', "accent"),
    ("", "normal"),
    ("It appears here while it runs. An unchanged script: capture run SCRIPT", "dim"),
]

EMPTY_STORE = [("No tasks yet.", "normal"), *NEW_STORE]


class HomeScreen(LabtopScreen, inherit_bindings=False):
    """Projects and tasks."""

    KEYS = "home"
    BINDINGS: ClassVar[Any] = keymap.bindings("home")
    AUTO_FOCUS = "TaskTable"

    def __init__(self) -> None:
        super().__init__()
        self.view = View()
        self._loads = 0
        self._heard = 0
        self._tree_due = False
        """Whether the tree's counts are out of date: the next load brings them, also if it replaces the one asked."""
        self._reload: Timer | None = None
        self._metric_known = False
        self._seen = 0.0
        """When the newest task seen was made."""

    def body(self) -> ComposeResult:
        """Tree and table, the line about the row under the cursor, and the line to type into."""
        with Horizontal(classes="panes"):
            yield ProjectTree()
            yield TaskTable()
        yield Preview()

    @property
    def table(self) -> TaskTable:
        """The task table."""
        return self.query_one(TaskTable)

    @property
    def projects(self) -> ProjectTree:
        """The project tree."""
        return self.query_one(ProjectTree)

    def on_mount(self) -> None:
        """Show what is known before the store is open."""
        self.view = replace(self.view, project=self.labtop.first_project)
        self.table.focus()
        self.status(Text("opening the store…", style=self.look.style("dim"), end=""))
        self._show_keys()
        self.set_interval(MINUTE_TICK, self._tick)
        if self.data.opened:
            self.load(self.view, projects=True)

    def targets(self) -> list[TaskRow]:
        """The marked tasks, else the one under the cursor; none while the keys go to the tree."""
        return self.table.chosen if not self.projects.has_focus else []

    def no_targets(self) -> str:
        """Say where the tasks are."""
        return "Go to the tasks (Tab) first." if self.table.pages.total else super().no_targets()

    def help_screens(self) -> tuple[str, ...]:
        """Keys of the screen and both panes."""
        return ("home", "table", "tree", "app")

    # Loading ----------------------------------------------------------------------------------------------------

    def on_store(self, message: Message) -> None:
        """Load when the store is there, follow what changes."""
        if isinstance(message, messages.StoreOpened):
            self.load(self.view, projects=True)
        elif isinstance(message, messages.StoreChanged):
            self._changed(message)
        elif isinstance(message, messages.StoreAbsent):
            self.table.empty = [(f"There is no store at {self.data.location.shown} yet.", "normal"), *NEW_STORE]
            self.table.show(0, {})
        self._show_status()

    def load(self, view: View, *, projects: bool = False, keep: bool = True) -> None:
        """Show another view; the cursor stays on its task where that is in it."""
        self._loads += 1
        self._tree_due = projects = projects or self._tree_due
        choose = not self._metric_known or view.project != self.view.project
        # Not a coroutine: one that is replaced before it starts would warn that nobody awaited it.
        work = partial(self._load, self._loads, view, projects, keep, choose)
        self.run_worker(work, group="load", exclusive=True)  # type: ignore[arg-type]  # its result is None

    async def _load(self, number: int, view: View, projects: bool, keep: bool, choose: bool) -> None:
        table = self.table
        heard = self._heard
        first = table.top // PAGE if keep else 0
        last = (table.top + max(table.size.height, 1)) // PAGE if keep else 0
        try:
            loaded = await self.data.read(home_data.load, view, sorted({first, last}), projects, choose)
        except LabtopError as error:
            self._failed(str(error))
            return
        if number == self._loads:
            self._take(loaded, keep)
            if heard != self._heard:  # what was read may be older than a change that was shown meanwhile
                self._tree_due = projects
                self._reload_soon()

    def _take(self, loaded: Loaded, keep: bool) -> None:
        table, stand = self.table, self.table.current
        self.view = loaded.view
        if self.query_one(Prompt).asking:
            self.query_one(Notice).clear()  # what was wrong with the filter no longer is
        self._seen = max(self._seen, *(row.created for page in loaded.pages.values() for row in page), 0.0)
        self._metric_known = self._metric_known or loaded.view.metric is not None
        self.data.metric = loaded.view.metric
        if loaded.projects is not None:
            self._tree_due = False
            self.projects.show(loaded.projects)
            self.projects.choose(loaded.view.project)
        table.metric, table.sort, table.descending = loaded.view.metric, loaded.view.sort, loaded.view.descending
        table.one_project = self._one_project()
        table.empty = self._why_empty()
        if not keep:
            table.cursor = table.top = 0
        table.show(loaded.total, loaded.pages, keep=stand.id if stand is not None and keep else None)
        self._show_status()
        self._show_row()

    def _failed(self, sentence: str) -> None:
        self.say(sentence, "refused" if self.query_one(Prompt).asking else "error")

    def _one_project(self) -> bool:
        node = self.projects.node(self.view.project)
        return self.view.project is not None and node is not None and not node.parent

    def _why_empty(self) -> list[tuple[str, str]]:
        if self.view.text:
            return [("No task fits the filter. Change it (/), or clear it (Esc).", "dim")]
        if self.view.archived:
            return [("Nothing is archived here. Back to the tasks with :archived", "dim")]
        if self.view.project is not None:
            return [("No tasks in this project. The tree (Tab) leads to the others.", "dim")]
        return EMPTY_STORE

    @on(TaskTable.Wanted)
    def _fetch(self, message: TaskTable.Wanted) -> None:
        for number in message.numbers:
            self.run_worker(self._page(self._loads, number), group="pages")

    async def _page(self, load: int, number: int) -> None:
        try:
            rows = await self.data.read(home_data.page, self.view, number)
        except LabtopError as error:
            self._failed(str(error))
            return
        if load == self._loads:
            self.table.supply(number, rows)
            self._show_row()

    # Changes by others ------------------------------------------------------------------------------------------

    def _changed(self, message: messages.StoreChanged) -> None:
        changes = message.changes
        self._heard += 1
        before = self.projects.nodes[0].total
        self.projects.change(changes.projects)
        if not self.table.loaded:
            return
        if not self._metric_known and any(row.last_iteration is not None for row in changes.tasks):
            self._find_metric()
        if not self._explained(before, changes.tasks) or changes.deleted:
            self._tree_due = True
        if not self.view.plain:
            self._apply_in_place(changes.tasks)
            return
        if self._tree_due:
            self.load(self.view)
            return
        inside = [row for row in changes.tasks if self._belongs(row)]
        gone = set(changes.deleted) | {row.id for row in changes.tasks if not self._belongs(row)}
        node = self.projects.node(self.view.project)
        was_empty = self.table.pages.total == 0
        self.table.one_project = self._one_project()
        self.table.change(inside, gone, node.total if node is not None else 0)
        if was_empty:
            self._show_row()

    def _explained(self, before: int, rows: list[TaskRow]) -> bool:
        """Whether the number of all tasks is as before, or has grown by the new ones.

        A change tells of the project a task is in, not of the one it was moved out of: a sum that grew by more than
        the new tasks shows that.
        """
        seen, self._seen = self._seen, max([self._seen, *(row.created for row in rows)])
        grown = self.projects.nodes[0].total - before
        archived = sum(row.archived for row in rows)  # none of them is counted any more; whether one was, is not known
        return -archived <= grown <= 0 or grown == sum(row.created > seen for row in rows)

    def _belongs(self, row: TaskRow) -> bool:
        return not row.archived and within(row.project, self.view.project)

    def _apply_in_place(self, rows: list[TaskRow]) -> None:
        """Under a filter only the store knows what belongs: show new values at once, ask it again a little later."""
        known = [row for row in rows if self.table.pages.replace(row) is not None]
        self.table.sync()
        if known:
            self._show_row()
        self._reload_soon()

    def _reload_soon(self) -> None:
        if self._reload is None:
            self._reload = self.set_timer(RELOAD_PACE, self._reload_now)

    def _reload_now(self) -> None:
        self._reload = None
        self.load(self.view)

    def _find_metric(self) -> None:
        self._metric_known = True
        self.run_worker(self._ask_metric(), group="metric", exclusive=True)

    async def _ask_metric(self) -> None:
        try:
            metric = await self.data.read(home_data.main_metric, self.view.project)
        except LabtopError:
            metric = None
        self._metric_known = metric is not None
        if metric is not None:
            self.load(replace(self.view, metric=metric))

    def _tick(self) -> None:
        self.table.sync()

    # Lines ------------------------------------------------------------------------------------------------------

    def _show_status(self) -> None:
        if self.labtop.banner:
            self.say(self.labtop.banner, "error")
        if self.table.loaded:
            self.status(self._heading())

    def _heading(self) -> Text:
        """Project, how many tasks, states, filter, marks."""
        look, view = self.look, self.view
        node = self.projects.node(view.project)
        line = Text(no_wrap=True, end="")
        line.append(form.one_line(view.project or "all projects", 200), look.style("bold bright"))
        line.append(f"  {self._how_many(node.total if node else 0)}", look.style("normal"))
        for status in ("running", "pending", "failed") if view.plain and node else ():
            if node and node.counts.get(status):
                mark = form.status_glyph(status, look.ascii)
                line.append(f"  {mark}{node.counts[status]} {status}", look.style(status))
        if view.text:
            line.append("  filter: ", look.style("dim"))
            line.append(form.one_line(view.text, 200), look.style("accent"))
        if self.table.marks:
            line.append(f"  {len(self.table.marks)} marked", look.style("bold accent"))
        return line

    def _how_many(self, whole: int) -> str:
        shown = self.table.pages.total
        number = str(whole) if self.view.plain else str(shown) if self.view.archived else f"{shown} of {whole}"
        kind = "archived " if self.view.archived else ""
        return f"{number} {kind}{'task' if number == '1' else 'tasks'}"

    @on(TaskTable.Moved)
    def _show_row(self) -> None:
        self.query_one(Preview).show(self.table.current)
        self._show_status()
        self._show_keys(tree=self.projects.has_focus)

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
        panes = self.query_one(".panes")
        to_tree = self.table.has_focus
        panes.set_class(to_tree, "-tree")
        if to_tree:
            panes.remove_class("-zoomed")
        (self.projects if to_tree else self.table).focus()
        self._show_keys(tree=to_tree)

    def action_previous_pane(self) -> None:
        """The same, there being two."""
        self.action_next_pane()

    def action_zoom(self) -> None:
        """Hide or show the tree."""
        if self.projects.has_focus:
            self.action_next_pane()
        self.query_one(".panes").toggle_class("-zoomed")

    @on(ProjectTree.Chosen)
    def _choose(self, message: ProjectTree.Chosen) -> None:
        if message.path != self.view.project:
            self.table.marks.clear()
            self.load(replace(self.view, project=message.path, metric=None), keep=False)
        if message.entered:
            self.action_next_pane()

    @on(TaskTable.Opened)
    def _open(self, message: TaskTable.Opened) -> None:
        self.labtop.open_task(message.row.id)

    def action_compare(self) -> None:
        """Compare the marked tasks."""
        try:
            opening.marked(self.labtop, self.targets())
        except InvalidValue as error:
            self.say(str(error), "refused")

    # Order and filter -------------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort by the next column on screen."""
        shown = [column for column, _ in self.table._shown() if column.sort]
        keys = [column.sort for column in shown]
        at = keys.index(self.view.sort) if self.view.sort in keys else -1
        column = shown[(at + 1) % len(shown)]
        self.load(replace(self.view, sort=column.sort, descending=column.down), keep=False)
        self.say(f"Sorted by {column.title}.")

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.load(replace(self.view, descending=not self.view.descending), keep=False)

    def action_filter(self) -> None:
        """Type a filter; the table follows."""
        self.query_one(Prompt).ask("filter", "/", self.view.text)

    @on(Prompt.Typed)
    def _typed(self, message: Prompt.Typed) -> None:
        if message.purpose == "filter":
            self.filter(message.text)

    def filter(self, text: str) -> None:
        """Show only the tasks that fit."""
        self.load(replace(self.view, text=text.strip()), keep=False)

    @on(Prompt.Entered)
    @on(Prompt.Left)
    def _filter_ended(self, message: Prompt.Typed) -> None:
        if message.purpose == "filter" and message.text.strip() != self.view.text:
            self.filter(message.text)

    def action_back(self) -> None:
        """Clear marks, then the filter, then show all projects; ``q`` with nothing to clear quits."""
        if self.table.marks:
            self.table.action_unmark()
        elif self.view.text:
            self.filter("")
        elif self.view.archived:
            self.load(replace(self.view, archived=False), keep=False)
        elif self.projects.has_focus:
            self.action_next_pane()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()
