"""Debug samples of several tasks: which belong together, at which iteration, and how many pictures there is room for.

Pure; matched by title and series, as one compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.sample_records import SampleRow
from store.text import natural

from .source import Compared

LEAST_WIDE, LEAST_HIGH = 32, 12
"""Columns and rows of a cell: in a smaller one nobody sees what a picture shows."""


@dataclass(frozen=True)
class Matched:
    """The samples of one title and series: of each task its own, None where it has none, and the iterations of all."""

    title: str
    series: str
    rows: tuple[SampleRow | None, ...]
    iterations: tuple[int, ...]
    time: float


def matched(compared: Compared) -> list[Matched]:
    """Return the samples of all tasks: those first that most tasks have, then by title and series."""
    each = [{(row.title, row.series): row for row in member.detail.samples} for member in compared.members]
    keys = sorted({key for rows in each for key in rows}, key=lambda key: (natural(key[0]), natural(key[1])))
    found = [_matched(*key, tuple(rows.get(key) for rows in each)) for key in keys]
    return sorted(found, key=lambda one: one.rows.count(None))


def _matched(title: str, series: str, rows: tuple[SampleRow | None, ...]) -> Matched:
    there = [row for row in rows if row is not None]
    iterations = sorted({iteration for row in there for iteration in row.iterations})
    return Matched(title, series, rows, tuple(iterations), max(row.time for row in there))


def nearest(iterations: Sequence[int], wanted: int) -> int:
    """Return the iteration that is nearest to the one wanted; of two as near the earlier one."""
    return min(iterations, key=lambda iteration: (abs(iteration - wanted), iteration))


@dataclass(frozen=True)
class Grid:
    """Cells for pictures: how many stand side by side and below one another, and how large one is."""

    across: int
    down: int
    wide: int
    high: int


def grid(width: int, height: int, count: int) -> Grid:
    """Return the cells for so many pictures, as many as there is room for, in rows that are as even as can be."""
    across = max(1, min(count, width // LEAST_WIDE))
    down = max(1, min(-(-count // across), height // LEAST_HIGH))
    across = min(across, -(-count // down))
    return Grid(across, down, max(1, width // across), max(1, height // down))
