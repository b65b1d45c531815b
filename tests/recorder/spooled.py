"""Journals made byte by byte, as a script would leave them, for what no real script can be made to do on time."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import struct
from pathlib import Path
from typing import Any

from capture import frames

_numbers = itertools.count(1)


def boot_id() -> str:
    """Return this boot's id."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int:
    """Return a process' start in clock ticks."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


class Journal:
    """One writer's files in a spool folder, written with ``capture.frames`` alone."""

    def __init__(self, spool: Path, *, task: str = "", primary: bool = True, segment: int = frames.SEGMENT_SIZE,
                 **identity: Any) -> None:  # fmt: skip
        number = next(_numbers)
        self.spool, self.segment, self.number = spool, segment, -1
        self.writer = f"{os.getpid():08x}{number:08x}"
        self.task = task or f"{os.getpid():016x}{number:016x}"
        self._series: dict[tuple[str, str], int] = {}
        spool.mkdir(parents=True, exist_ok=True)
        fields = {
            "version": 1, "writer": self.writer, "host": os.uname().nodename, "boot": boot_id(),
            "pid_ns": os.stat("/proc/self/ns/pid").st_ino, "pid": os.getpid(), "start_time": start_time(os.getpid()),
            "task": self.task, "primary": primary, "rank": 0, "created": 1000.0 + number,
        }  # fmt: skip
        made = spool / f"{self.writer}.w.tmp"
        made.write_bytes(json.dumps(fields | identity).encode().ljust(4096, b" ") + bytes(24))
        self._lock = os.open(made, os.O_RDWR)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._rotate()
        made.rename(spool / f"{self.writer}.w")

    def frame(self, payload: bytes) -> bytes:
        """Append one record."""
        data = frames.frame(payload, self._salt)
        if self._offset + len(data) > self._size - 16:
            old, offset, salt, size = self._file, self._offset, self._salt, self._size
            self._rotate(len(data))
            padding = bytes([frames.END]) + bytes(size - offset - frames.FRAME.size - 1)
            os.pwrite(old, frames.frame(padding, salt), offset)
            os.close(old)
            data = frames.frame(payload, self._salt)
        os.pwrite(self._file, data, self._offset)
        self._offset += len(data)
        return data

    def frame_at_the_end(self, payload: bytes) -> None:
        """Append the record that fills the segment, without making the next one."""
        os.pwrite(self._file, frames.frame(payload, self._salt), self._offset)

    def raw(self, data: bytes) -> None:
        """Put bytes where the next record would come, as a kill in the middle of a record leaves them."""
        os.pwrite(self._file, data, self._offset)

    def event(self, kind: str, **fields: Any) -> None:
        """Append an event."""
        self.frame(bytes([frames.EVENT]) + json.dumps({"e": kind, **fields}).encode())

    def start(self, *, name: str = "a task", mode: str = "new", **fields: Any) -> None:
        """Append a start event."""
        event: dict[str, Any] = {
            "task": self.task, "mode": mode, "execution": None, "fallback": None, "project": "tests/recorder",
            "name": name, "type": "training", "tags": [], "user": "ada", "host": os.uname().nodename, "comment": "",
            "offset": None, "time": 1000.0,
        }  # fmt: skip
        self.event("start", **(event | fields))

    def follow(self, out: Path, offset: int = 0) -> None:
        """Say that the script's output goes to a file, from an offset on."""
        found = out.stat()
        self.event("follow", stream="out", path=str(out), dev=found.st_dev, inode=found.st_ino, offset=offset)

    def scalar(self, value: float, iteration: int, title: str = "loss", series: str = "train", at: float = 1e9) -> None:
        """Append a scalar, and its series' name before the first."""
        key = (title, series)
        if key not in self._series:
            self._series[key] = len(self._series)
            head = frames.SERIES_HEAD.pack(frames.SERIES, self._series[key])
            self.frame(head + f"{title}\0{series}".encode())
        self.frame(frames.SCALAR_FRAME.pack(frames.SCALAR, self._series[key], iteration, at, value))

    def text(self, text: str | bytes, stream: int = 0, at: float = 1e9) -> None:
        """Append console bytes."""
        data = text.encode() if isinstance(text, str) else text
        self.frame(frames.TEXT_HEAD.pack(frames.TEXT, stream, at) + data)

    def leave(self, suffix: str, data: bytes = b"") -> None:
        """Leave evidence behind, as faulthandler would."""
        (self.spool / f"{self.writer}.{suffix}").write_bytes(data)

    def exit(self, code: int) -> None:
        """Leave the exit code behind, as libc would."""
        os.pwrite(self._lock, bytes([code]), 4120)

    def lose(self, count: int) -> None:
        """Say that so many records could not be kept."""
        os.pwrite(self._lock, struct.pack("<Q", count), 4112)

    def acknowledged(self) -> tuple[int, int, int]:
        """Return what the recorder wrote at the end of the ``.w`` file."""
        taken, segment, offset = struct.unpack("<QII", (self.spool / f"{self.writer}.w").read_bytes()[4096:4112])
        return taken, segment, offset

    def close(self) -> None:
        """Let go of everything, as the process' end does."""
        os.close(self._lock)
        os.close(self._file)

    def _rotate(self, room: int = 0) -> None:
        self.number += 1
        self._size = max(self.segment, room + 64)
        self._salt = 0x1234567 + self.number
        path = self.spool / f"{self.writer}.{self.number}.seg"
        self._file = os.open(f"{path}.tmp", os.O_CREAT | os.O_RDWR, 0o600)
        os.ftruncate(self._file, self._size)
        os.pwrite(self._file, frames.pack_header(self._salt, self._size, self.number), 0)
        self._offset = frames.HEADER.size
        Path(f"{path}.tmp").rename(path)
