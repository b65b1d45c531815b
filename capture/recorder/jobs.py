"""What takes long, in one thread beside the recorder's loop: environments, compaction, asking for GPUs.

Jobs run one after another; a job that fails is logged and forgotten. Nothing here touches the roster: a job gets plain
data and leaves its result where the loop will look.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

from store.errors import StoreUnusable

HOUSEKEEPING = "housekeeping"
"""The job that comes round by itself."""
log = logging.getLogger("labtop.recorder")


class Jobs:
    """One thread and what it is still to do. ``done`` is called after each job, from that thread."""

    def __init__(self, done: Callable[[], None]) -> None:
        self._done = done
        self._waiting: SimpleQueue[tuple[str, Callable[[], None]]] = SimpleQueue()
        self._names: set[str] = set()
        self._thread: threading.Thread | None = None

    def add(self, name: str, job: Callable[[], None]) -> bool:
        """Have a job done, unless one of that name is waiting or at work; return whether it was added."""
        if name in self._names:
            return False
        self._names.add(name)
        self._waiting.put((name, job))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
            self._thread.start()
        return True

    def pending(self, name: str) -> bool:
        """Whether a job of that name is waiting or at work."""
        return name in self._names

    @property
    def working(self) -> bool:
        """Whether there is something to do for somebody; mere housekeeping keeps no recorder."""
        return bool(self._names - {HOUSEKEEPING})

    def _run(self) -> None:
        while True:
            name, job = self._waiting.get()
            try:
                job()
            except StoreUnusable as error:
                log.warning("%s: %s It is tried again.", name, error)
            except Exception:
                log.exception("%s failed", name)
            if self._waiting.empty():
                trim()
            self._names.discard(name)
            self._done()


def trim() -> None:
    """Give memory that a burst of work has used back to the system: this process mostly waits."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        return  # a C library without it
