"""What a terminal shows: emulators to replay bytes on, and screens made comparable."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pyte

from tests.support import eventually

FIRST = "\x1b[?7l"
"""What Textual's driver says before the first frame: no wrapping at the right edge."""
Cell = tuple[object, ...]


class Terminal:
    """A pyte screen that is fed text."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self.fed: list[str] = []
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self.feed(FIRST)

    def feed(self, text: str) -> None:
        self.fed.append(text)
        self._stream.feed(text)

    def feed_bytes(self, data: bytes) -> None:
        self.feed(self._decode(data))

    @property
    def size(self) -> int:
        """Bytes fed so far."""
        return sum(len(text.encode()) for text in self.fed)

    def cells(self) -> list[list[Cell]]:
        """Every cell with all that can be seen of it."""
        rows = range(self.screen.lines)
        return [[_visible(self.screen.buffer[y][x]) for x in range(self.screen.columns)] for y in rows]

    def cursor(self) -> tuple[int, int]:
        return self.screen.cursor.x, self.screen.cursor.y

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)


def _visible(char: pyte.screens.Char) -> Cell:
    lines = (char.underscore, char.strikethrough, char.reverse, char.blink)
    if char.data == " " and not any(lines):
        return (" ", char.bg)
    return (char.data, char.bg, char.fg, char.bold, char.italics, *lines)


def differences(one: Terminal, other: Terminal) -> Iterator[str]:
    """Yield what two terminals show differently, a line each."""
    for y, (mine, theirs) in enumerate(zip(one.cells(), other.cells(), strict=True)):
        for x, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            if a != b:
                yield f"{x},{y}: {a} is not {b}"


def in_tmux(folder: Path, text: str, width: int, height: int) -> Terminal:
    """Return what a terminal shows in which tmux runs, after a program in tmux wrote the text."""
    folder.mkdir(parents=True)
    (folder / "bytes").write_text("\x1b[?1049h" + FIRST + text, "utf-8", newline="")
    (folder / "conf").write_text("set -g status off\nset -ga terminal-overrides ',*:Tc'\nset -g escape-time 0\n")
    show = f"cat {folder}/bytes; touch {folder}/shown; sleep 60"
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(folder)}
    tmux = ["tmux", "-f", f"{folder}/conf"]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    client = subprocess.Popen([*tmux, "new-session", show], env=environ, stdin=theirs, stdout=theirs, stderr=theirs,
                              start_new_session=True)  # fmt: skip
    os.close(theirs)
    seen = Terminal(width, height)
    try:
        eventually(lambda: not _read(ours, seen) and (folder / "shown").exists(), 20, "tmux has read and drawn all")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, env=environ, capture_output=True)
        client.wait()
        os.close(ours)
    return seen


def _read(terminal: int, seen: Terminal) -> bool:
    """Feed what comes within a moment; return whether anything came."""
    came = False
    while select.select([terminal], [], [], 0.3)[0]:
        seen.feed_bytes(os.read(terminal, 65536))
        came = True
    return came
