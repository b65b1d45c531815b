"""The terminal's end: a writer that never makes the event loop wait, and a driver that leaves a clean screen.

One thread writes what it is given, in order. Control sequences are queued; of frames the stage gives one at a time and
is told when the terminal has taken it. Another one reads keys.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from queue import SimpleQueue
from typing import IO, Any

from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition
from textual.message import Message

from .flow import Flow
from .keys import Ending, Parser, read

_PATIENCE = 5.0
"""Seconds that leaving waits for a terminal that does not read."""
_ANSWERS = 0.5
"""Seconds that leaving waits for answers on their way."""
_CLEAN = "\x1b[r\x1b[m\x1b[2J\x1b[H"
"""Leave nothing on the alternate screen: some terminals show remains of it after a resize."""

Done = Callable[[], None]


class Writer(WriterThread):
    """Writes to the terminal; giving it something never blocks.

    Args:
        file: the stream that is the terminal.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._given: SimpleQueue[tuple[str, Done | None] | None] = SimpleQueue()
        self._encoding = getattr(file, "encoding", None) or "utf-8"
        self.silent = False
        """Whether nothing is written any more: the terminal is given back."""

    def write(self, text: str, done: Done | None = None) -> None:
        """Queue a text; ``done`` is called in this thread once the terminal has taken it."""
        self._given.put((text, done))

    def run(self) -> None:
        """Write until told to stop, or until the terminal is gone: then swallow everything."""
        there = True
        while (item := self._given.get()) is not None:
            text, done = item
            there = there and self._send(text.encode(self._encoding, "replace"))
            if done is not None:
                done()

    def _send(self, data: bytes) -> bool:
        while data and not self.silent:
            try:
                data = data[os.write(self._file.fileno(), data) :]
            except OSError:
                return False
        return True

    def stop(self) -> None:
        """Stop after what was given, but do not wait forever for a terminal that does not read."""
        self._given.put(None)
        self.join(_PATIENCE)


class StageDriver(LinuxDriver):
    """Textual's driver with our writer in the place of its own.

    Args:
        app: the app; its ``stage`` is told when the screen is taken anew.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = self._ending = Ending()

    @property
    def _writer_thread(self) -> Writer | None:
        return self.__dict__.get("_writer")

    @_writer_thread.setter
    def _writer_thread(self, made: WriterThread | None) -> None:
        self.__dict__["_writer"] = Writer(made._file) if made is not None else None

    @cached_property
    def _flow(self) -> Flow:
        return Flow()

    def show(self, frame: str, done: Done) -> bool:
        """Give one frame to the writer; ``done`` is called when the terminal can do with another.

        Returns:
            False while there is no writer (the app is suspended).
        """
        writer = self._writer_thread
        if writer is None or not writer.is_alive():
            return False
        writer.write(frame + self._flow.sent(len(frame)), lambda: self._shown(done))
        return True

    def _shown(self, done: Done) -> None:
        self._flow.wait()
        done()

    def run_input_thread(self) -> None:
        """Handle what is typed; asleep while nothing is."""
        read(self.fileno, self._ending, Parser(self._debug, self._has_alt), self.process_message)

    def _has_alt(self) -> bool:
        return any("alt+" in keys for keys in self._app._keymap.values())

    def process_message(self, message: Message) -> None:
        """Keep the answers to our questions; the rest is the app's."""
        if isinstance(message, CursorPosition):
            self._flow.answered()
        else:
            super().process_message(message)

    def start_application_mode(self) -> None:
        """Take the screen; what it shows is not known."""
        restart: Any = getattr(self._app, "restart_stage", None)
        if restart is not None:
            restart()
        self._flow.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def disable_input(self) -> None:
        """Stop reading, but not before the answers are in that the shell would take for input."""
        self._flow.wait(1, _ANSWERS)
        self._flow.forget()
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the screen back, empty."""
        self.write(_CLEAN)
        super().stop_application_mode()
