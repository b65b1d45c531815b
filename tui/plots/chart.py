"""A chart over two axes as cells: lines and points as strokes, bars as filled cells, bars that run right as rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from rich.cells import cell_len

from tui import format as form
from tui.charts.adapter import AXIS, SERIES, TEXT, Area, Axes, Run, framed, marker_of
from tui.charts.canvas import BRAILLE, Canvas

from . import outlines
from .cells import Cells, Terminal, labelled, narrow
from .figure import Chart, Series
from .painting import paint, scales, size_of
from .scale import Scale

CLOUD = 400
_BLOCKS = " ▁▂▃▄▅▆▇█"
_FILLS = ("█", "▓", "▒", "░")
_PLAIN_FILLS = ("#", "=", "%", "+")


def draw(chart: Chart, width: int, height: int, terminal: Terminal) -> Cells:
    """Return a chart in ``width`` x ``height`` cells; one of bars to the right may take more rows."""
    if chart.across:
        return _across(chart, width, terminal)
    legend = _legend(chart, width, terminal)
    below = _titles(chart, width)
    room = height - len(legend) - len(below)
    too_small: Cells = [(Run(form.fit("too small here", width), AXIS),)]
    if width < 16 or room < 4:
        return too_small
    found = scales(chart)
    if found is None:
        return [(Run(form.fit("no value in it that can be drawn", width), AXIS),)]
    x, y = found
    room = max(room, outlines.least_rows([s.spreads for s in chart.series if s.spreads is not None]) + 2)
    beside = {round((1 - at) * (room - 3)): (at, name) for at, name in y.named}
    wide = max(6, min(max((cell_len(name) for _, name in beside.values()), default=0), width // 4))
    up = tuple((at, f"{narrow(label):>6}") for at, label in y.ticks(min(8, max(2, room // 2 - 1))))
    up = up or tuple((at, " " * wide) for at, _ in beside.values())
    if width < 10 + max((len(label) for _, label in up), default=0):
        return too_small
    axes = Axes(x.range, y.range, x.ticks(max(1, width // 12)), up)

    def painted(canvas: Canvas) -> None:
        paint(chart, x, y, _OnCells(canvas, terminal), partial(_marker, chart, terminal), canvas.width)

    picture = framed(axes, width, room, painted, ascii=terminal.ascii)
    rows = list(picture.rows)
    if x.named:
        rows[-1] = _names_below(x, picture.area, width)
    for row in range(picture.area.height if beside else 0):
        _, name = beside.get(row, (0.0, None))
        rows[row] = _name_beside(rows[row], name, picture.area.left, terminal)
    return [*legend, *rows, *below]


def _legend(chart: Chart, width: int, terminal: Terminal) -> Cells:
    named = [(n, s) for n, s in enumerate(chart.series) if s.name]
    if not named or (len(chart.series) == 1 and not chart.note):
        return [(Run(form.fit(chart.note, width), AXIS),)] if chart.note else []
    runs: list[Run] = []
    left = width
    for n, series in named:
        text = form.fit(series.name, min(cell_len(series.name), 24), ascii_only=terminal.ascii)
        if left < cell_len(text) + 8:
            runs.append(Run(f"+{len(named) - len(runs) // 2}", AXIS))
            break
        runs += [Run(f"{_mark(n, series, chart, terminal)} ", SERIES + n), Run(f"{text}  ", TEXT)]
        left -= cell_len(text) + 4
    return [tuple(runs), *([(Run(form.fit(chart.note, width), AXIS),)] if chart.note else [])]


def _mark(n: int, series: Series, chart: Chart, terminal: Terminal) -> str:
    if series.kind == "bar":
        return _fill(n, terminal)
    found = _marker(chart, terminal, n, series.kind)
    return "━" if found == BRAILLE else found


def _marker(chart: Chart, terminal: Terminal, n: int, kind: str) -> str:
    distinct = bool(chart.note) or (not terminal.colour and len(chart.series) > 1)
    found = marker_of(n, ascii=terminal.ascii, distinct=distinct)
    return "•" if found == BRAILLE and kind == "markers" else found


def _fill(n: int, terminal: Terminal) -> str:
    if terminal.ascii:
        return _PLAIN_FILLS[n % len(_PLAIN_FILLS)]
    return _FILLS[0] if terminal.colour else _FILLS[n % len(_FILLS)]


def _titles(chart: Chart, width: int) -> Cells:
    said = [f"{letter}: {axis.title}" for letter, axis in (("x", chart.x), ("y", chart.y)) if axis.title]
    said += [f"{letter} logarithmic" for letter, axis in (("x", chart.x), ("y", chart.y)) if axis.log]
    return [(Run(form.fit("   ".join(said), width), AXIS),)] if said else []


def _names_below(scale: Scale, area: Area, width: int) -> tuple[Run, ...]:
    places = [(area.left + round(at * (area.width - 1)), name) for at, name in scale.named]
    return (Run(labelled(places, width), AXIS),)


def _name_beside(row: tuple[Run, ...], name: str | None, left: int, terminal: Terminal) -> tuple[Run, ...]:
    """Return a row with a name, or none, in the room beside the axis."""
    rest = list(row)
    room = left
    while room > 0:
        room -= len(rest.pop(0).text)
    line = "|" if terminal.ascii else "│" if name is None else "┤"
    return (Run(form.fit(name or "", left - 1, "right", terminal.ascii), AXIS), Run(line, TEXT), *rest)


# Painting -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _OnCells:
    """The cells as a board with bars."""

    canvas: Canvas
    terminal: Terminal

    def stroke(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        self.canvas.stroke(xs, ys, role, marker)

    def points(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Set points: few of them as marks that cannot be overlooked, many as dots, so that a cloud keeps its shape."""
        if marker == "•" and len(xs) > CLOUD:
            lifted = [at for x in xs for at in (x, math.nan)], [at for y in ys for at in (y, math.nan)]
            self.canvas.stroke(*lifted, role, BRAILLE)
        else:
            self.canvas.points(xs, ys, role, "•" if marker == BRAILLE else marker)

    def bar(self, start: float, stop: float, base: float, tip: float, role: int) -> None:
        """Fill a bar; where it is a whole block, its upper end is told in eighths of a cell."""
        canvas, fill = self.canvas, _fill(role - SERIES, self.terminal)
        rows = canvas.height - 1
        base, tip = (min(max(end, 0.0), 1.0) * rows for end in (base, tip))
        bottom, top, rest = round(tip), round(base), " "
        if tip >= base:
            reach = tip - top
            # A tick stands in the middle of its row, and a bar begins at the lower edge of one.
            eighths = max(0, round((reach + 0.5 * min(1.0, reach)) * 8))
            bottom, top = top, top + eighths // 8
            rest = _BLOCKS[eighths % 8] if fill == _FILLS[0] else fill if eighths % 8 >= 4 else " "
        for column in _columns(start, stop, canvas.width):
            for row in range(bottom, top):
                _set(canvas, column, row, role, fill)
            if rest != " " and top <= rows:
                _set(canvas, column, top, role, rest)


def _columns(start: float, stop: float, width: int) -> range:
    first, last = sorted((start * width, stop * width))
    left = min(max(0, round(first)), width - 1)
    return range(left, min(width, max(left + 1, round(last))))


def _set(canvas: Canvas, column: int, row: int, role: int, text: str) -> None:
    y = canvas.height - 1 - row
    canvas.texts[y][column], canvas.roles[y][column] = text, role


# Bars to the right ----------------------------------------------------------------------------------------------------


def _across(chart: Chart, width: int, terminal: Terminal) -> Cells:
    """Return a row for each bar: its name, the bar, its value."""
    lengths = [v for s in chart.series for v in s.x if not isinstance(v, str) and math.isfinite(v)]
    reach = max([abs(v) for v in lengths], default=0.0) or 1.0
    named = {round(at, 6): name for at, name in chart.y.names}
    names = [[v if isinstance(v, str) else named.get(round(v, 6)) or form.number(v) for v in s.y] for s in chart.series]
    wide = min(max(map(cell_len, chain(*names)), default=0), max(8, width // 3))
    room = max(4, width - wide - 12)
    rows: Cells = _legend(chart, width, terminal)
    for place in range(max(map(len, names), default=0)):
        for n, series in enumerate(chart.series):
            if place < min(len(series.x), len(series.y)):
                label = form.fit(names[n][place], wide, ascii_only=terminal.ascii)
                rows.append(_bar_row(label, series.x[place], reach, room, n, terminal))
    return [*rows, *_titles(chart, width)]


def _bar_row(label: str, value: float | str, reach: float, room: int, n: int, terminal: Terminal) -> tuple[Run, ...]:
    size = size_of(value)
    known = math.isfinite(size)
    bar = _fill(n, terminal) * round(abs(size) / reach * room) if known else ""
    return (Run(f"{label} ", TEXT), Run(bar, SERIES + n), Run(f" {form.number(size)}", AXIS))
