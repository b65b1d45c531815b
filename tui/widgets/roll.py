"""Long lists: the keys that move in one, and a list with a cursor that draws only the lines that changed.

Textual's own lists compute every row and repaint everything at each change. Nothing here knows what a row is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from textual.geometry import Region
from textual.strip import Strip

from .pane import Pane


class Moves:
    """What the keys of the group ``list`` do, over ``move``; for anything that has rows."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def page(self) -> int:
        """How many rows a page key moves by."""
        raise NotImplementedError

    def move(self, by: int) -> None:
        """Move by rows, as far as there are any."""
        raise NotImplementedError

    def action_cursor_down(self) -> None:
        """Next row."""
        self.move(1)

    def action_cursor_up(self) -> None:
        """Previous row."""
        self.move(-1)

    def action_page_down(self) -> None:
        """A screenful down."""
        self.move(self.page)

    def action_page_up(self) -> None:
        """A screenful up."""
        self.move(-self.page)

    def action_cursor_top(self) -> None:
        """First row."""
        self.move(-self.count)

    def action_cursor_bottom(self) -> None:
        """Last row."""
        self.move(self.count)

    def on_mouse_scroll_down(self) -> None:
        """Three rows a notch."""
        self.move(3)

    def on_mouse_scroll_up(self) -> None:
        """Three rows a notch."""
        self.move(-3)


class Roll(Moves, Pane):
    """Rows with a cursor below ``HEAD`` lines of heading. A subclass says how many there are and draws a line."""

    HEAD = 1

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0
        self.top = 0
        self._drawn: dict[int, Strip] = {}
        self._next: dict[int, Strip] = {}
        """Lines drawn to see that they have changed, until they are asked for."""

    def draw(self, y: int) -> Strip:
        """Return a line of the widget as it is now."""
        raise NotImplementedError

    def moved(self) -> None:
        """The cursor stands on another row."""

    @property
    def room(self) -> int:
        """Rows there is room for."""
        return max(self.size.height - self.HEAD, 1)

    @property
    def page(self) -> int:
        """A screenful, less the row one keeps in sight."""
        return max(self.room - 1, 1)

    def index_at(self, y: int) -> int:
        """Return which row stands on a line; one below zero is the heading."""
        return self.top + y - self.HEAD if y >= self.HEAD else -1

    def go(self, to: int) -> None:
        """Put the cursor on a row and that row in sight; nothing is drawn yet."""
        self.cursor = max(0, min(to, self.count - 1))
        self.top = max(0, min(self.top, self.count - self.room))
        self.top = min(max(self.top, self.cursor - self.room + 1), self.cursor)

    def move(self, by: int) -> None:
        """Move the cursor."""
        self.move_to(self.cursor + by)

    def move_to(self, to: int) -> None:
        """Put the cursor on a row, tell of it if it is another one, and draw."""
        was, top = self.cursor, self.top
        self.go(to)
        if self.cursor != was:
            self.moved()
        self.sync((was, self.cursor) if self.top == top else None)

    def sync(self, rows: Iterable[int] | None = None) -> None:
        """Draw again the lines that changed; only some rows may have, where they are given."""
        if not self.is_mounted:
            return
        height = self.size.height
        lines = range(height) if rows is None else [row - self.top + self.HEAD for row in rows]
        for y in lines:
            if 0 <= y < height and (strip := self.draw(y)) != self._next.get(y, self._drawn.get(y)):
                self._next[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def refresh(self, *regions: Region, **what: bool) -> Self:
        """Have lines drawn; where no region is named, all of them anew."""
        if not regions:
            self._next.clear()
        return super().refresh(*regions, **what)

    def render_line(self, y: int) -> Strip:
        """Draw a line, and remember it."""
        strip = self._drawn[y] = self._next.pop(y) if y in self._next else self.draw(y)
        return strip.apply_style(self.base)

    def on_resize(self) -> None:
        """Everything is drawn anew."""
        self._drawn.clear()
        self._next.clear()
        self.go(self.cursor)
        self.sync()

    def on_focus(self) -> None:
        """The heading and the cursor show it."""
        self.sync()

    def on_blur(self) -> None:
        """The heading and the cursor show it."""
        self.sync()
