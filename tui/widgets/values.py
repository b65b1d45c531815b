"""The charts' series as a table: last, lowest, highest, first value, and the one under the value cursor.

Rows from records, nothing else. What stands at a series' extreme has a sign before it, never a colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.segment import Segment

from store.records import MetricRow
from tui import format as form
from tui.charts.readings import Reading, Spot
from tui.look import Look

SIGNS = (("▾", "▴"), ("v", "^"))
"""What stands before the lowest and the highest value, and the same in ASCII."""
UNREAD = "…"
"""What stands for a value that is still being read."""
FIGURE = 11
"""Cells of a number and the gap before it."""
LEAST_NAME, GOOD_NAME = 20, 36
MOST_NAME = 60


class Series(NamedTuple):
    """A row: a series of a chart, by the chart's place."""

    chart: int
    metric: MetricRow
    name: str


class Values:
    """The rows of the table, the one under the cursor, and the first in sight."""

    def __init__(self) -> None:
        self.rows: list[Series] = []
        self.row = self.top = 0

    def fill(self, rows: Sequence[Series]) -> None:
        """Take other rows; the cursor stays on its series."""
        here = self.current
        self.rows = list(rows)
        keys = [(row.metric.number, row.name) for row in self.rows]
        if here is not None and (here.metric.number, here.name) in keys:
            self.row = keys.index((here.metric.number, here.name))
        self.row = min(self.row, max(0, len(self.rows) - 1))

    @property
    def current(self) -> Series | None:
        """The row under the cursor."""
        return self.rows[self.row] if self.row < len(self.rows) else None

    def choose(self, chart: int) -> None:
        """Go to the first series of a chart."""
        self.row = next((n for n, row in enumerate(self.rows) if row.chart == chart), self.row)

    def move(self, by: int) -> None:
        """Go to another row."""
        self.row = min(max(0, self.row + by), max(0, len(self.rows) - 1))

    def in_sight(self, height: int) -> list[Series]:
        """Return the rows that are shown, the one under the cursor among them."""
        self.top = min(max(self.top, self.row - height + 1), self.row, max(0, len(self.rows) - height))
        return self.rows[self.top : self.top + height]


@dataclass(frozen=True)
class Sheet:
    """How the table is laid out.

    Attributes:
        look: how things are shown on this terminal.
        width: columns.
        spot: where the value cursor stands.
        elsewhere: of some rows the value is an earlier one, and a column says where from.
    """

    look: Look
    width: int
    spot: Spot | None = None
    elsewhere: bool = False

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns, as many as fit beside the names."""
        main = (*(("at",) if self.spot else ()), *(("from",) if self.elsewhere else ()), "last", "min", "max", "first")
        more = max(0, (self.width - GOOD_NAME) // FIGURE - len(main))
        return (*main[: max(1, (self.width - LEAST_NAME) // FIGURE)], *("iteration", "points", "NaN")[:more])

    @property
    def name(self) -> int:
        """Cells of the names."""
        return min(MOST_NAME, max(0, self.width - FIGURE * len(self.titles)))

    def heading(self) -> list[Segment]:
        """Return the line above the rows."""
        low, high = SIGNS[self.look.ascii]
        dim = self.look.style("dim")
        said = [f"at {self.spot.name}" if title == "at" and self.spot else title for title in self.titles]
        told = form.fit(f"    {low} min  {high} max", self.name, ascii_only=self.look.ascii)
        return [Segment(told, dim), *(Segment(self._figure(text), dim) for text in said)]

    def row(self, series: Series, reading: Reading | None, *, style: str, pinned: bool) -> list[Segment]:
        """Return a series' row, with what was read under the value cursor, in ``style`` where the row is chosen."""
        metric = series.metric
        cells = [self._cell(metric, title, reading) for title in self.titles]
        mark = (">" if self.look.ascii else "▸") if style else " "
        name = f"{mark} {pin(self.look) if pinned else ' '} "
        name += form.fit(form.both_ends(form.one_line(series.name), self.name - 4, self.look.ascii), self.name - 4)
        return [Segment(name, self.look.style(style)),
                *(Segment(self._figure(text), self.look.style(role)) for text, role in cells)]  # fmt: skip

    def _figure(self, text: str) -> str:
        return form.fit(text, FIGURE, "right", self.look.ascii)

    def _cell(self, metric: MetricRow, title: str, reading: Reading | None) -> tuple[str, str]:
        if title == "from":
            return self.spot.elsewhere(reading) if self.spot and reading else "", "dim"
        if title == "at" and reading is None:
            return UNREAD, "dim"
        if title in ("iteration", "points"):
            return form.count(metric.last_iteration if title == "iteration" else metric.n), "dim"
        if title == "NaN":
            return str(metric.nan_count or ""), "red"
        shown = {"last": metric.last, "first": metric.first, "at": reading and reading.value}.get(title)
        if title in ("min", "max"):
            return form.number(metric.min if title == "min" else metric.max) or form.NONE, ""
        if shown is None:
            return form.NONE, "dim"
        if not math.isfinite(shown):
            return form.number(shown), "red bold"
        return self._sign(metric, shown) + form.number(shown), "bright" if title in ("at", "last") else ""

    def _sign(self, metric: MetricRow, value: float) -> str:
        if metric.min == metric.max or value not in (metric.min, metric.max):
            return ""
        return SIGNS[self.look.ascii][value == metric.max]


def pin(look: Look) -> str:
    """Return the sign of a pinned chart."""
    return "*" if look.ascii else "◆"
