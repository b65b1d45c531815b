"""A dashboard that is told to end (``kill``, a session that is closed) leaves the terminal as it found it.

The process still dies of the signal, at once, whatever the event loop does: what was typed and where one stood stay
noted as of any process that is killed. Only the terminal is given back before.
"""

from __future__ import annotations

import os
import signal
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 0.5
"""Seconds that dying waits for a terminal that does not read."""
_MODES_OFF = ("2026", "2004", "2048", "1000", "1003", "1015", "1006", "1016", "1004")
"""Synchronised output, pasting, resizing, the mouse, focus: what the driver may have switched on."""
_LEAVE = "".join(
    ("\x1b[r\x1b[m\x1b[2J\x1b[H", *(f"\x1b[?{mode}l" for mode in _MODES_OFF), "\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h")
)
"""Empty the alternate screen and leave it; wrap lines, name keys as usual, show the cursor."""


def leave_clean(app: App[Any]) -> None:
    """Have the signals that end this process give the terminal back first; one that is ignored (``nohup``) stays so."""

    def end(number: int, frame: object) -> None:
        for each in taken:
            signal.signal(each, signal.SIG_DFL)
        with suppress(OSError, termios.error):  # the terminal is gone
            _give_back(app._driver)
        os.kill(os.getpid(), number)

    taken = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, end)


def _give_back(driver: Any) -> None:
    """Give the terminal back, if this process has it: not before the first picture, nor while an editor runs."""
    writer = getattr(driver, "_writer_thread", None)
    if writer is None or not writer.is_alive() or _in_background(driver.fileno):
        return
    writer.silent = True
    try:
        _send(driver._file.fileno(), _LEAVE.encode())
    finally:
        if driver.attrs_before is not None:
            termios.tcsetattr(driver.fileno, termios.TCSANOW, driver.attrs_before)
        termios.tcflush(driver.fileno, termios.TCIFLUSH)


def _in_background(terminal: int) -> bool:
    """Whether the terminal is another job's by now: touching it would stop this process, not end it."""
    with suppress(OSError):  # not the terminal of this session
        return os.tcgetpgrp(terminal) != os.getpgrp()
    return False


def _send(terminal: int, data: bytes) -> None:
    """Write without waiting for a terminal that does not read. No thread: its start may be what was interrupted."""
    until = time.monotonic() + _PATIENCE
    os.set_blocking(terminal, False)
    try:
        while data and time.monotonic() < until:
            try:
                data = data[os.write(terminal, data) :]
            except BlockingIOError:
                time.sleep(0.01)
    finally:
        os.set_blocking(terminal, True)
