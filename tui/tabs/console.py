"""The console tab: what the script printed."""

from __future__ import annotations

from store.lifecycle import FINAL
from store.records import TaskDetail
from tui.task_data import TaskSource
from tui.widgets.console import Console

from .base import PRINTED_NOTHING, TaskPane


class Pane(Console, TaskPane):
    """The console of the task."""

    WAITING = "Nothing printed yet. What the script prints comes up here while it runs; Q enqueues a Draft."
    blank = WAITING

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Console.__init__(self, source, id=id)

    async def look_closer(self, detail: TaskDetail) -> None:
        """Read what was printed since: it is shown with the task's line above it, in one frame."""
        await self.read_on(detail.lines, detail.execution)

    def take(self, detail: TaskDetail) -> None:
        """Take note of how many lines there are; the pane fetches those in sight."""
        self.say_blank(PRINTED_NOTHING if detail.row.status in FINAL else self.WAITING)
        self.printed(detail.lines, detail.execution)
