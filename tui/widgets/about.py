"""Two lines of what there is to say of what is under the cursor."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from tui import format as form

from .bar import look_of


class About(Widget):
    """A sentence or two, wrapped."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""

    def show(self, sentence: str) -> None:
        """Show a text, drawn again only if it is another one."""
        sentence = form.one_line(sentence, 600)
        if sentence != self.sentence:
            self.sentence = sentence
            self.refresh()

    def render(self) -> Text:
        """Draw it."""
        return Text(self.sentence, style=look_of(self).style("normal"))
