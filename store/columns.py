"""The names of columns that are no fields of a task: a series' summary, a hyperparameter. Standard library only."""

from __future__ import annotations

from typing import NamedTuple

from .errors import InvalidValue
from .text import shown

AGGREGATES = ("last", "min", "max", "first")
"""A series in one number."""
SPARKLINE = "sparkline"
DELTAS = {"delta-max": "max", "delta-min": "min", "delta": "last"}
"""How far one of those numbers is from the baseline's, and which it is."""
FORMS = (*AGGREGATES, SPARKLINE, *DELTAS)
"""What a column shows of a series: one number, its course, or a difference."""


class Column(NamedTuple):
    """A column as settings write it (``key``): ``metric:title/series.min`` or ``param:Section/name``."""

    kind: str
    name: str
    """``title/series`` or ``Section/name``."""
    aggregate: str = ""

    @property
    def key(self) -> str:
        """The text ``parse`` reads."""
        return f"{self.kind}:{self.name}" + (f".{self.aggregate}" if self.aggregate else "")

    @property
    def number(self) -> str:
        """The aggregate that a series is sorted by: the last value in place of its course, a difference's own."""
        return "last" if self.aggregate == SPARKLINE else DELTAS.get(self.aggregate, self.aggregate)

    @property
    def is_delta(self) -> bool:
        """Whether it shows a difference to the baseline."""
        return self.aggregate in DELTAS


def parse(key: str) -> Column:
    """Read a column's key; a metric without an aggregate shows its last value.

    Raises:
        InvalidValue: it is neither ``metric:title/series.aggregate`` nor ``param:Section/name``.
    """
    kind, _, name = key.partition(":")
    if kind == "param" and "/" in name:
        return Column(kind, name)
    path, dot, last = name.rpartition(".")
    if kind == "metric" and "/" in name:
        return Column(kind, path, last) if dot and last in FORMS else Column(kind, name, "last")
    raise InvalidValue(f"Invalid column {shown(key)}. Write metric:title/series.min or param:Section/name.")
