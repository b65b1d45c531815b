"""A pane of lines that only ever makes the ones in sight: console, diff, overview, history and tables of text.

A row is a tuple of pieces, text with a role; the theme gives a role its look. The pane draws its own one-column
scroll bar, because Textual's repaints the whole pane. Rows must hold text that went through ``safe_text`` already;
``shown`` does that. Nothing here knows the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip

from store.safe import safe_text
from tui.keymap import bindings

from .pane import Pane
from .roll import Moves

Piece = tuple[str, str | Style]
Row = tuple[Piece, ...]

LONGEST = 20_000
"""Characters of one line that are kept for showing; a line of megabytes would stop the screen."""


def shown(text: object, role: str | Style = "", limit: int = LONGEST) -> Piece:
    """Return a piece of somebody's text, made harmless and kept to one line."""
    return (safe_text(str(text), limit, one_line=True), role)


class LinesView(Moves, Pane):
    """Shows rows from ``row(i)`` for ``i`` below ``count``; subclasses say where rows come from."""

    DEFAULT_CSS = "LinesView { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", "lines")]
    wrap: reactive[bool] = reactive(False)

    def __init__(self, rows: Sequence[Row] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: Sequence[Row] = rows
        self.top, self.sub, self.left = 0, 0, 0
        self.cursor: int | None = None
        self._strips: dict[int, Strip] = {}
        self._laid: tuple[tuple[int, ...], list[tuple[int, int]]] = ((), [])

    # -- where rows come from -------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._rows)

    def row(self, index: int) -> Row | None:
        """Return a line, None while it is being fetched."""
        return self._rows[index]

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows at the same place, as far as there are that many; only rows that differ are drawn again."""
        before, self._rows = self._rows, rows
        if len(before) != len(rows) or self.wrap:
            self.changed()
            return
        for y, (index, _) in enumerate(self._layout()):
            if before[index] != rows[index]:
                self.refresh(Region(0, y, self.size.width, 1))
        self._strips.clear()

    def changed(self) -> None:
        """Take note that rows or their number changed: keep the place, redraw."""
        self._strips.clear()
        self._laid = ((), [])
        self._hold()
        self.refresh()

    def draw_anew(self) -> None:
        """Make the lines anew: they keep the colours they were made in."""
        self._strips.clear()
        super().draw_anew()

    # -- drawing --------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        """Columns for text: one is the scroll bar's."""
        return max(1, self.size.width - 1)

    @property
    def height(self) -> int:
        """Rows in sight."""
        return max(1, self.size.height)

    def strip(self, index: int) -> Strip:
        """Return a whole line as cells, as long as it is."""
        kept = self._strips.get(index)
        if kept is None:
            row = self.row(index)
            if row is None:
                return Strip([Segment("…", self.style("dim"))])
            kept = self._strips[index] = Strip([Segment(text, self.style(role)) for text, role in row if text])
            if len(self._strips) > 2000:
                self._strips.clear()
        return kept

    def rows_of(self, index: int) -> int:
        """Return how many rows of the screen a line takes."""
        return max(1, -(-self.strip(index).cell_length // self.columns)) if self.wrap else 1

    def _layout(self) -> list[tuple[int, int]]:
        """Which line, and which row of it, stands on each row of the screen."""
        key = (self.top, self.sub, self.count, self.height, self.columns, self.wrap)
        if self._laid[0] != key:
            places: list[tuple[int, int]] = []
            index, sub = self.top, self.sub
            while len(places) < self.height and index < self.count:
                places += [(index, row) for row in range(sub, self.rows_of(index))]
                index, sub = index + 1, 0
            self._laid = (key, places[: self.height])
        return self._laid[1]

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if not self.count:
            return self.nothing(y).apply_style(self.base)
        places, width = self._layout(), self.columns
        cells = self._cells(*places[y]) if y < len(places) else [Segment(" " * width)]
        strip = Strip([*cells, self._bar(y)], width + 1)
        return strip.apply_style(self.base).adjust_cell_length(self.size.width, self.base)

    def _cells(self, index: int, sub: int) -> Iterable[Segment]:
        """One row of a line, over all columns for text. Segments, because each strip on the way costs as much again."""
        width, line = self.columns, self.strip(index)
        start = sub * width if self.wrap else self.left
        more = not self.wrap and line.cell_length > start + width
        cut = line.crop(start, start + width - more)
        end = Segment("…", self.style("dim")) if more else Segment(" " * (width - cut.cell_length))
        cells = [*cut, end] if end.text else cut
        if index != self.cursor:
            return cells
        return Segment.apply_style(cells, self.style("on cursor" if self.has_focus else "on idle_cursor"))

    def _bar(self, y: int) -> Segment:
        """The scroll bar's cell on this row; a space while everything is in sight."""
        count, height = self.count, self.height
        if count <= height and not self.sub:
            return Segment(" ")
        size = max(1, height * height // max(1, count))
        place = min(round(self.top / max(1, count - height) * (height - size)), height - size)
        within = place <= y < place + size
        return Segment("┃" if within else " ", self.style("dim"))

    # -- moving ---------------------------------------------------------------------------------------------------

    def go(self, top: int, sub: int = 0) -> None:
        """Put a line at the top, as far as the last page allows."""
        before = (self.top, self.sub)
        self.top, self.sub = max(0, top), sub
        self._hold()
        if (self.top, self.sub) != before:
            self.scrolled()

    def scrolled(self) -> None:
        """Draw what is in sight now."""
        self.refresh()

    def _hold(self) -> None:
        """Never scroll past the end."""
        end = self.end()
        if (self.top, self.sub) > end:
            self.top, self.sub = end
        if self.cursor is not None:
            self.cursor = min(max(0, self.cursor), max(0, self.count - 1))

    def end(self) -> tuple[int, int]:
        """Return the place that shows the last page."""
        return self.above(self.count, self.height)

    def above(self, index: int, rows: int) -> tuple[int, int]:
        """Return the place that lies so many rows of the screen above a line."""
        if not self.wrap:
            return max(0, index - rows), 0
        left = rows
        while index > 0 and left > 0:
            index -= 1
            left -= self.rows_of(index)
        return (index, -left) if left < 0 else (index, 0)

    def scroll_rows(self, by: int) -> None:
        """Scroll by rows of the screen (by lines, where lines are not wrapped)."""
        top, sub = self.top, self.sub + by
        if self.wrap:
            while sub < 0 and top > 0:
                top -= 1
                sub += self.rows_of(top)
            while top < self.count - 1 and sub >= self.rows_of(top):
                sub -= self.rows_of(top)
                top += 1
        else:
            top, sub = top + sub, 0
        self.go(top, max(0, sub))

    def reveal(self, index: int) -> None:
        """Scroll as little as needed to have the line in sight; far away, to the middle."""
        seen = [line for line, _ in self._layout()]
        if index in seen:
            return
        near = bool(seen) and seen[0] - 3 <= index <= seen[-1] + 3
        if not near:
            self.go(*self.above(index, self.height // 2))
        elif index < self.top:
            self.go(index)
        else:
            self.go(*self.above(index + 1, self.height))

    def move(self, by: int) -> None:
        """Move the cursor, or scroll where there is none."""
        if self.cursor is None:
            self.scroll_rows(by)
        else:
            self.put_cursor(self.cursor + by)

    def put_cursor(self, index: int) -> None:
        """Put the cursor on a line and have it in sight."""
        if not self.count:
            return
        self.cursor = min(max(0, index), self.count - 1)
        self.reveal(self.cursor)
        self.refresh()

    @property
    def page(self) -> int:
        """A screenful, less the line one keeps in sight."""
        return max(1, self.height - 1)

    def action_cursor_top(self) -> None:
        """The first line."""
        self.go(0)
        if self.cursor is not None:
            self.put_cursor(0)

    def action_cursor_bottom(self) -> None:
        """The last line."""
        self.go(*self.end())
        if self.cursor is not None:
            self.put_cursor(self.count - 1)

    def action_aside(self, by: int) -> None:
        """Scroll sideways."""
        if self.wrap:
            return
        widest = max((self.strip(index).cell_length for index, _ in self._layout()), default=0)
        self.left = max(0, min(self.left + by, widest - self.columns))
        self.refresh()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.wrap = not self.wrap

    def on_resize(self) -> None:
        """Another size, another layout: what was drawn before this was known may stand elsewhere."""
        self._hold()
        self.refresh()

    def watch_wrap(self) -> None:
        """Wrapped lines start at their first row and column."""
        self.sub, self.left = 0, 0
        self._hold()
        self.refresh()
