"""What a task's series had at one place of the axis, exactly: from the points, however long the series are.

Of a series that is in chunks only those are read that can hold the answer: mostly one, found by what its row says it
spans. Nothing here is rounded or averaged; buckets (``scalars``) are for drawing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..records import Points
from . import scalars


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


class _Series:
    """One series: what its chunks span, and the points of those that were asked for."""

    def __init__(self, c: Connection, task: str, number: int, axis: str, tail: Points) -> None:
        self._c, self._axis, self._of = c, axis, {"task": task, "number": number}
        self._spans = {row[0]: (row[1], row[2]) for row in c.execute(_spans(axis), self._of)}
        self._points = {math.inf: tail}
        along = self._along(tail)
        if along:
            self._spans[math.inf] = min(along), max(along)

    def near(self, at: float, within: float, finite: int) -> Near:
        """Return the points up to a place or the nearest point beside it, so many finite ones at least."""
        at = self._nearest(at, within) if within else at
        reaching = sorted(((high, seq) for seq, (low, high) in self._spans.items() if low <= at), reverse=True)
        taken: dict[float, list[tuple[float, float]]] = {}
        counts: dict[float, int] = {}
        for high, seq in reaching:
            apart = sum(count for other, count in counts.items() if self._spans[other][0] > high)
            over = [taken[other] for other in counts if self._spans[other][0] <= high]
            if apart + sum(x > high and math.isfinite(y) for piece in over for x, y in piece) >= finite:
                break
            taken[seq] = [(x, y) for x, y in self._pairs(seq) if x <= at]
            counts[seq] = sum(math.isfinite(y) for _, y in taken[seq])
        pairs = sorted((pair for seq in sorted(taken) for pair in taken[seq]), key=itemgetter(0))
        more = any(high > at for _, high in self._spans.values())
        return Near([x for x, _ in pairs], [y for _, y in pairs], more)

    def _nearest(self, at: float, within: float) -> float:
        """Return where the nearest point is, the place itself where none is near."""
        close = [seq for seq, (low, high) in self._spans.items() if low <= at + within and high >= at - within]
        places = [x for seq in close for x, _ in self._pairs(seq) if abs(x - at) <= within]
        return min(places, key=lambda x: abs(x - at), default=at)

    def _pairs(self, seq: float) -> Iterator[tuple[float, float]]:
        if seq not in self._points:
            self._points[seq] = scalars.decoded_points(self._c.execute(_chunk(), self._of | {"seq": seq}).scalar_one())
        points = self._points[seq]
        return zip(self._along(points), points.values, strict=True)

    def _along(self, points: Points) -> Sequence[float]:
        return points.iterations if self._axis == "iteration" else points.times


@cache
def _spans(axis: str) -> sa.Select[Any]:
    k = tables.scalar_chunk.c
    low, high = (k.iteration_min, k.iteration_max) if axis == "iteration" else (k.time_min, k.time_max)
    return sa.select(k.seq, low, high).where(*scalars.of_series(k), k.level == 0)


@cache
def _chunk() -> sa.Select[Any]:
    k = tables.scalar_chunk.c
    return sa.select(k.data).where(*scalars.of_series(k), k.level == 0, k.seq == sa.bindparam("seq"))
