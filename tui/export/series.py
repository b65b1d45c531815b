"""A chart of scalars: every point of the range that is looked at as rows, the chart itself as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from store.clock import iso
from store.errors import InvalidValue
from tui import chart_data
from tui import format as form
from tui.charts.chart import Settings, Window
from tui.charts.decimate import Axis, Curve, curve

from .what import Export, Row

COLUMNS = 1200
"""Places of a series in a picture: a printer has more dots than a screen."""
AXES = {Axis.ITERATION: "iteration", Axis.RELATIVE: "time since the start", Axis.WALL: "local time"}


@dataclass(frozen=True)
class Series:
    """A series in the store, and what it is called.

    Attributes:
        task: the task's whole id.
        owner: the task's name.
        number: its number within the task.
        origin: the task's start, from which relative time counts.
        name: ``title/series``.
        label: what the legend calls it.
        letter: what its line ends with, if the tasks have letters.
    """

    task: str
    owner: str
    number: int
    origin: float
    name: str
    label: str
    letter: str = ""


@dataclass(frozen=True)
class Shown:
    """A chart as it is looked at; a series without points keeps its place, and with it its colour."""

    title: str
    series: tuple[Series | None, ...]
    settings: Settings
    window: Window | None
    inks: tuple[str, ...]

    @property
    def own(self) -> list[Series]:
        """The series that have points."""
        return [series for series in self.series if series is not None]

    @property
    def several(self) -> bool:
        """Whether they are of several tasks."""
        return len({series.task for series in self.own}) > 1

    def bounds(self, series: Series) -> dict[str, Any]:
        """Return the range in the store's terms."""
        return chart_data.bounds(self.settings.axis, self.window, series.origin)


def of_chart(shown: Shown) -> Export:
    """Return what is to be exported of a chart."""
    name = shown.own[0].name if len(shown.own) == 1 else shown.title
    return Export(name, "point", partial(_rows, shown=shown), partial(_drawn, shown=shown))


def _rows(connection: Any, shown: Shown) -> Iterator[Row]:
    from store.queries import scalars

    yield [*(["task", "name"] if shown.several else []), "series", "iteration", "time", "value"]
    for series in shown.own:
        before = [*([series.task, series.owner] if shown.several else []), series.name]
        for run in scalars.runs_of(connection, series.task, series.number, **shown.bounds(series)):
            for iteration, time, value in zip(run.iterations, run.times, run.values, strict=True):
                yield [*before, iteration, iso(time), value]


def _drawn(connection: Any, shown: Shown) -> str:
    from tui.charts import adapter, svg
    from tui.charts.painter import MOST_SERIES

    said, kept = shown.settings, shown.series[:MOST_SERIES]
    curves = tuple(_curve(connection, shown, series) for series in kept)
    plot = adapter.Plot(curves, said.axis, said.log, said.outliers, x_range=shown.window)
    laid = adapter.laid(plot, svg.ACROSS, svg.DOWN)
    if isinstance(laid, str):
        raise InvalidValue(f"There is nothing to draw of {form.one_line(shown.title, 40)}: {laid}.")
    entries = [svg.Entry(n, series.label, series.letter)
               for n, series in enumerate(kept) if series is not None and curves[n].x]  # fmt: skip
    told = () if [entry.name for entry in entries] == [shown.title] else tuple(entries)
    head = svg.Head(shown.title, told, shown.inks, _note(shown, len(kept)), AXES[said.axis])
    return svg.document(svg.drawn(head, laid.axes, laid.paint))


def _curve(connection: Any, shown: Shown, series: Series | None) -> Curve:
    if series is None:
        return Curve()
    said, bounds = shown.settings, shown.bounds(series)
    found = chart_data.course(connection, series.task, series.number, COLUMNS, bounds, said.smoothing)
    return curve(found.buckets, said.axis, series.origin, COLUMNS, found.averages)


def _note(shown: Shown, drawn: int) -> str:
    """Return what the chart is of and how it is looked at."""
    said, every = shown.settings, len(shown.series)
    parts = ["" if shown.several else shown.own[0].owner, "logarithmic" if said.log else ""]
    parts += [f"smoothed {said.smoothing:g}" if said.smoothing else "", "" if said.outliers else "without outliers"]
    parts.append(f"{drawn} of {every} series drawn" if drawn < every else "")
    return ", ".join(part for part in parts if part)
