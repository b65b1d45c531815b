"""What the terminal says of its own graphics, without being asked: which it has, and how many pixels it is.

Which it has stands in the environment, how large it is the kernel tells. No question is sent to the terminal: one that
does not know it may never answer, or show it.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from tui.output import tmux

from .decode import Unreadable

TERMS = {
    "xterm-kitty": "kitty", "xterm-ghostty": "kitty", "wezterm": "iterm",
    "foot": "sixel", "mlterm": "sixel", "contour": "sixel",
}  # fmt: skip
"""Graphics by ``TERM``, or by what stands in it before the first hyphen."""
PROGRAMS = {"ghostty": "kitty", "iTerm.app": "iterm", "WezTerm": "iterm", "vscode": "iterm"}
"""Graphics by ``TERM_PROGRAM``, which ssh does not pass on."""
SWITCHED_OFF = "tui.graphics is none: set it (,) to auto, kitty, iterm or sixel to see pictures in their own pixels."
SWALLOWED = (
    "tmux and screen keep a terminal's graphics to themselves: have `allow-passthrough on` in tmux, and set "
    "tui.graphics (,) to what the terminal around it has, kitty, iterm or sixel."
)
UNKNOWN = (
    "Seeing the pixels takes a terminal with graphics, such as kitty, Ghostty, iTerm2, WezTerm or foot: if this one "
    "has them, set tui.graphics (,) to kitty, iterm or sixel."
)
CELL = (8, 16)
"""Pixels of a cell where the terminal does not tell."""
WIDEST = 4096
"""Pixels across or down that are believed."""


class Room(NamedTuple):
    """The whole terminal, in cells and in pixels."""

    columns: int
    rows: int
    width: int
    height: int


def room(terminal: int) -> Room:
    """Return the size of the terminal that a file descriptor is."""
    told = bytes(8)
    with suppress(OSError):
        told = fcntl.ioctl(terminal, termios.TIOCGWINSZ, told)
    rows, columns, width, height = struct.unpack("HHHH", told)
    rows, columns = rows or 24, columns or 80
    if not width or not height:
        width, height = columns * CELL[0], rows * CELL[1]
    return Room(columns, rows, min(width, WIDEST), min(height, WIDEST))


def protocol(setting: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return which graphics the terminal has: ``kitty``, ``iterm`` or ``sixel``.

    Args:
        setting: what is set as ``tui.graphics``.
        environ: what the terminal, and what stands between, has put there.

    Raises:
        Unreadable: it has none, as far as that can be told; the sentence says what would be needed.
    """
    if setting == "none":
        raise Unreadable(SWITCHED_OFF)
    if setting != "auto":
        return setting
    if _is_between(environ):
        raise Unreadable(SWALLOWED)
    found = _known(environ)
    if not found:
        raise Unreadable(UNKNOWN)
    return found


def _is_between(environ: Mapping[str, str]) -> bool:
    """Whether tmux or screen stands between; behind ssh ``TERM`` alone tells."""
    return tmux.is_between(environ) or bool(environ.get("STY")) or environ.get("TERM", "").startswith("screen")


def _known(environ: Mapping[str, str]) -> str:
    """Return what the terminal has, the surest sign first: another terminal may have been started from a kitty."""
    term = environ.get("TERM", "")
    return (
        TERMS.get(term)
        or TERMS.get(term.partition("-")[0])
        or PROGRAMS.get(environ.get("TERM_PROGRAM", ""))
        or ("kitty" if environ.get("KITTY_WINDOW_ID") else "")
        or ("iterm" if environ.get("LC_TERMINAL") == "iTerm2" else "")
    )
