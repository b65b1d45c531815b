"""The code tab: how the tasks were run, the commits between them, the diff of their diffs, and their packages."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from store.records import CodeRow
from tui import format as form
from tui.widgets import rows
from tui.widgets.lines import shown

from . import diffs
from .base import SAME, DifferingTab
from .diffs import Differ
from .source import Compared, CompareSource
from .table import Item, line

SHORT = 10
"""Characters of a commit in a range of them."""


def build(compared: Compared, found: Sequence[tuple[str, str]] | None, *, whole: bool) -> list[Item]:
    """Return the fields of the code, the packages, and ``found``: how the changes differ (None: not known yet)."""
    codes = [member.detail.code for member in compared.members]
    if not any(code.entry_point or code.repository or code.binary or code.diff or code.packages for code in codes):
        return [(("How they were run is recorded when scripts or agents start them.", "dim"),)]
    made = [*_fields(codes, whole), *_range(compared), *_packages(codes, whole), *_changes(compared, found)]
    return made or [SAME]


def _fields(codes: Sequence[CodeRow], whole: bool) -> list[Item]:
    lines = [
        line("repository", [code.repository or None for code in codes]),
        line("branch", [code.branch or None for code in codes]),
        line("commit", [code.commit or None for code in codes]),
        line("changes", [_size(code) for code in codes]),
        line("script", [code.entry_point or None for code in codes]),
        line("folder", [code.working_dir or None for code in codes]),
        line("arguments", [shlex.join(code.argv) or None for code in codes]),
        line("python", [code.binary or None for code in codes]),
    ]
    known = [item for item in lines if item.differs or (whole and item.cells[0][0] != "-")]
    return [rows.heading("Code"), *known, rows.BLANK] if known else []


def _size(code: CodeRow) -> str | None:
    if not code.diff:
        return None
    count = len(diff_lines(code))
    return f"{form.counted(count, 'line')} of diff"


def diff_lines(code: CodeRow) -> list[str]:
    """Return the uncommitted changes as lines."""
    return code.diff.decode("utf-8", "replace").splitlines()


def _range(compared: Compared) -> list[Item]:
    """The commits between the first and the chosen task, as git takes them."""
    a, b = compared.base.detail.code, compared.other.detail.code
    if not (a.commit and b.commit) or a.commit == b.commit:
        return []
    if a.repository != b.repository:
        said = "not of one repository"
    else:
        said = f"git log {a.commit[:SHORT]}..{b.commit[:SHORT]}"
    title = f"Commits {compared.base.letter}..{compared.other.letter}"
    return [(*rows.heading(title)[:1], ("  ", ""), shown(said, "bright")), rows.BLANK]


def _packages(codes: Sequence[CodeRow], whole: bool) -> list[Item]:
    names = sorted({name for code in codes for name in code.packages}, key=str.lower)
    lines = [line(name, [code.packages.get(name) for code in codes]) for name in names]
    kept = [item for item in lines if whole or item.differs]
    same = len(lines) - len(kept)
    return [rows.heading("Packages", f"{same} the same" if same else ""), *kept, rows.BLANK] if kept else []


def _changes(compared: Compared, found: Sequence[tuple[str, str]] | None) -> list[Item]:
    a, b = (diff_lines(member.detail.code) for member in (compared.base, compared.other))
    if a == b:
        return []
    title = f"Uncommitted changes of {compared.base.letter} (-) against those of {compared.other.letter} (+)"
    return [rows.heading(title, diffs.cut_note(a, b)), *([diffs.WAIT] if found is None else diffs.rows(found))]


class Pane(DifferingTab):
    """The code tab."""

    def __init__(self, source: CompareSource, *, id: str) -> None:
        super().__init__(source, id=id)
        self._differ = Differ()
        self._of: tuple[bytes, bytes] | None = None
        self._found: list[tuple[str, str]] = []

    async def look_closer(self, compared: Compared) -> None:
        """Compare the diffs of the first and the chosen task."""
        pair = _diffs(compared)
        if pair != self._of:
            a, b = (diff_lines(member.detail.code) for member in (compared.base, compared.other))
            self._found, self._of = [] if a == b else await self._differ.of(a, b), pair

    def items(self, compared: Compared) -> list[Item]:
        """What differs."""
        return build(compared, self._found if _diffs(compared) == self._of else None, whole=self.whole)


def _diffs(compared: Compared) -> tuple[bytes, bytes]:
    return compared.base.detail.code.diff, compared.other.detail.code.diff
