"""Projects with the number of their tasks by status, for the tree."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..errors import NotFound, nearest
from ..records import ProjectRow
from ..text import shown


def listing(c: Connection, ids: Collection[str] | None = None) -> list[ProjectRow]:
    """Return projects by path, all or those with these ids, with counts of their own unarchived tasks.

    ``activity`` is that of the newest such task, or the time the project was made.
    """
    found = _counts(c, ids)
    p = tables.project.c
    wanted = sa.select(p.id, p.path, p.description, p.created, p.baseline).order_by(p.path)
    if ids is not None:
        wanted = wanted.where(p.id.in_(list(ids)))
    rows = []
    for project, path, description, created, baseline in c.execute(wanted):
        counts = found.get(project, {})
        newest = max((activity for _, activity in counts.values()), default=created)
        numbers = {status: number for status, (number, _) in counts.items()}
        rows.append(ProjectRow(project, path, description, numbers, newest, baseline or ""))
    return rows


def _counts(c: Connection, ids: Collection[str] | None) -> dict[str, dict[str, tuple[int, float]]]:
    t = tables.task.c
    wanted = sa.select(t.project_id, t.status, sa.func.count(), sa.func.max(t.activity)).where(t.archived == sa.false())
    if ids is not None:
        wanted = wanted.where(t.project_id.in_(list(ids)))
    counts: dict[str, dict[str, tuple[int, float]]] = {}
    for project, status, number, activity in c.execute(wanted.group_by(t.project_id, t.status)):
        counts.setdefault(project, {})[status] = (number, activity)
    return counts


def below(path: str) -> sa.ColumnElement[bool]:
    """Return the condition on ``project.path`` for a project and everything below it."""
    start = path.rstrip("/") + "/"
    p = tables.project.c.path
    return sa.or_(p == path.rstrip("/"), sa.func.substr(p, 1, len(start)) == start)


def resolve(c: tables.Executes, path: str) -> str:
    """Return the id of the project with this path.

    Raises:
        NotFound: there is none; the message names the nearest.
    """
    p = tables.project.c
    wanted = path.strip().strip("/")
    found = c.execute(sa.select(p.id).where(p.path == wanted)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no project {shown(path)}.{nearest(wanted, c.execute(sa.select(p.path)).scalars())}")
    return str(found)
