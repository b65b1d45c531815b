"""Where strokes become cells: in braille, eight dots to a cell, or in one character a cell.

plotext walks every dot of a line in Python, which takes a noisy line over a full screen a third of a second. Here a
column of dots is one whole number, so that a line of any height is one shift: a few milliseconds. Pure arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

BRAILLE = "braille"
_LEFT = [sum(bit for n, bit in enumerate((0x01, 0x02, 0x04, 0x40)) if dots >> n & 1) for dots in range(16)]
_RIGHT = [sum(bit for n, bit in enumerate((0x08, 0x10, 0x20, 0x80)) if dots >> n & 1) for dots in range(16)]

Place = tuple[float, float]
Line = tuple[float, float, float, float]
"""From where to where, in dots."""


class Board(Protocol):
    """What strokes are drawn on: cells here, or a picture.

    They are given in parts of the board: 0 is its left or lower edge, 1 its right or upper one; NaN lifts the pen.
    """

    def stroke(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Draw a line through points."""
        ...

    def points(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Draw a mark at each point."""
        ...


class Canvas:
    """A board of cells, where a later stroke lies over the earlier ones. Rows count from the top."""

    def __init__(self, width: int, height: int, blank: int = 0) -> None:
        self.width, self.height = width, height
        self.texts = [[" "] * width for _ in range(height)]
        self.roles = [[blank] * width for _ in range(height)]

    def stroke(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Draw a line through points."""
        if marker == BRAILLE:
            places = _placed(xs, ys, 2 * self.width, 4 * self.height)
            self._dots(_columns(_lines(places), 2 * self.width), role)
        else:
            self._marks(_columns(_lines(_placed(xs, ys, self.width, self.height)), self.width), role, marker)

    def points(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Draw a mark at each point."""
        placed = (place for place in _placed(xs, ys, self.width, self.height) if place)
        self._marks(_columns(((x, y, x, y) for x, y in placed), self.width), role, marker)

    def _dots(self, columns: Sequence[int], role: int) -> None:
        rows = list(zip(self.texts, self.roles, strict=True))
        for x in range(self.width):
            left, right = columns[2 * x], columns[2 * x + 1]
            for texts, roles in rows:
                if not (left or right):
                    break
                cell = _LEFT[left & 15] | _RIGHT[right & 15]
                if cell:
                    texts[x], roles[x] = chr(0x2800 | cell), role
                left, right = left >> 4, right >> 4

    def _marks(self, columns: Sequence[int], role: int, marker: str) -> None:
        for x, dots in enumerate(columns):
            y = 0
            while dots:
                if dots & 1:
                    self.texts[y][x], self.roles[y][x] = marker, role
                dots, y = dots >> 1, y + 1


def _placed(xs: Sequence[float], ys: Sequence[float], width: int, height: int) -> Iterator[Place | None]:
    """Yield points in dots from the upper left, a dot from its whole number on; None where the pen lifts.

    Half a dot is added once, and the rest cuts off: ``round`` goes up from 0.5 and down from 1.5, which tears a slope.
    """
    for x, y in zip(xs, ys, strict=True):
        yield (x * (width - 1) + 0.5, (1 - y) * (height - 1) + 0.5) if math.isfinite(x) and math.isfinite(y) else None


def _lines(places: Iterator[Place | None]) -> Iterator[Line]:
    """Yield the way from each point to the next; the first behind a lift is a way of its own."""
    before: Place | None = None
    for here in places:
        if here is not None:
            yield (*(before or here), *here)
        before = here


def _columns(lines: Iterator[Line], width: int) -> list[int]:
    """Return the dots of lines, a number a column whose lowest bit is its uppermost dot."""
    columns = [0] * width
    for x1, y1, x2, y2 in lines:
        first, last = int(x1), int(x2)
        if first == last:
            columns[first] |= _span(int(y1), int(y2))
        else:
            _slope(columns, (x1, y1, x2, y2) if x1 < x2 else (x2, y2, x1, y1))
    return columns


def _slope(columns: list[int], line: Line) -> None:
    """Draw a line over several columns: in each the dots that the line is in, none of them twice."""
    x1, y1, x2, y2 = line
    slope = (y2 - y1) / (x2 - x1)
    first, last = int(x1), int(x2)
    before, end = int(y1), int(y2)
    flat = -1 <= slope <= 1
    for column in range(first, last):
        if flat:
            here = int(y1 + (max(column + 0.5, x1) - x1) * slope)
            columns[column] |= _span(_beside(here, before), here)
        else:
            here = int(y1 + (min(column + 1, x2) - x1) * slope)
            columns[column] |= _span(before, _beside(before, here))
        before = here
    columns[first] |= 1 << int(y1)
    columns[last] |= _span(_beside(end, before) if flat else before, end)


def _beside(one: int, other: int) -> int:
    """Return the dot next to ``other``, on the side of ``one``; the dot itself where both are the same."""
    return other + (one > other) - (one < other)


def _span(one: int, other: int) -> int:
    low, high = (one, other) if one < other else (other, one)
    return ((2 << high - low) - 1) << low
