"""What happens to every line on its way out: made harmless, in ASCII or without colours where that is asked for.

The last line of defence: widgets make texts safe themselves. Knows nothing of what is drawn.
"""

from __future__ import annotations

from functools import cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from store.safe import safe_text

from .look import Look


@cache
def filters(look: Look) -> list[LineFilter]:
    """Return the filters of a look, in their order; always the same ones: every line keeps what each made of it."""
    wanted = ((Colourless, not look.colour), (Harmless, True), (OnlyAscii, look.ascii))
    return [kind() for kind, there in wanted if there]


class Harmless(LineFilter):
    """No control character reaches the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with their text made safe."""
        return [
            segment if segment.text.isascii() and segment.text.isprintable() else _harmless(segment)
            for segment in segments
        ]


def _harmless(segment: Segment) -> Segment:
    text, style, control = segment
    return Segment(safe_text(text).translate({9: " ", 10: " "}), style, control)


class OnlyAscii(LineFilter):
    """Where the terminal shows ASCII only: what a script named otherwise becomes ``?``, as wide as it was."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(as_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


_RULES = str.maketrans({**dict.fromkeys("│▕▏┃", "|"), **dict.fromkeys("─━▁▔", "-"), **dict.fromkeys("┤├┼┴┬┌┐└┘", "+"),
                        **dict(zip("…←→↑↓·", "~<>^v-", strict=True))})  # fmt: skip
"""What rules, arrows and cuts are drawn with, by Textual and here."""


def as_ascii(text: str) -> str:
    """Return a text with ``?`` for what is not ASCII, as many as it has cells; rules and arrows stay what they are."""
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text.translate(_RULES))


class Colourless(LineFilter):
    """With ``NO_COLOR``: emphasis stays, every colour goes (Textual itself would still send greys)."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with their styles reduced to bold, dim, reverse and underline."""
        return [Segment(text, _without_colour(style), control) for text, style, control in segments]


def _without_colour(style: Style | None) -> Style | None:
    if style is None:
        return None
    return Style(bold=style.bold, dim=style.dim, reverse=style.reverse, underline=style.underline, meta=style.meta)
