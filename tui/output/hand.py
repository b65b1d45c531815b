"""The hand: writes strokes with the cursor taking the shortest way and pens changed as little as possible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .glyphs import DOUBTFUL, TAIL, Glyphs
from .pens import DEFAULT, Pens

DOWN = "\v"
"""One line down in the same column, as ``ESC D`` in half the bytes: of a line feed the kernel would make CR LF."""


class Stroke(NamedTuple):
    """Cells to write in one pen; with ``erase`` they are blank, with ``rest`` so is all behind them on the line."""

    y: int
    x: int
    pen: str
    cells: str
    erase: bool = False
    rest: bool = False


class Hand:
    """Writes strokes, knowing where the cursor is and which pen is taken.

    Args:
        glyphs: cells to text.
        pens: pens to sequences.
        width: columns.
        cursor: where the cursor is; None where that is not known.
        pen: the pen that is taken; None where that is not known.
    """

    def __init__(
        self, glyphs: Glyphs, pens: Pens, width: int, cursor: tuple[int, int] | None, pen: str | None
    ) -> None:  # fmt: skip
        self._glyphs = glyphs
        self._pens = pens
        self._width = width
        self._parts: list[str] = [] if pen is not None else ["\x1b[m"]
        self.pen = pen or DEFAULT
        """The pen that is taken: it stays so behind the last stroke, for the next frame often begins with it."""
        self._x: int | None
        self._y: int | None
        self._x, self._y = cursor or (None, None)

    def text(self, cursor: tuple[int, int]) -> str:
        """Return what was written, the cursor where it is to stay."""
        self.go(*cursor)
        return "".join(self._parts)

    def write(self, strokes: Iterable[Stroke]) -> None:
        """Write strokes in the order given."""
        for stroke in strokes:
            if stroke.erase or stroke.cells.isspace():
                self.go(stroke.x, stroke.y)
                if self._pens.blank(self.pen) != self._pens.blank(stroke.pen):
                    self._take(stroke.pen)
                self._blanks(stroke)
            else:
                self._take(stroke.pen)
                self._cells(stroke)

    def go(self, x: int, y: int) -> None:
        """Put the cursor on a cell, the shortest way."""
        if (x, y) == (self._x, self._y):
            return
        way = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
        if self._y is not None:
            way = min(way, self._aside(x, y), key=len)
        self._parts.append(way)
        self._x, self._y = x, y

    def _aside(self, x: int, y: int) -> str:
        """Return the way by steps from where the cursor is."""
        assert self._y is not None
        down = y - self._y
        if x == 0 and 0 <= down <= 3:
            return "\r" + "\n" * down
        if 0 < down <= 3:
            return DOWN * down + self._along(x)
        rows = f"\x1b[{_count(abs(down))}{'B' if down > 0 else 'A'}" if down else ""
        return rows + self._along(x)

    def _along(self, x: int) -> str:
        if x == self._x:
            return ""
        if x == 0:
            return "\r"
        if self._x is None:
            return f"\x1b[{x + 1}G"
        if x > self._x:
            return f"\x1b[{_count(x - self._x)}C"
        return "\b" * (self._x - x) if self._x - x <= 4 else f"\x1b[{x + 1}G"

    def _take(self, pen: str) -> None:
        if pen != self.pen:
            self._parts.append(self._pens.change(self.pen, pen))
            self.pen = pen

    def _blanks(self, stroke: Stroke) -> None:
        if stroke.rest:
            self._parts.append("\x1b[K")
        elif stroke.erase:
            self._parts.append(f"\x1b[{len(stroke.cells)}X")
        else:
            self._put(stroke, 0, len(stroke.cells))

    def _cells(self, stroke: Stroke) -> None:
        """Write cells; each doubtful one on a cleared place, and the cursor is placed anew behind it."""
        at = 0
        for doubt in () if _plain(stroke.cells) else DOUBTFUL.finditer(stroke.cells):
            start, end = doubt.span()
            self._put(stroke, at, start)
            if end - start > 1:
                self.go(stroke.x + start, stroke.y)
                self._parts.append(" " * (end - start))
                self._x = stroke.x + end if stroke.x + end < self._width else None
            self._put(stroke, start, end)
            self._x = None
            at = end
        self._put(stroke, at, len(stroke.cells))

    def _put(self, stroke: Stroke, start: int, end: int) -> None:
        if start < end:
            self.go(stroke.x + start, stroke.y)
            self._parts.append(self._glyphs.text(stroke.cells[start:end]))
            self._x = stroke.x + end if stroke.x + end < self._width else None

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Move the lines from ``top`` to ``bottom`` up (``lines`` > 0) or down; new lines are blank, without colour."""
        self._take(DEFAULT)
        self._parts.append(f"\x1b[{top + 1};{bottom + 1}r")
        self._parts.append(f"\x1b[{bottom + 1}H" + "\n" * lines if lines > 0 else f"\x1b[{top + 1}H" + "\x1bM" * -lines)
        self._parts.append("\x1b[r")
        self._x = self._y = None

    def clear(self) -> None:
        """Erase the whole screen, without colour: not every terminal erases all of it in one."""
        self._take(DEFAULT)
        self._parts.append("\x1b[2J")


def _plain(cells: str) -> bool:
    return cells.isascii() and TAIL not in cells


def _count(n: int) -> str:
    return str(n) if n > 1 else ""
