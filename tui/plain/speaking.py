"""The dashboard without a terminal: lines that are written in the place of a screen, and those that are typed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Any

from store.safe import safe_text
from tui.app import LabtopApp
from tui.harmless import as_ascii
from tui.printing import Unwritten, put

PROMPT = "> "


class Speaking(LabtopApp, inherit_bindings=False):
    """An app that writes lines, and is typed lines to."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._typed_meanwhile: list[str] = []
        """What ended the following or watching, to be done next."""
        self._said = ""
        self._prompt = ""
        """What stands before the line that is being typed; empty while none is asked for."""

    def write(self, line: str) -> None:
        """Write one line of text."""
        text = safe_text(line, one_line=True)
        put(f"{as_ascii(text) if self.look.ascii else text}\n")

    async def _ask(self, what: str) -> str | None:
        if what:
            self.write(f"{what}:")
        return await self._line()

    async def _line(self) -> str | None:
        if self._typed_meanwhile:
            return self._typed_meanwhile.pop()
        self._prompt = PROMPT if sys.stdin.isatty() else ""
        put(self._prompt)
        line = await self._lines.get()
        self._prompt = ""
        return line

    def complain(self, problem: str) -> None:
        """Write what is wrong with the command for notices."""
        self._break_in(problem)

    def _break_in(self, line: str) -> None:
        """Write a line at once, whatever is being typed."""
        with suppress(Unwritten):  # the next answer tells of it
            put("\n" if self._prompt else "")
            self.write(line)
            put(self._prompt)

    def ring(self, sequence: str) -> None:
        """Send it where the lines go, if that is a terminal."""
        with suppress(Unwritten):
            put(sequence if sys.stdout.isatty() else "")

    def heard(self, sentence: str) -> None:
        """Keep what a screen says: of several sentences the last one stays, here as there."""
        self._said = sentence
