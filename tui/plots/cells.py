"""Small things every kind of plot needs: what the terminal can show, and labels that share a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from tui import format as form
from tui.charts.adapter import Run

Cells = list[tuple[Run, ...]]
"""Rows of a picture; none need be of its full width."""


@dataclass(frozen=True)
class Terminal:
    """What the terminal can show: only ASCII, colours."""

    ascii: bool = False
    colour: bool = True


def narrow(text: str) -> str:
    """Return a text in which every character takes one cell."""
    return text if cell_len(text) == len(text) else "".join(c if cell_len(c) == 1 else "?" for c in text)


def labelled(places: Iterable[tuple[int, str]], width: int) -> str:
    """Return labels in one row, each around its column, as many as have room; a long one is cut."""
    row, reached = "", 0
    found = sorted(places)
    for (column, label), (after, _) in zip(found, [*found[1:], (width + width, "")], strict=True):
        room = max(1, min(after - column if len(found) > 1 else width, width))
        size = min(cell_len(label), max(room - 1, 4), width)
        start = min(max(0, column - size // 2), max(0, width - size))
        if not size or start < reached + (1 if reached else 0):
            continue
        row += " " * (start - reached) + form.fit(label, size)
        reached = start + size
    return row
