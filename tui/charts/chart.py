"""A chart: its series, how it is looked at, and what was drawn of it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from store.records import MetricRow
from store.text import natural

from .adapter import Picture
from .decimate import Axis, Curve

Window = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A title and its series."""

    title: str
    metrics: tuple[MetricRow, ...]

    @property
    def version(self) -> tuple[tuple[int, int], ...]:
        """Changes whenever a point was added."""
        return tuple((m.number, m.n) for m in self.metrics)


@dataclass(frozen=True)
class Settings:
    """What the keys change."""

    axis: Axis = Axis.ITERATION
    log: bool = False
    smoothing: float = 0.0
    outliers: bool = True
    markers: bool = False


@dataclass
class Drawn:
    """A chart as it was drawn last; ``key`` tells what from."""

    key: object = None
    picture: Picture = field(default_factory=Picture)
    curves: tuple[Curve, ...] = ()


def grouped(metrics: Sequence[MetricRow]) -> list[Chart]:
    """Return the charts of metrics, one a title, numbers in titles and series in the order of their values."""
    ordered = sorted(metrics, key=lambda m: (natural(m.title), natural(m.series)))
    titles = dict.fromkeys(m.title for m in ordered)
    return [Chart(title, tuple(m for m in ordered if m.title == title)) for title in titles]
