"""How fast a Running task goes, and how long it has still to go, on average since its start. Standard library only.

Lists are sorted by both (``queries.task_order`` says the same in SQL).
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
