"""How values are spread, in the numbers that plotly has for it: quartiles, whiskers, the mean, how densely they lie.

Arithmetic on sorted numbers, of a million within two seconds and without holding up the event loop meanwhile. No numpy:
nothing else in the dashboard needs it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain

from tui.charts.clip import LARGEST, Range

PLACES = 240
"""Places at which a density is known, at most."""
_AT_ONCE = 1 << 15
_REACH = 6.0
"""Bandwidths from which on a value adds nothing that counts."""
_FINE = 16
"""Values so many parts of a bandwidth near to each other are one."""
_LEAST = 1e-300


def ordered(values: Sequence[float]) -> list[float]:
    """Return values sorted. A million at once would hold the interpreter's lock for half a second."""
    runs = [sorted(values[n : n + _AT_ONCE]) for n in range(0, len(values), _AT_ONCE)]
    while len(runs) > 1:
        runs = [sorted(chain(*runs[n : n + 2])) for n in range(0, len(runs), 2)]
    return runs[0] if runs else []


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which ``part`` of the sorted ones lie, between two where none is there (Hazen's)."""
    at = min(max(part * len(values) - 0.5, 0.0), len(values) - 1.0)
    rest = at - math.floor(at)
    return rest * values[math.ceil(at)] + (1 - rest) * values[math.floor(at)]


def quartiles(values: Sequence[float], method: object = "linear") -> tuple[float, float, float]:
    """Return the quartiles of sorted values; ``exclusive`` and ``inclusive`` take medians of an odd count's halves."""
    median, half = quantile(values, 0.5), len(values) // 2
    if len(values) % 2 and method in ("exclusive", "inclusive"):
        middle = 1 if method == "inclusive" else 0
        lower, upper = values[: half + middle] or values, values[half + 1 - middle :] or values
        return quantile(lower, 0.5), median, quantile(upper, 0.5)
    return quantile(values, 0.25), median, quantile(values, 0.75)


def whiskers(values: Sequence[float], q1: float, q3: float) -> Range:
    """Return the last of the sorted values within one and a half boxes of the box, the box's ends where none is."""
    if not values:
        return q1, q3
    low, high = (2 * (1.25 * here - 0.75 * there) for here, there in ((q1, q3), (q3, q1)))  # halves: 2.5 q1 may be none
    least = values[min(bisect_left(values, low), len(values) - 1)]
    return min(q1, least), max(q3, values[max(bisect_right(values, high) - 1, 0)])


def mean(values: Sequence[float]) -> float:
    """Return the mean; parts are added, because the sum of large numbers may be none."""
    return math.fsum(value / len(values) for value in values)


def deviation(values: Sequence[float], middle: float, less: int = 0) -> float:
    """Return how far values are from their mean, as a standard deviation; ``less`` is 1 where they are a sample."""
    return math.hypot(*(value - middle for value in values)) / math.sqrt(max(1, len(values) - less))


def bandwidth(values: Sequence[float], box: float, given: float) -> float:
    """Return how wide the kernel is: as given, else by Silverman's rule; neither is too narrow to be seen.

    Args:
        values: sorted.
        box: from the first quartile to the third.
        given: what the figure says, NaN or 0 for nothing.
    """
    whole = values[-1] - values[0]
    if given > 0:
        return max(given, whole / 1e4)
    least = min(deviation(values, mean(values), 1), box / 1.349)
    return max(1.059 * least * len(values) ** -0.2, whole / 100) if whole > 0 else 0.0


def density(values: Sequence[float], wide: float, limits: Range) -> tuple[tuple[float, float], ...]:
    """Return places within ``limits`` and how densely sorted values lie there, with a Gaussian kernel ``wide`` wide.

    Without a width all of it lies in one place, and the density there counts as 1.
    """
    start, stop = (min(max(end, -LARGEST), LARGEST) for end in limits)
    if not (wide > _LEAST and stop > start):
        return ((values[0], 1.0),)
    count = max(1, math.ceil(min(PLACES, (stop - start) / (wide / 3))))
    groups = list(_groups(values, wide / _FINE))
    middles = [middle for middle, _ in groups]
    whole = 1 / (len(values) * wide * math.sqrt(2 * math.pi))
    found = []
    for at in (start + (stop - start) * n / count for n in range(count + 1)):
        near = groups[bisect_left(middles, at - _REACH * wide) : bisect_right(middles, at + _REACH * wide)]
        found.append((at, whole * sum(n * math.exp(-0.5 * ((at - middle) / wide) ** 2) for middle, n in near)))
    return tuple(found)


def _groups(values: Sequence[float], near: float) -> Iterator[tuple[float, int]]:
    """Yield the mean of values that lie ``near`` each other, and how many they are: a few hundred of a million."""
    at = 0
    while at < len(values):
        end = bisect_right(values, values[at] + near, at)
        yield mean(values[at:end]), end - at
        at = end
