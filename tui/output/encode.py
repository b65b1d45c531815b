"""From what the terminal shows to what it should show, in few bytes.

Only runs of changed cells are written, blanks are erased where the terminal erases in the background colour, colours
and marks are sent when they change, and the cursor takes the shortest way. A wide character is never split, and after
one that terminals disagree about the cursor is placed anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import ne, or_

from .glyphs import DOUBTFUL, TAIL, UNITS, Glyphs
from .pens import DEFAULT, Pens
from .picture import Row

_RUNS = re.compile(rb"\x01+(?:\x00{1,3}\x01+)*")
"""Changed cells; what lies between two of them within three cells costs no more than the way past it."""
_STROKES = re.compile(r"(.)\1*", re.DOTALL)
_GAP = " " * 8
"""So many blanks are erased and stepped over, not written."""
_GAPS = re.compile(_GAP + "+")
_FEW = 5
"""Fewer blanks than this at the end of a line are written, not erased."""


class Encoder:
    """Writes one frame: the cursor and the pen as they will be when the terminal has read it.

    Args:
        glyphs: cells to text.
        pens: pens to sequences.
        erases: whether the terminal erases in the background colour (``bce``).
        width: columns.
    """

    def __init__(self, glyphs: Glyphs, pens: Pens, erases: bool, width: int) -> None:
        self._glyphs = glyphs
        self._pens = pens
        self._erases = erases
        self._width = width
        self._parts: list[str] = []
        self._pen = DEFAULT
        self.x: int | None = None
        """Column of the cursor; None where terminals differ."""
        self.y: int | None = None

    def text(self) -> str:
        """Return what was written so far, the pen put down."""
        self._take_pen(DEFAULT)
        return "".join(self._parts)

    def clear(self) -> None:
        """Erase the whole screen, without colour: not every terminal erases all of it in one."""
        self._parts.append("\x1b[2J")

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Move the lines from ``top`` to ``bottom`` up (``lines`` > 0) or down; new lines are blank, without colour."""
        self._take_pen(DEFAULT)
        self._parts.append(f"\x1b[{top + 1};{bottom + 1}r")
        self._parts.append(f"\x1b[{bottom + 1}H" + "\n" * lines if lines > 0 else f"\x1b[{top + 1}H" + "\x1bM" * -lines)
        self._parts.append("\x1b[r")
        self.x = self.y = None

    def row(self, y: int, old: Row, new: Row) -> None:
        """Write what differs in a line."""
        if old == new:
            return
        tail = self._tail(new)
        for start, end in _changed(old, new):
            if self._run(y, start, end, new, tail):
                return

    def go(self, x: int, y: int) -> None:
        """Put the cursor on a cell, the shortest way."""
        if (x, y) == (self.x, self.y):
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self.y == y:
            ways.append(self._along(x))
        elif self.y is not None and y == self.y + 1 and x == 0:
            ways.append("\r\n")
        elif self.y is not None and x == self.x:
            down = y - self.y
            ways.append(f"\x1b[{_count(abs(down))}{'B' if down > 0 else 'A'}")
        self._parts.append(min(ways, key=len))
        self.x, self.y = x, y

    def _along(self, x: int) -> str:
        if x == 0:
            return "\r"
        if self.x is None:
            return f"\x1b[{x + 1}G"
        if x > self.x:
            return f"\x1b[{_count(x - self.x)}C"
        return "\b" * (self.x - x) if self.x - x <= 3 else f"\x1b[{x + 1}G"

    def _take_pen(self, pen: str) -> None:
        if pen != self._pen:
            self._parts.append(self._pens.change(self._pen, pen))
            self._pen = pen

    def _take_pen_for_blank(self, pen: str) -> None:
        """Take any pen with which a space looks as with this one."""
        if self._pens.blank(self._pen) != self._pens.blank(pen):
            self._take_pen(self._pens.blank(pen))

    def _tail(self, row: Row) -> int:
        """Return the column from which a line is blank to its end and can be erased."""
        text, pens = row
        if not self._can_erase(pens[-1]):
            return self._width
        return max(len(text.rstrip(" ")), len(pens.rstrip(self._pens.family(pens[-1]))))

    def _can_erase(self, pen: str) -> bool:
        return self._pens.erases(pen) and (self._erases or not self._pens.has_paper(self._pens.blank(pen)))

    def _run(self, y: int, start: int, end: int, row: Row, tail: int) -> bool:
        """Write the cells of a line from ``start`` to ``end``; return whether all behind them is done too."""
        text, pens = row
        erase = end > tail and self._width - max(start, tail) >= _FEW
        stop = max(start, tail) if erase else end
        for stroke in _STROKES.finditer(pens, start, stop):
            self._stroke(y, stroke.start(), text[stroke.start() : stroke.end()], stroke.group(1))
        if erase:
            self.go(stop, y)
            self._take_pen_for_blank(pens[-1])
            self._parts.append("\x1b[K")
        return erase

    def _stroke(self, y: int, x: int, cells: str, pen: str) -> None:
        """Write cells of one pen, long gaps erased where that is possible."""
        if _GAP not in cells or not self._can_erase(pen):
            self._cells(y, x, cells, pen)
            return
        at = 0
        for gap in _GAPS.finditer(cells):
            self._cells(y, x + at, cells[at : gap.start()], pen)
            self.go(x + gap.start(), y)
            self._take_pen_for_blank(pen)
            self._parts.append(f"\x1b[{len(gap.group())}X")
            at = gap.end()
        self._cells(y, x + at, cells[at:], pen)

    def _cells(self, y: int, x: int, cells: str, pen: str) -> None:
        if not cells:
            return
        if not cells.strip(" "):
            self.go(x, y)
            self._take_pen_for_blank(pen)
            self._plain(x, cells)
        elif cells.isascii() and TAIL not in cells:
            self.go(x, y)
            self._take_pen(pen)
            self._plain(x, cells)
        else:
            self._mixed(y, x, cells, pen)

    def _mixed(self, y: int, x: int, cells: str, pen: str) -> None:
        """Write cells some of which may be doubtful, each of those on a cleared place."""
        self._take_pen(pen)
        at = 0
        for doubt in DOUBTFUL.finditer(cells):
            if doubt.start() > at:
                self.go(x + at, y)
                self._plain(x + at, cells[at : doubt.start()])
            self.go(x + doubt.start(), y)
            if len(doubt.group()) > 1:
                self._plain(x + doubt.start(), "  ")
                self.go(x + doubt.start(), y)
            self._plain(x + doubt.start(), doubt.group())
            self.x = None
            at = doubt.end()
        if at < len(cells):
            self.go(x + at, y)
            self._plain(x + at, cells[at:])

    def _plain(self, x: int, cells: str) -> None:
        self._parts.append(self._glyphs.text(cells))
        self.x = x + len(cells) if x + len(cells) < self._width else None


def _count(n: int) -> str:
    return str(n) if n > 1 else ""


def _changed(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    """Yield the runs of cells to write, whole characters each."""
    marks = _marks(old, new)
    if not (new[0].isascii() and old[0].isascii()) or TAIL in new[0] or TAIL in old[0]:
        marks = _whole(bytearray(marks), old[0], new[0])
    for run in _RUNS.finditer(marks):
        yield run.span()


def _marks(old: Row, new: Row) -> bytes:
    """Return one byte a cell: whether it changed."""
    if old[1] == new[1]:
        return bytes(map(ne, old[0], new[0]))
    if old[0] == new[0]:
        return bytes(map(ne, old[1], new[1]))
    return bytes(map(or_, map(ne, old[0], new[0]), map(ne, old[1], new[1])))


def _whole(marks: bytearray, *texts: str) -> bytes:
    """Spread marks over wide characters, and over doubtful ones with their right neighbour."""
    units = [
        (unit.start(), unit.end() + (DOUBTFUL.match(unit.group()) is not None))
        for text in texts
        for unit in UNITS.finditer(text)
    ]
    spread = True
    while spread:
        spread = False
        for start, end in units:
            part = marks[start:end]
            if 1 in part and 0 in part:
                marks[start:end] = b"\x01" * len(part)
                spread = True
    return bytes(marks)
