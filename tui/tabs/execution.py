"""How a task was run, as rows: repository, script, arguments, packages, machine, and the coloured diff by files.

The diff may be half a megabyte: its lines are coloured one by one as they come in sight (``tui.widgets.diff``).
"""

from __future__ import annotations

import shlex
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType

from store.errors import LabtopError
from store.records import CodeRow, TaskDetail
from store.safe import safe_text
from tui.keymap import bindings
from tui.look import Look
from tui.task_data import TaskSource
from tui.verbs import VERB_WORK
from tui.widgets import rows
from tui.widgets.diff import DiffRows, File, files, long_ones
from tui.widgets.lines import Row, shown
from tui.widgets.searching import Matches

from . import outside
from .base import TextTab

if TYPE_CHECKING:
    from tui.app import LabtopApp

READ_WIDTH = 118
"""Columns of what is read in an editor."""


def build(detail: TaskDetail, width: int, folded: Collection[str] | None = None, look: Look | None = None) -> DiffRows:
    """Return everything about how the task was run.

    Args:
        detail: the task.
        width: columns.
        folded: names of the files whose lines are left out; None: the long ones.
        look: how things are shown.
    """
    code = detail.code
    if not (code.entry_point or code.repository or code.binary or code.diff or code.packages):
        nothing = "How it was run is recorded when a script or an agent (Q) starts it."
        return DiffRows([((nothing, "dim"),)], [], [], (), look or Look())
    text = code.diff.decode("utf-8", "replace")
    lines = text.split("\n")[: -1 if text.endswith("\n") else None] if text else []
    parts = files(lines)
    if folded is None:
        folded = long_ones(parts)
    return DiffRows([*_head(detail, width), *_diff_title(code, lines, parts)], lines, parts, folded, look or Look())


def whole(detail: TaskDetail) -> str:
    """Return everything about how the task was run as the text of a diff, with the rest in lines before it."""
    text = safe_text(detail.code.diff.decode("utf-8", "replace"))
    lines = ["".join(piece for piece, _ in row).rstrip() for row in _head(detail, READ_WIDTH)]
    return "\n".join([*(f"# {line}".rstrip() for line in lines), "", text])


def _head(detail: TaskDetail, width: int) -> list[Row]:
    code = detail.code
    return [*_notes(code), *_source(code, detail, width), *_packages(code, width), *_machine(code)]


def _notes(code: CodeRow) -> list[Row]:
    notes = code.environment.get("notes", [])
    texts = notes if isinstance(notes, list) else [notes]
    return [(("! ", "yellow"), shown(note, "yellow")) for note in texts if note]


def _source(code: CodeRow, detail: TaskDetail, width: int) -> list[Row]:
    clean = "" if code.diff else "  (no changes)"
    pairs = [
        ("repository", code.repository or ("none: the script itself is kept below" if code.diff else "none")),
        ("branch", code.branch),
        ("commit", f"{code.commit}{clean}" if code.commit else ""),
        ("script", code.entry_point),
        ("folder", code.working_dir),
        ("python", code.binary),
        ("executions", detail.execution or ""),
    ]
    passed = shlex.join(code.argv) or ("none" if code.entry_point else "")
    return [rows.heading("Code"), *rows.fields(pairs), *rows.wrapped("arguments", passed, width), rows.BLANK]


def _packages(code: CodeRow, width: int) -> list[Row]:
    if not code.packages:
        return []
    texts = [f"{name} {version}" for name, version in sorted(code.packages.items(), key=lambda p: p[0].lower())]
    return [rows.heading("Packages", str(len(texts))), *rows.columns(texts, width), rows.BLANK]


def _machine(code: CodeRow) -> list[Row]:
    facts = [(name, _said(value)) for name, value in code.environment.items() if name != "notes"]
    known = rows.fields(facts)
    return [rows.heading("Machine"), *known, rows.BLANK] if known else []


def _said(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{k}={v}" for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _diff_title(code: CodeRow, lines: list[str], parts: list[File]) -> list[Row]:
    if not lines:
        return []
    if not parts:
        return [rows.heading("Uncommitted changes" if code.commit else "Code not under version control")]
    count = f"{len(parts)} file{'s' if len(parts) > 1 else ''}"
    added, removed = sum(part.added for part in parts), sum(part.removed for part in parts)
    return [(*rows.heading("Uncommitted changes", count), (f"  +{added}", "added"), (f" -{removed}", "removed"))]


class Pane(TextTab):
    """The execution tab; files of the diff fold, and one can go from file to file."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("diff", "execution")]

    def __init__(self, source: TaskSource, *, id: str) -> None:
        super().__init__(source, id=id)
        self._detail: TaskDetail | None = None
        self._folded: set[str] | None = None
        self._diff = DiffRows([], [], [], (), Look())

    def text_of(self, detail: TaskDetail) -> Sequence[Row]:
        """Everything about how it was run."""
        self._detail = detail
        self._diff = build(detail, self.columns, self._folded, self.look)
        if self._folded is None:
            self._folded = long_ones(self._diff.parts)
        return self._diff

    def action_read(self) -> None:
        """Read all of it in the user's editor; it is recorded, so there is nothing to save."""
        if self._detail is None:
            return
        self.run_worker(self._read(self._detail), group=VERB_WORK)

    async def _read(self, detail: TaskDetail) -> None:
        try:
            await outside.read(cast("LabtopApp", self.app), f"{detail.row.id[:8]}.diff", whole(detail))
        except LabtopError as error:
            self.post_message(self.Refused(str(error)))
        except OSError as error:
            self.post_message(self.Refused(f"Cannot write a copy to read: {error}."))
        else:
            self.post_message(self.Refused("That was a copy to read: how a task was run is recorded, not edited."))

    def _fold(self, folded: set[str], name: str | None = None) -> None:
        """Fold these files and no others; the cursor goes to the row of a file."""
        self._folded = folded
        if self._detail is not None:
            self.take(self._detail)
        if name is not None:
            names = [part.name for part in self._diff.parts]
            self.put_cursor(self._diff.at[names.index(name)])

    def _here(self) -> int | None:
        """Return the number of the file one stands in; without a cursor, of the first whose row is in sight."""
        at = self._diff.at
        if self.cursor is not None:
            return bisect_right(at, self.cursor) - 1 if at and self.cursor >= at[0] else None
        return next((n for n, place in enumerate(at) if self.top <= place < self.top + self.height), None)

    def action_fold(self) -> None:
        """Fold or unfold the file one stands in."""
        here = self._here()
        if here is None:
            self.action_file(1)
        else:
            name = self._diff.parts[here].name
            self._fold((self._folded or set()) ^ {name}, name)

    def action_fold_all(self) -> None:
        """Fold all files, or unfold all where some are folded."""
        here = self._here()
        name = None if here is None else self._diff.parts[here].name
        names = {part.name for part in self._diff.parts}
        self._fold(set() if self._folded else names, name)

    def action_file(self, by: int) -> None:
        """Go to the next file, or the one before."""
        place = self.top - 1 if self.cursor is None else self.cursor
        ahead = [at for at in self._diff.at if (at > place if by > 0 else at < place)]
        if ahead:
            self.put_cursor(ahead[0] if by > 0 else ahead[-1])
            self.go(self.cursor or 0)
        else:
            sentence = "There is no other file in the diff." if self._diff.at else "There is no diff by files here."
            self.post_message(self.Refused(sentence))

    def look_for(self, matches: Matches | None, *, only: bool) -> None:
        """Search in the files that are folded, too: they are unfolded."""
        if matches is not None and self._folded:
            self._fold(set())
        super().look_for(matches, only=only)
