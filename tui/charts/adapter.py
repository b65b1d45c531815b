"""The one place that knows plotext: a ``Plot`` goes in, a ``Picture`` of plain cells comes out.

plotext draws the frame, axes with their ticks and labels; the strokes are laid into it (``canvas``: why). It keeps its
figure in module globals (one lock), silently limits itself to the terminal (told not to) and answers with escape
sequences, which are parsed into runs of text with a role. Roles, not colours: the widget looks them up in its theme,
and a cached picture outlives a change of theme.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple

from . import ticks
from .cache import Kept
from .canvas import BRAILLE, Board, Canvas
from .clip import Range, bounded, clipped
from .decimate import Axis, Curve, reach, span, stroke
from .smooth import lined

TEXT, AXIS, BAD = 0, 8, 9
SERIES, BEHIND = 16, 64
"""Roles: ``SERIES + i`` is the line of series i, ``BEHIND + i`` its extremes and raw line behind."""

MARKERS = (BRAILLE, "o", "x", "+", "*", "#", "@", "%", "=", "&", "$", "~")
"""What tells series apart; with ten tasks beside each other none comes twice, in ASCII neither."""
_PLAIN = str.maketrans("┤│└┬─┼├┴┐┘┌×▲▼", "||++-++++++!^v")
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_COUNTED = 2.0**52
"""Further up a number and the one after it may be the same float."""
_TOO_SMALL = "too small here: + shows it alone"
_lock = threading.Lock()
_frames: Kept[list[str]] = Kept(32)


class Run(NamedTuple):
    """Neighbouring cells of one role."""

    text: str
    role: int


@dataclass(frozen=True, slots=True)
class Area:
    """Where the curves lie in a picture, in cells, and the x range they span."""

    left: int = 0
    width: int = 0
    height: int = 0
    x_low: float = 0.0
    x_high: float = 0.0

    def column(self, x: float) -> int:
        """Return the picture's column where ``x`` is drawn."""
        if self.width < 2 or self.x_high <= self.x_low:
            return self.left
        return self.left + round((x - self.x_low) / (self.x_high - self.x_low) * (self.width - 1))


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart: rows of runs, each row exactly as wide as was asked for."""

    rows: tuple[tuple[Run, ...], ...] = ()
    area: Area = field(default_factory=Area)
    why: str = ""
    """Why there is nothing to see."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What to draw. ``x_range`` limits the x axis (None: all); ``markers`` tells series apart without colour."""

    curves: tuple[Curve, ...]
    axis: Axis = Axis.ITERATION
    log: bool = False
    outliers: bool = True
    markers: bool = False
    ascii: bool = False
    x_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Axes:
    """What a picture spans, and what stands at its axes: places in parts of them, with their labels."""

    x_range: Range
    y_range: Range
    x_ticks: tuple[ticks.Tick, ...] = ()
    y_ticks: tuple[ticks.Tick, ...] = ()


class _Trace(NamedTuple):
    xs: list[float]
    ys: list[float]
    role: int
    marker: str
    line: bool = True


@dataclass(frozen=True, slots=True)
class Laid:
    """A plot with its axes, to be painted into cells or into a picture."""

    axes: Axes
    traces: tuple[_Trace, ...]

    def paint(self, board: Board) -> None:
        """Draw what lies within the axes."""
        for trace in self.traces:
            xs, ys = _inside(trace, self.axes.x_range, self.axes.y_range)
            (board.stroke if trace.line else board.points)(xs, ys, trace.role, trace.marker)


def draw(plot: Plot, width: int, height: int) -> Picture:
    """Draw ``plot`` into ``width`` x ``height`` cells; a picture without rows says why there is nothing to see."""
    if width < 12 or height < 4:
        return Picture(why=_TOO_SMALL)
    found = laid(plot, width, height)
    if isinstance(found, str):
        return Picture(why=found)
    return framed(found.axes, width, height, found.paint, ascii=plot.ascii)


def laid(plot: Plot, width: int, height: int) -> Laid | str:
    """Return what is to be drawn of a plot, with as many ticks as ``width`` x ``height`` cells have room for.

    A text says why there is nothing to see.
    """
    curves = [c for c in plot.curves if len(c)]
    x_range, values = plot.x_range or reach(curves), span(curves, outliers=plot.outliers)
    if x_range is None or values is None:
        return "only NaN so far" if not any(c.above or c.below for c in curves) else "no finite value so far"
    if plot.log and (values := span(curves, outliers=plot.outliers, positive=True)) is None:
        return "no value above 0: nothing on a log scale (L)"
    y_range = _vertical(values, plot.log)
    return Laid(_axes(plot, width, height, _across(x_range), y_range), tuple(_traces(plot, y_range)))


def framed(axes: Axes, width: int, height: int, paint: Callable[[Canvas], None], *, ascii: bool) -> Picture:
    """Return a picture with axes, in whose middle ``paint`` draws."""
    place = (width, height, axes.y_ticks, axes.x_ticks)
    frame = _frames.get(place, lambda: _plotted(width, height, axes.y_ticks, axes.x_ticks))
    area = _area(frame[0], width, height, axes.x_range)
    if area.width < 1:  # the labels took it all
        return Picture(why=_TOO_SMALL)
    canvas = Canvas(area.width, area.height, TEXT)
    paint(canvas)
    inside = [(*_row(line, area.left, plain=ascii), *_runs(canvas, y, plain=ascii))
              for y, line in enumerate(frame[: area.height])]  # fmt: skip
    return Picture((*inside, *(_row(line, width, plain=ascii) for line in frame[area.height : height])), area)


def _across(x_range: Range) -> Range:
    low, high = x_range
    if high > low:
        return x_range
    margin = 1.0 if abs(low) < _COUNTED else abs(low) / 1000
    return low - margin, low + margin


def _vertical(values: Range, log: bool) -> Range:
    low, high = map(math.log10, values) if log else values
    margin = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return bounded(low - margin, high + margin, log=log)


def _traces(plot: Plot, y_range: Range) -> list[_Trace]:
    behind: list[_Trace] = []
    front: list[_Trace] = []
    for number, curve in enumerate(plot.curves):
        marker = marker_of(number, ascii=plot.ascii, distinct=plot.markers)
        if curve.smooth or curve.spread:
            whole = _lifted(curve, 10 ** y_range[0]) if plot.log else curve
            behind.append(_trace(whole, plot.log, BEHIND + number, "." if plot.ascii else BRAILLE))
        front.append(_trace(lined(curve), plot.log, SERIES + number, marker))
    drawn = [t for t in behind + front if any(map(math.isfinite, t.ys))]
    return drawn + (_beneath(plot.curves, y_range[0]) if plot.log else []) + _marks(plot.curves, y_range)


def _lifted(curve: Curve, floor: float) -> Curve:
    """Return a curve for a log scale: where values lie on both sides of 0, the lowest is at the lower edge."""
    pairs = zip(curve.low, curve.high, strict=True)
    return replace(curve, low=tuple(floor if low <= 0 < high else low for low, high in pairs))


def marker_of(number: int, *, ascii: bool, distinct: bool) -> str:
    """Return what series ``number`` is drawn with: braille, unless characters must tell series apart."""
    if ascii:
        return MARKERS[1 + number % (len(MARKERS) - 1)]
    return MARKERS[number % len(MARKERS)] if distinct else BRAILLE


def _trace(curve: Curve, log: bool, role: int, marker: str) -> _Trace:
    xs, ys = stroke(curve)
    if log:
        ys = [math.log10(y) if y > 0 else math.nan for y in ys]
    lonely = sum(map(math.isfinite, ys)) == 1  # one point is no line: a dot of braille would be overlooked
    return _Trace(xs, ys, role, "•" if lonely and marker == BRAILLE else marker)


def _beneath(curves: Sequence[Curve], low: float) -> list[_Trace]:
    """Values of 0 and less as marks at the lower edge of a log scale: nothing bad, but nowhere on it."""
    xs = [x for c in curves for x, least in zip(c.x, c.low, strict=True) if least <= 0]
    return [_Trace(xs, [low] * len(xs), AXIS, "▼", line=False)] if xs else []


def _marks(curves: Sequence[Curve], y_range: Range) -> list[_Trace]:
    """NaN and infinities as marks at the rim, one trace a kind: they are shown, though nowhere on the scale."""
    low, high = y_range
    kinds = (("×", low, [x for c in curves for x in c.nans]), ("▲", high, [x for c in curves for x in c.above]),
             ("▼", low, [x for c in curves for x in c.below]))  # fmt: skip
    return [_Trace(xs, [y] * len(xs), BAD, marker, line=False) for marker, y, xs in kinds if xs]


def _inside(trace: _Trace, x_range: Range, y_range: Range) -> tuple[list[float], list[float]]:
    """Return the part of a trace that is shown, as parts of the width and of the height."""
    xs, ys = clipped(trace.xs, trace.ys, x_range, y_range)
    return [_part(x, x_range) for x in xs], [_part(y, y_range) for y in ys]


def _part(value: float, whole: Range) -> float:
    return (value - whole[0]) / (whole[1] - whole[0])


def _axes(plot: Plot, width: int, height: int, x_range: Range, y_range: Range) -> Axes:
    down = min(8, max(2, (height - 2) // 2))
    y_ticks = ticks.logarithmic(*y_range, down) if plot.log else ticks.linear(*y_range, down)
    x_ticks = ticks.horizontal(plot.axis, *x_range, width)
    up = tuple((_part(at, y_range), f"{label:>6}") for at, label in y_ticks)
    along = tuple((_part(at, x_range), label) for at, label in x_ticks)
    return Axes(x_range, y_range, along, up)


def _plotted(width: int, height: int, up: Sequence[ticks.Tick], along: Sequence[ticks.Tick]) -> list[str]:
    """Return the axes as lines of text and escape sequences, those beside the canvas without it.

    They are drawn apart, the one narrow and the other flat: plotext takes its time by the cell, empty or not.
    """
    widest = max((label for _, label in up), key=len, default="")
    beside = _built(len(widest) + 2, height, up, ((0.0, " "),))
    below = _built(width, 3, ((0.0, widest),), along or ((0.0, " "),))
    return [*beside[: height - 2], *below[-2:]]


def _built(width: int, height: int, up: Sequence[ticks.Tick], along: Sequence[ticks.Tick]) -> list[str]:
    import plotext

    with _lock:
        plotext.clear_data()  # all else is said anew: a figure's beginning takes it as long as half a picture
        plotext.limit_size(False, False)
        plotext.plot_size(width, height)
        plotext.canvas_color("default")
        plotext.axes_color("default")
        plotext.ticks_color(AXIS)
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(0, 1)
        plotext.ylim(0, 1)
        plotext.scatter([0], [0], marker=" ")  # with nothing to draw it leaves the ticks out too
        plotext.yticks([at for at, _ in up], [label for _, label in up])
        plotext.xticks([at for at, _ in along], [label for _, label in along])
        text: str = plotext.build()
    return text.splitlines()


def _runs(canvas: Canvas, y: int, *, plain: bool) -> Iterator[Run]:
    """Yield a row of the canvas, neighbouring cells of one role together."""
    text = "".join(canvas.texts[y])
    text = text.translate(_PLAIN) if plain else text
    at = 0
    for role, cells in groupby(canvas.roles[y]):
        size = len(list(cells))
        yield Run(text[at : at + size], role)
        at += size


def _row(line: str, width: int, *, plain: bool) -> tuple[Run, ...]:
    runs: list[Run] = []
    role, left = TEXT, width
    for number, part in enumerate(_SGR.split(line)):
        if number % 2:
            role = _role(part)
        elif part and left:
            text = part[:left].translate(_PLAIN) if plain else part[:left]
            runs.append(Run(text, role))
            left -= len(text)
    return (*runs, Run(" " * left, TEXT)) if left else tuple(runs)


def _role(codes: str) -> int:
    parts = codes.split(";")
    return int(parts[-1]) if len(parts) == 3 and parts[0] == "38" else TEXT


def _area(line: str, width: int, height: int, x_range: Range) -> Area:
    first = _SGR.sub("", line)
    left = 1 + next((i for i, c in enumerate(first) if c in "┤│"), -1)
    return Area(left, width - left, height - 2, *x_range)
