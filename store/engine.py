"""Opening a store, and the two ways to touch it: ``read()`` and ``write()``.

SQLite and PostgreSQL behave alike behind these: a write is one serialised transaction (``BEGIN IMMEDIATE`` under a
file lock; SQLAlchemy's deferred default lost three of four concurrent updates), a read is a short query-only one that
is never kept open while waiting for anything. Nothing slow belongs inside ``write()``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from . import clock, files, going, who
from .errors import StoreUnusable
from .locks import file_lock
from .migrations import RENEWED, SCHEMA, check, migrate
from .models import Meta, Task
from .paths import Location, locate, make_home, nowhere, refuse_foreign

_ANSWERS_WITHIN = 5
"""Seconds in which a PostgreSQL server must have answered; a URL or PGCONNECT_TIMEOUT may say otherwise."""
_PRAGMAS = (
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA secure_delete=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16384",
    "PRAGMA journal_size_limit=67108864",
)
_SERIALISE = sa.text("SELECT value FROM meta WHERE key = 'rev' FOR UPDATE")
_NEXT_REV = sa.text("UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'rev' RETURNING value")
_SCHEMA = sa.text("SELECT value FROM meta WHERE key = 'schema'")


@dataclass
class Transaction:
    """One write transaction. ``by`` (``user@host``) stands in the history of every state it changes."""

    connection: Connection
    by: str
    now: float = field(default_factory=clock.now)
    gone: list[str] = field(default_factory=list)
    """URIs of files whose rows this transaction deletes: the store removes them once it has committed."""
    _rev: int = 0

    @property
    def user(self) -> str:
        """Who, without the host: the owner of what is made."""
        return self.by.partition("@")[0]

    @property
    def rev(self) -> int:
        """This transaction's change number. Taking it locks the counter row, so numbers follow commit order."""
        if not self._rev:
            self._rev = int(self.connection.execute(_NEXT_REV).scalar_one())
        return self._rev

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Execute a Core statement (with a list of dicts: executemany)."""
        return self.connection.execute(statement, parameters)

    def notify(self) -> None:
        """Have every reader notice a change that is none of a task: on PostgreSQL only the revision tells of it."""
        _ = self.rev

    def touch(self, task_id: str) -> None:
        """Give the task this transaction's revision, so that every reader notices."""
        tasks = Task.__table__  # type: ignore[attr-defined]
        self.connection.execute(sa.update(tasks).where(tasks.c.id == task_id).values(rev=self.rev))


class Store:
    """An opened store. Make one with ``open_store``; close it when done (it is a context manager)."""

    def __init__(self, location: Location, reader: Engine, writer: Engine | None) -> None:
        self.location = location
        self.reader = reader
        self._writer = writer
        self._file = _identity(location)
        self._waiting: set[int] = set()
        """Threads that wait for the write lock."""

    @property
    def waits(self) -> bool:
        """Whether a write waits for somebody else's, in whichever thread."""
        return bool(self._waiting)

    @property
    def read_only(self) -> bool:
        """Whether ``write()`` is refused."""
        return self._writer is None

    @property
    def replaced(self) -> bool:
        """Whether the database is no longer the file that was opened: it was deleted, or another one is there."""
        return _identity(self.location) != self._file

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A query-only connection for a few quick statements; never keep it over a wait."""
        with _explained(self.location, "read"):
            self._refuse_gone("read")
            with self.reader.connect() as connection:
                yield connection

    @contextmanager
    def write(self, by: str = "") -> Iterator[Transaction]:
        """One write transaction: committed at the end of the block, rolled back if it raises.

        Raises:
            StoreUnusable: the store is read-only, full, locked for over 30 s or gone, or another version has changed
                its schema since it was opened.
        """
        if self._writer is None:
            raise StoreUnusable(f"Cannot change the store {self.location.shown}: it is open read-only.")
        with _explained(self.location, "write to"), self._begun(self._writer) as connection:
            tx = Transaction(connection, by)
            yield tx
            noted = going.note(self.location.folder, tx.gone)
        files.discard(self.location.folder, tx.gone)
        going.gone(noted)

    @contextmanager
    def _begun(self, writer: Engine) -> Iterator[Connection]:
        """A connection that alone may write; whoever waits for that is noted."""
        thread = threading.get_ident()
        self._waiting.add(thread)
        try:
            with self._locked(), writer.begin() as connection:
                self._refuse_gone("write to")
                if not self.location.is_sqlite:
                    # One writer at a time, as on SQLite: without it two transactions that touch the same tasks in
                    # another order deadlock, and revisions need this row's lock anyway.
                    connection.execute(_SERIALISE)
                if connection.execute(_SCHEMA).scalar() != str(SCHEMA):
                    raise StoreUnusable(RENEWED)
                self._waiting.discard(thread)
                yield connection
        finally:
            self._waiting.discard(thread)

    def _refuse_gone(self, verb: str) -> None:
        """Refuse a database that was deleted or replaced under us: SQLite would go on with the file without a name."""
        if self.replaced:
            raise StoreUnusable(
                f"Cannot {verb} the store {self.location.shown}: its file was deleted or replaced while it was open."
            )

    def _locked(self) -> AbstractContextManager[None]:
        # One lock around every write transaction and its checkpoint: measured costless, fairer than SQLite's busy
        # handler, and it keeps a checkpoint from racing with a commit (a known corruption before SQLite 3.51.3).
        return file_lock(self.location.home / "store.lock") if self.location.is_sqlite else _nothing()

    def close(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        # One that never wrote has nothing to checkpoint and waits for nobody.
        pool = None if self._writer is None else self._writer.pool
        if self._writer is not None and isinstance(pool, QueuePool) and pool.checkedin():
            with suppress(OSError, sqlite3.OperationalError), self._locked():
                self._writer.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(where: Location | str | Path | None = None, *, read_only: bool = False, create: bool = True) -> Store:
    """Open the store at ``where`` (default: as ``store.paths.locate`` says), making or migrating it as needed.

    Raises:
        StoreUnusable: it is not there (``create=False``), not a store, newer than this program, or not to be opened.
    """
    location = where if isinstance(where, Location) else locate(str(where) if where else None)
    with _explained(location, "open"):
        found = _found(location, create and not read_only)
        if read_only or (location.is_sqlite and found and not _writable(location)):
            return _open_for_reading(location)
        make_home(location)
        writer = _writer_engine(location)
        if found != SCHEMA:
            _prepare(location, writer)
    return Store(location, _reader_engine(location), writer)


def _found(location: Location, may_make: bool) -> int:
    """Return the schema version that is there, 0 for none, before anything there is touched."""
    refuse_foreign(location)
    if location.is_sqlite and not location.database.exists():
        if not may_make:
            raise nowhere(location)
        return 0
    reader = _reader_engine(location)
    try:
        with reader.connect() as connection:
            return check(connection, location.shown)
    finally:
        reader.dispose()


def _prepare(location: Location, writer: Engine) -> None:
    """Make or migrate the tables; any number of processes may do so at once."""
    with _opening_lock(location):
        if location.is_sqlite:
            _make_private(location.database)
            refuse_foreign(location)  # which looks at the file while that costs no locks
        with writer.begin() as connection:
            migrate(connection, location.shown)


def _open_for_reading(location: Location) -> Store:
    reader = _reader_engine(location)
    with reader.connect() as connection:
        found = check(connection, location.shown)
    if found < SCHEMA:
        reader.dispose()
        raise StoreUnusable(
            f"Cannot read the store {location.shown}: its schema is version {found}, this program needs version "
            f"{SCHEMA}. {_who_opens(location)} (`capture list` will do): that brings it up to date."
        )
    return Store(location, reader, None)


def _who_opens(location: Location) -> str:
    """Return who has to open a store so that it becomes one of today's schema: only who may change it can."""
    if not location.is_sqlite:
        return "Open it once without --read-only as a user of the database who may change its tables"
    if _writable(location):
        return "Open it once without --read-only"
    owner = who.login(location.database.stat().st_uid)
    return f"Have its owner, {owner}, open it once with a labtop as new as this one"


def _writable(location: Location) -> bool:
    return os.access(location.database, os.W_OK) and os.access(location.database.parent, os.W_OK)


def _identity(location: Location) -> tuple[int, int]:
    """Which file the database is: device and inode, zeros on PostgreSQL and where there is none."""
    if not location.is_sqlite:
        return 0, 0
    try:
        found = os.stat(location.file)
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino


def _make_private(database: Path) -> None:
    """Create the file 0600 before SQLite would create it readable for all; -wal and -shm take its mode.

    One that is there is not opened: SQLite would lose its locks on it (``paths.refuse_foreign``).
    """
    with suppress(FileExistsError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _opening_lock(location: Location) -> AbstractContextManager[None]:
    return file_lock(location.home / "store.lock") if location.is_sqlite else _nothing()


def _writer_engine(location: Location) -> Engine:
    if not location.is_sqlite:
        return _postgresql(location)
    engine = _sqlite(location, f"file:{_quoted(location.database)}?mode=rwc")
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _reader_engine(location: Location) -> Engine:
    if not location.is_sqlite:
        return _postgresql(location).execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    if _readable_with_wal(location.database):
        return _sqlite(location, f"file:{_quoted(location.database)}?mode=rw", query_only=True)
    return _sqlite(location, f"file:{_quoted(location.database)}?immutable=1", query_only=True)


def _readable_with_wal(database: Path) -> bool:
    """Whether readers can use the WAL: it exists already or can be made. Otherwise only an immutable read works."""
    return os.access(database.parent, os.W_OK) or Path(f"{database}-shm").exists()


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _sqlite(location: Location, uri: str, *, query_only: bool = False) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        # WAL is set on the bare connection: inside a transaction, which SQLAlchemy begins on its own, SQLite ignores it
        # without a word. Each time, because a copy made by VACUUM INTO has lost it; where it is set it costs nothing.
        connection.execute("PRAGMA query_only=ON" if query_only else "PRAGMA journal_mode=WAL")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4)
    if query_only:
        # One snapshot for all statements of a read: between two of them a compaction may move points into chunks.
        sa.event.listen(engine, "begin", _begin_reading)
    return engine


def _begin_reading(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.cursor().execute("BEGIN")


def _postgresql(location: Location) -> Engine:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise StoreUnusable(
            f"Cannot open the store {location.shown}: the PostgreSQL driver is missing. "
            f"Install it with: pip install 'labtop[postgres]'"
        ) from error
    # prepare_threshold None: automatic prepared statements break behind transaction poolers.
    wanted: dict[str, int | None] = {"prepare_threshold": None}
    if "connect_timeout" not in sa.make_url(location.url).query and "PGCONNECT_TIMEOUT" not in os.environ:
        wanted["connect_timeout"] = _ANSWERS_WITHIN
    return sa.create_engine(location.url, connect_args=wanted, pool_size=2, pool_pre_ping=True)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


_REASONS: tuple[tuple[str, str], ...] = (
    ("file is not a database", "it is not a labtop store. Give another path, or move that file away"),
    ("malformed", "its file is damaged. Run `capture doctor`, or restore a backup"),
    ("database or disk is full", "the disk is full. Free some space; nothing recorded is lost"),
    ("readonly", "it is read-only for you. Ask its owner, or set CAPTURE_STORE to a store of your own"),
    ("unable to open", "it cannot be opened (permissions, or a missing folder). Check the path and its owner"),
    ("locked", "another program held it locked for over 30 s. Try again; `capture doctor` names who holds it"),
    ("connection timeout expired", "its server does not answer. Check that it runs, and the network to it"),
    ("no such table", "it is not a labtop store. Give another path, or move that file away"),
)


@contextmanager
def _explained(location: Location, verb: str) -> Iterator[None]:
    """Turn a database's error about the store itself into one sentence; programming errors pass unchanged."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.DatabaseError, sqlite3.Error, OSError) as error:
        if isinstance(error, (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError)):
            raise
        raise StoreUnusable(f"Cannot {verb} the store {location.shown}: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "you have no permission. Ask its owner, or set CAPTURE_STORE to a store of your own"
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
    cause = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    for words, reason in _REASONS:
        if words in cause:
            return reason
    return cause.splitlines()[0].rstrip(".") if cause else type(error).__name__


def current_rev(connection: Connection) -> int:
    """Return the number of the newest committed change."""
    meta = Meta.__table__  # type: ignore[attr-defined]
    return int(connection.execute(sa.select(meta.c.value).where(meta.c.key == "rev")).scalar_one())
