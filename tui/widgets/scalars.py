"""Charts of a task, live: a grid with one chart a title, or one of them over the whole pane.

Only charts in sight are read and drawn, off the event loop; what was drawn is kept until its data, size or settings
change. Used for the scalars of the script and for those of the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from store.records import Bucket, MetricRow
from tui.charts import adapter, ticks
from tui.charts.cache import Kept
from tui.charts.decimate import Axis, Curve, curve, nearest, reach
from tui.charts.smooth import WEIGHTS, smoothed
from tui.keymap import bindings

from . import legend
from .bar import look_of
from .grid import Grid, fitted
from .legend import Chart, Drawn, Settings, grouped
from .rows import sized

MOST_SERIES = 16
SLOWEST = 1.0
"""Seconds after which new points are drawn at the latest."""
Window = tuple[float, float]


class Source(Protocol):
    """Where the points come from, already in buckets; runs off the event loop."""

    async def buckets(self, number: int, columns: int, axis: Axis, window: Window | None) -> Sequence[Bucket]:
        """Return about ``columns`` buckets of a series, of the window only where there is one."""
        ...


class Charts(Widget, can_focus=True):
    """The grid. ``show_metrics`` says what there is; everything else it gets from its source."""

    DEFAULT_CSS = "Charts { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("charts")]

    class Noted(Message):
        """The caption changed: axis, smoothing, the place of the cursor."""

    def __init__(self, source: Source, empty: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source = source
        self._empty = empty
        self.charts: list[Chart] = []
        self.settings = Settings()
        self.chosen = 0
        self.full = False
        self.window: Window | None = None
        self.cursor: float | None = None
        self._top = 0
        self._origin = 0.0
        self._drawn: dict[str, Drawn] = {}
        self._kept: Kept[Sequence[Bucket]] = Kept(256)
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
        chart, look = self.charts[index], look_of(self)
        width, height = self.grid.width, self.grid.height - self._head(chart)
        window = self.window if self.full else None
        key = (chart.version, width, height, self.settings, window, look.ascii, look.colour, self._origin)
        drawn = self._drawn.setdefault(chart.title, Drawn())
        if drawn.key == key:
            return
        curves = [await self._curve(m, width, window) for m in chart.metrics[:MOST_SERIES]]
        plot = adapter.Plot(
            tuple(curves), self.settings.axis, self.settings.log, self.settings.smoothing, self.settings.outliers,
            self.settings.markers or (not look.colour and len(curves) > 1), look.ascii,
        )  # fmt: skip
        drawn.picture = await asyncio.to_thread(adapter.draw, plot, width, height)
        drawn.key, drawn.curves = key, tuple(curves)
        self.refresh(self._region(index))

    async def _curve(self, metric: MetricRow, width: int, window: Window | None) -> Curve:
        axis, columns = self.settings.axis, max(20, width - 8)
        place = (metric.number, metric.n, columns, axis is Axis.ITERATION, window, axis if window else None)
        found = self._kept.find(place)
        if found is None:
            found = self._kept.put(place, await self._source.buckets(metric.number, columns, axis, window))
        return curve(found, axis, self._origin, columns)

    # -- drawing --------------------------------------------------------------------------------------------------

    @property
    def grid(self) -> Grid:
        """Where the charts stand."""
        return fitted(len(self.charts), self.size.width, self.size.height, single=self.full)

    def _head(self, chart: Chart) -> int:
        return 1 + (min(len(chart.metrics), legend.FIGURES) if self.full else 1)

    def _region(self, index: int) -> Region:
        grid = self.grid
        row = 0 if self.full else grid.row_of(index) - self._top
        left = 0 if self.full else grid.left_of(index)
        return Region(left, row * grid.height, grid.width, grid.height)

    def render_line(self, y: int) -> Strip:
        """One row of the pane, through all the cells side by side."""
        base, width = self.rich_style, self.size.width
        if not self.charts:
            text = self._empty if y == 0 else ""
            return Strip([Segment(text, self._style("dim"))]).apply_style(base).adjust_cell_length(width, base)
        grid = self.grid
        row, line = divmod(y, grid.height)
        across = [self.chosen] if self.full else [
            i for i in range((self._top + row) * grid.across, (self._top + row + 1) * grid.across)
            if i < len(self.charts) and row < grid.down
        ]  # fmt: skip
        segments: list[Segment] = []
        for place, index in enumerate(across):
            if place:
                segments.append(Segment("  "))
            segments += self._cell(index, line, grid.width)
        return Strip(segments).apply_style(base).adjust_cell_length(width, base)

    def _style(self, role: str) -> Style:
        return look_of(self).style(role)

    def _cell(self, index: int, line: int, width: int) -> list[Segment]:
        chart = self.charts[index]
        drawn = self._drawn.get(chart.title, Drawn())
        head = self._head(chart)
        if line == 0:
            return self._title(index, chart, width)
        if line < head:
            return self._legend(chart, drawn, width, line - 1)
        if not drawn.picture.rows:
            return self._blank(chart, drawn, line - head, width)
        return self._row(drawn.picture, line - head, width)

    def _title(self, index: int, chart: Chart, width: int) -> list[Segment]:
        return legend.title(look_of(self), chart, width, chosen=index == self.chosen and self.has_focus)

    def _legend(self, chart: Chart, drawn: Drawn, width: int, line: int) -> list[Segment]:
        values = [self._value(drawn, number, metric) for number, metric in enumerate(chart.metrics)]
        if self.full:
            return legend.figures(look_of(self), chart, values, line, width, markers=self.settings.markers)
        return legend.short(look_of(self), chart, values, width, markers=self.settings.markers)

    def _value(self, drawn: Drawn, number: int, metric: MetricRow) -> float | None:
        if self.cursor is None or number >= len(drawn.curves):
            return metric.last
        line = drawn.curves[number]
        if self.settings.smoothing:
            line = smoothed(line, self.settings.smoothing)
        at = nearest(line, self.cursor)
        return None if at is None else line.last[at]

    def _blank(self, chart: Chart, drawn: Drawn, line: int, width: int) -> list[Segment]:
        text = ""
        if line == 0 and drawn.key is not None:
            text = "no value above 0, and the scale is logarithmic (L)" if self.settings.log else "only NaN so far"
        return [Segment(sized(f"  {text}", width), self._style("dim"))]

    def _row(self, picture: adapter.Picture, line: int, width: int) -> list[Segment]:
        if line >= len(picture.rows):
            return [Segment(" " * width)]
        segments = [Segment(run.text, self._role(run.role)) for run in picture.rows[line]]
        if self.cursor is None or line >= picture.area.height:
            return segments
        column = picture.area.column(self.cursor)
        if not picture.area.left <= column < width:
            return segments
        strip = Strip(segments)
        at = strip.crop(column, column + 1)
        bar = "|" if look_of(self).ascii else "│"
        middle = at.apply_style(self._style("on cursor bold"))
        if not at.text.strip():
            middle = Strip([Segment(bar, self._style("accent"))])
        return [*strip.crop(0, column), *middle, *strip.crop(column + 1, width)]

    def _role(self, role: int) -> Style:
        if role >= adapter.BEHIND:
            return self._style("dim")
        if role >= adapter.SERIES:
            return self._style(f"series{role - adapter.SERIES}")
        return self._style({adapter.BAD: "red bold", adapter.AXIS: "dim"}.get(role, ""))

    # -- keys -----------------------------------------------------------------------------------------------------

    def _set(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.repaint()
        self._note()

    def _note(self) -> None:
        self.refresh()
        self.post_message(self.Noted())

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
            drawn = self._drawn.get(metric.title)
            first = min((c.x[0] for c in drawn.curves if c.x), default=0.0) if drawn and not self.window else 0.0
            return min(first, 0.0), float(metric.last_iteration)
        offset = self._origin if self.settings.axis is Axis.RELATIVE else 0.0
        return self._origin - offset, metric.last_time - offset

    def action_cursor(self, way: int) -> None:
        """Move the value cursor by a column; it starts at the newest value."""
        drawn = self._drawn.get(self.charts[self.chosen].title) if self.charts else None
        ends = reach(drawn.curves) if drawn else None
        if drawn is None or ends is None:
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

    def on_focus(self) -> None:
        """The chosen chart shows in its title."""
        self.refresh()

    def on_blur(self) -> None:
        """See ``on_focus``."""
        self.refresh()
