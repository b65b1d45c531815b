"""One writer's segment files as a stream of bytes with a position.

Reads with ``pread``, never through a mapping: a segment that somebody truncates must not kill the recorder, and an
idle writer costs one 8-byte read and one look for a file a tick. It knows files, headers and which frames are whole;
what is in a frame is the reader's business.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from capture import frames
from store.records import Position

START = Position(0, frames.HEADER.size)
"""Where a journal begins."""
ASIDE = ".damaged"
"""What is appended to the name of a segment that is kept because part of it could not be read."""

log = logging.getLogger("labtop.recorder")
_WINDOW = 1 << 20
_PAGE = bytes(4096)
_CANDIDATE = re.compile(rb"(?s)(?=...\0.{4}[\x01-\x07])")
"""Where a frame could begin: less than 16 MB long, and of a kind that is known."""


class Damage(NamedTuple):
    """Bytes that nobody will ever be able to read."""

    segment: int
    size: int
    """How many bytes, without the zeros at a segment's end; 0 if there is nothing but those and padding."""
    resume: Position
    """Where to go on."""
    last: bool
    """Whether nothing comes after them: a record that was being written when its process died looks like that."""

    def said(self, writer: str, torn: bool) -> str:
        """Return what to say of records that could not be read."""
        if torn:
            return f"the last record is incomplete ({self.size} bytes): the process died while it was being written"
        name = f"{writer}.{self.segment}.seg"
        if self.resume.segment != self.segment:
            return f"part of the journal is missing: {name} is not there any more"
        return f"{self.size} bytes of the journal are damaged and were skipped; the spool keeps them as {name}{ASIDE}"


class Segments:
    """The segments of the writer ``writer`` in ``folder``, from ``position`` on."""

    def __init__(self, folder: Path, writer: str, position: Position) -> None:
        self.folder = folder
        self.writer = writer
        self.position = position
        self.salt = 0
        self._size = 0
        self._headless = False
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
        length = self._length(offset)
        if not length:
            return b""
        wanted = min(max(limit, frames.FRAME.size + length), self._size - offset)
        return os.pread(self._open, wanted, offset)

    def waiting(self) -> bool:
        """Whether anything at all stands at the position, readable or not."""
        return self._ready() and self._used(self.position.offset, self.position.offset + frames.FRAME.size) > 0

    def move(self, position: Position) -> None:
        """Go to another position."""
        self.position = position

    def at_end(self) -> bool:
        """Whether the position is behind the END frame, which fills a segment to its last byte."""
        return self._ready() and self.position.offset >= self._size

    def later(self, dead: bool) -> int | None:
        """Return the number of the next segment there is; one of a dead writer may be missing in between."""
        number = self.position.segment
        if self.path(number + 1).exists():
            return number + 1
        if not dead:
            return None
        names = (path.name.split(".") for path in self.folder.glob(f"{self.writer}.*.seg"))
        return min((int(name[1]) for name in names if name[1].isdigit() and int(name[1]) > number), default=None)

    def damage(self, dead: bool) -> Damage | None:
        """Return what stands at the position if it will never be readable, None if it may only not be there yet.

        A record is one copy under the interpreter's lock. So a good frame behind it, or another segment, proves that
        its writer was done with it; only what does not check out when it is read again after that was seen is damaged.
        """
        segment, begin = self.position
        later = self.later(dead)
        if not self._ready():
            return None if later is None else Damage(segment, 1, Position(later, START.offset), last=False)
        end = self._good_from(begin + 1)
        if not (dead or later is not None or end < self._size) or self._is_good(begin):
            return None
        if end < self._size:
            return Damage(segment, end - begin, Position(segment, end), last=False)
        size = 0 if self._is_end(begin) else self._used(begin, end)
        return Damage(segment, size, Position(segment, end), later is None) if size or later is not None else None

    def discard(self, taken: Position, keep: Collection[int]) -> None:
        """Delete the segments before ``taken``, whose records are all in the store; put those to ``keep`` aside."""
        for number in range(taken.segment - 1, -1, -1):
            try:
                put_away(self.path(number), number in keep)
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
        self._headless = header is None or header.number != number
        self.salt = 0 if header is None else header.salt
        # At least one byte behind the header, so that there is something to call damaged in a file cut to nothing.
        self._size = max(os.fstat(descriptor).st_size, START.offset + 1)
        self._open, self._number = descriptor, number
        return True

    # What is whole

    def _length(self, offset: int) -> int:
        """Return the length of the payload at ``offset``, 0 if there cannot be one."""
        head = os.pread(self._open, frames.FRAME.size, offset)
        if self._headless or len(head) < frames.FRAME.size:
            return 0
        length = int(frames.FRAME.unpack(head)[0])
        return length if offset + frames.FRAME.size + length <= self._size else 0

    def _is_good(self, offset: int) -> bool:
        length = self._length(offset)
        if not length:
            return False
        data = os.pread(self._open, frames.FRAME.size + length, offset)
        payload = data[frames.FRAME.size :]
        return len(payload) == length and crc32(payload, self.salt) == frames.FRAME.unpack_from(data)[1]

    def _is_end(self, offset: int) -> bool:
        """Whether this is the padding of a segment, which holds nothing: it may be as damaged as it likes."""
        length = self._length(offset)
        kind = os.pread(self._open, 1, offset + frames.FRAME.size)
        return kind == bytes((frames.END,)) and offset + frames.FRAME.size + length == self._size

    def _good_from(self, offset: int) -> int:
        """Return where the next good frame begins, the segment's size if there is none."""
        while not self._headless and offset + frames.FRAME.size < self._size:
            window = os.pread(self._open, _WINDOW, offset)
            for match in _CANDIDATE.finditer(_without_padding(window)):  # a kind is no zero
                if self._is_good(offset + match.start()):
                    return offset + match.start()
            if len(window) <= frames.FRAME.size:
                break
            offset += len(window) - frames.FRAME.size
        return self._size

    def _used(self, begin: int, end: int) -> int:
        """Return how many bytes there are without the zeros at the end; all of a file without a header."""
        if self._headless:
            return max(end - START.offset, 1) if begin < self._size else 0
        used = 0
        for offset in range(begin, end, _WINDOW):
            window = _without_padding(os.pread(self._open, min(_WINDOW, end - offset), offset))
            used = offset - begin + len(window) if window else used
        return used


def _without_padding(window: bytes) -> bytes:
    """Return bytes without the zeros at their end: nearly all of a fresh segment, taken off by the page."""
    end = len(window)
    while window.endswith(_PAGE, 0, end):
        end -= len(_PAGE)
    return window[:end].rstrip(b"\0")


def put_away(path: Path, keep: bool) -> None:
    """Delete a segment, or give it a name that nobody takes for one any more."""
    if keep:
        log.warning("%s is kept as %s: part of it could not be read", path.name, path.name + ASIDE)
        path.rename(path.with_name(path.name + ASIDE))
    else:
        path.unlink()
