"""What stands above a chart: its title, and its series with their values. Segments from records, nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.segment import Segment
from textual.strip import Strip

from store.records import MetricRow
from tui import format as form
from tui.charts import adapter
from tui.charts.decimate import Axis, Curve
from tui.look import Look

from .rows import sized

FIGURES = 8
"""Series whose figures a full chart shows."""


@dataclass(frozen=True)
class Chart:
    """A title and its series."""

    title: str
    metrics: tuple[MetricRow, ...]

    @property
    def version(self) -> tuple[tuple[int, int], ...]:
        """Changes whenever a point was added."""
        return tuple((m.number, m.n) for m in self.metrics)


@dataclass(frozen=True)
class Settings:
    """What the keys change."""

    axis: Axis = Axis.ITERATION
    log: bool = False
    smoothing: float = 0.0
    outliers: bool = True
    markers: bool = False


@dataclass
class Drawn:
    """A chart as it was drawn last; ``key`` tells what from."""

    key: object = None
    picture: adapter.Picture = field(default_factory=adapter.Picture)
    curves: tuple[Curve, ...] = ()


def grouped(metrics: Sequence[MetricRow]) -> list[Chart]:
    """Return the charts of metrics, one a title, in the order the titles came in."""
    titles = dict.fromkeys(m.title for m in metrics)
    return [Chart(title, tuple(m for m in metrics if m.title == title)) for title in titles]


def title(look: Look, chart: Chart, width: int, *, chosen: bool) -> list[Segment]:
    """Return the title line; the chosen chart is marked."""
    style = look.style("accent bold" if chosen else "bright bold")
    mark = (">" if look.ascii else "▸") + " " if chosen else "  "
    note = f"{len(chart.metrics)} series" if len(chart.metrics) > 4 else ""
    text = sized(chart.title.removeprefix(":monitor:"), width - 3 - len(note))
    return [Segment(mark, style), Segment(text, style), Segment(f" {note}", look.style("dim"))]


def short(look: Look, chart: Chart, values: Sequence[float | None], width: int, *, markers: bool) -> list[Segment]:
    """Return one line with every series and its value, as many as fit."""
    segments = [Segment("  ")]
    left = width - 2
    for number, (metric, value) in enumerate(zip(chart.metrics, values, strict=True)):
        name = "" if metric.series == chart.title and len(chart.metrics) == 1 else metric.series
        room = max(4, width // max(2, len(chart.metrics)) - 12)
        entry = _entry(look, number, metric, sized(name, min(len(name), room)), value, markers)
        taken = sum(segment.cell_length for segment in entry)
        if taken - 2 > left:
            segments.append(Segment(f"+{len(chart.metrics) - number}"[:left], look.style("dim")))
            break
        segments += entry
        left -= taken
    return list(Strip(segments).adjust_cell_length(width))


def _entry(look: Look, number: int, metric: MetricRow, name: str, value: float | None, markers: bool) -> list[Segment]:
    return [
        Segment(f"{mark(look, number, markers)} ", look.style(f"series{number}")),
        Segment(name + " " * bool(name), look.style("dim")),
        Segment(form.number(value) + "  ", look.style(_weight(metric))),
    ]


def figures(look: Look, chart: Chart, values: Sequence[float | None], line: int, width: int, *,
            markers: bool) -> list[Segment]:  # fmt: skip
    """Return the line of series number ``line`` with all its figures."""
    if line >= len(chart.metrics):
        return [Segment(" " * width)]
    metric, dim = chart.metrics[line], look.style("dim")
    wide = min(max(len(m.series) for m in chart.metrics), max(10, width // 4))
    segments = [
        Segment(f"  {mark(look, line, markers)} ", look.style(f"series{line}")),
        Segment(sized(metric.series, wide) + " ", look.style("")),
        Segment(f"{form.number(values[line]):>10}  ", look.style(_weight(metric))),
    ]
    for name, value in (("min", metric.min), ("max", metric.max), ("first", metric.first), ("last", metric.last)):
        segments += [Segment(f"{name} ", dim), Segment(f"{form.number(value):<10} ", look.style(""))]
    segments.append(Segment(f"{form.count(metric.n)} points", dim))
    if metric.nan_count:
        segments.append(Segment(f"  {metric.nan_count} NaN", look.style("red")))
    if line == FIGURES - 1 and len(chart.metrics) > FIGURES:
        segments.append(Segment(f"  and {len(chart.metrics) - FIGURES} more series", dim))
    return list(Strip(segments).adjust_cell_length(width))


def mark(look: Look, number: int, markers: bool) -> str:
    """Return the sign of a series: what its line is drawn with, where that tells it apart."""
    drawn = adapter.marker_of(number, ascii=look.ascii, distinct=markers or not look.colour)
    return "━" if drawn == adapter.BRAILLE else drawn


def _weight(metric: MetricRow) -> str:
    return "red bold" if math.isnan(metric.last) else "bright"
