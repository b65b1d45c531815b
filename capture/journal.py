"""What a script leaves behind for the recorder: one process' records in its own spool segments.

A record is safe against ``kill -9`` when the call returns: it was handed over in ONE ``mmap.write``, which both
reserves the room and copies, under the interpreter's lock. So there is no lock to hold, nothing to deadlock on after a
fork, and a signal handler may report in the middle of anything. Only a new segment takes a lock.

Format: ``capture.frames``; files: docs/architecture.md, "Spool files". Nothing here knows tasks, streams or the store.
"""

from __future__ import annotations

import errno
import os
from _thread import RLock
from collections import deque
from itertools import count
from mmap import mmap
from time import monotonic
from zlib import crc32

from . import bound, guard, plainjson, process
from .frames import END, EVENT, FRAME, HEADER, SEGMENT_SIZE, SERIES, SERIES_HEAD, TEXT, TEXT_HEAD, frame, pack_header
from .presence import Presence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Gate = tuple[Callable[[bytes], object], int]

_SPARE = 4096  # bytes behind the mapping, so that an END frame, or on a full disk the end itself, always has room
_SHORT = 500  # characters of each text in an end that must fit there
_RETRY = 1.0  # seconds until a disk that was full is tried again


def _shut(_data: bytes) -> object:
    """A gate with nothing behind it: sends its caller the long way."""
    raise ValueError


def _sink(_data: bytes) -> object:
    """The gate of a process in which capture is disabled."""
    return None


class Journal:
    """A process' journal. ``gate`` is ``(write, salt)`` of the segment in use, always taken together.

    It opens with the first record: a forked child that never reports makes no file.
    """

    def __init__(self, spool: str, task: str, *, primary: bool, rank: int, now: Callable[[], float]) -> None:
        self.spool = spool
        self.task = task
        self.rank = rank
        self.now = now
        self.writer = ""
        self.opening: Callable[[], list[dict[str, Any]]] = list
        """Gives the events a new journal begins with."""
        self.heir_of: Callable[[], str] = str
        """Gives, in a fork that has left its script's session, the script's writer."""
        self.limit: Callable[[], float] = lambda: bound.LIMIT
        """Gives the GiB that may wait in the spool; asked only when much does."""
        self.disabled = False
        self._fresh(primary)

    def _fresh(self, primary: bool) -> None:
        self.primary = primary
        self.gate: Gate = (_shut, 0)
        self.series: dict[tuple[str, str], int] = {}
        self.closed = False
        self.lost = 0
        """Records that could not be kept because there was no room."""
        self._over = 0
        """Bytes of the segment's spare room that are in use."""
        self._salt = 0
        self._sizes: deque[tuple[int, int]] = deque()
        """Number and size of the segments that, as far as we know, nobody has taken in."""
        self._look_at = 0.0
        self._ids = count()
        self._number = 0
        self._map: mmap | None = None
        self._ending: mmap | None = None
        self._lock = RLock()
        self._rotating = False
        self._later: deque[bytes] = deque()
        self._retry_at = 0.0
        self._detour: tuple[Gate, Callable[[], None]] | None = None
        self._presence: Presence | None = None

    def disable(self) -> None:
        """Keep nothing from here on."""
        self.disabled = True
        self.gate = (_sink, 0)

    # Records

    def append(self, payload: bytes) -> bool:
        """Keep one record; return whether it was kept."""
        kept = self._try(payload)
        if not kept:
            self._count_lost()
        return kept

    def _try(self, payload: bytes) -> bool:
        while True:
            gate = self.gate
            try:
                gate[0](frame(payload, gate[1]))
                return True
            except ValueError:
                room = self._make_room(gate, len(payload))
            if room is None:
                self._later.append(payload)
                return True
            if not room:
                return False

    def _count_lost(self) -> None:
        """Note in the ``.w`` file, which has its room, that a record could not be kept."""
        self.lost += 1
        if self._presence is not None:
            self._presence.note_lost(self.lost)

    def text(self, stream: int, data: bytes) -> bool:
        """Keep a piece of console output."""
        return self.append(TEXT_HEAD.pack(TEXT, stream, self.now()) + data)

    def event(self, **fields: Any) -> bool:
        """Keep an event; ``e`` names its kind."""
        return self.append(event_payload(fields))

    def last(self, **fields: Any) -> bool:
        """Keep the event that a journal ends with: there is room for it, whatever the disk says."""
        self._retry_at = 0.0
        if self._try(event_payload(fields)):
            return True
        short = {name: value[:_SHORT] if isinstance(value, str) else value for name, value in fields.items()}
        with self._lock:
            kept = self._squeeze(event_payload(short))
        if not kept:
            self._count_lost()
        return kept

    def series_id(self, title: str, series: str) -> int:
        """Return the number of a series, announcing it first if it is new."""
        known = self.series.get((title, series))
        if known is not None:
            return known
        number = next(self._ids)
        names = f"{title}\0{series}".encode("utf-8", "backslashreplace")
        self.append(SERIES_HEAD.pack(SERIES, number) + names)
        self.series[title, series] = number
        return number

    def call_with_next_record(self, call: Callable[[], None]) -> None:
        """Have ``call`` (the watch over the recorder) called when the next record comes, at no cost to those after."""
        with self._lock:
            if self._detour is None and not self.closed and not self._rotating:
                self._detour = (self.gate, call)
                self.gate = (_shut, 0)

    # Segments

    def _make_room(self, gate: Gate, size: int) -> bool | None:
        """Make a segment with room for a record; False: none can be made, None: we interrupted ourselves doing it."""
        with self._lock:
            if self._rotating:
                return None
            if self._detour is not None:
                (self.gate, call), self._detour = self._detour, None
                guard.attempt("looking after the recorder", call)
                return True
            if self.gate is not gate:
                return True
            if self.closed or monotonic() < self._retry_at:
                return False
            self._rotating = True
            try:
                made = self._rotate(size)
            finally:
                self._rotating = False
        while self._later:
            self.append(self._later.popleft())
        return made

    def _rotate(self, size: int) -> bool:
        try:
            first: list[bytes] = []
            if self._map is None:
                self._introduce()
                first = [event_payload(event) for event in self.opening()]
            segment, salt = self._next_segment(first, size)
            if self._map is not None:
                self._finish(self._map)
            self._show(segment, salt)
        except OSError as error:
            self._retry_at = monotonic() + _RETRY
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            guard.warn(
                f"cannot record: {error.strerror} ({self.spool}). Your script goes on; recording resumes when "
                f"{'there is room' if full else 'that is possible'} again, and what is missing is counted.",
                once="no room",
            )
            return False
        return True

    def _next_segment(self, first: list[bytes], size: int) -> tuple[mmap, int]:
        """Make and fill the next segment: if there is no room for it, small records still go into the old one."""
        number = self._number
        salt = int.from_bytes(os.urandom(4), "little")
        begin = pack_header(salt, 0, number) + b"".join(frame(payload, salt) for payload in first)
        whole = max(SEGMENT_SIZE, len(begin) + size + FRAME.size + _SPARE)
        segment = _mapped(self._path(f"{number}.seg") + ".tmp", whole)
        segment.write(pack_header(salt, whole, number) + begin[HEADER.size :])
        return segment, salt

    def _show(self, segment: mmap, salt: int) -> None:
        """Show the next segment, then let everybody write into it."""
        path = self._path(f"{self._number}.seg")
        os.rename(path + ".tmp", path)
        old, self._map = self._map, segment
        self._number += 1
        self._over, self._salt = 0, salt
        self._sizes.append((self._number, len(segment) + _SPARE))
        self._open_gate(segment)
        if old is not None and self._presence is not None:
            self._presence.unmap(old)

    def _open_gate(self, segment: mmap) -> None:
        """Let everybody write, but for what has to be left out while too much waits in the spool."""
        waiting, every = sum(size for _, size in self._sizes), 0
        if waiting > bound.FEW:
            taken = self._taken()[0]
            while self._sizes and self._sizes[0][0] <= taken:
                self._sizes.popleft()
            every = bound.share(sum(size for _, size in self._sizes), self.spool, self.limit())
        self._look_at = monotonic() + _RETRY
        self.gate = (bound.sparing(segment.write, every, self._left_out) if every else segment.write, self._salt)

    def _left_out(self) -> None:
        self._count_lost()
        if monotonic() > self._look_at and self._lock.acquire(False):
            if self._map is not None and self._detour is None and not self._rotating and not self.closed:
                self._open_gate(self._map)
            self._lock.release()

    def _finish(self, segment: mmap) -> None:
        """Fill the rest of a segment with one END frame; nobody can write into it any more, and readers go on."""
        if self._over:
            self._ending = segment
            self._put(_end(_SPARE - self._over, self._salt), len(segment) + self._over)
            return
        if self._ending is segment and segment.tell() == len(segment):
            return  # done by an attempt that then could not show the next one
        self._ending = segment
        self._fill(segment, lambda rest: _end(rest + _SPARE, self._salt))

    def _squeeze(self, payload: bytes) -> bool:
        """Write a record across the end of the mapping into the spare room; False if it does not fit there either."""
        segment, data = self._map, frame(payload, self._salt)
        if segment is None or self.closed or self._ending is segment or self._over + len(data) + FRAME.size >= _SPARE:
            return False
        if self._over:
            self._put(data, len(segment) + self._over)
            self._over += len(data)
        else:
            self._over = max(0, len(data) - self._fill(segment, lambda _: data))
        return True

    def _fill(self, segment: mmap, data: Callable[[int], bytes]) -> int:
        """Write what ``data`` gives for the mapping's rest across its end, whose rest then is nobody else's."""
        while True:
            rest = len(segment) - segment.tell()
            whole = data(rest)
            if whole[rest:].strip(b"\0"):
                self._put(whole[rest:], len(segment))
            try:
                segment.write(whole[:rest])
                return rest
            except ValueError:
                continue  # somebody's record was faster

    def _put(self, data: bytes, offset: int) -> None:
        """Write behind the mapping of the segment in use."""
        descriptor = os.open(self._path(f"{self._number - 1}.seg"), os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(descriptor, data, offset)
        finally:
            os.close(descriptor)

    def _path(self, suffix: str) -> str:
        return f"{self.spool}/{self.writer}.{suffix}"

    # Who writes

    def _introduce(self) -> None:
        if self._presence is None:
            self.writer = self.writer or os.urandom(8).hex()
            self._presence = Presence(self._path("w"), self._who(), self.lost)

    def _who(self) -> bytes:
        me = {"version": 1, "writer": self.writer, "task": self.task, "primary": self.primary, "rank": self.rank}
        more = {"created": self.now(), "heir_of": self.heir_of()}
        return plainjson.dumps(me | process.identity() | more).encode() + b"\n"

    def introduce(self, writer: str) -> None:
        """Open now, under the name ``writer``, not with the first record."""
        self.writer = writer
        if not self.disabled:
            self._make_room(self.gate, 0)

    # The end

    def become_child(self) -> None:
        """Forget the parent's segment after a fork: the child's first record opens a journal of the child's own."""
        if self.disabled:
            return
        presence, inherited = self._presence, self._map
        self._fresh(primary=False)
        self.writer = ""
        if inherited is not None:
            process.keep_mapped(inherited)
        if presence is not None:
            presence.let_go()

    def acknowledged(self) -> bool:
        """Whether the recorder has taken in everything written so far."""
        if self._map is None:
            return True
        segment, offset = self._taken()
        return bool(segment >= self._number or (segment == self._number - 1 and offset >= self._map.tell()))

    def _taken(self) -> tuple[int, int]:
        """Return the segment and the offset up to which the recorder has taken us in."""
        found = self._presence.taken() if self._presence is not None else None
        return found or (self._number, 0)

    def close(self) -> None:
        """Keep nothing any more and let go of the files."""
        with self._lock:
            self.closed = True
            self._detour = None
            self.gate = (_shut, 0)
            presence, self._presence = self._presence, None
            if presence is not None:
                presence.let_go(self._map)


def event_payload(fields: dict[str, Any]) -> bytes:
    """Return the payload of an event."""
    return bytes((EVENT,)) + plainjson.dumps(fields).encode()


def _end(size: int, salt: int) -> bytes:
    payload = bytes((END,)) + bytes(size - FRAME.size - 1)
    return FRAME.pack(len(payload), crc32(payload, salt)) + payload


def _mapped(path: str, size: int) -> mmap:
    """Make a file with all its blocks and return all but its last bytes as memory."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
        return mmap(descriptor, size - _SPARE)
    except OSError:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)
