"""From series to pictures, off the event loop: reads the points of a chart as they are needed and has it drawn.

What was read and drawn is kept until its data, size or settings change. Imports no Textual.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import Protocol

from store.errors import StoreUnusable
from store.records import MetricRow
from tui.format import AWAY

from . import adapter, readings
from .cache import Kept
from .chart import Chart, Drawn, Settings, Sitting, Window, twins
from .decimate import Axis, Course, Curve, curve

MOST_SERIES = 16
KEPT = 16_000
"""Buckets of courses that are kept, some 5 MB: a hundred zooms of one series, or all of a grid of charts."""
_NOTHING = Course([])
Place = tuple[object, ...]
"""Under what a course is kept: the series, how many points it has, and how it is read."""
Read = Callable[[Sequence[int], int, Settings, Window | None], Sequence[Course]]
"""``Source.courses`` for a thread that has a connection."""


class Source(readings.Source, Protocol):
    """Where the points come from, already in buckets; runs off the event loop."""

    async def courses(
        self, numbers: Sequence[int], columns: int, said: Settings, window: Window | None
    ) -> Sequence[Course]:
        """Return about ``columns`` buckets of each series, smoothed as is said, of the window only where there is one.

        Raises:
            StoreUnusable: it cannot be read now.
        """
        ...


class Painter:
    """Pictures of charts, by their titles. What cannot be read now stays as it was, as far as it was looked at so."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._drawn: dict[str, Drawn] = {}
        self._curves: dict[int, tuple[tuple[int, Sitting], Curve]] = {}
        self._sight: tuple[frozenset[int], Sitting] | None = None
        """The series that were asked for last, and how."""
        self.ahead = 0.0
        """Seconds that it took to read ahead what is drawn next."""
        self.kept: Kept[Course] = Kept(KEPT, lambda course: 1 + len(course.buckets))

    def __len__(self) -> int:
        return len(self._drawn)

    async def read(self, metric: MetricRow, sitting: Sitting) -> bool:
        """Have a series ready for ``curve_of`` without drawing it; return whether it was not."""
        before, key = self._curves.get(metric.number), (metric.n, sitting)
        try:
            [found] = await self._curves_of([metric], sitting)
        except StoreUnusable:
            if before is not None and before[0][1] != sitting:
                del self._curves[metric.number]
        else:
            self._curves[metric.number] = (key, found)
        return before is None or before[0] != key

    def curve_of(self, metric: MetricRow) -> Curve:
        """Return a series as it was read last; nothing, if it was not."""
        found = self._curves.get(metric.number)
        return found[1] if found else Curve()

    def drawn(self, title: str) -> Drawn:
        """Return what was drawn last; nothing, if nothing was."""
        return self._drawn.get(title) or Drawn()

    async def paint(self, charts: Sequence[Chart], sitting: Sitting) -> list[Chart]:
        """Draw charts, in one question to the store; return those that did not stand as they would be drawn."""
        self._sight = frozenset(metric.number for chart in charts for metric in chart.metrics[:MOST_SERIES]), sitting
        due = [chart for chart in charts if self.drawn(chart.title).key != (chart.version, sitting)]
        if not due:
            return []
        series = [chart.metrics[:MOST_SERIES] for chart in due]
        try:
            curves = iter(await self._curves_of(list(chain(*series)), sitting))
        except StoreUnusable:
            return await self._without_reading(due, sitting)
        await self._draw(due, [tuple(islice(curves, len(metrics))) for metrics in series], sitting)
        return due

    async def _draw(
        self, charts: Sequence[Chart], curves: Sequence[tuple[Curve, ...]], sitting: Sitting, *, read: bool = True
    ) -> None:
        """Draw charts; what was not read for this is drawn once more when it can be."""
        pictures = await asyncio.to_thread(self._pictures, curves, sitting)
        for chart, shown, picture in zip(charts, curves, pictures, strict=True):
            key = (chart.version if read else None, sitting)
            self._drawn[chart.title] = Drawn(key, picture, shown, twins(shown))

    async def _without_reading(self, due: Sequence[Chart], sitting: Sitting) -> list[Chart]:
        """Draw charts as far as they were read before; return those that look different.

        One that only misses its newest points stays, one in another size or on another scale is drawn from what is
        known, and of any other it is said that it cannot be read now.
        """
        before = {chart.title: key[1] for chart in due if (key := self.drawn(chart.title).key) is not None}
        changed = [chart for chart in due if before.get(chart.title) != sitting]
        known = [chart for chart in changed if chart.title in before and before[chart.title].reads_as(sitting)]
        if known:
            await self._draw(known, [self.drawn(chart.title).curves for chart in known], sitting, read=False)
        for chart in changed:
            if chart not in known:
                self._drawn[chart.title] = Drawn(picture=adapter.Picture(why=AWAY))
        return changed

    def _pictures(self, drawn: Sequence[tuple[Curve, ...]], sitting: Sitting) -> list[adapter.Picture]:
        said = sitting.settings
        plots = [
            adapter.Plot(
                curves, said.axis, said.log, said.outliers,
                said.markers or (not sitting.colour and len(curves) > 1), sitting.ascii,
            )
            for curves in drawn
        ]  # fmt: skip
        return [adapter.draw(plot, sitting.width, sitting.height) for plot in plots]

    def read_ahead(self, metrics: Iterable[MetricRow], read: Read) -> None:
        """Have what was asked for last ready as it is by now; runs in the thread that found out about the change."""
        if self._sight is None:
            return
        started = time.monotonic()
        numbers, sitting = self._sight
        wanted = {self._place(metric, sitting): metric for metric in metrics if metric.number in numbers and metric.n}
        missing = {place: metric.number for place, metric in wanted.items() if self.kept.find(place) is None}
        if missing:
            found = read([*missing.values()], _columns(sitting), sitting.settings, sitting.window)
            for place, course in zip(missing, found, strict=True):
                self.kept.put(place, course)
        self.ahead += time.monotonic() - started

    async def _curves_of(self, metrics: Sequence[MetricRow], sitting: Sitting) -> list[Curve]:
        """Return series as they are drawn; what of them is not known is read at once."""
        said, columns = sitting.settings, _columns(sitting)
        places = [self._place(metric, sitting) for metric in metrics]
        found = [self.kept.find(place) if metric.n else _NOTHING for metric, place in zip(metrics, places, strict=True)]
        missing = [metric.number for metric, course in zip(metrics, found, strict=True) if course is None]
        read = iter(await self._source.courses(missing, columns, said, sitting.window) if missing else ())
        courses = [
            self.kept.put(place, next(read)) if course is None else course
            for place, course in zip(places, found, strict=True)
        ]
        return [
            curve(course.buckets, said.axis, self.origin_of(metric, sitting), columns, course.averages)
            for metric, course in zip(metrics, courses, strict=True)
        ]

    def _place(self, metric: MetricRow, sitting: Sitting) -> Place:
        axis, smoothing = sitting.settings.axis, sitting.settings.smoothing
        along = axis if sitting.window or smoothing else None
        origin = self.origin_of(metric, sitting)
        return (
            metric.number,
            metric.n,
            origin,
            _columns(sitting),
            axis is Axis.ITERATION,
            sitting.window,
            along,
            smoothing,
        )

    def origin_of(self, metric: MetricRow, sitting: Sitting) -> float:
        """Return when the task of a series was started."""
        return sitting.origin


def _columns(sitting: Sitting) -> int:
    """Return about how many buckets a picture is drawn of."""
    return max(20, sitting.width - 8)
