"""What the scatter tab draws: from hyperparameters and metrics to points, axes and a picture. Pure, but for plotext.

The picture is the chart adapter's, of curves of one point each, over an x axis of its own: the adapter counts whole
iterations, hyperparameters are fractions, powers of ten, or words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from store.records import MONITOR, TaskDetail
from store.text import natural
from tui import format as form
from tui.charts import adapter, ticks
from tui.charts.adapter import AXIS, Picture, Run
from tui.charts.clip import LARGEST
from tui.charts.decimate import Curve
from tui.columns import metric_name

from .lettered import lettered
from .source import Compared, Member

AGGREGATES = ("last", "min", "max")
LOG_FROM = 50.0
"""The ratio of the largest to the smallest value from which a hyperparameter is shown on a logarithmic scale."""
FEW = 4
"""Up to so many different values are marked on the axis themselves, instead of round numbers."""


NONE_HAS_BOTH = "No task has both: choose another hyperparameter (x) or metric (v)."


@dataclass(frozen=True)
class Point:
    """A task in the picture: what it was given, as text, and what it reached; None for nothing."""

    member: Member
    given: str | None
    reached: float | None


@dataclass(frozen=True)
class Scale:
    """Where hyperparameters lie on the x axis, and the axis' labels."""

    places: tuple[float | None, ...]
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


def parameters_of(compared: Compared) -> dict[str, tuple[str | None, ...]]:
    """Return ``Section/name`` -> what each task has: numbers before words, those first in which most tasks differ."""
    values = [{p.key: p.value for p in member.detail.parameters} for member in compared.members]
    keys = sorted({key for value in values for key in value}, key=natural)
    found = {key: tuple(value.get(key) for value in values) for key in keys}
    return dict(sorted(found.items(), key=lambda item: (numbers(item[1]) is None, -len(set(item[1])))))


def metrics_of(compared: Compared) -> dict[str, tuple[float | None, ...]]:
    """Return ``title/series last`` (and min, max) and the values reported once -> what each task reached.

    Those that most tasks have come first.
    """
    each = [_reached(member.detail) for member in compared.members]
    keys = dict.fromkeys(key for values in each for key in values)
    found = {key: tuple(values.get(key) for values in each) for key in keys}
    return dict(sorted(found.items(), key=lambda item: sum(value is None for value in item[1])))


def _reached(detail: TaskDetail) -> dict[str, float | None]:
    own = [metric for metric in detail.metrics if not metric.title.startswith(MONITOR)]
    made = {f"{metric_name((m.title, m.series))} {name}": getattr(m, name) for m in own for name in AGGREGATES}
    return made | detail.single_values


def numbers(texts: Sequence[str | None]) -> list[float | None] | None:
    """Return texts as numbers, None if one of them is none, or has no place on an axis."""
    made: list[float | None] = []
    for text in texts:
        try:
            value = None if text is None else float(text)
        except ValueError:
            return None
        if value is not None and not abs(value) <= LARGEST:
            return None
        made.append(value)
    return made


def scale(texts: Sequence[str | None], width: int, log: bool | None) -> Scale:
    """Return where texts lie on an axis: numbers by their value, words in their order.

    Args:
        texts: what each task has.
        width: columns of the axis.
        log: whether the axis is to be logarithmic; None: as it fits.
    """
    found = numbers(texts)
    if found is None:
        return _words(texts, width)
    known = [value for value in found if value is not None]
    if is_log(texts, log):
        low, high = _margin([math.log10(value) for value in known])
        places = tuple(None if value is None else math.log10(value) for value in found)
        few = tuple((math.log10(value), ticks.number(value)) for value in sorted(set(known)))
        return Scale(places, low, high, few if len(few) <= FEW else tuple(ticks.logarithmic(low, high, width // 10)))
    low, high = _margin(known)
    few = tuple((value, ticks.number(value)) for value in sorted(set(known)))
    return Scale(tuple(found), low, high, few if len(few) <= FEW else tuple(ticks.linear(low, high, width // 10)))


def is_log(texts: Sequence[str | None], wanted: bool | None) -> bool:
    """Return whether an axis is logarithmic: never with 0 or less on it; unless ``wanted``, by what it spans."""
    known = [value for value in numbers(texts) or () if value is not None]
    if not known or min(known) <= 0:
        return False
    return max(known) / min(known) >= LOG_FROM if wanted is None else wanted


def _words(texts: Sequence[str | None], width: int) -> Scale:
    words = sorted({text for text in texts if text is not None}, key=natural)
    room = max(3, width // max(1, len(words)) - 2)
    labels = tuple((float(n), form.fit(word, min(room, len(word))).strip() or '""') for n, word in enumerate(words))
    places = tuple(None if text is None else float(words.index(text)) for text in texts)
    return Scale(places, -0.5, len(words) - 0.5, labels)


def _margin(values: Sequence[float]) -> tuple[float, float]:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return low - margin, high + margin


@dataclass(frozen=True)
class Sight:
    """What a picture depends on."""

    points: tuple[Point, ...]
    width: int
    height: int
    log_x: bool | None
    log_y: bool
    ascii: bool


def draw(sight: Sight) -> Picture:
    """Return the picture; without rows it says why there is nothing to see."""
    laid, plot = placed(sight)
    if not any(curve.x for curve in plot.curves):
        return Picture(why=NONE_HAS_BOTH)
    picture = adapter.draw(plot, sight.width, sight.height)
    if not picture.rows:
        return picture
    drawn = lettered(picture, [point.member.letter for point in sight.points])
    return replace(drawn, rows=(*drawn.rows[: drawn.area.height], *_axis(drawn, laid, sight)))


def placed(sight: Sight) -> tuple[Scale, adapter.Plot]:
    """Return the x axis, and on it a curve of one point for each task; of none for one that has not got both."""
    laid = scale([point.given for point in sight.points], max(1, sight.width - 8), sight.log_x)
    pairs = zip(laid.places, (point.reached for point in sight.points), strict=True)
    curves = tuple(_dot(x, y) for x, y in pairs)
    return laid, adapter.Plot(curves, log=sight.log_y, markers=True, ascii=sight.ascii, x_range=(laid.low, laid.high))


def _dot(x: float | None, y: float | None) -> Curve:
    if x is None or y is None or not math.isfinite(y):
        return Curve()
    return Curve((x,), (y,), (y,), (y,), (y,))


def _axis(picture: Picture, laid: Scale, sight: Sight) -> list[tuple[Run, ...]]:
    """The x axis: its line with a mark at each tick, and the labels below, those left out that would touch."""
    area, width = picture.area, sight.width
    line = [" "] * (area.left - 1) + list(("+" + "-" * area.width) if sight.ascii else ("└" + "─" * area.width))
    text = [" "] * width
    free = 0
    for at, label in laid.ticks:
        column = area.column(at)
        start = min(max(column - len(label) // 2, 0), width - len(label))
        if start >= free and area.left <= column < width:
            line[column] = "+" if sight.ascii else "┬"
            text[start : start + len(label)] = label
            free = start + len(label) + 1
    return [(Run("".join(row)[:width], AXIS),) for row in (line, text)]
