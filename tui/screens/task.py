"""One task: a header, tabs by digit, the verbs. Live while it runs.

The screen holds what it read last and hands each pane its part; a pane that is not open gets nothing, and is brought
up to date when it is opened. Changes of the store are coalesced: one reading at a time, the next one after it.
"""

from __future__ import annotations

import time
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from store import clock
from store.errors import LabtopError, NotFound
from store.lifecycle import Action, refusal
from store.records import TaskDetail, TaskRow
from tui import format as form
from tui import keymap, messages
from tui.task_data import Glance, TaskSource
from tui.widgets import execution, history, overview
from tui.widgets.bar import KeyLine, StatusLine
from tui.widgets.configuration import Configuration
from tui.widgets.console import Console
from tui.widgets.lines import LinesView
from tui.widgets.scalars import Charts
from tui.widgets.tabs import TABS, SearchLine, Tab, TabLine
from tui.widgets.textpane import TextPane

from .base import LabtopScreen

MONITOR = ":monitor:"
SPARK_PACE = 2.0
"""Least seconds between two readings of a Running task's sparklines; each reads a bit of every main metric."""
_VERBS = {
    "task.edit": Action.EDIT, "task.enqueue": Action.ENQUEUE, "task.abort": Action.ABORT, "task.reset": Action.RESET,
    "task.publish": Action.PUBLISH, "task.archive": Action.ARCHIVE,
}  # fmt: skip


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
        self.tab = tab if tab in {known.name for known in TABS} else "configuration" if edit else "overview"
        self.detail: TaskDetail | None = None
        self.glance = Glance()
        self.source: TaskSource | None = None
        self._reading = self._stale = False
        self._sparked = 0.0

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

    # -- live -----------------------------------------------------------------------------------------------------

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
            self._show_header()

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
                await self._look_closer()
                self._show()
        except NotFound:
            self._gone()
        except LabtopError as error:
            self.say(str(error), "error")
        finally:
            self._reading = False

    async def _look_closer(self) -> None:
        if self.tab == "overview" and self.detail is not None and self.source is not None:
            numbers = [metric.number for metric in overview.main_metrics(self.detail.metrics)]
            if self.detail.row.status == "running" and time.monotonic() - self._sparked < SPARK_PACE:
                numbers = []
            glance = await self.source.glance(numbers, 60)
            if numbers:
                self._sparked = time.monotonic()
            self.glance = glance if numbers else Glance(glance.tail, self.glance.sparks)

    def _gone(self) -> None:
        if self.is_current:
            self.dismiss()
            self.labtop.say("This task was deleted.")

    # -- showing --------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._show_header()
        self._fill(self.tab)
        self._show_lines()

    def _show_header(self) -> None:
        if self.detail is not None:
            room = self.query_one(StatusLine).size.width - self._standing().cell_len - 2
            self.status(self.header(self.detail.row, room))

    def header(self, row: TaskRow, width: int) -> Text:
        """Return the status line: state, name, id, project, progress, iteration, age."""
        look = self.look
        right = Text(end="")
        if row.progress is not None:
            dim = "dim" if row.status in ("failed", "aborted") else row.status
            right.append(form.bar(row.progress, 10 if width > 70 else 6, look.ascii), look.style(dim))
            right.append(f" {form.percentage(row.progress)}  ", look.style("bright"))
        if row.last_iteration is not None:
            right.append("iter ", look.style("dim")).append(f"{form.count(row.last_iteration)}  ")
        right.append(form.age(clock.now() - row.activity), look.style("dim"))
        if row.status == "running" and row.last_seen and clock.now() - row.last_seen > form.STALE_AFTER:
            right.append(f"  quiet {form.age(clock.now() - row.last_seen)}", look.style("yellow"))
        left = Text(end="")
        left.append(form.status_mark(row.status, look.ascii) + " ", look.style(f"{row.status} bold"))
        if width > 100:
            left.append(f"{row.status.capitalize()}  ", look.style(row.status))
        room = max(8, width - right.cell_len - left.cell_len - 2)
        left.append_text(self._names(row, room))
        left.append(" " * max(2, width - left.cell_len - right.cell_len))
        return left.append_text(right)

    def _names(self, row: TaskRow, room: int) -> Text:
        look = self.look
        line = Text(end="")
        line.append(form.one_line(row.name), look.style("bright bold"))
        line.truncate(max(8, room - 10), overflow="ellipsis")
        line.append(f"  {form.short_id(row.id)}", look.style("dim"))
        left = room - line.cell_len - 2
        if left > 8:
            line.append("  " + form.fit(row.project, min(left, cell_len(row.project))), look.style("accent"))
        if row.archived and room - line.cell_len > 10:
            line.append("  archived", look.style("yellow"))
        return line

    def _show_lines(self) -> None:
        pane, tab = self.pane(), self._tab()
        caption = pane.caption() if isinstance(pane, TextPane | Console | Charts) else ""
        self.query_one(TabLine).show(self.tab, caption)
        self.query_one(KeyLine).use(("task", *tab.keys), self._hidden())

    def _hidden(self) -> frozenset[str]:
        """Verbs that are refused now are left out of the key line; their keys still say why."""
        if self.detail is None:
            return frozenset()
        row = self.detail.row
        closed = {id for id, action in _VERBS.items() if refusal(action, row) is not None}
        if row.status in ("pending", "failed", "aborted"):
            closed.discard("task.enqueue")
        if self.tab == "configuration":
            closed |= {"task.edit"} if "task.edit" not in closed else {"configuration.edit"}
        return frozenset(closed)

    def _fill(self, name: str) -> None:
        """Give a pane what it shows."""
        detail, pane = self.detail, self.query_one("#panes").query(f"#pane-{name}").first()
        if detail is None:
            return
        own = name != "system"
        if isinstance(pane, Configuration):
            pane.locked = self._locked()
            if not pane.editing:
                pane.show_task(detail)
        elif isinstance(pane, Console):
            pane.total = detail.lines
        elif isinstance(pane, Charts):
            metrics = [m for m in detail.metrics if m.title.startswith(MONITOR) is not own]
            pane.show_metrics(metrics, detail.row.started or detail.row.created)
        elif isinstance(pane, LinesView):
            self._fill_text(name, pane, detail)

    def _fill_text(self, name: str, pane: LinesView, detail: TaskDetail) -> None:
        width, height = pane.columns, pane.height
        if name == "overview":
            sparks = dict(self.glance.sparks)
            pane.show(overview.build(detail, sparks, self.glance.tail, width, height, ascii_only=self.look.ascii))
        elif name == "execution":
            pane.show(execution.build(detail, width))
        else:
            pane.show(history.build(detail.events, width))

    def on_resize(self) -> None:
        """Other widths, other rows."""
        self.call_after_refresh(self._show)

    # -- tabs -----------------------------------------------------------------------------------------------------

    def pane(self) -> Widget:
        """Return the open pane."""
        return self.query_one(f"#pane-{self.tab}")

    def _tab(self) -> Tab:
        return next(tab for tab in TABS if tab.name == self.tab)

    def open_tab(self, name: str) -> None:
        """Open a tab, making its pane the first time."""
        self.tab = name
        panes = self.query_one("#panes")
        for child in panes.children:
            child.display = child.id == f"pane-{name}"
        if not panes.query(f"#pane-{name}"):
            panes.mount(self._make(name))
        self.call_after_refresh(self._opened, name)

    def _make(self, name: str) -> Widget:
        assert self.source is not None
        id = f"pane-{name}"
        if name == "configuration":
            return Configuration(id=id)
        if name == "console":
            return Console(self.source, id=id)
        if name == "scalars":
            return Charts(self.source, "No scalars yet. logger.report_scalar(title, series, value, iteration) draws "
                          "them here.", id=id)  # fmt: skip
        if name == "system":
            return Charts(self.source, "No samples of the machine yet. The recorder takes them while the task runs.",
                          id=id)  # fmt: skip
        return TextPane(id=id)

    def _opened(self, name: str) -> None:
        if name != self.tab or not self.is_attached:
            return
        self.pane().focus()
        if self.detail is not None:
            self._show()
            if name == "overview":
                self.reload()
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
        names = [tab.name for tab in TABS]
        self.open_tab(names[(names.index(self.tab) + by) % len(names)])

    def action_next_pane(self) -> None:
        """There is one pane at a time: the next tab."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """The tab before."""
        self._step(-1)

    # -- what panes tell ------------------------------------------------------------------------------------------

    def on_console_noted(self) -> None:
        """The console's caption changed."""
        self._show_lines()

    def on_charts_noted(self) -> None:
        """The charts' caption changed."""
        self._show_lines()

    def on_configuration_refused(self, message: Configuration.Refused) -> None:
        """Say why a value cannot be edited, or was not taken."""
        self.say(message.sentence, "refused")

    def on_configuration_edited(self, message: Configuration.Edited) -> None:
        """Save a value at once."""
        self.run_worker(self._save(message.key, message.value), group="edit")

    async def _save(self, key: str, value: str) -> None:
        assert self.source is not None
        pane = self.query_one(Configuration)
        try:
            await self.source.edit(key, value)
        except LabtopError as error:
            pane.reject(str(error))
            return
        pane.accept()
        self.reload()

    # -- keys -----------------------------------------------------------------------------------------------------

    def targets(self) -> list[TaskRow]:
        """The task shown."""
        return [] if self.detail is None else [self.detail.row]

    def help_screens(self) -> tuple[str, ...]:
        """The keys of the screen and of the open pane."""
        return ("task", *self._tab().keys, "app")

    def action_edit(self) -> None:
        """Edit the value under the cursor; from another tab, go to the configuration first."""
        if self.detail is None:
            return
        sentence = refusal(Action.EDIT, self.detail.row) or self._locked()
        if sentence:
            self.say(sentence, "refused")
        elif self.tab != "configuration":
            self.open_tab("configuration")
            self.call_after_refresh(self.call_after_refresh, self._edit)
        else:
            self._edit()

    def _locked(self) -> str:
        return "Cannot change anything: this dashboard is open read-only." if self.data.read_only else ""

    def _edit(self) -> None:
        self.query_one(Configuration).action_edit()

    def action_search(self, sign: str = "/") -> None:
        """Ask for what to search in the open pane."""
        pane = self.pane()
        if isinstance(pane, TextPane | Console):
            before = pane.matches.text if pane.matches is not None else ""
            self.query_one(SearchLine).ask(sign, before)
        else:
            self.say("There is no text to search on this tab.")

    def on_search_line_given(self, message: SearchLine.Given) -> None:
        """Search, and give the keys back to the pane."""
        line, pane = self.query_one(SearchLine), self.pane()
        only = line.sign == "&"
        line.display = False
        pane.focus()
        if message.text is not None and isinstance(pane, TextPane | Console):
            assert self.source is not None
            problem = self.source.refused_pattern(message.text) or pane.search(message.text, only=only)
            if problem is not None:
                self.say(problem, "refused")
        self._show_lines()

    def action_next_match(self) -> None:
        """The next place of what was searched for."""
        pane = self.pane()
        if isinstance(pane, TextPane | Console):
            pane.action_next_match()
            self._show_lines()

    def action_previous_match(self) -> None:
        """The place before."""
        pane = self.pane()
        if isinstance(pane, TextPane | Console):
            pane.action_previous_match()
            self._show_lines()

    def action_back(self) -> None:
        """Leave: what was searched for, the full chart, then the screen."""
        pane = self.pane()
        if isinstance(pane, Charts) and pane.leave():
            return
        if isinstance(pane, TextPane | Console) and pane.matches is not None:
            pane.search("")
            self._show_lines()
            return
        self.dismiss()
