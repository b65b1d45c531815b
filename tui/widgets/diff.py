"""A diff by files: what each is called, how much changed in it, and its lines as rows, coloured as they come in sight.

What a binary file changed to is said and never shown. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import overload

from tui.look import Look

from .lines import Row, shown

LONG = 400
"""Lines of a file from which on it is folded at first: lock files and notebooks push the rest out of sight."""
_FACTS = (
    ("new file mode", "new"), ("deleted file mode", "deleted"), ("rename from", "renamed"), ("copy from", "copied"),
    ("old mode", "mode changed"),
)  # fmt: skip
_SIZE = re.compile(r"(?:literal|delta) (\d+)$")


@dataclass(frozen=True)
class File:
    """A file of a diff: its lines from ``start`` to before ``stop`` are hunks; none for a binary one."""

    name: str
    start: int
    stop: int
    added: int
    removed: int
    note: str


def long_ones(parts: Sequence[File]) -> set[str]:
    """Return the names of the files that are folded at first: long ones among others."""
    return {part.name for part in parts if part.stop - part.start > LONG} if len(parts) > 1 else set()


def files(lines: Sequence[str]) -> list[File]:
    """Return the files of a diff as ``git diff --binary`` writes it."""
    starts = [n for n, line in enumerate(lines) if line.startswith("diff --git ")]
    return [_file(lines, start, stop) for start, stop in zip(starts, [*starts[1:], len(lines)], strict=False)]


def _file(lines: Sequence[str], start: int, stop: int) -> File:
    binary = ("GIT binary patch", "Binary files ")
    body = next((n for n in range(start + 1, stop) if lines[n].startswith(("@@", "+", "-", *binary))), stop)
    body = next((n for n in range(body, stop) if not lines[n].startswith(("--- ", "+++ "))), stop)
    head = lines[start:body]
    notes = [note for line in head for mark, note in _FACTS if line.startswith(mark)]
    if body < stop and lines[body].startswith(binary):
        sizes = [int(found[1]) for line in lines[body:stop] if (found := _SIZE.match(line))]
        notes.append(f"binary{f', {sizes[0]:,} bytes' if sizes else ''}: not shown")
        body = stop
    added = sum(line.startswith("+") for line in lines[body:stop])
    removed = sum(line.startswith("-") for line in lines[body:stop])
    return File(_name(head), body, stop, added, removed, ", ".join(notes))


def _name(head: Sequence[str]) -> str:
    """Return a file's name: the new one, the old one of a deleted file; a move as ``old → new``."""
    said = {mark: line[len(mark) :] for line in head for mark in ("--- ", "+++ ", "rename from ", "rename to ")
            if line.startswith(mark)}  # fmt: skip
    if "rename from " in said:
        return f"{said['rename from ']} → {said.get('rename to ', '')}"
    sides = [_plain(said[mark]) for mark in ("+++ ", "--- ") if said.get(mark, "/dev/null") != "/dev/null"]
    if sides:
        return sides[0]
    pair = head[0].removeprefix("diff --git ")  # `a/NAME b/NAME`: of a binary or an empty file nothing else is said
    return _plain(pair[: len(pair) // 2])


def _plain(side: str) -> str:
    return side.rstrip("\t").strip('"').removeprefix("a/").removeprefix("b/")


def diff_line(line: str) -> Row:
    """Return a line of a hunk in its colour."""
    role = {"@": "accent", "+": "added", "-": "removed", "\\": "dim"}.get(line[:1], "")
    return (shown(line.expandtabs(4), role),)


class DiffRows(Sequence[Row]):
    """Ready rows, followed by a diff's files; lines become rows only when asked for.

    Args:
        head: the ready rows.
        lines: the lines of the diff.
        parts: its files; none for a text that is no diff, shown as it is.
        folded: the names of the files whose lines are left out.
        look: how things are shown.
    """

    def __init__(
        self, head: list[Row], lines: list[str], parts: list[File], folded: Collection[str], look: Look
    ) -> None:
        self._head, self._lines, self.parts = head, lines, parts
        self._folded, self._ascii = frozenset(folded), look.ascii
        self._order = list(range(len(lines))) if not parts else []
        self.at: list[int] = []
        """Where each file's own row stands."""
        for number, part in enumerate(parts):
            self.at.append(len(head) + len(self._order))
            self._order.append(-1 - number)
            if part.name not in self._folded:
                self._order += range(part.start, part.stop)

    def __len__(self) -> int:
        return len(self._head) + len(self._order)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < len(self._head):
            return self._head[index]
        number = self._order[index - len(self._head)]
        if number < 0:
            return self._title(self.parts[-1 - number])
        line = self._lines[number]
        return diff_line(line) if self.parts else (shown(line.expandtabs(4)),)

    def _title(self, part: File) -> Row:
        folded = part.name in self._folded
        sign = ("+ " if folded else "- ") if self._ascii else ("▸ " if folded else "▾ ")
        hidden = f"  {part.stop - part.start:,} lines" if folded and part.stop > part.start else ""
        counts = (
            (f"  +{part.added}" if part.added else "", "added"),
            (f"  -{part.removed}" if part.removed else "", "removed"),
        )
        return ((sign, "accent"), shown(part.name, "bright bold"), *counts,
                (f"  {part.note}" if part.note else "", "yellow"), (hidden, "dim"))  # fmt: skip

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DiffRows):
            return NotImplemented
        mine, theirs = ((r._head, r._lines, r._folded, r._ascii) for r in (self, other))
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]
