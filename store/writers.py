"""What the recorder asks of the store beside handing over batches: where each journal stands, and who is to be aborted.

Only small questions with bound parameters; the data itself goes through ``ingest``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from . import transitions
from .engine import Transaction
from .lifecycle import Status
from .records import Position
from .tables import Executes, task, writer

UNREACHED = "abort withdrawn: the script cannot be reached from here (it runs in another container). End it there"


@dataclass(frozen=True, slots=True)
class WriterRow:
    """How far one writer's journal has been taken in, and what its reader must remember there."""

    id: str
    task: str
    execution: int
    position: Position
    state: dict[str, Any]
    ended: bool


@dataclass(frozen=True, slots=True)
class Abort:
    """A task that somebody asked to abort, with the execution that was running then."""

    task: str
    execution: int
    asked: float


def rows(connection: Executes, ids: Collection[str]) -> dict[str, WriterRow]:
    """Return the rows of the writers that are known."""
    columns = (writer.c.id, writer.c.task_id, writer.c.execution, writer.c.segment, writer.c.offset, writer.c.state)
    query = sa.select(*columns, writer.c.ended).where(writer.c.id.in_(list(ids)))
    return {
        row.id: WriterRow(
            row.id, row.task_id, row.execution, Position(row.segment, row.offset), json.loads(row.state),
            row.ended is not None,
        )
        for row in connection.execute(query)
    }  # fmt: skip


def close(tx: Transaction, ids: Iterable[str]) -> None:
    """Note that these writers will write no more, and forget what their readers had to remember."""
    ended = sa.func.coalesce(writer.c.ended, tx.now)
    tx.execute(sa.update(writer).where(writer.c.id.in_(list(ids))).values(ended=ended, state="{}"))


def aborts(connection: Executes, tasks: Collection[str]) -> list[Abort]:
    """Return which of these tasks somebody asked to abort, without those an agent looks after.

    Also those that are Aborted already, because nobody had heard of their script for long: it lives, so it is to go.
    """
    columns = (task.c.id, task.c.execution, task.c.abort_requested)
    status = task.c.status.in_((Status.RUNNING.value, Status.ABORTED.value))
    asked = sa.and_(task.c.abort_requested.is_not(None), status, task.c.worker == "")
    query = sa.select(*columns).where(task.c.id.in_(list(tasks)), asked)
    return [Abort(row.id, row.execution, row.abort_requested) for row in connection.execute(query)]


def withdraw(tx: Transaction, abort: Abort) -> None:
    """Take back an abort that nobody can carry out, and say so on the task: its script's own end decides."""
    running = sa.and_(task.c.status == Status.RUNNING.value, task.c.execution == abort.execution)
    columns = {"abort_requested": None, "abort_by": "", "status_reason": UNREACHED, "rev": tx.rev}
    if tx.execute(sa.update(task).where(task.c.id == abort.task, running).values(columns)).rowcount:
        transitions.note(tx, abort.task, "abort", Status.RUNNING, Status.RUNNING, UNREACHED, abort.execution)
