"""The scalars tab: each series of all tasks in one chart, told apart by letter, by character and by colour.

The charts are those of a task's own screen, with the same keys; a series here is that of one task. A task without the
series keeps its place, so that a task has one colour in every chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from store.records import MONITOR, MetricRow
from store.text import natural
from tui import format as form
from tui.charts.chart import Chart, Settings, Sitting, Window
from tui.charts.decimate import Axis
from tui.charts.painter import Painter
from tui.columns import metric_name
from tui.export.series import Series
from tui.widgets import legend
from tui.widgets.chartcell import Cell, head_rows
from tui.widgets.scalars import Charts

from .base import ComparePane
from .lettered import lettered
from .source import STRIDE, Compared, CompareSource, Member

EMPTY = "No scalars yet. logger.report_scalar(title, series, value, iteration) draws them here."


def series_of(members: Sequence[Member]) -> list[MetricRow]:
    """Return a metric for each task and series: its title is that of the chart, its series the task."""
    found = [{(m.title, m.series): m for m in member.detail.metrics} for member in members]
    keys = {key for metrics in found for key in metrics if not key[0].startswith(MONITOR)}
    names = [f"{member.letter} {name}" for member, name in zip(members, _names(members), strict=True)]
    made: list[MetricRow] = []
    for key in sorted(keys, key=lambda key: (natural(key[0]), natural(key[1]))):
        for member, name, metrics in zip(members, names, found, strict=True):
            metric = metrics.get(key) or MetricRow(*key, 0, 0, 0, None, 0.0, None, None, 0, 0.0)
            number = member.serial * STRIDE + metric.number
            made.append(replace(metric, title=metric_name(key), series=name, number=number))
    return made


def _names(members: Sequence[Member]) -> list[str]:
    return form.labels([member.row.name for member in members], 400)


class Overlay(Painter):
    """Paints series of several tasks: each counts relative time from its own start, and has its letter."""

    def __init__(self, source: CompareSource) -> None:
        super().__init__(source)
        self._tasks = source

    async def paint(self, charts: Sequence[Chart], sitting: Sitting) -> list[Chart]:
        """Draw charts with their letters; return those that did not stand as they would be drawn."""
        painted = await super().paint(charts, sitting)
        for chart in painted:
            drawn = self.drawn(chart.title)
            drawn.picture = lettered(drawn.picture, [metric.series[0] for metric in chart.metrics])
        return painted

    def origin_of(self, metric: MetricRow, sitting: Sitting) -> float:
        """Return when the task of a series was started."""
        return self._tasks.member_of(metric.number).origin


@dataclass(frozen=True)
class Overlaid(Cell):
    """A chart's cell whose legend names tasks: by their letters alone where there is one line for it."""

    def _legend(self, line: int) -> list[Segment]:
        metrics = self.chart.metrics
        entries = [self._entry(number, metric) for number, metric in enumerate(metrics)]
        if not self.full:
            if sum(map(_cells, entries)) >= self.width:  # then of those that have the series alone
                entries = [entry for entry, metric in zip(entries, metrics, strict=True) if metric.n]
            return list(Strip([Segment(" "), *_joined(entries, self.width - 1)]).adjust_cell_length(self.width))
        rows = head_rows(self.chart, full=True) - 1
        across = -(-len(entries) // rows)
        cells = [
            Strip([Segment(" "), *entry]).adjust_cell_length(self.width // across) for entry in entries[line::rows]
        ]
        return list(Strip([segment for cell in cells for segment in cell]).adjust_cell_length(self.width))

    def _entry(self, number: int, metric: MetricRow) -> list[Segment]:
        """The sign of a task's line, its letter (in the full chart its name), whose line is the same, its value."""
        look, known = self.look, metric.n > 0
        told = self.entry(number)
        value = told.figure if known else form.NONE
        weight = "bright" if known else "dim"
        return [
            Segment(f"{legend.mark(look, number, self.settings.markers)} ", look.style(f"series{number}")),
            Segment(self._name(metric), look.style("normal" if known else "dim")),
            Segment(f"={told.twin[0]}" if told.twin else "  " if self.full else "", look.style("dim")),
            Segment(f"{value:>11}" if self.full else f" {value}  ", look.style(weight)),
        ]

    def _name(self, metric: MetricRow) -> str:
        if not self.full:
            return metric.series[0]
        room = self.width // -(-len(self.chart.metrics) // legend.FIGURES) - 18
        names = form.labels([other.series[2:] for other in self.chart.metrics], room - 2, self.look.ascii)
        name = names[self.chart.metrics.index(metric)]
        return form.fit(f"{metric.series[0]} {name}", min(max(map(cell_len, names)) + 2, room))


def _cells(entry: Sequence[Segment]) -> int:
    return sum(segment.cell_length for segment in entry)


def _joined(entries: Sequence[list[Segment]], width: int) -> list[Segment]:
    """As many entries as fit, and how many do not."""
    made: list[Segment] = []
    left = width
    for place, entry in enumerate(entries):
        size = _cells(entry)
        if size > left - (4 if place < len(entries) - 1 else 0):
            return [*made, Segment(f"+{len(entries) - place}")]
        made += entry
        left -= size
    return made


class Pane(Charts, ComparePane):
    """The charts of all tasks."""

    def __init__(self, source: CompareSource, *, id: str) -> None:
        Charts.__init__(self, source, EMPTY, id=id)
        self.painter = Overlay(source)
        self.settings = Settings(markers=True)
        self._tasks = source

    def take(self, compared: Compared) -> None:
        """Show their series."""
        self.show_metrics(series_of(compared.members), 0.0, compared.base.row.project)

    def name_of(self, metric: MetricRow) -> str:
        """The task's letter and the series."""
        return f"{metric.series[0]} {metric.title}"

    def series_of(self, metric: MetricRow) -> Series:
        """A series of one of the tasks."""
        member = self._tasks.member_of(metric.number)
        number, row = metric.number % STRIDE, member.row
        return Series(row.id, row.name, number, member.origin, metric.title, metric.series, member.letter)

    def _cell(self, index: int, width: int) -> Cell:
        cell = super()._cell(index, width)
        return Overlaid(**{name: getattr(cell, name) for name in cell.__dataclass_fields__})

    def _kept_reach(self, metric: MetricRow) -> Window | None:
        if not metric.n:
            return None
        if self.settings.axis is Axis.ITERATION:
            return super()._kept_reach(metric)
        origin = self._tasks.member_of(metric.number).origin
        offset = origin if self.settings.axis is Axis.RELATIVE else 0.0
        return origin - offset, metric.last_time - offset
