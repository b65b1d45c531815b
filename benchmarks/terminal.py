"""The dashboard, or any program, on a pseudo-terminal that is read as fast as bytes come, or at a rate, near or far.

It answers the one question the output stage asks, as every terminal does, and says that one has come over SSH, as those
have who use the dashboard: it shows changes twice a second then at most.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TUI = [sys.executable, "-m", "tui.cli"]
NEEDLES = """
from store.engine import open_store
from store import commands
import os, sys
with open_store(os.environ["CAPTURE_STORE"]) as store:
    for n in range(int(sys.argv[1])):
        commands.create(store, by="bench@host", project=f"bench/p{n % 10}", name=f"needle {n:05}")
"""
"""Makes so many tasks whose names begin with ``needle``."""


class Terminal:
    """A program on a terminal.

    Args:
        command: the program.
        environ: its environment.
        switch: for the output stage: ``stock`` has Textual draw by itself.
        rate: bytes a second that are read; as fast as they come if None.
        size: columns and lines.
        far: seconds that each byte is on its way, there and back.
    """

    def __init__(self, command: list[str], environ: dict[str, str], *, switch: str = "", rate: float | None = None,
                 size: tuple[int, int] = (160, 48), far: float = 0.0) -> None:  # fmt: skip
        self.started = time.perf_counter()
        self.seen, self.rate, self.far = b"", rate, far
        self._coming: deque[tuple[float, bytes]] = deque()
        self._going: deque[tuple[float, bytes]] = deque()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "CAPTURE_TUI_OUTPUT": switch}
            os.execvpe(command[0], command, {**environ, **colours, "SSH_CONNECTION": "127.0.0.1 50000 127.0.0.1 22"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def read(self, seconds: float) -> int:
        """Read for so long; return how many bytes came."""
        end, before = time.monotonic() + seconds, len(self.seen)
        while (left := end - time.monotonic()) > 0:
            self._pass(left)
        return len(self.seen) - before

    def _pass(self, patience: float) -> None:
        """Carry what is on its way, for a while at most: until something comes or is due."""
        due = [queue[0][0] - time.monotonic() for queue in (self._coming, self._going) if queue]
        if select.select([self.fd], [], [], max(0.0, min([patience, *due])))[0]:
            data = os.read(self.fd, 500 if self.rate else 65536)
            self._coming.append((time.monotonic() + self.far / 2, data))
            if self.rate:
                time.sleep(len(data) / self.rate)
        while self._coming and self._coming[0][0] <= time.monotonic():
            data = self._coming.popleft()[1]
            for _ in range((self.seen[-3:] + data).count(b"\x1b[6n")):
                self._send(b"\x1b[1;1R")
            self.seen += data
        while self._going and self._going[0][0] <= time.monotonic():
            os.write(self.fd, self._going.popleft()[1])

    def wait_for(self, pattern: bytes, since: int = 0, timeout: float = 30) -> float:
        """Return the seconds until a pattern came.

        Raises:
            TimeoutError: it did not come.
        """
        start = time.monotonic()
        while not re.search(pattern, self.seen[since:]):
            if time.monotonic() - start > timeout:
                raise TimeoutError(f"{pattern!r} not seen within {timeout:g} s, but {self.seen[since:][-2000:]!r}")
            self._pass(0.2)
        return time.monotonic() - start

    def press(self, keys: bytes) -> None:
        """Press keys."""
        self._send(keys)
        self._pass(0)

    def _send(self, data: bytes) -> None:
        self._going.append((time.monotonic() + self.far / 2, data))

    def cpu(self) -> float:
        """Return the seconds of CPU that the program has used."""
        return cpu(self.pid)

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a program's living threads have used; ticks of 10 ms would be too coarse."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def terminal(command: list[str], environ: dict[str, str], *, switch: str = "", rate: float | None = None,
             size: tuple[int, int] = (160, 48), far: float = 0.0) -> Iterator[Terminal]:  # fmt: skip
    """Start a program on a terminal, and end it."""
    opened = Terminal(command, environ, switch=switch, rate=rate, size=size, far=far)
    try:
        yield opened
    finally:
        opened.close()


def first(command: list[str], environ: dict[str, str], text: bytes) -> float:
    """Return the seconds from the start of a program until it has sent a text."""
    with terminal(command, environ) as opened:
        opened.wait_for(text)
        return time.perf_counter() - opened.started
