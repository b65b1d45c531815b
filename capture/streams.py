"""What a script prints, as records, without changing what its terminal gets.

The stream objects stay where they are; only ``write`` and ``flush`` of the very object are shadowed, so logging
handlers made before are heard too and ``isatty``, ``fileno``, ``buffer`` and order are untouched. The user's own write
comes first and its errors are the user's. Output that goes to a regular file is not wrapped at all: the recorder
follows the file, and so has what C code and children write as well.
"""

from __future__ import annotations

import os
import stat
import sys
from _thread import get_ident
from collections import deque

from . import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .journal import Journal

OUT, ERR, TEXT, LABTOP = range(4)
NAMES = ("out", "err", "text", "labtop")
_MANY = 256  # pieces without an end of line that are kept back at most


class Tap:
    """Records what is written to one text stream, joined to whole lines."""

    def __init__(self, journal: Journal, stream: Any, number: int) -> None:
        self.journal = journal
        self.stream = stream
        self.number = number
        self.deaf_to: set[int] = set()
        """Threads whose writing is recorded otherwise."""
        self._pieces: deque[str] = deque()
        self._write = stream.write
        self._flush = stream.flush
        self._shadow()

    def _shadow(self) -> None:
        plain_write, plain_flush, note, drain = self._write, self._flush, self._note, self.drain

        def write(text: str) -> Any:
            written = plain_write(text)
            note(text)
            return written

        def flush() -> Any:
            done = plain_flush()
            drain()
            return done

        self._ours = write
        self.stream.labtop_plain_write = plain_write
        self.stream.write = write
        self.stream.flush = flush

    @guard.guarded
    def _note(self, text: str) -> None:
        if self.deaf_to and get_ident() in self.deaf_to:
            return
        pieces = self._pieces
        if not pieces and text[-1:] == "\n":
            self.journal.text(self.number, text.encode("utf-8", "backslashreplace"))
            return
        pieces.append(text)
        if "\n" in text or len(pieces) > _MANY:
            self.drain()

    @guard.guarded
    def drain(self) -> None:
        """Record what has been held back: the start of a line."""
        pieces, held = self._pieces, []
        try:
            while True:  # other threads may drain too: each piece goes to one of us
                held.append(pieces.popleft())
        except IndexError:
            pass
        if held:
            self.journal.text(self.number, "".join(held).encode("utf-8", "backslashreplace"))

    def forget(self) -> None:
        """In a forked child: the start of a line is the parent's to finish."""
        self._pieces.clear()

    def remove(self) -> None:
        """Take our hands off the stream, unless somebody has put theirs over ours."""
        self.drain()
        if self.stream.__dict__.get("write") is self._ours:
            for name in ("write", "flush", "labtop_plain_write"):
                self.stream.__dict__.pop(name, None)


class Streams:
    """The recording of stdout and stderr for one session."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.taps: list[Tap] = []
        self.followed: dict[int, os.stat_result] = {}
        """Stream number -> the file behind it."""
        self._ends: dict[int, int] = {}
        """Stream number -> where the recorder was last told that its file ends for us."""

    def begin(self, wanted: tuple[bool, bool], master: int = 0) -> None:
        """Record the wanted ones of (stdout, stderr); ``master`` is the process that records what we share with it."""
        files = [_file_behind(number) for number in (OUT, ERR)]
        for number in (OUT, ERR):
            if not wanted[number]:
                continue
            found = files[number]
            if found is None:
                self._tap(number)
            elif not (number == ERR and OUT in self.followed and _same(found, files[OUT])):
                self._follow(number, found, master)

    def _tap(self, number: int) -> None:
        stream = (sys.stdout, sys.stderr)[number]
        if stream is None or hasattr(stream, "labtop_plain_write"):
            return
        try:
            self.taps.append(Tap(self.journal, stream, number))
        except (AttributeError, TypeError):
            guard.warn(f"{NAMES[number]} cannot be recorded: {type(stream).__name__} objects cannot be listened to.")

    def _follow(self, number: int, found: os.stat_result, master: int) -> None:
        descriptor = number + 1
        if master and _same(found, _stat(f"/proc/{master}/fd/{descriptor}")):
            return
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if _stat(path) is None:
            self._tap(number)
            return
        _flush(number)
        self.followed[number] = found
        self.journal.event(
            e="follow", stream=NAMES[number], path=path, dev=found.st_dev, inode=found.st_ino,
            offset=_position(number),
        )  # fmt: skip

    @property
    def console_is_followed(self) -> bool:
        """Whether what is printed to stdout reaches the console by itself."""
        return OUT in self.followed

    def plain_write(self, text: str) -> None:
        """Print to stdout past the recording of it, whatever the script has put in its place on top of us."""
        if sys.stdout is None:
            return
        me = get_ident()
        for tap in self.taps:
            tap.deaf_to.add(me)
        try:
            sys.stdout.write(text)
        finally:
            for tap in self.taps:
                tap.deaf_to.discard(me)

    def drain(self) -> None:
        """Record starts of lines that are held back."""
        for tap in self.taps:
            tap.drain()

    def forget(self) -> None:
        """In a forked child."""
        self.followed.clear()
        for tap in self.taps:
            tap.forget()

    def say_ends(self) -> None:
        """Say where our output ends, as Python is about to, and anew with each flush.

        Handlers that were there before us are called after us; when they have printed, Python flushes the streams.
        """
        self._say_ends()
        for stream in (sys.stdout, sys.stderr) if self.followed else ():
            if stream is not None:
                guard.quietly(self._note_after_flush, stream)  # a user's own may have no flush, or let none be set

    def _note_after_flush(self, stream: Any) -> None:
        plain_flush, note = stream.flush, self._note_ends

        def flush() -> Any:
            done = plain_flush()
            note()
            return done

        stream.flush = flush

    def _say_ends(self) -> None:
        """Tell the recorder up to where the followed files are ours; without a word it reads them to their end."""
        for number in self.followed:
            guard.quietly(_flush, number)
        self._note_ends()

    @guard.guarded
    def _note_ends(self) -> None:
        for number, file in self.followed.items():
            found = _stat(number + 1)
            if found is None or not _same(file, found):  # closed, or replaced by another
                continue
            end = _position(number)
            if end != self._ends.get(number):
                self._ends[number] = end
                self.journal.event(e="follow_end", stream=NAMES[number], offset=end)

    def end(self) -> None:
        """Stop recording."""
        for tap in self.taps:
            tap.remove()
        self._say_ends()
        self.taps.clear()
        self.followed.clear()


def _stat(path: str | int) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _same(one: os.stat_result, other: os.stat_result | None) -> bool:
    return other is not None and (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _file_behind(number: int) -> os.stat_result | None:
    """Return the regular file that a stream writes to, None if it is something else or not the real stream."""
    stream = (sys.stdout, sys.stderr)[number]
    try:
        if stream is None or stream.fileno() != number + 1:
            return None
        found = os.fstat(number + 1)
    except (OSError, ValueError, AttributeError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _flush(number: int) -> None:
    """Write out what Python still holds back for a stream, whatever the script has put in its place."""
    stream = (sys.stdout, sys.stderr)[number]
    if stream is not None:
        stream.flush()


def _position(number: int) -> int:
    """Return where the next byte of a stream's file will be."""
    import fcntl

    descriptor = number + 1
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
        return os.fstat(descriptor).st_size
    return max(os.lseek(descriptor, 0, os.SEEK_CUR), 0)
