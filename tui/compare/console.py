"""The console tab: a diff of what the first and the chosen task printed.

Of long consoles the last lines, or the first: a diff of millions would take minutes and say nothing. While one of them
runs, they are read again at most every other second.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from store.safe import without_sequences
from tui.keymap import bindings
from tui.later import later
from tui.widgets import rows
from tui.widgets.lines import Row, shown
from tui.widgets.textpane import TextPane

from . import diffs
from .base import ComparePane
from .diffs import Differ
from .source import Compared, CompareSource, Member

PACE = 2.0
"""Least seconds between two readings of consoles that grow."""


def build(compared: Compared, found: Sequence[tuple[str, str]] | None, *, first: bool) -> list[Row]:
    """Return the diff (None while it is being made) below a line that says of what."""
    pair = (compared.base, compared.other)
    head = rows.heading("   ".join(f"{sign} {_title(m, first)}" for sign, m in zip("-+", pair, strict=True)))
    if not all(member.detail.lines for member in pair):
        silent = " and ".join(member.letter for member in pair if not member.detail.lines)
        return [head, rows.BLANK, ((f"{silent} printed nothing yet.", "dim"),)]
    if found is None:
        return [head, rows.BLANK, diffs.WAIT]
    if not found:
        return [head, rows.BLANK, (("These lines are the same.", "dim"),)]
    return [head, *diffs.rows(found)]


def _title(member: Member, first: bool) -> str:
    count = member.detail.lines
    part = f"{'first' if first else 'last'} {diffs.LONGEST:,} of {count:,} lines" if count > diffs.LONGEST else ""
    return f"{member.letter} {shown(member.row.name)[0]}  {part or f'{count:,} lines'}"


def _same(a: Sequence[tuple[object, ...]], b: Sequence[tuple[object, ...]]) -> bool:
    """Whether two diffs are of the same tasks, looked at in the same way; lines may have come since."""
    return [key[:3] for key in a] == [key[:3] for key in b]


class Pane(TextPane, ComparePane):
    """The diff of two consoles."""

    BINDINGS: ClassVar[Any] = bindings("consoles")

    def __init__(self, source: CompareSource, *, id: str) -> None:
        TextPane.__init__(self, id=id)
        self.source = source
        self.numbers = True
        """Whether lines that differ in numbers only are different."""
        self.first = False
        """Whether the beginning of long consoles is compared, not their end."""
        self._differ = Differ()
        self._texts: dict[tuple[object, ...], list[str]] = {}
        self._of: list[tuple[object, ...]] = []
        """What the diff was made of: task, settings, execution and number of lines of each side."""
        self._found: list[tuple[str, str]] = []
        self._read = 0.0
        self._due = False

    async def look_closer(self, compared: Compared) -> None:
        """Read the two consoles where they have changed, and compare them."""
        keys = self._keys(compared)
        wait = self._read + PACE - time.monotonic()
        if keys == self._of:
            return
        if wait > 0 and _same(keys, self._of):
            self._again(wait)
            return
        pair = zip(keys, (compared.base, compared.other), strict=True)
        self._texts = {key: self._texts.get(key) or await self._text(member) for key, member in pair}
        left, right = (self._texts[key] for key in keys)
        self._found = await self._differ.of(left, right, numbers=self.numbers)
        self._read, self._of = time.monotonic(), keys

    def _keys(self, compared: Compared) -> list[tuple[object, ...]]:
        pair = (compared.base, compared.other)
        return [(m.row.id, self.first, self.numbers, m.detail.execution, m.detail.lines) for m in pair]

    async def _text(self, member: Member) -> list[str]:
        lines = await self.source.tail(member.row.id, diffs.LONGEST, first=self.first)
        return [without_sequences(line) for line in lines]

    def _again(self, wait: float) -> None:
        if not self._due:
            self._due = True
            later(self, wait, self._now)

    def _now(self) -> None:
        self._due = False
        self.post_message(self.Due())

    def take(self, compared: Compared) -> None:
        """Show the diff."""
        known = _same(self._keys(compared), self._of)
        self.show(build(compared, self._found if known else None, first=self.first))

    # Keys -------------------------------------------------------------------------------------------------------

    def action_numbers(self) -> None:
        """Take lines that differ in numbers only for the same, or not."""
        self.numbers = not self.numbers
        self.post_message(self.Due())
        self.note()

    def action_part(self) -> None:
        """Compare the beginning of long consoles, or their end."""
        self.first = not self.first
        self.post_message(self.Due())
        self.note()

    def action_open_task(self) -> None:
        """Open the chosen task."""
        self.post_message(self.Opened())

    def caption(self) -> str:
        """What is compared, and how."""
        parts = ["first lines" if self.first else "", "" if self.numbers else "numbers ignored", super().caption()]
        return "  ".join(part for part in parts if part)
