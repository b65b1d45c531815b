"""The order of the task table: the ids of a page of it, and where in it a task stands.

Pages come out of indexes, whatever the number of tasks: what has no index of its own is counted by something that has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..columns import parse
from ..errors import InvalidValue, nearest
from ..filters import Filter
from ..lifecycle import Status, standing
from ..pace import SHORTEST
from ..records import SeriesKey
from ..text import shown, storable
from ..values import split
from . import names

_T = tables.task.c
_MANY = 1000
"""Up to how many tasks asked for at once the projects they are in are looked for first."""
Conditions = Sequence[sa.ColumnElement[bool]]
Values = tuple[sa.Table, sa.ColumnElement[Any], sa.ColumnElement[bool]]
"""A table with values of tasks, the column, and the condition on the rows that hold them."""


@dataclass(frozen=True)
class TaskQuery:
    """Which tasks, and in which order.

    ``project`` includes the projects below it; ``text`` is bare words, all of which must match; ``tags`` are all
    required; ``archived`` None means both. ``sort`` is a key of ``SORTS``, ``metric`` (of the field ``metric``) or
    the key of a column (``metric:title/series.min``, ``param:Section/name``); tasks without a value come last either
    way.
    """

    project: str | None = None
    text: str = ""
    statuses: Sequence[str] = ()
    types: Sequence[str] = ()
    tags: Sequence[str] = ()
    archived: bool | None = False
    user: str | None = None
    sort: str = "activity"
    descending: bool = True
    metric: SeriesKey | None = None
    where: Filter | None = None


_SPENT = sa.case(
    (
        sa.and_(_T.status == Status.RUNNING.value, _T.last_seen - _T.started >= SHORTEST),
        _T.last_seen - _T.started,
    ),
)
"""``pace.elapsed`` in SQL."""
_ENDED = sa.case((_T.status == Status.RUNNING.value, _T.last_seen), else_=sa.func.coalesce(_T.completed, _T.last_seen))
_DONE = _T.last_iteration - _T.iteration_offset
"""``pace.done``, where there are any."""

SORTS: dict[str, sa.ColumnElement[Any]] = {
    "activity": _T.activity,
    "created": _T.created,
    "started": _T.started,
    "completed": _T.completed,
    "last_seen": _T.last_seen,
    "name": _T.name,
    "status": _T.status,
    "type": _T.type,
    "project": tables.project.c.path,
    "progress": _T.progress,
    "last_iteration": _T.last_iteration,
    "user": _T.user,
    "host": _T.host,
    "worker": _T.worker,
    "queue": tables.queue.c.name,
    "time": sa.case((_T.started < _ENDED, _ENDED - _T.started), (_T.started >= _ENDED, 0.0)),
    "speed": sa.case((_DONE > 0, _DONE / _SPENT)),
    "left": sa.case((sa.and_(_T.progress > 0, _T.progress < 100), _SPENT * (100 - _T.progress) / _T.progress)),
}


def ids(c: Connection, q: TaskQuery, conditions: Conditions, offset: int, limit: int | None) -> list[str]:
    """Return the ids of ``limit`` tasks (None: all) from ``offset`` on, of those that fulfil the conditions.

    Raises:
        InvalidValue: no such sort key.
    """
    if q.sort == "status":
        return _by_status(c, q, conditions, offset, limit)
    values = _values(q)
    if values is None:
        if q.sort == "project" and limit is not None and limit <= _MANY:
            touched, offset = _touched(c, q, conditions, offset, limit)
            conditions = [*conditions, _T.project_id.in_(touched)]
        return _cut(c, _ordered(q, _key(q.sort), _source(q.sort)).where(*conditions), offset, limit)
    # From the index on the values, in its order; what has no value only where the page reaches beyond those: a sort
    # of 100,000 tasks by a metric costs some ms this way and half a second by a join from the task's side.
    table, key, match = values
    if _is_whole(q):
        # Few tasks are archived: leaving those out by their ids spares a look at each task on the way to a deep page.
        archived = sa.select(_T.id).where(_T.archived == sa.true())
        hidden = [] if q.archived is None else [table.c.task_id.not_in(archived)]
        having = _ordered(q, key, table, table.c.task_id).where(match, *hidden)
    else:
        having = _ordered(q, key, table.join(tables.task, table.c.task_id == _T.id), table.c.task_id)
        having = having.where(match, *conditions)
    found = _cut(c, having, offset, limit)
    if limit is not None and len(found) == limit:
        return found
    counted = having.order_by(None).with_only_columns(sa.func.count())
    before = offset + len(found) if found else int(c.execute(counted).scalar_one())
    without = _ordered(q, _T.activity, tables.task).where(*conditions)
    without = without.where(_has_none(values))
    left = None if limit is None else limit - len(found)
    return found + _cut(c, without, max(0, offset - before), left)


def place(c: Connection, q: TaskQuery, conditions: Conditions, task: str) -> int | None:
    """Return how many tasks stand before one of those that fulfil the conditions, None if it is not among them."""
    values = _values(q)
    if values is not None:
        return _place_by_value(c, q, conditions, values, task)
    if q.sort != "status":
        return _place(c, q, _key(q.sort), _source(q.sort), conditions, task)
    before = 0
    for status, number in _states(c, q, conditions):
        found = _place(c, q, -_T.activity, tables.task, [*conditions, _T.status == status], task)
        if found is not None:
            return before + found
        before += number
    return None


def _place_by_value(c: Connection, q: TaskQuery, conditions: Conditions, values: Values, task: str) -> int | None:
    """The same in an order by values: those that have none stand behind, by their activity."""
    table, key, match = values
    source = table.join(tables.task, table.c.task_id == _T.id)
    found = _place(c, q, key, source, [*conditions, match], task)
    if found is not None:
        return found
    without = _place(c, q, _T.activity, tables.task, [*conditions, _has_none(values)], task)
    return None if without is None else without + _count(c, source, [*conditions, match])


def _place(
    c: Connection, q: TaskQuery, key: sa.ColumnElement[Any], source: sa.FromClause, conditions: Conditions, task: str
) -> int | None:
    own = c.execute(sa.select(key).select_from(source).where(*conditions, _T.id == task)).first()
    return None if own is None else _count(c, source, [*conditions, _stands_before(q, key, own[0], task)])


def _stands_before(q: TaskQuery, key: sa.ColumnElement[Any], value: Any, task: str) -> sa.ColumnElement[bool]:
    """The condition on what comes before a task with this value: no value is last, ids break ties."""
    if value is None:
        return sa.or_(key.is_not(None), _T.id > task if q.descending else _T.id < task)
    at, own = sa.tuple_(key, _T.id), sa.tuple_(sa.literal(value, key.type), sa.literal(task))
    return at > own if q.descending else at < own


def _count(c: Connection, source: sa.FromClause, conditions: Conditions) -> int:
    return int(c.execute(sa.select(sa.func.count()).select_from(source).where(*conditions)).scalar_one())


def _has_none(values: Values) -> sa.ColumnElement[bool]:
    table, _, match = values
    return ~sa.exists().where(table.c.task_id == _T.id, match)


def _is_whole(q: TaskQuery) -> bool:
    """Whether nothing is left out but the archive."""
    return not q.archived and q == TaskQuery(archived=q.archived, sort=q.sort, descending=q.descending, metric=q.metric)


def _touched(c: Connection, q: TaskQuery, conditions: Conditions, offset: int, limit: int) -> tuple[list[str], int]:
    """Return which projects a page in the order of their paths touches, and where in them it begins.

    Counting by project comes out of an index; sorting all tasks for a page of them costs ten times that.
    """
    p = tables.project.c
    counted = sa.select(_T.project_id, sa.func.count().label("n")).where(*conditions).group_by(_T.project_id).subquery()
    wanted = sa.select(p.id, counted.c.n).join(counted, counted.c.project_id == p.id)
    touched: list[str] = []
    start = before = 0
    for project, n in c.execute(wanted.order_by(p.path.desc() if q.descending else p.path.asc())):
        if before < offset + limit and before + n > offset:
            start = start if touched else offset - before
            touched.append(project)
        before += n
    return touched, start


def _by_status(c: Connection, q: TaskQuery, conditions: Conditions, offset: int, limit: int | None) -> list[str]:
    """Return tasks state by state, of each the newest first: counted, then read from its place in an index."""
    found: list[str] = []
    for status, number in _states(c, q, conditions):
        left = None if limit is None else limit - len(found)
        if offset < number and left != 0:
            found += _cut(c, _of_state(q, status, conditions), offset, left)
        offset = max(0, offset - number)
    return found


def _states(c: Connection, q: TaskQuery, conditions: Conditions) -> list[tuple[str, int]]:
    """Return the states of the tasks in the query's order, each with how many there are."""
    counted = sa.select(_T.status, sa.func.count()).where(*conditions).group_by(_T.status)
    found = [(str(status), int(number)) for status, number in c.execute(counted)]
    return sorted(found, key=lambda state: standing(state[0]), reverse=q.descending)


def _of_state(q: TaskQuery, status: str, conditions: Conditions) -> sa.Select[Any]:
    newest = (_T.activity.asc(), _T.id.desc()) if q.descending else (_T.activity.desc(), _T.id.asc())
    return sa.select(_T.id).where(*conditions, _T.status == status).order_by(*newest)


def _cut(c: Connection, wanted: sa.Select[Any], offset: int, limit: int | None) -> list[str]:
    part = wanted.offset(offset) if limit is None else wanted.offset(offset).limit(limit)
    return list(c.execute(part).scalars())


def _ordered(
    q: TaskQuery, key: sa.ColumnElement[Any], source: sa.FromClause, task: sa.ColumnElement[str] = _T.id
) -> sa.Select[Any]:
    # The id breaks ties in the same direction, so that an index on (…, key, id) gives the order without sorting.
    wanted = sa.select(task).select_from(source)
    if q.descending:
        return wanted.order_by(key.desc().nulls_last(), task.desc())
    return wanted.order_by(key.asc().nulls_last(), task.asc())


def _values(q: TaskQuery) -> Values | None:
    """Return what a sort by a metric or a parameter goes by, None where it is by the task."""
    if q.sort == "metric" and q.metric is not None:
        m = tables.task_metric.c
        return tables.task_metric, m.last, (m.title == q.metric[0]) & (m.series == q.metric[1])
    if q.sort.startswith("metric:"):
        column, m = parse(q.sort), tables.task_metric.c
        return tables.task_metric, m[column.number], names.series(column.name)
    if q.sort.startswith("param:"):
        section, name = split(storable(q.sort.removeprefix("param:")))
        p = tables.parameter.c
        return tables.parameter, p.number, (p.section == section) & (p.name == name)
    return None


def _key(sort: str) -> sa.ColumnElement[Any]:
    key = SORTS.get(sort)
    if key is None:
        known = [*SORTS, "metric", "metric:title/series.min", "param:Section/name"]
        raise InvalidValue(f"Cannot sort by {shown(sort)}.{nearest(sort, known)} Valid: {', '.join(known)}.")
    return key


def _source(sort: str) -> sa.FromClause:
    if sort == "project":
        return tables.task.join(tables.project)
    if sort == "queue":
        return tables.task.outerjoin(tables.queue, tables.queue.c.id == _T.queue_id)
    return tables.task
