"""From what the terminal shows to what it should show: which strokes, in which order.

Only runs of changed cells are written; blanks are erased where the terminal erases in the background colour; lines that
only moved are moved by the terminal. A wide character is never split, and one that terminals disagree about is written
with its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from . import scroll
from .glyphs import DOUBTFUL, TAIL, WIDE, Glyphs
from .hand import Hand, Stroke
from .pens import DEFAULT, Pens
from .picture import CELL, Row, blank, difference

_RUNS = re.compile(rb"[^\x00]+(?:\x00{1,3}[^\x00]+)*")
"""Changed cells; what lies between two of them within three cells costs no more than the way past it."""
_PENS = re.compile(r"(.)\1*", re.DOTALL)
_GAP = " " * 8
"""So many blanks are erased and stepped over, not written."""
_GAPS = re.compile(_GAP + "+")
_REST = 5
"""Fewer blanks than this at the end of a line are written, not erased."""
_FEW = 600
"""Up to so many strokes, another order is tried …"""
_COLUMNS = 100
"""… and for few a third."""


class Encoder:
    """Turns two pictures into the bytes between them.

    Args:
        glyphs: cells to text.
        pens: pens to sequences.
        erases: whether the terminal erases in the background colour (``bce``).
    """

    def __init__(self, glyphs: Glyphs, pens: Pens, erases: bool) -> None:
        self._glyphs = glyphs
        self._pens = pens
        self._erases = erases
        self._pen: str | None = None
        """The pen that the terminal has; None where that is not known."""

    def frame(
        self, old: Sequence[Row] | None, new: Sequence[Row], cursor: tuple[int, int], end: tuple[int, int]
    ) -> str:  # fmt: skip
        """Return what to send next; ``old`` is None if the terminal may show anything, in any pen.

        Args:
            old: what the terminal shows: the picture this was last called with.
            new: what it should show.
            cursor: where the cursor is (if ``old`` is known).
            end: where it is to stay.
        """
        begin: Callable[[Hand], object] = Hand.clear
        if old is None:
            old = [blank(len(new[0][0]))] * len(new)
            at = self._pen = None
        else:
            at, move = cursor, scroll.find(old, new)
            begin = (lambda hand: hand.scroll(*move)) if move is not None else lambda hand: None
            old = scroll.moved(old, move) if move is not None else old
        strokes = [stroke for y, row in enumerate(new) for stroke in self._line(y, old[y], row)]
        ways = []
        for order in self._orders(strokes):
            hand = Hand(self._glyphs, self._pens, len(new[0][0]), at, self._pen)
            begin(hand)
            hand.write(order)
            ways.append((hand.text(end), hand.pen))
        text, self._pen = min(ways, key=lambda way: len(way[0]))
        return text

    def _orders(self, strokes: list[Stroke]) -> Iterator[list[Stroke]]:
        """Yield the strokes line by line and, where that may be shorter, pen by pen, and down each column."""
        yield strokes
        if not 1 < len(strokes) <= _FEW or any(not s.cells.isascii() and DOUBTFUL.search(s.cells) for s in strokes):
            return
        ranks = self._pens.way(self._pen or DEFAULT, {stroke.pen for stroke in strokes})
        by_pen = sorted(strokes, key=lambda stroke: ranks[stroke.pen])
        if len(ranks) > 1:
            yield by_pen
        if len(strokes) <= _COLUMNS:
            yield sorted(by_pen, key=lambda stroke: (ranks[stroke.pen], stroke.x))

    def _line(self, y: int, old: Row, new: Row) -> Iterator[Stroke]:
        """Yield the strokes that turn one line into another."""
        if old == new:
            return
        text, pens = new
        rest = self._rest(new)
        for start, end in _changed(old, new):
            erase = end > rest and len(text) - max(start, rest) >= _REST
            stop = max(start, rest) if erase else end
            for part in _PENS.finditer(pens, start, stop):
                yield from self._stroke(y, part.start(), text[part.start() : part.end()], part.group(1))
            if erase:
                yield Stroke(y, stop, self._pens.blank(pens[-1]), text[stop:], True, True)
                return

    def _rest(self, row: Row) -> int:
        """Return the column from which a line is blank to its end and can be erased."""
        text, pens = row
        if not self._can_erase(pens[-1]):
            return len(text)
        return max(len(text.rstrip(" ")), len(pens.rstrip(self._pens.family(pens[-1]))))

    def _can_erase(self, pen: str) -> bool:
        return self._pens.erases(pen) and (self._erases or not self._pens.has_paper(self._pens.blank(pen)))

    def _stroke(self, y: int, x: int, cells: str, pen: str) -> Iterator[Stroke]:
        """Yield strokes for cells of one pen: long gaps are erased where that is possible."""
        at = 0
        for gap in _GAPS.finditer(cells) if _GAP in cells and self._can_erase(pen) else ():
            if gap.start() > at:
                yield self._plain(y, x + at, cells[at : gap.start()], pen)
            yield Stroke(y, x + gap.start(), self._pens.blank(pen), gap.group(), True)
            at = gap.end()
        if at < len(cells):
            yield self._plain(y, x + at, cells[at:], pen)

    def _plain(self, y: int, x: int, cells: str, pen: str) -> Stroke:
        return Stroke(y, x, self._pens.blank(pen) if cells.isspace() else pen, cells)


def _changed(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    """Yield the runs of cells to write, whole characters each."""
    marks = _marks(old, new)
    if not (new[0].isascii() and old[0].isascii()) or TAIL in new[0] or TAIL in old[0]:
        marks = _whole(bytearray(marks), old[0], new[0])
    for run in _RUNS.finditer(marks):
        yield run.span()


def _marks(old: Row, new: Row) -> bytes:
    """Return one byte a cell: zero where it did not change."""
    differs = 0
    for before, after in zip(old, new, strict=True):
        if before != after:
            differs |= difference(before, after)
    differs |= differs >> 16
    differs |= differs >> 8  # the lowest of a cell's four bytes has all of them now
    return differs.to_bytes(CELL * len(new[0]), "little")[::CELL]


def _whole(marks: bytearray, *texts: str) -> bytes:
    """Spread marks over wide characters, and over doubtful ones with their right neighbour."""
    units = [unit.span() for text in texts for unit in WIDE.finditer(text)]
    units += [(unit.start(), unit.end() + 1) for text in texts for unit in DOUBTFUL.finditer(text)]
    spread = True
    while spread:
        spread = False
        for start, end in units:
            part = marks[start:end]
            if 0 in part and any(part):
                marks[start:end] = b"\x01" * len(part)
                spread = True
    return bytes(marks)
