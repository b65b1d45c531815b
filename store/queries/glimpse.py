"""What a line has room for of a task: the course of one series, and the end of the console.

For a cursor that goes over a table: each answer is few rows, however long the task has run.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..codec import decode_lines
from ..records import MONITOR, SeriesKey
from . import scalars


def last_lines(c: Connection, task: str, count: int) -> list[str]:
    """Return the last ``count`` console lines that say something. One statement; a long silence may hide some."""
    blocks = sorted(c.execute(_last_blocks(count), {"task": task}).all())
    said = [text for _, data in blocks for text in decode_lines(data).texts()[-10 * count :] if text.strip()]
    return said[-count:]


@cache
def _last_blocks(count: int) -> sa.CompoundSelect[Any]:
    """Return the statement of ``last_lines``, built once: building it takes longer than running it."""
    newest = []
    for table, rows in ((tables.console_journal, count), (tables.console_chunk, 1)):
        t = table.c
        one = sa.select(t.first_line, t.data).where(t.task_id == tables.OF_TASK).order_by(t.first_line.desc())
        newest.append(sa.select(one.limit(rows).subquery()))
    return sa.union_all(*newest)


def series(c: Connection, task: str, wanted: SeriesKey | None) -> tuple[SeriesKey, int, float] | None:
    """Return the series of a task that is wanted, else its first of its own: with its number and its last value."""
    m = tables.task_metric.c
    first = sa.case(((m.title == wanted[0]) & (m.series == wanted[1]), 0), else_=1) if wanted else sa.literal(0)
    own = sa.select(m.title, m.series, m.number, m.last).where(m.task_id == task, ~m.title.startswith(MONITOR))
    found = c.execute(own.order_by(first, m.number).limit(1)).first()
    if found is None:
        return None
    return (found.title, found.series), found.number, math.nan if found.last is None else found.last


def course(c: Connection, task: str, number: int, columns: int) -> list[tuple[float, float]]:
    """Return a series as about ``columns`` points, iteration and mean value, in the order of the iterations."""
    found = scalars.buckets(c, task, number, columns)
    return [((b.iteration_min + b.iteration_max) / 2, b.mean) for b in found]
