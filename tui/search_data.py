"""What the search screen asks of the store. Every function runs in a query thread; nothing is imported before that."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.queries.search import Hit
    from store.records import TaskRow

FIELDS, LINES = 200, 20
"""Hits in fields that are listed, and in one console."""
SLICE = 0.2
"""Seconds after which consoles searched so far are handed over: no snapshot is kept longer, and progress is seen."""


@dataclass(frozen=True)
class Found:
    """Places where the text was found, and the tasks they are in."""

    hits: list[Hit] = field(default_factory=list)
    rows: dict[str, TaskRow] = field(default_factory=dict)
    searched: int = 0
    """Consoles searched for it."""
    more: frozenset[str] = frozenset()
    """Tasks whose consoles have more such lines than are here."""
    limit: str = ""
    """What is here where not all is: ``first 20 lines each``."""


def in_fields(c: Connection, text: str) -> Found:
    """Return where a text stands in names, ids, parameters, tags and comments."""
    from store.queries import search

    hits = search.fields(c, text, FIELDS + 1)
    return _found(c, hits[:FIELDS], f"first {FIELDS} fields" if len(hits) > FIELDS else "")


def consoles(c: Connection, pattern: str) -> list[str]:
    """Return the tasks whose consoles can be searched, newest first.

    Raises:
        InvalidValue: the pattern is no regular expression, or one that can take forever.
    """
    from store.queries import console, search

    console.matcher(pattern, ignore_case=True)
    return search.searchable(c)


def in_consoles(c: Connection, tasks: Sequence[str], pattern: str, given_up: Callable[[], bool]) -> Found:
    """Search the consoles of tasks, one after another, as many as ``SLICE`` allows, at least one."""
    from store.queries import search

    hits: list[Hit] = []
    more: set[str] = set()
    done, until = 0, time.monotonic() + SLICE
    for task in tasks:
        lines = search.lines(c, task, pattern, LINES + 1, given_up)
        hits += lines[:LINES]
        more.update(hit.task for hit in lines[LINES:])
        done += 1
        if time.monotonic() > until or given_up():
            break
    return _found(c, hits, f"first {LINES} lines each" if more else "", done, frozenset(more))


def _found(c: Connection, hits: list[Hit], limit: str, searched: int = 0, more: frozenset[str] = frozenset()) -> Found:
    from store.queries import tasks

    rows = tasks.rows(c, list(dict.fromkeys(hit.task for hit in hits)))
    return Found(hits, {row.id: row for row in rows}, searched, more, limit)
