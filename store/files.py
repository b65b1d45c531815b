"""Where the files of artifacts, models and debug samples lie, and what they may be called.

``<home>/files/<task>/<kind>/<random>/<name>``, folders 0700 and files 0600: whoever asks for a place gets a folder of
its own, so that nothing is ever written over and a file goes exactly when its row goes. Rows keep ``file://`` URIs; the
part from ``files/`` on is what counts, so that a store that was moved still finds its own. Standard library only: the
script's process writes here. Must not know the tables.
"""

from __future__ import annotations

import os
import stat

from .paths import make_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOLDER = "files"
KINDS = ("artifacts", "models", "samples")
BLOCK = 1 << 20
_SPARE = 256 << 20  # what a copy leaves free: spool and tables need room too
_LONGEST = 120


class NoRoom(OSError):
    """The disk has not the room that a file needs; the message says how much it has."""


def safe_name(name: str) -> str:
    """Return a name as one harmless component of a path: no separators, controls, leading dots or great length."""
    import unicodedata

    plain = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in plain).strip(" .")
    if len(kept.encode("utf-8", "replace")) > _LONGEST:
        stem, dot, suffix = kept.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) < 12 else ""
        kept = kept.encode("utf-8", "replace")[: _LONGEST - len(suffix.encode())].decode("utf-8", "ignore") + suffix
    return kept or "file"


def place(home: str, task: str, kind: str, name: str) -> str:
    """Make a new folder for one file of a task and return the path that the file is to have.

    Raises:
        OSError: it cannot be made.
    """
    assert kind in KINDS
    folder = os.path.join(home, FOLDER, safe_name(task), kind, os.urandom(6).hex())
    make_private(folder)
    return os.path.join(folder, safe_name(name))


def create(path: str) -> int:
    """Open a new file for writing, private to the user; what is there already is never written over.

    Raises:
        OSError: it cannot be made, or is there.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def put(home: str, task: str, kind: str, folder: str, name: str, data: bytes) -> str:
    """Write a file of a task under the caller's name for it, over one that is there, and return its path.

    ``folder`` is in hex: with ``name`` it stands for what is written, so that writing it again changes nothing.

    Raises:
        OSError: it cannot be written.
    """
    assert kind in KINDS
    path = os.path.join(home, FOLDER, safe_name(task), kind, folder, safe_name(name))
    make_private(os.path.dirname(path))
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(create(temporary), "wb", buffering=0) as file:
            _written(file.fileno(), data)
        os.replace(temporary, path)
    except OSError:
        _quietly(os.unlink, temporary)
        raise
    return path


def read(path: str, limit: int) -> bytes:
    """Return a whole file.

    Raises:
        ValueError: it is no plain file, or longer than ``limit`` bytes.
        OSError: it is not there, or may not be read.
    """
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no plain file")
        if found.st_size > limit:
            raise ValueError(f"it has {found.st_size >> 20} MiB, more than {limit >> 20} MiB")
        return file.read(limit)


def refuse_full(path: str, size: int) -> None:
    """Refuse a file for which the disk has not the room, with some to spare for journals and tables.

    Raises:
        NoRoom: it has not.
    """
    found = os.statvfs(os.path.dirname(path))
    free = found.f_bavail * found.f_frsize
    if size + min(_SPARE, found.f_blocks * found.f_frsize // 20) > free:
        raise NoRoom(f"{size >> 20} MiB do not fit: {free >> 20} MiB are free in {os.path.dirname(path)}")


def copy(source: str, path: str) -> tuple[int, str]:
    """Copy a file to a new one and return its size and SHA-256; nothing is left behind where that fails.

    Raises:
        OSError: the source cannot be read, is no plain file, or there is no room.
    """
    import hashlib

    digest, size = hashlib.sha256(), 0
    descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO's writer may never come
    with open(descriptor, "rb", buffering=0) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{source} is no plain file")
        refuse_full(path, found.st_size)
        made = create(path)
        try:
            with open(made, "wb", buffering=0) as target:
                while block := file.read(BLOCK):
                    digest.update(block)
                    size += _written(target.fileno(), block)
        except OSError:
            remove(path)
            raise
    return size, digest.hexdigest()


def _written(descriptor: int, block: bytes) -> int:
    left = memoryview(block)
    while left:
        left = left[os.write(descriptor, left) :]
    return len(block)


def digest(path: str) -> tuple[int, str]:
    """Return the size and SHA-256 of a file."""
    import hashlib

    found, size = hashlib.sha256(), 0
    with open(path, "rb", buffering=0) as file:
        while block := file.read(BLOCK):
            found.update(block)
            size += len(block)
    return size, found.hexdigest()


def uri(path: str) -> str:
    """Return the ``file://`` URI of a path."""
    from urllib.parse import quote

    return "file://" + quote(os.fsencode(os.path.abspath(path)))


def path_of(home: str, where: str) -> str:
    """Return the path that a URI leads to: this store's own file if it has it, else as the URI says; empty if no file.

    Args:
        home: the store's home folder.
        where: the URI.
    """
    here = own(home, where)
    if here and os.path.lexists(here):
        return here
    return _plain(where)


def _plain(where: str) -> str:
    from urllib.parse import unquote_to_bytes

    if not where.startswith("file:///"):
        return ""
    path = os.fsdecode(unquote_to_bytes(where.removeprefix("file://")))
    return "" if "\0" in path else path


def own(home: str, where: str) -> str:
    """Return where below this home the file of a URI of ours would be, empty for any other URI."""
    parts = _plain(where).split("/")[-5:]
    if len(parts) < 5 or parts[0] != FOLDER or parts[2] not in KINDS or not set(parts[3]) <= set("0123456789abcdef"):
        return ""
    return "" if any(part in ("", ".", "..") for part in parts) else os.path.join(home, *parts)


def discard(home: str, uris: Iterable[str]) -> None:
    """Remove files of this store, with the folders that are empty then; anybody else's files are left alone.

    A file that cannot be removed stays: its row has gone, and nothing shows it any more.
    """
    for where in uris:
        path = own(home, where)
        if path:
            remove(path)


def remove(path: str) -> None:
    """Remove a file that ``place`` made room for, if it is there, and the folders that are empty then."""
    _quietly(os.unlink, path)
    folder = os.path.dirname(path)
    for _ in range(3):  # the file's own folder, the kind's, the task's
        if not _quietly(os.rmdir, folder):
            return
        folder = os.path.dirname(folder)


def _quietly(removed: Callable[[str], None], path: str) -> bool:
    try:
        removed(path)
    except OSError:
        return False
    return True
