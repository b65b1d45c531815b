"""A task as JSON and as table rows: the promised shapes, in one place. Pure functions over ``store.records``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from store import clock
from store.clock import iso
from store.lifecycle import label
from store.records import CodeRow, MetricRow, SeriesKey, TaskDetail, TaskRow

from .output import Cell, Column
from .words import GLYPHS, age, number, percent, short


def task(row: TaskRow) -> dict[str, Any]:
    """Return a task as every verb prints it."""
    return {
        "id": row.id, "name": row.name, "project": row.project, "type": row.type, "status": row.status,
        "progress": row.progress, "tags": list(row.tags), "comment": row.comment, "created": iso(row.created),
        "started": iso(row.started), "completed": iso(row.completed), "last_iteration": row.last_iteration,
        "parent": row.parent, "user": row.user, "host": row.host, "queue": row.queue, "worker": row.worker,
        "archived": row.archived,
    }  # fmt: skip


def detail(found: TaskDetail) -> dict[str, Any]:
    """Return everything ``capture show`` knows of a task."""
    return task(found.row) | {
        "status_reason": found.row.status_reason,
        "status_by": found.status_by,
        "status_time": iso(found.status_time),
        "abort_requested": iso(found.abort_requested),
        "execution": found.execution,
        "iteration_offset": found.iteration_offset,
        "lines": found.lines,
        "refused": found.refused,
        "dropped": found.dropped,
        "parameters": {
            p.key: {"value": p.value, "type": p.type, "description": p.description} for p in found.parameters
        },
        "configuration": found.configuration,
        "script": script(found.code),
        "packages": found.code.packages,
        "scalars": {series_name((m.title, m.series)): metric(m) for m in found.metrics},
        "single_values": found.single_values,
        "models": {"input": [], "output": []},
        "artifacts": {},
        "plots": [],
        "debug_samples": [],
        "environment": found.code.environment,
        "history": [
            {"time": iso(e.time), "action": e.action, "from": e.status_from, "to": e.status_to, "by": e.by,
             "reason": e.reason, "execution": e.execution}
            for e in found.events
        ],
    }  # fmt: skip


def script(code: CodeRow) -> dict[str, Any]:
    """Return how a task was run."""
    return {
        "repository": code.repository, "branch": code.branch, "commit": code.commit,
        "entry_point": code.entry_point, "working_dir": code.working_dir, "argv": code.argv,
        "diff": code.diff.decode("utf-8", "replace"), "binary": code.binary,
    }  # fmt: skip


def metric(row: MetricRow) -> dict[str, Any]:
    """Return a series' summary."""
    return {
        "last": row.last, "min": row.min, "max": row.max, "first": row.first, "n": row.n,
        "last_iteration": row.last_iteration, "nan_count": row.nan_count,
    }  # fmt: skip


def series_name(key: SeriesKey) -> str:
    """Return ``title/series``."""
    return f"{key[0]}/{key[1]}"


TASK_COLUMNS = (
    Column("ID"), Column("NAME", ratio=2), Column("STATUS"), Column("TYPE", on_terminal=False),
    Column("PROJECT", ratio=1), Column("PROGRESS", right=True), Column("ITER", right=True),
)  # fmt: skip
_LAST_COLUMNS = (Column("TAGS", ratio=1), Column("AGE", right=True))

_GLYPHS = {str(state): shown for state, shown in GLYPHS.items()}


def columns(metric_key: SeriesKey | None = None) -> list[Column]:
    """Return the columns of a task table, with one for the metric it is sorted by."""
    middle = [Column(series_name(metric_key), right=True)] if metric_key else []
    return [*TASK_COLUMNS, *middle, *_LAST_COLUMNS]


def rows(found: Iterable[TaskRow], metric_key: SeriesKey | None = None) -> Iterable[Sequence[str | Cell]]:
    """Yield the cells of a task table."""
    now = clock.now()
    for row in found:
        middle = [number(row.metric)] if metric_key else []
        yield [
            Cell(short(row.id), row.id), row.name, status(row.status), row.type, row.project, percent(row.progress),
            "" if row.last_iteration is None else str(row.last_iteration), *middle, ",".join(row.tags),
            Cell(age(now - row.created), iso(row.created) or ""),
        ]  # fmt: skip


def status(word: str) -> Cell:
    """Return a state with its glyph for terminals, its plain word for pipes."""
    glyph, style = _GLYPHS.get(word, ("?", ""))
    return Cell(f"{glyph} {label(word)}", word, style)
