"""Colours and styles, by meaning: bright, normal, dim, one accent, the hues of the states and of chart series.

Widgets and charts ask a ``Look`` for a style and never name a colour themselves, so that the light theme, ``NO_COLOR``
and terminals without UTF-8 are decided in one place. Knows rich, not Textual.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style


class Palette(NamedTuple):
    """The colours of a theme."""

    background: str
    raised: str
    """Background of dialogs and of a progress bar's track."""
    cursor: str
    """Background of the row under the cursor in the focused pane."""
    idle_cursor: str
    rule: str
    bright: str
    normal: str
    dim: str
    accent: str
    green: str
    yellow: str
    blue: str
    red: str
    orange: str
    magenta: str
    added: str
    removed: str
    series: tuple[str, ...]


DARK = Palette(
    background="#13161b", raised="#1e232b", cursor="#2b3646", idle_cursor="#1e242d", rule="#343b46",
    bright="#f2f4f8", normal="#c3c9d4", dim="#7b8494", accent="#4fd1c5",
    green="#8fce72", yellow="#e6c15c", blue="#6cb2ff", red="#f26d78", orange="#f0975a", magenta="#cf8ef4",
    added="#8fce72", removed="#f26d78",
    series=("#6cb2ff", "#f0975a", "#8fce72", "#cf8ef4", "#e6c15c", "#4fd1c5", "#f26d78", "#c3c9d4", "#f7b6d8",
            "#a08f6c"),
)  # fmt: skip

LIGHT = Palette(
    background="#fbfbf9", raised="#eeeeea", cursor="#d5e3f5", idle_cursor="#ececea", rule="#cfd0cc",
    bright="#0d1117", normal="#33383f", dim="#767c86", accent="#0b7c78",
    green="#2f7d32", yellow="#8f6a00", blue="#1f5fbf", red="#b3261e", orange="#b4560a", magenta="#8638b5",
    added="#2f7d32", removed="#b3261e",
    series=("#1f5fbf", "#b4560a", "#2f7d32", "#8638b5", "#8f6a00", "#0b7c78", "#b3261e", "#33383f", "#c2347f",
            "#7a5230"),
)  # fmt: skip

# The hues of Okabe and Ito, which people tell apart however they see colours; states differ in brightness too.
COLOUR_BLIND = DARK._replace(
    accent="#56b4e9", green="#35b597", yellow="#f0e442", blue="#56b4e9", red="#e8743b", orange="#e69f00",
    magenta="#d68fb8", added="#56b4e9", removed="#e69f00",
    series=("#56b4e9", "#e69f00", "#35b597", "#d68fb8", "#f0e442", "#e8743b", "#f2f4f8", "#7b8494", "#3f7fd0",
            "#b8a04a"),
)  # fmt: skip

ON_PAPER = (
    "#0072b2", "#c77f00", "#00805a", "#b4558e", "#8f8000", "#d55e00", "#1a1d21", "#7b8494", "#1b4f9c", "#7a6a20",
)  # fmt: skip
"""The hues of ``COLOUR_BLIND`` dark enough for white paper."""

SIXTEEN, MANY, ALL = 16, 256, 1 << 24
"""How many colours terminals show."""

HUES = {
    "draft": "dim",
    "pending": "yellow",
    "running": "blue",
    "completed": "green",
    "failed": "red",
    "aborted": "orange",
    "published": "magenta",
}


def speaks_utf8(encoding: str | None) -> bool:
    """Whether a stream's encoding can show the glyphs."""
    return (encoding or "").lower().replace("-", "") in ("utf8", "utf8mb4")


LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""What says which characters there are, the first of these that is set."""


def asks_for_ascii(environ: Mapping[str, str]) -> bool:
    """Whether the locale is set to C or POSIX; Python takes UTF-8 then by itself, whatever the terminal can show."""
    return next(filter(None, map(environ.get, LOCALE)), "") in ("C", "POSIX")


def started_with() -> Mapping[str, str]:
    """Return the environment with ``LC_CTYPE`` as it was given: where the locale is C, Python puts its own there.

    Where the system does not tell what it was (it does on Linux), Python's stays.
    """
    try:
        with open("/proc/self/environ", "rb") as file:
            given = re.search(rb"(?:\A|\0)LC_CTYPE=([^\0]*)", file.read())
    except OSError:
        return os.environ
    return {**os.environ, "LC_CTYPE": os.fsdecode(given[1]) if given else ""}


def colours_of(environ: Mapping[str, str]) -> int:
    """Return how many colours the terminal shows, as ``COLORTERM`` and terminfo say; all where nothing is said.

    Of a terminal that is not in this machine's terminfo nothing older than 256 colours is likely. A process has one
    terminal: terminfo is read for the first name that is asked about.
    """
    term = environ.get("TERM", "")
    told = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    if told or term in ("", "dumb") or term.endswith("-direct"):
        return ALL
    import curses

    try:
        curses.setupterm(term, sys.__stderr__.fileno() if sys.__stderr__ else 2)
        known = curses.tigetnum("colors")
    except (curses.error, OSError, ValueError):
        known = MANY
    return next(depth for depth in (ALL, MANY, SIXTEEN) if known >= depth or depth == SIXTEEN)


class Look(NamedTuple):
    """How things are shown on this terminal.

    Attributes:
        ascii: only ASCII can be shown.
        colour: colours may be used (``NO_COLOR`` is not set).
        dark: the dark palette.
        scheme: another set of hues: ``colour-blind``, ``16`` (brought down to the terminal's own by ``tui.sixteen``).
        few: the terminal shows 256 colours.
    """

    ascii: bool = False
    colour: bool = True
    dark: bool = True
    scheme: str = ""
    few: bool = False

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        if not self.dark:
            return LIGHT
        palette = COLOUR_BLIND if self.scheme == "colour-blind" else DARK
        return fewer(palette) if self.few else palette

    @property
    def inks(self) -> tuple[str, ...]:
        """The hues of series on white paper, in the order of the theme's; one without colours."""
        if not self.colour:
            return (LIGHT.bright,)
        return ON_PAPER if self.scheme == "colour-blind" else LIGHT.series

    def themed(self, theme: str, environ: Mapping[str, str] = os.environ) -> Look:
        """Return the look in a theme; ``NO_COLOR`` comes before all of them."""
        colour, depth = theme != "none" and not environ.get("NO_COLOR"), colours_of(environ)
        scheme = "16" if depth <= SIXTEEN else theme if theme in ("colour-blind", "16") else ""
        dark = theme != "light" or scheme == "16"  # whose colours are the terminal's own
        return Look(self.ascii, colour, dark, scheme, depth == MANY and scheme != "16")

    def style(self, name: str) -> Style:
        """Return the style of a meaning.

        Args:
            name: words joined by spaces: a field of ``Palette`` or a state's value as foreground, ``on FIELD`` as
                background, ``bold``, ``reverse``, ``underline``, ``series0`` … for chart series, or ``heat0`` to
                ``heat9`` for shades. ``soft:`` before a foreground mixes it with the background, for areas that would
                shout.
        """
        return _style(self, name)


@lru_cache
def fewer(palette: Palette) -> Palette:
    """Return a dark palette for 256 colours, with greys that are among them.

    The nearest ones of its own greys are black, all of them, and the cursor's a teal on which little can be read.
    """
    return palette._replace(
        background="#121212", raised="#262626", cursor="#3a3a3a", idle_cursor="#262626", rule="#444444",
        dim="#8a8a8a",
    )  # fmt: skip


@lru_cache(512)
def _style(look: Look, name: str) -> Style:
    if not look.colour:
        return _plain(name.split())
    background, foreground, previous = None, None, ""
    for word in name.split():
        if previous == "on":
            background = _colour(look, word)
        elif word not in EFFECTS and word != "on":
            foreground = _colour(look, word)
        previous = word
    return Style(color=foreground, bgcolor=background) + _effects(name.split())


EFFECTS = ("bold", "reverse", "underline", "italic")


def _effects(words: list[str]) -> Style:
    """Only what is named: an effect that is not stays open, so that styles can be added up."""
    said = [word in words or None for word in EFFECTS]
    return Style(bold=said[0], reverse=said[1], underline=said[2], italic=said[3])


def _plain(words: list[str]) -> Style:
    """Without colour: emphasis by bold, dim and reverse alone."""
    style = _effects(words)
    if "cursor" in words:
        style += Style(reverse=True)
    if "bright" in words or "accent" in words:
        style += Style(bold=True)
    return style + Style(dim=True) if "dim" in words or "draft" in words else style


def _colour(look: Look, word: str) -> str:
    if word.startswith("soft:"):
        return _mixed(_colour(look, word[5:]), look.palette.background, 0.6)
    if word.startswith("heat"):
        return _mixed(look.palette.background, look.palette.accent, 0.08 + 0.92 * int(word[4:] or 0) / 9)
    if word.startswith("series"):
        return look.palette.series[int(word[6:] or 0) % len(look.palette.series)]
    # A state that another program made up is no colour.
    return str(getattr(look.palette, HUES.get(word, word), look.palette.normal))


def _mixed(a: str, b: str, share: float) -> str:
    """Return the colour between two, ``share`` of the way from the first to the second."""
    pairs = zip(bytes.fromhex(a[1:]), bytes.fromhex(b[1:]), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


def detect(
    environ: Mapping[str, str] | None = None, encoding: str | None = None, theme: str = "dark", symbols: str = "auto"
) -> Look:
    """Return the look that fits this terminal, as the settings of these names say.

    The environment is this process's if none is given. Textual draws on stderr, so its encoding decides where none is
    given and the locale does not ask for ASCII.
    """
    given = started_with() if environ is None else environ
    shown = encoding if encoding is not None else getattr(sys.__stderr__, "encoding", None)
    plain = symbols == "ascii" or asks_for_ascii(given) or not speaks_utf8(shown)
    return Look(ascii=plain).themed(theme, given)


def printed(symbols: str) -> Look:
    """Return the look of what is printed as plain text: without colours, in symbols that stdout can show."""
    return detect(encoding=sys.stdout.encoding, theme="none", symbols=symbols)
