"""Taking journals in: batches of many writers become rows, in ONE write transaction.

Moving a writer's position is a compare-and-swap in the same transaction as its data, so a record counts exactly once
however many recorders there are. Everything that takes time is done before the transaction (``store.intake``); what
the states allow is decided by ``store.transitions``.
"""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from . import outputs, samples, tables
from .engine import Store, Transaction
from .figures import HISTORY
from .gathered import Gathered, apply_events, load, write_out
from .intake import Prepared, prepare
from .lifecycle import ENDED, Status
from .records import Batch, Taken
from .starting import begin
from .transitions import finish

log = logging.getLogger("labtop.store")
STORED, DROPPED, LOST = "stored", "dropped", "lost"

_W = tables.writer.c
_MOVE = (
    sa.update(tables.writer)
    .where(
        _W.id == sa.bindparam("writer_id"),
        _W.segment == sa.bindparam("old_segment"),
        _W.offset == sa.bindparam("old_offset"),
    )
    .values(
        {
            "segment": sa.bindparam("new_segment"),
            _W.offset: sa.bindparam("new_offset"),
            "state": sa.bindparam("new_state"),
        }
    )
)
"""The compare-and-swap, built once: building it for each of 64 writers took half of a busy tick."""


def ingest(
    store: Store, batches: Sequence[Batch], by: str, history: int = HISTORY, sampled: int = samples.HISTORY
) -> list[Taken]:
    """Take in batches, in their order, and say what became of each.

    Args:
        store: where to.
        batches: what each writer's journal gained; those of one writer follow each other.
        by: ``user@host`` for the tasks' history.
        history: iterations of each plot that are kept.
        sampled: iterations of each debug sample that are kept, where its script does not say.

    Returns:
        One ``Taken`` a batch. ``task`` is the task the records went to, which for a task that could not be reused or
        continued is the fallback of the ``start`` event.
    """
    if not batches:
        return []
    prepared = [prepare(batch, samples.keep(store.location.folder, batch)) for batch in batches]
    with store.write(by) as tx:
        return _Ingest(tx, prepared, (history, sampled)).run()


class _Ingest:
    """One transaction's state: the writers and the tasks it has met."""

    def __init__(self, tx: Transaction, prepared: list[Prepared], history: tuple[int, int]) -> None:
        self.tx = tx
        self.prepared = prepared
        self.history = history
        self.serial = itertools.count()
        self.writers: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, Gathered] = {}

    def run(self) -> list[Taken]:
        ids = [p.batch.writer for p in self.prepared]
        w = tables.writer
        rows = self.tx.execute(sa.select(w).where(w.c.id.in_(ids))).mappings()
        self.writers = {row["id"]: dict(row) for row in rows}
        self.tasks = load(
            self.tx, {p.batch.task for p in self.prepared} | {r["task_id"] for r in self.writers.values()}
        )
        taken = [self._take(p) for p in self.prepared]
        write_out(self.tx, self.tasks.values(), self.serial, self.history)
        return taken

    def _take(self, p: Prepared) -> Taken:
        batch = p.batch
        if not self._claim(batch):
            return Taken(batch.writer, batch.task, batch.execution, LOST)
        writer = self.writers[batch.writer]
        self._begin(batch, writer)
        task = self.tasks.get(writer["task_id"])
        if task is None or writer["execution"] <= task.closed_execution or task.status == Status.PUBLISHED:
            return self._dropped(p, task, writer)
        task.add(p)
        # A script's own records were written before its end, even if somebody else's word of that came in first.
        task.late = task.status in ENDED and not (batch.primary and writer["ended"] is None)
        apply_events(self.tx, task, batch.events)
        self._end(batch, writer, task)
        return Taken(batch.writer, task.id, writer["execution"], STORED, task.abort_requested)

    def _claim(self, batch: Batch) -> bool:
        """Move the writer's position from the batch's old one to its new one; False if it was not there."""
        state = json.dumps(batch.state)
        known = self.writers.get(batch.writer)
        if known is None:
            return self._first_claim(batch, state)
        values = {
            "writer_id": batch.writer, "old_segment": batch.old.segment, "old_offset": batch.old.offset,
            "new_segment": batch.new.segment, "new_offset": batch.new.offset, "new_state": state,
        }  # fmt: skip
        return self.tx.execute(_MOVE, values).rowcount == 1

    def _first_claim(self, batch: Batch, state: str) -> bool:
        task = self.tasks.get(batch.task)
        row = {
            "id": batch.writer, "task_id": batch.task, "execution": batch.execution or (task.execution if task else 0),
            "host": batch.host, "is_primary": batch.primary, "segment": batch.new.segment,
            "offset": batch.new.offset, "state": state, "started": self.tx.now, "ended": None,
        }  # fmt: skip
        insert = tables.upsert(tables.writer, self.tx.connection.dialect.name, only=())
        insert = insert.execution_options(preserve_rowcount=True)
        self.writers[batch.writer] = row
        return self.tx.execute(insert, row).rowcount == 1

    def _begin(self, batch: Batch, writer: dict[str, Any]) -> None:
        """Do what a ``start`` event asks, and note in the writer's row which task and execution it writes from now."""
        event = next((event for event in batch.events if event.get("e") == "start"), None)
        if event is None:
            return
        write_out(self.tx, self.tasks.values(), self.serial, self.history)
        task_id, execution = begin(self.tx, event)
        known = self.tasks.get(task_id)
        self.tasks |= load(self.tx, {task_id})
        if known is not None and known.execution == execution:
            self.tasks[task_id].status = known.status
        writer |= {"task_id": task_id, "execution": execution, "ended": None}
        self._update(writer)

    def _end(self, batch: Batch, writer: dict[str, Any], task: Gathered) -> None:
        """End the execution if the batch says how; ``exit`` is left to the recorder, who learns the code later."""
        for event in batch.events:
            if event.get("e") != "end" or event.get("status") not in _ENDS:
                continue
            at = float(event.get("time") or self.tx.now)
            writer["ended"] = at
            self._update(writer)
            if batch.primary:
                status, reason = Status(event["status"]), str(event.get("reason") or "")
                finish(self.tx, task.id, writer["execution"], status, reason, at)

    def _update(self, writer: dict[str, Any]) -> None:
        values = {name: writer[name] for name in ("task_id", "execution", "ended")}
        self.tx.execute(sa.update(tables.writer).where(tables.writer.c.id == writer["id"]).values(values))

    def _dropped(self, p: Prepared, task: Gathered | None, writer: dict[str, Any]) -> Taken:
        """A reset, a deletion or ``publish`` came first: the position has moved, the records are only counted."""
        if task is not None:
            task.dropped += p.batch.records
            task.changed = task.changed or p.batch.records > 0
        outputs.late(self.tx, p.batch.events)
        self.tx.gone += [row["url"] for row, _ in p.samples]
        log.info("dropped %d records of writer %s: their execution is over", p.batch.records, p.batch.writer)
        return Taken(p.batch.writer, writer["task_id"], writer["execution"], DROPPED)


_ENDS = (Status.COMPLETED, Status.FAILED, Status.ABORTED)
