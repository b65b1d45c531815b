"""The debug samples of a task: as the plots, with pictures in colours of their own.

A key shows the chosen picture in its own pixels, by the terminal's graphics: over the whole terminal, for as long as
the dashboard does not draw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import lru_cache
from typing import ClassVar

from rich.color import Color
from rich.style import Style
from textual.binding import BindingType

from store.errors import LabtopError
from tui import external
from tui import format as form
from tui.keymap import bindings
from tui.pictures.decode import Unreadable
from tui.pictures.draw import ALONE, PICTURE
from tui.pictures.graphics import still
from tui.pictures.terminal import room
from tui.plots.cells import Terminal
from tui.plots.draw import Drawn
from tui.plots.painter import View

from .bar import labtop_of
from .plots import Listed, Plots, name_of

BACK = "any key goes back"


class Samples(Plots):
    """The list and the chosen sample. In sixteen colours a picture is a ramp, as it is without any."""

    DEFAULT_CSS = "Samples { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("samples")]

    @property
    def terminal(self) -> Terminal:
        """What pictures may be made of."""
        return Terminal(self.look.ascii, self.look.colour and self.look.scheme != "16")

    def _role(self, role: int) -> Style:
        return _two_colours(role) if role >= PICTURE else super()._role(role)

    def told(self) -> list[str] | None:
        """Which sample this is, and what is said of it: a picture of characters says nothing to those who hear it."""
        plot = self.plot
        if plot is None:
            return None
        at, kept, place = self.at, len(plot.iterations), f"sample {self.chosen + 1} of {len(self.plots)}"
        head = f"{name_of(plot)}, {place}, iteration {plot.iterations[at]}, {at + 1} of {kept}"
        return [head, *self.told_of(plot)]

    def told_of(self, plot: Listed) -> Iterator[str]:
        """Yield what is said of the chosen sample."""
        yield words_of(self._shown)

    def action_view(self) -> None:
        """Show the chosen picture in its own pixels until the next key."""
        view = self._view()
        if view is not None:
            self.run_worker(self._look(view), group="view", exclusive=True)

    async def _look(self, view: View) -> None:
        """Show a picture, unless one has gone elsewhere while it was read."""
        app = labtop_of(self)
        try:
            here = room(external.terminal(app))
            sample, line = await self.painter.payload(view), self._below(view, here.columns)
            made = await asyncio.to_thread(still, sample, line, here, app.user_settings.graphics)
            if self.has_focus and self.screen.is_current:
                external.show(app, *made)
        except (LabtopError, Unreadable) as error:
            self.post_message(self.Refused(str(error)))

    def title_of(self, view: View) -> str:
        """Return what a picture is called that has the terminal to itself."""
        return f"{name_of(view)}  iteration {view.iteration}"

    def _below(self, view: View, columns: int) -> bytes:
        what = form.fit(self.title_of(view), columns - len(BACK) - 3, ascii_only=self.look.ascii)
        return f"{what.rstrip()}  {BACK}".encode("ascii" if self.look.ascii else "utf-8", "replace")


def words_of(drawn: Drawn) -> str:
    """Return what is said of a drawn sample beside its picture."""
    head = (run.text for row in drawn.head for run in row)
    return "  ".join((*head, *drawn.words))


@lru_cache(4096)
def _two_colours(role: int) -> Style:
    return Style(color=_colour(role >> 24), bgcolor=None if role & ALONE else _colour(role))


def _colour(number: int) -> Color:
    return Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
