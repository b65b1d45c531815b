"""What a person says of a project, and how that is taken back.

A project has no states and no history: its description is changed by whoever may write, and is nobody's but the
project's. What its tasks are is another matter (``commands``); that it is there follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from . import tables
from .engine import Store, Transaction
from .errors import Conflict
from .queries.projects import resolve
from .text import checked_description

_P = tables.project.c


@dataclass(frozen=True, slots=True)
class Described:
    """Everything of a project that a person changes; ``name`` is the whole path."""

    name: str
    description: str


def described(c: tables.Executes, path: str) -> Described | None:
    """Return what is said of a project, None if there is none with exactly this path."""
    found = c.execute(sa.select(_P.path, _P.description).where(_P.path == path)).first()
    return None if found is None else Described(found.path, found.description)


def describe_project(store: Store, path: str, description: str, *, by: str, seen: str | None = None) -> None:
    """Say what a project is for; an empty text takes away what was said.

    Args:
        store: where.
        path: of the project.
        description: the text.
        by: who.
        seen: the text that this one was written over; None where nobody looked at it.

    Raises:
        Conflict: it is no longer what was seen.
        InvalidValue: the text is too long or holds control characters.
        NotFound: no such project; the message names the nearest.
    """
    checked = checked_description(description)
    with store.write(by) as tx:
        project = resolve(tx, path)
        now = tx.execute(sa.select(_P.description).where(_P.id == project)).scalar_one()
        if seen not in (None, now):
            raise Conflict(
                f'Cannot describe the project "{path}": somebody else has described it meanwhile. Look at theirs first.'
            )
        if now != checked:
            _put(tx, project, checked)


def describe_again(tx: Transaction, seen: object, wanted: Described, word: str) -> None:
    """Have a project described as it was before, or after, somebody described it.

    Args:
        tx: the write transaction.
        seen: how the caller left it.
        wanted: how it shall be.
        word: what a refusal calls it: ``undo`` or ``redo``.

    Raises:
        Conflict: it is no longer as it was left.
    """
    if described(tx, wanted.name) != seen:
        raise Conflict(f'Cannot {word}: the project "{wanted.name}" was described anew since, by somebody else.')
    _put(tx, resolve(tx, wanted.name), wanted.description)


def _put(tx: Transaction, project: str, description: str) -> None:
    tx.execute(sa.update(tables.project).where(_P.id == project).values(description=description, rev=tx.rev))
