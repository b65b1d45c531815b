"""Keys one at a time, each where the one before it has led.

Textual hands every key to what has the focus when the key is read. Keys that arrive in one read, as they do over a slow
link or when a person types ahead, are then all meant for the old focus: ``/draft`` opened the filter and let ``d``,
``r`` and ``a`` act on the table below. Here a key waits until the one before it has been handled, by following it from
the widget it went to up to the app, and until a verb it has started has asked what it asks or the rows it wants are
there: ``/status:failed``, Enter, ``R`` resets one that failed, however fast it is typed.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from textual.events import Key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.message_pump import MessagePump

PATIENCE = 1.0
"""Seconds after which a key is no longer waited for: what handled it may have been closed meanwhile, or hang. The first
task that is opened takes half a second on a busy machine."""
LOOK = 0.01
"""Seconds between two looks at whether it is there."""


class TypedAhead:
    """The keys that wait.

    Args:
        app: the app.
        deliver: hands a key on, as Textual does.
        settling: whether what a key has led to is not on the screen yet.
    """

    def __init__(
        self, app: App[Any], deliver: Callable[[Key], Awaitable[None]], settling: Callable[[], bool] = lambda: False
    ) -> None:
        self._app = app
        self._deliver = deliver
        self._settling = settling
        self._waiting: deque[Key] = deque()
        self._under_way: float | None = None

    async def add(self, key: Key) -> None:
        """Hand a key on, or let it wait for the one under way."""
        self._waiting.append(key)
        if self._under_way is None or time.monotonic() - self._under_way > PATIENCE:
            await self._next()

    async def _next(self) -> None:
        began = self._under_way
        if began is not None and self._settling() and time.monotonic() - began < PATIENCE:
            self._app.set_timer(LOOK, self._next)
            return
        self._under_way = None
        if self._waiting:
            self._under_way = time.monotonic()
            target = self._app.focused or self._app.screen
            await self._deliver(self._waiting.popleft())
            self._follow(target)

    def _follow(self, node: MessagePump | None) -> None:
        """Come after the key in the queue of each node it bubbles through; last in the app's, twice.

        The first time in the app's queue is behind the key itself, the second behind the change of focus it asked for.
        """
        if node is None or node is self._app:
            self._app.call_later(self._app.call_later, self._next)
        elif not node.call_later(self._follow, node._parent):
            self._follow(None)
