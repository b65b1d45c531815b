"""The dashboard in a pseudo-terminal of 160x48: first paint, first rows, report to screen, bytes sent."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

from .measure import Figure, figure, fresh_store, number, python, wall

MANY = """
from store.engine import open_store
from store import commands
import os
with open_store(os.environ["CAPTURE_STORE"]) as store:
    for n in range(1000):
        commands.create(store, by="bench@host", project=f"bench/p{n % 10}", name=f"needle {n:05}")
"""
LIVE = """
import sys
from capture import Task
task = Task.init(project_name="bench", task_name="live one", reuse_last_task_id=False)
print(task.id, flush=True)
for line in sys.stdin:
    task.get_logger().report_scalar("loss", "train", 0.5, int(line))
"""
STOCK = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("needle")
Bare().run()
"""


class Terminal:
    """A program in a pseudo-terminal; ``wait_for`` returns when its output holds some text."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 48, 160, 0, 0))

    def read(self, seconds: float) -> bytes:
        """Return what comes within ``seconds``."""
        end, got = time.monotonic() + seconds, b""
        while (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                got += os.read(self.fd, 65536)
        self.seen += got
        return got

    def wait_for(self, text: bytes, timeout: float = 20) -> float:
        """Return the seconds from the start until ``text`` was sent."""
        deadline = time.monotonic() + timeout
        while text not in self.seen:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{text!r} not seen within {timeout} s")
            if select.select([self.fd], [], [], 0.2)[0]:
                self.seen += os.read(self.fd, 65536)
        return time.perf_counter() - self.started

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def run() -> list[Figure]:
    """Open the dashboard on 1,000 tasks a few times; then on one live task."""
    tui = [sys.executable, "-m", "tui.cli"]
    with fresh_store() as environ:
        python(MANY, environ)
        stock = [_first(lambda: Terminal([sys.executable, "-c", STOCK], environ), b"needle") for _ in range(5)]
        paint = [_first(lambda: Terminal(tui, environ), b"opening") for _ in range(5)]
        rows = [_first(lambda: Terminal(tui, environ), b"needle") for _ in range(5)]
        helps = [wall([*tui, "--help"], environ) * 1000 for _ in range(7)]
        cli_helps = [wall([sys.executable, "-m", "capture.cli", "--help"], environ) * 1000 for _ in range(7)]
        lists = [wall([sys.executable, "-m", "capture.cli", "list"], environ) for _ in range(5)]
        bare = wall([sys.executable, "-c", "pass"], environ) * 1000
        start_bytes, idle_bytes = _bytes(tui, environ)
    with fresh_store() as environ:
        latency, live_bytes = _live(tui, environ)
    stock_ms = sorted(stock)[2] * 1000
    beside, plain = f"a bare Textual app {number(stock_ms)} ms", f"bare Python {number(bare)} ms"
    return [
        figure("first paint", [s * 1000 for s in paint], "ms", 300, baseline=beside),
        figure("first rows, 1,000 tasks", [s * 1000 for s in rows], "ms", 900, baseline=beside),
        figure("tui --help", helps, "ms", 60, baseline=plain),
        figure("capture --help", cli_helps, "ms", 60, baseline=plain),
        figure("capture list, 1,000 tasks", lists, "s", 0.6, baseline=plain),
        figure("report_scalar to screen", latency, "s", 1, baseline="tick 0.25 s"),
        figure("bytes to start", [start_bytes / 1000], "kB", 128, baseline="stock Textual 117–128 kB"),
        figure("bytes idle for 5 s", [idle_bytes], "B", 0, baseline="0 B"),
        figure("bytes, one change of a live task", [live_bytes], "B", 3864, baseline="stock, 10 bars: 3,864 B"),
    ]


def _first(start: object, text: bytes) -> float:
    terminal = start()  # type: ignore[operator]
    try:
        return float(terminal.wait_for(text))
    finally:
        terminal.close()


def _bytes(tui: list[str], environ: dict[str, str]) -> tuple[int, int]:
    terminal = Terminal(tui, environ)
    terminal.wait_for(b"needle")
    terminal.read(3)
    start = len(terminal.seen)
    idle = len(terminal.read(5))
    terminal.close()
    return start, idle


def _live(tui: list[str], environ: dict[str, str]) -> tuple[list[float], int]:
    """Have a script report iterations on demand and wait until the dashboard shows each number."""
    command, pipe = [sys.executable, "-c", LIVE], subprocess.PIPE
    child = subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
    assert child.stdin is not None and child.stdout is not None
    child.stdout.readline()
    terminal = Terminal(tui, environ)
    terminal.wait_for(b"live one")
    waits, sent = [], 0
    for iteration in range(1111, 10000, 1111):  # every digit changes: only what changed is sent
        terminal.read(0.7)
        before, start = len(terminal.seen), time.perf_counter()
        child.stdin.write(f"{iteration}\n")
        child.stdin.flush()
        terminal.wait_for(str(iteration).encode())
        waits.append(time.perf_counter() - start)
        sent += len(terminal.seen) - before
    terminal.close()
    child.kill()
    child.wait()
    return waits, sent // len(waits)
