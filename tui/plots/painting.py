"""A chart over two axes as lines, points and bars on a board: of cells, or of a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from tui.charts.adapter import SERIES
from tui.charts.canvas import Board
from tui.charts.clip import clipped

from . import outlines
from .figure import Chart, Series
from .scale import Scale, gap, scale_of


class Plotted(Board, Protocol):
    """A board with bars."""

    def bar(self, start: float, stop: float, base: float, tip: float, role: int) -> None:
        """Fill from ``start`` to ``stop`` of the width and from ``base`` to ``tip`` of the height."""
        ...


def scales(chart: Chart) -> tuple[Scale, Scale] | None:
    """Return the axes that all series fit on; None without a value that has a place on them."""
    x = scale_of(chart.x, chart.series, across=True)
    y = scale_of(chart.y, chart.series, across=False, base=any(s.kind == "bar" for s in chart.series) or None,
               stacked=chart.stacked)  # fmt: skip
    return None if x is None or y is None else (x, y)


def paint(chart: Chart, x: Scale, y: Scale, board: Plotted, marker: Callable[[int, str], str], wide: int) -> None:
    """Paint all series, bars beneath the others, boxes and violins beneath lines and points.

    Args:
        chart: the series.
        x: where they lie along.
        y: where they lie up.
        board: what they are painted on.
        marker: returns what a series of a kind is drawn with.
        wide: the width of the board in what can be seen apart.
    """
    _bars(chart, [(n, s) for n, s in enumerate(chart.series) if s.kind == "bar"], x, y, board, wide)
    boxed = [(n, s.spreads) for n, s in enumerate(chart.series) if s.spreads is not None]
    outlines.paint(boxed, x, y, board, marker, wide)
    for n, series in enumerate(chart.series):
        if series.kind == "bar" or series.spreads is not None:
            continue
        xs = [x.place(at) for at, _ in zip(series.x, series.y, strict=False)]
        ys = [y.place(at) for _, at in zip(series.x, series.y, strict=False)]
        if "lines" in series.kind:
            along, up = clipped(xs, ys, x.range, y.range)
            board.stroke([x.part(at) for at in along], [y.part(at) for at in up], SERIES + n, marker(n, series.kind))
        if "markers" in series.kind:
            board.points([x.part(at) for at in xs], [y.part(at) for at in ys], SERIES + n, marker(n, series.kind))


def _bars(chart: Chart, bars: Sequence[tuple[int, Series]], x: Scale, y: Scale, board: Plotted, wide: int) -> None:
    places = sorted({place for _, s in bars for v in s.x if math.isfinite(place := x.place(v))})
    room = gap(places) * (0.8 if len(places) * 5 <= wide else 1.0)  # no room for a gap: none at all
    each = room if chart.stacked else room / max(1, len(bars))
    ends: dict[tuple[float, bool], float] = {}
    for order, (n, series) in enumerate(bars):
        for at, given in zip(series.x, series.y, strict=False):
            middle, size = x.place(at), size_of(given)
            if not (math.isfinite(middle) and math.isfinite(size)):
                continue
            start = middle - room / 2 + (0 if chart.stacked else order * each)
            base = ends.get((middle, size > 0), 0.0) if chart.stacked else 0.0
            ends[middle, size > 0] = base + size
            low, high = (y.part(y.lowest(end)) for end in (base, base + size))
            board.bar(x.part(start), x.part(start + each), low, high, SERIES + n)


def size_of(value: float | str) -> float:
    """Return how long a bar is; a text is NaN."""
    return math.nan if isinstance(value, str) else value
