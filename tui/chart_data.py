"""What charts ask of the store: functions for the query threads, of one task each.

The screens' sources (``task_data``, ``compare.source``) and exports call them, so that all of them show the same. The
imports of the store's queries stand inside because they are for the threads, after the first paint.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from store.records import Bucket

from .charts.decimate import Axis
from .charts.readings import Reading, Spot, read_off
from .charts.smooth import reach_of

Window = tuple[float, float]


def bounds(axis: Axis, window: Window | None, origin: float) -> dict[str, Any]:
    """Return a range in the store's terms: the axis, where to start, where to stop."""
    by = "iteration" if axis is Axis.ITERATION else "time"
    if window is None:
        return {"axis": by}
    offset = origin if axis is Axis.RELATIVE else 0.0
    return {"axis": by, "start": window[0] + offset, "stop": window[1] + offset}


def buckets(connection: Any, task: str, number: int, columns: int, bounds: dict[str, Any]) -> list[Bucket]:
    """Return about ``columns`` buckets of a series within bounds."""
    from store.queries import scalars

    return scalars.buckets(connection, task, number, columns, **bounds)


def read(connection: Any, task: str, numbers: Collection[int], spot: Spot, origin: float) -> dict[int, Reading]:
    """Return what series have where the value cursor stands; ``origin`` is the task's start."""
    from store.queries import readings

    axis, offset = spot.axis, origin if spot.axis is Axis.RELATIVE else 0.0
    by = "iteration" if axis is Axis.ITERATION else "time"
    reach = reach_of(spot.weight)
    near = readings.near(connection, task, numbers, spot.at + offset, axis=by, within=spot.within, finite=reach)
    return {number: read_off(found, spot, offset) for number, found in near.items()}
