"""A task's debug samples: which there are, and where the file of one is at an iteration."""

from __future__ import annotations

from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import files, tables
from ..sample_records import SampleFile, SampleRow
from ..text import natural

_S = tables.debug_sample.c
_LISTING = (
    sa.select(tables.debug_sample).where(_S.task_id == tables.OF_TASK).order_by(_S.title, _S.series, _S.iteration)
)


def listing(c: Connection, task: str) -> list[SampleRow]:
    """Return a task's debug samples by title and series, numbers in these by their values."""
    rows = []
    for (title, series), group in groupby(
        c.execute(_LISTING, {"task": task}).all(), key=lambda row: (row.title, row.series)
    ):
        kept = list(group)
        last, time = kept[-1], max(row.time for row in kept)
        iterations = tuple(row.iteration for row in kept)
        rows.append(SampleRow(title, series, iterations, time, last.kind, last.url, last.size, last.width, last.height))
    return sorted(rows, key=lambda row: (natural(row.title), natural(row.series)))


def at(c: Connection, home: str, task: str, title: str, series: str, iteration: int) -> SampleFile | None:
    """Return a debug sample at an iteration, None if it is not there any more.

    Args:
        c: a reading connection.
        home: the store's home folder.
        task: its whole id.
        title: of the sample.
        series: of the sample.
        iteration: which one.
    """
    which = (_S.task_id == task, _S.title == title, _S.series == series, _S.iteration == iteration)
    found = c.execute(sa.select(tables.debug_sample).where(*which)).one_or_none()
    if found is None:
        return None
    path = files.path_of(home, found.url)
    return SampleFile(path, found.kind, found.url, found.size, found.width, found.height)
