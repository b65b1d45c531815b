"""The picture: what the screen should show, a row of cells and a row of pens for each line.

The compositor's updates are applied to it exactly as Textual would send them to the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

from .compose import Changes
from .glyphs import TAIL, Glyphs
from .pens import DEFAULT, Pens

Row = tuple[str, str]
"""The cells of a line, and the pen of each."""


def blank(width: int) -> Row:
    """Return an empty line without colour."""
    return " " * width, DEFAULT * width


CELL = 4
"""Bytes of a cell in a ``difference``."""


def difference(old: str, new: str) -> int:
    """Return one whole number for two texts of one length: ``CELL`` bytes a cell, all zero where they are the same.

    A third of the time that a look at cell by cell takes.
    """
    before, after = (int.from_bytes(text.encode("utf-32-le", "surrogatepass"), "little") for text in (old, new))
    return before ^ after


class Picture:
    """The target: rows as the compositor wants them.

    Args:
        size: columns and lines.
        system: the colours the terminal can show.
        glyphs: text to cells.
        pens: styles to pens.
    """

    def __init__(self, size: Size, system: ColorSystem, glyphs: Glyphs, pens: Pens) -> None:
        self.size = size
        self._system = system
        self._glyphs = glyphs
        self._pens = pens
        self.rows = [blank(size.width)] * size.height

    def take(self, update: LayoutUpdate | Changes) -> None:
        """Apply an update of the compositor."""
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                self._put(y, update.region.x, self._row(strips))
        else:
            for y, x, strip in update.pieces():
                self._put(y, x, self._row([strip]))

    def _row(self, strips: Iterable[Strip]) -> Row:
        texts: list[str] = []
        pens: list[str] = []
        cells, known = self._glyphs.cells, self._pens.by_ansi
        for strip in strips:
            for text, style, control in strip:
                if text and not control:
                    text = text if text.isascii() and text.isprintable() else cells(text)
                    pen = DEFAULT if style is None else known.get(style._ansi) or self._pen(style)
                    texts.append(text)
                    pens.append(pen * len(text))
        return "".join(texts), "".join(pens)

    def _pen(self, style: Style) -> str:
        ansi = style._ansi
        return self._pens.of(Strip.render_ansi(style, self._system) if ansi is None else ansi)

    def _put(self, y: int, x: int, new: Row) -> None:
        width = self.size.width
        if not 0 <= y < self.size.height or not 0 <= x < width:
            return
        end = x + len(new[0])
        if x == 0 and end == width:
            self.rows[y] = new
            return
        text, pens = self.rows[y]
        if TAIL in text:
            text = _without_halves(text, x, end)
        whole = text[:x] + new[0] + text[end:]
        if end > width and whole[width] == TAIL:
            whole = whole[: width - 1] + " "
        self.rows[y] = whole[:width], (pens[:x] + new[1] + pens[end:])[:width]


def _without_halves(text: str, *seams: int) -> str:
    """Turn wide characters that a seam cuts in two into spaces."""
    for seam in seams:
        if seam < len(text) and text[seam] == TAIL:
            text = text[: seam - 1] + "  " + text[seam + 1 :]
    return text
