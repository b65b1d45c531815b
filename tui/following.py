"""The store behind the screens: opened in a thread after the first paint, then followed by that thread.

Each change is posted once, at most four times a second, with what the screen in sight reads of it. A store that cannot
be read is opened anew as soon as that is possible, and until then it is said once why not.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from store import who
from store.errors import LabtopError, StoreUnusable
from store.paths import Location, nowhere

from .messages import Noticed, StoreAbsent, StoreChanged, StoreLost, StoreOpened

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from textual.message import Message

    from store.changes import Feed
    from store.engine import Store
    from store.records import Changes, SeriesKey

    from .notices.lookout import Lookout

log = logging.getLogger("tui.following")
PACE, PACE_OVER_SSH = 0.25, 0.5
"""Least seconds between two ``StoreChanged``: a second frame in the time of an echo would be seen by nobody."""
LONGEST_TRUST = 60.0
RETRY = 1.0
"""Seconds between two attempts to read a store that was lost."""


class Following:
    """A store that is kept open and followed.

    Args:
        location: where it is.
        read_only: open it so.
        post: hands a message to the app, from any thread.
        pace: least seconds between two ``StoreChanged``.
    """

    def __init__(
        self, location: Location, read_only: bool, post: Callable[[Message], object], pace: float = PACE
    ) -> None:
        self.location = location
        self.read_only = self._only_looking = read_only
        self.absent = False
        """Whether there is no store yet."""
        self.unusable = ""
        """Why the store cannot be opened; empty where it is, or was not tried yet."""
        self.metric: SeriesKey | None = None
        """The metric column of changed rows; set by the home screen."""
        self.beside: Callable[[Connection, Changes], object] | None = None
        """What the screen in sight reads with each change, in the feed's thread: one frame shows both; set by it."""
        self.rev = 0
        self.noticing = True
        """Whether it is told of the user's tasks that they have ended, or turned NaN."""
        self._post = post
        self._pace = pace
        self._store: Store | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._feed: Feed | None = None
        self._missed = ""
        """Why a query went unanswered; empty while all are answered."""
        self._trusted = 0.0
        """Until when that is no sign of a store that is away: it was opened anew just now."""
        self._trust = RETRY
        """For how long the next time: a query that never is answered must not have it opened for ever."""

    @cached_property
    def _lookout(self) -> Lookout:
        """Finds what there is to tell of the user's tasks; the feed's thread makes it."""
        from .notices.lookout import Lookout

        return Lookout(who.user())

    def start(self) -> None:
        """Open the store in a thread and watch it from then on. Call after the first paint."""
        threading.Thread(target=self._run, name="feed", daemon=True).start()

    def close(self) -> None:
        """Stop watching and close the store."""
        self._stopping.set()
        self._ready.set()
        if self._feed is not None:
            self._feed.stop()

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
            metric = self.metric
            changes = since(connection, self.rev, metric)
            found = self._lookout.look(connection, changes) if self.noticing else self._lookout.rest()
            beside = self._read_beside(connection, changes) if metric == self.metric else None
        self.rev = changes.rev
        self._post(StoreChanged(changes, beside))
        if found:
            self._post(Noticed(found))

    def _read_beside(self, connection: Connection, changes: Changes) -> object:
        """Return what the screen in sight wants; nothing where that fails: it asks by itself then, and hears why."""
        beside = self.beside  # may be another's by the next line
        try:
            return beside(connection, changes) if beside is not None else None
        except LabtopError:
            return None
        except Exception:
            log.warning("what a screen shows was not read with its change", exc_info=True)
            return None

    def _recover(self) -> None:
        """Open the store anew as soon as there is one: the same, or one that was put in its place."""
        if not self._stopping.wait(RETRY) and self._open_sometime():
            now = time.monotonic()
            self._trust = min(2 * self._trust, LONGEST_TRUST) if now < self._trusted + LONGEST_TRUST else RETRY
            self._trusted = now + self._trust
            self._post(StoreOpened(self.read_only))

    def _opened(self) -> Store:
        if self.absent:
            raise nowhere(self.location)
        self._ready.wait()
        if self._store is None and self.unusable:
            raise StoreUnusable(self.unusable)
        if self._store is None or self._stopping.is_set():
            raise StoreUnusable(f"The store {self.location.shown} is closed.")
        return self._store
