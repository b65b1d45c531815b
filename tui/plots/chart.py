"""A chart over two axes as cells: lines and points as strokes, bars as filled cells, bars that run right as rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

from tui import format as form
from tui.charts.adapter import AXIS, SERIES, TEXT, Area, Axes, Run, framed, marker_of
from tui.charts.canvas import BRAILLE, Canvas
from tui.charts.clip import clipped

from .cells import Cells, Terminal, labelled, narrow
from .figure import Chart, Series
from .scale import Scale, gap, scale_of

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
    if width < 16 or room < 4:
        return [(Run(form.fit("too small here", width), AXIS),)]
    x = scale_of(chart.x, chart.series, across=True)
    y = scale_of(chart.y, chart.series, across=False, base=any(s.kind == "bar" for s in chart.series) or None,
               stacked=chart.stacked)  # fmt: skip
    if x is None or y is None:
        return [(Run(form.fit("no finite value in it", width), AXIS),)]
    up = tuple((at, f"{narrow(label):>6}") for at, label in y.ticks(min(8, max(2, room // 2 - 1))))
    axes = Axes(x.range, y.range, x.ticks(max(1, width // 12)), up)
    picture = framed(axes, width, room, lambda canvas: _paint(chart, x, y, canvas, terminal), ascii=terminal.ascii)
    rows = list(picture.rows)
    if x.names:
        rows[-1] = _names_below(x, picture.area, width)
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
    found = _marker(n, series, chart, terminal)
    return "━" if found == BRAILLE else found


def _marker(n: int, series: Series, chart: Chart, terminal: Terminal) -> str:
    distinct = bool(chart.note) or (not terminal.colour and len(chart.series) > 1)
    found = marker_of(n, ascii=terminal.ascii, distinct=distinct)
    return "•" if found == BRAILLE and series.kind == "markers" else found


def _fill(n: int, terminal: Terminal) -> str:
    if terminal.ascii:
        return _PLAIN_FILLS[n % len(_PLAIN_FILLS)]
    return _FILLS[0] if terminal.colour else _FILLS[n % len(_FILLS)]


def _titles(chart: Chart, width: int) -> Cells:
    said = [f"{letter}: {axis.title}" for letter, axis in (("x", chart.x), ("y", chart.y)) if axis.title]
    said += [f"{letter} logarithmic" for letter, axis in (("x", chart.x), ("y", chart.y)) if axis.log]
    return [(Run(form.fit("   ".join(said), width), AXIS),)] if said else []


def _names_below(scale: Scale, area: Area, width: int) -> tuple[Run, ...]:
    places = [(area.left + round(scale.part(n) * (area.width - 1)), name) for n, name in enumerate(scale.names)]
    return (Run(labelled(places, width), AXIS),)


# Painting -------------------------------------------------------------------------------------------------------------


def _paint(chart: Chart, x: Scale, y: Scale, canvas: Canvas, terminal: Terminal) -> None:
    _paint_bars(chart, [(n, s) for n, s in enumerate(chart.series) if s.kind == "bar"], x, y, canvas, terminal)
    for n, series in enumerate(chart.series):
        if series.kind == "bar":
            continue
        marker = _marker(n, series, chart, terminal)
        xs = [x.place(at) for at, _ in zip(series.x, series.y, strict=False)]
        ys = [y.place(at) for _, at in zip(series.x, series.y, strict=False)]
        if "lines" in series.kind:
            along, up = clipped(xs, ys, x.range, y.range)
            canvas.stroke([x.part(at) for at in along], [y.part(at) for at in up], SERIES + n, marker)
        if "markers" in series.kind:
            _points(canvas, [x.part(at) for at in xs], [y.part(at) for at in ys], SERIES + n, marker)


def _points(canvas: Canvas, xs: list[float], ys: list[float], role: int, marker: str) -> None:
    """Set points: few of them as marks that cannot be overlooked, many as dots, so that a cloud keeps its shape."""
    if marker == "•" and len(xs) > CLOUD:
        lifted = [at for x in xs for at in (x, math.nan)], [at for y in ys for at in (y, math.nan)]
        canvas.stroke(*lifted, role, BRAILLE)
    else:
        canvas.points(xs, ys, role, "•" if marker == BRAILLE else marker)


def _paint_bars(
    chart: Chart, bars: Sequence[tuple[int, Series]], x: Scale, y: Scale, canvas: Canvas, terminal: Terminal
) -> None:
    places = sorted({place for _, s in bars for v in s.x if math.isfinite(place := x.place(v))})
    room = gap(places) * (0.8 if len(places) * 5 <= canvas.width else 1.0)  # no room for a gap: none at all
    wide = room if chart.stacked else room / max(1, len(bars))
    ends: dict[tuple[float, bool], float] = {}
    for order, (n, series) in enumerate(bars):
        for at, given in zip(series.x, series.y, strict=False):
            middle, size = x.place(at), _size(given)
            if not (math.isfinite(middle) and math.isfinite(size)):
                continue
            start = middle - room / 2 + (0 if chart.stacked else order * wide)
            base = ends.get((middle, size > 0), 0.0) if chart.stacked else 0.0
            ends[middle, size > 0] = base + size
            low, high = (y.part(_height(y, end)) for end in (base, base + size))
            _bar(canvas, _columns(x.part(start), x.part(start + wide), canvas.width), low, high, n, terminal)


def _size(value: float | str) -> float:
    return math.nan if isinstance(value, str) else value


def _height(scale: Scale, end: float) -> float:
    """Return where a bar ends; on a logarithmic axis nothing lies below its beginning."""
    at = scale.place(end)
    return scale.range[0] if math.isnan(at) else at


def _columns(start: float, stop: float, width: int) -> range:
    first, last = sorted((start * width, stop * width))
    left = min(max(0, round(first)), width - 1)
    return range(left, min(width, max(left + 1, round(last))))


def _bar(canvas: Canvas, columns: range, base: float, tip: float, n: int, terminal: Terminal) -> None:
    """Fill a bar; where it is a whole block, its upper end is told in eighths of a cell."""
    fill, rows = _fill(n, terminal), canvas.height - 1
    base, tip = (min(max(end, 0.0), 1.0) * rows for end in (base, tip))
    bottom, top, rest = round(tip), round(base), " "
    if tip >= base:
        reach = tip - top
        # A tick stands in the middle of its row, and a bar begins at the lower edge of one.
        eighths = max(0, round((reach + 0.5 * min(1.0, reach)) * 8))
        bottom, top = top, top + eighths // 8
        rest = _BLOCKS[eighths % 8] if fill == _FILLS[0] else fill if eighths % 8 >= 4 else " "
    for column in columns:
        for row in range(bottom, top):
            _set(canvas, column, row, SERIES + n, fill)
        if rest != " " and top <= rows:
            _set(canvas, column, top, SERIES + n, rest)


def _set(canvas: Canvas, column: int, row: int, role: int, text: str) -> None:
    y = canvas.height - 1 - row
    canvas.texts[y][column], canvas.roles[y][column] = text, role


# Bars to the right ----------------------------------------------------------------------------------------------------


def _across(chart: Chart, width: int, terminal: Terminal) -> Cells:
    """Return a row for each bar: its name, the bar, its value."""
    lengths = [v for s in chart.series for v in s.x if not isinstance(v, str) and math.isfinite(v)]
    reach = max([abs(v) for v in lengths], default=0.0) or 1.0
    names = [v if isinstance(v, str) else form.number(v) for s in chart.series for v in s.y]
    wide = min(max(map(cell_len, names), default=0), max(8, width // 3))
    room = max(4, width - wide - 12)
    rows: Cells = _legend(chart, width, terminal)
    for place in range(max((len(s.y) for s in chart.series), default=0)):
        for n, series in enumerate(chart.series):
            if place < min(len(series.x), len(series.y)):
                name = series.y[place]
                label = form.fit(name if isinstance(name, str) else form.number(name), wide, ascii_only=terminal.ascii)
                rows.append(_bar_row(label, series.x[place], reach, room, n, terminal))
    return [*rows, *_titles(chart, width)]


def _bar_row(label: str, value: float | str, reach: float, room: int, n: int, terminal: Terminal) -> tuple[Run, ...]:
    size = _size(value)
    known = math.isfinite(size)
    bar = _fill(n, terminal) * round(abs(size) / reach * room) if known else ""
    return (Run(f"{label} ", TEXT), Run(bar, SERIES + n), Run(f" {form.number(size)}", AXIS))
