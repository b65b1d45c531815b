"""Values on an axis: numbers, their logarithms, or texts side by side in the order they came; turned where asked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tui.charts import ticks
from tui.charts.clip import HIGHEST, LARGEST, Range, bounded

from .figure import Axis, Series

_LEAST = 1e-300


@dataclass(frozen=True)
class Scale:
    """An axis in use: the names on it, if it has any, and the range it spans, in logarithms where it has those."""

    axis: Axis
    names: tuple[str, ...]
    range: Range
    index: Mapping[str, int] = field(default_factory=dict)

    def place(self, value: float | str) -> float:
        """Return where a value lies on the axis; NaN if nowhere."""
        if self.names or isinstance(value, str):
            return float(self.index.get(str(value), math.nan))
        if self.axis.log:
            return math.log10(value) if 10**-HIGHEST <= value < math.inf else math.nan
        return value if abs(value) <= LARGEST else math.nan

    def spans(self, at: float) -> bool:
        """Whether a place is on the axis."""
        return self.range[0] <= at <= self.range[1]

    def lowest(self, value: float | str) -> float:
        """Return where a value lies; on a logarithmic axis nothing lies below its beginning."""
        at = self.place(value)
        return self.range[0] if math.isnan(at) else at

    def part(self, at: float) -> float:
        """Return a place as a part of the axis, from its beginning."""
        low, high = self.range
        part = (at / 2 - low / 2) / (high / 2 - low / 2)  # halves: the way between two large numbers may be none
        return 1 - part if self.axis.turned else part

    @property
    def named(self) -> tuple[ticks.Tick, ...]:
        """The names on the axis, in parts of it: its own, else those that the figure has for some numbers."""
        if self.names:
            return tuple((self.part(n), name) for n, name in enumerate(self.names))
        places = ((self.place(value), name) for value, name in self.axis.names)
        return tuple(sorted((self.part(at), name) for at, name in places if self.spans(at)))

    def ticks(self, most: int) -> tuple[ticks.Tick, ...]:
        """Return the ticks of numbers, in parts of the axis; names stand instead of them."""
        if self.named:
            return ()
        found = ticks.logarithmic(*self.range, most) if self.axis.log else ticks.linear(*self.range, most)
        return tuple(sorted((self.part(at), label) for at, label in found))


def scale_of(
    axis: Axis, series: Sequence[Series], *, across: bool, base: bool | None = None, stacked: bool = False
) -> Scale | None:
    """Return the axis that all series fit on; None without anything that has a place on it."""
    given = [value for s in series for value in (s.x if across else s.y)]
    names = tuple(dict.fromkeys(str(value) for value in given)) if any(isinstance(v, str) for v in given) else ()
    if names:
        return Scale(axis, names, (-0.5, len(names) - 0.5), {name: n for n, name in enumerate(names)})
    if stacked and base:
        given += [end for ends in _stacks(series) for end in ends]
    places = [at for value in given if math.isfinite(at := Scale(axis, (), (0, 1)).place(value))]
    if base and not axis.log:
        places.append(0.0)
    if not places:
        return None
    low, high = min(places), max(places)
    margin = (high / 2 - low / 2) * (0.04 if across else 0.1) or abs(high) * 0.1 or 1.0
    standing = {at for s in series if _stands(s, across=across) for value in (s.x if across else s.y)
                if math.isfinite(at := Scale(axis, (), (0, 1)).place(value))}  # fmt: skip
    if standing:
        margin = gap(sorted(standing)) / 2
    margin = max(margin, max(abs(low), abs(high)) * 1e-12, _LEAST)  # less is no difference to a number
    lower = low if base and low == 0 else low - margin
    return Scale(axis, (), bounded(lower, high + margin, log=axis.log))


def _stands(series: Series, *, across: bool) -> bool:
    """Whether what is drawn of a series takes room around its places on this axis."""
    return (series.kind == "bar" and across) or (series.spreads is not None and series.spreads.manner.across != across)


def gap(places: Sequence[float]) -> float:
    """Return the least distance between two places: what a bar has room in."""
    return min((b - a for a, b in pairwise(places) if b > a), default=1.0)


def _stacks(series: Iterable[Series]) -> list[Range]:
    """Return how far up and down the stacks of bars reach."""
    up: dict[float | str, float] = {}
    down: dict[float | str, float] = {}
    for s in series:
        for x, y in zip(s.x, s.y, strict=False):
            if not isinstance(y, str) and math.isfinite(y):
                side = up if y > 0 else down
                side[x] = side.get(x, 0.0) + y
    return [(min(down.values(), default=0.0), max(up.values(), default=0.0))]
