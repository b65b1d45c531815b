"""The tables behind the models, for Core statements, and the one way to insert-or-update.

Hot paths and multi-row statements use Core over these; nothing here decides anything about states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from . import models

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def _table(model: type[models.Table]) -> sa.Table:
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, sa.Table)
    return table


meta = _table(models.Meta)
project = _table(models.Project)
task = _table(models.Task)
task_code = _table(models.TaskCode)
parameter = _table(models.Parameter)
configuration = _table(models.Configuration)
task_tag = _table(models.TaskTag)
task_metric = _table(models.TaskMetric)
single_value = _table(models.SingleValue)
plot = _table(models.Plot)
debug_sample = _table(models.DebugSample)
artifact = _table(models.Artifact)
model = _table(models.Model)
input_model = _table(models.InputModel)
scalar_journal = _table(models.ScalarJournal)
scalar_chunk = _table(models.ScalarChunk)
console_journal = _table(models.ConsoleJournal)
console_chunk = _table(models.ConsoleChunk)
task_event = _table(models.TaskEvent)
tombstone = _table(models.Tombstone)
queue = _table(models.Queue)
queue_entry = _table(models.QueueEntry)
worker = _table(models.Worker)
host = _table(models.Host)
writer = _table(models.Writer)

OUTPUTS = (
    scalar_journal, scalar_chunk, console_journal, console_chunk, task_metric, single_value, plot, debug_sample,
    artifact,
)  # fmt: skip
"""What a reset deletes; of the models, ``outputs.drop`` says which."""
INPUTS = (parameter, configuration, task_code, input_model)
"""What a clone copies and a reuse clears (tags are copied too, and survive a reuse)."""
OWNED = (*OUTPUTS, *INPUTS, task_tag, task_event, queue_entry)
"""Every table whose rows go with their task. Not ``writer``: late journals of a deleted task must still be taken in."""

OF_TASK: sa.BindParameter[str] = sa.bindparam("task")
"""In a statement that is built once: the id of the task that it is about."""


class Executes(Protocol):
    """A connection, or a write transaction."""

    def execute(self, statement: sa.Executable, parameters: Any = None, /) -> sa.CursorResult[Any]:
        """Execute a Core statement."""
        ...


def upsert(table: sa.Table, dialect: str, *, only: Sequence[str] | None = None) -> sa.Executable:
    """Return an INSERT that updates the row with the same key instead, for one dict or a list of dicts.

    Args:
        table: where to.
        dialect: ``connection.dialect.name``.
        only: the columns to update in an existing row (default: all but the key; none: leave it as it is).
    """
    keys = [column.name for column in table.primary_key]
    names = [c.name for c in table.columns if c.name not in keys] if only is None else list(only)
    insert = _insert(table, dialect)
    if not names:
        return insert.on_conflict_do_nothing()
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in names})


def _insert(table: sa.Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    if dialect == "postgresql":  # only where it is one: loading it costs a twentieth of a short command's time
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)
    from sqlalchemy.dialects.sqlite import insert as insert_here

    return insert_here(table)
