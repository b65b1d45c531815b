"""A list of what could be typed or done, below the line one types into: the command line's and the palette's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from store.safe import safe_text
from tui.format import end_of, fit

from .roll import Roll

WIDEST = 24
"""Columns of what could be typed, but where the notes leave more."""
LONGEST = 400
KEY = 10


class Candidate(NamedTuple):
    """One row.

    Attributes:
        line: what stands in the line when it is taken; empty: the row only explains.
        shown: what is shown of it.
        note: what it is.
        key: the key that does the same.
        why: why it is not possible now; the row is dimmed.
    """

    line: str
    shown: str
    note: str = ""
    key: str = ""
    why: str = ""


class Candidates(Roll, can_focus=False):
    """Rows of which one may be chosen; the keys stay with the line above."""

    HEAD = 0

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Candidate] = ()
        self.chosen = False
        self._wide = self._noted = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.rows)

    def show(self, rows: Sequence[Candidate], chosen: int | None = None) -> None:
        """Show other rows, or another one as the chosen one."""
        if rows is not self.rows:
            self.top = 0
            self._wide = max((cell_len(safe_text(row.shown, LONGEST)) for row in rows), default=0)
            self._noted = max((cell_len(safe_text(row.why or row.note, LONGEST)) for row in rows), default=0)
        self.rows, self.chosen = rows, chosen is not None
        self.go(chosen or 0)
        self.sync()

    def draw(self, y: int) -> Strip:
        """Return a row: what, what for, which key; or why not."""
        index, width = self.index_at(y), self.size.width
        if index >= self.count:
            return Strip.blank(width)
        row, ascii_only = self.rows[index], self.look.ascii
        here = self.chosen and index == self.cursor
        ground = " on cursor" if here else ""
        mark = (">" if ascii_only else "▌") if here else " "
        key = fit(row.key, min(KEY, width // 4), "right", ascii_only)
        rest = width - len(key) - 5
        wide = min(self._wide, max(WIDEST, rest - self._noted))
        shown = end_of(row.shown, wide, ascii_only)  # what a line ends with is what may follow it
        return Strip([
            Segment(f"{mark} ", self.style(f"accent{ground}")),
            Segment(fit(shown, wide, ascii_only=ascii_only), self.style(f"{_role(row)}{ground}")),
            Segment(f"  {fit(row.why or row.note, rest - wide, ascii_only=ascii_only)}", self.style(f"dim{ground}")),
            Segment(f"{key} ", self.style(f"{'dim' if row.why else 'accent'}{ground}")),
        ]).adjust_cell_length(width)  # fmt: skip


def _role(row: Candidate) -> str:
    return "dim" if row.why or not row.line else "bright"
