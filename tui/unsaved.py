"""Text that was typed and is not saved yet, in small files of the user's own: a dropped link must not lose it.

A file holds one text, by store, task and what it is the text of. Whoever types holds a lock on it, which goes with the
process; so what nobody holds was left behind, and is offered when its task is opened again. Standard library only;
the calls touch the disk and belong in a thread.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Left:
    """A text that was not saved.

    Attributes:
        kind: ``value``, ``section`` or ``object``; ``text`` of a comment or a description.
        key: of what: ``Section/name``, a section, an object's name; empty for a ``text``, which has its place alone.
        seen: what the store had when the typing began.
        text: what was typed.
        time: when it was typed last.
        file: the file that an editor was writing, with the text in it; empty for what was typed here.
    """

    kind: str
    key: str
    seen: str
    text: str
    time: float
    file: str = ""


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where such texts are kept: below the user's folder for state."""
    base = environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base, "labtop", "unsaved")


class Unsaved:
    """The texts of one task, or of another place that has some.

    Args:
        store: what tells the store from others.
        place: the task's whole id, or what else tells the place from others.
    """

    def __init__(self, store: str, place: str) -> None:
        whole = f"{store}\0{place}".encode("utf-8", "backslashreplace")
        self._prefix = folder() / hashlib.sha256(whole).hexdigest()[:16]

    def draft(self, kind: str, key: str, seen: str, suffix: str = "") -> Draft:
        """Return a new text; with a suffix it has a file for an editor beside it."""
        path = self._prefix.with_name(f"{self._prefix.name}-{os.urandom(6).hex()}.unsaved")
        return Draft(path, Left(kind, key, seen, seen, 0.0, str(path.with_suffix(suffix)) if suffix else ""))

    def left(self) -> list[tuple[Left, Path]]:
        """Return what was left behind, newest first, and where; not what somebody is typing just now."""
        paths = self._prefix.parent.glob(f"{self._prefix.name}-*.unsaved")
        found = [(left, path) for path in paths if (left := _left(path)) is not None]
        return sorted(found, key=lambda pair: -pair[0].time)


def _left(path: Path) -> Left | None:
    """Return the text in a file; None, and the file gone, if nothing was changed in it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A process that was killed while it wrote may leave the end of an older, longer text behind the new one.
            found = Left(**json.JSONDecoder().raw_decode(file.read().decode())[0])
            if found.file:
                edited = Path(found.file)
                found = replace(found, text=edited.read_text("utf-8"), time=edited.stat().st_mtime)
            if found.text == found.seen:
                forget(found, path)
                return None
            return found
    except (OSError, ValueError, TypeError):
        return None


def forget(left: Left, path: Path) -> None:
    """Forget a text that was left behind."""
    path.unlink(missing_ok=True)
    if left.file:
        Path(left.file).unlink(missing_ok=True)


class Draft:
    """A text that is being typed: ``keep`` writes the newest one, whichever thread comes first.

    Args:
        path: its file.
        left: what is known of it.
    """

    def __init__(self, path: Path, left: Left) -> None:
        self.left = left
        self._path = path
        self._handle: int | None = None
        self._done = False
        self._lock = threading.Lock()

    def typed(self, text: str) -> None:
        """Take note of the text as it is now."""
        self.left = replace(self.left, text=text, time=time.time())

    def keep(self) -> None:
        """Write the text down, in one call: there is never half of it.

        Raises:
            OSError: it cannot be.
        """
        with self._lock:
            if self._done:
                return
            self._write()

    def kept(self) -> str:
        """Write the text down as ``keep`` does; return why it cannot be, empty if it is."""
        try:
            self.keep()
        except OSError as error:
            return f"What you type is not safe against a dropped link: {error}."
        return ""

    def _write(self) -> None:
        if self._handle is None:
            self._handle = self._opened()
        data = json.dumps(asdict(self.left)).encode()
        os.ftruncate(self._handle, os.pwrite(self._handle, data, 0))

    def _opened(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return handle

    def drop(self) -> None:
        """The text was saved, or given up."""
        with self._lock:
            if self._handle is not None:
                forget(self.left, self._path)
            self._close()

    def leave(self) -> None:
        """Leave the text behind, to be offered again."""
        with self._lock:
            if not self._done and self.left.text != self.left.seen:
                with suppress(OSError):
                    self._write()
            self._close()

    def _close(self) -> None:
        self._done = True
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
