"""The line above a task's tabs: its state, name, id and project, how far it is and when it was last heard of."""

from __future__ import annotations

from rich.text import Text

from store import clock
from store.records import TaskRow
from tui import columns
from tui import format as form
from tui.look import Look

LEAST = 28
"""Cells for a name, an id and that it is archived; where there are fewer, the last is left out."""


def task_line(look: Look, row: TaskRow, width: int) -> Text:
    """Return the line, as wide as there is room; the name gives way before the figures do."""
    right = _figures(look, row, width)
    left = Text(end="")
    left.append(form.status_mark(row.status, look.ascii) + " ", look.style(f"{row.status} bold"))
    if width > 100:
        left.append(f"{row.status.capitalize()}  ", look.style(row.status))
    left.append_text(_names(look, row, max(8, width - right.cell_len - left.cell_len - 2)))
    left.append(" " * max(2, width - left.cell_len - right.cell_len))
    return left.append_text(right)


def _figures(look: Look, row: TaskRow, width: int) -> Text:
    right, now = Text(end=""), clock.now()
    if row.progress is not None:
        dim = "dim" if row.status in ("failed", "aborted") else row.status
        right.append(form.bar(row.progress, 10 if width > 70 else 6, look.ascii), look.style(dim))
        right.append(f" {form.percentage(row.progress)}  ", look.style("bright"))
    if columns.is_quiet(row, now):
        right.append(f"{columns.quiet(row, now)}  ", look.style("yellow"))
    if row.last_iteration is not None:
        right.append("iter ", look.style("dim")).append(f"{form.count(row.last_iteration)}  ")
    return right.append(form.age(now - row.activity), look.style("dim"))


def _names(look: Look, row: TaskRow, room: int) -> Text:
    line, archived = Text(end=""), "  archived" if row.archived and room >= LEAST else ""
    line.append(form.one_line(row.name), look.style("bright bold"))
    line.truncate(max(8, room - 10 - len(archived)), overflow="ellipsis")
    line.append(f"  {form.short_id(row.id)}", look.style("dim"))
    line.append(archived, look.style("yellow"))
    left = room - line.cell_len - 2
    if left > 8:
        line.append("  " + form.end_of(row.project, left, look.ascii), look.style("accent"))
    return line
