"""A file that a script writes its output to, found and kept open: its name is only where to look first.

Logs are rotated, renamed and deleted under scripts that go on writing to them. So the file is held open from the first
look on, and found by its inode. It knows bytes, not lines or positions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from store.records import Event

from . import liveness
from .spool import Identity

_DESCRIPTORS = {"out": 1, "err": 2}


class Output:
    """The file of one ``follow`` event."""

    def __init__(self, identity: Identity, follow: Event) -> None:
        self.path = str(follow.get("path"))
        self.missing = ""
        """Why it cannot be read, empty if it can."""
        self._identity = identity
        self._inode = (follow.get("dev"), follow.get("inode"))
        self._link = f"/proc/{identity.pid}/fd/{_DESCRIPTORS.get(str(follow['stream']), 1)}"
        self._searched = False
        self._open = -1

    def size(self) -> int | None:
        """Return how many bytes there are, None if the file cannot be read."""
        return os.fstat(self._open).st_size if self._found() else None

    def read(self, limit: int, offset: int) -> bytes:
        """Return what is at an offset; only after ``size`` has told."""
        return os.pread(self._open, limit, offset)

    def elsewhere(self) -> str:
        """Return where the live script's stream goes to now, empty if that still is this file, or nowhere."""
        try:
            found = os.stat(self._link)
            target = "" if (found.st_dev, found.st_ino) == self._inode else os.readlink(self._link)
        except OSError:
            return ""
        who = self._identity
        ours = liveness.same_namespace(who) and liveness.start_time(who.pid) == who.start_time
        return target if ours and target != os.devnull else ""

    def close(self) -> None:
        """Let go of the file."""
        if self._open >= 0:
            os.close(self._open)
        self._open = -1

    def _found(self) -> bool:
        if self._open >= 0:
            return True
        self.missing = "the file is not there any more"
        self._open = next((opened for place in self._places() if (opened := self._opened(place)) >= 0), -1)
        if self._open >= 0:
            self.missing = ""
        return not self.missing

    def _places(self) -> Iterator[str]:
        """Give where the file may be: under its name, at its script's end, or, looked for once, beside its name."""
        yield self.path
        yield self._link
        if not self._searched:
            self._searched = True
            with suppress(OSError), os.scandir(os.path.dirname(self.path)) as entries:
                yield from (entry.path for entry in entries if entry.inode() == self._inode[1])

    def _opened(self, path: str) -> int:
        """Return a descriptor of the file if it is the one, else -1."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return -1
        except OSError as error:
            self.missing = error.strerror or "it cannot be opened"
            return -1
        found = os.fstat(descriptor)
        if (found.st_dev, found.st_ino) != self._inode:
            os.close(descriptor)
            return -1
        return descriptor
