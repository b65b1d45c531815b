"""How a task was run, as rows: repository, script, arguments, packages, machine, and the coloured diff.

The diff may be half a megabyte: its lines are coloured one by one as they come in sight.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import overload

from store.records import CodeRow, TaskDetail
from tui.widgets import rows
from tui.widgets.lines import Row, shown

from .base import TextTab


class WithDiff(Sequence[Row]):
    """Ready rows, followed by a diff's lines that become rows only when asked for."""

    def __init__(self, head: list[Row], lines: list[str]) -> None:
        self._head = head
        self._lines = lines

    def __len__(self) -> int:
        return len(self._head) + len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < len(self._head):
            return self._head[index]
        return diff_line(self._lines[index - len(self._head)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WithDiff) and (self._head, self._lines) == (other._head, other._lines)

    __hash__ = None  # type: ignore[assignment]


_MARKS = (
    ("diff --git", "bright bold"), ("+++", "bright"), ("---", "bright"), ("@@", "accent"), ("+", "added"),
    ("-", "removed"), ("index ", "dim"), ("new file", "dim"), ("deleted file", "dim"), ("similarity", "dim"),
    ("rename ", "dim"), ("GIT binary", "dim"), ("Binary files", "dim"), ("\\", "dim"),
)  # fmt: skip


def diff_line(line: str) -> Row:
    """Return a line of a diff in its colour."""
    role = next((role for mark, role in _MARKS if line.startswith(mark)), "")
    return (shown(line.expandtabs(4), role),)


def build(detail: TaskDetail, width: int) -> Sequence[Row]:
    """Return everything about how the task was run."""
    code = detail.code
    if not (code.entry_point or code.repository or code.binary or code.diff or code.packages):
        return [(("How it was run is recorded when a script or an agent (Q) starts it.", "dim"),)]
    head = [*_notes(code), *_source(code, detail, width), *_packages(code, width), *_machine(code)]
    text = code.diff.decode("utf-8", "replace")
    lines = text.split("\n")[: -1 if text.endswith("\n") else None] if text else []
    return WithDiff([*head, *_diff_title(code, lines)], lines)


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
    return [rows.heading("Code"), *rows.fields(pairs), *rows.wrapped("arguments", shlex.join(code.argv), width),
            rows.BLANK]  # fmt: skip


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


def _diff_title(code: CodeRow, lines: list[str]) -> list[Row]:
    if not lines:
        return []
    if not code.commit:
        return [rows.heading("Code not under version control")]
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    return [(*rows.heading("Uncommitted changes"), (f"  +{added}", "added"), (f" -{removed}", "removed"))]


class Pane(TextTab):
    """The execution tab."""

    def text_of(self, detail: TaskDetail) -> Sequence[Row]:
        """Everything about how it was run."""
        return build(detail, self.columns)
