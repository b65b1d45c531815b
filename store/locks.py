"""A lock on a file, for what one process at a time does: a write transaction with its checkpoint, making the tables."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 30.0
"""Seconds that a write waits for others, as SQLite's ``busy_timeout``."""


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold the lock on a file, made if it is not there.

    Raises:
        OSError: it cannot be opened.
        sqlite3.OperationalError: somebody else holds it for longer than ``PATIENCE``.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Take a lock; one that is held for longer than anybody writes (its holder is stopped, or stuck) is given up.

    The kernel's queue is kept to: whoever asks again and again instead may be passed by all others for half a second.
    """
    try:
        return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting = threading.Thread(target=fcntl.flock, args=(descriptor, fcntl.LOCK_EX), daemon=True)
    waiting.start()
    waiting.join(PATIENCE)
    if waiting.is_alive():  # once it has the lock, nobody has the file open any more
        raise sqlite3.OperationalError("database is locked")
