"""Who is the recorder: one process a user, host and store, by a lock that is economy, never correctness.

The script that gets the lock hands its locked descriptor to the recorder it starts. The lock file also says who holds
it and beats: a holder that has stopped beating (frozen, not merely busy) may be replaced, because the store's
compare-and-swap keeps a late one from doing harm. Standard library only: scripts may use this module.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from capture import spawn

from . import VERSION
from .liveness import boot_id, pid_namespace, start_time


@dataclass(frozen=True, slots=True)
class Holder:
    """Who wrote the lock file last."""

    pid: int
    version: int
    start_time: int
    boot: str
    pid_ns: int
    beat: float


class Election:
    """This process' hold on the recorder's lock."""

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self.path = path
        self._descriptor = -1 if descriptor is None else descriptor
        self._letting_go = threading.Lock()
        """A beat must not go to what gets the descriptor's number next."""
        if descriptor is not None:
            os.set_inheritable(descriptor, False)
            self._introduce()

    @property
    def held(self) -> bool:
        """Whether this process holds the lock."""
        return self._descriptor >= 0

    def take(self) -> bool:
        """Try to get the lock, without waiting."""
        descriptor = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        self._introduce()
        return True

    def release(self) -> None:
        """Let go of the lock."""
        with self._letting_go:
            if self.held:
                os.close(self._descriptor)
                self._descriptor = -1

    def beat(self) -> None:
        """Show that we are not frozen; from any thread. On a full disk that copies what it writes there is no beat."""
        with self._letting_go, suppress(OSError):
            if self.held:
                os.pwrite(self._descriptor, spawn.BEAT.pack(time.monotonic()), spawn.BEAT_AT)

    def in_place(self) -> bool:
        """Whether the lock file is still the one we hold: not if the whole store was deleted or moved."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        mine = os.fstat(self._descriptor)
        return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)

    def unwanted(self) -> bool:
        """Whether a newer version asks for our place: ``VERSION PID`` in the ``.want`` file, with our own pid."""
        try:
            version, pid = self.path.with_suffix(".want").read_text("ascii").split()
            return int(pid) == os.getpid() and int(version) > VERSION
        except (OSError, ValueError):
            return False

    def _introduce(self) -> None:
        me = {"pid": os.getpid(), "version": VERSION, "start_time": start_time(os.getpid()), "boot": boot_id()}
        text = json.dumps(me | {"pid_ns": pid_namespace()}).encode().ljust(spawn.BEAT_AT)
        os.pwrite(self._descriptor, text + spawn.BEAT.pack(time.monotonic()), 0)
        os.ftruncate(self._descriptor, spawn.BEAT_AT + spawn.BEAT.size)


def holder(path: Path) -> Holder | None:
    """Return who wrote the lock file last, None if nobody did."""
    found = spawn.holder(os.fspath(path))
    return Holder(**found) if found else None
