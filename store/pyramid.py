"""A series' pyramid: buckets of 16, 256, 4096, ... points, from which charts are drawn.

Buckets are made from consecutive points in their order of arrival, so their spans of iterations may overlap where a
script went backward. NaN values are counted and otherwise left out; infinities are extremes like any other. Pure
functions over arrays, no SQL; a loop in Python over single points happens only where there are NaN.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from .codec import pack, part, unpack
from .records import Bucket, Points

FACTOR = 16
CHUNK = 4096
"""Points of a chunk of level 0."""
ROW = 256
"""Buckets of a row of a level above 0."""
ROUNDED = 0.001
"""Seconds that the times of buckets are rounded to."""
_BUCKET_CODES = "qqqqdddHII"
_BUCKET_GROWS = (True, True, True, True, False, False, False, False, False, False)


def _q() -> array[int]:
    return array("q")


def _d() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Buckets:
    """Consecutive buckets, one array a property; times in seconds, ``n`` and ``nans`` in points.

    A bucket of nothing but NaN has NaN as ``low``, ``high``, ``mean`` and ``last``.
    """

    iteration_min: array[int] = field(default_factory=_q)
    iteration_max: array[int] = field(default_factory=_q)
    time_min: array[float] = field(default_factory=_d)
    time_max: array[float] = field(default_factory=_d)
    low: array[float] = field(default_factory=_d)
    high: array[float] = field(default_factory=_d)
    mean: array[float] = field(default_factory=_d)
    last: array[float] = field(default_factory=_d)
    n: array[int] = field(default_factory=lambda: array("I"))
    nans: array[int] = field(default_factory=lambda: array("I"))

    def __len__(self) -> int:
        return len(self.n)

    def part(self, start: int, stop: int | None = None) -> Buckets:
        """Return the buckets from ``start`` to before ``stop``."""
        return Buckets(*(getattr(self, name)[start:stop] for name in _BUCKET_NAMES))

    def extend(self, more: Buckets) -> None:
        """Append ``more``."""
        for name in _BUCKET_NAMES:
            getattr(self, name).extend(getattr(more, name))

    def chosen(self, indexes: Sequence[int]) -> Buckets:
        """Return the buckets at the given places."""
        if are_consecutive(indexes):
            return self.part(indexes[0], indexes[-1] + 1)
        columns = (getattr(self, name) for name in _BUCKET_NAMES)
        return Buckets(*(array(column.typecode, [column[i] for i in indexes]) for column in columns))

    def one(self, at: int) -> Bucket:
        """Return one bucket as a record."""
        return Bucket(*(getattr(self, name)[at] for name in _BUCKET_NAMES))


def are_consecutive(indexes: Sequence[int]) -> bool:
    """Whether ascending places follow each other: what stands there is cut out in one, not picked one by one."""
    return len(indexes) > 0 and indexes[-1] - indexes[0] == len(indexes) - 1


_BUCKET_NAMES = tuple(f.name for f in fields(Buckets))
_STEPS = 65535


def encode_buckets(buckets: Buckets) -> bytes:
    """Return buckets as a block.

    Times are kept in whole milliseconds and the mean as a 16-bit share of the way from low to high: both are for
    drawing, and the points themselves are exact.
    """
    columns = (
        buckets.iteration_min, buckets.iteration_max,
        array("q", [round(t * 1000) for t in buckets.time_min]),
        array("q", [round(t * 1000) for t in buckets.time_max]),
        buckets.low, buckets.high, buckets.last,
        array("H", map(_share, buckets.low, buckets.high, buckets.mean)), buckets.n, buckets.nans,
    )  # fmt: skip
    return pack(columns, _BUCKET_GROWS)


def decode_buckets(block: bytes) -> Buckets:
    """Return the buckets of a block."""
    first, last_one, begin, end, low, high, last, share, n, nans = unpack(block, _BUCKET_CODES, _BUCKET_GROWS)
    mean = array("d", map(_from_share, low, high, share))
    seconds = [array("d", [t / 1000 for t in column]) for column in (begin, end)]
    return Buckets(first, last_one, seconds[0], seconds[1], low, high, mean, last, n, nans)


def _share(low: float, high: float, mean: float) -> int:
    width = high - low
    if not 0 < width < float("inf") or not low <= mean <= high:
        return 0
    return round((mean - low) / width * _STEPS)


def _from_share(low: float, high: float, share: int) -> float:
    width = high - low
    if 0 < width < float("inf"):
        return low + width * share / _STEPS
    return low + high if width else low  # an infinity is the mean; both of them, or NaN, give NaN


def singles(points: Points) -> Buckets:
    """Return each point as a bucket of its own."""
    its, times, values, count = points.iterations, points.times, points.values, len(points)
    nans = array("I", [value != value for value in values])
    return Buckets(its[:], its[:], times[:], times[:], values[:], values[:], values[:], values[:], _ones(count), nans)


def _ones(count: int) -> array[int]:
    return array("I", [1]) * count


def buckets_of(points: Points, size: int = FACTOR) -> Buckets:
    """Return buckets of ``size`` consecutive points each; the last may hold fewer."""
    values = points.values
    total = sum(values)
    whole = len(values) // size * size if total == total else 0  # a NaN, or both infinities: one by one
    made = _even(points, whole, size)
    for start in range(whole, len(values), size):
        made.extend(_one(part(points, start, start + size)))
    return made


def _columns(column: array[Any], whole: int, size: int) -> list[array[Any]]:
    return [column[i:whole:size] for i in range(size)]


def _even(points: Points, whole: int, size: int) -> Buckets:
    """Full buckets without NaN, 16 points a C call: a loop over points would cost more than all the rest."""
    its, times, values = (_columns(c, whole, size) for c in (points.iterations, points.times, points.values))
    count = whole // size
    return Buckets(
        array("q", map(min, *its)), array("q", map(max, *its)), array("d", map(min, *times)),
        array("d", map(max, *times)), array("d", map(min, *values)), array("d", map(max, *values)),
        array("d", [sum(group) / size for group in zip(*values, strict=True)]), values[-1],
        array("I", [size]) * count, array("I", [0]) * count,
    )  # fmt: skip


def _one(points: Points) -> Buckets:
    good = [v for v in points.values if v == v]
    nan = float("nan")
    low, high, mean, last = (min(good), max(good), sum(good) / len(good), good[-1]) if good else (nan, nan, nan, nan)
    its, times = points.iterations, points.times
    return Buckets(
        array("q", [min(its)]), array("q", [max(its)]), array("d", [min(times)]), array("d", [max(times)]),
        array("d", [low]), array("d", [high]), array("d", [mean]), array("d", [last]),
        array("I", [len(its)]), array("I", [len(its) - len(good)]),
    )  # fmt: skip


def coarser(buckets: Buckets, size: int = FACTOR) -> Buckets:
    """Return buckets that each hold ``size`` consecutive ones; the last may hold fewer."""
    made = Buckets()
    for start in range(0, len(buckets), size):
        made.extend(merged(buckets, range(start, min(start + size, len(buckets)))))
    return made


def merged(buckets: Buckets, members: Sequence[int]) -> Buckets:
    """Return the one bucket that holds the given ones, in their order of arrival."""
    good = [i for i in members if buckets.n[i] > buckets.nans[i]]
    nan = float("nan")
    low, high, mean, last = nan, nan, nan, nan
    if good:
        low, high = min(buckets.low[i] for i in good), max(buckets.high[i] for i in good)
        counts = [buckets.n[i] - buckets.nans[i] for i in good]
        total = sum(counts)
        mean = sum(buckets.mean[i] * (c / total) for i, c in zip(good, counts, strict=True))
        last = buckets.last[good[-1]]
    return Buckets(
        array("q", [min(buckets.iteration_min[i] for i in members)]),
        array("q", [max(buckets.iteration_max[i] for i in members)]),
        array("d", [min(buckets.time_min[i] for i in members)]),
        array("d", [max(buckets.time_max[i] for i in members)]),
        array("d", [low]), array("d", [high]), array("d", [mean]), array("d", [last]),
        array("I", [sum(buckets.n[i] for i in members)]), array("I", [sum(buckets.nans[i] for i in members)]),
    )  # fmt: skip
