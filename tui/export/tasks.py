"""The task table as rows: all tasks of its view in its order, or the marked ones alone, as verbs act on those.

The columns are the chosen ones; where the width decides, all that it chooses from, with the project. A sparkline is
no number: its column holds the last value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from store import clock
from store.columns import SPARKLINE, parse
from store.columns import Column as ColumnKey
from tui import chosen, home_data
from tui import columns as cols
from tui.columns import Column, Scene
from tui.home_data import View

from .what import Export, Row


def of_view(view: View, marked: Sequence[str]) -> Export:
    """Return the table of a view; of these tasks alone, if any are marked."""
    name = f"{view.project}-tasks" if view.project else "tasks"
    keys = tuple(dict.fromkeys(map(_in_numbers, view.columns)))
    rows = partial(_rows, view=replace(view, columns=keys), marked=tuple(marked))
    return Export(name, "marked task" if marked else "task", rows)


def _in_numbers(key: str) -> str:
    """Return the key of a column, of a series' last value in place of its course."""
    if ":" not in key:
        return key
    wanted = parse(key)
    return wanted._replace(aggregate=wanted.number).key if wanted.aggregate == SPARKLINE else key


def _rows(connection: Any, view: View, marked: tuple[str, ...]) -> Iterator[Row]:
    columns = _columns(view)
    yield ["id", *(column.called or column.key for column in columns)]
    baselines = home_data.compared(connection, view.cells)
    for rows, cells in home_data.parts(connection, view, marked):
        scene = Scene(clock.now(), cells=cells, baselines=baselines)
        for row in rows:
            yield [row.id, *(column.content(row, scene) for column in columns)]


def _columns(view: View) -> list[Column]:
    if not view.columns:
        shown = cols.columns(view.metric, False)
        return [column for column in shown if column.key != "metric" or view.metric is not None]
    twin = ColumnKey("metric", "/".join(view.metric), "last").key if view.metric is not None else ""
    known = {column.key: column for column in chosen.every(view.metric, False, view.columns)}
    left_out = {"id", cols.METRIC} if twin in view.columns else {"id"}
    return [known[key] for key in view.columns if key in known.keys() - left_out]
