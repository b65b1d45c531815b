"""Search everywhere: what tasks are called and were given, and the text of every console.

The fields of all tasks are one statement. Consoles are read one task after another, newest first: a caller opens a
snapshot for each (``searchable`` says which there are), so that a search over thousands of them can be shown as it
goes, stopped, and never holds an old snapshot for long.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..containing import has
from . import console

_T = tables.task.c


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where the text was found: in the field ``where`` of a task, or on a line of its console."""

    task: str
    where: str
    """``name``, ``id``, ``comment``, ``reason``, ``tag``, a parameter's ``Section/name``, or ``console``."""
    text: str
    line: int | None = None
    """The console line, counted from 0."""


def fields(c: Connection, text: str, limit: int = 200) -> list[Hit]:
    """Return where a text stands in the fields of tasks, letter case ignored, newest task first; archived ones too.

    Args:
        c: a reading connection.
        text: any text; the empty one is found nowhere.
        limit: hits at most.
    """
    if not text:
        return []
    found = sa.union_all(*_places(text)).subquery()
    wanted = sa.select(found.c.task_id, found.c.place, found.c.text).join(tables.task, _T.id == found.c.task_id)
    wanted = wanted.order_by(_T.activity.desc(), _T.id, found.c.place).limit(limit)
    return [Hit(*row) for row in c.execute(wanted)]


def _places(text: str) -> list[sa.Select[Any]]:
    p, g = tables.parameter.c, tables.task_tag.c
    key = p.section + "/" + p.name
    columns = {"name": _T.name, "comment": _T.comment, "reason": _T.status_reason}
    return [
        *(_place(_T.id, sa.literal(place), column, has(column, text)) for place, column in columns.items()),
        _place(_T.id, sa.literal("id"), _T.id, _T.id.startswith(text.lower(), autoescape=True)),
        _place(g.task_id, sa.literal("tag"), g.tag, has(g.tag, text)),
        _place(p.task_id, key, p.value, has(p.value, text) | has(key, text)),
    ]


def _place(
    task: sa.ColumnElement[Any],
    place: sa.ColumnElement[Any],
    text: sa.ColumnElement[Any],
    found: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    return sa.select(task.label("task_id"), place.label("place"), text.label("text")).where(found)


def searchable(c: Connection) -> list[str]:
    """Return the tasks that have a console, newest activity first; archived ones too."""
    return list(c.execute(sa.select(_T.id).where(_T.lines > 0).order_by(_T.activity.desc(), _T.id)).scalars())


def lines(
    c: Connection, task: str, pattern: str, limit: int = 20, given_up: Callable[[], bool] = lambda: False
) -> list[Hit]:
    """Return the first ``limit`` console lines of a task in which a regular expression is found, case ignored.

    ``given_up`` is asked now and then whether the rest is still wanted.

    Raises:
        InvalidValue: see ``console.search``.
    """
    found = console.search(c, task, pattern, ignore_case=True, given_up=given_up)
    return [Hit(task, "console", line.text, line.n) for line in itertools.islice(found, limit)]
