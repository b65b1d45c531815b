"""What the compare screen asks of a pane, and the pane that most of its tabs are: a table with a column a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.export.compared import Lines, side_by_side
from tui.export.what import Export
from tui.keymap import bindings, now
from tui.widgets.lines import Row
from tui.widgets.pane import Pane
from tui.widgets.textpane import TextPane

from . import table
from .source import Compared, CompareSource

SAME: Row = (("Nothing differs. = shows what is the same in all of them.", "dim"),)


class ComparePane(Pane):
    """A pane of the compare screen, made with its questions and the widget's id."""

    known = reactive(False)

    class Chose(Message):
        """Another task is to be chosen: the next one (1) or the one before (-1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Opened(Message):
        """The chosen task is to be opened."""

    class Due(Message):
        """What the pane shows has to be looked at again."""

    def take(self, compared: Compared) -> None:
        """Show the tasks as they are now. Called when one changed or was chosen, when opened and when resized."""
        raise NotImplementedError

    def aged(self) -> None:
        """Show what changes with time alone as it is by now."""

    async def look_closer(self, compared: Compared) -> None:
        """Read what is shown beside the details; called before ``take`` while the pane is open."""


class TableTab(TextPane, ComparePane):
    """A table, made anew whenever a task changed; its first line stays while the others scroll."""

    BINDINGS: ClassVar[Any] = bindings("compared")
    HEAD = 1

    def __init__(self, source: CompareSource, *, id: str) -> None:
        TextPane.__init__(self, id=id)
        self.source = source
        self.compared: Compared | None = None
        self._first = 0
        self._heading: Row = ()

    def items(self, compared: Compared) -> Sequence[table.Item]:
        """Return what the table is made of."""
        raise NotImplementedError

    def take(self, compared: Compared) -> None:
        """Lay the table out for the pane's width, the chosen task in sight."""
        self.compared = compared
        items, ascii_only = self.items(compared), self.look.ascii
        names = [member.row.name for member in compared.members]
        laid = table.layout(items, names, self.columns, compared.chosen, self._first)
        self._first = laid.first
        self._heading = table.heading(compared, laid, ascii_only)
        self.show(table.rows(items, laid, ascii_only))

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows at the same place, and the line above them."""
        self._rows = rows
        self.changed()

    # Drawing ----------------------------------------------------------------------------------------------------

    @property
    def height(self) -> int:
        """Rows in sight below the first line."""
        return max(1, self.size.height - self.HEAD)

    def render_line(self, y: int) -> Strip:
        """One row of the screen: the tasks, or a row of the table."""
        if y >= self.HEAD:
            return super().render_line(y - self.HEAD)
        base = self.base
        strip = Strip([Segment(text, self.style(role)) for text, role in self._heading])
        return strip.apply_style(base).adjust_cell_length(self.size.width, base)

    # Keys -------------------------------------------------------------------------------------------------------

    def action_beside(self, by: int) -> None:
        """Choose the task at the right or left."""
        self.post_message(self.Chose(by))

    def action_open_task(self) -> None:
        """Open the chosen task."""
        self.post_message(self.Opened())


class DifferingTab(TableTab):
    """A table of what differs; a key shows what is the same too."""

    BINDINGS: ClassVar[Any] = bindings("differing")

    def __init__(self, source: CompareSource, *, id: str) -> None:
        super().__init__(source, id=id)
        self.whole = False
        """Whether what is the same in all tasks is shown too."""

    def exported(self, name: str, keys: Sequence[str], lines: Callable[[Compared, bool], Lines]) -> Export:
        """Return what can be exported of the table: what differs, or all of it; arguments as of ``side_by_side``."""
        assert self.compared is not None, "a pane is asked when it is known"
        none = f"Nothing differs that could be exported. {now('compare.whole')} shows what is the same too."
        return side_by_side(name, keys, self.compared.members, partial(lines, self.compared, self.whole), none)

    def action_whole(self) -> None:
        """Show everything, or only what differs."""
        self.whole = not self.whole
        if self.compared is not None:
            self.take(self.compared)
        self.note()

    def caption(self) -> str:
        """Whether all of it is shown."""
        return "  ".join(part for part in ("everything" if self.whole else "what differs", super().caption()) if part)
