"""A few lines of text, drawn as they are."""

from __future__ import annotations

from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class TextLines(Widget):
    """Lines of text, each cut at the edge; a subclass says which.

    Textual's own way to draw a text notes in every style where it stands, so that a mouse can select it: of a line that
    changes with each report that was most of the work.
    """

    _lines: tuple[Strip, ...] = ()

    def text(self) -> Text:
        """Return the lines, parted by line breaks."""
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines; what they say is asked for once."""
        self._lines = tuple(self._strip(line) for line in self.text().split("\n", allow_blank=True))
        return super().render_lines(crop)

    def _strip(self, line: Text) -> Strip:
        base = self.rich_style
        return Strip(line.render(self.app.console)).adjust_cell_length(self.size.width, base).apply_style(base)

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)
