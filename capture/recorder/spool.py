"""The spool folder: whose journals lie there, how far they were taken in, and cleaning up behind them.

File names and the layout of a writer's ``.w`` file stand in docs/architecture.md, "Spool files". This module neither
reads records nor decides who is alive.
"""

from __future__ import annotations

import json
import os
import re
import struct
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.records import Position

from .segments import put_away

ACK = struct.Struct("<QII")
"""Bytes of frames taken in, segment, offset; at ``ACK_AT`` in the ``.w`` file."""
ACK_AT = 4096
LOST = struct.Struct("<Q")
"""How many records the script could not keep; at ``LOST_AT``. Behind it, if the file is that long, its exit code."""
LOST_AT = ACK_AT + ACK.size
FORMAT = 1
"""The newest identity format this recorder reads; newer writers are left to a newer recorder."""

_WRITER = re.compile(r"([0-9a-f]{16})\.w")
_OURS = re.compile(r"([0-9a-f]{16})\.(\d+\.seg|w|term|hup|fatal|secrets)")
_STALE = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who writes a journal, from line 1 of its ``.w`` file."""

    writer: str
    host: str
    boot: str
    pid_ns: int
    pid: int
    start_time: int
    task: str
    primary: bool
    rank: int
    created: float
    session: int | None = None
    """The session it began in (0 in a container: one that began outside), None if it did not say."""
    heir_of: str = ""
    """For a fork that has left its script's session: the script's writer."""


def parse_identity(data: bytes) -> Identity | None:
    """Return the identity in a ``.w`` file, None if it is not one this recorder can read."""
    try:
        fields: dict[str, Any] = json.loads(data.split(b"\n", 1)[0].rstrip(b"\0 "))
        if fields["version"] > FORMAT:
            return None
        return Identity(
            str(fields["writer"]), str(fields["host"]), str(fields["boot"]), int(fields["pid_ns"]), int(fields["pid"]),
            int(fields["start_time"]), str(fields["task"]), bool(fields["primary"]), int(fields.get("rank") or 0),
            float(fields.get("created") or 0), _session(fields), str(fields.get("heir_of") or ""),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None


def _session(fields: dict[str, Any]) -> int | None:
    said = fields.get("session")
    return None if said is None else int(said)


class Spool:
    """The folder of one store's journals on this host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = 0

    def changed(self) -> bool:
        """Whether files came or went since the last call; in doubt (a change just now) it will say so again."""
        try:
            stamp = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if stamp == self._seen:
            return False
        fresh = time.time_ns() - stamp < 100_000_000  # the clock of time stamps ticks every 4 to 10 ms
        self._seen = 0 if fresh else stamp
        return True

    def writers(self) -> set[str]:
        """Return the ids of all writers that have a ``.w`` file."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return set()
        return {match[1] for name in names if (match := _WRITER.fullmatch(name))}

    def identity(self, writer: str) -> Identity | None:
        """Return a writer's identity, None if its file is gone or not for us."""
        try:
            return parse_identity(self.whole(writer, "w", ACK_AT))
        except OSError:
            return None

    def whole(self, writer: str, suffix: str, limit: int = 1 << 16) -> bytes:
        """Return the start of one of a writer's small files.

        Raises:
            OSError: there is none, or it cannot be read.
        """
        with (self.folder / f"{writer}.{suffix}").open("rb") as file:
            return file.read(limit)

    def evidence(self, writer: str, suffix: str) -> bytes | None:
        """Return what is in ``.term``, ``.hup`` or ``.fatal``, None if there is no such file."""
        try:
            return self.whole(writer, suffix)
        except OSError:
            return None

    def exit_code(self, writer: str) -> int | None:
        """Return the exit code that libc wrote as a process' last act, None if it did not come to that."""
        code = _part(self.folder / f"{writer}.w", LOST_AT + LOST.size, 1)
        return code[0] if code else None

    def acknowledge(self, writer: str, taken: int, position: Position) -> None:
        """Tell the script how much of its journal is in the store; nobody depends on it being there to be told."""
        try:
            descriptor = os.open(self.folder / f"{writer}.w", os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return
        try:
            os.pwrite(descriptor, ACK.pack(taken, position.segment, position.offset), ACK_AT)
        except OSError:
            pass
        finally:
            os.close(descriptor)

    def acknowledged(self, writer: str) -> Position | None:
        """Return the position that was acknowledged last, None if nothing was."""
        data = _part(self.folder / f"{writer}.w", ACK_AT, ACK.size)
        if len(data) < ACK.size:
            return None
        taken, segment, offset = ACK.unpack(data)
        return Position(segment, offset) if taken else None

    def last_written(self, writer: str) -> float:
        """Return when a writer's own files were last written to (in ``.w`` and ``.secrets`` we write, too)."""
        files = self.folder.glob(f"{writer}.*")
        times = [path.stat().st_mtime for path in files if path.suffix not in (".w", ".secrets")]
        return max(times, default=time.time())

    def remove(self, writer: str, keep: Collection[int]) -> None:
        """Delete all of a writer's files but the segments to ``keep``, which are put aside.

        The ``.w`` file goes last: as long as it is there, somebody may have to look.
        """
        kept = {f"{writer}.{number}.seg" for number in keep}
        self.sweep()
        names = sorted(name for name in os.listdir(self.folder) if name.startswith(f"{writer}."))
        for name in sorted(names, key=lambda name: name.endswith(".w")):
            if _OURS.fullmatch(name):
                with suppress(FileNotFoundError):
                    put_away(self.folder / name, name in kept)

    def sweep(self) -> None:
        """Delete half-made files of processes that died while making them, and what reserved a start long taken in."""
        limit = time.time() - _STALE
        for path in (*self.folder.glob("*.tmp"), *self.folder.glob("*.again")):
            try:
                if path.stat().st_mtime < limit and not self._reserves(path):
                    path.unlink()
            except (OSError, UnicodeDecodeError):
                continue

    def _reserves(self, path: Path) -> bool:
        """Whether a file keeps a task for a start whose journal is still here (``capture.reserve``)."""
        return path.suffix == ".again" and (self.folder / f"{path.read_text()}.w").exists()


def not_kept(folder: Path, writer: str) -> int:
    """Return how many records a script could not keep, because there was no room for them."""
    data = _part(folder / f"{writer}.w", LOST_AT, LOST.size)
    return int(LOST.unpack(data)[0]) if len(data) == LOST.size else 0


def _part(path: Path, offset: int, size: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, size, offset)
    finally:
        os.close(descriptor)
