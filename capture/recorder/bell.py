"""What the recorder's loop sleeps on: the bell scripts ring, its own wake-up, signals, and the ends of processes."""

from __future__ import annotations

import os
import selectors
import signal
from contextlib import suppress
from pathlib import Path

from .writers import Roster, Writer


class Bell:
    """Wakes the loop. ``stopping`` is set by SIGTERM."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.stopping = False
        self._selector = selectors.DefaultSelector()
        self._pidfds: dict[str, int] = {}
        self._inbox, self._outbox = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._inbox, selectors.EVENT_READ)
        self._fifo = self._open()
        self._selector.register(self._fifo, selectors.EVENT_READ)

    def ring(self) -> None:
        """Wake the loop, from any thread or from a signal."""
        try:
            os.write(self._outbox, b"!")
        except BlockingIOError:
            return  # enough rings are waiting

    def on_signals(self) -> None:
        """Take SIGTERM as the wish to finish the tick and go; leave Ctrl-C and a closed terminal to the scripts."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self._stop())

    def wait(self, timeout: float) -> list[str]:
        """Sleep until something happens; return the ids of writers that have died."""
        died = []
        for key, _ in self._selector.select(timeout):
            if key.data is not None:
                died.append(str(key.data))
                continue
            try:
                os.read(key.fd, 4096)
            except BlockingIOError:
                continue
        return died

    def watch(self, roster: Roster) -> None:
        """Listen for the ends of exactly the processes of the roster."""
        wanted = {w.id: w for w in roster if w.pidfd is not None and not w.dead}
        for writer_id in self._pidfds.keys() - wanted.keys():
            self._selector.unregister(self._pidfds.pop(writer_id))
        for writer_id in wanted.keys() - self._pidfds.keys():
            self._listen(wanted[writer_id])

    def unwatch(self, writer: Writer) -> None:
        """Listen no more for one process; before its descriptor is closed."""
        descriptor = self._pidfds.pop(writer.id, None)
        if descriptor is not None:
            self._selector.unregister(descriptor)

    def close(self) -> None:
        """Give everything back."""
        self._selector.close()
        for descriptor in (self._inbox, self._outbox, self._fifo):
            os.close(descriptor)

    def _listen(self, writer: Writer) -> None:
        assert writer.pidfd is not None
        descriptor = writer.pidfd.fileno()
        self._selector.register(descriptor, selectors.EVENT_READ, writer.id)
        self._pidfds[writer.id] = descriptor

    def _open(self) -> int:
        # Opened for reading and writing, or every script that hangs up would wake us for ever.
        with suppress(FileExistsError):
            os.mkfifo(self.path, 0o600)
        return os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)

    def _stop(self) -> None:
        self.stopping = True
        self.ring()
