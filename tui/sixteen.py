"""The theme ``16``: every colour brought down to the sixteen that the terminal has a name, and its user a taste, for.

Backgrounds and plain text are the terminal's own, so that it fits dark and light ones alike. Knows rich and Textual's
line filters, no screen.
"""

from __future__ import annotations

from rich.color import Color as Hue
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from .look import DARK

NAMES = {
    "dim": 8, "rule": 8, "accent": 6, "green": 2, "yellow": 3, "blue": 4, "red": 1, "orange": 9, "magenta": 5,
    "added": 2, "removed": 1,
}  # fmt: skip
CURSOR, ON_CURSOR = 4, 15
"""Background and text of the row under the cursor."""
_PLAIN = {DARK.bright, DARK.normal, DARK.background, DARK.raised, DARK.cursor, DARK.idle_cursor}


class Sixteen(LineFilter):
    """Brings the colours of the dark palette, and whatever else was sent, down to sixteen."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[Style, Style] = {}
        self._named = {str(getattr(DARK, name)): Hue.from_ansi(number) for name, number in NAMES.items()}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in sixteen colours."""
        return [Segment(text, self._of(style), control) for text, style, control in segments]

    def _of(self, style: Style | None) -> Style | None:
        if style is None:
            return None
        found = self._known.get(style)
        if found is None:
            found = self._known[style] = self._brought_down(style)
        return found

    def _brought_down(self, style: Style) -> Style:
        under = _hex(style.bgcolor) == DARK.cursor
        ink = Hue.from_ansi(ON_CURSOR) if under else self._ink(style.color)
        plain = Style(bold=style.bold, dim=style.dim, italic=style.italic, reverse=style.reverse, meta=style.meta,
                      underline=style.underline, strike=style.strike)  # fmt: skip
        marked = plain + Style(underline=True) if _hex(style.bgcolor) == DARK.idle_cursor else plain
        return marked + Style(color=ink, bgcolor=Hue.from_ansi(CURSOR) if under else None)

    def _ink(self, colour: Hue | None) -> Hue | None:
        name = _hex(colour)
        if colour is None or name in _PLAIN:
            return None
        return self._named.get(name) or colour.downgrade(ColorSystem.STANDARD)


def _hex(colour: Hue | None) -> str:
    return colour.triplet.hex if colour is not None and colour.triplet is not None else ""
