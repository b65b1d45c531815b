"""The store, for screens: queries and commands in threads; what changes is told by ``Following``.

Both import ``store``'s SQL floor nowhere but inside functions that run in those threads: SQLModel costs twice the whole
of Textual and must not delay the first picture.
Queries get a connection of their own for a moment and give back plain tuples and records; none is kept over a wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from store import who
from store.errors import LabtopError, StoreUnusable
from store.paths import Location

from .following import PACE, Following
from .messages import StoreWaits
from .sync import Sync
from .undo import History, Step

if TYPE_CHECKING:
    from textual.message import Message

    from store.engine import Store
    from store.records import Load
    from store.undo import Change, Move

T = TypeVar("T")
READ_ONLY = "Cannot change anything: this dashboard is open read-only."
WAITS = 1.5
"""Seconds that a change may wait for somebody else's before that is said."""
WAITING = (
    "Waiting to write to the store {}: another program holds it locked; `capture doctor` names who. This goes on by "
    "itself, or is given up within a minute."
)


class Data(Following):
    """The store, for screens.

    Args:
        location: where it is.
        read_only: refuse every change.
        post: hands a message to the app, from any thread.
        wanted: whether answers still are; once the app leaves, its screens come apart and nobody may touch them.
        pace: least seconds between two ``StoreChanged``.
    """

    def __init__(
        self,
        location: Location,
        read_only: bool,
        post: Callable[[Message], object],
        wanted: Callable[[], bool] = lambda: True,
        pace: float = PACE,
    ) -> None:
        super().__init__(location, read_only, post, pace)
        self.by = who.by()
        self._wanted = wanted
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="query")
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="change")
        """Apart, so that a change that waits for somebody else's keeps no query waiting."""
        self._changes = 0
        self.sync = Sync(location)
        self.running = 0
        """Queries and commands under way."""
        self.history = History(self._put_back)
        """What was done here, to be undone."""

    def close(self) -> None:
        """Stop watching and close the store; does not wait for queries that still run."""
        super().close()
        for pool in (self._pool, self._writing):
            pool.shutdown(wait=False, cancel_futures=True)

    async def read(self, query: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run ``query(connection, …)`` in a thread and return its result.

        Raises:
            StoreUnusable: there is no answer; a ``StoreOpened`` follows when it may be asked for again.
            LabtopError: what the query says (unknown id, bad filter).
        """

        def work() -> T:
            store = self._opened()
            try:
                with store.read() as connection:
                    return query(connection, *args, **kwargs)
            except StoreUnusable as error:
                if store is not self._opened():  # opened anew meanwhile: nobody will say so again
                    return work()
                self._missed = str(error)
                raise

        return await self._in_thread(work)

    async def command(self, name: str, /, *args: Any, step: Step | None = None, **kwargs: Any) -> Any:
        """Run ``store.commands.NAME(store, …, by=us)`` in a thread, and note how to undo it (as part of a step).

        Raises:
            LabtopError: why it was refused; ``StoreUnusable`` where the dashboard is read-only.
        """

        def work() -> tuple[Any, list[Change]]:
            from store import commands
            from store.undo import witnessed

            return witnessed(self._writable(), getattr(commands, name), *args, by=self.by, **kwargs)

        answer, changes = await self._changed(work)
        self.history.note(name, kwargs, changes, step)
        return answer

    async def commands(
        self, name: str, /, tasks: Mapping[str, Mapping[str, Any]], step: Step, **kwargs: Any
    ) -> list[Any]:
        """Run a command on the first of several tasks, as many as one transaction may take, as parts of a step.

        Args:
            name: the command.
            tasks: the ids, each with the options that it alone has.
            step: to which they belong.
            kwargs: the options that all of them have.

        Returns:
            For each of those its answer, or the ``LabtopError`` it refused with.

        Raises:
            LabtopError: as ``command``, where none of them could be asked.
        """

        def work() -> list[Any]:
            from store import commands
            from store.undo import witnessed_each

            return witnessed_each(self._writable(), getattr(commands, name), tasks, by=self.by, **kwargs)

        found = await self._changed(work)
        for answer in found:
            if not isinstance(answer, LabtopError):
                self.history.note(name, kwargs, answer[1], step)
        return [answer if isinstance(answer, LabtopError) else answer[0] for answer in found]

    async def steer(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Run ``store.queues.NAME(store, …)`` in a thread.

        Raises:
            LabtopError: as ``command``.
        """

        def work() -> Any:
            from store import queues

            return getattr(queues, name)(self._writable(), *args, **kwargs)

        return await self._changed(work)

    async def load(self) -> Load:
        """Return how busy this machine is, and the disk the store is on."""

        def work() -> Load:
            from store.load import load

            return load(self.location.home)

        return await self._in_thread(work)

    async def _put_back(self, moves: Sequence[Move], word: str) -> list[LabtopError | None]:
        def work() -> list[LabtopError | None]:
            from store.undo import put_back_each

            return put_back_each(self._writable(), moves, by=self.by, word=word)

        return await self._changed(work)

    async def _changed(self, work: Callable[[], T]) -> T:
        """Run what changes the store in a thread; that it waits for somebody else is told, and when that is over."""
        told = asyncio.get_running_loop().call_later(WAITS, self._tell_of_waiting)
        self._changes += 1
        try:
            return await self._in_thread(work, self._writing)
        finally:
            if self._feed is not None:
                self._feed.rouse()
            told.cancel()
            self._changes -= 1
            if not self._changes:
                self._post(StoreWaits(""))

    def _tell_of_waiting(self) -> None:
        if self._store is not None and self._store.waits:
            self._post(StoreWaits(WAITING.format(self.location.shown)))

    def _writable(self) -> Store:
        if self.read_only:
            raise StoreUnusable(READ_ONLY)
        return self._opened()

    async def _in_thread(self, work: Callable[[], T], pool: ThreadPoolExecutor | None = None) -> T:
        self.running += 1
        try:
            answer = await asyncio.get_running_loop().run_in_executor(pool or self._pool, work)
        finally:
            self.running -= 1
            if not self._wanted():
                raise asyncio.CancelledError
        return answer
