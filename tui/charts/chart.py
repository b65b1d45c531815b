"""A chart: its series, how it is looked at, and what was drawn of it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from store.records import MetricRow

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


@dataclass(frozen=True)
class Sitting:
    """What a picture depends on besides the chart: its size, how it is looked at, and the terminal."""

    width: int
    height: int
    settings: Settings
    window: Window | None
    origin: float
    ascii: bool
    colour: bool

    def reads_as(self, other: Sitting) -> bool:
        """Whether the same is read for both, if more or less finely."""
        mine, theirs = self.settings, other.settings
        return (self.window, self.origin, mine.axis, mine.smoothing) == (
            other.window, other.origin, theirs.axis, theirs.smoothing,
        )  # fmt: skip


@dataclass
class Drawn:
    """A chart as it was drawn last; ``key`` tells what from, and how."""

    key: tuple[object, Sitting] | None = None
    picture: Picture = field(default_factory=Picture)
    curves: tuple[Curve, ...] = ()
    twins: tuple[int | None, ...] = ()
    """For each curve the first one before it that is the same, and lies hidden beneath it."""

    @property
    def step(self) -> float:
        """What a column of the picture is worth on the x axis."""
        area = self.picture.area
        return (area.x_high - area.x_low) / max(1, area.width - 1)


def twins(curves: Sequence[Curve]) -> tuple[int | None, ...]:
    """Return for each curve the first one before it that is the same; None for no such curve, or one without points."""
    seen: dict[Curve, int] = {}
    first = [seen.setdefault(curve, n) for n, curve in enumerate(curves)]
    return tuple(at if at < n and curves[n].x else None for n, at in enumerate(first))


def pinned_first(charts: Sequence[Chart], pinned: Sequence[str]) -> list[Chart]:
    """Return charts with the pinned ones before the others, in the order they were pinned in."""
    places = {title: n for n, title in enumerate(pinned)}
    return sorted(charts, key=lambda chart: places.get(chart.title, len(places)))


def grouped(metrics: Sequence[MetricRow]) -> list[Chart]:
    """Return the charts of metrics, one a title, in the order the titles came in."""
    titles = dict.fromkeys(m.title for m in metrics)
    return [Chart(title, tuple(m for m in metrics if m.title == title)) for title in titles]
