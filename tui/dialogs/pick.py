"""One of a few: the queue to wait in."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.strip import Strip

from tui import keymap
from tui.format import fit
from tui.widgets.roll import Roll

from .base import Dialog


class Choices(Roll):
    """A short list of (name, remark) with a cursor."""

    BINDINGS: ClassVar[Any] = keymap.bindings("list")
    HEAD = 0

    def __init__(self, choices: list[tuple[str, str]], cursor: int = 0) -> None:
        super().__init__()
        self.choices = choices
        self.cursor = cursor

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.choices)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line a row."""
        return self.count

    def draw(self, y: int) -> Strip:
        """Return a row."""
        index, width = self.index_at(y), self.size.width
        if index >= self.count:
            return Strip.blank(width)
        name, remark = self.choices[index]
        here = index == self.cursor
        ground = " on cursor" if here else ""
        right = fit(remark, min(16, width // 3), "right")
        mark = ">" if self.look.ascii else "▌"
        return Strip([
            Segment(f"{mark if here else ' '} ", self.style(f"accent{ground}")),
            Segment(fit(name, width - len(right) - 3), self.style(f"{'bright' if here else 'normal'}{ground}")),
            Segment(f"{right} ", self.style(f"dim{ground}")),
        ])  # fmt: skip


class PickDialog(Dialog[str]):
    """Answers the chosen name at Enter, None at ``Esc``."""

    AUTO_FOCUS = "Choices"
    BINDINGS: ClassVar[Any] = [Binding("enter", "choose", "choose", show=False)]

    def __init__(self, title: str, text: str, rows: list[tuple[str, str]], selected: str = "") -> None:
        super().__init__(title, text, (("Enter", "choose"), ("Esc", "leave it")))
        self.rows = rows
        names = [name for name, _ in rows]
        self.start = names.index(selected) if selected in names else 0

    def answer(self) -> ComposeResult:
        """Yield the list."""
        yield Choices(self.rows, self.start)

    def action_choose(self) -> None:
        """Answer with the row under the cursor."""
        self.dismiss(self.rows[self.query_one(Choices).cursor][0])
