"""A dashboard that is told to end (``kill``, a session that is closed) leaves the terminal as it found it.

The process still dies of the signal, at once, whatever the event loop does: what was typed and where one stood stay
noted as of any process that is killed. Only what it has started is ended before, and the terminal given back.
"""

from __future__ import annotations

import os
import signal
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
).encode()
"""Empty the alternate screen and leave it; wrap lines, name keys as usual, show the cursor."""


def leave_clean(app: App[Any], end_others: Callable[[], None]) -> None:
    """Have the signals that end this process end its others first, and give the terminal back.

    Args:
        app: has the terminal.
        end_others: ends what this process has started and nobody else would end. Called from a signal handler.

    A signal that is ignored (``nohup``) stays so.
    """

    def leave() -> None:
        end_others()
        _give_back(app._driver)

    _first(leave)


@contextmanager
def leaving(give_back: Callable[[], None]) -> Iterator[None]:
    """Have the signals that end this process call ``give_back`` first meanwhile, and then do what they did before."""
    taken = _first(give_back)
    try:
        yield
    finally:
        _as_before(taken)


def _first(give_back: Callable[[], None]) -> dict[int, Any]:
    """Have the signals call ``give_back``; return what they did before."""

    def end(number: int, frame: object) -> None:
        _as_before(taken)
        with suppress(OSError, termios.error):  # the terminal is gone
            give_back()
        os.kill(os.getpid(), number)

    heard = {number: signal.getsignal(number) for number in _SIGNALS}
    taken: dict[int, Any] = {number: before for number, before in heard.items() if before not in (signal.SIG_IGN, None)}
    for number in taken:
        signal.signal(number, end)
    return taken


def _as_before(taken: dict[int, Any]) -> None:
    for number, before in taken.items():
        signal.signal(number, before)


def _give_back(driver: Any) -> None:
    """Give the terminal back, if this process has it: not before the first picture, nor while an editor runs."""
    writer = getattr(driver, "_writer_thread", None)
    if writer is not None and writer.is_alive():
        writer.silent = True
        hand_back(driver.fileno, driver._file.fileno(), _LEAVE, driver.attrs_before)


def hand_back(keys: int, screen: int, leave: bytes, modes: list[Any] | None) -> None:
    """Leave a terminal as it was found, unless it is another job's by now.

    Args:
        keys: where it is read.
        screen: where it is written.
        leave: what it is sent, as far as it takes that within a moment.
        modes: its modes, as ``termios`` has them; None where they were not known.

    Raises:
        OSError, termios.error: it is gone.
    """
    if _in_background(keys):
        return
    try:
        _send(screen, leave)
    finally:
        if modes is not None:
            termios.tcsetattr(keys, termios.TCSANOW, modes)
        termios.tcflush(keys, termios.TCIFLUSH)


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
