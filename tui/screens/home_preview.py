"""What the home screen shows below its table: read when the cursor rests on a task, then with its changes.

While the keys go to the tree it tells of the project there, which is known. A task is read on in the feed's thread with
its changes, about once a second; nothing is read while nothing changes or nobody can see it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from store.errors import LabtopError
from tui import glimpse, keymap
from tui.glimpse import Glimpse
from tui.later import later
from tui.messages import StoreChanged, StoreOpened
from tui.widgets.preview import Preview

from .home_memory import HomeMemory

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from textual.message import Message

    from store.records import Changes

REST = 0.06
"""Seconds the cursor stands before anything is read of a task: a key that is held down reads nothing."""
PACE = 0.6
"""Least seconds between two questions about one task: one that reports each second is read with each change."""
PATIENCE = 2 * PACE
"""Seconds after which a change is asked about with which nothing was read; the next one mostly comes before that."""
KEPT = 64


class HomePreview(HomeMemory, inherit_bindings=False):
    """Projects and tasks, and a glimpse of the one under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._glimpses: dict[str, Glimpse] = {}
        """Of the tasks looked at last, the newest at the end."""
        self._glanced = ("", 0.0)
        """The task asked about last, and when."""
        self._followed: Glimpse | None = None
        """The glimpse that is looked at, to be read on when its task changes."""
        self._soon: asyncio.TimerHandle | None = None

    @property
    def on_projects(self) -> bool:
        """Whether the keys go to the tree, or will again when the line to type into is closed."""
        return self.keyed is self.projects

    def show_preview(self) -> None:
        """Show what is known of the row under the cursor, and ask for what is not; on the tree, what a project is."""
        row, preview = self.table.current, self.query_one(Preview)
        self._followed = None
        if self.on_projects:
            preview.tell(self.projects.current)
            return
        known = self._glimpses.get(row.id) if row is not None else None
        preview.show(row, known, self.projects.baselines.projects_of(row.id) if row is not None else [])
        if row is None or not (preview.looks_in and self.is_current and self.data.opened):
            return
        self._followed = known
        if known is None or not known.fits(row, self.view.metric):
            task, asked = self._glanced
            pace = PACE if known is None else PATIENCE
            wait = asked + pace - time.monotonic() if task == row.id else 0.0
            if wait <= 0:
                # Not a coroutine: one that is replaced before it starts would warn that nobody awaited it.
                self.run_worker(self._glance, group="preview", exclusive=True)  # type: ignore[arg-type]
            elif self._soon is None:
                self._soon = later(self, wait, self._glance_soon)

    def beside(self, connection: Connection, changes: Changes) -> Glimpse | None:
        """Read the glimpse that is looked at on, if its task is among what changed."""
        known = self._followed
        if known is None or known.wanted != self.data.metric or time.monotonic() < self._glanced[1] + PACE:
            return None
        row = next((row for row in changes.tasks if row.id == known.row.id), None)
        return None if row is None else glimpse.glance(connection, row, known.wanted, known)

    def on_store(self, message: Message) -> None:
        """Know what was read with a change before that is shown; of a store that is opened again nothing is known."""
        if isinstance(message, StoreOpened):
            self._glimpses.clear()
            self._followed, self._glanced = None, ("", 0.0)
        elif isinstance(message, StoreChanged) and isinstance(message.beside, Glimpse):
            self._glanced = (message.beside.row.id, time.monotonic())
            self._keep(message.beside)
        super().on_store(message)

    def _glance_soon(self) -> None:
        self._soon = None
        self.show_preview()

    async def _glance(self) -> None:
        row, (before, _) = self.table.current, self._glanced
        self._glanced = (row.id if row is not None else "", time.monotonic())
        if self._glanced[0] != before:
            await asyncio.sleep(REST)
        if not self.query("TaskTable"):  # left meanwhile
            return
        row = self.table.current
        if row is None:
            return
        known = self._glimpses.get(row.id)
        try:
            found = await self.data.read(glimpse.glance, row, self.view.metric, known)
        except LabtopError:  # the store is away, which the banner says
            return
        self._keep(found)
        self.show_preview()

    def _keep(self, found: Glimpse) -> None:
        """Know a glimpse, unless a newer one has overtaken it."""
        known = self._glimpses.pop(found.row.id, found)
        overtaken = known.wanted == found.wanted and known.row.rev > found.row.rev
        self._glimpses[found.row.id] = known if overtaken else found
        for oldest in list(self._glimpses)[:-KEPT]:
            del self._glimpses[oldest]

    def action_preview(self) -> None:
        """Show the glimpse where it is hidden, hide it where it is shown."""
        if self.is_full:
            self.say(f"The whole screen is the pane's: {keymap.now('pane.full')} takes it back.")
            return
        self.query_one(Preview).toggle_class("-turned")
        self.call_after_refresh(self.show_preview)

    def action_full(self) -> None:
        """The pane that has the keys over the whole screen; or what is around it again, with the glimpse of now."""
        super().action_full()
        self.call_after_refresh(self.show_preview)

    def on_resize(self) -> None:
        """There may be room for it now."""
        self.call_after_refresh(self.show_preview)

    def on_screen_resume(self) -> None:
        """In sight again: much may have changed."""
        if self.is_attached:
            self.show_preview()
