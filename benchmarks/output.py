"""The output stage against Textual's own drawing, at 200x50 in one run: bytes and CPU of live screens, a slow terminal.

The pseudo-terminal answers the one question the stage asks, as every terminal does.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .measure import Figure, figure, fresh_store, number, python

TUI = [sys.executable, "-m", "tui.cli"]
CAPTURE = [sys.executable, "-m", "capture.cli"]
SIZE = (200, 50)
SECONDS = 8
MANY = """
from store.engine import open_store
from store import commands
import os
with open_store(os.environ["CAPTURE_STORE"]) as store:
    for n in range(200):
        commands.create(store, by="bench@host", project=f"bench/p{n % 10}", name=f"needle {n:05}")
"""
TALK = """
import sys, time
from capture import Task
task = Task.init(project_name="bench", task_name="talkative", reuse_last_task_id=False)
print(task.id, flush=True)
every, report = float(sys.argv[1]), sys.argv[2] == "scalars"
start, n = time.monotonic(), 0
while True:
    n += 1
    if report:
        task.get_logger().report_scalar("loss", "train", 1 / n, n)
    else:
        print(f"epoch {n // 1000} step {n} loss {1 / n:.6f} lr 0.0003, {n % 977} samples a second", flush=True)
    time.sleep(max(0, start + n * every - time.monotonic()))
"""
LIVE = """
import sys, time
from capture import Task
task = Task.init(project_name="bench", task_name="live " + sys.argv[1], reuse_last_task_id=False)
print(task.id, flush=True)
for n in range(1, 10000):
    task.set_progress(n % 100)
    task.get_logger().report_scalar("loss", "train", 1 / n, n)
    time.sleep(1)
"""


class Screen:
    """A dashboard on a pseudo-terminal that is read as fast as it comes, or at a rate."""

    def __init__(
        self, arguments: list[str], environ: dict[str, str], switch: str, rate: float | None = None,
        size: tuple[int, int] = SIZE,
    ) -> None:  # fmt: skip
        self.seen, self.rate = b"", rate
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "CAPTURE_TUI_OUTPUT": switch}
            os.execvpe(TUI[0], [*TUI, *arguments], {**environ, **colours})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def read(self, seconds: float) -> int:
        """Read for so long; return how many bytes came."""
        end, before = time.monotonic() + seconds, len(self.seen)
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            data = os.read(self.fd, 500 if self.rate else 65536)
            for _ in range((self.seen[-3:] + data).count(b"\x1b[6n")):
                os.write(self.fd, b"\x1b[1;1R")
            self.seen += data
            if self.rate:
                time.sleep(len(data) / self.rate)
        return len(self.seen) - before

    def wait_for(self, pattern: bytes, since: int = 0, timeout: float = 30) -> float:
        """Return the seconds until a pattern came."""
        start = time.monotonic()
        while not re.search(pattern, self.seen[since:]):
            if time.monotonic() - start > timeout:
                return timeout
            self.read(0.01)
        return time.monotonic() - start

    def cpu(self) -> float:
        """Return the seconds of CPU the dashboard has used."""
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def screen(
    arguments: list[str], environ: dict[str, str], switch: str, rate: float | None = None,
    size: tuple[int, int] = SIZE,
) -> Iterator[Screen]:  # fmt: skip
    """Open a dashboard, and end it."""
    opened = Screen(arguments, environ, switch, rate, size)
    try:
        yield opened
    finally:
        os.kill(opened.pid, signal.SIGKILL)
        os.waitpid(opened.pid, 0)
        os.close(opened.fd)


@contextmanager
def scripts(code: str, environ: dict[str, str], *arguments: list[str]) -> Iterator[list[str]]:
    """Run a script once for each list of arguments; yield the ids of their tasks."""
    with tempfile.TemporaryDirectory(prefix="labtop-bench-") as folder:
        # Files: a full pipe would stop the script.
        outputs = [open(f"{folder}/{n}", "w+b") for n in range(len(arguments))]  # noqa: SIM115
        children = [
            subprocess.Popen([sys.executable, "-c", code, *each], env=environ, stdout=output)
            for each, output in zip(arguments, outputs, strict=True)
        ]
        try:
            tasks = [_first_line(output.name) for output in outputs]
            for task in tasks:
                while subprocess.run([*CAPTURE, "show", task], env=environ, capture_output=True).returncode:
                    time.sleep(0.1)  # not in the store yet
            yield tasks
        finally:
            for child, output in zip(children, outputs, strict=True):
                child.kill()
                child.wait()
                output.close()


def _first_line(path: str) -> str:
    while b"\n" not in (said := Path(path).read_bytes()):
        time.sleep(0.02)
    return said.split(b"\n")[0].decode()


def run() -> list[Figure]:
    """Measure every scene with the stage and with it switched off."""
    with fresh_store() as environ:
        python(MANY, environ)
        start, stock_start = (_start(environ, switch) for switch in ("", "stock"))
    figures = [
        figure("bytes to start, 200x50", [start[0] / 1000], "kB", 15, baseline=_against(stock_start[0] / 1000, "kB")),
        figure("bytes idle for 3 s", [start[1]], "B", 0, baseline=_against(stock_start[1], "B")),
        figure("bytes, one cursor move", start[2:], "B", 800, baseline=_against(stock_start[2], "B")),
    ]
    with fresh_store() as environ, scripts(LIVE, environ, *([str(n)] for n in range(10))):
        figures += _scene("ten live tasks at 1 Hz", [], environ, 0.4)
    with fresh_store() as environ, scripts(TALK, environ, ["1", "scalars"]) as [task]:
        figures += _scene("live chart at 1 Hz", ["--task", task, "--screen", "scalars"], environ, 5)
    with fresh_store() as environ, scripts(TALK, environ, ["0.01", "lines"]) as [task]:
        console = ["--task", task, "--screen", "console"]
        figures += _scene("console, 100 lines/s", console, environ, 15)
    with fresh_store() as environ, scripts(TALK, environ, ["0.001", "lines"]) as [task]:
        console = ["--task", task, "--screen", "console"]
        waits, stock = (_slow(console, environ, switch) for switch in ("", "stock"))
        against = _against(statistics.median(stock), "s")
        figures.append(figure("key to screen at 20 kB/s, console of 1,000 lines/s", waits, "s", 0.3, baseline=against))
    return figures


def _against(value: float, unit: str) -> str:
    return f"Textual by itself {number(value)} {unit}"


def _start(environ: dict[str, str], switch: str) -> list[float]:
    with screen([], environ, switch) as opened:
        opened.wait_for(rb"needle")
        opened.read(3)
        sizes: list[float] = [len(opened.seen), opened.read(3)]
        for _ in range(5):
            os.write(opened.fd, b"j")
            sizes.append(opened.read(0.5))
    return sizes


def _scene(name: str, arguments: list[str], environ: dict[str, str], aim: float) -> list[Figure]:
    """Bytes and CPU of a screen that changes by itself; the two ways take turns."""
    rates: dict[str, list[float]] = {"": [], "stock": []}
    loads: dict[str, list[float]] = {"": [], "stock": []}
    for switch in ("", "stock", "", "stock"):
        with screen(arguments, environ, switch) as opened:
            opened.read(4)
            before, began = opened.cpu(), time.monotonic()
            came = opened.read(SECONDS)
            took = time.monotonic() - began
            rates[switch].append(came / took / 1000)
            loads[switch].append((opened.cpu() - before) / took * 100)
    stock_load = statistics.median(loads["stock"])
    beside = _against(statistics.median(rates["stock"]), "kB/s")
    return [
        figure(f"{name}: sent", rates[""], "kB/s", aim, baseline=beside),
        figure(f"{name}: CPU", loads[""], "%", stock_load, baseline=_against(stock_load, "%")),
    ]


def _slow(arguments: list[str], environ: dict[str, str], switch: str) -> list[float]:
    """Return how long the first line of the help took to appear, several times."""
    waits = []
    with screen(arguments, environ, switch, rate=20_000) as opened:
        opened.read(6)
        for _ in range(4):
            since = len(opened.seen)
            os.write(opened.fd, b"?")
            waits.append(opened.wait_for(rb"[Kk]eys", since))
            os.write(opened.fd, b"\x1b")
            opened.read(2)
    return waits
