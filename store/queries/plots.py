"""A task's plots: which there are, and the figure of one at an iteration."""

from __future__ import annotations

from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..records import PlotRow
from ..text import natural

_P = tables.plot.c
_LISTING = (
    sa.select(_P.title, _P.series, _P.iteration, _P.time, _P.types)
    .where(_P.task_id == tables.OF_TASK)
    .order_by(_P.title, _P.series, _P.iteration)
)


def listing(c: Connection, task: str) -> list[PlotRow]:
    """Return a task's plots by title and series, numbers in these by their values; no figure is read."""
    found = c.execute(_LISTING, {"task": task}).all()
    rows = []
    for (title, series), group in groupby(found, key=lambda row: (row.title, row.series)):
        kept = list(group)
        time = max(row.time for row in kept)
        rows.append(PlotRow(title, series, tuple(row.iteration for row in kept), time, kept[-1].types))
    return sorted(rows, key=lambda row: (natural(row.title), natural(row.series)))


def payload(c: Connection, task: str, title: str, series: str, iteration: int) -> bytes | None:
    """Return a figure as it is stored (``figures.unpack`` reads it), None if it is not there any more."""
    which = (_P.task_id == task, _P.title == title, _P.series == series, _P.iteration == iteration)
    found = c.execute(sa.select(_P.payload).where(*which)).scalar_one_or_none()
    return None if found is None else bytes(found)
