"""Box and violin traces of a figure as spreads: one for each place on their axis, with all that is drawn of it.

Defaults are plotly's: a trace without places stands at its name, whiskers end at the last value within one and a half
boxes, a violin reaches two bandwidths beyond its values. What is no number is left out and counted, and so are spreads
that no screen has room for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

from store.figures import Figure
from tui.charts.clip import LARGEST, Range

from . import spread
from .stored import listed, number, plain, values

KINDS = ("box", "violin")
MOST = 200
"""Spreads of a part of a figure that are drawn."""
POINTS = 2000
"""Points of a spread that are drawn: of more, one in so many, and the outermost."""
_STORED = ("q1", "median", "q3")
_SIDES = {"negative": -1, "positive": 1}
Place = float | str


@dataclass(frozen=True)
class Spread:
    """The values at one place: the box, where its whiskers end, mean and standard deviation."""

    place: Place
    q1: float
    median: float
    q3: float
    low: float
    high: float
    mean: float
    deviation: float
    count: int = 0
    """How many values they are; 0 where only the box is stored."""
    points: tuple[float, ...] = ()
    """What is drawn one by one, sorted: outliers, or all values."""
    outline: tuple[tuple[float, float], ...] = ()
    """Of a violin: values, and how densely others lie there."""
    peak: float = 1.0
    """The density that is as wide as there is room for."""

    @property
    def reach(self) -> Range:
        """From where to where something is drawn of it."""
        ends = (self.q1, self.q3, self.low, self.high, *self.points[:1], *self.points[-1:])
        ends += tuple(at for at, _ in (*self.outline[:1], *self.outline[-1:]))
        return min(ends), max(ends)


@dataclass(frozen=True)
class Manner:
    """How the spreads of a trace are drawn."""

    slot: str = ""
    """Traces of one slot stand upon each other, those of others beside them."""
    across: bool = False
    """Values run to the right."""
    box: float = 1.0
    """How much of the room a box takes; 0: there is none."""
    whiskers: bool = True
    mean: bool = False
    deviation: bool = False
    """A diamond around the mean tells the standard deviation."""
    by_deviation: bool = False
    """The box tells mean and standard deviation, not quartiles."""
    side: int = 0
    """Of a violin only the half before the place (-1), or behind it (1)."""
    beside: bool = False
    """Points stand beside the box, because they are all values."""
    scale: str = ""
    """Violins of one scale are as wide as dense, compared with each other."""
    counted: bool = False
    """Of fewer values they are narrower."""


@dataclass(frozen=True)
class Spreads:
    """What is drawn of a trace.

    Of the ``given`` values ``lost`` have no place and ``far`` lie beyond what can be drawn; ``beyond`` spreads no room.
    """

    all: tuple[Spread, ...]
    manner: Manner
    given: int = 0
    lost: int = 0
    far: int = 0
    beyond: int = 0

    @property
    def places(self) -> tuple[Place, ...]:
        """Where they stand."""
        return tuple(each.place for each in self.all)

    @property
    def ends(self) -> tuple[float, ...]:
        """Between what values they lie."""
        wide = self.manner.deviation or self.manner.by_deviation
        around = [each.mean + way * each.deviation for each in self.all for way in (-1, 1)] if wide else []
        return (*(end for each in self.all for end in each.reach), *around)


def read(traces: Iterable[tuple[int, Figure]], layout: Figure) -> list[Spreads]:
    """Return the spreads of traces that share their axes, each with its number in the figure."""
    found: list[Spreads] = []
    for order, trace in traces:
        found.append(_read(trace, order, layout, MOST - sum(len(each.all) for each in found)))
    return _scaled(found)


def _read(trace: Figure, order: int, layout: Figure, room: int) -> Spreads:
    across = _across(trace)
    value, place = ("x", "y") if across else ("y", "x")
    name = plain(trace.get("name"), 80) or f"trace {order}"
    manner = _manner(trace, order, name, across, layout)
    if _is_stored(trace):
        return _of_boxes(trace, manner, _named(trace, place) or _counted(trace, place), listed(trace.get(value)), room)
    places = _named(trace, place) or repeat(_stands(trace, place, name))
    return _of_values(trace, manner, places, listed(trace.get(value)), room)


def _of_boxes(trace: Figure, manner: Manner, places: Iterable[Place], samples: Sequence[Any], room: int) -> Spreads:
    count = min(len(listed(trace.get(letter))) for letter in _STORED)
    found = [_stored(trace, n, place, samples) for n, place in zip(range(count), places, strict=False)]
    known = [each for each in found if each is not None]
    far = sum(any(_is_far(trace[letter][n]) for letter in _STORED) for n, each in enumerate(found) if each is None)
    lost = len(found) - len(known) - far
    return Spreads(tuple(known[:room]), manner, len(found), lost, far, len(known[room:]))


def _of_values(trace: Figure, manner: Manner, places: Iterable[Place], given: Sequence[Any], room: int) -> Spreads:
    groups: dict[Place, list[float]] = {}
    lost = far = 0
    for value, place in zip(map(number, given), places, strict=False):
        if abs(value) <= LARGEST and place == place:
            groups.setdefault(place, []).append(value)
        elif _is_far(value):
            far += 1
        else:
            lost += 1
    found = tuple(_measured(trace, place, spread.ordered(group)) for place, group in list(groups.items())[:room])
    count = lost + far + sum(map(len, groups.values()))
    return Spreads(found, manner, count, lost, far, len(groups) - len(found))


def _is_far(value: object) -> bool:
    return LARGEST < abs(number(value)) < math.inf


# How it is drawn ------------------------------------------------------------------------------------------------------


def _is_stored(trace: Figure) -> bool:
    """Whether boxes are given, not values."""
    return trace.get("type") == "box" and all(listed(trace.get(letter)) for letter in _STORED)


def _across(trace: Figure) -> bool:
    if trace.get("orientation") in ("h", "v"):
        return bool(trace["orientation"] == "h")
    x, y = listed(trace.get("x")), listed(trace.get("y"))
    if not _is_stored(trace):
        return bool(x) and not y
    if not x and not y:
        return any(name in trace for name in ("y0", "dy")) and not any(name in trace for name in ("x0", "dx"))
    nested = [bool(array) and isinstance(array[0], list) for array in (x, y)]
    return not nested[1] and (nested[0] or not x)


def _manner(trace: Figure, order: int, name: str, across: bool, layout: Figure) -> Manner:
    violin = trace.get("type") == "violin"
    side = _SIDES.get(plain(trace.get("side"), 10), 0) if violin else 0
    group = plain(trace.get("offsetgroup"), 80)
    split = side and layout.get("violinmode") != "group"
    whole = Manner(f"group {group}" if group else "split" if split else str(order), across, side=side,
                   beside=_points(trace) == "all")  # fmt: skip
    return _of_violin(trace, whole, name) if violin else _of_box(trace, whole)


def _of_violin(trace: Figure, whole: Manner, name: str) -> Manner:
    box = _part(trace, "box")
    wide = number(box.get("width", 0.25)) if box else 0.0
    scale, counted = plain(trace.get("scalegroup"), 80) or name, trace.get("scalemode") == "count"
    return replace(whole, box=wide if 0 <= wide <= 1 else 0.25, mean=bool(_part(trace, "meanline")), scale=scale,
                   counted=counted)  # fmt: skip


def _of_box(trace: Figure, whole: Manner) -> Manner:
    known = [bool(listed(trace.get(letter))) for letter in ("mean", "sd")]
    said = trace.get("boxmean", known[0] and ("sd" if known[1] else True))
    by_deviation = trace.get("sizemode") == "sd"
    return replace(whole, mean=said in (True, "sd"), deviation=said == "sd", by_deviation=by_deviation,
                   whiskers=trace.get("showwhiskers", not by_deviation) is not False)  # fmt: skip


def _part(trace: Figure, name: str) -> Figure:
    """Return what is said of a visible part of a violin, nothing of one that is not."""
    part = trace.get(name)
    return part if isinstance(part, dict) and part.get("visible") is True else {}


def _points(trace: Figure) -> object:
    name = "points" if trace.get("type") == "violin" else "boxpoints"
    return trace.get(name, "all" if _is_stored(trace) else "outliers")


# Where they stand -----------------------------------------------------------------------------------------------------


def _named(trace: Figure, letter: str) -> Sequence[Place]:
    """Return the places that a trace gives, those of two levels in one text."""
    given = listed(trace.get(letter))
    if given and all(isinstance(level, list) for level in given):
        return [" ".join(plain(name, 40) for name in names) for names in zip(*given, strict=False)]
    return [math.nan if item is None else place for item, place in zip(given, values(given), strict=True)]


def _counted(trace: Figure, letter: str) -> Iterator[Place]:
    first, by = number(trace.get(f"{letter}0") or 0), number(trace.get(f"d{letter}") or 1)
    return (first + n * by for n in range(len(listed(trace.get("q1")))))


def _stands(trace: Figure, letter: str, name: str) -> Place:
    """Return the one place of all values of a trace."""
    at = trace.get(f"{letter}0")
    if isinstance(at, str):
        return plain(at, 80)
    return number(at) if math.isfinite(number(at)) else name


# What is drawn --------------------------------------------------------------------------------------------------------


def _measured(trace: Figure, place: Place, found: Sequence[float]) -> Spread:
    """Return the spread of sorted values."""
    q1, median, q3 = spread.quartiles(found, trace.get("quartilemethod"))
    low, high = spread.whiskers(found, q1, q3)
    middle = spread.mean(found)
    points = _shown(found, low, high, _points(trace))
    deviation = spread.deviation(found, middle) * _multiple(trace)
    if trace.get("type") == "violin":
        wide = spread.bandwidth(found, q3 - q1, number(trace.get("bandwidth")))
        outline = spread.density(found, wide, _span(trace, found, wide))
        return Spread(place, q1, median, q3, low, high, middle, deviation, len(found), points, outline)
    if _points(trace) is False:
        low, high = found[0], found[-1]
    return Spread(place, q1, median, q3, low, high, middle, deviation, len(found), points)


def _stored(trace: Figure, n: int, place: Place, samples: Sequence[Any]) -> Spread | None:
    """Return the n-th box that is given; None where none of its numbers is one."""
    given = {letter: _nth(trace, letter, n) for letter in (*_STORED, "lowerfence", "upperfence", "mean", "sd")}
    q1, median, q3 = (given[letter] for letter in _STORED)
    if place != place or not (q1 <= median <= q3):
        at = _instead(q1, median, q3)
        return None if place != place or at != at else Spread(place, at, at, at, at, at, at, 0.0)
    numbers = map(number, listed(samples[n]) if n < len(samples) else ())
    found = spread.ordered([at for at in numbers if abs(at) <= LARGEST])
    low, high = spread.whiskers(found, q1, q3)
    low = given["lowerfence"] if given["lowerfence"] <= q1 else low
    high = given["upperfence"] if given["upperfence"] >= q3 else high
    middle = given["mean"] if given["mean"] == given["mean"] else spread.mean(found) if found else q1 / 2 + q3 / 2
    away = spread.deviation(found, middle) if found else q3 - q1
    if given["mean"] == given["mean"] and given["sd"] >= 0:
        away = given["sd"]
    points = _shown(found, low, high, _points(trace))
    return Spread(place, q1, median, q3, low, high, middle, away * _multiple(trace), len(found), points)


def _nth(trace: Figure, letter: str, n: int) -> float:
    given = listed(trace.get(letter))
    at = number(given[n]) if n < len(given) else math.nan
    return at if abs(at) <= LARGEST else math.nan


def _instead(q1: float, median: float, q3: float) -> float:
    """Return where a box is that is none: at its median, else between or at its ends."""
    ends = [end for end in (q1, q3) if end == end]
    return median if median == median else sum(end / len(ends) for end in ends) if ends else math.nan


def _multiple(trace: Figure) -> float:
    said = number(trace.get("sdmultiple"))
    return said if 0 <= said <= LARGEST else 1.0


def _shown(found: Sequence[float], low: float, high: float, said: object) -> tuple[float, ...]:
    """Return the values that are drawn as points."""
    if said is False:
        return ()
    kept = found if said == "all" else [at for at in found if not low <= at <= high]
    every = -(-len(kept) // POINTS) or 1
    return tuple(kept) if every == 1 else (*kept[:-1:every], kept[-1])


def _span(trace: Figure, found: Sequence[float], wide: float) -> Range:
    """Return from where to where a violin reaches."""
    loose = (found[0] - 2 * wide, found[-1] + 2 * wide)
    mode = trace.get("spanmode") or ("manual" if listed(trace.get("span")) else "soft")
    if mode != "manual":
        return (found[0], found[-1]) if mode == "hard" else loose
    given = [number(end) for end in (*listed(trace.get("span"))[:2], None, None)]
    start, stop = (end if abs(end) <= LARGEST else other for end, other in zip(given, loose, strict=False))
    return (start, stop) if start <= stop else (stop, start)


def _scaled(found: Sequence[Spreads]) -> list[Spreads]:
    """Return spreads whose violins know how dense, and how many values, the largest of their scale are."""
    peaks: dict[str, float] = {}
    counts: dict[str, int] = {}
    for scale, one in ((each.manner.scale, one) for each in found for one in each.all if one.outline):
        peaks[scale] = max(peaks.get(scale, 0.0), *(density for _, density in one.outline))
        counts[scale] = max(counts.get(scale, 0), one.count)

    def peak(one: Spread, manner: Manner) -> float:
        return (peaks[manner.scale] or 1.0) * (counts[manner.scale] / one.count if manner.counted else 1.0)

    return [replace(each, all=tuple(replace(one, peak=peak(one, each.manner)) if one.outline else one
                                    for one in each.all)) for each in found]  # fmt: skip
