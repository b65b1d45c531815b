"""The history of a task as rows: who did what, when, and why."""

from __future__ import annotations

from rich.cells import cell_len

from store.records import EventRow, TaskDetail
from tui import format as form
from tui.widgets import rows
from tui.widgets.lines import Row, shown

from .base import TextTab

WIDE = 100
"""Columns from which on whole dates and longer names have room."""


def build(events: list[EventRow], width: int) -> list[Row]:
    """Return the history, newest first; of two lines of one time, the one that came later stands above."""
    if not events:
        return [(("Nothing has been done to this task yet.", "dim"),)]
    who = min(max(cell_len(event.by) for event in events), 24 if width > WIDE else 14)
    return [_line(event, width, who) for event in sorted(events, key=lambda e: e.time)[::-1]]


def _line(event: EventRow, width: int, who: int) -> Row:
    changed = event.status_from != event.status_to
    arrow = f"→ {event.status_to.capitalize()}" if changed and event.status_to else ""
    hue = event.status_to if changed and event.status_to else ""
    wide = width > WIDE
    start = rows.cells([
        (form.local_time(event.time)[0 if wide else 5 :], 19 if wide else 14, "dim"), (event.action, 8, ""),
        (arrow, 11, hue), (f"#{event.execution}" if event.execution else "", 3, "dim"),
        (event.by, who, ""),
    ])  # fmt: skip
    return (*start, shown(event.reason, "bright" if event.status_to == "failed" else ""))


class Pane(TextTab):
    """The history tab."""

    def text_of(self, detail: TaskDetail) -> list[Row]:
        """Who did what when, newest first."""
        return build(detail.events, self.columns)
