"""``capture scalars``: a task's series, as a summary or point by point. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from store.clock import iso
from store.errors import InvalidValue, NotFound, nearest
from store.records import MONITOR, MetricRow, Points

from . import shapes
from .context import Context
from .output import Column
from .words import number

_SUMMARY = (
    Column("SERIES", ratio=1), Column("LAST", right=True), Column("MIN", right=True), Column("MAX", right=True),
    Column("FIRST", right=True), Column("POINTS", right=True), Column("ITER", right=True), Column("NAN", right=True),
)  # fmt: skip
LISTED = 10
"""Series named at most where another one was asked for."""
_POINTS = (Column("ITER", right=True), Column("VALUE", right=True), Column("TIME"))


def scalars(context: Context) -> int:
    """Print a summary of all series, the points of one, or with ``--json`` the points of all."""
    from store.queries import scalars as queries

    args = context.args
    if args.points is not None and args.points < 2:
        raise InvalidValue(f"Invalid number of points: {args.points}. Give at least 2.")
    with context.store() as store:
        task = context.resolve(store, [args.id])[0]
        with store.read() as connection:
            rows = _chosen(queries.metrics(connection, task), args.metric)
            if context.out.json or args.metric:
                found = {_name(row): queries.points(connection, task, row.number, limit=args.points) for row in rows}
    if context.out.json:
        context.out.object({name: _as_json(points) for name, points in found.items()})
    elif args.metric:
        context.out.table(_POINTS, [cells for points in found.values() for cells in _points(points)])
    else:
        context.out.table(_SUMMARY, [_summary(row) for row in rows])
    return 0


def _name(row: MetricRow) -> str:
    return shapes.series_name((row.title, row.series))


def _chosen(rows: list[MetricRow], name: str | None) -> list[MetricRow]:
    if name is None:
        return rows
    found = [row for row in rows if _name(row) == name] or [row for row in rows if name in (row.title, row.series)]
    if not found:
        known = [_name(row) for row in rows]
        own = sorted(known, key=lambda name: name.startswith(MONITOR))
        more = f" and {len(own) - LISTED:,} more" if len(own) > LISTED else ""
        listed = f" It has: {', '.join(own[:LISTED])}{more}." if own else " It has none."
        raise NotFound(f"The task has no scalar {name!r}.{nearest(name, known) or listed}")
    return found


def _as_json(points: Points) -> dict[str, Any]:
    return {
        "iterations": points.iterations.tolist(),
        "values": points.values.tolist(),
        "times": [iso(time) for time in points.times],
    }


def _points(points: Points) -> Iterator[tuple[str, str, str]]:
    for iteration, value, time in zip(points.iterations, points.values, points.times, strict=True):
        yield str(iteration), repr(value), iso(time) or ""


def _summary(row: MetricRow) -> tuple[str, ...]:
    values = (row.last, row.min, row.max, row.first)
    counts = (row.n, row.last_iteration)
    return (_name(row), *map(number, values), *map(str, counts), str(row.nan_count) if row.nan_count else "")
