r"""The journal's format: what a script writes and a recorder reads. Standard library only, no state, no files.

A segment is a file of fixed size, zero beyond what was written: a 32-byte header, then frames. A frame is
``u32 length, u32 crc32(payload, salt), payload``; the payload's first byte is its kind. Length 0 means nothing is there
yet. The salt, random for each segment, keeps stale bytes of a recycled disk block from passing for a record.

===========  =====================================================================================
kind         payload after the kind byte
===========  =====================================================================================
``SCALAR``   u32 series id, i64 iteration, f64 time, f64 value
``SERIES``   u32 series id, UTF-8 title, NUL, series (before the first scalar that uses the id)
``TEXT``     u8 stream (index into ``STREAMS``), f64 time, bytes as written (may hold ``\r``, may lack ``\n``)
``EVENT``    a JSON object, see ``store.records.Event``
``END``      padding: the writer moved on to the next segment
``PLOT``     i64 iteration, f64 time, u32 length of the names, these as in ``SERIES``, a figure (``store.figures``)
``SAMPLE``   as ``PLOT``, behind the names NUL, the file's ending, NUL, its URL, NUL, how many are to be kept (0: as the
             setting says); then the bytes of the file, none where there is a URL
===========  =====================================================================================

Numbers are little-endian. Kinds a reader does not know are skipped by their length.
"""

from __future__ import annotations

import struct
from collections import namedtuple
from zlib import crc32

TYPE_CHECKING = False  # `typing` would be half of what a script pays for this package
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

SCALAR, SERIES, TEXT, EVENT, END, PLOT, SAMPLE = 1, 2, 3, 4, 5, 6, 7
STREAMS = ("out", "err", "text", "labtop")

MAGIC = b"LTJ1"
HEADER = struct.Struct("<4sIIII12x")  # magic, salt, size of the file, number, reserved
FRAME = struct.Struct("<II")
SCALAR_FRAME = struct.Struct("<BIqdd")
TEXT_HEAD = struct.Struct("<BBd")
SERIES_HEAD = struct.Struct("<BI")
PLOT_HEAD = SAMPLE_HEAD = struct.Struct("<BqdI")

SEGMENT_SIZE = 1 << 20
"""Bytes of a segment; a larger record gets a segment of its own size."""


if TYPE_CHECKING:

    class Header(NamedTuple):
        """A segment's header."""

        salt: int
        size: int
        number: int

else:
    Header = namedtuple("Header", "salt size number")


def pack_header(salt: int, size: int, number: int) -> bytes:
    """Return the first 32 bytes of a segment."""
    return HEADER.pack(MAGIC, salt, size, number, 0)


def unpack_header(data: bytes | memoryview) -> Header | None:
    """Return a segment's header, None if this is not a segment of ours."""
    if len(data) < HEADER.size:
        return None
    magic, salt, size, number, _ = HEADER.unpack_from(data)
    return Header(salt, size, number) if magic == MAGIC else None


def frame(payload: bytes, salt: int) -> bytes:
    """Return the frame of a payload."""
    return FRAME.pack(len(payload), crc32(payload, salt)) + payload


def frames(data: memoryview, offset: int, salt: int) -> Iterator[tuple[int, memoryview]]:
    """Yield (offset after the frame, payload) for each whole, good frame from ``offset`` on; stop at the first other.

    A frame that is not good yet may become so while its writer lives: call again from the last offset.
    """
    limit = len(data) - FRAME.size
    unpack = FRAME.unpack_from
    while offset <= limit:
        length, checksum = unpack(data, offset)
        start = offset + FRAME.size
        end = start + length
        if not length or end > len(data):
            return
        payload = data[start:end]
        if crc32(payload, salt) != checksum:
            return
        offset = end
        yield offset, payload
