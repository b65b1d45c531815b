"""The debug samples of a task: as the plots, with pictures in colours of their own."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.style import Style

from tui.pictures.draw import ALONE, PICTURE
from tui.plots.cells import Terminal

from .plots import Plots


class Samples(Plots):
    """The list and the chosen sample. In sixteen colours a picture is a ramp, as it is without any."""

    DEFAULT_CSS = "Samples { height: 1fr; width: 1fr; }"

    @property
    def terminal(self) -> Terminal:
        """What pictures may be made of."""
        return Terminal(self.look.ascii, self.look.colour and self.look.scheme != "16")

    def _role(self, role: int) -> Style:
        return _two_colours(role) if role >= PICTURE else super()._role(role)


@lru_cache(4096)
def _two_colours(role: int) -> Style:
    return Style(color=_colour(role >> 24), bgcolor=None if role & ALONE else _colour(role))


def _colour(number: int) -> Color:
    return Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
