"""A series as one line of blocks. Pure text: neither Textual nor the store."""

from __future__ import annotations

import math
from collections.abc import Sequence

SPARK = "▁▂▃▄▅▆▇█"
ASCII_SPARK = "_.-~=+*#"


def sparkline(values: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """Return values as one line of blocks, the newest at the right; what is no number as ``×``."""
    if not values:
        return ""
    step = max(1, -(-len(values) // width))
    picked = [_mean(values[i : i + step]) for i in range(0, len(values), step)]
    known = [v for v in picked if math.isfinite(v)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    return "".join(_block(value, low, high, ascii_only) for value in picked)


def _mean(values: Sequence[float]) -> float:
    known = [v for v in values if math.isfinite(v)]
    if not known:
        return math.nan
    mean = sum(known) / len(known)
    if math.isfinite(mean):
        return mean
    parts = sum(
        v / len(known) for v in known
    )  # the sum of large numbers may be no number, rounded up even that of parts
    return min(max(parts, min(known)), max(known))


def _block(value: float, low: float, high: float, ascii_only: bool) -> str:
    if not math.isfinite(value):
        return "x" if ascii_only else "×"
    whole = high / 2 - low / 2  # halves: the way between two large numbers may be no number
    level = min(7, int((value / 2 - low / 2) / whole * 8)) if whole > 0 else 3
    return (ASCII_SPARK if ascii_only else SPARK)[level]


def course(points: Sequence[tuple[float, float]], width: int) -> list[float]:
    """Return a series' points, iteration and value, as one value a cell for at most ``width`` cells.

    A cell spans a power of two of iterations, so that a point more leaves most of the line as it is. Where a cell has
    no point of its own the value before holds on. The last cell shows the last value, no mean: what diverges is seen.
    """
    if not points or width < 1:
        return []
    first, span = points[0][0], points[-1][0] - points[0][0]
    step = 1
    while span // step >= width:
        step *= 2
    cells: list[list[float]] = [[] for _ in range(int(span // step) + 1)]
    for iteration, value in points:
        cells[min(max(int((iteration - first) // step), 0), len(cells) - 1)].append(value)
    drawn: list[float] = []
    for values in cells:
        drawn.append(_mean(values) if values else drawn[-1])
    return [*drawn[:-1], points[-1][1]]
