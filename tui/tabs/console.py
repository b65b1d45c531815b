"""The console tab: what the script printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.lifecycle import FINAL
from store.records import ConsoleLine, TaskDetail
from tui.task_data import TaskSource, lines_of
from tui.widgets.console import Console
from tui.widgets.linepages import PAGE

from .base import PRINTED_NOTHING, TaskPane

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class Pane(Console, TaskPane):
    """The console of the task."""

    WAITING = "Nothing printed yet. What the script prints comes up here while it runs; Q enqueues a Draft."
    blank = WAITING

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Console.__init__(self, source, id=id)
        self._whose = source.task

    def beside(self, connection: Connection, detail: TaskDetail) -> dict[int, Sequence[ConsoleLine]]:
        """Return the pages of what was printed since: it is shown with the task's line above it, in one frame."""
        pages = self.next_pages(detail.lines, detail.execution)
        return {page: lines_of(connection, self._whose, page * PAGE, PAGE) for page in pages}

    async def look_closer(self, detail: TaskDetail, beside: object = None) -> None:
        """Take in what was printed since; read it, if it was not."""
        await self.read_on(detail.lines, detail.execution, beside if isinstance(beside, dict) else {})

    def take(self, detail: TaskDetail) -> None:
        """Take note of how many lines there are; the pane fetches those in sight."""
        self.say_blank(PRINTED_NOTHING if detail.row.status in FINAL else self.WAITING)
        self.printed(detail.lines, detail.execution)
