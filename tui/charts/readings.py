"""What series have where the value cursor stands: read from their points, never taken from what is drawn.

A picture's places stand for many points each. So the values under the cursor are asked for, off the event loop, and
until they are there nothing is said in their place: never the value of another iteration. Imports no Textual.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from store.errors import StoreUnusable
from store.records import MetricRow

from . import ticks
from .decimate import Axis
from .smooth import last_of

if TYPE_CHECKING:
    from store.queries.readings import Near

MOMENT = 1.0
"""Seconds that are one moment: what is reported together is never at one time, and no caption tells it apart."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the value cursor stands, and with which weight values are smoothed there."""

    at: float
    axis: Axis
    weight: float = 0.0

    @property
    def name(self) -> str:
        """The place as it is told."""
        return ticks.place(self.axis, self.at)

    @property
    def within(self) -> float:
        """How far from the cursor a point may be to be at it."""
        return 0.0 if self.axis is Axis.ITERATION else MOMENT

    def elsewhere(self, reading: Reading) -> str:
        """Return the place of a value that is an earlier one than the cursor's; empty if it is that of the cursor."""
        if reading.value is None or abs(self.at - reading.place) <= self.within:
            return ""
        return ticks.place(self.axis, reading.place).rpartition(" ")[2]  # of a time of day the time


class Reading(NamedTuple):
    """What a series has at a spot: its last value at or before it, and where that is; no value where there is none."""

    value: float | None
    place: float = 0.0


NOTHING = Reading(None)


class Source(Protocol):
    """Where the values come from; runs off the event loop."""

    async def read(self, numbers: Collection[int], spot: Spot) -> Mapping[int, Reading]:
        """Return what series have at a spot; without those that have nothing there.

        Raises:
            StoreUnusable: they cannot be read now.
        """
        ...


def read_off(near: Near, spot: Spot, origin: float) -> Reading:
    """Return what a series has at a spot, of its points up to there; nothing where its next point would be due.

    Args:
        near: its points.
        spot: the place.
        origin: what places on its axis count from.
    """
    place = near.places[-1] - origin
    if spot.at - place > spot.within and spot.at >= near.ended - origin:
        return NOTHING
    return Reading(last_of(near.values, spot.weight), place)


class Readings:
    """The values under the cursor, as they were read last."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: dict[int, tuple[Spot, int, Reading]] = {}

    async def read(self, metrics: Collection[MetricRow], spot: Spot) -> bool:
        """Have the values of series at a spot ready; return whether any was not. What cannot be read stays unread."""
        wanted = {m.number: m.n for m in metrics if m.n and self._kept.get(m.number, ())[:2] != (spot, m.n)}
        if not wanted:
            return False
        try:
            found = await self._source.read(wanted, spot)
        except StoreUnusable:
            return False
        self._kept |= {number: (spot, n, found.get(number, NOTHING)) for number, n in wanted.items()}
        return True

    def of(self, metric: MetricRow, spot: Spot) -> Reading | None:
        """Return what a series has at a spot; None while that is not read.

        What was read before the series grew stands until it is read again: a place behind has what it had.
        """
        if not metric.n:
            return NOTHING
        found = self._kept.get(metric.number)
        return found[2] if found and found[0] == spot and found[1] <= metric.n else None
