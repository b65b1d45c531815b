"""What the home screen shows, kept right: views loaded in threads, changes by others put in place.

What the table shows is a ``View``; a new view is loaded in a thread, a change by somebody else arrives as rows and is
put in place without asking the store again, unless a filter has to be applied anew. Keys are ``home``'s.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from store.errors import InvalidValue, LabtopError
from tui import home_data, home_lines, messages
from tui.home_data import Loaded, Stand, View
from tui.later import later
from tui.pages import PAGE
from tui.remembered import Memory
from tui.widgets.prompt import Prompt
from tui.widgets.table import TaskTable
from tui.widgets.tree import ProjectTree, within

from .base import LabtopScreen

if TYPE_CHECKING:
    from store.records import Changes, TaskRow

RELOAD_PACE = 1.0
"""Least seconds between two reloads of a filtered view while tasks change."""


class HomeRows(LabtopScreen, inherit_bindings=False):
    """Projects and tasks, without the keys."""

    def __init__(self) -> None:
        super().__init__()
        self.view = View()
        """What the table shows."""
        self._coming: View | None = None
        """What a key has asked for and the table does not show yet."""
        self._coming_at: Stand | None = None
        """The task that is to be found in it."""
        self._loads = 0
        self._heard = 0
        self._tree_due = False
        """Whether the tree's counts are out of date: the next load brings them, also if it replaces the one asked."""
        self._reload: asyncio.TimerHandle | None = None
        self._metric_known = False
        self._unseen: frozenset[str] = frozenset()
        """The marked tasks that the view had not when it was read last; what is marked since is in it."""
        self._cells_due: set[str] = set()
        """Tasks whose cells in chosen columns are out of date."""
        self._filling = False
        self.memory = Memory()
        self.begin = ("", 0, 0)
        """Where the first rows are to be shown: the task under the cursor, its row, the row at the top."""
        self._seen = 0.0
        """When the newest task seen was made."""

    @property
    def table(self) -> TaskTable:
        """The task table."""
        return self.query_one(TaskTable)

    @property
    def projects(self) -> ProjectTree:
        """The project tree."""
        return self.query_one(ProjectTree)

    @property
    def wanted(self) -> View:
        """What the table shows, or is about to: what a key changes next."""
        return self._coming or self.view

    @property
    def settling(self) -> bool:
        """Whether the first rows, or those a key has asked for, are on their way: what is typed is meant for them."""
        table = self.table
        unread = not table.loaded or (table.pages.total > 0 and table.current is None)
        return ((unread and not self.labtop.banner) or self._coming is not None) and not self.query_one(Prompt).asking

    def on_store(self, message: Message) -> None:
        """Load when the store is there, follow what changes."""
        if isinstance(message, messages.StoreOpened):
            self.load(self.wanted, projects=True)
            self.run_worker(self._forget_marks(), group="marks", exclusive=True)
        elif isinstance(message, messages.StoreChanged):
            self._changed(message)
        elif isinstance(message, messages.StoreLost) and not self.table.loaded:
            self.table.empty = [("The tasks are shown as soon as the store can be read.", "dim")]
            self.table.refresh()
        elif isinstance(message, messages.StoreAbsent):
            self.table.empty = [
                (f"There is no store at {self.data.location.shown} yet.", "normal"),
                *home_lines.NEW_STORE,
            ]
            self.table.show(0, {})
        self.show_row()

    def in_project(self, path: str | None) -> View:
        """Return the view of a project."""
        return replace(self.wanted, project=path, metric=None)

    async def _forget_marks(self) -> None:
        """Another store may stand where the last one was: what it does not have cannot be marked."""
        marked = list(self.table.marks)
        if marked:
            try:
                self.table.unmark(set(marked) - await self.data.read(home_data.existing, marked))
            except LabtopError as error:
                self._failed(str(error))

    def load(self, view: View, *, projects: bool = False, keep: bool = True, at: Stand | None = None) -> None:
        """Show another view, from where the table stands or else from its first row; or where a task is in it."""
        self._loads += 1
        keep = keep and self._coming is None
        at = at or (self._coming_at if self._coming == view else None)  # it takes the place of the one that had it
        self._coming, self._coming_at = (None, None) if keep else (view, at)
        self._tree_due = projects = projects or self._tree_due
        choose = not self._metric_known or view.project != self.view.project
        # Not a coroutine: one that is replaced before it starts would warn that nobody awaited it.
        work = partial(self._load, self._loads, view, projects, keep, choose, at)
        self.run_worker(work, group="load", exclusive=True)  # type: ignore[arg-type]  # its result is None

    async def _load(self, number: int, view: View, projects: bool, keep: bool, choose: bool, at: Stand | None) -> None:
        if not self.query(TaskTable):
            return  # the app is being left
        table = self.table
        heard = self._heard
        top = table.top if table.loaded else self.begin[2]
        first = top // PAGE if keep else 0
        last = (top + max(table.size.height, 1)) // PAGE if keep else 0
        try:
            asked = self.query_one(Prompt).asking or (not table.loaded and bool(self.labtop.first_text))
            pages, marked = sorted({first, last}), tuple(table.marks)
            loaded = await self.data.read(home_data.load, view, pages, projects, choose, at, asked, marked)
        except LabtopError as error:
            self._coming = None
            if isinstance(error, InvalidValue) and self._remembers(view):
                self.load(replace(view, text=""), projects=projects, keep=keep)
                self.say(f"{error} The filter of last time is left out.", "refused")
            else:
                self._failed(str(error))
            return
        if number == self._loads:
            self._coming = None
            self._take(loaded, keep, at)
            if not table.marks.keys() <= set(marked):  # of what was marked meanwhile it is not known whether it is seen
                self._reload_soon()
            if heard != self._heard:  # what was read may be older than a change that was shown meanwhile
                self._tree_due = projects
                self._reload_soon()

    def _remembers(self, view: View) -> bool:
        """Whether a view has its filter from the last time, when it may have been one that can be read no more."""
        new = not self.table.loaded or view.project != self.view.project
        return new and bool(view.text) and view.text == self.memory.filter(view.project)

    def _take(self, loaded: Loaded, keep: bool, at: Stand | None) -> None:
        table = self.table
        stand = table.current.id if table.current is not None else None
        if not table.loaded:
            stand, table.cursor, table.top = self.begin
        self.view, self._unseen = loaded.view, loaded.unseen
        prompt = self.query_one(Prompt)
        if prompt.asking and prompt.text.strip() == loaded.view.text:
            self.close_notice()  # what was wrong with the filter no longer is
        self._seen = max(self._seen, *(row.created for page in loaded.pages.values() for row in page), 0.0)
        self._metric_known = self._metric_known or loaded.view.metric is not None
        self.data.metric = loaded.view.metric
        if loaded.projects is not None:
            self._tree_due = False
            self.projects.show(loaded.projects)
            self._check_project(loaded.view.project)
            self.projects.choose(loaded.view.project)
        table.metric, table.sort, table.descending = loaded.view.metric, loaded.view.sort, loaded.view.descending
        table.use(loaded.view.columns, loaded.cells, dict(loaded.view.widths))
        table.baselines = self.projects.baselines
        table.one_project = self._one_project()
        table.empty = home_lines.why_empty(self.view)
        if not keep:
            stand = at.task if at is not None else None
            table.top = max(0, loaded.place - at.above) if at is not None and loaded.place is not None else 0
            table.cursor = 0
        table.show(loaded.total, loaded.pages, keep=stand)
        self.show_status()
        self.show_row()

    def _check_project(self, path: str | None) -> None:
        """Show all projects in place of one that is no more; that of the command line is refused."""
        asked, self.labtop.first_project = self.labtop.first_project, None
        if path is None:
            return
        try:
            self.projects.named(asked or path)
        except InvalidValue as error:
            if asked:
                self.labtop.problem = str(error)
                self.say(str(error), "error")
            self.load(self.in_project(None), keep=False)

    def _failed(self, sentence: str) -> None:
        if not (self.table.loaded or self.labtop.banner):  # the first rows are those that the command line asks for
            self.labtop.problem = self.labtop.problem or sentence
        if self.query_one(Prompt).asking:
            self.say(f"{sentence} {home_lines.still(self.view.text)}", "refused")
        else:
            self.say(sentence, "error")

    def _one_project(self) -> bool:
        node = self.projects.node(self.view.project)
        return self.view.project is not None and node is not None and not node.parent

    @on(TaskTable.Wanted)
    def _fetch(self, message: TaskTable.Wanted) -> None:
        for number in message.numbers:
            self.run_worker(self._page(self._loads, number), group="pages")

    async def _page(self, load: int, number: int) -> None:
        try:
            rows, cells = await self.data.read(home_data.page, self.view, number)
        except LabtopError as error:
            self._failed(str(error))
            return
        if load == self._loads:
            self.table.fill(cells)
            self.table.supply(number, rows)
            self.show_row()

    # Changes by others ------------------------------------------------------------------------------------------

    def hear(self, message: Message, *, in_sight: bool) -> None:
        """Hear of the store; the tree at once: what several changes did to its sums could not be told apart later."""
        if isinstance(message, messages.StoreChanged):
            self._count(message.changes)
        super().hear(message, in_sight=in_sight)

    def _count(self, changes: Changes) -> None:
        before = self.projects.nodes[0].total
        self.projects.change(changes.projects)
        if self.table.loaded and (not self._explained(before, changes.tasks) or changes.deleted):
            self._tree_due = True

    def _changed(self, message: messages.StoreChanged) -> None:
        changes = message.changes
        self._heard += 1
        self.table.baselines = self.projects.baselines
        if not self.table.loaded:
            return
        if self._tree_due or not self.view.follows:  # else the table does it, knowing more of what went
            self.table.remark(changes.tasks, changes.deleted)
        if not self._metric_known and any(row.last_iteration is not None for row in changes.tasks):
            self._find_metric()
        self._cells_changed(changes.tasks)
        if not self.view.follows:
            self._apply_in_place(changes.tasks)
            return
        if self._tree_due:
            self.load(self.wanted)
            return
        inside = [row for row in changes.tasks if self._belongs(row)]
        gone = set(changes.deleted) | {row.id for row in changes.tasks if not self._belongs(row)}
        node = self.projects.node(self.view.project)
        was_empty = self.table.pages.total == 0
        self.table.one_project = self._one_project()
        self.table.change(inside, gone, node.total if node is not None else 0)
        if was_empty:
            self.show_row()

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
            self.show_row()
        self._reload_soon()

    def _cells_changed(self, rows: list[TaskRow]) -> None:
        """Fetch what changed tasks have in the chosen columns; one question at a time."""
        if self.view.cells:
            self._cells_due |= {row.id for row in rows}
            if not self._filling:
                self._filling = True
                self.run_worker(self._fill(), group="cells")

    async def _fill(self) -> None:
        try:
            while due := self._take_due():
                asked = self.view.cells
                found = await self.data.read(home_data.cells, due, asked)
                if asked == self.view.cells:
                    self.table.fill(found)
                else:  # other columns were chosen meanwhile, and what was read is not theirs
                    self._cells_due.update(due)
        except LabtopError as error:
            self._failed(str(error))
        finally:
            self._filling = False

    def _take_due(self) -> list[str]:
        """Return which tasks to ask about: those that changed and are shown, and baselines that are new there."""
        due, self._cells_due = self._cells_due, set()
        return self.table.needed(due | (self.table.compared - self.table.cells.keys()))

    def _reload_soon(self) -> None:
        if self._reload is None:
            self._reload = later(self, RELOAD_PACE, self._reload_now)

    def _reload_now(self) -> None:
        self._reload = None
        self.load(self.wanted)

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
            self.load(replace(self.wanted, metric=metric))

    # Lines ------------------------------------------------------------------------------------------------------

    def show_status(self) -> None:
        """Show what is shown: project, numbers, filter."""

    def show_row(self) -> None:
        """Show what is about the row under the cursor, and what is shown."""
