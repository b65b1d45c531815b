"""Strokes cut at the edges of what is shown.

plotext fills every cell between two points, shown or not: one far outside costs gigabytes. So nothing outside gets
there, and a line that leaves is cut exactly where it crosses the edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

LARGEST = 8e307
"""Further up no difference of two numbers can be told: what lies there is a gap, or cut off at the rim."""
HIGHEST = 308.25
"""The highest power of ten that is a number."""
Range = tuple[float, float]
Point = tuple[float, float]
_LIFTED = (math.nan, math.nan)


def bounded(low: float, high: float, *, log: bool) -> Range:
    """Return a range as far as an axis can span it; of powers of ten with ``log``."""
    most = HIGHEST if log else LARGEST
    return max(low, -most), min(high, most)


def clipped(
    xs: Sequence[float], ys: Sequence[float], x_range: Range, y_range: Range
) -> tuple[list[float], list[float]]:
    """Return a stroke without what lies outside the ranges; NaN where the pen lifts, as in the stroke given."""
    up = list(_within(zip(xs, ys, strict=True), y_range))
    across = list(_within([(y, x) for x, y in up], x_range))
    return [x for _, x in across], [y for y, _ in across]


def _within(points: Iterator[Point] | Sequence[Point], limits: Range) -> Iterator[Point]:
    """Cut a stroke where the second coordinate leaves the limits."""
    before: Point | None = None
    was_inside = False
    for here in points:
        if not (math.isfinite(here[0]) and math.isfinite(here[1])):
            before = None
            yield _LIFTED
            continue
        inside = _inside(here, limits)
        if inside and (was_inside or before is None):  # nearly every point, and nothing to be cut
            yield here
        elif before is not None:
            yield from _piece(before, here, limits)
        before, was_inside = here, inside


def _piece(before: Point, here: Point, limits: Range) -> Iterator[Point]:
    """Yield what is drawn of the way from one point to the next, without the first if that was drawn already."""
    start, end = _visible(before[1], here[1], limits)
    if start > end:
        return
    if not _inside(before, limits):
        yield _LIFTED
        yield _between(before, here, start, limits)
    yield here if _inside(here, limits) else _between(before, here, end, limits)


def _inside(point: Point, limits: Range) -> bool:
    return limits[0] <= point[1] <= limits[1]


def _visible(first: float, second: float, limits: Range) -> Range:
    """Return from where to where, in parts of the way, a value between two others is within the limits."""
    way = second / 2 - first / 2  # halves: the whole way between two large numbers may be no number
    if way == 0:
        return (0.0, 1.0) if limits[0] <= first <= limits[1] else (1.0, 0.0)
    low, high = sorted((limit / 2 - first / 2) / way for limit in limits)
    return max(0.0, low), min(1.0, high)


def _between(before: Point, here: Point, part: float, limits: Range) -> Point:
    along = before[0] * (1 - part) + here[0] * part
    return along, min(max(before[1] * (1 - part) + here[1] * part, limits[0]), limits[1])
