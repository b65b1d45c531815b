"""Tasks in each of the seven states, brought there the way a person, a script or an agent would."""

from __future__ import annotations

import itertools
from typing import Any

import sqlalchemy as sa

from store import commands, queues, tables, transitions
from store.engine import Store, Transaction
from store.lifecycle import Status

BY = "ada@lab"
_numbers = itertools.count(1)


def draft(store: Store, **fields: Any) -> str:
    given = {"project": "vision/resnet", "name": f"task {next(_numbers)}", "parameters": {"Args/lr": ("0.1", "float")}}
    return commands.create(store, by=BY, **given | fields)


def running(store: Store, **fields: Any) -> str:
    task = draft(store, **fields)
    with store.write(BY) as tx:
        transitions.start(tx, task, host="lab", user="ada")
    return task


def ended(store: Store, status: Status, **fields: Any) -> str:
    task = running(store, **fields)
    with store.write(BY) as tx:
        assert transitions.finish(tx, task, 1, status, "it was so")
    return task


def in_state(store: Store, status: Status, **fields: Any) -> str:
    """Return a new task in this state."""
    match status:
        case Status.DRAFT:
            return draft(store, **fields)
        case Status.PENDING:
            task = draft(store, **fields)
            commands.enqueue(store, task, by=BY)
            return task
        case Status.RUNNING:
            return running(store, **fields)
        case Status.PUBLISHED:
            task = ended(store, Status.COMPLETED, **fields)
            commands.publish(store, task, by=BY)
            return task
        case _:
            return ended(store, status, **fields)


def put_model(tx: Transaction, model: str, *, used_by: str) -> None:
    """Make a model that is nobody's, and have a task use it."""
    filled = dict.fromkeys(("name", "framework", "uri", "hash", "labels", "design", "comment", "tags"), "")
    tx.execute(tables.model.insert(), {"id": model, "published": False, "created": 1.0, "time": 1.0, **filled})
    tx.execute(tables.input_model.insert(), {"task_id": used_by, "model_id": model, "name": "", "time": 1.0})


def row(store: Store, task: str) -> dict[str, Any]:
    """Return the task's whole row, empty if it is gone."""
    with store.read() as c:
        found = c.execute(sa.select(tables.task).where(tables.task.c.id == task)).mappings().first()
    return dict(found) if found is not None else {}


def status_of(store: Store, task: str) -> Status:
    return Status(row(store, task)["status"])


def waiting(store: Store, queue: str = queues.DEFAULT) -> list[str]:
    with store.read() as c:
        return next(found.tasks for found in queues.listing(c) if found.name == queue)


def rows_of(store: Store, table: sa.Table, task: str) -> list[dict[str, Any]]:
    with store.read() as c:
        return [dict(found) for found in c.execute(sa.select(table).where(table.c.task_id == task)).mappings()]
