"""Charts of a task, and what the keys do to them: axes, smoothing, the value cursor, zoom, the table, pins.

Used for the scalars of the script, for those of the machine, and for several tasks' in the comparison.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from store.records import MONITOR, MetricRow
from tui import format as form
from tui.charts import ticks
from tui.charts.chart import Chart, Window
from tui.charts.decimate import Axis, Curve, reach
from tui.charts.smooth import WEIGHTS
from tui.export.series import Series, Shown, of_chart
from tui.export.what import Export
from tui.keymap import bindings

from .bar import labtop_of
from .chartgrid import ChartGrid


class Charts(ChartGrid):
    """The charts with their keys."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("charts")]

    def _set(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self._look_anew()

    def _look_anew(self) -> None:
        """Have the same charts drawn otherwise; until they are, the old pictures stand, and are not sent once more."""
        self.repaint()
        if self.listed:
            self.refresh()
        self.note()

    def _note(self) -> None:
        self.refresh()
        self.note()

    def action_axis(self) -> None:
        """Iteration, relative time, wall time; the value cursor goes, also from rows that look the same otherwise."""
        if self.cursor is not None:
            self.refresh()
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
        """Choose the chart above or below; in one row, the one beside; in the table the row."""
        ends = {"first": -len(self.values.rows), "last": len(self.values.rows)}
        if self.listed:
            page = max(1, self.size.height - 2)
            self._go_to_row(({"up": -1, "down": 1, "next": page, "previous": -page} | ends)[way])
        else:
            across = self.grid.across
            self.choose(self.chosen + ({"up": -across, "down": across, "next": 1, "previous": -1} | ends)[way])

    def _go_to_row(self, by: int) -> None:
        self.values.move(by)
        if self.values.current is not None:
            self.chosen = self.values.current.chart
        self.repaint()
        self._note()

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
        """One chart over the whole pane, or all of them again; from the table, the chart of the row."""
        self.full = bool(self.charts) and (self.listed or not self.full)
        self.listed = False
        self.window = None
        if not self.full:
            self.choose(self.chosen)
        self.repaint()
        self._note()

    def action_zoom(self, way: int) -> None:
        """Look closer around the cursor, further away, or (0) at everything; from the grid: one chart first."""
        if not self.full or self.listed:
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
        self._look_anew()

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
        """Move the value cursor by a column; it starts at the newest value. At the edge of a zoom, move that along."""
        ends = self._ends()
        if ends is None:
            return
        low, high, step = ends
        here = high if self.cursor is None else self.cursor + way * max(step, 1e-12)
        if self.window is not None and self.full and not low <= here <= high:
            self._pan((self.window[1] - self.window[0]) / 2 * way)
        else:
            self.cursor = self._place_near(min(max(low, here), high), way)
        self.repaint()
        self._note()

    def _place_near(self, x: float, way: int) -> float:
        """Return the place nearest to one that has a point, of those that lie on the cursor's way."""
        places = {at for curve in self._places() for at in curve.x}
        if self.cursor is not None and places:
            places = {at for at in places if (at - self.cursor) * way > 0} or {self.cursor}
        return min(places, key=lambda at: abs(at - x), default=x)

    def _places(self) -> Sequence[Curve]:
        """The curves whose points the cursor goes along: of the chosen chart, in the table of the row."""
        if self.listed:
            row = self.values.current
            return [self.painter.curve_of(row.metric)] if row else []
        return self.painter.drawn(self.charts[self.chosen].title).curves if self.charts else ()

    def _ends(self) -> tuple[float, float, float] | None:
        """Where the cursor can stand, and what a step of it is."""
        ends = reach(self._places()) or (self._whole() if self.listed else None)
        if ends is None:
            return None
        drawn = self.painter.drawn(self.charts[self.chosen].title)
        return (*ends, drawn.step if not self.listed else (ends[1] - ends[0]) / max(1, self.size.width))

    def _pan(self, by: float) -> None:
        """Look at a neighbouring part, as far as there is one."""
        whole = self._whole()
        if self.window is not None and whole is not None:
            by = min(max(by, whole[0] - self.window[0]), whole[1] - self.window[1])
            self.window = (self.window[0] + by, self.window[1] + by)
            self.repaint()

    def action_values(self) -> None:
        """The table of values, or the charts again."""
        if not self.charts:
            labtop_of(self).say("There are no series to list yet.", "refused")
            return
        self.listed = not self.listed
        if self.listed:
            self.values.choose(self.chosen)
        self.choose(self.chosen)

    def action_pin(self) -> None:
        """Have the chart stand before the others from now on, or no longer."""
        app = labtop_of(self)
        if self.charts:
            title = self.charts[self.chosen].title
            pinned = app.pins.turn(self._project, title)
            self._arrange()
            self.choose(self.chosen)
            self.run_worker(asyncio.to_thread(app.pins.keep, self._project), group="pins")
            app.say(f"{'Pinned' if pinned else 'No longer pinned'}: {form.one_line(title.removeprefix(MONITOR), 60)}.")

    def export(self) -> Export | str:
        """The chosen chart, as far as it is zoomed into."""
        chart = self.charts[self.chosen] if self.charts else Chart("", ())
        found = tuple(self.series_of(metric) if metric.n else None for metric in chart.metrics)
        if not any(found):
            return "There is no series to export yet."
        window = self.window if self.full and not self.listed else None
        return of_chart(Shown(chart.title.removeprefix(MONITOR), found, self.settings, window, self.look.inks))

    def series_of(self, metric: MetricRow) -> Series:
        """Return where a series is in the store, and what it is called."""
        raise NotImplementedError

    def leave(self) -> bool:
        """Step back: from the cursor, the zoom, the full pane. False when there was nothing to leave."""
        if not self.charts:
            return False
        if self.cursor is not None:
            self.cursor = None
        elif self.window is not None:
            self.window = None
        elif self.listed:
            self.listed = False
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
        parts = ["values"] if self.listed else []
        parts += [] if self.cursor is None else [f"at {ticks.place(said.axis, self.cursor)}"]
        parts += [said.axis.value if said.axis is not Axis.ITERATION else ""]
        parts += [f"smooth {said.smoothing:g}" if said.smoothing else "", "log" if said.log else ""]
        parts += ["" if said.outliers else "no outliers", "zoomed" if self.window else ""]
        grid = self.grid
        if self.listed and len(self.values.rows) > self.size.height - 1:
            parts.append(f"{self.values.row + 1}/{len(self.values.rows)}")
        elif not (self.listed or self.full) and grid.rows > grid.down:
            parts.append(f"{self.chosen + 1}/{len(self.charts)}")
        return "  ".join(part for part in parts if part)

    def on_resize(self) -> None:
        """Another size, other pictures."""
        if self.charts:
            self.choose(self.chosen)

    def on_show(self) -> None:
        """Draw what came in while hidden."""
        self.repaint()
