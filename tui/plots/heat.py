"""A matrix as shaded cells: with its numbers where they fit, shades alone where they do not, means where cells fail.

The shade is the cell's background; without colour a character at its end says it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from rich.cells import cell_len

from tui import format as form
from tui.charts.adapter import AXIS, BAD, TEXT, Run

from .cells import Cells, Terminal, labelled
from .figure import Heat

HEAT = 128
"""Roles: ``HEAT + n`` is a cell of shade n."""
SHADES = 10
_SIGNS, _PLAIN_SIGNS = " ░░░▒▒▒▓▓█", " ..::--==#"
_WIDEST = 15


def draw(heat: Heat, width: int, height: int, terminal: Terminal) -> Cells:
    """Return a matrix in ``width`` x ``height`` cells."""
    rows = [list(row) for row in heat.rows]
    across = max(map(len, rows))
    names = [heat.names[n] if n < len(heat.names) else str(n) for n in range(len(rows))]
    columns = [heat.columns[n] if n < len(heat.columns) else str(n) for n in range(across)]
    left = min(max(map(cell_len, names)), max(4, width // 5)) + 1
    room_across, room_down = max(1, width - left), max(1, height - 3)
    down_by, across_by = -(-len(rows) // room_down), -(-across // room_across)
    whole = down_by == across_by == 1
    grid = merged(rows, across, down_by, across_by)
    cell = _width(grid, room_across, 2 if terminal.colour else 3, merged=not whole)
    titles = [form.fit(name, left - 1, "right", terminal.ascii) + " " for name in names[::down_by]]
    body = _body(grid, titles, cell, _tall(cell, room_down // len(grid)) if whole and terminal.colour else 1, terminal)
    places = [(left + n * cell + (cell - 1) // 2, columns[n * across_by]) for n in range(len(grid[0]))]
    foot: Cells = [(Run(labelled(places, width), AXIS),), _scale(grid, width, heat, terminal)]
    said = "; ".join(filter(None, (heat.note, "" if whole else f"a cell is the mean of {down_by} x {across_by}")))
    upright = body if heat.y.turned else body[::-1]
    return [*upright, *foot, *([(Run(form.fit(said, width), AXIS),)] if said else [])]


def _body(grid: Sequence[Sequence[float]], titles: Sequence[str], cell: int, tall: int, terminal: Terminal) -> Cells:
    """Return the cells, each ``tall`` rows high with its number in the middle one."""
    low, high = reach(grid)
    body: Cells = []
    for values, title in zip(grid, titles, strict=True):
        for line in range(tall):
            middle = line == tall // 2
            runs = [_cell(value, low, high, cell, terminal, numbered=middle) for value in values]
            body.append((Run(title if middle else " " * cell_len(title), AXIS), *runs))
    return body


def merged(rows: Sequence[Sequence[float]], across: int, down_by: int, across_by: int) -> list[list[float]]:
    """Return a smaller matrix, each cell the mean of the known numbers it stands for."""
    if down_by == across_by == 1:
        return [[*row, *[math.nan] * (across - len(row))] for row in rows]
    return [
        [_mean(list(chain(*(row[x : x + across_by] for row in rows[y : y + down_by])))) for x in
         range(0, across, across_by)]
        for y in range(0, len(rows), down_by)
    ]  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(value / len(known) for value in known) if known else math.nan


def reach(grid: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the lowest and the highest known number."""
    known = [value for row in grid for value in row if math.isfinite(value)]
    return (min(known), max(known)) if known else (0.0, 0.0)


def _width(grid: Sequence[Sequence[float]], room: int, more: int, *, merged: bool) -> int:
    """Return how wide a cell is: as its numbers and ``more`` need, else two columns, else one."""
    across = len(grid[0])
    needed = max(len(told(value)) for row in grid for value in row) + more
    if not merged and needed * across <= room:
        return max(needed, min(_WIDEST, room // across))
    return 2 if 2 * across <= room else 1


def _tall(cell: int, room: int) -> int:
    """Return how high a cell is: about a third of its width, so that it looks square."""
    return max(1, min(cell // 3, room))


def told(value: float) -> str:
    """Return a number in few characters."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return form.number(value) if not math.isfinite(value) else f"{value:.3g}"


def _cell(value: float, low: float, high: float, width: int, terminal: Terminal, *, numbered: bool) -> Run:
    text = told(value) if width > 2 and numbered else ""
    if not math.isfinite(value):
        return Run(f"{text or '?' * (width <= 2):^{width}}"[:width], BAD)
    shade = min(SHADES - 1, int(share(value, low, high) * SHADES))
    if terminal.colour:
        return Run(f"{text:^{width}}", HEAT + shade)
    sign = (_PLAIN_SIGNS if terminal.ascii else _SIGNS)[shade]
    return Run(f"{text:>{width - 3}} {sign} " if width > 2 else sign * width, TEXT)


def share(value: float, low: float, high: float) -> float:
    """Return where a value lies between two: 0 at the lower, 1 at the higher, NaN for what is no finite number."""
    if not math.isfinite(value):
        return math.nan
    whole = high / 2 - low / 2  # halves: the difference of two numbers may be none
    return (value / 2 - low / 2) / whole if whole > 0 else 0.0


def _scale(grid: Sequence[Sequence[float]], width: int, heat: Heat, terminal: Terminal) -> tuple[Run, ...]:
    """Return what the shades mean, and the titles of the axes."""
    low, high = reach(grid)
    signs = _PLAIN_SIGNS if terminal.ascii else _SIGNS
    ramp = [Run("  ", HEAT + n) if terminal.colour else Run(signs[n], TEXT) for n in range(SHADES)]
    said = "   ".join(f"{letter}: {axis.title}" for letter, axis in (("x", heat.x), ("y", heat.y)) if axis.title)
    words = ("", "") if terminal.colour else ("from ", "to ")
    start, end = f" {words[0]}{told(low)} ", f" {words[1]}{told(high)}   "
    left = width - len(start) - len(end) - sum(len(run.text) for run in ramp)
    return (Run(start, AXIS), *ramp, Run(end, AXIS), Run(form.fit(said, max(0, left), ascii_only=terminal.ascii), AXIS))
