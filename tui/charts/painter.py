"""From series to pictures, off the event loop: reads the points of a chart as they are needed and has it drawn.

What was read and drawn is kept until its data, size or settings change. Imports no Textual.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from store.errors import StoreUnusable
from store.records import MetricRow
from tui.format import AWAY

from . import adapter, readings
from .cache import Kept
from .chart import Chart, Drawn, Settings, Window, twins
from .decimate import Axis, Course, Curve, curve

MOST_SERIES = 16
KEPT = 16_000
"""Buckets of courses that are kept, some 5 MB: a hundred zooms of one series, or all of a grid of charts."""


class Source(readings.Source, Protocol):
    """Where the points come from, already in buckets; runs off the event loop."""

    async def course(self, number: int, columns: int, said: Settings, window: Window | None) -> Course:
        """Return about ``columns`` buckets of a series, smoothed as is said, of the window only where there is one.

        Raises:
            StoreUnusable: it cannot be read now.
        """
        ...


@dataclass(frozen=True)
class Sitting:
    """What a picture depends on besides the chart: its size, how it is looked at, and the terminal."""

    width: int
    height: int
    settings: Settings
    window: Window | None
    origin: float
    ascii: bool
    colour: bool


class Painter:
    """Pictures of charts, by their titles. What cannot be read now stays as it was, as far as it was looked at so."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._drawn: dict[str, Drawn] = {}
        self._curves: dict[int, tuple[tuple[int, Sitting], Curve]] = {}
        self.kept: Kept[Course] = Kept(KEPT, lambda course: 1 + len(course.buckets))

    def __len__(self) -> int:
        return len(self._drawn)

    async def read(self, metric: MetricRow, sitting: Sitting) -> bool:
        """Have a series ready for ``curve_of`` without drawing it; return whether it was not."""
        before, key = self._curves.get(metric.number), (metric.n, sitting)
        try:
            self._curves[metric.number] = (key, await self._curve(metric, sitting))
        except StoreUnusable:
            if before is not None and before[0][1] != sitting:
                del self._curves[metric.number]
        return before is None or before[0] != key

    def curve_of(self, metric: MetricRow) -> Curve:
        """Return a series as it was read last; nothing, if it was not."""
        found = self._curves.get(metric.number)
        return found[1] if found else Curve()

    def drawn(self, title: str) -> Drawn:
        """Return what was drawn last; nothing, if nothing was."""
        return self._drawn.get(title) or Drawn()

    async def paint(self, chart: Chart, sitting: Sitting) -> bool:
        """Draw a chart unless it stands as it would be drawn; return whether it was."""
        drawn, key = self._drawn.setdefault(chart.title, Drawn()), (chart.version, sitting)
        if drawn.key == key:
            return False
        try:
            curves = [await self._curve(m, sitting) for m in chart.metrics[:MOST_SERIES]]
        except StoreUnusable:
            return self._leave_away(chart.title, sitting)
        said = sitting.settings
        plot = adapter.Plot(
            tuple(curves), said.axis, said.log, said.outliers,
            said.markers or (not sitting.colour and len(curves) > 1), sitting.ascii,
        )  # fmt: skip
        drawn.picture = await asyncio.to_thread(adapter.draw, plot, sitting.width, sitting.height)
        drawn.key, drawn.curves, drawn.twins = key, tuple(curves), twins(curves)
        return True

    def _leave_away(self, title: str, sitting: Sitting) -> bool:
        """Leave a chart that only misses its newest points; say of another (True) that it cannot be read."""
        key = self._drawn[title].key
        if key is not None and key[1] == sitting:
            return False
        self._drawn[title] = Drawn(picture=adapter.Picture(why=AWAY))
        return True

    async def _curve(self, metric: MetricRow, sitting: Sitting) -> Curve:
        axis, window, columns = sitting.settings.axis, sitting.window, max(20, sitting.width - 8)
        place = (
            metric.number,
            metric.n,
            sitting.origin,
            columns,
            axis is Axis.ITERATION,
            window,
            axis if window or sitting.settings.smoothing else None,
            sitting.settings.smoothing,
        )
        found = self.kept.find(place)
        if found is None:
            found = self.kept.put(place, await self._source.course(metric.number, columns, sitting.settings, window))
        return curve(found.buckets, axis, sitting.origin, columns, found.averages)
