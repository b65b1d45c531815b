"""Charts as they stand in a pane, live: a grid with one chart a title, one of them over all of it, or their values.

Only what is in sight is read and drawn, off the event loop; what was drawn is kept until its data, size or settings
change. What the keys do to it is ``widgets.scalars``'.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from store.records import MONITOR, MetricRow
from tui.charts.adapter import Picture
from tui.charts.chart import Chart, Settings, Sitting, Window, grouped, pinned_first
from tui.charts.painter import MOST_SERIES, Painter, Source
from tui.charts.readings import Readings, Spot
from tui.columns import metric_name
from tui.later import later

from .bar import labtop_of
from .chartcell import Cell, head_rows
from .grid import GAP, Grid, fitted
from .pane import Pane
from .values import Series, Sheet, Values

SLOWEST = 1.0
"""Seconds after which new points are drawn at the latest."""
MOMENT = 0.1
"""Seconds that what stands around the charts waits for them."""


class ChartGrid(Pane):
    """The grid. ``show_metrics`` says what there is; everything else it gets from its source."""

    DEFAULT_CSS = "ChartGrid { height: 1fr; width: 1fr; }"

    def __init__(self, source: Source, blank: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter, self.readings = Painter(source), Readings(source)
        self.values = Values()
        self.listed = False
        """Whether the table of values stands in the place of the charts."""
        self.blank = blank
        self.charts: list[Chart] = []
        self._every: Sequence[Chart] = ()
        self.settings = Settings()
        self.chosen = 0
        self.full = False
        self.window: Window | None = None
        self.cursor: float | None = None
        self._top = 0
        self._origin = 0.0
        self._project = ""
        self._dirty = self._painting = self._waiting = False
        self._drawn = asyncio.Event()
        """Pictures of what was taken are there, about to be shown."""
        self._painted = self._cost = 0.0

    # -- data -----------------------------------------------------------------------------------------------------

    def show_metrics(self, metrics: Sequence[MetricRow], origin: float, project: str) -> None:
        """Show these series; ``origin`` is the task's start, ``project`` the one whose pinned charts stand first."""
        self._project = project
        every, titles = grouped(metrics), [chart.title for chart in self._every]
        if (every, origin) == (self._every, self._origin):
            return
        if self.listed or [chart.title for chart in every] != titles:
            self.refresh()
        if origin != self._origin:  # another execution: what was looked at in the last one is not there
            self.window = self.cursor = None
        self._every, self._origin = every, origin
        self._arrange()
        self._repaint_soon()

    def _arrange(self) -> None:
        """Have the pinned charts before the others; the chosen one stays that."""
        title = self.charts[self.chosen].title if self.charts else ""
        charts = self.charts = pinned_first(self._every, self._pinned())
        titles = [chart.title for chart in charts]
        self.chosen = titles.index(title) if title in titles else min(self.chosen, max(0, len(charts) - 1))
        self.values.fill([Series(n, metric, self.name_of(metric))
                          for n, chart in enumerate(charts) for metric in chart.metrics if metric.n])  # fmt: skip

    def name_of(self, metric: MetricRow) -> str:
        """Return what a series is called in the table."""
        return metric_name((metric.title.removeprefix(MONITOR), metric.series))

    def _is_pinned(self, chart: Chart) -> bool:
        return chart.title in self._pinned()

    def _pinned(self) -> Sequence[str]:
        app = labtop_of(self)
        return app.pins.of(self._project) if app.asks else ()

    def repaint(self) -> None:
        """Have the charts in sight drawn again where something of theirs changed."""
        self._dirty = True
        self._drawn.clear()
        if not self._painting and self.is_attached and self.size.width and self.display:
            self._painting = True
            self.run_worker(self._paint(), group="charts")

    def _repaint_soon(self) -> None:
        """Repaint for new points, when that is due."""
        wait = self.rest
        self._dirty = True
        if wait <= 0:
            self.repaint()
        elif not self._waiting:
            self._waiting = True
            later(self, wait, self._waited)

    @property
    def rest(self) -> float:
        """Seconds until new points are drawn: reading and painting them takes a tenth of the time at most."""
        return self._painted + min(SLOWEST, self._cost * 9) - time.monotonic() if self._painted else 0.0

    def _waited(self) -> None:
        self._waiting = False
        self.repaint()

    async def in_step(self) -> None:
        """Wait until the charts are drawn, but not for the first time, nor for long."""
        if self._painting and self._painted:
            with suppress(TimeoutError):
                async with asyncio.timeout(MOMENT):
                    await self._drawn.wait()

    def read_again(self) -> None:
        """Draw what could not be read."""
        self.repaint()

    async def _paint(self) -> None:
        try:
            while self._dirty:
                self._dirty, started = False, time.monotonic()
                await (self._read_places() if self.listed else self._paint_charts())
                await self._read_values()
                self._painted = time.monotonic()
                ahead, self.painter.ahead = self.painter.ahead, 0.0
                self._cost = self._painted - started + ahead
        finally:
            self._painting = False
            self._drawn.set()

    @property
    def busy(self) -> bool:
        """Whether something in sight is still to be drawn."""
        return self._painting or self._dirty

    def _in_sight(self) -> list[int]:
        if self.full:
            return [self.chosen] if self.charts else []
        grid = self.grid
        return list(range(self._top * grid.across, min(len(self.charts), (self._top + grid.down) * grid.across)))

    async def _paint_charts(self) -> None:
        """Draw the charts in sight: a new one is shown at once, those that changed together, in one frame."""
        for chart in self._sight(drawn=False):
            await self._paint_some([chart])
        await self._paint_some(self._sight(drawn=True))

    def _sight(self, *, drawn: bool) -> list[Chart]:
        """The charts in sight of which there is a picture, or of which there is none."""
        charts = [self.charts[index] for index in self._in_sight()]
        return [chart for chart in charts if bool(self.painter.drawn(chart.title).picture.rows) is drawn]

    async def _paint_some(self, charts: Sequence[Chart]) -> None:
        if not charts:
            return
        grid, before = self.grid, {chart.title: self.painter.drawn(chart.title).picture for chart in charts}
        height = grid.height - head_rows(charts[0], full=self.full)
        sitting = self._sitting(grid.width, height, self.window if self.full else None)
        painted = {chart.title for chart in await self.painter.paint(charts, sitting)}
        there = [(index, chart.title) for index, chart in enumerate(self.charts) if chart.title in painted]
        if changed := [region for index, title in there for region in self._changed(index, before[title])]:
            # In the turn of the loop in which what waits wakes: Textual paints as soon as the first of both is ready.
            asyncio.get_running_loop().call_soon(partial(self.refresh, *changed))
            if not self._dirty:
                self._drawn.set()

    async def _read_places(self) -> None:
        """Have the places of the table's row ready, which the value cursor goes along."""
        if self.values.current is not None:
            await self.painter.read(self.values.current.metric, self._sitting(self.size.width, 0, None))

    async def _read_values(self) -> None:
        """Read what the series in sight have under the value cursor."""
        spot = self.spot
        if spot is None:
            return
        rows = self.values.in_sight(self.size.height - 1) if self.listed else ()
        shown = () if self.listed else [self.charts[index] for index in self._in_sight()]
        metrics = [*(row.metric for row in rows), *(m for chart in shown for m in chart.metrics[:MOST_SERIES])]
        if await self.readings.read(metrics, spot):
            self.refresh()

    @property
    def spot(self) -> Spot | None:
        """Where the value cursor stands."""
        said = self.settings
        return None if self.cursor is None else Spot(self.cursor, said.axis, said.smoothing)

    def _changed(self, index: int, before: Picture) -> list[Region]:
        """The rows of a chart that look different: making each anew is most of what a live chart costs."""
        region, after = self._region(index), self.painter.drawn(self.charts[index].title).picture
        if len(before.rows) != len(after.rows) or not after.rows or self.cursor is not None:
            return [region]
        head = head_rows(self.charts[index], full=self.full)
        pairs = enumerate(zip(before.rows, after.rows, strict=True), head)
        rows = [*range(head), *(row for row, (old, new) in pairs if old != new)]
        return [Region(region.x, region.y + row, region.width, 1) for row in rows]

    def _sitting(self, width: int, height: int, window: Window | None) -> Sitting:
        return Sitting(width, height, self.settings, window, self._origin, self.look.ascii, self.look.colour)

    # -- drawing --------------------------------------------------------------------------------------------------

    @property
    def grid(self) -> Grid:
        """Where the charts stand."""
        return fitted(len(self.charts), self.size.width, self.size.height, single=self.full)

    def _region(self, index: int) -> Region:
        grid = self.grid
        row = 0 if self.full else grid.row_of(index) - self._top
        left = 0 if self.full else grid.left_of(index)
        return Region(left, row * grid.height, grid.width, grid.height)

    def render_line(self, y: int) -> Strip:
        """One row of the pane, through all the cells side by side."""
        base, width, grid = self.base, self.size.width, self.grid
        if not self.charts:
            return self.nothing(y).apply_style(base)
        if self.listed:
            return Strip(self._table(y)).apply_style(base).adjust_cell_length(width, base)
        row, line = divmod(y, grid.height)
        segments: list[Segment] = []
        for index in self._across(row, grid):
            segments += [*([Segment(" " * GAP)] if segments else []), *self._cell(index, grid.width).row(line)]
        return Strip(segments).apply_style(base).adjust_cell_length(width, base)

    def _across(self, row: int, grid: Grid) -> Sequence[int]:
        """The charts on a row of the grid in sight."""
        if self.full:
            return [self.chosen]
        first = (self._top + row) * grid.across
        return range(first, min(first + grid.across, len(self.charts))) if row < grid.down else ()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines; what the rows of the table have at the cursor is looked up once, not for each."""
        if self.listed:
            spot = self.spot
            self._rows = self.values.in_sight(self.size.height - 1)
            self._found = [self.readings.of(row.metric, spot) if spot else None for row in self._rows]
            elsewhere = any(spot.elsewhere(reading) for reading in self._found if spot and reading)
            self._sheet = Sheet(self.look, self.size.width, spot, elsewhere)
        return super().render_lines(crop)

    def _table(self, y: int) -> list[Segment]:
        """A row of the table of values."""
        if not 0 < y <= len(self._rows):
            return self._sheet.heading() if y == 0 else []
        row, focus = self._rows[y - 1], "bold accent" if self.has_focus else "bold"
        style = focus if row is self.values.current else ""
        return self._sheet.row(row, self._found[y - 1], style=style, pinned=self._is_pinned(self.charts[row.chart]))

    def _cell(self, index: int, width: int) -> Cell:
        chart = self.charts[index]
        chosen = index == self.chosen and self.has_focus
        drawn = self.painter.drawn(chart.title)
        return Cell(
            self.look, chart, drawn, self.settings, width, self.readings, self.full, chosen, self.spot,
            self._is_pinned(chart),
        )  # fmt: skip
