"""How long a task has run; how fast a Running one goes on average, and how long it has still to go.

Lists are sorted by all of them (``queries.task_order`` says the same in SQL). Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lifecycle import Status

if TYPE_CHECKING:
    from .records import TaskRow

SHORTEST = 10.0
"""Seconds a task must have run before its pace says anything."""


def elapsed(row: TaskRow) -> float | None:
    """Return for how long a Running task has been known to run: from its start to its last sign of life."""
    if row.status != Status.RUNNING or row.started is None or row.last_seen is None:
        return None
    spent = row.last_seen - row.started
    return spent if spent >= SHORTEST else None


def span(row: TaskRow) -> float | None:
    """Return the seconds from a task's start to its end, of a Running one to its last sign of life; None if unknown."""
    end = row.last_seen if row.status == Status.RUNNING or row.completed is None else row.completed
    return max(end - row.started, 0.0) if row.started is not None and end is not None else None


def done(row: TaskRow) -> int:
    """Return how many iterations a task has done in this execution, 0 if it has said nothing of them."""
    return max((row.last_iteration or 0) - row.iteration_offset, 0)


def speed(row: TaskRow) -> float | None:
    """Return iterations a second on average since the start, None if that is not known."""
    spent = elapsed(row)
    return done(row) / spent if spent and done(row) else None


def left(row: TaskRow) -> float | None:
    """Return the seconds a Running task needs until its progress is 100 at its pace so far, None if not known."""
    spent, share = elapsed(row), row.progress
    return spent * (100 - share) / share if spent is not None and share is not None and 0 < share < 100 else None
