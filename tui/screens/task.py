"""One task: a line about it, tabs by digit, the verbs. Live while it runs.

The screen reads the task and hands it to the open pane; one that is not open gets nothing, and is brought up to date
when it is opened. Changes of the store are coalesced: one reading at a time, the next one after it. What a tab shows is
its own module's business (``tui.tabs``).
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message

from store.errors import LabtopError, NotFound
from store.lifecycle import refusal
from store.records import TaskDetail, TaskRow
from tui import keymap, messages
from tui.tabs import BY_NAME, TABS
from tui.tabs.base import TaskPane
from tui.task_data import TaskSource
from tui.verbs import VERBS
from tui.widgets.bar import KeyLine, StatusLine
from tui.widgets.configuration import Configuration
from tui.widgets.pane import Pane
from tui.widgets.searching import SearchedLines
from tui.widgets.tabs import SearchLine, TabLine
from tui.widgets.taskline import task_line

from .base import LabtopScreen


class TaskScreen(LabtopScreen):
    """The screen of one task.

    Args:
        task: its whole id.
        tab: the tab to open, by name.
        edit: put the cursor on the first hyperparameter.
    """

    KEYS: ClassVar[str] = "task"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings("task")]

    def __init__(self, task: str, tab: str | None = None, edit: bool = False) -> None:
        super().__init__()
        self.task_id = task
        self.tab = tab if tab in BY_NAME else "configuration" if edit else TABS[0].name
        self.detail: TaskDetail | None = None
        self.source: TaskSource | None = None
        self._reading = self._stale = False

    def body(self) -> ComposeResult:
        """The tabs and the pane of the open one; others are made when first opened."""
        yield TabLine()
        yield Container(id="panes")
        yield SearchLine()

    def on_mount(self) -> None:
        """Open the first tab and read the task."""
        self.source = TaskSource(self.data, self.task_id)
        self.open_tab(self.tab)
        if self.data.opened:
            self.reload()

    # Live -------------------------------------------------------------------------------------------------------

    def on_store(self, message: Message) -> None:
        """Read again when this task changed, or when the store can be read again."""
        if isinstance(message, messages.StoreChanged):
            if self.task_id in message.changes.deleted:
                self._gone()
            elif self.task_id in message.tasks:
                self.reload()
        elif isinstance(message, messages.StoreOpened):
            self.reload()
        else:
            self._show_task()

    def reload(self) -> None:
        """Read the task, once more after a reading that is under way."""
        self._stale = True
        if not self._reading and self.is_attached:
            self._reading = True
            self.run_worker(self._read(), group="task")

    async def _read(self) -> None:
        assert self.source is not None
        try:
            while self._stale:
                self._stale = False
                self.detail = await self.source.detail()
                self.source.origin = self.detail.row.started or self.detail.row.created
                if self.panes.query(f"#pane-{self.tab}"):
                    await self.pane().look_closer(self.detail)
                    self._show()
        except NotFound:
            self._gone()
        except LabtopError as error:
            self.say(str(error), "error")
        finally:
            self._reading = False

    def _gone(self) -> None:
        if self.is_current:
            self.dismiss()
            self.labtop.say("This task was deleted.")

    # Showing ----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._show_task()
        if self.detail is not None:
            self.pane().take(self.detail)
        self._show_lines()

    def _show_task(self) -> None:
        if self.detail is not None:
            room = self.query_one(StatusLine).size.width - self._standing().cell_len - 2
            self.status(task_line(self.look, self.detail.row, room))

    def _show_lines(self) -> None:
        self.query_one(TabLine).show(self.tab, self.pane().caption())
        row = None if self.detail is None else self.detail.row
        self.query_one(KeyLine).use(("task", *BY_NAME[self.tab].keys), self._hidden(row), row)

    def _hidden(self, row: TaskRow | None) -> frozenset[str]:
        """Verbs that are refused now are left out of the key line; their keys still say why."""
        if row is None:
            return frozenset()
        closed = {verb.id for verb in VERBS.values() if all(refusal(action, row) for action in verb.actions)}
        if self.tab == "configuration":
            closed |= {"task.edit"} if "task.edit" not in closed else {"configuration.edit"}
        return frozenset(closed)

    def on_resize(self) -> None:
        """Other widths, other rows."""
        self.call_after_refresh(self._show)

    # Tabs -------------------------------------------------------------------------------------------------------

    @property
    def panes(self) -> Container:
        """Where the panes stand, one of them in sight."""
        return self.query_one("#panes", Container)

    def pane(self) -> TaskPane:
        """Return the open pane."""
        return self.query_one(f"#pane-{self.tab}", TaskPane)

    def open_tab(self, name: str, *, edit: bool = False) -> None:
        """Open a tab, making its pane the first time; with ``edit``, the value under its cursor is opened too."""
        assert self.source is not None
        self.tab = name
        for child in self.panes.children:
            child.display = child.id == f"pane-{name}"
        if not self.panes.query(f"#pane-{name}"):
            self.panes.mount(BY_NAME[name].pane(self.source))
        self.call_after_refresh(self._opened, name, edit)

    def _opened(self, name: str, edit: bool) -> None:
        if name != self.tab or not self.is_attached:
            return
        self.pane().focus()
        if self.detail is not None:
            self._show()
            self.reload()
            if edit:
                self.query_one(Configuration).action_edit()
        else:
            self._show_lines()

    def action_tab(self, digit: int) -> None:
        """Open the tab with this digit."""
        for tab in TABS:
            if tab.digit == digit:
                self.open_tab(tab.name)

    def action_next_tab(self) -> None:
        """The tab at the right; after the last one the first."""
        self._step(1)

    def action_previous_tab(self) -> None:
        """The tab at the left; before the first one the last."""
        self._step(-1)

    def _step(self, by: int) -> None:
        names = list(BY_NAME)
        self.open_tab(names[(names.index(self.tab) + by) % len(names)])

    def action_next_pane(self) -> None:
        """There is one pane at a time: the next tab."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """The tab before."""
        self._step(-1)

    # What panes tell --------------------------------------------------------------------------------------------

    def on_pane_noted(self) -> None:
        """A caption changed."""
        self._show_lines()

    def on_pane_refused(self, message: Pane.Refused) -> None:
        """Say why something in a pane is not possible."""
        self.say(message.sentence, "refused")

    def on_task_pane_changed(self) -> None:
        """Read what a pane has changed."""
        self.reload()

    # Keys -------------------------------------------------------------------------------------------------------

    def targets(self) -> list[TaskRow]:
        """The task shown."""
        return [] if self.detail is None else [self.detail.row]

    def help_screens(self) -> tuple[str, ...]:
        """The keys of the screen and of the open pane."""
        return ("task", *BY_NAME[self.tab].keys, "app")

    def edit(self) -> None:
        """Edit the value under the cursor; from another tab, go to the configuration first."""
        if self.tab == "configuration":
            self.query_one(Configuration).action_edit()
        else:
            self.open_tab("configuration", edit=True)

    def action_search(self, sign: str = "/") -> None:
        """Ask for what to search in the open pane."""
        pane = self.pane()
        if isinstance(pane, SearchedLines):
            self.query_one(SearchLine).ask(sign, pane.matches.text if pane.matches is not None else "")
        else:
            self.say("There is no text to search on this tab.")

    def on_search_line_given(self, message: SearchLine.Given) -> None:
        """Search, and give the keys back to the pane."""
        line, pane = self.query_one(SearchLine), self.pane()
        line.display = False
        pane.focus()
        if message.text is not None and isinstance(pane, SearchedLines):
            assert self.source is not None
            problem = self.source.refused_pattern(message.text) or pane.search(message.text, only=line.sign == "&")
            if problem is not None:
                self.say(problem, "refused")
        self._show_lines()

    def action_next_match(self) -> None:
        """The next place of what was searched for."""
        pane = self.pane()
        if isinstance(pane, SearchedLines):
            pane.action_next_match()

    def action_previous_match(self) -> None:
        """The place before."""
        pane = self.pane()
        if isinstance(pane, SearchedLines):
            pane.action_previous_match()

    def action_back(self) -> None:
        """Leave: what was searched for, the full chart, then the screen."""
        if self.pane().leave():
            self._show_lines()
        else:
            self.dismiss()
