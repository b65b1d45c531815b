"""What charts ask of the store: functions for the query threads, of one task each.

The screens' sources (``task_data``, ``compare.source``) and exports call them, so that all of them show the same. The
imports of the store's queries stand inside because they are for the threads, after the first paint.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from store.records import Bucket

from .charts.chart import Window
from .charts.decimate import Axis, Course
from .charts.readings import Reading, Spot, read_off
from .charts.smooth import averaged, ema_of_means, reach_of

Point = tuple[float, float]
"""Where on the axis, and what."""
EXACT = 50_000
"""As many points in sight are read one by one to be smoothed, in about 40 ms."""


def bounds(axis: Axis, window: Window | None, origin: float) -> dict[str, Any]:
    """Return a range in the store's terms: the axis, where to start, where to stop."""
    by = "iteration" if axis is Axis.ITERATION else "time"
    if window is None:
        return {"axis": by}
    offset = origin if axis is Axis.RELATIVE else 0.0
    return {"axis": by, "start": window[0] + offset, "stop": window[1] + offset}


def courses(
    connection: Any, wanted: Iterable[tuple[str, int, dict[str, Any]]], columns: int, weight: float
) -> list[Course]:
    """Return about ``columns`` buckets of series, each given by its task, its number and the bounds."""
    return [course(connection, task, number, columns, bounds, weight) for task, number, bounds in wanted]


def course(connection: Any, task: str, number: int, columns: int, bounds: dict[str, Any], weight: float) -> Course:
    """Return about ``columns`` buckets of a series within bounds, with a weight smoothed.

    The smoothed line is that of the points, whatever the width: in each bucket the mean of what the average is after
    each of its points. Of more than ``EXACT`` points in sight each bucket counts as so many points of its mean.
    """
    from store.queries import scalars

    read = scalars.buckets(connection, task, number, columns, **bounds)
    if not weight or not read:
        return Course(read)
    found = sorted(read, key=partial(_end, bounds["axis"]))
    if sum(b.n for b in found) > EXACT:
        counts = [b.n - b.nans for b in found]
        return Course(found, ema_of_means([b.mean for b in found], counts, weight))
    return Course(found, _averages(connection, task, number, found, bounds["axis"], weight))


def _end(axis: str, bucket: Bucket) -> float:
    return bucket.iteration_max if axis == "iteration" else bucket.time_max


def _averages(
    connection: Any, task: str, number: int, found: Sequence[Bucket], axis: str, weight: float
) -> list[float]:
    """Return the mean of the smoothed values in each bucket, from its points and those that lead in to the first."""
    from store.pyramid import ROUNDED

    first = min(b.iteration_min if axis == "iteration" else b.time_min for b in found) - ROUNDED
    ends = sorted({_end(axis, b) for b in found})
    edges = [first, *(end + ROUNDED for end in ends)]
    points = _leading(connection, task, number, axis, first, weight)
    points += sorted(_points(connection, task, number, axis, first, edges[-1]), key=itemgetter(0))
    known = [(x, y) for x, y in points if math.isfinite(y)]
    line = averaged([x for x, _ in known], [y for _, y in known], edges, weight)
    by_end = dict(zip(ends, line, strict=True))
    return [by_end[_end(axis, b)] if b.n > b.nans else math.nan for b in found]


def _leading(connection: Any, task: str, number: int, axis: str, first: float, weight: float) -> list[Point]:
    from store.queries import readings

    before, finite = math.nextafter(first, -math.inf), reach_of(weight)
    near = readings.near(connection, task, [number], before, axis=axis, finite=finite).get(number)
    return list(zip(near.places, near.values, strict=True)) if near else []


def _points(connection: Any, task: str, number: int, axis: str, start: float, stop: float) -> Iterator[Point]:
    from store.queries import scalars

    for run in scalars.runs_of(connection, task, number, axis=axis, start=start, stop=stop):
        yield from zip(run.iterations if axis == "iteration" else run.times, run.values, strict=True)


def read(connection: Any, task: str, numbers: Collection[int], spot: Spot, origin: float) -> dict[int, Reading]:
    """Return what series have where the value cursor stands; ``origin`` is the task's start."""
    from store.queries import readings

    axis, offset = spot.axis, origin if spot.axis is Axis.RELATIVE else 0.0
    by = "iteration" if axis is Axis.ITERATION else "time"
    reach = reach_of(spot.weight)
    near = readings.near(connection, task, numbers, spot.at + offset, axis=by, within=spot.within, finite=reach)
    return {number: read_off(found, spot, offset) for number, found in near.items()}
