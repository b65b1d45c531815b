"""Keys one at a time, each where the one before it has led.

Textual hands every key to what has the focus when the key is read. Keys that arrive in one read, as they do over a slow
link or when a person types ahead, are then all meant for the old focus: ``/draft`` opened the filter and let ``d``,
``r`` and ``a`` act on the table below. Here a key waits until the one before it has been handled, by following it from
the widget it went to up to the app, and what it has said on the way as well; and until a verb it has started has asked
what it asks or the rows it wants are there: ``/status:failed``, Enter, ``R`` resets one that failed, however fast it is
typed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.events import Callback, Key

from .later import later

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.message_pump import MessagePump

PATIENCE = 1.0
"""Seconds after which a key is no longer waited for: what handled it may have been closed meanwhile, or hang. The first
task that is opened takes half a second on a busy machine."""
OPENS = 2.0
"""The same for what is typed before there is anything to see."""
LOOK = 0.01
"""Seconds between two looks at whether it is there."""
LAPS = 8
"""How often a key's way is gone once more while there are messages on it. An Enter becomes a message of the line, that
one of what holds the line, that one a change of focus: each lap is behind one of them at least."""


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
        self._under_way: Key | None = Key("", None)
        """At first none of the keyboard's: opening the app."""

    def begin(self) -> None:
        """The app is there: keys wait no more, but for what it is about to show first.

        Enter is a line's end to a terminal that is not yet read key by key.
        """
        for key in self._waiting:
            if key.key == "ctrl+j":
                key.key, key.character = "enter", "\r"
        if self._under_way is not None:
            later(self._app, OPENS, partial(self._done, self._under_way))
            self._follow(self._under_way, self._app, self._app, LAPS)

    async def add(self, key: Key) -> None:
        """Hand a key on, or let it wait for the one under way."""
        self._waiting.append(key)
        if self._under_way is None:
            await self._next()

    async def _next(self) -> None:
        self._under_way = self._waiting.popleft() if self._waiting else None
        if self._under_way is not None:
            key, target = self._under_way, self._app.focused or self._app.screen
            later(self._app, PATIENCE, partial(self._done, key))
            await self._deliver(key)
            self._follow(key, target, target, LAPS)

    async def _done(self, key: Key) -> None:
        if key is self._under_way:
            await self._next()

    def _follow(self, key: Key, start: MessagePump, node: MessagePump | None, laps: int) -> None:
        """Come after the key in the queue of each node it bubbles through; last in the app's, twice.

        The first time in the app's queue is behind the key itself, the second behind the change of focus it asked for.
        """
        if node is None or node is self._app:
            _behind(self._app, _behind, self._app, self._arrived, key, start, laps)
        elif not _behind(node, self._follow, key, start, node._parent, laps):
            self._follow(key, start, None, laps)

    async def _arrived(self, key: Key, start: MessagePump, laps: int) -> None:
        if key is not self._under_way:  # no longer waited for
            return
        if laps and any(node.message_queue_size for node in _way(start)):
            self._follow(key, start, start, laps - 1)
        elif self._settling():
            later(self._app, LOOK, partial(self._arrived, key, start, LAPS))
        else:
            await self._next()


class _Call(partial[Any]):
    """A call of which Textual knows that it takes nothing more: at each ``call_later`` it looks a signature up anew."""

    _param_count = 0


def _behind(node: MessagePump, call: Callable[..., object], *arguments: object) -> bool:
    """Call something behind what is in the queue of a node; False where nothing is taken any more."""
    return node.post_message(Callback(_Call(call, *arguments)))


def _way(node: MessagePump | None) -> Iterator[MessagePump]:
    while node is not None:
        yield node
        node = node._parent
