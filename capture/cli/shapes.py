"""A task as a row of a table, beside its shapes as JSON. Pure functions over ``store.records``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store import clock
from store.clock import iso
from store.lifecycle import label
from store.records import SeriesKey, TaskRow
from store.shapes import detail, metric, script, series_name, task

from .output import Cell, Column
from .words import GLYPHS, age, number, percent, short

__all__ = ["TASK_COLUMNS", "columns", "detail", "metric", "rows", "script", "series_name", "status", "task"]

TASK_COLUMNS = (
    Column("ID"), Column("NAME", ratio=2), Column("STATUS"), Column("TYPE", on_terminal=False),
    Column("PROJECT", ratio=1), Column("PROGRESS", right=True), Column("ITER", right=True),
)  # fmt: skip
_LAST_COLUMNS = (Column("TAGS", ratio=1), Column("AGE", right=True))

_GLYPHS = {str(state): shown for state, shown in GLYPHS.items()}


def columns(metric_key: SeriesKey | None = None) -> list[Column]:
    """Return the columns of a task table, with one for the metric it is sorted by."""
    middle = [Column(series_name(metric_key), right=True)] if metric_key else []
    return [*TASK_COLUMNS, *middle, *_LAST_COLUMNS]


def rows(found: Iterable[TaskRow], metric_key: SeriesKey | None = None) -> Iterable[Sequence[str | Cell]]:
    """Yield the cells of a task table."""
    now = clock.now()
    for row in found:
        middle = [number(row.metric)] if metric_key else []
        yield [
            Cell(short(row.id), row.id), row.name, status(row.status), row.type, row.project, percent(row.progress),
            "" if row.last_iteration is None else str(row.last_iteration), *middle, ",".join(row.tags),
            Cell(age(now - row.activity), iso(row.activity) or ""),
        ]  # fmt: skip


def status(word: str) -> Cell:
    """Return a state with its glyph for terminals, its plain word for pipes."""
    glyph, style = _GLYPHS.get(word, ("?", ""))
    return Cell(f"{glyph} {label(word)}", word, style)
