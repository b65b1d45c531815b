"""A table with a column a task: the keys stay at the left, as many columns as fit stand beside them.

Pure: from lines of a key and a cell for each task to rows of pieces. Text that is somebody's is made safe here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui import format as form
from tui.widgets.lines import Row

from .source import Compared, Member

GAP = 2
LEAST_COLUMN, LEAST_KEY = 12, 12
MOST_COLUMN = 48
"""A wider cell is cut; the whole text is on the task's own screen."""
TITLE = 4
"""Cells before a task's name in the line above the table."""
NONE = form.NONE

Cell = tuple[str, str]
"""A text and its role."""


@dataclass(frozen=True)
class Line:
    """A line of the table: its key, a cell for each task, and whether the tasks differ in it."""

    key: str
    cells: tuple[Cell, ...]
    differs: bool = False
    right: bool = False
    """Cells are numbers: aligned to the right."""


Item = Line | Row
"""What tables are made of: lines, and rows that go over the whole width."""


@dataclass(frozen=True)
class Layout:
    """How wide keys and columns are, and which tasks stand in them: from ``first`` on, ``shown`` of them."""

    key: int
    column: int
    first: int
    shown: int

    @property
    def span(self) -> slice:
        """The tasks in sight."""
        return slice(self.first, self.first + self.shown)


def layout(items: Sequence[Item], names: Sequence[str], width: int, chosen: int, first: int) -> Layout:
    """Return the layout for a width in which the chosen task is in sight, scrolled from ``first`` as little as needed.

    Args:
        items: what is shown.
        names: of the tasks.
        width: columns there are.
        chosen: the task that has to be in sight.
        first: the leftmost task so far.
    """
    lines = [item for item in items if isinstance(item, Line)]
    longest = max((cell_len(line.key) for line in lines), default=0) + 3
    key = max(LEAST_KEY, min(longest, max(LEAST_KEY, width // 3)))
    cells = [cell_len(form.one_line(text, 200)) for line in lines for text, _ in line.cells]
    natural = max([*cells, *(cell_len(form.one_line(name, 200)) + TITLE for name in names)])
    wanted = max(LEAST_COLUMN, min(natural, MOST_COLUMN))
    room = max(width - key, LEAST_COLUMN + GAP)
    count = len(names)
    shown = max(1, min(count, room // (min(wanted, 17) + GAP)))
    column = max(LEAST_COLUMN, min(room // shown - GAP, max(wanted, 17)))
    return Layout(key, column, held(first, shown, chosen, count), shown)


def held(first: int, shown: int, chosen: int, count: int) -> int:
    """Return the first task in sight: the chosen one is in sight, scrolled from ``first`` as little as needed."""
    return min(max(first, chosen - shown + 1, 0), chosen, max(count - shown, 0))


def rows(items: Sequence[Item], laid: Layout, ascii_only: bool) -> list[Row]:
    """Return the rows of a table; lines in which the tasks differ have a sign before their key."""
    return [_row(item, laid, ascii_only) if isinstance(item, Line) else item for item in items]


def _row(line: Line, laid: Layout, ascii_only: bool) -> Row:
    sign = ("!" if ascii_only else "≠") if line.differs else " "
    key = form.fit(line.key, laid.key - 3, ascii_only=ascii_only) + " "
    align: form.Align = "right" if line.right else "left"
    texts = _telling([text for text, _ in line.cells], laid.column, ascii_only)[laid.span]
    roles = (role for _, role in line.cells[laid.span])
    cells = ((form.fit(text, laid.column, align, ascii_only) + " " * GAP, role)
             for text, role in zip(texts, roles, strict=True))  # fmt: skip
    return ((f"{sign} ", "yellow"), (key, "dim"), *cells)


def _telling(texts: list[str], width: int, ascii_only: bool) -> list[str]:
    """Return texts cut where they are alike, so that long ones that differ look different."""
    there = iter(form.labels([text for text in texts if text != NONE], width, ascii_only))
    return [text if text == NONE else next(there) for text in texts]


def heading(compared: Compared, laid: Layout, ascii_only: bool) -> Row:
    """Return the line above the table: which tasks, and whether there are more at either side."""
    members = compared.members
    before = laid.first > 0
    behind = laid.first + laid.shown < len(members)
    left, right = ("<", ">") if ascii_only else ("‹", "›")
    said = span(compared, members[laid.span]) if before or behind else ""
    key = form.fit(f"{left if before else ' '} {said}", laid.key)
    names = form.labels([member.row.name for member in members], laid.column - TITLE, ascii_only)
    cells = [title(compared, member, names[member.place], laid.column, ascii_only) for member in members[laid.span]]
    return ((key, "dim"), *cells, (right if behind else " ", "dim"))


def span(compared: Compared, shown: Sequence[Member]) -> str:
    """Return which of the tasks are in sight."""
    first, last = shown[0].letter, shown[-1].letter
    return f"{first if first == last else f'{first}-{last}'} of {compared.members[-1].letter}"


def title(compared: Compared, member: Member, name: str, width: int, ascii_only: bool) -> Cell:
    """Return what stands above what is shown of a task; the chosen one's looks different."""
    mark = form.status_glyph(member.row.status, ascii_only)
    text = form.fit(f"{member.letter} {mark} {name}", width, ascii_only=ascii_only) + " " * GAP
    return text, "bold accent underline" if member.place == compared.chosen else "bold bright"


def line(key: str, texts: Sequence[str | None], values: Sequence[object] | None = None) -> Line:
    """Return a line of values: one that is as the first task's is dim where the tasks differ, a missing one a dash.

    Args:
        key: what stands at the left.
        texts: what is shown of each task.
        values: by which the tasks differ, where the texts do not say it all.
    """
    values = texts if values is None else values
    differs = len(set(values)) > 1
    roles = ("normal" if not differs else "bright" if value != values[0] else "dim" for value in values)
    return Line(key, tuple(map(_cell, texts, roles)), differs)


def _cell(text: str | None, role: str) -> Cell:
    return (NONE, "dim") if text is None else (form.one_line(text) or '""', role)
