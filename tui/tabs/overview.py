"""The first tab: what a person wants to know of a task in two seconds, as rows.

Why it ended, when, with which values; a line of each main metric; the end of the console.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from store import clock
from store.lifecycle import FINAL
from store.records import MONITOR, ConsoleLine, MetricRow, TaskDetail
from tui import format as form
from tui.columns import ran
from tui.spark import sparkline
from tui.task_data import Glance, TaskSource, glance_of
from tui.widgets import ansi, rows
from tui.widgets.lines import Row, shown

from .base import PRINTED_NOTHING, TextTab

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

METRICS = 8
"""Metrics with a sparkline at most; the rest is on the scalars tab."""
LEAST_METRICS, LEAST_CONSOLE = 4, 4
"""What a small pane shows of both."""
WAITING = "Nothing printed yet. What the script prints comes up here and on tab 4."
CONSOLE = 60
"""Console lines read at most."""
SPARK_PACE = 2.0
"""Least seconds between two readings of a Running task's sparklines; each reads a bit of every main metric."""


def build(detail: TaskDetail, sparks: Mapping[int, Sequence[float]], tail: Sequence[ConsoleLine], width: int,
          height: int, *, ascii_only: bool = False) -> list[Row]:  # fmt: skip
    """Return the rows for a pane of a size; the console gets the room that is left.

    Args:
        detail: the task.
        sparks: metric number -> values for its sparkline.
        tail: the last console lines.
        width: columns.
        height: rows of the pane.
        ascii_only: no block characters.
    """
    if detail.row.status in ("failed", "aborted") and tail:
        return _post_mortem(detail, sparks, tail, width, height, ascii_only)
    made = [*_why(detail, width), *_facts(detail, width), *_singles(detail, width)]
    left = height - len(made) - LEAST_CONSOLE - 3
    made += _metrics(detail, sparks, width, ascii_only, max(LEAST_METRICS, left))
    return [*made, *_console(detail, tail, max(LEAST_CONSOLE, height - len(made) - 1))]


def _post_mortem(detail: TaskDetail, sparks: Mapping[int, Sequence[float]], tail: Sequence[ConsoleLine], width: int,
                 height: int, ascii_only: bool) -> list[Row]:  # fmt: skip
    """What it printed last says why it died: that comes first, the rest below it."""
    why, facts = _why(detail, width), _facts(detail, width)
    room = max(LEAST_CONSOLE, height - len(why) - len(facts) - 2)
    rest = [*_singles(detail, width), *_metrics(detail, sparks, width, ascii_only, METRICS)]
    return [*why, *_console(detail, tail, min(room, 12)), rows.BLANK, *facts, *rest]


def _why(detail: TaskDetail, width: int) -> list[Row]:
    row = detail.row
    if not row.status_reason and detail.abort_requested is None:
        return []
    if detail.abort_requested is not None and row.status == "running":
        return [(("Abort requested; waiting for the script to end.", "yellow"),), rows.BLANK]
    return [*rows.wrapped(row.status.capitalize(), row.status_reason, width, row.status), rows.BLANK]


def _facts(detail: TaskDetail, width: int) -> list[Row]:
    row = detail.row
    left = rows.fields([
        ("type", row.type), ("user", f"{row.user}@{row.host}" if row.host else row.user), ("worker", row.worker),
        ("queue", row.queue if row.status == "pending" else ""), ("parent", form.short_id(row.parent or "")),
        ("refused", _lost(detail.refused, "value")), ("dropped", _lost(detail.dropped, "record")),
    ])  # fmt: skip
    right = rows.fields([
        ("created", form.local_time(row.created)), ("started", form.local_time(row.started)),
        ("ended", form.local_time(row.completed)), ("run time", ran(row, clock.now())),
        ("execution", f"#{detail.execution}" if detail.execution > 1 else ""),
    ])  # fmt: skip
    pairs = _beside(left, right, width)
    tags = [(("tags".ljust(rows.LABEL), "dim"), shown("  ".join(row.tags), "accent"))] if row.tags else []
    pinned = rows.wrapped("baseline of", ", ".join(detail.baseline_of), width) if detail.baseline_of else []
    comment = rows.wrapped("comment", row.comment, width, "bright") if row.comment else []
    return [*comment, *tags, *pinned, *pairs, rows.BLANK]


def _lost(count: int, what: str) -> str:
    return f"{form.counted(count, what)} not kept" if count else ""


def _beside(left: list[Row], right: list[Row], width: int) -> list[Row]:
    if width < 64:
        return [*left, *right]
    half = width // 2
    made: list[Row] = []
    for n in range(max(len(left), len(right))):
        start = left[n] if n < len(left) else ()
        room = half - rows.LABEL - 2
        cut = [(rows.sized(text, room) + "  " if i else text, role) for i, (text, role) in enumerate(start)]
        made.append((*(cut or [(" " * half, "")]), *(right[n] if n < len(right) else ())))
    return made


def _singles(detail: TaskDetail, width: int) -> list[Row]:
    if not detail.single_values:
        return []
    texts = [f"{name}  {form.number(value)}" for name, value in sorted(detail.single_values.items())]
    return [rows.heading("Values"), *rows.columns(texts, width, "bright"), rows.BLANK]


def main_metrics(metrics: Sequence[MetricRow]) -> list[MetricRow]:
    """Return the metrics of the overview: the script's own, none of the machine's."""
    return [m for m in metrics if not m.title.startswith(MONITOR)][:METRICS]


def _metrics(detail: TaskDetail, sparks: Mapping[int, Sequence[float]], width: int, ascii_only: bool,
             most: int) -> list[Row]:  # fmt: skip
    metrics = main_metrics(detail.metrics)[:most]
    if not metrics:
        return []
    names = [f"{m.title} {m.series}" if m.series != m.title else m.title for m in metrics]
    wide = min(max(map(len, names)), max(12, width // 4))
    every = [m for m in detail.metrics if not m.title.startswith(MONITOR)]
    more = f"{len(every) - len(metrics)} more on tab 5" if len(every) > len(metrics) else ""
    head = (("Scalars".ljust(wide + 2), "accent bold"), (f"{'last':>10}{'min':>12}{'max':>12}  {more}", "dim"))
    room = max(8, min(60, width - wide - 40))
    lines = [
        (*rows.cells([(name, wide, ""), (form.number(m.last), -10, "red bold" if math.isnan(m.last) else "bright bold"),
                      (form.number(m.min), -10, ""), (form.number(m.max), -10, "")]),
         (sparkline(sparks.get(m.number, ()), room, ascii_only), f"series{n}"))
        for n, (name, m) in enumerate(zip(names, metrics, strict=True))
    ]  # fmt: skip
    return [head, *lines, rows.BLANK]


def _console(detail: TaskDetail, tail: Sequence[ConsoleLine], room: int) -> list[Row]:
    if not tail:
        return [((PRINTED_NOTHING if detail.row.status in FINAL else WAITING, "dim"),)]
    title = rows.heading("Console", f"last of {detail.lines:,} lines" if detail.lines > room else "")
    return [title, *(ansi.parse(line.text) or rows.BLANK for line in tail[-room:])]


class Pane(TextTab):
    """The overview tab; beside the details it reads the console's end and a line of each main metric."""

    def __init__(self, source: TaskSource, *, id: str) -> None:
        super().__init__(source, id=id)
        self._glance = Glance()
        self._sparked = 0.0
        self._shown: tuple[TaskDetail, str] | None = None
        """What is shown, and how long it had run by then."""

    def beside(self, connection: Connection, detail: TaskDetail) -> Glance:
        """Read the console's end, and the metrics as often as they are worth it."""
        return glance_of(connection, self.source.task, self._due(detail), CONSOLE)

    async def look_closer(self, detail: TaskDetail, beside: object = None) -> None:
        """Take that in; read it, if it was not."""
        read = beside if isinstance(beside, Glance) else await self.source.glance(self._due(detail), CONSOLE)
        if read.sparks:
            self._sparked = time.monotonic()
        self._glance = read if read.sparks else Glance(read.tail, self._glance.sparks)

    def _due(self, detail: TaskDetail) -> list[int]:
        """Return the metrics whose lines are to be read."""
        early = detail.row.status == "running" and time.monotonic() - self._sparked < SPARK_PACE
        return [] if early else [metric.number for metric in main_metrics(detail.metrics)]

    def aged(self) -> None:
        """Show how long the task has run by now."""
        if self._shown is not None and ran(self._shown[0].row, clock.now()) != self._shown[1]:
            self.take(self._shown[0])

    def text_of(self, detail: TaskDetail) -> list[Row]:
        """Return what there is room for."""
        self._shown = detail, ran(detail.row, clock.now())
        sparks, tail = dict(self._glance.sparks), self._glance.tail
        return build(detail, sparks, tail, self.columns, self.height, ascii_only=self.look.ascii)
