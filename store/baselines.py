"""The baseline of a project: the task that the others in it are compared with, a column of the project.

Who pins it and takes that back is a matter of ``projects``; here is what follows from what becomes of the task. It is
the baseline only of projects it is in, or below: deleted or moved out, it is none of theirs any more.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from . import tables
from .engine import Transaction
from .text import lineage

_P = tables.project.c
_PATHS = sa.select(_P.path).where(_P.baseline == tables.OF_TASK).order_by(_P.path)


def pinned(c: tables.Executes) -> dict[str, str]:
    """Return the baselines there are: path of the project -> id of the task."""
    found = c.execute(sa.select(_P.path, _P.baseline).where(_P.baseline.is_not(None)))
    return {row.path: row.baseline for row in found}


def projects_of(c: tables.Executes, task: str) -> list[str]:
    """Return the paths of the projects that a task is the baseline of."""
    return list(c.execute(_PATHS, {"task": task}).scalars())


def release(tx: Transaction, task: str, project: str = "") -> None:
    """Let a task be no baseline any more, but of the project it is in from now on (empty: none), and those above."""
    left = sa.update(tables.project).where(_P.baseline == task, _P.path.not_in(lineage(project)))
    tx.execute(left.values(baseline=None, rev=tx.rev))


def restore(tx: Transaction, task: str, projects: Collection[str]) -> None:
    """Let a task that has come back be the baseline again of those projects that have got no other since."""
    free = sa.update(tables.project).where(_P.path.in_(list(projects)), _P.baseline.is_(None))
    tx.execute(free.values(baseline=task, rev=tx.rev))
