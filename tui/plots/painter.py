"""From what is stored to rows, off the event loop; what was read and drawn is kept, so going back costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.charts.cache import Kept

from .cells import Terminal
from .draw import Drawn

T = TypeVar("T")
Read = Callable[[str, str, int], Awaitable[T | None]]
"""Returns what is stored under a title and series at an iteration, None if it is not there any more."""
Draw = Callable[[T | None, int, int, Terminal], Drawn]
"""Draws it for a width and a height; called in a thread."""


@dataclass(frozen=True)
class View:
    """A plot, or a sample, at an iteration as it is to be drawn; ``time`` changes when it was reported again."""

    title: str
    series: str
    iteration: int
    time: float
    width: int
    height: int
    terminal: Terminal


class Painter(Generic[T]):
    """Draws views, each once."""

    def __init__(self, read: Read[T], draw: Draw[T]) -> None:
        self._read, self._draw = read, draw
        self._payloads: Kept[T] = Kept(8)
        self._drawn: Kept[Drawn] = Kept(16)

    def find(self, view: View) -> Drawn | None:
        """Return what was drawn of a view, None if nothing was yet."""
        return self._drawn.find(view)

    async def paint(self, view: View) -> None:
        """Draw a view unless it is drawn already.

        Raises:
            StoreUnusable: it cannot be read now.
        """
        if self._drawn.find(view) is not None:
            return
        payload = await self.payload(view)
        made = await asyncio.to_thread(self._draw, payload, view.width, view.height, view.terminal)
        self._drawn.put(view, made)

    async def payload(self, view: View) -> T | None:
        """Return what is stored of a view, None if it is not there any more.

        Raises:
            StoreUnusable: it cannot be read now.
        """
        which = (view.title, view.series, view.iteration, view.time)
        payload = self._payloads.find(which)
        if payload is None:
            payload = await self._read(*which[:3])
            if payload is not None:
                self._payloads.put(which, payload)
        return payload
