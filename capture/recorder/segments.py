"""One writer's segment files as a stream of bytes with a position.

Reads with ``pread``, never through a mapping: a segment that somebody truncates must not kill the recorder, and an
idle writer costs one 8-byte read a tick. It knows files and headers; what is in a frame is the reader's business.
"""

from __future__ import annotations

import os
from pathlib import Path

from capture import frames
from store.records import Position

START = Position(0, frames.HEADER.size)
"""Where a journal begins."""


class Segments:
    """The segments of the writer ``writer`` in ``folder``, from ``position`` on."""

    def __init__(self, folder: Path, writer: str, position: Position) -> None:
        self.folder = folder
        self.writer = writer
        self.position = position
        self.salt = 0
        self._size = 0
        self._open = -1
        self._number = -1

    def path(self, number: int) -> Path:
        """Return the path of a segment."""
        return self.folder / f"{self.writer}.{number}.seg"

    def chunk(self, limit: int) -> bytes:
        """Return up to ``limit`` bytes from the position on, at least one whole frame; empty if none is there yet."""
        if not self._ready():
            return b""
        offset = self.position.offset
        head = os.pread(self._open, frames.FRAME.size, offset)
        if len(head) < frames.FRAME.size:
            return b""
        length = frames.FRAME.unpack(head)[0]
        if not length or offset + frames.FRAME.size + length > self._size:
            return b""
        wanted = min(max(limit, frames.FRAME.size + length), self._size - offset)
        return os.pread(self._open, wanted, offset)

    def move(self, position: Position) -> None:
        """Go to another position."""
        self.position = position

    def at_end(self) -> bool:
        """Whether the position is behind the END frame, which fills a segment to its last byte."""
        return self._ready() and self.position.offset >= self._size

    def has_next(self) -> bool:
        """Whether the writer has made another segment after this one."""
        return self.path(self.position.segment + 1).exists()

    def discard(self, taken: Position) -> None:
        """Delete the segments before ``taken``, whose records are all in the store."""
        for number in range(taken.segment - 1, -1, -1):
            try:
                self.path(number).unlink()
            except FileNotFoundError:
                return

    def close(self) -> None:
        """Close the open segment."""
        if self._open >= 0:
            os.close(self._open)
        self._open = self._number = -1

    def _ready(self) -> bool:
        number = self.position.segment
        if self._number == number:
            return True
        self.close()
        try:
            descriptor = os.open(self.path(number), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        header = frames.unpack_header(os.pread(descriptor, frames.HEADER.size, 0))
        if header is None or header.number != number:
            os.close(descriptor)
            return False
        self._open, self._number, self.salt, self._size = descriptor, number, header.salt, header.size
        return True
