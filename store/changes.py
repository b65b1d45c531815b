"""Noticing that somebody changed the store, and reading what changed.

``Feed`` answers "has anything been committed?" without a query while nothing was; ``since`` then reads the few rows
that are newer than a revision. On SQLite the truth is ``PRAGMA data_version`` on a kept connection, and watching the
files only makes it quicker; on PostgreSQL it is the revision, read each second, and LISTEN makes it quicker.
"""

from __future__ import annotations

import logging
import select
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import tables
from .engine import Store, Transaction
from .errors import StoreUnusable
from .queries import tasks
from .records import Changes, ProjectRow, SeriesKey

log = logging.getLogger("labtop.store")
CHANNEL = "labtop"
POLL = 0.1
"""Seconds between two looks at a SQLite file of which no event tells."""
WATCHED_POLL = 1.0
"""Seconds between two looks at one of which events tell: ten a second cost 0.4 % of a core."""
BUSY_POLL = 0.25
"""Seconds between two looks at one that is written all the time: its events would wake three threads for each write."""
SAME_FILE = 1.0
"""Seconds for which a file counts as the one that was opened: to ask the file system costs twice what SQLite does."""
BUSY, NEXT, CALM = 12, 1.5, 5.0
"""Commits within ``NEXT`` seconds of the one before that make it one, and the seconds without any that end it. A task
that reports each second has the recorder commit each second."""
REMOTE_POLL = 1.0
"""Seconds between two looks at the revision on PostgreSQL."""
_SETTLE = 0.004
_LOOKS = 3


# --- what changed ---


def since(c: Connection, rev: int, metric: SeriesKey | None = None) -> Changes:
    """Return what changed after a revision, in two statements; in one where no task and no project did.

    ``projects`` are those that changed or hold a changed task, with their counts of today. The former project of a
    task that was moved or deleted is not among them: only who remembers the old row knows it.
    """
    newest, gone, rows, described = tasks.newer(c, rev, metric)
    return Changes(newest, rows, gone, _projects(c, rev) if rows or described else [])


@cache
def _touched() -> sa.Select[Any]:
    """Return the statement that counts the tasks of touched projects, built once: that takes as long as running it."""
    p, t, changed, own = tables.project.c, tables.task.c, tables.task.alias().c, tables.project.alias().c
    rev = sa.bindparam("rev", type_=sa.BigInteger)
    touched = sa.union(sa.select(changed.project_id).where(changed.rev > rev), sa.select(own.id).where(own.rev > rev))
    shown = tables.project.outerjoin(tables.task, (t.project_id == p.id) & (t.archived == sa.false()))
    columns = (p.id, p.path, p.description, p.baseline, p.created, t.status)
    wanted = sa.select(*columns, sa.func.count(t.id), sa.func.max(t.activity)).select_from(shown)
    return wanted.where(p.id.in_(touched)).group_by(*columns)


def _projects(c: Connection, rev: int) -> list[ProjectRow]:
    rows: dict[str, ProjectRow] = {}
    for project, path, description, baseline, created, status, number, activity in c.execute(_touched(), {"rev": rev}):
        row = rows.setdefault(project, ProjectRow(project, path, description, {}, activity or created, baseline or ""))
        if status is not None:
            row.counts[status] = number
            rows[project] = replace(row, activity=max(row.activity, activity))
    return sorted(rows.values(), key=lambda row: row.path)


def announce(tx: Transaction) -> None:
    """Tell listeners on PostgreSQL at once that a state has changed; nothing on SQLite, where the file tells.

    For changes of state only: a NOTIFY in every commit serialises them all (measured: a tenth of the throughput).
    """
    if tx.connection.dialect.name == "postgresql":
        tx.execute(sa.text(f"NOTIFY {CHANNEL}"))


# --- that something changed ---


class _Source(Protocol):
    def changed(self) -> bool: ...
    def sleep(self, seconds: float) -> None: ...
    def rouse(self) -> None: ...
    def wake(self) -> None: ...
    def close(self) -> None: ...


class Feed:
    """Notices commits by anybody, this process included.

    One thread waits; ``stop`` may be called from any other. What was committed before the feed was made counts as
    seen: read the store after making one.
    """

    def __init__(self, store: Store, *, watch: bool = True) -> None:
        """Begin to notice.

        Args:
            store: the store to follow.
            watch: whether to watch its files; without, polling alone does.
        """
        self._source: _Source = _Files(store, watch) if store.location.is_sqlite else _Server(store)
        self._stopped = threading.Event()

    def wait(self, timeout: float) -> bool:
        """Return True as soon as there is a commit not yet noticed, False after ``timeout`` seconds or ``stop``."""
        deadline = time.monotonic() + timeout
        while not self._stopped.is_set():
            if self._source.changed():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._source.sleep(left)
        return False

    def rouse(self) -> None:
        """Look now: this process has just committed something."""
        self._source.rouse()

    def stop(self) -> None:
        """End a wait that is going on, and every later one."""
        self._stopped.set()
        self._source.wake()

    def close(self) -> None:
        """Stop, and let go of connections, watches and threads."""
        self.stop()
        self._source.close()


class _Files:
    """A SQLite store: ``data_version`` is looked at now and then, and at once when a file of the store was written.

    A store that is written all the time is looked at alone.
    """

    def __init__(self, store: Store, watch: bool) -> None:
        self._store = store
        self._watches = watch
        self._streak, self._last = 0, 0.0
        """Commits that came soon after each other, and when the last one was noticed."""
        kept = store.reader.raw_connection()
        kept.detach()
        raw: Any = kept.dbapi_connection
        self._raw: sqlite3.Connection = raw
        self._written = threading.Event()
        self._closed = False
        self._eager = 0
        self._trusted = 0.0
        """Until when the file counts as the one that was opened."""
        self._version = self._look()
        self._unwatch: Callable[[], None] | None = None
        self._turn()

    def _look(self) -> int:
        return int(self._raw.execute("PRAGMA data_version").fetchone()[0])

    def changed(self) -> bool:
        try:
            version = self._look()
        except sqlite3.Error:
            return self._replaced()  # busy for a moment, or gone: the next read of the store says so in a sentence
        if version == self._version:
            return self._replaced()
        self._version = version
        now, soon = time.monotonic(), CALM if self._streak >= BUSY else NEXT
        self._streak = self._streak + 1 if now - self._last < soon else 0
        self._last = now
        self._turn()
        return True

    def _replaced(self) -> bool:
        """Whether the kept connection sees a file without a name, which nobody changes any more."""
        now = time.monotonic()
        if now < self._trusted:
            return False
        self._trusted = now + SAME_FILE
        return self._store.replaced

    def _turn(self) -> bool:
        """Watch the files or no longer, as often as they are written; return whether watching begins."""
        busy = self._streak >= BUSY and time.monotonic() - self._last < CALM
        if self._unwatch is not None and busy:
            self._unwatch()
            self._unwatch = None
        elif self._unwatch is None and self._watches and not busy:
            self._unwatch = _watch(self._store.location.database, self._written.set)
            self._watches = self._unwatch is not None
            return self._watches
        return False

    def sleep(self, seconds: float) -> None:
        if self._turn():
            return  # what was written before it began, no event tells
        poll = WATCHED_POLL if self._unwatch is not None else BUSY_POLL if self._watches else POLL
        if self._eager:
            self._eager -= 1
            time.sleep(min(seconds, _SETTLE))
        elif self._written.wait(min(seconds, poll)) and not self._closed:
            # The event comes when the WAL is written, a moment before the commit can be seen: look a few times. The
            # pauses are also what bounds the looks a second under many writers.
            self._eager = _LOOKS
            self._written.clear()

    def rouse(self) -> None:
        self._written.set()

    def wake(self) -> None:
        self._closed = True
        self._written.set()

    def close(self) -> None:
        if self._unwatch is not None:
            self._unwatch()
        self._raw.close()


def _watch(database: Path, written: Callable[[], None]) -> Callable[[], None] | None:
    """Call ``written`` whenever the database or its WAL is written; return what ends that.

    Reading the store raises events too (opened, closed), so only changes of these two files count. Where the kernel
    cannot watch (no inotify left, a container without it), nothing is called and None returned: polling goes on alone.
    """
    from watchdog.events import FileModifiedEvent, FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    database = database.resolve()  # SQLite keeps the WAL beside the file itself
    ours = {str(database), f"{database}-wal"}

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.src_path in ours:
                written()

    observer = None
    try:
        observer = Observer()  # raises by itself where the user has no inotify instance left
        observer.schedule(Handler(), str(database.parent), event_filter=[FileModifiedEvent])
        observer.start()
    except (OSError, RuntimeError) as error:
        log.info("cannot watch %s, polling instead: %s", database.parent, error)
        if observer is not None:
            observer.stop()
        return None

    def end() -> None:
        observer.stop()
        observer.join(timeout=5)

    return end


class _Server:
    """A PostgreSQL store: the revision is looked at each second, and at once when the server notifies."""

    def __init__(self, store: Store) -> None:
        import psycopg

        self._store = store
        try:
            self._listening = self._listen()
            self._rev = self._look()
        except psycopg.Error as error:
            why = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
            raise StoreUnusable(f"Cannot follow the store {store.location.shown}: {why}.") from error
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)

    def _listen(self) -> Any:
        kept = self._store.reader.raw_connection()  # as patient with the server as every other one
        kept.detach()
        raw: Any = kept.dbapi_connection
        raw.autocommit = True
        raw.execute(f"LISTEN {CHANNEL}")
        return raw

    def _look(self) -> str:
        row = self._listening.execute("SELECT value FROM meta WHERE key = 'rev'").fetchone()
        return str(row[0])

    def changed(self) -> bool:
        import psycopg

        try:
            rev = self._look()
        except psycopg.Error as error:
            self._again(error)
            return True  # nobody knows what was missed
        if rev == self._rev:
            return False
        self._rev = rev
        return True

    def _again(self, error: Exception) -> None:
        """The server went away: connect anew, or leave that to the next look."""
        import psycopg

        log.info("lost the server's notices: %s", error)
        try:
            self._listening.close()
            self._listening = self._listen()
        except psycopg.Error:
            time.sleep(REMOTE_POLL)

    def sleep(self, seconds: float) -> None:
        watched = [self._ear] if self._listening.closed else [self._ear, self._listening]
        ready, _, _ = select.select(watched, [], [], min(seconds, REMOTE_POLL))
        if self._ear in ready:
            self._ear.recv(64)
        elif ready:
            for _notice in self._listening.notifies(timeout=0):
                pass

    def rouse(self) -> None:
        with suppress(OSError):  # closed, or roused often enough
            self._mouth.send(b"!")

    wake = rouse

    def close(self) -> None:
        self._listening.close()
        for end in (self._ear, self._mouth):
            end.close()
