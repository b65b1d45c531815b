"""Who waits until everything that is in the spool now is in the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from . import backlog
from .jobs import Jobs
from .writers import Roster


class Syncs:
    """Waits of other threads (and through them of other processes) for the loop."""

    def __init__(self, spool: Path, ring: Callable[[], None]) -> None:
        self._spool = spool
        self._ring = ring
        self._lock = threading.Lock()
        self._new: list[_Wait] = []
        self._known: list[_Wait] = []

    @property
    def waiting(self) -> bool:
        """Whether anybody waits."""
        return bool(self._new or self._known)

    def wait(self, timeout: float) -> int:
        """Wait until all is in the store; return how many records are still on the way after ``timeout`` seconds."""
        wait = _Wait()
        with self._lock:
            self._new.append(wait)
        self._ring()
        if wait.over.wait(timeout):
            return 0
        return backlog.count(self._spool) or 1  # with all records taken in, how a script ended is what is missing

    def settle(self, roster: Roster, jobs: Jobs) -> None:
        """Called at the end of a tick: cross off what has been taken in, and wake who has waited for it.

        A wait begins with the first tick that started after it, so it sees every journal there was.
        """
        for wait in self._known:
            if wait.journals is None:
                wait.journals = {writer.id for writer in roster}
            wait.journals -= {w.id for w in roster if w.drained and (w.heirs or not w.dead) and not jobs.pending(w.id)}
            wait.journals &= set(roster.by_id)
        self._wake([wait for wait in self._known if not wait.journals])
        with self._lock:
            fresh, self._new = self._new, []
        self._known += fresh
        if fresh:
            self._ring()

    def _wake(self, done: list[_Wait]) -> None:
        for wait in done:
            self._known.remove(wait)
            wait.over.set()
        long_ago = time.monotonic() - 60
        self._known = [wait for wait in self._known if wait.since > long_ago]


class _Wait:
    def __init__(self) -> None:
        self.over = threading.Event()
        self.since = time.monotonic()
        self.journals: set[str] | None = None
