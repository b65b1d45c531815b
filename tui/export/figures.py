"""A reported plot: the data that is drawn of it as rows, and as a picture what can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Any

from store import figures
from store.errors import InvalidValue
from tui.format import one_line
from tui.plots.boxes import Spread
from tui.plots.figure import Chart, Drawing, Heat, Part, Sheet, read

from .what import Export, Row

GONE = "This iteration of the plot is not kept any more."
EMPTY = "There is nothing in this plot that can be exported."
NAME = 60
"""Characters of the task's name in a picture."""
WHOLE = 2.0**53
"""From here on numbers of twice the precision are whole in any case, and digits would be made up."""


@dataclass(frozen=True)
class Reported:
    """A plot at an iteration; ``owner`` is the task's name, ``inks`` are the colours of series on paper."""

    task: str
    owner: str
    title: str
    series: str
    iteration: int
    inks: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.title}/{self.series}" if self.series else self.title


def of_plot(plot: Reported) -> Export:
    """Return what is to be exported of a plot."""
    return Export(plot.name, "row", partial(_rows, plot=plot), partial(_document, plot=plot))


def _read(connection: Any, plot: Reported) -> Drawing:
    from store.queries import plots

    payload = plots.payload(connection, plot.task, plot.title, plot.series, plot.iteration)
    if payload is None:
        raise InvalidValue(GONE)
    try:
        drawing = read(figures.unpack(payload))
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"This plot cannot be read: {error}.") from error
    if not drawing.parts:
        raise InvalidValue(" ".join((EMPTY, *drawing.notes)))
    return drawing


def _document(connection: Any, plot: Reported) -> str:
    from tui.plots.picture import document

    note = f"{one_line(plot.owner, NAME)}, iteration {plot.iteration}"
    return document(_read(connection, plot), plot.name, note, plot.inks)


def _rows(connection: Any, plot: Reported) -> Iterator[Row]:
    """Yield a figure of one part in the form that it has; several in one that fits all of them."""
    parts = _read(connection, plot).parts
    if len(parts) == 1:
        yield from _form(parts[0])
        return
    yield ["part", "series", "x", "y", "value"]
    for number, part in enumerate(parts, 1):
        for row in _alike(part):
            yield [number, *row]


def _form(part: Part) -> Iterator[Row]:
    if isinstance(part, Sheet):
        wide = max(len(part.columns), len(part.heading))
        yield [*part.heading, *(f"column {n + 1}" for n in range(len(part.heading), wide))]
        yield from zip_longest(*part.columns, fillvalue=None)
    elif isinstance(part, Heat):
        wide = max(map(len, part.rows))
        yield ["", *(_name(part.columns, n) for n in range(wide))]
        for n, row in enumerate(part.rows):
            yield [_name(part.names, n), *map(_number, row), *[None] * (wide - len(row))]
    elif any(series.spreads for series in part.series):
        yield ["series", "x", "y", "value"]
        yield from _alike(part)
    else:
        several = len(part.series) > 1
        yield [*(["series"] if several else []), part.x.title or "x", part.y.title or "y"]
        for series, x, y, _ in _alike(part):
            yield [series, x, y] if several else [x, y]


def _alike(part: Part) -> Iterator[Row]:
    """Yield series, x, y and value of everything in a part; a table's x is the column, its y the row.

    Of a box x is where it stands, y which of its numbers.
    """
    if isinstance(part, Chart):
        for series in part.series:
            if series.spreads is not None:
                yield from ([series.name, *map(_number, row)] for each in series.spreads.all for row in _numbers(each))
                continue
            yield from ([series.name, _number(x), _number(y), None] for x, y in zip(series.x, series.y, strict=False))
    elif isinstance(part, Heat):
        for n, row in enumerate(part.rows):
            yield from (["", _name(part.columns, at), _name(part.names, n), _number(value)]
                        for at, value in enumerate(row))  # fmt: skip
    else:
        for at, column in enumerate(part.columns):
            yield from (["", _name(part.heading, at), n, value] for n, value in enumerate(column))


def _number(value: object) -> object:
    """Return a whole number as one: to be drawn all were made fractions, counts too."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE else value


def _numbers(spread: Spread) -> Iterator[Row]:
    """Yield where a box or violin stands, which of its numbers, and that; of its outline a value and the density."""
    told = {
        "values": spread.count, "lower whisker": spread.low, "q1": spread.q1, "median": spread.median,
        "q3": spread.q3, "upper whisker": spread.high, "mean": spread.mean, "deviation": spread.deviation,
    }  # fmt: skip
    yield from ([spread.place, name, value] for name, value in told.items())
    yield from ([spread.place, "point", value] for value in spread.points)
    yield from ([spread.place, value, density] for value, density in spread.outline)


def _name(names: tuple[str, ...], n: int) -> object:
    return names[n] if n < len(names) else n
