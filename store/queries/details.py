"""Everything about one task but its points and its console.

A live task's is read each second, in a dozen statements: those are built once, which takes as long as running them.
"""

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
_P, _O, _E = tables.parameter.c, tables.configuration.c, tables.task_event.c
_STANDING = sa.select(*_PLAIN).where(_T.id == tables.OF_TASK)
_PARAMETERS = (
    sa.select(_P.section, _P.name, _P.value, _P.type, _P.description)
    .where(_P.task_id == tables.OF_TASK)
    .order_by(_P.section, _P.name)
)
_CONFIGURATION = sa.select(_O.name, _O.text).where(_O.task_id == tables.OF_TASK).order_by(_O.name)
_EVENTS = (
    sa.select(_E.time, _E.action, _E.status_from, _E.status_to, _E.by, _E.reason, _E.execution)
    .where(_E.task_id == tables.OF_TASK)
    .order_by(_E.id)
)
_CODE = sa.select(tables.task_code).where(tables.task_code.c.task_id == tables.OF_TASK)


def detail(c: Connection, task: str) -> TaskDetail:
    """Return a task's details.

    Raises:
        NotFound: no task with exactly this id (``tasks.resolve`` finds one by a prefix).
    """
    found = rows(c, [task])
    if not found:
        raise NotFound(f"There is no task {shown(task)}: it was deleted, or never was here. Look it up in the list.")
    plain = c.execute(_STANDING, {"task": task}).mappings().one()
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
    return [ParameterRow(*row) for row in c.execute(_PARAMETERS, {"task": task})]


def configuration(c: Connection, task: str) -> dict[str, str]:
    """Return the configuration objects: name and text."""
    return {row.name: row.text for row in c.execute(_CONFIGURATION, {"task": task})}


def events(c: Connection, task: str) -> list[EventRow]:
    """Return the task's history, oldest first."""
    return [EventRow(*row) for row in c.execute(_EVENTS, {"task": task})]


def code(c: Connection, task: str) -> CodeRow:
    """Return how the task was run; empty fields where nothing is known yet."""
    row = c.execute(_CODE, {"task": task}).mappings().first()
    if row is None:
        return CodeRow("", "", "", "", "", [], b"", "", {}, {})
    values: dict[str, Any] = {name: value for name, value in row.items() if name != "task_id"}
    values["argv"] = json_list(values["argv"])
    values["packages"] = {name: str(version) for name, version in json_object(values["packages"]).items()}
    values["environment"] = json_object(values["environment"])
    return CodeRow(**values | {"diff": bytes(values["diff"])})
