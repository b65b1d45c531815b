"""From the store's buckets to what is drawn: at most a few points a column, and no spike or NaN lost on the way.

A bucket stands for many points; its lowest and highest value are both drawn, so an outlier of one iteration in a
million still shows. NaN and infinities never reach the drawing: they leave a gap and are kept aside as marks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

from store.records import Bucket

NAN = math.nan


Placed = tuple[float, Bucket, float]
"""A bucket, where it stands, and what its smoothed values are on average."""


class Axis(StrEnum):
    """What the x axis counts; ``x`` goes through them in this order."""

    ITERATION = "iteration"
    RELATIVE = "relative"
    WALL = "wall"

    @property
    def next(self) -> Axis:
        """The one after this, and after the last the first."""
        members = list(Axis)
        return members[(members.index(self) + 1) % len(members)]


@dataclass(frozen=True, slots=True)
class Curve:
    """A series ready to be drawn; all tuples but the marks have the same length, gaps are NaN.

    ``x`` is in iterations, seconds since the task's start or seconds since the epoch. ``nans``, ``above`` and
    ``below`` are the places of NaN, +inf and -inf; ``last`` is as it was reported; ``smooth`` is the smoothed line,
    empty without smoothing.
    """

    x: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    last: tuple[float, ...] = ()
    nans: tuple[float, ...] = ()
    above: tuple[float, ...] = ()
    below: tuple[float, ...] = ()
    smooth: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    @property
    def spread(self) -> bool:
        """Whether a place stands for several values: its mean is the line, its extremes are drawn behind."""
        return any(high > low for low, high in zip(self.low, self.high, strict=True))


class Course(NamedTuple):
    """A series as it was read for a chart: its buckets, and with smoothing the mean of the smoothed values in each."""

    buckets: Sequence[Bucket]
    averages: Sequence[float] = ()


def curve(
    buckets: Sequence[Bucket], axis: Axis = Axis.ITERATION, origin: float = 0.0, columns: int = 0,
    averages: Sequence[float] = (),
) -> Curve:  # fmt: skip
    """Return the curve of ``buckets`` in the order of x, thinned to about two buckets a column.

    Args:
        buckets: of one series, in any order; continued tasks and several ranks may step backwards.
        axis: what x counts.
        origin: the task's start, for ``Axis.RELATIVE``.
        columns: the width of the drawing; 0 keeps every bucket.
        averages: with smoothing, what ``Course`` has of each bucket.
    """
    pairs = zip(buckets, averages or repeat(NAN))  # noqa: B905 (as many as there are buckets)
    placed = sorted(((_place(b, axis, origin), b, average) for b, average in pairs), key=itemgetter(0))
    groups = _groups(placed, 2 * columns)
    return Curve(
        x=tuple(g[-1][0] for g in groups),
        low=tuple(_least(b.low for _, b, _ in g) for g in groups),
        high=tuple(_most(b.high for _, b, _ in g) for g in groups),
        mean=tuple(_mean((b.mean, b) for _, b, _ in g) for g in groups),
        last=tuple(g[-1][1].last for g in groups),
        nans=tuple(x for x, b, _ in placed if b.nans),
        above=tuple(x for x, b, _ in placed if b.high == math.inf),
        below=tuple(x for x, b, _ in placed if b.low == -math.inf),
        smooth=tuple(_mean((average, b) for _, b, average in g) for g in groups) if averages else (),
    )


def _place(bucket: Bucket, axis: Axis, origin: float) -> float:
    """Where a bucket stands: at its end, where its last value was reported, which the value cursor shows."""
    if axis is Axis.ITERATION:
        return float(bucket.iteration_max)
    return bucket.time_max - (origin if axis is Axis.RELATIVE else 0.0)


def _groups(placed: list[Placed], limit: int) -> list[list[Placed]]:
    size = -(-len(placed) // limit) if limit else 1
    return [placed[i : i + size] for i in range(0, len(placed), size)] if size else []


def _least(values: Iterable[float]) -> float:
    return min((v for v in values if math.isfinite(v)), default=NAN)


def _most(values: Iterable[float]) -> float:
    return max((v for v in values if math.isfinite(v)), default=NAN)


def _mean(group: Iterable[tuple[float, Bucket]]) -> float:
    """Return the mean of values that each stand for the points of a bucket."""
    known = [(value, b.n - b.nans) for value, b in group if math.isfinite(value) and b.n > b.nans]
    weight = sum(n for _, n in known)
    return sum(mean * n for mean, n in known) / weight if weight else NAN


def stroke(curve: Curve) -> tuple[list[float], list[float]]:
    """Return the points of one unbroken pen stroke through both extremes of each place, NaN where it lifts."""
    xs: list[float] = []
    ys: list[float] = []
    before = NAN
    for x, low, high in zip(curve.x, curve.low, curve.high, strict=True):
        first, second = (high, low) if abs(high - before) < abs(low - before) else (low, high)
        xs.append(x)
        ys.append(first)
        if second != first and math.isfinite(second):
            xs.append(x)
            ys.append(second)
        before = ys[-1]
    return xs, ys


def span(curves: Iterable[Curve], *, outliers: bool = True, positive: bool = False) -> tuple[float, float] | None:
    """Return the lowest and highest value of all curves, None without any; without outliers the middle 96 %.

    With ``positive`` only of those above 0: a place whose lowest value is not may have its mean there. A smoothed line
    may lie where no point in sight does.
    """
    kept = ((c.low, c.mean, c.high, c.smooth) if positive else (c.low, c.high, c.smooth) for c in curves)
    values = sorted(v for each in kept for line in each for v in line if math.isfinite(v) and (v > 0 or not positive))
    if not values:
        return None
    if outliers or len(values) < 20:
        return values[0], values[-1]
    cut = len(values) // 50
    return values[cut], values[-1 - cut]


def reach(curves: Iterable[Curve]) -> tuple[float, float] | None:
    """Return the first and last x of all curves, None without any."""
    ends = [x for c in curves if c.x for x in (c.x[0], c.x[-1])]
    return (min(ends), max(ends)) if ends else None
