"""A chart's cell as rows of segments: the title, the series with their values, the picture with the value cursor."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from store.records import MetricRow
from tui import format as form
from tui.charts import adapter
from tui.charts.chart import Chart, Drawn, Settings
from tui.charts.readings import Readings, Spot
from tui.look import Look

from . import legend
from .rows import sized
from .values import UNREAD


def head_rows(chart: Chart, *, full: bool) -> int:
    """Return how many rows of the cell stand above the picture."""
    return 1 + (min(len(chart.metrics), legend.FIGURES) if full else 1)


@dataclass(frozen=True)
class Cell:
    """A chart in its cell.

    Attributes:
        look: how things are shown on this terminal.
        chart: what is shown.
        drawn: its picture.
        settings: how it is looked at.
        width: columns.
        full: it has the whole pane, and every series a line of figures.
        chosen: the keys go to it.
        readings: the values under the value cursor.
        spot: where it stands.
        pinned: it stands before the others.
    """

    look: Look
    chart: Chart
    drawn: Drawn
    settings: Settings
    width: int
    readings: Readings
    full: bool = False
    chosen: bool = False
    spot: Spot | None = None
    pinned: bool = False

    def row(self, line: int) -> list[Segment]:
        """Return a row of the cell."""
        if line == 0:
            return legend.title(self.look, self.chart, self.width, chosen=self.chosen, pinned=self.pinned)
        head = head_rows(self.chart, full=self.full)
        if line < head:
            return self._legend(line - 1)
        picture = self.drawn.picture
        if not picture.rows:
            return [Segment(sized(f"  {picture.why if line == head else ''}", self.width), self.look.style("dim"))]
        return self._picture(picture, line - head)

    def _legend(self, line: int) -> list[Segment]:
        markers, metrics = self.settings.markers, self.chart.metrics
        if self.full:
            entry = self.entry(line) if line < len(metrics) else legend.Entry(form.NONE)
            return legend.figures(self.look, self.chart, entry, line, self.width, markers=markers)
        shown = [self.entry(number) for number in range(min(len(metrics), legend.most(self.width)))]
        return legend.short(self.look, self.chart, shown, self.width, markers=markers)

    def entry(self, number: int) -> legend.Entry:
        """What is said of a series."""
        return legend.Entry(*self._value(self.chart.metrics[number]), self._twin(number))

    def _value(self, metric: MetricRow) -> tuple[str, str]:
        """The value under the cursor, and where it is if not there; without a cursor the last one."""
        if self.spot is None:
            return form.number(metric.last), ""
        found = self.readings.of(metric, self.spot)
        if found is None:
            return UNREAD, ""
        return form.number(found.value) or form.NONE, self.spot.elsewhere(found)

    def _twin(self, number: int) -> str:
        twin = self.drawn.twins[number] if number < len(self.drawn.twins) else None
        return "" if twin is None else self.chart.metrics[twin].series

    def _picture(self, picture: adapter.Picture, line: int) -> list[Segment]:
        if line >= len(picture.rows):
            return [Segment(" " * self.width)]
        drawn = Strip(Segment(run.text, self._role(run.role)) for run in picture.rows[line])
        strip = drawn.adjust_cell_length(self.width)  # it may be of another size still, and has neighbours
        if self.spot is None or line >= picture.area.height:
            return [*strip]
        column = picture.area.column(self.spot.at)
        return self._crossed(strip, column) if picture.area.left <= column < self.width else [*strip]

    def _crossed(self, strip: Strip, column: int) -> list[Segment]:
        at = strip.crop(column, column + 1)
        middle = at.apply_style(self.look.style("on cursor bold"))
        if not at.text.strip():
            middle = Strip([Segment("|" if self.look.ascii else "│", self.look.style("accent"))])
        return [*strip.crop(0, column), *middle, *strip.crop(column + 1, self.width)]

    def _role(self, role: int) -> Style:
        if role >= adapter.BEHIND:
            return self.look.style("dim")
        if role >= adapter.SERIES:
            return self.look.style(f"series{role - adapter.SERIES}")
        return self.look.style({adapter.BAD: "red bold", adapter.AXIS: "dim"}.get(role, ""))
