"""Letters on a drawn chart: where each task's line ends, or its point stands, so that colour is never needed.

Pure; works on pictures as ``tui.charts.adapter`` gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from tui.charts.adapter import BEHIND, SERIES, Picture, Run


def lettered(picture: Picture, letters: Sequence[str]) -> Picture:
    """Return the picture with the letter of each series in the rightmost cell that is drawn of it.

    Args:
        picture: a picture of series 0, 1 ….
        letters: the letter of each.
    """
    rows = [_cells(row) for row in picture.rows]
    ends: dict[int, tuple[int, int]] = {}
    for y, row in enumerate(rows[: picture.area.height]):
        for x, (_, role) in enumerate(row):
            if SERIES <= role < BEHIND and x > ends.get(role, (-1, 0))[0]:
                ends[role] = (x, y)
    for role, (x, y) in ends.items():
        if role - SERIES < len(letters):
            rows[y][x] = (letters[role - SERIES], role)
    return replace(picture, rows=tuple(_runs(row) for row in rows))


def _cells(row: Sequence[Run]) -> list[tuple[str, int]]:
    return [(character, run.role) for run in row for character in run.text]


def _runs(cells: Sequence[tuple[str, int]]) -> tuple[Run, ...]:
    grouped = groupby(cells, key=lambda cell: cell[1])
    return tuple(Run("".join(character for character, _ in part), role) for role, part in grouped)
