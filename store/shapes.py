"""A task as JSON: the promised shapes, in one place, for commands and the dashboard.

Pure functions over ``store.records``; standard library only. Nothing here asks the store.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from .clock import iso
from .output_records import ArtifactRow, ModelRow
from .records import CodeRow, MetricRow, PlotRow, SeriesKey, TaskDetail, TaskRow
from .sample_records import SampleRow


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
        "models": {mode: [model(row) for row in found.models if row.mode == mode] for mode in ("input", "output")},
        "artifacts": {row.name: artifact(row) for row in found.artifacts},
        "plots": [plot(row) for row in found.plots],
        "debug_samples": [sample(row) for row in found.samples],
        "environment": found.code.environment,
        "history": [
            {"time": iso(e.time), "action": e.action, "from": e.status_from, "to": e.status_to, "by": e.by,
             "reason": e.reason, "execution": e.execution}
            for e in found.events
        ],
        "baseline_of": found.baseline_of,
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


def plot(row: PlotRow) -> dict[str, Any]:
    """Return a plot without its figures."""
    return {
        "title": row.title, "series": row.series, "type": row.types, "iteration": row.iterations[-1],
        "iterations": list(row.iterations), "time": iso(row.time),
    }  # fmt: skip


def artifact(row: ArtifactRow) -> dict[str, Any]:
    """Return an artifact."""
    return {
        "type": row.type, "url": row.uri, "size": row.size, "hash": row.hash, "time": iso(row.time),
        "content_type": row.content_type, "metadata": row.metadata,
    }  # fmt: skip


def model(row: ModelRow) -> dict[str, Any]:
    """Return a model."""
    return {
        "id": row.id, "name": row.name, "framework": row.framework, "url": row.uri, "size": row.size, "hash": row.hash,
        "iteration": row.iteration, "labels": row.labels, "comment": row.comment, "tags": list(row.tags),
        "published": row.published, "task": row.task, "created": iso(row.created), "time": iso(row.time),
    }  # fmt: skip


def sample(row: SampleRow) -> dict[str, Any]:
    """Return a debug sample; what its file is, is said of the newest."""
    return {
        "title": row.title, "series": row.series, "type": row.kind, "iteration": row.iterations[-1],
        "iterations": list(row.iterations), "time": iso(row.time), "url": row.url, "size": row.size,
        "width": row.width, "height": row.height,
    }  # fmt: skip


def series_name(key: SeriesKey) -> str:
    """Return ``title/series``."""
    return f"{key[0]}/{key[1]}"


def command_line(code: CodeRow, argv: Sequence[str]) -> str:
    """Return what starts the script in a shell: folder, interpreter, script, arguments; empty if not known."""
    if not code.entry_point:
        return ""
    entry = shlex.split(code.entry_point) if code.entry_point.startswith("-m ") else [code.entry_point]
    line = shlex.join([code.binary or "python", *entry, *argv])
    return f"cd {shlex.quote(code.working_dir)} && {line}" if code.working_dir else line


def plain_numbers(value: Any) -> Any:
    """Return ``value`` with NaN and infinities as the strings "NaN", "Infinity" and "-Infinity", at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _word(value)
    if isinstance(value, Mapping):
        return {str(key): plain_numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_numbers(item) for item in value]
    return value


def _word(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def as_json(value: Any, indent: int | None = None) -> str:
    """Return JSON that every parser reads and no terminal acts on (only ASCII, no controls)."""
    return json.dumps(plain_numbers(value), indent=indent, allow_nan=False).replace("\x7f", "\\u007f")
