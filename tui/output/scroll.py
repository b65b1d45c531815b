"""Finds lines that only moved up or down, so that the terminal can move them itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import ne
from typing import NamedTuple

from .picture import CELL, Row, blank, difference

_WORTH = 40
"""Bytes to be saved at least: a move itself costs some 20."""
_WAY = 6
"""Bytes from one run of changed cells to the next."""


class Move(NamedTuple):
    """Lines ``top`` to ``bottom`` go up by ``lines``, or down if negative."""

    top: int
    bottom: int
    lines: int


def find(old: Sequence[Row], new: Sequence[Row]) -> Move | None:
    """Return the move after which the fewest cells are left to write, or None if none is worth it."""
    changed = [y for y in range(len(new)) if old[y] != new[y]]
    if len(changed) < 3:
        return None
    left, right = _box(old, new, changed)
    where = {old[y][0][left:right]: y for y in changed if not old[y][0][left:right].isspace()}
    votes = Counter(where[text] - y for y in changed if (text := new[y][0][left:right]) in where)
    votes.pop(0, None)
    if not votes:
        return None
    lines = votes.most_common(1)[0][0]
    move = _reach(old, new, changed, lines, left, right)
    return move if move is not None and _saved(old, new, move) >= _WORTH else None


def moved(rows: Sequence[Row], move: Move) -> list[Row]:
    """Return the rows as they are after a move."""
    empty = blank(len(rows[0][0]))
    part, n = list(rows[move.top : move.bottom + 1]), abs(move.lines)
    part = part[n:] + [empty] * n if move.lines > 0 else [empty] * n + part[:-n]
    return [*rows[: move.top], *part, *rows[move.bottom + 1 :]]


def _box(old: Sequence[Row], new: Sequence[Row], changed: Sequence[int]) -> tuple[int, int]:
    """Return the columns within which the texts of the changed lines differ."""
    differs = 0
    for y in changed:
        differs |= difference(old[y][0], new[y][0])
    if not differs:
        return 0, 0
    first = (differs & -differs).bit_length() - 1
    return first // (8 * CELL), (differs.bit_length() - 1) // (8 * CELL) + 1


def _reach(
    old: Sequence[Row], new: Sequence[Row], changed: Sequence[int], lines: int, left: int, right: int
) -> Move | None:
    """Return the lines between the first and the last that moved so far, with those they came from."""
    came = [
        y
        for y in changed
        if 0 <= y + lines < len(old) and new[y][0][left:right] == old[y + lines][0][left:right]
    ]  # fmt: skip
    if not came:
        return None
    top, bottom = min(came[0], came[0] + lines), max(came[-1], came[-1] + lines)
    return Move(top, bottom, lines) if abs(lines) <= bottom - top else None


def _saved(old: Sequence[Row], new: Sequence[Row], move: Move) -> int:
    """Return about how many bytes the move saves, its own cost not counted."""
    after = moved(old[move.top : move.bottom + 1], Move(0, move.bottom - move.top, move.lines))
    region = range(move.top, move.bottom + 1)
    return sum(_cost(old[y], new[y]) - _cost(after[y - move.top], new[y]) for y in region)


def _cost(old: Row, new: Row) -> int:
    """Return about how many bytes a line costs: its changed cells, and the way to each run of them."""
    return sum(
        marks.count(1) + _WAY * marks.count(b"\0\1")
        for a, b in zip(old, new, strict=True)
        if a != b and (marks := bytes(map(ne, a, b)))
    )
