"""Charts of a task, live: a grid with one chart a title, or one of them over the whole pane.

Only charts in sight are read and drawn, off the event loop; what was drawn is kept until its data, size or settings
change. Used for the scalars of the script and for those of the machine.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.geometry import Region
from textual.strip import Strip

from store.records import MetricRow
from tui.charts import ticks
from tui.charts.chart import Chart, Drawn, Settings, Window, grouped
from tui.charts.decimate import Axis, reach
from tui.charts.painter import Painter, Sitting, Source
from tui.charts.smooth import WEIGHTS
from tui.keymap import bindings

from .chartcell import Cell, head_rows
from .grid import GAP, Grid, fitted
from .pane import Pane

SLOWEST = 1.0
"""Seconds after which new points are drawn at the latest."""


class Charts(Pane):
    """The grid. ``show_metrics`` says what there is; everything else it gets from its source."""

    DEFAULT_CSS = "Charts { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("charts")]

    def __init__(self, source: Source, blank: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter = Painter(source)
        self.blank = blank
        self.charts: list[Chart] = []
        self.settings = Settings()
        self.chosen = 0
        self.full = False
        self.window: Window | None = None
        self.cursor: float | None = None
        self._top = 0
        self._origin = 0.0
        self._dirty = self._painting = self._waiting = False
        self._painted = self._cost = 0.0

    # -- data -----------------------------------------------------------------------------------------------------

    def show_metrics(self, metrics: Sequence[MetricRow], origin: float) -> None:
        """Show these series; ``origin`` is the task's start."""
        charts = grouped(metrics)
        if (charts, origin) == (self.charts, self._origin):
            return
        if [c.title for c in charts] != [c.title for c in self.charts]:
            self.refresh()
        self.charts, self._origin = charts, origin
        self.chosen = min(self.chosen, max(0, len(charts) - 1))
        self._repaint_soon()

    def repaint(self) -> None:
        """Have the charts in sight drawn again where something of theirs changed."""
        self._dirty = True
        if not self._painting and self.is_attached and self.size.width and self.display:
            self._painting = True
            self.run_worker(self._paint(), group="charts")

    def _repaint_soon(self) -> None:
        """Repaint for new points, so seldom that painting takes a tenth of the time at most."""
        wait = self._painted + min(SLOWEST, self._cost * 9) - time.monotonic()
        self._dirty = True
        if wait <= 0 or self._painted == 0:
            self.repaint()
        elif not self._waiting:
            self._waiting = True
            self.set_timer(wait, self._waited)

    def _waited(self) -> None:
        self._waiting = False
        self.repaint()

    async def _paint(self) -> None:
        try:
            while self._dirty:
                self._dirty, started = False, time.monotonic()
                for index in self._in_sight():
                    await self._paint_one(index)
                self._painted = time.monotonic()
                self._cost = self._painted - started
        finally:
            self._painting = False

    @property
    def busy(self) -> bool:
        """Whether something in sight is still to be drawn."""
        return self._painting or self._dirty

    def _in_sight(self) -> list[int]:
        if self.full:
            return [self.chosen] if self.charts else []
        grid = self.grid
        return list(range(self._top * grid.across, min(len(self.charts), (self._top + grid.down) * grid.across)))

    async def _paint_one(self, index: int) -> None:
        if index >= len(self.charts):
            return
        chart, look, grid = self.charts[index], self.look, self.grid
        height, window = grid.height - head_rows(chart, full=self.full), self.window if self.full else None
        sitting = Sitting(grid.width, height, self.settings, window, self._origin, look.ascii, look.colour)
        if await self.painter.paint(chart, sitting):
            self.refresh(self._region(index))

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
        base, width, grid = self.rich_style, self.size.width, self.grid
        if not self.charts:
            return self.nothing(y).apply_style(base)
        row, line = divmod(y, grid.height)
        segments: list[Segment] = []
        for index in self._across(row):
            segments += [*([Segment(" " * GAP)] if segments else []), *self._cell(index).row(line)]
        return Strip(segments).apply_style(base).adjust_cell_length(width, base)

    def _across(self, row: int) -> Sequence[int]:
        """The charts on a row of the grid in sight."""
        if self.full:
            return [self.chosen]
        grid = self.grid
        first = (self._top + row) * grid.across
        return range(first, min(first + grid.across, len(self.charts))) if row < grid.down else ()

    def _cell(self, index: int) -> Cell:
        chart = self.charts[index]
        chosen = index == self.chosen and self.has_focus
        drawn, width = self.painter.drawn(chart.title), self.grid.width
        return Cell(self.look, chart, drawn, self.settings, width, self.full, chosen, self.cursor)

    # -- keys -----------------------------------------------------------------------------------------------------

    def _set(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.repaint()
        self._note()

    def _note(self) -> None:
        self.refresh()
        self.note()

    def action_axis(self) -> None:
        """Iteration, relative time, wall time."""
        self.cursor = self.window = None
        self._set(axis=self.settings.axis.next)

    def action_log(self) -> None:
        """Logarithmic or linear."""
        self._set(log=not self.settings.log)

    def action_outliers(self) -> None:
        """Scale to everything, or to the middle 96 %."""
        self._set(outliers=not self.settings.outliers)

    def action_smooth(self) -> None:
        """The next weight of smoothing; after the strongest none."""
        self._set(smoothing=WEIGHTS[(WEIGHTS.index(self.settings.smoothing) + 1) % len(WEIGHTS)])

    def action_markers(self) -> None:
        """Tell series apart by characters too."""
        self._set(markers=not self.settings.markers)

    def action_focus(self, way: str) -> None:
        """Choose the chart above or below; in one row, the one beside."""
        step = {"up": -self.grid.across, "down": self.grid.across, "next": 1, "previous": -1}[way]
        self.choose(self.chosen + (step if not self.full else (1 if step > 0 else -1)))

    def choose(self, index: int) -> None:
        """Choose a chart and have it in sight."""
        if not self.charts:
            return
        self.chosen = min(max(0, index), len(self.charts) - 1)
        row, grid = self.grid.row_of(self.chosen), self.grid
        if not self.full:
            self._top = min(max(self._top, row - grid.down + 1), row)
        self.repaint()
        self._note()

    def action_full(self) -> None:
        """One chart over the whole pane, or all of them again."""
        self.full = bool(self.charts) and not self.full
        self.window = None
        if not self.full:
            self.choose(self.chosen)
        self.repaint()
        self._note()

    def action_zoom(self, way: int) -> None:
        """Look closer around the cursor, further away, or (0) at everything; from the grid: one chart first."""
        if not self.full:
            if way > 0:
                self.action_full()
            return
        whole = self._whole()
        if whole is None:
            return
        low, high = self.window or whole
        middle = self.cursor if self.cursor is not None and low <= self.cursor <= high else (low + high) / 2
        half = (high - low) / (4 if way > 0 else 1)
        closer = (max(whole[0], middle - half), min(whole[1], middle + half))
        if way > 0 and closer[1] - closer[0] < (4 if self.settings.axis is Axis.ITERATION else 1):
            return
        self.window = None if way == 0 or closer == whole else closer
        self.repaint()
        self._note()

    def _whole(self) -> Window | None:
        chart = self.charts[self.chosen]
        found = [self._kept_reach(metric) for metric in chart.metrics]
        ends = [end for pair in found if pair for end in pair]
        return (min(ends), max(ends)) if ends else None

    def _kept_reach(self, metric: MetricRow) -> Window | None:
        if self.settings.axis is Axis.ITERATION:
            curves = self.painter.drawn(metric.title).curves if not self.window else ()
            first = min((c.x[0] for c in curves if c.x), default=0.0)
            return min(first, 0.0), float(metric.last_iteration)
        offset = self._origin if self.settings.axis is Axis.RELATIVE else 0.0
        return self._origin - offset, metric.last_time - offset

    def action_cursor(self, way: int) -> None:
        """Move the value cursor by a column; it starts at the newest value."""
        drawn = self.painter.drawn(self.charts[self.chosen].title) if self.charts else Drawn()
        ends = reach(drawn.curves)
        if ends is None:
            return
        low, high = ends
        step = (high - low) / max(1, drawn.picture.area.width - 1)
        here = high if self.cursor is None else self.cursor + way * max(step, 1e-12)
        self.cursor = min(max(low, here), high)
        self._note()

    def leave(self) -> bool:
        """Step back: from the cursor, the zoom, the full pane. False when there was nothing to leave."""
        if self.cursor is not None:
            self.cursor = None
        elif self.window is not None:
            self.window = None
        elif self.full:
            self.action_full()
            return True
        else:
            return False
        self.repaint()
        self._note()
        return True

    def caption(self) -> str:
        """What the tab line says at its right."""
        said = self.settings
        parts = [] if self.cursor is None else [f"at {ticks.place(said.axis, self.cursor)}"]
        parts += [said.axis.value if said.axis is not Axis.ITERATION else ""]
        parts += [f"smooth {said.smoothing:g}" if said.smoothing else "", "log" if said.log else ""]
        parts += ["" if said.outliers else "no outliers", "zoomed" if self.window else ""]
        grid = self.grid
        if not self.full and grid.rows > grid.down:
            parts.append(f"{self.chosen + 1}/{len(self.charts)}")
        return "  ".join(part for part in parts if part)

    def on_resize(self) -> None:
        """Another size, other pictures."""
        if self.charts:
            self.choose(self.chosen)

    def on_show(self) -> None:
        """Draw what came in while hidden."""
        self.repaint()
