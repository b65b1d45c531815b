"""Keys as they come: read by a thread that sleeps until there is something.

Textual looks ten times a second whether it is to end, which was most of what a dashboard cost that nobody touched.
"""

from __future__ import annotations

import os
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import closing
from selectors import EVENT_READ, SelectSelector
from typing import Any

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.events import Key

_CHUNK = 4096
_LOOK = 0.1
"""Seconds after which Textual looks again; also what leaving waits for answers of the terminal."""
_ESC = "\x1b"
_BEGUN = frozenset(_ESC + following for following in "[OPX]^_")
"""What may go on as a sequence of a key or an answer of the terminal."""
_MEANT = frozenset(_ESC + key for key in ("\x1b", "\x7f", "\t", "b", "f"))
"""What a terminal sends for one key: Esc, a word deleted, back a tab, a word to the left, one to the right."""


class Parser(XTermParser):
    """Makes keys of what a terminal sends.

    tmux holds an Esc back for half a second (``escape-time``) and sends it together with a key that is pressed by then,
    which is what that key sends with Alt. Nobody presses Alt here who has not moved a key there. Textual waits for more
    behind such a pair, and makes a ``^`` of the Esc where another one follows.

    Args:
        debug: as Textual's.
        alt: whether a key is bound with Alt.
    """

    def __init__(self, debug: bool, alt: Callable[[], bool]) -> None:
        super().__init__(debug)
        self._alt = alt

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        both = len(sequence) == 2 and sequence[0] == _ESC and sequence not in _BEGUN | _MEANT
        if self._alt() or not (alt or both):
            return super()._sequence_to_key_events(sequence, alt)
        return Key("escape", _ESC), *super()._sequence_to_key_events(sequence[-1])


class Ending(threading.Event):
    """An event that a ``select`` can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def set(self) -> None:
        """Set it, and wake who selects."""
        super().set()
        os.eventfd_write(self.descriptor, 1)

    def clear(self) -> None:
        """Take it back."""
        if self.is_set():
            os.eventfd_read(self.descriptor)
        super().clear()


def read(terminal: int, ending: Ending, parser: XTermParser, handle: Callable[[Any], object]) -> None:
    """Handle what is typed until the end is announced, and what came with it.

    Args:
        terminal: the descriptor that keys are read from.
        ending: announces the end.
        parser: makes events of what is read.
        handle: takes each.
    """
    decode = getincrementaldecoder("utf-8")("replace").decode

    def look(wait: float | None) -> None:
        if terminal in {key.fd for key, _ in selector.select(wait)} and (text := decode(os.read(terminal, _CHUNK))):
            for event in parser.feed(text):
                handle(event)
        for event in parser.tick():
            handle(event)

    with closing(SelectSelector()) as selector:
        selector.register(terminal, EVENT_READ)
        selector.register(ending.descriptor, EVENT_READ)
        while not ending.is_set():
            look(_until_due(parser))
        selector.unregister(ending.descriptor)
        look(_LOOK)


def _until_due(parser: XTermParser) -> float | None:
    """How long nothing is due: an Esc may begin more, and is a key only a moment later."""
    due = getattr(parser, "_timeout_time", 0.0)
    if due is None:
        return None
    return max(due - get_time(), 0.0) if due else _LOOK
