"""A console line as the terminal would have coloured it, and nothing else it could have done.

Only SGR (colours, bold and their kin) is understood, by our own parser; every other escape sequence is dropped whole,
in its 7-bit and its 8-bit form, finished or not. ``Text.from_ansi`` lets C1 sequences through and makes live links.
"""

from __future__ import annotations

import re

from rich.color import Color
from rich.style import Style

from store.safe import safe_text

from .lines import LONGEST, Piece, Row

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)(?P<sgr>[0-9;:]*)m"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*(?:[@-~]|$)"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*(?:[0-~]|$)"  # all other escapes
)
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


def parse(text: str) -> Row:
    """Return the line's pieces, each with its style; the text is harmless."""
    if "\x1b" not in text and "\x9b" not in text and "\x9d" not in text and "\x90" not in text:
        return ((_plain(text[:LONGEST], 0), ""),) if text else ()
    pieces: list[Piece] = []
    pen, start, column = _Pen(), 0, 0
    text = text[:LONGEST]
    for match in _SEQUENCE.finditer(text):
        column += _add(pieces, text[start : match.start()], column, pen)
        start = match.end()
        if match["sgr"] is not None:
            pen.write(match["sgr"])
    _add(pieces, text[start:], column, pen)
    return tuple(pieces)


def _add(pieces: list[Piece], text: str, column: int, pen: _Pen) -> int:
    cleaned = _plain(text, column)
    if cleaned:
        pieces.append((cleaned, pen.style))
    return len(cleaned)


def _plain(text: str, column: int) -> str:
    if "\t" in text:
        text = (" " * (column % 8) + text).expandtabs(8)[column % 8 :]
    return text if text.isascii() and text.isprintable() else safe_text(text, one_line=True)


class _Pen:
    """The colours in force, changed by SGR codes."""

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        self.front: Color | None = None
        self.back: Color | None = None

    @property
    def style(self) -> Style | str:
        if not (self.attributes or self.front or self.back):
            return ""
        style = Style(color=self.front, bgcolor=self.back)
        return style + Style.parse(" ".join(sorted(self.attributes))) if self.attributes else style

    def write(self, codes: str) -> None:
        """Follow one SGR sequence; codes nobody knows are left out."""
        numbers = [int(code) if len(code) < 4 and code else 0 for code in re.split("[;:]", codes)]
        while numbers:
            code = numbers.pop(0)
            if code == 0:
                self.__init__()  # type: ignore[misc]
            elif code in _ON:
                self.attributes.add(_ON[code])
            elif code in _OFF:
                self.attributes.difference_update(_OFF[code])
            else:
                self._colour(code, numbers)

    def _colour(self, code: int, rest: list[int]) -> None:
        if code in (38, 48):
            colour = _extended(rest)
        elif 30 <= code <= 37 or 40 <= code <= 47:
            colour = Color.from_ansi(code % 10)
        elif 90 <= code <= 97 or 100 <= code <= 107:
            colour = Color.from_ansi(code % 10 + 8)
        elif code in (39, 49):
            colour = None
        else:
            return
        if code in (38, 39) or 30 <= code <= 37 or 90 <= code <= 97:
            self.front = colour
        else:
            self.back = colour


def _extended(rest: list[int]) -> Color | None:
    kind = rest.pop(0) if rest else 0
    if kind == 5 and rest:
        return Color.from_ansi(min(255, rest.pop(0)))
    if kind == 2 and len(rest) >= 3:
        red, green, blue = (min(255, rest.pop(0)) for _ in range(3))
        return Color.from_rgb(red, green, blue)
    rest.clear()
    return None
