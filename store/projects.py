"""What a person says of a project and pins in it, and how that is taken back.

A project has no states and no history: its description and its baseline are changed by whoever may write, and are
nobody's but the project's. What its tasks are is another matter (``commands``); that it is there follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from . import tables
from .engine import Store, Transaction
from .errors import Conflict, InvalidValue, StateError
from .queries.projects import resolve
from .text import checked_description, lineage
from .transitions import subject

_P = tables.project.c


@dataclass(frozen=True, slots=True)
class Described:
    """Everything of a project that a person changes; ``name`` is the whole path."""

    name: str
    description: str
    baseline: str = ""
    """The id of its baseline; empty if it has none."""


def described(c: tables.Executes, path: str) -> Described | None:
    """Return what a person has changed of a project, None if there is none with exactly this path."""
    found = c.execute(sa.select(_P.path, _P.description, _P.baseline).where(_P.path == path)).first()
    return None if found is None else Described(found.path, found.description, found.baseline or "")


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
            _put(tx, project, description=checked)


def set_baseline(store: Store, path: str, task: str, *, by: str, seen: str | None = None) -> None:
    """Pin the task that the others of a project are compared with; an empty id takes the pin away.

    Args:
        store: where.
        path: of the project.
        task: the whole id of a task in it or below it.
        by: who.
        seen: the id of the baseline that there was; None where nobody looked at it.

    Raises:
        Conflict: it is no longer what was seen.
        InvalidValue: the task is in another project.
        NotFound: no such project, or task.
        StateError: there is no pin to take away.
    """
    with store.write(by) as tx:
        project = resolve(tx, path)
        found = tx.execute(sa.select(_P.path, _P.baseline).where(_P.id == project)).one()
        whole, now = found.path, found.baseline
        if seen not in (None, now or ""):
            raise Conflict(
                f'Cannot change the baseline of "{whole}": somebody else has changed it meanwhile. '
                f"Look at theirs first."
            )
        if not task and now is None:
            raise StateError(f'Cannot take the baseline of "{whole}" away: it has none of its own.')
        if task != now:
            _put(tx, project, baseline=_inside(tx, whole, task))


COMMANDS = (describe_project, set_baseline)
"""What changes a project; the first argument after the store is its path."""


_SINCE = {
    "description": 'the project "{}" was described anew since, by somebody else.',
    "baseline": 'the baseline of "{}" is another task by now, or none.',
}
"""What may have changed since, and what is said of it."""


def describe_again(tx: Transaction, seen: Described, wanted: Described, word: str) -> None:
    """Have what somebody changed of a project as it was before, or after that; the rest of it stays as it is.

    Args:
        tx: the write transaction.
        seen: how the caller left it.
        wanted: how it shall be.
        word: what a refusal calls it: ``undo`` or ``redo``.

    Raises:
        Conflict: that is no longer as it was left.
        InvalidValue: the task that was its baseline is in another project by now.
        NotFound: that task was deleted.
    """
    project, now = resolve(tx, wanted.name), described(tx, wanted.name)
    columns = {what: getattr(wanted, what) for what in _SINCE if getattr(wanted, what) != getattr(seen, what)}
    for what in columns:
        if getattr(now, what) != getattr(seen, what):
            raise Conflict(f"Cannot {word}: {_SINCE[what].format(wanted.name)}")
    if "baseline" in columns:
        columns["baseline"] = _inside(tx, wanted.name, wanted.baseline)
    _put(tx, project, **columns)


def _put(tx: Transaction, project: str, **columns: Any) -> None:
    tx.execute(sa.update(tables.project).where(_P.id == project).values(rev=tx.rev, **columns))


def _inside(tx: Transaction, path: str, task: str) -> str | None:
    """Return the id of a task that is in a project or below it, None for an empty one."""
    if not task:
        return None
    found, source = subject(tx, task), tables.task.join(tables.project)
    where = tx.execute(sa.select(_P.path).select_from(source).where(tables.task.c.id == task)).scalar_one()
    if path not in lineage(where):
        raise InvalidValue(
            f'Cannot pin "{found.name}" ({task[:8]}) as the baseline of "{path}": it is in "{where}". '
            f"Pin a task of that project, or of one below it."
        )
    return task
