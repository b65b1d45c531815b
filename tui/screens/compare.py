"""Compare: up to ten tasks side by side, live. Tabs by digit, as on the screen of one task.

The first task is what the others are compared with; one is chosen, and diffs are between these two. Tasks are read
again only when the feed names them; what a tab shows is its own module's business (``tui.compare``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.message import Message

from store.errors import LabtopError
from store.records import TaskRow
from tui import format as form
from tui import keymap, messages
from tui.compare import BY_NAME, LEAST, LETTERS, SCREENS, TABS
from tui.compare.base import ComparePane
from tui.compare.source import Compared, CompareSource, Member
from tui.tabs import BY_NAME as TASK_TABS
from tui.tabs import Tab
from tui.widgets.bar import KeyLine

from .tabbed import TabbedScreen, deleted


class CompareScreen(TabbedScreen):
    """The screen of several tasks.

    Args:
        tasks: their whole ids, two to ten; the first is what the others are compared with.
        tab: the tab to open, by name.
    """

    KEYS: ClassVar[str] = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings("compare")]
    TABS = TABS

    def __init__(self, tasks: Sequence[str], tab: str | None = None) -> None:
        super().__init__(tab)
        self.tasks = list(tasks)
        self._serials = {task: serial for serial, task in enumerate(tasks)}
        self.compared: Compared | None = None
        self.source: CompareSource | None = None
        self._stale: set[str] = set()
        self._reading = False
        self.reads = 0
        """Details of tasks read so far."""

    def on_mount(self) -> None:
        """Open the first tab and read the tasks."""
        self.source = CompareSource(self.data)
        self.open_tab(self.tab)
        if self.data.opened:
            self.reload(self.tasks)

    @property
    def settling(self) -> bool:
        """Whether a tab is just being opened, or the tasks read for the first time."""
        return super().settling or (self._reading and self.compared is None)

    # Live -------------------------------------------------------------------------------------------------------

    def on_store(self, message: Message) -> None:
        """Read the tasks that changed; all of them when the store can be read again."""
        if isinstance(message, messages.StoreChanged):
            self.reload(message.tasks & set(self.tasks))
        elif isinstance(message, messages.StoreOpened):
            self.reload(self.tasks)
        else:
            self.show_status()

    def reload(self, tasks: Iterable[str], *, look: bool = False) -> None:
        """Read tasks, once more after a reading that is under way; with ``look`` have the pane look, if at nothing."""
        self._stale.update(tasks)
        if (self._stale or look) and not self._reading and self.is_attached:
            self._reading = True
            self.run_worker(self._read(), group="compare")

    async def _read(self) -> None:
        assert self.source is not None
        try:
            again = True
            while again:
                asked, self._stale = self._stale, set()
                if asked and not await self._take(asked):
                    return
                await self._look_closer()
                again = bool(self._stale)
        except LabtopError as error:
            self.say(str(error), "error")
        finally:
            self._reading = False

    async def _take(self, asked: set[str]) -> bool:
        """Read tasks; False when too few are left to compare."""
        assert self.source is not None
        found = await self.source.details(sorted(asked))
        self.reads += len(asked)
        gone = [member.row for member in self.members if member.row.id in asked - found.keys()]
        known = {member.row.id: member.detail for member in self.members} | found
        self.tasks = [task for task in self.tasks if task in known and task not in asked - found.keys()]
        if len(self.tasks) < LEAST:
            self._leave(gone)
            return False
        letters = {member.row.id: (member.letter, member.place) for member in self.members}
        fresh = {task: (LETTERS[place], place) for place, task in enumerate(self.tasks)}
        named = fresh if gone or not letters else letters
        members = tuple(Member(*named[task], self._serials[task], known[task]) for task in self.tasks)
        self.compared = Compared(members, self._chosen())
        self.source.take(members)
        if gone:
            self.say(deleted(gone))
        return True

    def _chosen(self) -> int:
        """The place of the chosen task among those that are left; where it is gone, of the one that stands there."""
        if self.compared is None:
            return 0
        task = self.compared.members[self.compared.chosen].row.id
        return self.tasks.index(task) if task in self.tasks else min(self.compared.chosen, len(self.tasks) - 1)

    async def _look_closer(self) -> None:
        if self.compared is not None and self.panes.query(f"#pane-{self.tab}"):
            await self.pane().look_closer(self.compared)
            self._show()

    def _leave(self, gone: Sequence[TaskRow]) -> None:
        if self.is_current:
            self.dismiss()
            self.labtop.say(f"{deleted(gone)} There is nothing left to compare it with.".strip())

    @property
    def members(self) -> tuple[Member, ...]:
        """The tasks, as far as they have been read."""
        return self.compared.members if self.compared is not None else ()

    # Showing ----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not (self.is_attached and self.display):  # left meanwhile
            return
        self.show_status()
        if self.compared is not None:
            self.pane().known = True
            self.pane().take(self.compared)
        self.show_lines()

    @property
    def stand(self) -> tuple[str, str]:
        """The tasks, and the tab."""
        return ",".join(self.tasks), next(name for name, tab in SCREENS.items() if tab == self.tab)

    def show_status(self) -> None:
        """Show what is looked at; or that the store is away."""
        if self.labtop.banner:
            self.say(self.labtop.banner, "error")
        if self.compared is not None:
            self.status(self._heading(self.compared))

    def _heading(self, compared: Compared) -> Text:
        """How many tasks, and the chosen one."""
        look, member = self.look, compared.members[compared.chosen]
        line = Text(no_wrap=True, end="")
        line.append(f"compare {len(compared.members)} tasks  ", look.style("bold bright"))
        line.append(f"{member.letter} ", look.style(f"bold series{member.place}"))
        line.append(form.status_mark(member.row.status, look.ascii), look.style(member.row.status))
        line.append(f" {form.one_line(member.row.name)}", look.style("bright"))
        line.append(f"  {form.short_id(member.row.id)}", look.style("dim"))
        return line.append(f"  {form.one_line(member.row.project)}", look.style("accent"))

    def show_lines(self) -> None:
        """Show the tabs and the keys of the open one."""
        super().show_lines()
        row = next(iter(self.targets()), None)
        self.query_one(KeyLine).use(("compare", *BY_NAME[self.tab].keys), self.in_vain(row), row)

    def on_resize(self) -> None:
        """Other widths, other columns."""
        self.call_after_refresh(self._show)

    def aged(self) -> None:
        """Show how long the tasks have run by now, where that is shown."""
        self.show_status()
        for pane in self.query(f"#pane-{self.tab}").results(ComparePane):
            pane.aged()

    # Tabs -------------------------------------------------------------------------------------------------------

    def pane(self) -> ComparePane:
        """Return the open pane."""
        return self.query_one(f"#pane-{self.tab}", ComparePane)

    def make(self, tab: Tab) -> ComparePane:
        """Return a new pane of a tab."""
        made: ComparePane = import_module(f"tui.compare.{tab.name}").Pane(self.source, id=f"pane-{tab.name}")
        return made

    def opened(self, *, edit: bool) -> None:
        """Show the tasks in the open pane."""
        self._show()
        self.reload((), look=True)

    def refused_pattern(self, pattern: str) -> str | None:
        """Return why a regular expression cannot be searched for, None if it can."""
        from store.queries.console import matcher

        try:
            matcher(pattern, ignore_case=False)
        except LabtopError as error:
            return str(error)
        return None

    # What panes tell, and keys ----------------------------------------------------------------------------------

    def on_compare_pane_chose(self, message: ComparePane.Chose) -> None:
        """Another task is chosen in a table."""
        self.action_choose(message.by)

    def on_compare_pane_opened(self) -> None:
        """Open the chosen task, on the same tab where it has one."""
        if self.compared is not None:
            tab = self.tab if self.tab in TASK_TABS else {"code": "execution"}.get(self.tab)
            self.labtop.open_task(self.compared.members[self.compared.chosen].row.id, tab)

    def on_compare_pane_due(self) -> None:
        """A pane has something to look at."""
        self.reload((), look=True)

    def targets(self) -> list[TaskRow]:
        """The chosen task."""
        return [self.compared.members[self.compared.chosen].row] if self.compared is not None else []

    def action_choose(self, by: int) -> None:
        """Choose the next task or the one before."""
        if self.compared is not None:
            place = min(max(self.compared.chosen + by, 0), len(self.members) - 1)
            self.compared = replace(self.compared, chosen=place)
            self._show()
            self.reload((), look=True)
