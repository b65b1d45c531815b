"""What a task's series had at one place of the axis, exactly: from the points, however long the series are.

Of a series that is in chunks only those are read that can hold the answer: mostly one, found by what the rows of the
pyramid say they span, from its top down. Nothing here is rounded or averaged; buckets (``scalars``) are for drawing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import heapify, heappop, heappush
from itertools import takewhile
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..pyramid import FACTOR, ROUNDED
from ..records import Points
from . import scalars

_TAIL, _LAST = -1, 1 << 62
"""The level and number of what is still in journal rows: it came after all chunks."""


@dataclass(frozen=True, slots=True)
class Near:
    """A series' points up to a place, in the order of the axis; the last one is what it had there.

    ``more``: there are points behind the place.
    """

    places: Sequence[float]
    values: Sequence[float]
    more: bool

    @property
    def ended(self) -> float:
        """Where the next point would have been due, had the series gone on as before."""
        known = self.places
        return math.inf if self.more else known[-1] + (known[-1] - known[-2] if len(known) > 1 else 0)


def near(
    c: Connection, task: str, numbers: Collection[int], at: float, *, axis: str = "iteration", within: float = 0.0,
    finite: int = 1,
) -> dict[int, Near]:  # fmt: skip
    """Return what series had at a place.

    Args:
        c: a reader's connection.
        task: the task.
        numbers: the series (``MetricRow.number``).
        at: the place: an iteration or, as ``axis`` says, a time.
        axis: ``iteration`` or ``time`` (seconds since the epoch).
        within: the nearest point that is no further away counts as at the place; what is reported together is never
            at one time.
        finite: return so many finite values at least, as far as there are.

    Returns:
        Number -> its points up to there; a series that begins later is left out. Of points at one place the one that
        arrived last is the last.
    """
    tails = scalars.tails_of(c, task, numbers)
    found = {number: _Series(c, task, number, axis, tails[number]) for number in numbers}
    return {
        number: known for number, series in found.items() if (known := series.near(at, within, max(2, finite))).places
    }


class _Node(NamedTuple):
    """A row of the pyramid by what it spans, or what is still in journal rows; in the order in which they are asked."""

    bound: float
    """The last place asked for that it can have, negative: a heap gives the lowest first."""
    level: int
    seq: int
    low: float


class _Series:
    """One series: the rows at the top of its pyramid, and the points of those chunks that were asked for."""

    def __init__(self, c: Connection, task: str, number: int, axis: str, tail: Points) -> None:
        self._c, self._axis, self._of = c, axis, {"task": task, "number": number}
        self._slack = 0.0 if axis == "iteration" else ROUNDED
        self._top = [tuple(row) for row in c.execute(_top(axis), self._of)]
        along = self._along(tail)
        if along:
            self._top.append((_TAIL, _LAST, min(along), max(along)))
        self._points = {_LAST: tail}

    def near(self, at: float, within: float, finite: int) -> Near:
        """Return the points up to a place or the nearest point beside it, so many finite ones at least."""
        at = self._nearest(at, within) if within else at
        taken: dict[_Node, list[tuple[float, float]]] = {}
        counts: dict[_Node, int] = {}
        for node in self._backwards(at):
            if _behind(-node.bound, taken, counts) >= finite:
                break
            taken[node] = [(x, y) for x, y in self._pairs(node.seq) if x <= at]
            counts[node] = sum(math.isfinite(y) for _, y in taken[node])
        order = sorted(taken, key=attrgetter("seq"))
        pairs = sorted((pair for node in order for pair in taken[node]), key=itemgetter(0))
        more = any(high > at for *_, high in self._top)
        return Near([x for x, _ in pairs], [y for _, y in pairs], more)

    def _nearest(self, at: float, within: float) -> float:
        """Return where the nearest point is, the place itself where none is near."""
        close = takewhile(lambda node: -node.bound >= at - within, self._backwards(at + within))
        places = [x for node in close for x, _ in self._pairs(node.seq) if abs(x - at) <= within]
        return min(places, key=lambda x: abs(x - at), default=at)

    def _backwards(self, at: float) -> Iterator[_Node]:
        """Yield chunks with points at or before a place, the last ones first; of others no row is looked at."""
        heap = self._nodes(self._top, at)
        heapify(heap)
        while heap:
            node = heappop(heap)
            if node.level <= 0:
                yield node
            for finer in self._nodes(self._below(node), at) if node.level > 0 else ():
                heappush(heap, finer)

    def _nodes(self, rows: Sequence[Any], at: float) -> list[_Node]:
        wide = [(level, seq, low - self._slack, high + self._slack) for level, seq, low, high in rows]
        return [_Node(-min(high, at), level, seq, low) for level, seq, low, high in wide if low <= at]

    def _below(self, node: _Node) -> Sequence[Any]:
        """Return the rows that hold the same points in finer buckets; level 1 has as many rows as there are chunks."""
        first, count = (node.seq, 1) if node.level == 1 else (node.seq * FACTOR, FACTOR)
        level = 0 if node.level <= 2 else node.level - 1
        return self._c.execute(_rows(self._axis), self._of | {"level": level, "from": first, "to": first + count}).all()

    def _pairs(self, seq: int) -> Iterator[tuple[float, float]]:
        if seq not in self._points:
            self._points[seq] = scalars.decoded_points(self._c.execute(_chunk(), self._of | {"seq": seq}).scalar_one())
        points = self._points[seq]
        return zip(self._along(points), points.values, strict=True)

    def _along(self, points: Points) -> Sequence[float]:
        return points.iterations if self._axis == "iteration" else points.times


def _behind(place: float, taken: Mapping[_Node, Sequence[tuple[float, float]]], counts: Mapping[_Node, int]) -> int:
    """Return how many finite values lie behind a place; only those of chunks that reach over it are looked at."""
    apart = sum(n for node, n in counts.items() if node.low > place)
    over = (pair for node, pairs in taken.items() if node.low <= place for pair in pairs)
    return apart + sum(x > place and math.isfinite(y) for x, y in over)


def _spanned(axis: str) -> sa.Select[Any]:
    k = tables.scalar_chunk.c
    low, high = (k.iteration_min, k.iteration_max) if axis == "iteration" else (k.time_min, k.time_max)
    return sa.select(k.level, k.seq, low, high).where(*scalars.of_series(k))


@cache
def _top(axis: str) -> sa.Select[Any]:
    k = tables.scalar_chunk.c
    highest = sa.select(sa.func.max(k.level)).where(*scalars.of_series(k)).scalar_subquery()
    return _spanned(axis).where(k.level == highest)


@cache
def _rows(axis: str) -> sa.Select[Any]:
    k = tables.scalar_chunk.c
    wanted = _spanned(axis).where(k.level == sa.bindparam("level"))
    return wanted.where(k.seq >= sa.bindparam("from"), k.seq < sa.bindparam("to"))


@cache
def _chunk() -> sa.Select[Any]:
    k = tables.scalar_chunk.c
    return sa.select(k.data).where(*scalars.of_series(k), k.level == 0, k.seq == sa.bindparam("seq"))
