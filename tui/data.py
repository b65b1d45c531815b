"""The store behind the screens: opened in a thread after the first paint, queried in threads, watched by a thread.

The only module of the dashboard that touches ``store``'s SQL floor, and it imports it nowhere but inside functions that
run in those threads: SQLModel costs twice the whole of Textual and must not delay the first picture. Queries get a
connection of their own for a moment and give back plain tuples and records; none is kept over a wait.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from store import who
from store.errors import LabtopError, StoreUnusable
from store.paths import Location, nowhere

from .messages import (
    Noticed,
    StoreAbsent,
    StoreChanged,
    StoreLost,
    StoreOpened,
    StoreWaits,
)
from .sync import Sync
from .undo import History, Step

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from textual.message import Message

    from store.changes import Feed
    from store.engine import Store
    from store.records import Changes, Load, SeriesKey
    from store.undo import Change, Move

    from .notices.lookout import Lookout

T = TypeVar("T")
READ_ONLY = "Cannot change anything: this dashboard is open read-only."
PACE, PACE_OVER_SSH = 0.25, 0.5
"""Least seconds between two ``StoreChanged``: a second frame in the time of an echo would be seen by nobody."""
LONGEST_TRUST = 60.0
WAITS = 1.5
"""Seconds that a change may wait for somebody else's before that is said."""
WAITING = (
    "Waiting to write to the store {}: another program holds it locked; `capture doctor` names who. This goes on by "
    "itself, or is given up after 30 s."
)
RETRY = 1.0
"""Seconds between two attempts to read a store that was lost."""


class Data:
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
        self.location = location
        self.read_only = self._only_looking = read_only
        self.absent = False
        """Whether there is no store yet."""
        self.unusable = ""
        """Why the store cannot be opened; empty where it is, or was not tried yet."""
        self.by = who.by()
        self.metric: SeriesKey | None = None
        """The metric column of changed rows; set by the home screen."""
        self.beside: Callable[[Connection, Changes], object] | None = None
        """What the screen in sight reads with each change, in the feed's thread: one frame shows both; set by it."""
        self.rev = 0
        self.noticing = True
        """Whether it is told of the user's tasks that they have ended, or turned NaN."""
        self._post = post
        self._wanted = wanted
        self._pace = pace
        self._store: Store | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="query")
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="change")
        """Apart, so that a change that waits for somebody else's keeps no query waiting."""
        self._changes = 0
        self._feed: Feed | None = None
        self.sync = Sync(location)
        self.running = 0
        """Queries and commands under way."""
        self._missed = ""
        """Why a query went unanswered; empty while all are answered."""
        self._trusted = 0.0
        """Until when that is no sign of a store that is away: it was opened anew just now."""
        self._trust = RETRY
        """For how long the next time: a query that never is answered must not have it opened for ever."""
        self.history = History(self._put_back)
        """What was done here, to be undone."""

    @cached_property
    def _lookout(self) -> Lookout:
        """Finds what there is to tell of the user's tasks; the feed's thread makes it."""
        from .notices.lookout import Lookout

        return Lookout(who.user())

    # Life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the store in a thread and watch it from then on. Call after the first paint."""
        threading.Thread(target=self._run, name="feed", daemon=True).start()

    def close(self) -> None:
        """Stop watching and close the store; does not wait for queries that still run."""
        self._stopping.set()
        self._ready.set()
        if self._feed is not None:
            self._feed.stop()
        for pool in (self._pool, self._writing):
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def opened(self) -> bool:
        """Whether the store can be queried."""
        return self._store is not None

    def _run(self) -> None:
        if self._open_first():
            self._ready.set()
            self._post(StoreOpened(self.read_only))
        while not self._stopping.is_set():
            self._watch(self._opened())
        if self._store is not None:
            self._store.close()

    def _open_first(self) -> bool:
        """Open the store, once there is one; it is never made here: a mistyped path would become a store."""
        self.absent = not self.is_there
        if self.absent:
            self._post(StoreAbsent())
        while not self.is_there:
            if self._stopping.wait(RETRY):
                return False
        return self._open_sometime()

    def _open_sometime(self) -> bool:
        """Open the store as soon as that is possible, and say meanwhile why it is not; False: nobody waits any more."""
        while True:
            self._missed = ""
            try:
                self._open()
            except LabtopError as error:
                self._say_unusable(error)
            else:
                self.absent, self.unusable = False, ""
                return True
            if self._stopping.wait(RETRY):
                return False

    def _say_unusable(self, error: LabtopError) -> None:
        """Say why, once: it stands where the answers to keys do. How to make a store is none of what there is to do."""
        why = str(error) if self.is_there else f"There is no store at {self.location.shown}."
        if why != self.unusable:
            self.absent, self.unusable = False, why
            self._post(StoreLost(why))
            self._ready.set()  # there is an answer to queries: that

    @property
    def is_there(self) -> bool:
        """Whether there is a store to open."""
        return not self.location.is_sqlite or self.location.database.exists()

    def _open(self) -> None:
        from store.engine import open_store

        store = open_store(self.location, read_only=self._only_looking, create=False)
        try:
            self._begin(store)
        except LabtopError:
            store.close()
            raise
        before, self._store = self._store, store
        self.read_only = store.read_only
        if before is not None:
            before.close()

    def _begin(self, store: Store) -> None:
        """See where a store stands."""
        from store.engine import current_rev

        with store.read() as connection:
            self.rev = current_rev(connection)
            if self._store is not None and self._store.replaced:  # what another one holds is no news
                self._lookout.rest()
            if self.noticing:
                self._lookout.begin(connection, self.rev)

    def _watch(self, store: Store) -> None:
        """Post what changed until the store is lost, then wait until it can be read again."""
        from store.changes import Feed

        try:
            self._feed = Feed(store)
            try:
                self._follow(store, self._feed)
            finally:
                self._feed.close()
        except LabtopError as error:
            self._say_unusable(error)
            self._recover()

    def _follow(self, store: Store, feed: Feed) -> None:
        """Post changes; the first look is taken at once, for what was committed before the feed was made.

        Raises:
            StoreUnusable: it cannot be read, as the feed or a query found: a store that is locked is changed by nobody.
        """
        noticed = True
        while not self._stopping.is_set():
            if self._missed and time.monotonic() >= self._trusted:
                raise StoreUnusable(self._missed)
            if noticed:
                self._publish(store)
                self._stopping.wait(self._pace)
            noticed = feed.wait(1.0)

    def _publish(self, store: Store) -> None:
        from store.changes import since

        with store.read() as connection:
            changes = since(connection, self.rev, self.metric)
            beside = self.beside(connection, changes) if self.beside is not None else None
            found = self._lookout.look(connection, changes) if self.noticing else self._lookout.rest()
        self.rev = changes.rev
        self._post(StoreChanged(changes, beside))
        if found:
            self._post(Noticed(found))

    def _recover(self) -> None:
        """Open the store anew as soon as there is one: the same, or one that was put in its place."""
        if not self._stopping.wait(RETRY) and self._open_sometime():
            now = time.monotonic()
            self._trust = min(2 * self._trust, LONGEST_TRUST) if now < self._trusted + LONGEST_TRUST else RETRY
            self._trusted = now + self._trust
            self._post(StoreOpened(self.read_only))

    # Queries and commands ---------------------------------------------------------------------------------------

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

    def _opened(self) -> Store:
        if self.absent:
            raise nowhere(self.location)
        self._ready.wait()
        if self._store is None and self.unusable:
            raise StoreUnusable(self.unusable)
        if self._store is None or self._stopping.is_set():
            raise StoreUnusable(f"The store {self.location.shown} is closed.")
        return self._store

    async def _in_thread(self, work: Callable[[], T], pool: ThreadPoolExecutor | None = None) -> T:
        self.running += 1
        try:
            answer = await asyncio.get_running_loop().run_in_executor(pool or self._pool, work)
        finally:
            self.running -= 1
            if not self._wanted():
                raise asyncio.CancelledError
        return answer
