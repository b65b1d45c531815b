"""The task table: which tasks, in which order, one page at a time; and finding a task by what a person typed.

A page costs two statements however many tags and metrics it shows: one for the ids, one for their rows; in the order of
the projects one more, for which of them it touches, and in that of the states one for each it touches.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..errors import InvalidValue, NotFound, StoreUnusable, nearest
from ..filters import word_clause
from ..migrations import RENEWED, SCHEMA
from ..records import MONITOR, SeriesKey, TaskRow
from ..text import shown, storable
from . import projects, task_order
from .task_order import SORTS as SORTS
from .task_order import TaskQuery as TaskQuery

_T = tables.task.c
_RECENT = 200
"""How many of the newest tasks decide which metric is the main one, and are looked at for a near name."""
_TOO_MUCH = ("too large", "too many", "too complex", "stack overflow")
"""What SQLite says of statements beyond its bounds."""
_HEX = frozenset("0123456789abcdef")


def count(c: Connection, q: TaskQuery) -> int:
    """Return how many tasks the query has."""
    wanted = sa.select(sa.func.count()).select_from(tables.task).where(*_conditions(c, q))
    with _readable():
        return int(c.execute(wanted).scalar_one())


def page(c: Connection, q: TaskQuery, offset: int, limit: int | None) -> list[TaskRow]:
    """Return ``limit`` tasks (None: all) from ``offset`` on, in the query's order.

    Raises:
        InvalidValue: no such sort key, or a filter that cannot be read.
    """
    with _readable():
        return rows(c, task_order.ids(c, q, _conditions(c, q), offset, limit), q.metric)


def ids(c: Connection, q: TaskQuery) -> list[str]:
    """Return the ids of all tasks of a query, in its order: what is read a part at a time and must not move meanwhile.

    Raises:
        InvalidValue: as ``page``.
    """
    with _readable():
        return task_order.ids(c, q, _conditions(c, q), 0, None)


def among(c: Connection, q: TaskQuery, ids: Sequence[str]) -> set[str]:
    """Return which of these tasks a query has. One statement for 1,000 ids.

    Raises:
        InvalidValue: as ``page``.
    """
    found: set[str] = set()
    with _readable():
        for start in range(0, len(ids), 1000):
            wanted = sa.select(_T.id).where(*_conditions(c, q), _T.id.in_(ids[start : start + 1000]))
            found.update(c.execute(wanted).scalars())
    return found


def place(c: Connection, q: TaskQuery, task: str) -> int | None:
    """Return how many tasks of a query stand before one of them, None if it is not among them.

    Raises:
        InvalidValue: as ``page``.
    """
    with _readable():
        return task_order.place(c, q, _conditions(c, q), task)


@contextmanager
def _readable() -> Iterator[None]:
    """Tell a filter that the database itself refuses from a store that cannot be read."""
    try:
        yield
    except sa.exc.DataError as error:  # PostgreSQL reads regular expressions by rules of its own
        raise InvalidValue(f"Invalid filter: {str(error.orig).splitlines()[0]}. Change it and try again.") from error
    except sa.exc.OperationalError as error:
        if not any(words in str(error.orig) for words in _TOO_MUCH):
            raise
        raise InvalidValue("Invalid filter: it asks for too much at once. Shorten it and try again.") from error


def _conditions(c: Connection, q: TaskQuery) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if q.archived is not None:
        found.append(_T.archived == (sa.true() if q.archived else sa.false()))
    if q.project is not None:
        ids = c.execute(sa.select(tables.project.c.id).where(projects.below(q.project))).scalars().all()
        found.append(_T.project_id == ids[0] if len(ids) == 1 else _T.project_id.in_(ids))
    if q.statuses:
        found.append(_T.status.in_([str(status) for status in q.statuses]))
    if q.types:
        found.append(_T.type.in_(list(q.types)))
    if q.user is not None:
        found.append(_T.user == q.user)
    found += [_tagged(tag) for tag in q.tags]
    found += [word_clause(word) for word in q.text.split()]
    if q.where is not None:
        found.append(q.where.clause(c))
    return found


def _tagged(tag: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(tables.task_tag.c.task_id == _T.id, tables.task_tag.c.tag == tag)


def _of_metric(metric: SeriesKey) -> sa.ColumnElement[bool]:
    m = tables.task_metric.c
    return (m.task_id == _T.id) & (m.title == metric[0]) & (m.series == metric[1])


_COLUMNS = (
    _T.id, _T.name, _T.status, _T.type, _T.progress, _T.last_iteration, _T.created, _T.started, _T.completed,
    _T.activity, _T.last_seen, _T.status_reason, _T.user, _T.host, _T.worker, _T.comment, _T.archived, _T.rev,
    _T.iteration_offset, _T.parent_id.label("parent"), tables.project.c.path.label("project"),
    sa.func.coalesce(tables.queue.c.name, "").label("queue"),
)  # fmt: skip


def rows(c: Connection, ids: Sequence[str], metric: SeriesKey | None = None) -> list[TaskRow]:
    """Return the rows of these tasks in the order given, without those that are gone. One statement for 1,000 ids."""
    found: dict[str, TaskRow] = {}
    wanted = _rows_of(c.dialect.name, metric)
    for start in range(0, len(ids), 1000):
        for row in c.execute(wanted, {"ids": ids[start : start + 1000]}).mappings():
            found[row["id"]] = _row(dict(row))
    return [found[task] for task in ids if task in found]


@lru_cache(32)
def _rows_of(dialect: str, metric: SeriesKey | None) -> sa.Select[Any]:
    """Return the statement of ``rows``, built once."""
    return _rows(dialect, metric).where(_T.id.in_(sa.bindparam("ids", expanding=True)))


def newer(c: Connection, rev: int, metric: SeriesKey | None = None) -> tuple[int, list[str], list[TaskRow], bool]:
    """Return the store's revision, and what is newer than another: deleted tasks, changed rows, whether any project is.

    One statement, so that a dashboard that is told of a commit asks once.

    Raises:
        StoreUnusable: another version has changed the schema since the store was opened.
    """
    known = {"rev": rev} if metric is None else {"rev": rev, "title": metric[0], "series": metric[1]}
    found = c.execute(_newer(c.dialect.name, metric is not None), known).mappings().all()
    changed = [dict(row) for row in found]
    ends = [
        (int(row.pop("newest")), json.loads(row.pop("gone") or "[]"), bool(row.pop("described"))) for row in changed
    ]
    if not ends:
        raise StoreUnusable(RENEWED)
    newest, gone, described = ends[0]
    return newest, gone, [_row(row) for row in changed if row["id"] is not None], described


@cache
def _newer(dialect: str, metric: bool) -> sa.Select[Any]:
    """Return the statement of ``newer``, built once: building it takes as long as running it."""
    m, gone, rev = tables.meta.c, tables.tombstone.c, sa.bindparam("rev", type_=sa.BigInteger)
    deleted = sa.select(_together(dialect, gone.task_id)).where(gone.rev > rev).scalar_subquery()
    series: Any = (sa.bindparam("title", type_=sa.Text), sa.bindparam("series", type_=sa.Text)) if metric else None
    known = tables.meta.alias().c
    ours = sa.exists().where(known.key == "schema", known.value == str(SCHEMA)).correlate(None)
    wanted = _rows(dialect, series, tables.meta.outerjoin(tables.task, _T.rev > rev)).where(m.key == "rev", ours)
    described = sa.exists().where(tables.project.c.rev > rev).correlate(None)
    return wanted.add_columns(m.value.label("newest"), deleted.label("gone"), described.label("described"))


@lru_cache(32)
def _rows(dialect: str, metric: SeriesKey | None, source: sa.FromClause = tables.task) -> sa.Select[Any]:
    source = source.outerjoin(tables.project, tables.project.c.id == _T.project_id)
    source = source.outerjoin(tables.queue, tables.queue.c.id == _T.queue_id)
    columns = [*_COLUMNS, _tags(dialect)]
    if metric is not None:
        m = tables.task_metric.c
        source = source.outerjoin(tables.task_metric, _of_metric(metric))
        columns += [m.last.label("metric"), m.number.label("metric_number")]
    return sa.select(*columns).select_from(source)


def _tags(dialect: str) -> sa.ColumnElement[Any]:
    """All tags of a task as one JSON text, so that they cost no statement and no row of their own."""
    t = tables.task_tag.c
    return sa.select(_together(dialect, t.tag)).where(t.task_id == _T.id).scalar_subquery().label("tags")


def _together(dialect: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return what makes one JSON array of the values of a column."""
    if dialect == "postgresql":
        return sa.cast(sa.func.json_agg(column), sa.Text)
    return sa.func.json_group_array(column)


def _row(values: dict[str, Any]) -> TaskRow:
    number, value = values.pop("metric_number", None), values.pop("metric", None)
    tags = tuple(sorted(json.loads(values.pop("tags") or "[]")))
    has_only_nan = number is not None and value is None
    return TaskRow(**values, tags=tags, metric=math.nan if has_only_nan else value)


def resolve(c: Connection, prefix: str) -> str:
    """Return the id of the task that a person means: an id, a unique start of one, or a name only one task has.

    Raises:
        NotFound: none, or more than one; the message lists the nearest.
    """
    word = storable(prefix.strip())
    ids = _by_prefix(c, word.lower()) or _by_name(c, word)
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise NotFound(f"There is no task {shown(prefix)}.{_nearest(c, word)}")
    raise NotFound(f"{shown(prefix)} fits more than one task: {_named(c, ids)}. Give more of the id.")


def _by_prefix(c: Connection, word: str) -> list[str]:
    if not 2 <= len(word) <= 32 or not _HEX.issuperset(word):
        return []
    wanted = sa.select(_T.id).where(_T.id >= word, _T.id < word + "g").order_by(_T.activity.desc()).limit(6)
    return list(c.execute(wanted).scalars())


def _by_name(c: Connection, word: str) -> list[str]:
    return list(c.execute(sa.select(_T.id).where(_T.name == word).order_by(_T.activity.desc()).limit(6)).scalars())


def _nearest(c: Connection, word: str) -> str:
    wanted = sa.select(_T.id, _T.name).where(_T.archived == sa.false()).order_by(_T.activity.desc())
    recent = c.execute(wanted.limit(_RECENT)).all()
    length = max(8, len(word))
    close = nearest(word, [name for _, name in recent] + [task[:length] for task, _ in recent])
    return close or " `capture list` shows all of them."


def _named(c: Connection, ids: Sequence[str]) -> str:
    named = [f'{row.id[:12]} "{row.name}"' for row in rows(c, ids[:5])]
    return ", ".join(named) + (", …" if len(ids) > 5 else "")


def newest(c: Connection, q: TaskQuery) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of a query's newest tasks, some hundreds: enough to choose from."""
    return sa.select(_T.id).where(*_conditions(c, q)).order_by(_T.activity.desc()).limit(_RECENT)


def main_metric(c: Connection, project: str | None = None) -> SeriesKey | None:
    """Return the series that most of the newest tasks have, machine samples left out; None if there is none."""
    m = tables.task_metric.c
    recent = newest(c, TaskQuery(project=project))
    wanted = sa.select(m.title, m.series).where(m.task_id.in_(recent), ~m.title.startswith(MONITOR))
    wanted = wanted.group_by(m.title, m.series).order_by(sa.func.count().desc(), m.title, m.series).limit(1)
    found = c.execute(wanted).first()
    return None if found is None else (found.title, found.series)
