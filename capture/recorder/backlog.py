"""How many records are in a spool folder and not in the store yet, by looking at the files alone.

It trusts the acknowledgements, needs no store and no recorder, and gives up counting exactly where that would take
long: what it tells is for a sentence to a person.
"""

from __future__ import annotations

from pathlib import Path

from capture import frames

from .segments import START, Segments
from .spool import Spool

_COUNTED = 200_000
_CHUNK = 256 << 10


def count(folder: Path) -> int:
    """Return about how many records are still on the way."""
    spool = Spool(folder)
    return sum(_of_writer(spool, writer) for writer in spool.writers())


def _of_writer(spool: Spool, writer: str) -> int:
    position = spool.acknowledged(writer) or START
    segments = Segments(spool.folder, writer, position)
    found = 0
    try:
        while found < _COUNTED:
            data = segments.chunk(_CHUNK)
            counted, offset, ended = _in_chunk(data)
            found += counted
            if not ended and offset:
                segments.move(segments.position._replace(offset=segments.position.offset + offset))
            elif (number := segments.later(dead=False)) is not None:
                segments.move(START._replace(segment=number))
            else:
                break
    finally:
        segments.close()
    return found


def _in_chunk(data: bytes) -> tuple[int, int, bool]:
    """Return (records, bytes, whether the segment ends here) of a chunk, going by lengths alone."""
    offset = records = 0
    while offset + frames.FRAME.size < len(data):
        length = frames.FRAME.unpack_from(data, offset)[0]
        end = offset + frames.FRAME.size + length
        if not length or end > len(data):
            break
        if data[offset + frames.FRAME.size] == frames.END:
            return records, end, True
        offset, records = end, records + 1
    return records, offset, False
