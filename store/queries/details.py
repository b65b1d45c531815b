"""Everything about one task but its points and its console."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import baselines, tables
from ..errors import NotFound
from ..records import CodeRow, EventRow, ParameterRow, TaskDetail
from ..text import json_list, json_object, shown
from . import artifacts, plots, samples, scalars
from .tasks import rows

_T = tables.task.c
_PLAIN = (
    _T.status_by, _T.status_time, _T.abort_requested, _T.execution, _T.iteration_offset, _T.lines, _T.refused,
    _T.dropped,
)  # fmt: skip


def detail(c: Connection, task: str) -> TaskDetail:
    """Return a task's details.

    Raises:
        NotFound: no task with exactly this id (``tasks.resolve`` finds one by a prefix).
    """
    found = rows(c, [task])
    if not found:
        raise NotFound(f"There is no task {shown(task)}: it was deleted, or never was here. Look it up in the list.")
    plain = c.execute(sa.select(*_PLAIN).where(_T.id == task)).mappings().one()
    return TaskDetail(
        row=found[0],
        **plain,
        code=code(c, task),
        parameters=parameters(c, task),
        configuration=configuration(c, task),
        metrics=scalars.metrics(c, task),
        single_values=scalars.single_values(c, task),
        plots=plots.listing(c, task),
        samples=samples.listing(c, task),
        artifacts=artifacts.listing(c, task),
        models=artifacts.models(c, task),
        events=events(c, task),
        baseline_of=baselines.projects_of(c, task),
    )


def parameters(c: Connection, task: str) -> list[ParameterRow]:
    """Return the hyperparameters and user properties by section and name."""
    p = tables.parameter.c
    wanted = sa.select(p.section, p.name, p.value, p.type, p.description).where(p.task_id == task)
    return [ParameterRow(*row) for row in c.execute(wanted.order_by(p.section, p.name))]


def configuration(c: Connection, task: str) -> dict[str, str]:
    """Return the configuration objects: name and text."""
    t = tables.configuration.c
    found = c.execute(sa.select(t.name, t.text).where(t.task_id == task).order_by(t.name)).all()
    return {row.name: row.text for row in found}


def events(c: Connection, task: str) -> list[EventRow]:
    """Return the task's history, oldest first."""
    e = tables.task_event.c
    wanted = sa.select(e.time, e.action, e.status_from, e.status_to, e.by, e.reason, e.execution)
    return [EventRow(*row) for row in c.execute(wanted.where(e.task_id == task).order_by(e.id))]


def code(c: Connection, task: str) -> CodeRow:
    """Return how the task was run; empty fields where nothing is known yet."""
    row = c.execute(sa.select(tables.task_code).where(tables.task_code.c.task_id == task)).mappings().first()
    if row is None:
        return CodeRow("", "", "", "", "", [], b"", "", {}, {})
    values: dict[str, Any] = {name: value for name, value in row.items() if name != "task_id"}
    values["argv"] = json_list(values["argv"])
    values["packages"] = {name: str(version) for name, version in json_object(values["packages"]).items()}
    values["environment"] = json_object(values["environment"])
    return CodeRow(**values | {"diff": bytes(values["diff"])})
