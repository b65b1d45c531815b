"""A task's scalars: summaries, the points themselves, and few buckets for a chart of any range.

A chart reads the highest level of the pyramid that has enough buckets in its range, so it costs about the same for a
thousand points and for ten million. Points that no chunk holds yet come from the journal rows.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..codec import decode_points, extend, flushed, part
from ..pyramid import FACTOR, ROW, Buckets, are_consecutive, buckets_of, decode_buckets, merged, singles
from ..records import Bucket, MetricRow, Points
from ..text import natural
from . import names

decoded = 0
"""Buckets and points taken out of blocks since the program started: what tests of a chart's cost count."""
_PAGE = 8  # chunks fetched at a time where all points are wanted
_TASKS = 64  # tasks whose courses are read at a time
_HIGHEST = 8  # a level that no series reaches
_NAN = math.nan
_V = tables.single_value.c
_METRICS = sa.select(tables.task_metric).where(tables.task_metric.c.task_id == tables.OF_TASK)
_SINGLE_VALUES = sa.select(_V.name, _V.value).where(_V.task_id == tables.OF_TASK).order_by(_V.name)


def metrics(c: Connection, task: str) -> list[MetricRow]:
    """Return the summaries of a task's series, by title and series; numbers in these by their values."""
    found = c.execute(_METRICS, {"task": task}).all()
    rows = sorted(found, key=lambda row: (natural(row.title), natural(row.series)))
    return [
        MetricRow(
            r.title, r.series, r.number, r.n, r.nan_count, r.first, _NAN if r.last is None else r.last, r.min, r.max,
            r.last_iteration, r.last_time,
        )
        for r in rows
    ]  # fmt: skip


def single_values(c: Connection, task: str) -> dict[str, float]:
    """Return the values reported once, by name."""
    return {name: _NAN if value is None else value for name, value in c.execute(_SINGLE_VALUES, {"task": task})}


# --- charts ---


def buckets(
    c: Connection, task: str, number: int, columns: int, *, axis: str = "iteration", start: float | None = None,
    stop: float | None = None,
) -> list[Bucket]:  # fmt: skip
    """Return a series as at most ``columns`` buckets in the order of the axis.

    Args:
        c: a reader's connection.
        task: the task.
        number: the series (``MetricRow.number``).
        columns: how many there is room for.
        axis: ``iteration`` or ``time`` (seconds since the epoch).
        start: where on the axis to begin, None for its beginning.
        stop: where to end (included). Buckets that overlap the range come whole, so the first and the last may reach
            out of it.
    """
    columns = max(columns, 1)
    tail = _within_points(_tail(c, task, number), axis, start, stop)
    found = _from_chunks(c, task, number, columns, axis, start, stop)
    found.extend(_few(tail, columns))
    return _binned(found, columns, axis, start, stop)


def _few(points: Points, columns: int) -> Buckets:
    """Return points as at most about two buckets a column."""
    size = len(points) // (2 * columns)
    return buckets_of(points, size) if size > 1 else singles(points)


def _from_chunks(
    c: Connection, task: str, number: int, columns: int, axis: str, start: float | None, stop: float | None
) -> Buckets:
    """Go down the pyramid until half a bucket a column is in range: never more than eight a column are read."""
    wanted = {"task": task, "number": number, "start": start, "stop": stop}
    top = c.execute(_top(), wanted).scalar_one_or_none()
    found = Buckets()
    for level in range(-1 if top is None else top, -1, -1):
        found = Buckets()
        rows = c.execute(_level(axis, start is not None, stop is not None), wanted | {"level": level})
        for data in rows.scalars():
            found.extend(_decoded(level, data, axis, start, stop))
        if 2 * len(found) >= columns:
            break
    return found


@cache
def _top() -> sa.Select[Any]:
    """Return the statement for a series' highest level, built once as all here: that takes as long as running it."""
    return sa.select(sa.func.max(tables.scalar_chunk.c.level)).where(*of_series(tables.scalar_chunk.c))


@cache
def _level(axis: str, started: bool, stopped: bool) -> sa.Select[Any]:
    """Return the statement for the rows of a level that overlap a range, as far as it has ends."""
    k = tables.scalar_chunk.c
    rows = sa.select(k.data).where(*of_series(k), k.level == sa.bindparam("level")).order_by(k.seq)
    return rows.where(*_overlapping(axis, started, stopped))


def _overlapping(axis: str, started: bool, stopped: bool) -> Iterator[sa.ColumnElement[bool]]:
    k = tables.scalar_chunk.c
    low, high = (k.iteration_min, k.iteration_max) if axis == "iteration" else (k.time_min, k.time_max)
    if started:
        yield high >= sa.bindparam("start", type_=sa.Float)
    if stopped:
        yield low <= sa.bindparam("stop", type_=sa.Float)


def of_series(k: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Return which rows of a table are those of the series that ``task`` and ``number`` are bound to."""
    return k.task_id == tables.OF_TASK, k.number == sa.bindparam("number")


def _decoded(
    level: int, data: bytes, axis: str = "iteration", start: float | None = None, stop: float | None = None
) -> Buckets:
    """Return what a row of the pyramid holds, of a range if there is one."""
    global decoded
    if not level:
        return singles(_within_points(decoded_points(data), axis, start, stop))
    found = decode_buckets(data)
    decoded += len(found)
    return _within(found, axis, start, stop)


def decoded_points(data: bytes) -> Points:
    """Return the points of a chunk, and count them."""
    global decoded
    found = decode_points(data)
    decoded += len(found)
    return found


def _within(b: Buckets, axis: str, start: float | None, stop: float | None) -> Buckets:
    if start is None and stop is None:
        return b
    lows, highs = (b.iteration_min, b.iteration_max) if axis == "iteration" else (b.time_min, b.time_max)
    low, high = -math.inf if start is None else start, math.inf if stop is None else stop
    return b.chosen([i for i, (x, y) in enumerate(zip(lows, highs, strict=True)) if y >= low and x <= high])


def _within_points(points: Points, axis: str, start: float | None, stop: float | None) -> Points:
    if start is None and stop is None:
        return points
    low, high = -math.inf if start is None else start, math.inf if stop is None else stop
    along = points.iterations if axis == "iteration" else points.times
    kept = [i for i, x in enumerate(along) if low <= x <= high]
    return _chosen(points, kept)


def _binned(b: Buckets, columns: int, axis: str, start: float | None, stop: float | None) -> list[Bucket]:
    """Return buckets in the order of the axis, those of one column as one."""
    if not len(b):
        return []
    lows, highs = (b.iteration_min, b.iteration_max) if axis == "iteration" else (b.time_min, b.time_max)
    middles = [x + (y - x) / 2 for x, y in zip(lows, highs, strict=True)]
    if len(b) <= columns:
        return [b.one(i) for i, _ in sorted(enumerate(middles), key=itemgetter(1))]
    low = min(lows) if start is None else start
    width = (max(highs) if stop is None else stop) - low
    columns_of: dict[int, list[int]] = {}
    for i, middle in enumerate(middles):
        at = int((middle - low) / width * columns) if width > 0 else 0
        columns_of.setdefault(min(max(at, 0), columns - 1), []).append(i)
    return [merged(b, columns_of[at]).one(0) for at in sorted(columns_of)]


# --- the courses of many tasks ---


def courses(
    c: Connection, ids: Sequence[str], series: Collection[str], columns: int
) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Return series of many tasks as some points each, two statements for 64 tasks.

    Args:
        c: a reader's connection.
        ids: the tasks.
        series: what to read of each of them, as ``title/series``.
        columns: how many points (2 to 17) tell enough of a series; of some there are up to 20 times as many.

    Returns:
        Task and series -> iteration and mean value in the order of the iterations, at the end the last value. What a
        task has not got is left out.
    """
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for start in range(0, len(ids), _TASKS):
        rows = c.execute(_coarse(ids[start : start + _TASKS], series, columns)).all()
        tails = _tails(c, [(r.task_id, r.number) for r in rows if r.n > r.compacted], columns)
        for r in rows:
            buckets = Buckets() if r.data is None else _decoded(r.level, r.data)
            buckets.extend(tails.get((r.task_id, r.number), Buckets()))
            found[r.task_id, f"{r.title}/{r.series}"] = _course(buckets, _NAN if r.last is None else r.last)
    return found


def _coarse(ids: Sequence[str], series: Collection[str], columns: int) -> sa.Select[Any]:
    """Series with the highest level of their pyramid that has enough buckets: these are all in one row."""
    assert (columns - 1) * FACTOR <= ROW
    m, k = tables.task_metric.c, tables.scalar_chunk.c
    levels = ((m.compacted > (columns - 1) * FACTOR**level, level) for level in range(_HIGHEST, 0, -1))
    chunk = (k.task_id == m.task_id) & (k.number == m.number) & (k.level == sa.case(*levels, else_=0))
    wanted = sa.select(m.task_id, m.title, m.series, m.number, m.n, m.compacted, m.last, k.level, k.data)
    wanted = wanted.select_from(tables.task_metric.outerjoin(tables.scalar_chunk, chunk))
    return wanted.where(m.task_id.in_(ids), sa.or_(*map(names.series, series)))


def _tails(c: Connection, wanted: Collection[tuple[str, int]], columns: int) -> dict[tuple[str, int], Buckets]:
    """Return what is still in journal rows as few buckets a series; the points of one task are in memory at a time."""
    numbers: dict[str, set[int]] = {}
    for task, number in wanted:
        numbers.setdefault(task, set()).add(number)
    if not numbers:
        return {}
    j = tables.scalar_journal.c
    rows = c.execute(sa.select(j.task_id, j.data).where(j.task_id.in_(numbers)).order_by(j.task_id, j.seq))
    return {
        (task, number): _few(points, columns)
        for task, own in groupby(rows, key=itemgetter(0))
        for number, points in flushed((data for _, data in own), numbers[task]).items()
    }


def _course(b: Buckets, last: float) -> list[tuple[float, float]]:
    middles = [x + (y - x) / 2 for x, y in zip(b.iteration_min, b.iteration_max, strict=True)]
    points = sorted(zip(middles, b.mean, strict=True), key=itemgetter(0))
    return [*points[:-1], *((iteration, last) for iteration, _ in points[-1:])]


# --- points ---


def points(c: Connection, task: str, number: int, *, limit: int | None = None) -> Points:
    """Return a series' points in order of arrival.

    Args:
        c: a reader's connection.
        task: the task.
        number: the series (``MetricRow.number``).
        limit: return about so many at most: of each run of points the lowest and the highest, and the very last.
    """
    runs = runs_of(c, task, number)
    if limit is None:
        return _whole(runs)
    m = tables.task_metric.c
    wanted = sa.select(m.n).where(m.task_id == task, m.number == number)
    total = c.execute(wanted).scalar_one_or_none() or 0
    if total <= limit:
        return _whole(runs)
    return _thinned(runs, -(-total // max((limit - 1) // 2, 1)))


def _whole(runs: Iterator[Points]) -> Points:
    found = Points()
    for run in runs:
        extend(found, run)
    return found


def runs_of(
    c: Connection, task: str, number: int, *, axis: str = "iteration", start: float | None = None,
    stop: float | None = None,
) -> Iterator[Points]:  # fmt: skip
    """Yield a series' points in order of arrival, a chunk at a time: however many there are, few are in memory.

    Args:
        c: a reader's connection.
        task: the task.
        number: the series (``MetricRow.number``).
        axis: what the range is on, as in ``buckets``.
        start: leave out what lies before, None for nothing.
        stop: leave out what lies behind.
    """
    k, after = tables.scalar_chunk.c, -1
    wanted = sa.select(k.seq, k.data).where(*of_series(k), k.level == 0, k.seq > sa.bindparam("after"))
    wanted = wanted.where(*_overlapping(axis, start is not None, stop is not None)).order_by(k.seq).limit(_PAGE)
    given = {"task": task, "number": number, "start": start, "stop": stop}
    while rows := c.execute(wanted, given | {"after": after}).all():
        for after, data in rows:  # noqa: B007 (used by the next page)
            yield _within_points(decoded_points(data), axis, start, stop)
    yield _within_points(_tail(c, task, number), axis, start, stop)


def _tail(c: Connection, task: str, number: int) -> Points:
    """Return the points of a series that are still in journal rows."""
    return tails_of(c, task, (number,))[number]


def tails_of(c: Connection, task: str, numbers: Collection[int]) -> dict[int, Points]:
    """Return the points of series that are still in journal rows, by number."""
    found = flushed(c.execute(_journal(), {"task": task}).scalars(), numbers)
    return {number: found.get(number, Points()) for number in numbers}


@cache
def _journal() -> sa.Select[Any]:
    j = tables.scalar_journal.c
    return sa.select(j.data).where(j.task_id == tables.OF_TASK).order_by(j.seq)


def _thinned(runs: Iterator[Points], size: int) -> Points:
    """Keep of every ``size`` points the lowest and the highest; of nothing but NaN the first; and the last of all."""
    kept, held, last = Points(), Points(), Points()
    for run in runs:
        extend(held, run)
        whole = len(held) // size * size
        for start in range(0, whole, size):
            extend(kept, _extremes(part(held, start, start + size)))
        last = part(held, len(held) - 1, len(held)) if len(held) else last
        held = part(held, whole, len(held))
    if len(held):
        extend(kept, _extremes(held))
    if len(last) and (not len(kept) or part(kept, len(kept) - 1, len(kept)) != last):
        extend(kept, last)
    return kept


def _extremes(points: Points) -> Points:
    good = [(value, at) for at, value in enumerate(points.values) if value == value]
    if not good:
        return part(points, 0, 1)
    return _chosen(points, sorted({min(good)[1], max(good)[1]}))


def _chosen(points: Points, indexes: list[int]) -> Points:
    if are_consecutive(indexes):
        return part(points, indexes[0], indexes[-1] + 1)
    made = Points()
    made.iterations.extend([points.iterations[i] for i in indexes])
    made.times.extend([points.times[i] for i in indexes])
    made.values.extend([points.values[i] for i in indexes])
    return made
