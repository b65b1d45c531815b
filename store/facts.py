"""Everything of a task that a person changes without destroying anything: what undo puts back and the history tells.

Read in one transaction, so that two of them can be laid side by side. Nothing here changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from . import baselines, tables
from .tables import Executes

_T = tables.task.c
_Rows = frozenset[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of a task that a person changes without destroying anything."""

    name: str
    comment: str
    project: str
    archived: bool
    status: str
    queue: str | None
    """The queue it waits in."""
    tags: frozenset[str]
    parameters: _Rows
    configuration: _Rows
    place: int = field(default=0, compare=False)
    """Its place in the queue from 0; others may move it without changing the task."""
    baseline_of: frozenset[str] = field(default=frozenset(), compare=False)
    """The projects that it is the baseline of, which is their affair, as long as it is in them."""
    type: str = field(default="", compare=False)
    parent: str | None = field(default=None, compare=False)
    """The task it was cloned from; neither ever changes."""


def facts(c: Executes, task: str) -> Facts | None:
    """Return the facts of a task, None if there is none with exactly this id."""
    source = tables.task.join(tables.project)
    columns = (_T.name, _T.comment, tables.project.c.path.label("project"), _T.archived, _T.status, _T.type,
               _T.parent_id.label("parent"))  # fmt: skip
    found = c.execute(sa.select(*columns).select_from(source).where(_T.id == task)).first()
    if found is None:
        return None
    queue, place = _waiting(c, task)
    tags = c.execute(sa.select(tables.task_tag.c.tag).where(tables.task_tag.c.task_id == task)).scalars()
    return Facts(
        **found._mapping,
        queue=queue,
        tags=frozenset(tags),
        parameters=_rows(c, tables.parameter, task),
        configuration=_rows(c, tables.configuration, task),
        place=place,
        baseline_of=frozenset(baselines.projects_of(c, task)),
    )


def _waiting(c: Executes, task: str) -> tuple[str | None, int]:
    e, q = tables.queue_entry.c, tables.queue.c
    entry = c.execute(sa.select(q.id, q.name, e.position).join(tables.queue_entry).where(e.task_id == task)).first()
    if entry is None:
        return None, 0
    before = sa.select(sa.func.count()).where(e.queue_id == entry.id, e.position < entry.position)
    return entry.name, int(c.execute(before.select_from(tables.queue_entry)).scalar_one())


def _rows(c: Executes, table: sa.Table, task: str) -> _Rows:
    return frozenset(tuple(row) for row in c.execute(sa.select(table).where(table.c.task_id == task)))
