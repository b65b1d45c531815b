"""Completion of the filter language: what could stand where a person is typing.

Knows the keys of ``filters`` and asks the store for their values; never parses more than the word at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import tables
from .containing import has
from .filters import KEYS
from .lifecycle import TYPES, Status
from .queries.details import parameters
from .sweeps import written_key
from .value_lists import written
from .values import choices

_LIMIT = 50
_T, _P, _M = tables.task.c, tables.parameter.c, tables.task_metric.c


class Completion(NamedTuple):
    """``text`` is the whole filter with the word completed; ``word`` that word, ``about`` what it takes."""

    text: str
    word: str
    about: str = ""


def complete(c: Connection, text: str) -> list[Completion]:
    """Return what the last word of a filter could become: keys while it names none, then the key's values.

    Args:
        c: a reading connection.
        text: the filter up to the cursor.
    """
    before, word = _split(text)
    sign = word[:1] if word[:1] in ("-", "!") else ""
    key, colon, typed = word[len(sign) :].partition(":")
    if not colon:
        found = [(f"{known}:", about) for known, about in KEYS.items() if known.startswith(key.lower())]
        return [Completion(before + sign + name, sign + name, about) for name, about in found]
    done, comma, start = typed.rpartition(",")
    head = f"{sign}{key}:{done}{comma}"
    start = start.strip('"')
    found_values = [value for value in values(c, key, start) if value.lower() != start.lower()]
    return [Completion(before + head + _quoted(value), head + _quoted(value)) for value in found_values]


def _split(text: str) -> tuple[str, str]:
    """Return what stands before the word at the end of a line, and that word, which may be in an open quote."""
    at, inside = 0, False
    for place, char in enumerate(text):
        if char == '"':
            inside = not inside
        elif char.isspace() and not inside:
            at = place + 1
    return text[:at], text[at:]


def swept(c: Connection, text: str, task: str) -> list[Completion]:
    """Return what the last word of a sweep of a task could become: keys, then the values of one that has only a few."""
    before, word = _split(text)
    key, sign, typed = word.partition("=")
    found = []
    for row in parameters(c, task):
        name, few = written_key(row.key), choices(row.type, row.description)
        if sign and key in (name, written_key(row.name)) and not typed and few:
            found.append((f"{key}={written(few)}", ""))
        elif not sign and key.lower() in name.lower():
            found.append((f"{name}=", f"now {row.value}"))
    return [Completion(before + word, word, about) for word, about in found]


def _quoted(value: str) -> str:
    return f'"{value}"' if any(char in value for char in ' ,"<>=!~:') else value


def values(c: Connection, key: str, start: str) -> list[str]:
    """Return known values of a filter's key that have a text in them, those that begin with it first."""
    fixed = _FIXED.get(key)
    if fixed is not None:
        return [value for value in fixed if value.startswith(start.lower())]
    column = _COLUMNS.get(key)
    if column is None:
        return []
    wanted = sa.select(column).distinct().where(has(column, start), column != "")
    found = c.execute(wanted.order_by(column).limit(_LIMIT)).scalars().all()
    return sorted(found, key=_starting_with(start))


def _starting_with(start: str) -> Callable[[str], tuple[bool, str]]:
    return lambda value: (not value.lower().startswith(start.lower()), value)


_FIXED: dict[str, list[str]] = {"status": [status.value for status in Status], "type": list(TYPES)}
_COLUMNS: dict[str, sa.ColumnElement[Any]] = {
    "tag": tables.task_tag.c.tag,
    "project": tables.project.c.path,
    "name": _T.name,
    "user": _T.user,
    "host": _T.host,
    "worker": _T.worker,
    "queue": tables.queue.c.name,
    "param": _P.section + "/" + _P.name,
    "metric": _M.title + "/" + _M.series,
}
