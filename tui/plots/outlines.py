"""Boxes and violins as strokes on a board: whiskers, boxes and outlines of one trace in one stroke, then its points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, repeat

from tui.charts.adapter import SERIES
from tui.charts.canvas import Board
from tui.charts.clip import clipped

from .boxes import Manner, Place, Spread, Spreads
from .scale import Scale, gap

Boxed = Sequence[tuple[int, Spreads]]
"""Traces with the numbers of their series."""
Line = Sequence[tuple[float, float]]
"""Points: how far beside the place, in halves of the room; the value."""
_ROOM, _WIDE, _CRAMPED = 0.85, 0.8, 5
_BESIDE, _TURN = 0.25, (math.sqrt(5) - 1) / 2
_DASHES = 3


def paint(boxed: Boxed, x: Scale, y: Scale, board: Board, marker: Callable[[int, str], str], wide: int) -> None:
    """Paint the spreads of traces, those of different slots that share a place beside each other.

    The arguments are those of ``painting.paint``; ``marker`` is asked for ``lines`` and for ``markers``.
    """
    for across in (False, True):
        alike = [(n, spreads) for n, spreads in boxed if spreads.manner.across is across]
        slots = slots_of([spreads for _, spreads in alike])
        last = max(slots.values(), default=0)
        room = _room([spreads for _, spreads in alike], y if across else x, last + 1, wide)
        for n, spreads in alike:
            aside = (slots[spreads.manner.slot] - last / 2) * room
            strokes, points = (_laid(x, y, aside, room * _WIDE / 2, spreads, what) for what in (_lines, _points))
            along, up = clipped(*strokes, x.range, y.range)
            board.stroke([x.part(at) for at in along], [y.part(at) for at in up], SERIES + n, marker(n, "lines"))
            inside = [(x.part(at), y.part(to)) for at, to in zip(*points, strict=True) if x.spans(at) and y.spans(to)]
            board.points([at for at, _ in inside], [at for _, at in inside], SERIES + n, marker(n, "markers"))


def _room(all_: Sequence[Spreads], scale: Scale, slots: int, wide: int) -> float:
    """Return how much of the axis a spread has."""
    middles = sorted({at for spreads in all_ for place in spreads.places if math.isfinite(at := scale.place(place))})
    cramped = len(middles) * slots * _CRAMPED > wide
    return gap(middles) * (1.0 if cramped else _ROOM) / slots


def slots_of(all_: Sequence[Spreads]) -> dict[str, int]:
    """Return which slot stands where beside the others; all in one place where no two share a place."""
    found = {slot: n for n, slot in enumerate(dict.fromkeys(spreads.manner.slot for spreads in all_))}
    stands: dict[Place, str] = {}
    shared = any(stands.setdefault(place, spreads.manner.slot) != spreads.manner.slot
                 for spreads in all_ for place in spreads.places)  # fmt: skip
    return found if shared else dict.fromkeys(found, 0)


def least_rows(all_: Sequence[Spreads]) -> int:
    """Return how many rows those that run to the right need to be seen apart."""
    across = [spreads for spreads in all_ if spreads.manner.across]
    slots = max(slots_of(across).values(), default=0)
    return len({place for spreads in across for place in spreads.places}) * (slots + 2 if slots else 1)


def _laid(
    x: Scale, y: Scale, aside: float, half: float, spreads: Spreads, lines: Callable[[Spread, Manner], Iterator[Line]]
) -> tuple[list[float], list[float]]:
    """Return the lines of all spreads as one stroke, which lifts between them, in places on the axes."""
    places, values = (y, x) if spreads.manner.across else (x, y)
    along: list[float] = []
    up: list[float] = []
    for spread in spreads.all:
        middle = places.place(spread.place) + aside
        for line in lines(spread, spreads.manner):
            along += [*(middle + beside * half for beside, _ in line), math.nan]
            up += [*(values.lowest(value) for _, value in line), math.nan]
    return (up, along) if spreads.manner.across else (along, up)


# What is drawn around a place -----------------------------------------------------------------------------------------


def _lines(spread: Spread, manner: Manner) -> Iterator[Line]:
    """Yield box and outline; they leave a quarter of the room to points that stand beside them."""
    lines = _outlined(spread, manner) if spread.outline else _boxed(spread, manner, manner.box)
    for line in lines:
        yield [(_BESIDE + (1 - _BESIDE) * beside, value) for beside, value in line] if manner.beside else line


def _outlined(spread: Spread, manner: Manner) -> Iterator[Line]:
    before, behind = _sides(manner, 1.0)
    wide = [(min(1.0, density / spread.peak), value) for value, density in spread.outline]
    edge = [*((behind * part, value) for part, value in wide), *((before * part, value) for part, value in wide[::-1])]
    yield [*edge, edge[0]]
    if manner.box:
        yield from _boxed(spread, manner, manner.box)
    elif manner.mean:
        yield from _dashes(
            *_sides(manner, min(wide, key=lambda place: abs(place[1] / 2 - spread.mean / 2))[0]), spread.mean
        )


def _sides(manner: Manner, wide: float) -> tuple[float, float]:
    """Return how far something reaches before and behind the place."""
    return (0.0 if manner.side > 0 else -wide), (0.0 if manner.side < 0 else wide)


def _boxed(spread: Spread, manner: Manner, wide: float) -> Iterator[Line]:
    left, right = _sides(manner, wide)
    centre = (left + right) / 2
    around = (spread.mean - spread.deviation, spread.mean + spread.deviation)
    low, middle, high = (spread.q1, spread.median, spread.q3)
    if manner.by_deviation:
        (low, high), middle = around, spread.mean
    yield [(left, low), (right, low), (right, high), (left, high), (left, low)]
    yield [(left, middle), (right, middle)]
    for start, end in ((low, spread.low), (high, spread.high)) if manner.whiskers else ():
        yield [(centre, start), (centre, end)]
        yield [((left + centre) / 2, end), ((right + centre) / 2, end)]
    if manner.deviation:
        yield [(centre, around[0]), (right, spread.mean), (centre, around[1]), (left, spread.mean), (centre, around[0])]
    if manner.mean:
        yield from _dashes(left, right, spread.mean)


def _dashes(left: float, right: float, value: float) -> Iterator[Line]:
    """Yield a line across with gaps, so that it is none of the box's own."""
    parts = [left + (right - left) * n / (2 * _DASHES - 1) for n in range(2 * _DASHES)]
    for start, end in list(pairwise(parts))[::2]:
        yield [(start, value), (end, value)]


def _points(spread: Spread, manner: Manner) -> Iterator[Line]:
    """Yield points; beside the box they are scattered, so that they do not hide each other."""
    scattered = (-1 + _BESIDE * (n * _TURN % 1) for n in range(len(spread.points)))
    yield list(zip(scattered if manner.beside else repeat(0.0), spread.points, strict=False))
