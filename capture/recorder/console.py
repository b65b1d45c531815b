"""Console bytes into lines: what a terminal would still show once a line is finished.

A writer hands over pieces as they were written: several lines at once, half a line, a progress bar drawn a thousand
times over itself. ``Tail`` keeps the unfinished line of one stream between the pieces. It knows nothing of files,
tasks or the store.
"""

from __future__ import annotations

import string

from store import redact

LONGEST = 64 * 1024
"""A line longer than this is cut: a script that never ends its line must not fill anybody's memory."""

_ESCAPE = 0x1B
_WORD = (string.ascii_letters + string.digits + "-_.+/=").encode()


class Tail:
    """The unfinished line of one stream, as bytes."""

    __slots__ = ("held", "hiding")

    def __init__(self, held: bytes = b"", hiding: bool = False) -> None:
        self.held = held
        self.hiding = hiding
        """Whether the next bytes may be the rest of a secret."""

    @classmethod
    def stored(cls, text: str) -> Tail:
        """Return the tail of which the store has kept this, without its secrets."""
        return cls(text.encode("latin-1"), redact.hides_its_end(text))

    def copy(self) -> Tail:
        """Return another in the same state."""
        return Tail(self.held, self.hiding)

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that ``data`` finishes; keep the rest."""
        if self.hiding:
            data = data.lstrip(_WORD)
            self.hiding = not data
        if not self.held and data.endswith(b"\n") and b"\r" not in data and len(data) <= LONGEST:
            return text_of(data[:-1]).split("\n")
        *whole, rest = (self.held + data).split(b"\n")
        self.held = redrawn(rest) + (b"\r" if rest.endswith(b"\r") else b"")
        lines = [text_of(piece) for line in whole for piece in _cut(redrawn(line))]
        return lines + self._overflow()

    def flush(self) -> list[str]:
        """Return the unfinished line, if there is any, as a line."""
        line, self.held = redrawn(self.held), b""
        return [text_of(line)] if line else []

    def _overflow(self) -> list[str]:
        if len(self.held) <= LONGEST:
            return []
        *full, self.held = _cut(self.held)
        return [text_of(piece) for piece in full]


def redrawn(line: bytes) -> bytes:
    r"""Return what is left to see of a line whose ``\r`` went back to its start.

    A shorter redraw leaves the end of what was there, as on a terminal, unless escape sequences (which take no room,
    and often clear the line) make counting meaningless.
    """
    if b"\r" not in line:
        return line
    *draws, last = line.split(b"\r")
    shown = b""
    for draw in draws:
        shown = _overlay(shown, draw)
    return _overlay(shown, last) if last else shown


def _overlay(below: bytes, above: bytes) -> bytes:
    if len(above) >= len(below) or _ESCAPE in above or _ESCAPE in below:
        return above or below
    if above.isascii() and below.isascii():
        return above + below[len(above) :]
    old, new = below.decode("utf-8", "surrogateescape"), above.decode("utf-8", "surrogateescape")
    return (new + old[len(new) :]).encode("utf-8", "surrogateescape")


def _cut(line: bytes) -> list[bytes]:
    if len(line) <= LONGEST:
        return [line]
    return [line[start : start + LONGEST] for start in range(0, len(line), LONGEST)]


def text_of(line: bytes) -> str:
    r"""Return a line as text; bytes that are no UTF-8 appear as ``\xNN``."""
    return line.decode("utf-8", "backslashreplace")
