"""A titled list of a few things, each drawn by itself: a line is made when it is in sight, and sent when it changed.

Which thing is under the cursor is remembered by its key, so that the cursor stays on it when others come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui import keymap

from .lines import Row
from .roll import Roll

ABOUT_NOTHING = 2
"""Lines that say why there is nothing."""


@dataclass(frozen=True)
class Item:
    """A line: the key of what it shows, and its pieces for a width."""

    key: str
    draw: Callable[[int], Row]


class Board(Roll):
    """A title and the lines below it."""

    TITLE = ""
    KEYS = "board"
    """The name under which its own keys stand in the key table."""
    BINDINGS: ClassVar[Any] = keymap.bindings("list", "board")
    known = reactive(False)

    class Moved(Message):
        """The cursor stands on another line, or on one that changed."""

    class Asked(Message):
        """A key asked for something to be done to what is under the cursor."""

        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

    def __init__(self) -> None:
        super().__init__()
        self.items: Sequence[Item] = ()

    @property
    def task_id(self) -> str:
        """The task that the line under the cursor is about; empty if there is none."""
        return ""

    def about(self) -> str:
        """Return what is said of the line under the cursor."""
        return ""

    @property
    def count(self) -> int:
        """Lines below the title."""
        return len(self.items)

    @property
    def key(self) -> str:
        """The key of what is under the cursor; empty if there is nothing."""
        return self.items[self.cursor].key if self.cursor < len(self.items) else ""

    def put(self, items: Sequence[Item]) -> None:
        """Show other lines; the cursor stays on its thing, or else in its place."""
        key, height = self.key, self.count
        self.items, self.known = items, True
        self.go(next((index for index, item in enumerate(items) if item.key == key), self.cursor))
        if self.count != height:
            self.refresh(layout=True)
        self.sync()
        self.moved()

    def moved(self) -> None:
        """Tell the screen."""
        self.post_message(self.Moved())

    def action_open(self) -> None:
        """Open what is under the cursor."""
        self.post_message(self.Asked("open"))

    def action_ask(self, word: str) -> None:
        """Have something done to what is under the cursor."""
        self.post_message(self.Asked(word))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The title and one line a thing, or those that say why there is none."""
        return self.HEAD + (self.count or ABOUT_NOTHING)

    def draw(self, y: int) -> Strip:
        """Return the title, a line, or what is said where there is none."""
        width = self.size.width
        if y < self.HEAD:
            style = self.look.style("bold accent" if self.has_focus else "bold dim")
            return Strip([Segment(self.TITLE, style)]).adjust_cell_length(width)
        if not self.items:
            return self.nothing(y - self.HEAD)
        index = self.index_at(y)
        return self._line(index) if index < self.count else Strip.blank(width)

    def _line(self, index: int) -> Strip:
        here, width = index == self.cursor, self.size.width
        ground = (" on cursor" if self.has_focus else " on idle_cursor") if here else ""
        mark = (">" if self.look.ascii else "▌") if here else " "
        segments = [Segment(f"{mark} ", self.look.style("accent" + ground))]
        for text, role in self.items[index].draw(width - 2):
            plain = str(role).split(" on ")[0] if here else str(role)
            segments.append(Segment(text, self.look.style(plain + ground)))
        return Strip(segments).adjust_cell_length(width, self.look.style("normal" + ground))
