"""Plots into their table, inside the transaction of the batch they came with: the newest iterations of each stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from . import tables
from .engine import Transaction

Row = dict[str, Any]


def write(tx: Transaction, rows: Sequence[Row], history: int) -> None:
    """Write plots, those of an iteration that is there already over it, and delete what is older than the history.

    Args:
        tx: the write transaction.
        rows: of the table ``plot``, in the order they were reported.
        history: iterations of each plot that are kept, at least one.
    """
    if not rows:
        return
    kept = max(1, history)
    newest = {(*_plot(row), row["iteration"]): row for row in rows}
    by_plot: dict[tuple[str, str, str], list[Row]] = {}
    for row in newest.values():
        by_plot.setdefault(_plot(row), []).append(row)
    written = [row for found in by_plot.values() for row in sorted(found, key=_iteration)[-kept:]]
    tx.execute(tables.upsert(tables.plot, tx.connection.dialect.name), written)
    old = [dict(zip(("of_task", "of_title", "of_series"), key, strict=True)) for key in by_plot]
    tx.execute(_beyond(kept), old)


def _plot(row: Row) -> tuple[str, str, str]:
    return row["task_id"], row["title"], row["series"]


def _iteration(row: Row) -> int:
    return int(row["iteration"])


def _beyond(kept: int) -> sa.Delete:
    """Delete from the first iteration on, counted from the newest, that is one too many."""
    p, other = tables.plot.c, tables.plot.alias()
    words = (("task_id", "of_task"), ("title", "of_title"), ("series", "of_series"))
    named: list[tuple[str, sa.BindParameter[str]]] = [(name, sa.bindparam(word)) for name, word in words]
    too_many = sa.select(other.c.iteration).where(*(other.c[name] == bind for name, bind in named))
    first = too_many.order_by(other.c.iteration.desc()).offset(kept).limit(1).scalar_subquery()
    return sa.delete(tables.plot).where(*(p[name] == bind for name, bind in named), p.iteration <= first)
