"""A picture over the whole terminal until the next key, while the dashboard has given the terminal away.

It stands on an alternate screen of its own, which is erased and left whatever happens: a key, a link that drops, a
signal that ends the process.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from contextlib import suppress

from .ending import hand_back, leaving

_BEGIN = b"\x1b[?1049h\x1b[?25l\x1b[m\x1b[2J\x1b[H"
_CUT = b"\x1b\\"
"""Ends a sequence of which only a part was sent; means nothing anywhere else."""
_END = b"\x1b[m\x1b[2J\x1b[H\x1b[?25h\x1b[?1049l"
_PIECE = 4096
"""Bytes between two looks for a key."""


def show(shown: bytes, gone: bytes) -> None:
    """Show something until a key is pressed; of a terminal that is gone nothing is said here.

    Args:
        shown: what to send to the empty screen, the cursor in its upper left corner.
        gone: what to send before it is erased.
    """
    assert sys.__stdin__ is not None and sys.__stderr__ is not None
    keys, screen, end = sys.__stdin__.fileno(), sys.__stderr__.fileno(), _CUT + gone + _END
    with suppress(OSError, termios.error):
        modes = termios.tcgetattr(keys)
        with leaving(lambda: hand_back(keys, screen, end, modes)):
            try:
                tty.setraw(keys)
                _until_a_key(keys, screen, _BEGIN + shown)
            finally:
                _send(screen, end)
                termios.tcsetattr(keys, termios.TCSAFLUSH, modes)


def _until_a_key(keys: int, screen: int, data: bytes) -> None:
    """Send something and wait for a key; one that comes before all is sent ends that too, on a slow link."""
    while not select.select([keys], [], [], 0 if data else None)[0]:
        data = data[os.write(screen, data[:_PIECE]) :]
    os.read(keys, _PIECE)


def _send(screen: int, data: bytes) -> None:
    while data:
        data = data[os.write(screen, data) :]
