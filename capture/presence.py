"""A writer's ``.w`` file, the one side of it that its script has: who writes, held as long as the process lives.

What else is said there, up to the exit code, finds room on a full disk: its blocks are there from the beginning. The
layout stands in docs/architecture.md, "Spool files". Nothing here knows segments or records.
"""

from __future__ import annotations

import os
import struct

from . import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap

IDENTITY_SIZE = 4096
ACK = struct.Struct("<QII")  # bytes taken in, segment, offset; after the identity
LOST = struct.Struct("<Q")  # records that could not be kept; after the acknowledgement
LOST_AT = IDENTITY_SIZE + ACK.size
EXIT_AT = LOST_AT + LOST.size
"""Where the exit code goes, one byte: a file that is no longer than this has none."""


class Presence:
    """The file at ``path``, shown and locked; made whole, then renamed to its name."""

    def __init__(self, path: str, who: bytes, lost: int) -> None:
        """Make it.

        Raises:
            OSError: there is no room for it.
        """
        self._path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path + ".tmp", flags, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, EXIT_AT)
            os.write(descriptor, who.ljust(IDENTITY_SIZE - 1) + b"\n" + bytes(ACK.size) + LOST.pack(lost))
        except OSError:
            os.close(descriptor)
            os.unlink(path + ".tmp")
            raise
        self._held = process.Held(descriptor)
        os.rename(path + ".tmp", path)

    def note_lost(self, count: int) -> None:
        """Say how many records could not be kept."""
        if self._held.ours():
            os.pwrite(self._held.descriptor, LOST.pack(count), LOST_AT)

    def taken(self) -> tuple[int, int] | None:
        """Return the segment and the offset up to which the recorder has taken us in, None if it is done with us."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            data = os.pread(descriptor, ACK.size, IDENTITY_SIZE)
        finally:
            os.close(descriptor)
        _, segment, offset = ACK.unpack(data)
        return segment, offset

    def unmap(self, segment: mmap) -> None:
        """Unmap a segment; where somebody closed all our descriptors, take the lock again."""
        self._held.release(segment, self._hold_again)

    def _hold_again(self) -> None:
        self._held = process.Held(os.open(self._path, os.O_RDWR | os.O_CLOEXEC))

    def let_go(self, segment: mmap | None = None) -> None:
        """Give up the lock, and a segment with it."""
        if segment is not None:
            self._held.release(segment, lambda: None)
        self._held.close()
