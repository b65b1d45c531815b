"""Columns a person chose for the task table: metrics and hyperparameters of the tasks of one page.

The page itself is ``tasks.page``; these cells are at most two statements more, however many columns and tasks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..columns import AGGREGATES, Column, parse
from .tasks import TaskQuery, newest

__all__ = ["AGGREGATES", "Cell", "Column", "cells", "choices", "parse"]

Cell = float | str | None
_M, _P = tables.task_metric.c, tables.parameter.c
_SERIES = _M.title + "/" + _M.series
_KEY = _P.section + "/" + _P.name


def cells(c: Connection, ids: Sequence[str], columns: Sequence[Column]) -> dict[str, tuple[Cell, ...]]:
    """Return what each of these tasks has in each column: numbers for metrics, texts for parameters, None for nothing.

    A series that is only NaN so far is NaN, as in ``tasks.rows``. Of a difference it is the task's own number: what to
    take from it is another task's.
    """
    found = _metrics(c, ids, columns) | _parameters(c, ids, columns)
    asked = [column._replace(aggregate=column.number) for column in columns]
    return {task: tuple(found.get((task, column)) for column in asked) for task in ids}


def _metrics(c: Connection, ids: Sequence[str], columns: Sequence[Column]) -> dict[tuple[str, Column], Cell]:
    names = {column.name for column in columns if column.kind == "metric"}
    if not names:
        return {}
    wanted = sa.select(_M.task_id, _SERIES.label("name"), *(_M[aggregate] for aggregate in AGGREGATES))
    found: dict[tuple[str, Column], Cell] = {}
    for row in c.execute(wanted.where(_M.task_id.in_(ids), _SERIES.in_(names))).mappings():
        for aggregate in AGGREGATES:
            value = row[aggregate]
            found[row["task_id"], Column("metric", row["name"], aggregate)] = math.nan if value is None else value
    return found


def _parameters(c: Connection, ids: Sequence[str], columns: Sequence[Column]) -> dict[tuple[str, Column], Cell]:
    names = {column.name for column in columns if column.kind == "param"}
    if not names:
        return {}
    wanted = sa.select(_P.task_id, _KEY, _P.value).where(_P.task_id.in_(ids), _KEY.in_(names))
    return {(task, Column("param", name)): value for task, name, value in c.execute(wanted)}


def choices(c: Connection, query: TaskQuery) -> list[Column]:
    """Return the columns that the newest tasks of a query could show: parameters, then metrics by their last value."""
    ids = newest(c, query)
    parameters = c.execute(sa.select(_KEY).where(_P.task_id.in_(ids)).distinct().order_by(_KEY)).scalars()
    metrics = c.execute(sa.select(_SERIES).where(_M.task_id.in_(ids)).distinct().order_by(_SERIES)).scalars()
    return [Column("param", name) for name in parameters] + [Column("metric", name, "last") for name in metrics]
