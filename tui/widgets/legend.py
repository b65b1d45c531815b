"""What stands above a chart: its title, and its series with their values. Segments from records, nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from store.records import MONITOR, MetricRow
from tui import format as form
from tui.charts import adapter
from tui.charts.canvas import BRAILLE
from tui.charts.chart import Chart
from tui.charts.painter import MOST_SERIES
from tui.look import Look

from .rows import sized
from .values import pin

FIGURES = 8
"""Series whose figures a full chart shows."""
LEAST_NAME = 4
"""Cells a name is cut to before a series is left out."""


class Entry(NamedTuple):
    """What is said of a series: its value, where that is if not at the cursor, and the series that is the same."""

    value: str
    place: str = ""
    twin: str = ""

    @property
    def figure(self) -> str:
        """The value, with its place."""
        return f"{self.value}@{self.place}" if self.place else self.value

    def named(self, name: str) -> str:
        """Return the series' name, with its twin's."""
        return f"{name} = {self.twin}" if self.twin else name


def title(look: Look, chart: Chart, width: int, *, chosen: bool, pinned: bool) -> list[Segment]:
    """Return the title line; the chosen chart is marked, and a pinned one."""
    style = look.style("accent bold" if chosen else "bright bold")
    mark = (">" if look.ascii else "▸") + " " if chosen else "  "
    mark += f"{pin(look)} " if pinned else ""
    note = _counted(sum(metric.n > 0 for metric in chart.metrics))
    text = sized(chart.title.removeprefix(MONITOR), width - 1 - len(mark) - len(note))
    return [Segment(mark, style), Segment(text, style), Segment(f" {note}", look.style("dim"))]


def _counted(series: int) -> str:
    if series > MOST_SERIES:
        return f"{MOST_SERIES} of {series} series drawn"
    return f"{series} series" if series > 4 else ""


def short(look: Look, chart: Chart, entries: Sequence[Entry], width: int, *, markers: bool) -> list[Segment]:
    """Return one line with the series and their values: names give way first, then whole series, numbers never.

    ``entries`` are of the first series, as many as could have room (``most``).
    """
    every = len(chart.metrics)
    names = ["" if m.series == chart.title and every == 1 else entry.named(m.series)
             for m, entry in zip(chart.metrics, entries, strict=False)]  # fmt: skip
    numbers = [entry.figure for entry in entries]
    count, cap = _room(names, numbers, width - 2, every)
    segments = [Segment("  ")]
    for n, name in enumerate(_cut(names[:count], cap, look.ascii)):
        segments += [
            Segment(f"{mark(look, n, markers)} ", look.style(f"series{n}")),
            Segment(name + " " * bool(name), look.style("dim")),
            Segment(numbers[n] + "  ", look.style(_weight(chart.metrics[n]))),
        ]
    if count < every:
        segments.append(Segment(f"+{every - count}", look.style("dim")))
    return list(Strip(segments).adjust_cell_length(width))


def most(width: int) -> int:
    """Return how many series one line could name: each has a sign, a number, and a gap behind it."""
    return max(1, width // 6)


def _room(names: Sequence[str], numbers: Sequence[str], width: int, every: int) -> tuple[int, int]:
    """Return how many series fit, and into how many cells their names have to: no two may read alike then."""
    for count in range(len(names), 0, -1):
        left = (
            width
            - (len(f"+{every - count}") + 2 if count < every else 0)
            - sum(len(number) + 5 for number in numbers[:count])
            + 2
        )
        lengths = [cell_len(name) for name in names[:count]]
        for cap in range(max(lengths), min(LEAST_NAME, max(lengths)) - 1, -1):
            fits = sum(min(length, cap) for length in lengths) <= left
            if fits and len(set(_cut(names[:count], cap))) == len(set(names[:count])):
                return count, cap
    return min(1, len(names)), 0


def _cut(names: Sequence[str], cap: int, ascii_only: bool = False) -> list[str]:
    """Return names as they stand in a legend, in ``cap`` cells at most."""
    told = form.labels(names, cap, ascii_only)
    return [form.fit(name, min(cell_len(name), cap), ascii_only=ascii_only) for name in told]


def figures(look: Look, chart: Chart, entry: Entry, line: int, width: int, *, markers: bool) -> list[Segment]:
    """Return the line of series number ``line`` with its figures, as many as fit whole."""
    if line >= len(chart.metrics):
        return [Segment(" " * width)]
    metric = chart.metrics[line]
    wide = min(max(cell_len(m.series) for m in chart.metrics), max(10, width // 4))
    segments = [
        Segment(f"  {mark(look, line, markers)} ", look.style(f"series{line}")),
        Segment(sized(metric.series, wide) + " ", look.style("")),
        Segment(f"{entry.value:>10}  ", look.style(_weight(metric))),
    ]
    left = width - sum(segment.cell_length for segment in segments)
    for figure in _figures(look, chart, metric, line, entry):
        left -= sum(segment.cell_length for segment in figure)
        if left < 0:
            break
        segments += figure
    return list(Strip(segments).adjust_cell_length(width))


def _figures(look: Look, chart: Chart, metric: MetricRow, line: int, entry: Entry) -> Iterator[list[Segment]]:
    """What is said of a series, the most telling first."""
    dim = look.style("dim")
    if entry.place:
        yield [Segment("at ", dim), Segment(f"{entry.place}  ", look.style(""))]
    if line == FIGURES - 1 and len(chart.metrics) > FIGURES:
        yield [Segment(f"(and {len(chart.metrics) - FIGURES} more series)  ", dim)]
    if entry.twin:
        yield [Segment(f"= {form.fit(entry.twin, min(cell_len(entry.twin), 20))}  ", dim)]
    if metric.nan_count:
        yield [Segment(f"{metric.nan_count} NaN  ", look.style("red"))]
    for name, value in (("min", metric.min), ("max", metric.max), ("first", metric.first), ("last", metric.last)):
        yield [Segment(f"{name} ", dim), Segment(f"{form.number(value):<10} ", look.style(""))]
    yield [Segment(f"{form.count(metric.n)} points", dim)]


def mark(look: Look, number: int, markers: bool) -> str:
    """Return the sign of a series: what its line is drawn with, where that tells it apart."""
    drawn = adapter.marker_of(number, ascii=look.ascii, distinct=markers or not look.colour)
    return "━" if drawn == BRAILLE else drawn


def _weight(metric: MetricRow) -> str:
    return "red bold" if math.isnan(metric.last) else "bright"
