"""One of a few: the queue to wait in."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui import keymap
from tui.format import fit
from tui.widgets.bar import look_of

from .base import Dialog


class Choices(Widget, can_focus=True):
    """A short list of (name, remark) with a cursor."""

    BINDINGS: ClassVar[Any] = keymap.bindings("list")
    cursor: reactive[int] = reactive(0)

    def __init__(self, rows: list[tuple[str, str]], cursor: int = 0) -> None:
        super().__init__()
        self.rows = rows
        self.set_reactive(Choices.cursor, cursor)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line a row."""
        return len(self.rows)

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        top = max(0, self.cursor - self.size.height + 1)
        width = self.size.width
        if top + y >= len(self.rows):
            return Strip.blank(width)
        look, (name, remark) = look_of(self), self.rows[top + y]
        here = top + y == self.cursor
        ground = " on cursor" if here else ""
        right = fit(remark, min(16, width // 3), "right")
        left = fit(name, width - len(right) - 3)
        mark = ">" if look.ascii else "▌"
        return Strip([
            Segment(f"{mark if here else ' '} ", look.style(f"accent{ground}")),
            Segment(left, look.style(f"{'bright' if here else 'normal'}{ground}")),
            Segment(f"{right} ", look.style(f"dim{ground}")),
        ])  # fmt: skip

    def _go(self, to: int) -> None:
        self.cursor = max(0, min(to, len(self.rows) - 1))

    def action_cursor_down(self) -> None:
        """Next row."""
        self._go(self.cursor + 1)

    def action_cursor_up(self) -> None:
        """Previous row."""
        self._go(self.cursor - 1)

    def action_page_down(self) -> None:
        """A screenful down."""
        self._go(self.cursor + self.size.height)

    def action_page_up(self) -> None:
        """A screenful up."""
        self._go(self.cursor - self.size.height)

    def action_cursor_top(self) -> None:
        """First row."""
        self._go(0)

    def action_cursor_bottom(self) -> None:
        """Last row."""
        self._go(len(self.rows))


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
