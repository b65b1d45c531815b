"""A task's share of one ingest transaction: collected over the batches, written with a few statements at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from . import outputs, plots, samples, tables, values
from .codec import Section, encode_flush, held
from .editing import action_on
from .engine import Transaction
from .errors import InvalidValue
from .intake import Lines, Piece, Prepared, Sampled, Summary, label, merge, number
from .lifecycle import Status, target
from .records import MONITOR, Event, Plot, SeriesKey
from .text import checked_name, storable
from .transitions import add_tags, remove_tags

log = logging.getLogger("labtop.store")
ROW_POINTS = 65536
"""Points of one journal row, at most: what compaction takes at a time."""
"""Titles that begin so are samples of the machine: their iterations are seconds and no iterations of the task."""
_COLUMNS = (
    "last_iteration", "last_seen", "lines", "refused", "dropped", "progress", "comment", "name", "iteration_offset",
)  # fmt: skip


@dataclass(slots=True)
class Gathered:
    """A task as this transaction found it, and what its batches add."""

    id: str
    status: str
    """Its state as this transaction found it: what came in together with an end was written before it."""
    execution: int
    closed_execution: int
    abort_requested: bool
    iteration_offset: int
    last_iteration: int | None
    last_seen: float | None
    lines: int
    refused: int
    dropped: int
    progress: float | None
    comment: str
    name: str
    late: bool = False
    """Whether the batch at hand comes after an end that its writer's own records did not lead to."""
    changed: bool = False
    summaries: dict[SeriesKey, Summary] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    blocks: list[Lines] = field(default_factory=list)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    configuration: dict[str, dict[str, Any]] = field(default_factory=dict)
    singles: dict[str, float | None] = field(default_factory=dict)
    plots: list[Plot] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, p: Prepared) -> None:
        """Add a batch's scalars, lines, plots and debug samples."""
        self.changed = True
        for key, summary in p.summaries.items():
            seen = self.summaries.get(key)
            self.summaries[key] = summary if seen is None else merge(seen, summary)
        self.pieces += p.pieces
        self.blocks += p.lines
        self.plots += p.plots
        self.samples += p.samples
        if p.newest is not None:
            self.last_seen = max(p.newest, self.last_seen or 0.0)


def load(tx: Transaction, ids: Iterable[str]) -> dict[str, Gathered]:
    """Read tasks, locked in the order of their ids (on PostgreSQL; SQLite has one writer anyway)."""
    t = tables.task.c
    names = ("id", "status", "execution", "closed_execution", *_COLUMNS)
    wanted = sa.select(t.abort_requested, *(t[name] for name in names)).where(t.id.in_(sorted(ids)))
    rows = tx.execute(wanted.order_by(t.id).with_for_update()).mappings()
    return {row["id"]: Gathered(**{**row, "abort_requested": row["abort_requested"] is not None}) for row in rows}


# --- events ---


def apply_events(tx: Transaction, task: Gathered, events: Iterable[Event]) -> None:
    """Apply what a batch's events say of the task; ``start`` and ``end`` are not among it."""
    for event in events:
        apply = _EVENTS.get(str(event.get("e")))
        if apply is None:
            continue
        try:
            apply(tx, task, event)
        except (InvalidValue, KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            # One record of a strange shape must not keep everybody's records out.
            task.refused += 1
            log.warning("refused a record of task %s: %s: %s", task.id, type(error).__name__, error)


def _refuses(task: Gathered, section: str) -> bool:
    """Whether an edit comes too late for the task's state; counted if so."""
    refused = task.late and target(action_on(section), Status(task.status)) is None
    task.refused += refused
    return refused


def _parameters(_: Transaction, task: Gathered, event: Event) -> None:
    for key, given in event["values"].items():
        texts = {name: str(given.get(name) or "") for name in ("type", "description")}
        value = given.get("value")
        row = values.row(task.id, label(str(key), 400), texts | {"value": "" if value is None else str(value)})
        if not _refuses(task, row["section"]):
            task.parameters[f"{row['section']}/{row['name']}"] = row


def _configuration(_: Transaction, task: Gathered, event: Event) -> None:
    texts = {name: storable(str(event.get(name) or "")) for name in ("name", "text", "type", "description")}
    texts["name"] = label(texts["name"], 400)
    if not _refuses(task, ""):
        task.configuration[texts["name"]] = {"task_id": task.id, **texts}


def _progress(_: Transaction, task: Gathered, event: Event) -> None:
    task.progress = number(event.get("value"))


def _comment(_: Transaction, task: Gathered, event: Event) -> None:
    task.comment = storable(str(event.get("text") or ""))


def _rename(_: Transaction, task: Gathered, event: Event) -> None:
    task.name = checked_name(event.get("name"))


def _tags(tx: Transaction, task: Gathered, event: Event) -> None:
    remove_tags(tx, task.id, map(str, event.get("remove") or ()))
    add_tags(tx, task.id, event.get("add") or ())


def _single(_: Transaction, task: Gathered, event: Event) -> None:
    task.singles[label(str(event["name"]))] = number(event.get("value"))


def _offset(_: Transaction, task: Gathered, event: Event) -> None:
    task.iteration_offset = held(int(event["value"]))


def _refused(_: Transaction, task: Gathered, event: Event) -> None:
    task.refused += int(event["count"])


def _dropped(_: Transaction, task: Gathered, event: Event) -> None:
    task.dropped += int(event["count"])


_EVENTS: dict[str, Callable[[Transaction, Gathered, Event], None]] = {
    "parameters": _parameters, "configuration": _configuration, "progress": _progress, "comment": _comment,
    "rename": _rename, "tags": _tags, "single": _single, "offset": _offset, "refused": _refused,
    "dropped": _dropped, "artifact": outputs.artifact, "model": outputs.model, "input_model": outputs.input_model,
}  # fmt: skip


# --- writing ---


def write_out(tx: Transaction, tasks: Iterable[Gathered], serial: Iterator[int], history: tuple[int, int]) -> None:
    """Write what the changed tasks have gathered, and start collecting anew.

    ``serial`` counts the transaction's journal rows; ``history`` are the iterations kept of each plot and each sample.
    """
    changed = [task for task in tasks if task.changed]
    if not changed:
        return
    numbers = _metrics(tx, changed)
    _upsert(tx, tables.scalar_journal, [row for task in changed for row in _flushes(tx.rev, task, numbers, serial)])
    _upsert(tx, tables.console_journal, [row for task in changed for row in _console(task)])
    _upsert(tx, tables.parameter, [row for task in changed for row in task.parameters.values()])
    _upsert(tx, tables.configuration, [row for task in changed for row in task.configuration.values()])
    singles = [{"task_id": t.id, "name": name, "value": v} for t in changed for name, v in t.singles.items()]
    _upsert(tx, tables.single_value, singles)
    plots.write(tx, [row for task in changed for row in _plots(task)], history[0])
    samples.write(tx, [found for task in changed for found in _samples(task, history[1])])
    outputs.write(tx, changed)
    _tasks(tx, changed)


def _upsert(tx: Transaction, table: sa.Table, rows: list[dict[str, Any]], only: list[str] | None = None) -> None:
    if rows:
        tx.execute(tables.upsert(table, tx.connection.dialect.name, only=only), rows)


def _tasks(tx: Transaction, changed: list[Gathered]) -> None:
    t = tables.task
    named: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in _COLUMNS}
    statement = sa.update(t).where(t.c.id == sa.bindparam("which")).values(named | {"rev": tx.rev})
    rows = [{"which": x.id} | {f"new_{name}": getattr(x, name) for name in _COLUMNS} for x in changed]
    tx.execute(statement, rows)
    for task in changed:
        task.changed = False
        lists = (task.pieces, task.blocks, task.plots, task.samples)
        files = (task.artifacts, task.models, task.inputs)
        for gathered in (*lists, *files, task.summaries, task.parameters, task.configuration, task.singles):
            gathered.clear()


def _plots(task: Gathered) -> Iterator[dict[str, Any]]:
    for plot in task.plots:
        yield {"task_id": task.id, **plot._asdict(), "iteration": _moved_on(task, plot.iteration)}


def _samples(task: Gathered, usual: int) -> Iterator[tuple[dict[str, Any], int]]:
    for row, history in task.samples:
        yield row | {"task_id": task.id, "iteration": _moved_on(task, row["iteration"])}, history or usual


def _moved_on(task: Gathered, reported: int) -> int:
    """Return an iteration of the task, its newest from now on: one reported without an iteration moves nothing."""
    iteration = held(reported + task.iteration_offset)
    if reported:
        task.last_iteration = max(iteration, task.last_iteration or 0)
    return iteration


def _console(task: Gathered) -> list[dict[str, Any]]:
    rows = []
    for block in task.blocks:
        rows.append({"task_id": task.id, "first_line": task.lines, "n": block.n, "data": block.block})
        task.lines += block.n
    return rows


_Numbers = dict[tuple[str, str, str], int]


def _metrics(tx: Transaction, changed: list[Gathered]) -> _Numbers:
    """Merge the summaries into ``task_metric`` and return the series' numbers."""
    m = tables.task_metric
    ids = [task.id for task in changed if task.summaries]
    found = tx.execute(sa.select(m).where(m.c.task_id.in_(ids))).mappings().all() if ids else []
    known = {(row["task_id"], row["title"], row["series"]): row for row in found}
    top: dict[str, int] = {}
    for row in found:
        top[row["task_id"]] = max(row["number"], top.get(row["task_id"], 0))
    rows = []
    for task in changed:
        for key, summary in task.summaries.items():
            old = known.get((task.id, *key))
            if old is None:
                top[task.id] = top.get(task.id, 0) + 1
            rows.append(_metric(task, key, summary, old, top[task.id]))
    _upsert(tx, m, rows, [c.name for c in m.columns if c.name not in _FIXED])
    return {(row["task_id"], row["title"], row["series"]): row["number"] for row in rows}


_FIXED = ("task_id", "title", "series", "number", "compacted")


def _metric(task: Gathered, key: SeriesKey, new: Summary, old: Any, number: int) -> dict[str, Any]:
    """Return the series' row, and move the task's last iteration on."""
    offset = task.iteration_offset
    if not key[0].startswith(MONITOR):
        reached = held(new.top_iteration + offset)
        task.last_iteration = reached if task.last_iteration is None else max(task.last_iteration, reached)
    total = _summary(new, offset)
    if old is not None:
        number, total = old["number"], merge(_of_row(old), total)
    return {
        "task_id": task.id, "title": key[0], "series": key[1], "number": number, "n": total.n,
        "nan_count": total.nan_count, "last": total.last, "first": total.first, "min": total.low, "max": total.high,
        "last_iteration": total.last_iteration, "min_iteration": total.low_at, "max_iteration": total.high_at,
        "last_time": total.last_time, "compacted": 0 if old is None else old["compacted"],
    }  # fmt: skip


def _summary(new: Summary, offset: int) -> Summary:
    if not offset:
        return new
    low_at, high_at = (None if at is None else held(at + offset) for at in (new.low_at, new.high_at))
    return Summary(
        new.n, new.nan_count, new.last, new.first, new.low, new.high, low_at, high_at,
        held(new.last_iteration + offset), held(new.top_iteration + offset), new.last_time,
    )  # fmt: skip


def _of_row(row: Any) -> Summary:
    return Summary(
        row["n"], row["nan_count"], row["last"], row["first"], row["min"], row["max"], row["min_iteration"],
        row["max_iteration"], row["last_iteration"], row["last_iteration"], row["last_time"],
    )  # fmt: skip


def _flushes(rev: int, task: Gathered, numbers: _Numbers, serial: Iterator[int]) -> list[dict[str, Any]]:
    """Return the task's journal rows. Their keys grow with the revision and are not used again after a reset."""
    rows: list[dict[str, Any]] = []
    gathered: list[Section] = []
    held = 0
    for piece in [*task.pieces, None]:
        if gathered and (piece is None or held + piece.n > ROW_POINTS):
            data = encode_flush(gathered, task.iteration_offset)
            rows.append({"task_id": task.id, "seq": (rev << 20) + next(serial), "n": held, "data": data})
            gathered, held = [], 0
        if piece is not None:
            gathered.append(Section(numbers[task.id, *piece.key], piece.n, piece.block))
            held += piece.n
    return rows
