"""How points and console lines are laid out in the store's blobs (buckets: ``store.pyramid``).

Pure functions over arrays, standard library only: no SQL, no clock. Numbers are split into byte planes before zlib
(4096 float32-born points take 6 bytes each instead of 24), and columns that mostly grow are kept as differences of
their bit patterns, which is exact for any content. Points keep their order of arrival, so iterations may repeat or go
backward; NaN and infinities survive.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

from .errors import StoreUnusable
from .records import Line, Points

PLAIN, PACKED = 1, 2
"""The first byte of a block of numbers: bytes as they are, or planes and zlib."""
_SMALL = 128  # elements; below that zlib costs more than it saves in a journal row that soon goes
_LEVEL = 1


def _planes(data: bytes, width: int) -> bytes:
    return data if width == 1 else b"".join([data[i::width] for i in range(width)])


def _unplanes(data: bytes, width: int) -> bytes:
    if width == 1:
        return data
    size = len(data) // width
    whole = bytearray(len(data))
    for i in range(width):
        whole[i::width] = data[i * size : (i + 1) * size]
    return bytes(whole)


def _differences(data: bytes) -> bytes:
    """Return 64-bit lanes minus their predecessor: one big subtraction, whose borrows only cost compression."""
    whole = int.from_bytes(data, "little")
    mask = (1 << (8 * len(data))) - 1
    return ((whole - (whole << 64)) & mask).to_bytes(len(data), "little")


def _sums(data: bytes) -> bytes:
    """Undo ``_differences``."""
    deltas = array("q", data)
    try:
        # Without borrows the lanes are plain differences, and a running sum is twice as fast as the exact way.
        summed = array("q", accumulate(deltas)).tobytes()
    except OverflowError:
        summed = b""
    return summed if summed and _differences(summed) == data else _exact_sums(data)


def _exact_sums(data: bytes) -> bytes:
    bits = 8 * len(data)
    mask = (1 << bits) - 1
    whole, shift = int.from_bytes(data, "little"), 64
    while shift < bits:
        whole = (whole + (whole << shift)) & mask
        shift *= 2
    return whole.to_bytes(len(data), "little")


def _little(column: array[Any]) -> bytes:
    if sys.byteorder == "little":
        return column.tobytes()
    swapped = array(column.typecode, column)
    swapped.byteswap()
    return swapped.tobytes()


def _native(typecode: str, data: bytes) -> array[Any]:
    column: array[Any] = array(typecode, data)
    if sys.byteorder != "little":
        column.byteswap()
    return column


def pack(columns: Sequence[array[Any]], growing: Sequence[bool]) -> bytes:
    """Return a block holding columns of equal length; ``growing`` columns (8 bytes wide) are kept as differences."""
    if len(columns[0]) < _SMALL:
        return bytes([PLAIN]) + b"".join(map(_little, columns))
    planes = [
        _planes(_differences(_little(column)) if grows else _little(column), column.itemsize)
        for column, grows in zip(columns, growing, strict=True)
    ]
    return bytes([PACKED]) + zlib.compress(b"".join(planes), _LEVEL)


def unpack(block: bytes, typecodes: str, growing: Sequence[bool]) -> list[array[Any]]:
    """Return the columns of a block.

    Raises:
        StoreUnusable: the block is damaged, or of a codec this program does not know.
    """
    data = _opened(block)
    widths = [array(code).itemsize for code in typecodes]
    size = len(data) // sum(widths)
    columns, offset = [], 0
    for code, width, grows in zip(typecodes, widths, growing, strict=True):
        part = data[offset : offset + size * width]
        offset += len(part)
        if block[0] == PACKED:
            part = _unplanes(part, width)
            part = _sums(part) if grows else part
        columns.append(_native(code, part))
    return columns


def _opened(block: bytes) -> bytes:
    if block[:1] == bytes([PLAIN]):
        return block[1:]
    if block[:1] != bytes([PACKED]):
        raise StoreUnusable(f"Cannot read a block of codec {block[:1].hex() or 'none'}: update labtop.")
    try:
        return zlib.decompress(block[1:])
    except zlib.error as error:
        raise StoreUnusable(f"Cannot read a block: it is damaged ({error}). Run `capture doctor`.") from error


_POINT_CODES, _POINT_GROWS = "qdd", (True, True, False)


def encode_points(points: Points) -> bytes:
    """Return points as a block."""
    return pack((points.iterations, points.times, points.values), _POINT_GROWS)


def decode_points(block: bytes) -> Points:
    """Return the points of a block."""
    return Points(*unpack(block, _POINT_CODES, _POINT_GROWS))


def part(points: Points, start: int, stop: int) -> Points:
    """Return the points from ``start`` to before ``stop``."""
    return Points(points.iterations[start:stop], points.times[start:stop], points.values[start:stop])


def extend(points: Points, more: Points) -> None:
    """Append ``more`` to ``points``."""
    points.iterations.extend(more.iterations)
    points.times.extend(more.times)
    points.values.extend(more.values)


# --- a flush of a task: the newest points of all its series ---

_FLUSH = struct.Struct("<BIq")  # codec, series, what to add to every iteration
_ENTRY = struct.Struct("<III")  # series number, points, bytes of its block
_JOURNAL = 1
_INT64 = (1 << 63) - 1


class Section(NamedTuple):
    """A series' share of a journal row: its number, how many points, and their block."""

    number: int
    n: int
    block: bytes


def encode_flush(sections: Sequence[Section], offset: int = 0) -> bytes:
    """Return a journal row; ``offset`` is added to every iteration when it is read."""
    head = [_FLUSH.pack(_JOURNAL, len(sections), offset)]
    head += [_ENTRY.pack(s.number, s.n, len(s.block)) for s in sections]
    return b"".join(head + [s.block for s in sections])


def sections(data: bytes) -> tuple[int, list[Section]]:
    """Return the iteration offset and the sections of a journal row, blocks not decoded."""
    codec, count, offset = _FLUSH.unpack_from(data)
    if codec != _JOURNAL:
        raise StoreUnusable(f"Cannot read a journal row of codec {codec}: update labtop.")
    at = _FLUSH.size + count * _ENTRY.size
    found = []
    for number, n, size in _ENTRY.iter_unpack(data[_FLUSH.size : at]):
        found.append(Section(number, n, data[at : at + size]))
        at += size
    return offset, found


def held(iteration: int) -> int:
    """Return an iteration, or what is added to each, as it can be kept: within 64 bits."""
    return max(-_INT64, min(_INT64, iteration))


def shifted(points: Points, offset: int) -> Points:
    """Return points with ``offset`` added to their iterations, held within 64 bits."""
    if not offset:
        return points
    try:
        moved = array("q", [i + offset for i in points.iterations])
    except OverflowError:
        moved = array("q", [held(i + offset) for i in points.iterations])
    return Points(moved, points.times, points.values)


def flushed(rows: Iterable[bytes], only: Container[int] | None = None) -> dict[int, Points]:
    """Return the points of journal rows by series number, in order of arrival; ``only`` of some series where given."""
    series: dict[int, Points] = {}
    for row in rows:
        offset, found = sections(row)
        for section in found:
            if only is None or section.number in only:
                extend(series.setdefault(section.number, Points()), shifted(decode_points(section.block), offset))
    return series


# --- console ---

_LINES = struct.Struct("<BI")  # codec, lines
_CONSOLE = 1
STREAMS = ("out", "err", "text", "labtop")
_NUMBERS = {name: number for number, name in enumerate(STREAMS)}
BLOCK = 64 << 10
"""Bytes of text in a full block of lines."""


def encode_lines(lines: Sequence[Line]) -> bytes:
    """Return console lines as a block. A newline inside a text becomes a space: one line is one line."""
    text = "\n".join([line.text for line in lines])
    if text.count("\n") != len(lines) - 1:
        text = "\n".join([line.text.replace("\n", " ") for line in lines])
    origins = array("B", [_NUMBERS.get(line.stream, 0) for line in lines])
    ranks = array("H", [min(max(line.rank, 0), 65535) for line in lines])
    times = array("d", [line.time for line in lines])
    numbers = _planes(_differences(_little(times)), 8) + _little(origins) + _planes(_little(ranks), 2)
    body = numbers + text.encode("utf-8", "backslashreplace")
    return _LINES.pack(_CONSOLE, len(lines)) + zlib.compress(body, _LEVEL)


@dataclass(slots=True)
class Block:
    """A decoded block of console lines: columns, and the texts still joined by newlines."""

    times: array[float]
    streams: array[int]
    ranks: array[int]
    text: str

    def __len__(self) -> int:
        return len(self.times)

    def texts(self) -> list[str]:
        """Return the texts one by one."""
        return self.text.split("\n")

    def lines(self) -> Iterator[Line]:
        """Yield the lines."""
        return map(Line, self.times, [STREAMS[s] for s in self.streams], self.ranks, self.texts())


def decode_lines(data: bytes) -> Block:
    """Return the lines of a block.

    Raises:
        StoreUnusable: the block is damaged, or of a codec this program does not know.
    """
    codec, n = _LINES.unpack_from(data)
    if codec != _CONSOLE:
        raise StoreUnusable(f"Cannot read console lines of codec {codec}: update labtop.")
    try:
        body = zlib.decompress(data[_LINES.size :])
    except zlib.error as error:
        raise StoreUnusable(
            f"Cannot read console lines: the block is damaged ({error}). Run `capture doctor`."
        ) from error
    times = _native("d", _sums(_unplanes(body[: 8 * n], 8)))
    ranks = _native("H", _unplanes(body[9 * n : 11 * n], 2))
    return Block(times, array("B", body[8 * n : 9 * n]), ranks, body[11 * n :].decode("utf-8", "backslashreplace"))


def blocks(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Cut lines into runs of about ``BLOCK`` bytes of text each."""
    ends = accumulate([len(line.text) + 1 for line in lines])
    start, limit = 0, BLOCK
    for stop, end in enumerate(ends, 1):
        if end >= limit:
            yield lines[start:stop]
            start, limit = stop, end + BLOCK
    if start < len(lines):
        yield lines[start:]


def joined(rows: Iterable[bytes]) -> list[Line]:
    """Return the lines of several blocks one after another."""
    return [line for row in rows for line in decode_lines(row).lines()]
