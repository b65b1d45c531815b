"""From stored figures to rows, off the event loop; what was read and drawn is kept, so going back costs nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from tui.charts.cache import Kept

from .cells import Terminal
from .draw import Drawn, drawn


class Source(Protocol):
    """Where the figures come from; runs off the event loop."""

    async def figure(self, title: str, series: str, iteration: int) -> bytes | None:
        """Return a plot as it is stored, None if it is not there any more."""
        ...


@dataclass(frozen=True)
class View:
    """A plot at an iteration as it is to be drawn; ``time`` changes when it was reported again."""

    title: str
    series: str
    iteration: int
    time: float
    width: int
    height: int
    terminal: Terminal


class Painter:
    """Draws views, each once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._payloads: Kept[bytes] = Kept(8)
        self._drawn: Kept[Drawn] = Kept(16)

    def find(self, view: View) -> Drawn | None:
        """Return what was drawn of a view, None if nothing was yet."""
        return self._drawn.find(view)

    async def paint(self, view: View) -> None:
        """Draw a view unless it is drawn already."""
        if self._drawn.find(view) is not None:
            return
        which = (view.title, view.series, view.iteration, view.time)
        payload = self._payloads.find(which)
        if payload is None:
            payload = await self._source.figure(*which[:3])
            if payload is not None:
                self._payloads.put(which, payload)
        made = await asyncio.to_thread(drawn, payload, view.width, view.height, view.terminal)
        self._drawn.put(view, made)
