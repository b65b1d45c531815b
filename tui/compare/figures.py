"""The table of scalars: of each series the last, lowest and highest value of each task, the extremes marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from store.records import MONITOR, MetricRow
from store.text import natural
from tui import format as form
from tui.columns import metric_name
from tui.export.compared import Lines, side_by_side
from tui.export.what import Export
from tui.widgets import rows
from tui.widgets.values import SIGNS

from .base import TableTab
from .source import Compared
from .table import NONE, Cell, Item, Line

EMPTY = "No scalars yet. logger.report_scalar(title, series, value, iteration) puts them here."

FIGURES: dict[str, Callable[[MetricRow], float | None]] = {
    "last": lambda metric: metric.last, "min": lambda metric: metric.min, "max": lambda metric: metric.max,
}  # fmt: skip
Values = list[float | None]


def figures_of(compared: Compared) -> Iterator[tuple[str, str, Values]]:
    """Yield each series of the scripts with each figure, and what it is of each task."""
    found = [{(m.title, m.series): m for m in member.detail.metrics} for member in compared.members]
    keys = {key for metrics in found for key in metrics if not key[0].startswith(MONITOR)}
    for key in sorted(keys, key=lambda key: (natural(key[0]), natural(key[1]))):
        row = [metrics.get(key) for metrics in found]
        for name, get in FIGURES.items():
            yield metric_name(key), name, [None if metric is None else get(metric) for metric in row]


def once_of(compared: Compared) -> dict[str, Values]:
    """Return the values reported once, by name."""
    singles = [member.detail.single_values for member in compared.members]
    names = sorted({name for values in singles for name in values}, key=natural)
    return {name: [values.get(name) for values in singles] for name in names}


def lines_of(compared: Compared) -> Lines:
    """Return the figures in full."""
    found = [([series, name], values) for series, name, values in figures_of(compared)]
    return found + [([name, "once"], values) for name, values in once_of(compared).items()]


def build(compared: Compared, ascii_only: bool) -> list[Item]:
    """Return three lines for each series of the scripts, and one for each value reported once."""
    made: list[Item] = [_line(series if name == "last" else f"  {name}", values, ascii_only)
                        for series, name, values in figures_of(compared)]  # fmt: skip
    once = [_line(name, values, ascii_only) for name, values in once_of(compared).items()]
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

    def export(self) -> Export | str:
        """All figures."""
        assert self.compared is not None, "a pane is asked when it is known"
        lines = partial(lines_of, self.compared)
        none = "There are no scalars to export yet."
        return side_by_side("figures", ["series", "figure"], self.compared.members, lines, none)

    def items(self, compared: Compared) -> list[Item]:
        """The values."""
        return build(compared, self.look.ascii)
