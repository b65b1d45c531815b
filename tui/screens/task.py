"""One task: a line about it, tabs by digit, the verbs. Live while it runs.

The screen reads the task and hands it to the open pane; one that is not open gets nothing, and is brought up to date
when it is opened. Changes of the store are coalesced: one reading at a time, the next one after it. What a tab shows is
its own module's business (``tui.tabs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.text import Text
from textual.binding import BindingType
from textual.message import Message

from store.errors import LabtopError, NotFound
from store.records import ProjectRow, TaskDetail, TaskRow
from tui import keymap, messages
from tui.tabs import BY_NAME, TABS, Tab
from tui.tabs.base import TaskPane
from tui.task_data import TaskSource, detail_of
from tui.verbs import VERB_WORK
from tui.widgets.bar import KeyLine, StatusLine
from tui.widgets.configuration import Configuration
from tui.widgets.console import Console
from tui.widgets.pane import Pane
from tui.widgets.searching import SearchedLines
from tui.widgets.taskline import task_line

from .tabbed import TabbedScreen, deleted

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.records import Changes
    from tui.tabs.leftover import Taken

CONFIGURATION_KEYS = frozenset(key.id for key in keymap.keys_of("configuration"))


class Fresh(NamedTuple):
    """A task, read with its change, and what the pane wanted of it that was open then."""

    detail: TaskDetail
    beside: object


class TaskScreen(TabbedScreen):
    """The screen of one task.

    Args:
        task: its whole id.
        tab: the tab to open, by name.
        edit: put the cursor on the first hyperparameter.
        found: an expression to search for on that tab, and the console line to stand on.
    """

    KEYS: ClassVar[str] = "task"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings("task")]
    TABS = TABS

    def __init__(
        self, task: str, tab: str | None = None, edit: bool = False, found: tuple[str, int | None] | None = None
    ) -> None:
        super().__init__("configuration" if edit and tab is None else tab)
        self.task_id = task
        self.detail: TaskDetail | None = None
        self.source: TaskSource | None = None
        self._reading = self._stale = False
        self._fresh: object = None
        """What was read with a change and is not shown yet."""
        self._shown_in: TaskPane | None = None
        """The pane that was shown the task last."""
        self._found = found
        self._offered = False
        self._taken: Taken | None = None

    def on_mount(self) -> None:
        """Open the first tab and read the task."""
        self.source = TaskSource(self.data, self.task_id)
        self.open_tab(self.tab)
        if self.data.opened:
            self.reload()

    @property
    def settling(self) -> bool:
        """Whether a tab is just being opened, or the task read for the first time."""
        return super().settling or (self._reading and self.detail is None)

    # Live -------------------------------------------------------------------------------------------------------

    def beside(self, connection: Connection, changes: Changes) -> Fresh | None:
        """Read the task if it is among what changed."""
        if not any(row.id == self.task_id for row in changes.tasks):
            return None
        detail, pane = detail_of(connection, self.task_id), self._shown_in
        return Fresh(detail, None if pane is None else pane.beside(connection, detail))

    def on_store(self, message: Message) -> None:
        """Read again when this task changed, or when the store can be read again."""
        if isinstance(message, messages.StoreChanged):
            if self.task_id in message.changes.deleted:
                self._gone()
            elif self.task_id in message.tasks or self._pinned_anew(message.changes.projects):
                self.reload(message.beside)
        elif isinstance(message, messages.StoreOpened):
            self.reload()
        else:
            self.show_status()

    def _take_fresh(self) -> Fresh | None:
        """Return what was read with a change, if it is this task and we have not read it later than that."""
        found, self._fresh = self._fresh, None
        if not isinstance(found, Fresh) or found.detail.row.id != self.task_id or self.detail is None:
            return None
        return found if found.detail.row.rev >= self.detail.row.rev else None

    def _pinned_anew(self, projects: Sequence[ProjectRow]) -> bool:
        """Whether the task is the baseline of one of these projects and was not, or the other way round."""
        newest = self._fresh.detail if isinstance(self._fresh, Fresh) else self.detail
        known = [] if newest is None else newest.baseline_of
        return any((project.baseline == self.task_id) != (project.path in known) for project in projects)

    def reload(self, fresh: object = None) -> None:
        """Read the task, once more after a reading that is under way; ``fresh`` was read of it with a change."""
        self._stale, self._fresh = True, fresh
        if not self._reading and self.is_attached:
            self._reading = True
            self.run_worker(self._read(), group="task")

    async def _read(self) -> None:
        assert self.source is not None
        try:
            while self._stale:
                self._stale = False
                fresh = self._take_fresh()
                self.detail = fresh.detail if fresh is not None else await self.source.detail()
                self.source.origin = self.detail.row.started or self.detail.row.created
                pane = self._shown_in = self._open_pane
                if pane is not None:
                    await pane.look_closer(self.detail, fresh.beside if fresh else None)
                    self._hand_over()
                    await pane.in_step()
                    self._show_around()
                self._offer_unsaved()
        except NotFound:
            self._gone()
        except LabtopError as error:
            self.say(str(error), "error")
        finally:
            self._reading = False

    def _offer_unsaved(self) -> None:
        """Once: offer what was typed into this task's configuration and not saved."""
        if not self._offered and self.labtop.asks:
            self._offered = True
            self.run_worker(self._take_up(), group=VERB_WORK)

    async def _take_up(self) -> None:
        assert self.source is not None and self.detail is not None
        from tui.tabs.leftover import offered

        self._taken = await offered(self.labtop, self.source, self.detail)
        if self._taken is not None:
            self.open_tab("configuration", edit=True)

    @property
    def at_stake(self) -> str:
        """The value that is typed and not saved, whichever tab is open."""
        panes = [pane for pane in self.panes.children if isinstance(pane, TaskPane)]
        return " ".join(pane.at_stake for pane in panes if pane.at_stake)

    def _gone(self) -> None:
        if self.is_current:
            self.dismiss()
            self.labtop.say("This task was deleted." if self.detail is None else deleted([self.detail.row]))

    # Showing ----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._hand_over()
        self._show_around()

    def _hand_over(self) -> None:
        """Let the open pane show the task."""
        if self._in_sight and self.detail is not None:
            self.pane().known = True
            self.pane().take(self.detail)
            self._go_to_found()

    def _show_around(self) -> None:
        """Show what stands around the pane."""
        if self._in_sight:
            self.show_status()
            self.show_lines()

    @property
    def _in_sight(self) -> bool:
        return self.is_attached and self.display  # else left meanwhile

    @property
    def _open_pane(self) -> TaskPane | None:
        """The open pane; None while it is being made, and where the screen was left meanwhile."""
        found = self.query(f"#pane-{self.tab}").results(TaskPane) if self._in_sight else ()
        return next(iter(found), None)

    def _go_to_found(self) -> None:
        """Show what was found elsewhere, once."""
        pane: Pane = super().pane()
        found, self._found = self._found, None
        if found is not None and isinstance(pane, SearchedLines):
            pane.search(found[0])
            if found[1] is not None and isinstance(pane, Console):
                pane.stand_on(found[1])

    @property
    def stand(self) -> tuple[str, str]:
        """The task, and the tab."""
        return self.task_id, self.tab

    def show_status(self) -> None:
        """Show what is looked at; or that the store is away."""
        if self._in_sight:
            room = self.query_one(StatusLine).size.width - self._standing().cell_len - 2
            self.status(task_line(self.look, self.detail.row, room) if self.detail is not None else Text(end=""))

    def aged(self) -> None:
        """Say again how long ago the task, and what its open pane shows, was last heard of."""
        self.show_status()
        for pane in self.query(f"#pane-{self.tab}").results(TaskPane):
            pane.aged()

    def show_lines(self) -> None:
        """Show the tabs and the keys that mean something to the task as it is now."""
        super().show_lines()
        row = None if self.detail is None else self.detail.row
        pane = self.pane()
        typing = isinstance(pane, Configuration) and pane.editing is not None
        screens = ("value",) if typing else ("task", *BY_NAME[self.tab].keys)
        self.query_one(KeyLine).use(screens, self.in_vain(row), row)

    def in_vain(self, row: TaskRow | None) -> frozenset[str]:
        """See ``TabbedScreen``; the configuration of a Draft has keys of its own to edit it."""
        refused = super().in_vain(row)
        if self.tab == "configuration" and row is not None:
            refused |= {"task.edit"} if "task.edit" not in refused else CONFIGURATION_KEYS
        return refused

    def on_resize(self) -> None:
        """Other widths, other rows."""
        self.call_after_refresh(self._show)

    # Tabs -------------------------------------------------------------------------------------------------------

    def pane(self) -> TaskPane:
        """Return the open pane."""
        return self.query_one(f"#pane-{self.tab}", TaskPane)

    def make(self, tab: Tab) -> TaskPane:
        """Return a new pane of a tab."""
        assert self.source is not None
        return tab.pane(self.source)

    def opened(self, *, edit: bool) -> None:
        """Show the task in the open pane, as it is now."""
        if self.detail is not None:
            self._show()
            self.reload()
            taken, self._taken = self._taken, None
            if taken is not None:
                from tui.tabs.configuration import Pane

                pane = self.pane()
                assert isinstance(pane, Pane)
                pane.take_up(taken)
            elif edit:
                self.query_one(Configuration).open_line()
        else:
            self.show_lines()

    def on_task_pane_changed(self) -> None:
        """Read what a pane has changed."""
        self.reload()

    # Keys -------------------------------------------------------------------------------------------------------

    def targets(self) -> list[TaskRow]:
        """The task shown."""
        return [] if self.detail is None else [self.detail.row]

    def edit(self) -> None:
        """Edit the value under the cursor; from another tab, go to the configuration first."""
        if self.tab == "configuration":
            self.query_one(Configuration).open_line()
        else:
            self.open_tab("configuration", edit=True)

    def action_console(self) -> None:
        """Go to the console."""
        self.open_tab("console")

    def refused_pattern(self, pattern: str) -> str | None:
        """Return why a regular expression cannot be searched for, None if it can."""
        assert self.source is not None
        return self.source.refused_pattern(pattern)
