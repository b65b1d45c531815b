"""What every pane has: the look of the terminal, a title that shows the focus, and what it tells its screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.export.what import NOTHING, Export
from tui.format import AWAY
from tui.look import Look

from .bar import labtop_of, look_of


class Pane(Widget, can_focus=True):
    """A part of a screen that has the keys while it is focused."""

    class Noted(Message):
        """The caption changed."""

    class Refused(Message):
        """Something is not possible; ``sentence`` says why and what to do."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    blank = ""
    """One sentence for a pane with nothing in it: what would be here, and what brings it."""
    known: reactive[bool] = reactive(True)
    """Whether what is shown here has been read; before, nobody knows that there is nothing."""

    base = Style.null()
    """What lies under the lines that are being drawn."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines; what lies under them is asked for once, not for each: it took a seventh of a console's frame."""
        self.base = self.rich_style
        return super().render_lines(crop)

    def read_again(self) -> None:
        """Ask again for what is not shown as it should be: the store is back, or the look is another."""

    def draw_anew(self) -> None:
        """Draw all of it anew: things are shown in another way than before."""
        self.refresh()
        self.read_again()

    @property
    def away(self) -> str:
        """A sentence in the place of what cannot be read, while the store is away."""
        return AWAY if labtop_of(self).banner else ""

    def say_blank(self, sentence: str) -> None:
        """Say another sentence while there is nothing in the pane."""
        if sentence != self.blank:
            self.blank = sentence
            self.refresh()

    def why_blank(self) -> str:
        """Return what is said while there is nothing in the pane."""
        return self.blank

    def nothing(self, y: int) -> Strip:
        """Return a line of an empty pane."""
        width = self.size.width
        lines = textwrap.wrap(self.why_blank() if self.known else self.away, max(width - 1, 8))
        return Strip([Segment(lines[y] if y < len(lines) else "", self.style("dim"))]).adjust_cell_length(width)

    def caption(self) -> str:
        """Return what the screen says of the pane beside its title."""
        return ""

    def told(self) -> Iterable[str] | None:
        """Return what is read out in the place of the drawn lines; None: those say it as well."""
        return None

    def leave(self) -> bool:
        """Step back inside the pane; False when there is nothing to leave."""
        return False

    def export(self) -> Export | str:
        """Return what can be exported of what is shown, or why nothing can."""
        return NOTHING

    def note(self) -> None:
        """Tell that the caption changed."""
        if self.is_attached:
            self.post_message(self.Noted())

    @property
    def look(self) -> Look:
        """How things are shown on this terminal."""
        return look_of(self)

    def style(self, role: str | Style) -> Style:
        """Return the style of a role: a name that ``Look.style`` knows, or a style as it is."""
        return role if isinstance(role, Style) else self.look.style(role)

    def on_focus(self) -> None:
        """Title and cursor look different in the focused pane."""
        self.refresh()

    def on_blur(self) -> None:
        """See ``on_focus``."""
        self.refresh()
