"""A figure as a picture: its charts and matrices below each other. Bars that run to the right stand upright here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from store.errors import InvalidValue
from tui import format as form
from tui.charts import svg
from tui.charts.adapter import Axes
from tui.charts.ticks import Tick

from .figure import Chart, Drawing, Heat, Part
from .heat import merged, reach, share, told
from .painting import paint, scales
from .scale import Scale

FEW = 8
"""Ticks on the y axis, and numbers on the x axis."""
NAMES = 24
"""Names on an axis: of more, some are left out."""
CELLS = 120
"""Rows and columns of a matrix: of more, a cell is the mean of neighbours."""


def document(drawing: Drawing, title: str, note: str, inks: tuple[str, ...]) -> str:
    """Return a figure as the text of a file.

    Raises:
        InvalidValue: there is nothing in it that can be drawn so.
    """
    heads = [svg.Head(drawing.title or title, (), inks, note), *[svg.Head("", (), inks)] * len(drawing.parts)]
    drawn = [_drawn(part, head) for part, head in zip(drawing.parts, heads, strict=False)]
    pictures = [picture for picture in drawn if picture is not None]
    if not pictures:
        name = form.one_line(title, 40)
        raise InvalidValue(f"There is no picture of {name}: what is in it can only be exported as .csv.")
    return svg.document(*pictures)


def _drawn(part: Part, head: svg.Head) -> svg.Picture | None:
    if isinstance(part, Chart):
        return _chart(_upright(part) if part.across else part, head)
    return _heat(part, head) if isinstance(part, Heat) else None


def _upright(chart: Chart) -> Chart:
    turned = tuple(replace(series, x=series.y, y=series.x) for series in chart.series)
    return replace(chart, series=turned, x=chart.y, y=chart.x, across=False)


def _chart(chart: Chart, head: svg.Head) -> svg.Picture | None:
    found = scales(chart)
    if found is None:
        return None
    x, y = found
    named = [svg.Entry(n, series.name, kind="lines" if series.spreads else series.kind)
             for n, series in enumerate(chart.series) if series.name]  # fmt: skip
    entries = tuple(named) if len(chart.series) > 1 or chart.note else ()
    note = ", ".join(part for part in (head.note, chart.note) if part)
    head = replace(head, entries=entries, note=note, x=chart.x.title, y=chart.y.title)
    axes = Axes(x.range, y.range, _ticks(x), _ticks(y))
    return svg.drawn(head, axes, lambda board: paint(chart, x, y, board, lambda n, kind: "", svg.WIDTH))


def _ticks(scale: Scale) -> tuple[Tick, ...]:
    return _named(scale.named) if scale.named else scale.ticks(FEW)


def _named(places: Sequence[Tick]) -> tuple[Tick, ...]:
    """Return names side by side, as many and as long as there is room for."""
    kept = places[:: -(-len(places) // NAMES)]
    room = max(4, int(svg.ACROSS * 1.4) // len(kept))
    return tuple((at, form.fit(name, room).rstrip()) for at, name in kept)


def _heat(heat: Heat, head: svg.Head) -> svg.Picture:
    wide = max(map(len, heat.rows))
    down, across = -(-len(heat.rows) // CELLS), -(-wide // CELLS)
    grid = merged(heat.rows, wide, down, across)
    low, high = reach(grid)
    said = (head.note, f"from {told(low)} to {told(high)}", heat.note)
    mean = f"a cell is the mean of {down} x {across}" if down * across > 1 else ""
    head = replace(head, note=", ".join(part for part in (*said, mean) if part), x=heat.x.title, y=heat.y.title,
                   ruled=False)  # fmt: skip
    names = [heat.names[n] if n < len(heat.names) else str(n) for n in range(0, len(heat.rows), down)]
    columns = [heat.columns[n] if n < len(heat.columns) else str(n) for n in range(0, wide, across)]
    rows, names = (grid[::-1], names[::-1]) if heat.y.turned else (grid, names)
    axes = Axes((0, 1), (0, 1), _centred(columns), _centred(names))
    return svg.drawn(head, axes, lambda board: _paint(rows, low, high, board))


def _centred(names: Sequence[str]) -> tuple[Tick, ...]:
    return _named([((n + 0.5) / len(names), name) for n, name in enumerate(names)])


def _paint(rows: Sequence[Sequence[float]], low: float, high: float, board: svg.Picture) -> None:
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            shade = share(value, low, high)
            board.cell(x / len(row), (x + 1) / len(row), y / len(rows), (y + 1) / len(rows), shade, told(value))
