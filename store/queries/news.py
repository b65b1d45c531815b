"""What has happened to one user's tasks since a revision: which ended, and which metrics are no finite numbers.

For a dashboard that is open all day: both are found by the tasks that changed since, one statement each, built once.
"""

from __future__ import annotations

import math
import sys
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..lifecycle import ENDED, FINAL, Status
from ..news_records import Ended, NotFinite
from ..records import MONITOR

_T, _E, _M = tables.task.c, tables.task_event.c, tables.task_metric.c
_LARGEST = sys.float_info.max


def ended(c: Connection, user: str, rev: int) -> list[Ended]:
    """Return a user's tasks that ended after a revision, in the order in which they did.

    The history tells, not a state that was seen before: a task may start and end between two looks.
    """
    known = {"user": user, "rev": rev, "next": f"{rev + 1:012x}"}
    found = sorted(c.execute(_ended(), known), key=lambda row: row.happened)
    return [Ended._make(row[:5]) for row in found]


@cache
def _ended() -> sa.Select[Any]:
    """Ids of the history begin with the revision in hexadecimal (``transitions.note``).

    Which tasks is a query within: as a join, and in an order, SQLite would go through the history of all tasks.
    """
    happened = tables.task_event.join(tables.task, _T.id == _E.task_id).join(
        tables.project, tables.project.c.id == _T.project_id
    )
    columns = (_T.id, _T.name, tables.project.c.path, _E.status_to, _E.reason, _E.id.label("happened"))
    own = tables.task.alias().c
    mine = (own.user == sa.bindparam("user")) & (own.rev > sa.bindparam("rev", type_=sa.BigInteger))
    still = own.status.in_([status.value for status in FINAL])
    since = _E.task_id.in_(sa.select(own.id).where(mine, still)) & (_E.id >= sa.bindparam("next"))
    ends = (_E.status_from == Status.RUNNING.value) & _E.status_to.in_([status.value for status in ENDED])
    return sa.select(*columns).select_from(happened).where(since, ends)


def not_finite(c: Connection, user: str, rev: int | None = None) -> list[NotFinite]:
    """Return the metrics of a user's Running tasks whose last value is NaN or infinite; of the tasks newer than a rev.

    Samples of the machine are left out.
    """
    known = {"user": user} if rev is None else {"user": user, "rev": rev}
    found = sorted(c.execute(_not_finite(rev is not None), known), key=lambda row: (row.id, row.number))
    return [_as_reported(*row[:8]) for row in found]


def _as_reported(*values: Any) -> NotFinite:
    found = NotFinite._make(values)
    return found._replace(value=math.nan) if found.value is None else found


@cache
def _not_finite(newer: bool) -> sa.Select[Any]:
    """NaN is stored as NULL, infinities as they are."""
    of_tasks = tables.task_metric.join(tables.task, _T.id == _M.task_id).join(
        tables.project, tables.project.c.id == _T.project_id
    )
    columns = (
        _T.id,
        _T.name,
        tables.project.c.path,
        _T.execution,
        _M.title,
        _M.series,
        _M.last,
        _M.last_iteration,
        _M.number,
    )
    running = (_T.status == Status.RUNNING.value) & (_T.user == sa.bindparam("user"))
    # A Running task is not archived: all of them are found by the index of the states.
    which = _T.rev > sa.bindparam("rev", type_=sa.BigInteger) if newer else _T.archived == sa.false()
    odd = _M.last.is_(None) | ~_M.last.between(-_LARGEST, _LARGEST)
    return sa.select(*columns).select_from(of_tasks).where(running, which, odd, ~_M.title.startswith(MONITOR))
