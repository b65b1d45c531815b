"""What a terminal shows: emulators to replay bytes on, and screens made comparable."""

from __future__ import annotations

import codecs
import os
import subprocess
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


def told(row: list[Cell]) -> list[Cell]:
    """Return a row without the blanks at its end."""
    end = max((x + 1 for x, cell in enumerate(row) if cell[0] != " "), default=0)
    return row[:end]


def differences(one: Terminal, other: Terminal) -> Iterator[str]:
    """Yield what two terminals show differently, a line each."""
    for y, (mine, theirs) in enumerate(zip(one.cells(), other.cells(), strict=True)):
        for x, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            if a != b:
                yield f"{x},{y}: {a} is not {b}"


def in_tmux(folder: Path, text: str, width: int, height: int) -> Terminal:
    """Return what tmux shows after a program in it wrote the text; it does not tell the colour behind a row's end."""
    folder.mkdir(parents=True)
    (folder / "bytes").write_text("\x1b[?1049h" + FIRST + text, "utf-8", newline="")
    (folder / "conf").write_text("set -g status off\n")
    show = f"cat {folder}/bytes; touch {folder}/shown; sleep 60"
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(folder)}

    def tmux(*words: str) -> str:
        command = ["tmux", "-f", f"{folder}/conf", *words]
        return subprocess.run(command, check=False, env=environ, capture_output=True, encoding="utf-8").stdout

    def settled() -> bool:
        before, pictures[-1] = pictures[-1], tmux("capture-pane", "-p", "-e", "-N")
        return before == pictures[-1]

    pictures = [""]
    tmux("new-session", "-d", "-x", str(width), "-y", str(height), show)
    try:
        eventually((folder / "shown").exists, 20, "tmux has read all")
        eventually(settled, 20, "tmux has drawn all")
    finally:
        tmux("kill-server")
    seen = Terminal(width, height)
    seen.feed(pictures[-1].removesuffix("\n").replace("\n", "\r\n"))
    return seen
