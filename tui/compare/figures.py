"""The table of scalars: of each series the last, lowest and highest value of each task, the extremes marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from store.records import MetricRow
from store.text import natural
from tui import format as form
from tui.columns import metric_name
from tui.task_data import MONITOR
from tui.widgets import rows
from tui.widgets.values import SIGNS

from .base import TableTab
from .source import Compared
from .table import NONE, Cell, Item, Line

EMPTY = "No scalars yet. logger.report_scalar(title, series, value, iteration) puts them here."

FIGURES: tuple[tuple[str, Callable[[MetricRow], float | None]], ...] = (
    ("", lambda metric: metric.last), ("  min", lambda metric: metric.min), ("  max", lambda metric: metric.max),
)  # fmt: skip


def build(compared: Compared, ascii_only: bool) -> list[Item]:
    """Return three lines for each series of the scripts, and one for each value reported once."""
    found = [{(m.title, m.series): m for m in member.detail.metrics} for member in compared.members]
    keys = {key for metrics in found for key in metrics if not key[0].startswith(MONITOR)}
    made: list[Item] = []
    for key in sorted(keys, key=lambda key: (natural(key[0]), natural(key[1]))):
        row = [metrics.get(key) for metrics in found]
        for name, get in FIGURES:
            values = [None if metric is None else get(metric) for metric in row]
            made.append(_line(name or metric_name(key), values, ascii_only))
    singles = [member.detail.single_values for member in compared.members]
    names = sorted({name for values in singles for name in values}, key=natural)
    once = [_line(name, [values.get(name) for values in singles], ascii_only) for name in names]
    if once:
        made += [*([rows.BLANK] if made else []), rows.heading("Values", "reported once"), *once]
    low, high = SIGNS[ascii_only]
    head = rows.heading("Scalars", f"last value, min, max   {low} lowest  {high} highest of a line")
    return [head, *made] if made else [((EMPTY, "dim"),)]


def _line(key: str, values: Sequence[float | None], ascii_only: bool) -> Line:
    known = [value for value in values if value is not None and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (math.nan, math.nan)
    return Line(key, tuple(_cell(value, low, high, ascii_only) for value in values), right=True)


def _cell(value: float | None, low: float, high: float, ascii_only: bool) -> Cell:
    if value is None:
        return NONE, "dim"
    if not math.isfinite(value):
        return form.number(value), "red bold"
    if low == high or value not in (low, high):
        return form.number(value), "normal"
    return f"{SIGNS[ascii_only][value == high]}{form.number(value)}", "bright bold"


class Pane(TableTab):
    """The table of scalars."""

    def items(self, compared: Compared) -> list[Item]:
        """The values."""
        return build(compared, self.look.ascii)
