"""Programs on a real pseudo-terminal or in a pipe: one dashboard driven by keys, and many short commands in a row.

Everything they send is kept as bytes; what a person would see is worked out by a terminal in memory.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import pty
import select
import struct
import subprocess
import sys
import termios
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

import capture.cli.__main__
import tui.app
import tui.cli
import tui.screens.task

ROOT = Path(__file__).resolve().parents[2]
COLUMNS, LINES = 120, 40
_MARK = b"\n@@ visit %d ended with %d @@\n"


def new_pty() -> tuple[int, int]:
    """Return both ends of a terminal of our size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    return master, slave


def _take_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program on a terminal, with keys to press and a screen to look at."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        self.master, slave = new_pty()
        self.child = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, preexec_fn=_take_terminal,
            env=dict(environ) | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )  # fmt: skip
        os.close(slave)
        self.sent = bytearray()
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self.steps: list[tuple[str, int]] = []
        """What was waited for, and how many bytes had come until then."""

    def press(self, keys: str, shows: str | Callable[[], Any], timeout: float = 20) -> None:
        """Press keys (as a terminal sends them) and wait until a text is on the screen, or something is so."""
        os.write(self.master, keys.encode())
        self.wait(shows, timeout)

    def wait(self, shows: str | Callable[[], Any], timeout: float = 20) -> None:
        """Wait until a text is on the screen, or something is so."""
        seen: Callable[[], Any] = (lambda: shows in self.text()) if isinstance(shows, str) else shows
        deadline = time.monotonic() + timeout
        while not seen():
            left = deadline - time.monotonic()
            assert left > 0, f"still no {shows!r} after {timeout:g} s:\n{self.text()}"
            assert self._read(min(left, 1.0)), f"it ended with {self.child.wait()}, without {shows!r}:\n{self.text()}"
        self.steps.append((str(shows), len(self.sent)))

    def text(self) -> str:
        """Return what is on the screen."""
        return "\n".join(self.rows())

    def rows(self) -> list[str]:
        """Return the lines of the screen."""
        return [self.row(number).rstrip() for number in range(LINES)]

    def row(self, number: int) -> str:
        """Return one line of the screen."""
        cells = self.screen.buffer[number % LINES]  # pyte's own way fails on half a wide character, between two frames
        return "".join(cells[column].data for column in range(COLUMNS))

    def underlined(self, number: int) -> str:
        """Return what is underlined in a line of the screen."""
        cells = self.screen.buffer[number]
        return "".join(cells[column].data for column in range(COLUMNS) if cells[column].underscore)

    def _read(self, timeout: float) -> bool:
        """Take in what comes next; False if the program has gone."""
        ready, _, _ = select.select([self.master], [], [], timeout)
        if not ready:
            return True
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.sent += data
        self._stream.feed(data)
        return bool(data)

    def ended(self, timeout: float = 20) -> int:
        """Take in the rest and return the exit code."""
        deadline = time.monotonic() + timeout
        while self._read(1.0):
            assert time.monotonic() < deadline, f"it does not end:\n{self.text()}"
        return self.child.wait(timeout=timeout)

    def hang_up(self) -> None:
        """Close the terminal, as a dropped link does."""
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        """End the program if it still runs."""
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        if self.master >= 0:
            os.close(self.master)


# Many commands in a row ---------------------------------------------------------------------------------------------

Visit = tuple[str, list[str]]
"""A program (``capture`` or ``tui``) and its words."""


def visit_all(visits: Sequence[Visit], environ: Mapping[str, str], folder: Path, *, on_terminal: bool) -> list[Any]:
    """Run commands one after another on one terminal, or in one pipe; return for each its exit code and its bytes.

    One process loads the programs once and forks for each command.
    """
    plan = folder / f"visits-{on_terminal}.json"
    plan.write_text(json.dumps(visits))
    reading, writing = new_pty() if on_terminal else os.pipe()
    command = [sys.executable, "-P", "-c", "from tests.system.terminals import serve; serve()", str(plan)]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, cwd=folder,
                             env=dict(environ))  # fmt: skip
    os.close(writing)
    sent = _all_of(reading)
    assert child.wait(timeout=30) == 0, sent[-3000:].decode("utf-8", "replace")
    return _parted(sent.replace(b"\r\n", b"\n") if on_terminal else sent, len(visits))


def _all_of(descriptor: int) -> bytes:
    parts = []
    try:
        while data := os.read(descriptor, 1 << 16):
            parts.append(data)
    except OSError:  # a terminal whose other end is closed
        pass
    os.close(descriptor)
    return b"".join(parts)


def _parted(sent: bytes, count: int) -> list[tuple[int, bytes]]:
    answers = []
    for number in range(count):
        before, mark, after = sent.partition(_MARK.split(b"%d")[0] + b"%d" % number + b" ended with ")
        assert mark, f"visit {number} has no end: {before[-2000:]!r}"
        code, _, sent = after.partition(b" @@\n")
        answers.append((int(code), before))
    return answers


def serve() -> None:
    """In the child: run the commands of the plan, each in a fork."""
    _warm_up()
    programs = {"capture": capture.cli.__main__.main, "tui": tui.cli.main}
    for number, (program, words) in enumerate(json.loads(Path(sys.argv[1]).read_text())):
        pid = os.fork()
        if pid == 0:
            _run(programs[program], words)
        _, status = os.waitpid(pid, 0)
        os.write(1, _MARK % (number, os.waitstatus_to_exitcode(status)))


def _warm_up() -> None:
    """Load here what every command would load anew after its fork: the screens and what draws on them too."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for words in (["list", "--json"], ["list"], ["agent", "list"], ["enqueue", "0" * 32], ["logs", "0" * 32]):
            capture.cli.__main__.main(words)
    gc.collect()
    gc.freeze()


def _run(program: Callable[[Sequence[str]], int], words: Sequence[str]) -> None:
    code = 99
    try:
        code = program(words)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
