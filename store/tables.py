"""The tables of ``store.models`` as Core tables, for every statement that is not about one object.

Only names: what a column means stands with the model.
"""

from __future__ import annotations

import sqlalchemy as sa

from . import models


def _table(model: type[models.Table]) -> sa.Table:
    found: sa.Table = model.__table__  # type: ignore[attr-defined]
    return found


meta = _table(models.Meta)
project = _table(models.Project)
task = _table(models.Task)
task_code = _table(models.TaskCode)
parameter = _table(models.Parameter)
configuration = _table(models.Configuration)
task_tag = _table(models.TaskTag)
task_metric = _table(models.TaskMetric)
single_value = _table(models.SingleValue)
scalar_journal = _table(models.ScalarJournal)
scalar_chunk = _table(models.ScalarChunk)
console_journal = _table(models.ConsoleJournal)
console_chunk = _table(models.ConsoleChunk)
task_event = _table(models.TaskEvent)
tombstone = _table(models.Tombstone)
queue = _table(models.Queue)
queue_entry = _table(models.QueueEntry)
worker = _table(models.Worker)
writer = _table(models.Writer)
