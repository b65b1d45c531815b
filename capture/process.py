"""This process as others can recognise it, and descriptors of ours among the user's. Standard library only."""

from __future__ import annotations

import fcntl
import os

from .address import host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from mmap import mmap
    from typing import Any

_HIGH = 200
_leaked: list[mmap] = []


def high(descriptor: int) -> int:
    """Return the descriptor moved to a high number, out of the way of the numbers the user's code will get."""
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except OSError:
        return descriptor  # a small limit on open files
    os.close(descriptor)
    return moved


def keep_mapped(segment: mmap) -> None:
    """Never unmap a segment that a fork brought: that would close a descriptor whose number may be somebody's now."""
    _leaked.append(segment)


class Held:
    """A locked descriptor of ours.

    Daemonizers close descriptors they do not know, and the number may be reused: it is closed only while it still is
    our file.
    """

    __slots__ = ("descriptor", "file", "locked")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = high(descriptor)
        self.locked = self._lock()
        found = os.fstat(self.descriptor)
        self.file = (found.st_dev, found.st_ino)

    def _lock(self) -> bool:
        """Lock it without waiting: a fork made in C may hold, as long as it lives, what we were made to let go of."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def ours(self) -> bool:
        """Whether the descriptor still is our file."""
        try:
            found = os.fstat(self.descriptor)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self.file

    def close(self) -> None:
        """Let go of the lock."""
        if self.ours():
            os.close(self.descriptor)

    def release(self, segment: mmap, hold_again: Callable[[], None]) -> None:
        """Unmap a segment, unless all our descriptors were closed: unmapping closes the number that it once had."""
        if self.ours():
            self.locked = self.locked or self._lock()
            segment.close()
        else:
            _leaked.append(segment)
            hold_again()


def identity() -> dict[str, Any]:
    """Return what tells this process from any other: host, boot, process namespace, pid and start time; its session."""
    return {
        "host": host(),
        "boot": _line("/proc/sys/kernel/random/boot_id"),
        "pid_ns": _namespace(),
        "pid": os.getpid(),
        "start_time": start_time(os.getpid()),
        "session": os.getsid(0),
    }


def _line(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 4096).decode("utf-8", "replace").strip()
    finally:
        os.close(descriptor)


def _namespace() -> int:
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state (field 3) on; empty if there is no such process."""
    return _line(f"/proc/{pid}/stat").rpartition(")")[2].split()


def start_time(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 if there is none."""
    fields = _stat(pid)
    return int(fields[19]) if len(fields) > 19 else 0


def parent(pid: int) -> int:
    """Return a process' parent; 0 if there is none."""
    fields = _stat(pid)
    return int(fields[1]) if len(fields) > 1 else 0


def is_ancestor(pid: int) -> bool:
    """Whether a process is this one or one it descends from."""
    found = os.getpid()
    while found > 1:
        if found == pid:
            return True
        found = parent(found)
    return False


def user() -> str:
    """Return the name of the user this process runs as."""
    from .door import store_module

    return str(store_module("who").user())


def container(environ: Mapping[str, str], root: str = "") -> str:
    """Return which container this process is in, by what the runtime leaves inside: its kind, and the image if told.

    Empty outside of containers.
    """
    image = environ.get("APPTAINER_CONTAINER") or environ.get("SINGULARITY_CONTAINER")
    if image:
        return f"apptainer {image}"
    if os.path.exists(f"{root}/run/.containerenv"):
        told = _line(f"{root}/run/.containerenv").partition('image="')[2].partition('"')[0]
        return f"podman {told}".strip()
    if "KUBERNETES_SERVICE_HOST" in environ:
        return "kubernetes"
    return "docker" if os.path.exists(f"{root}/.dockerenv") else ""


def rank() -> int:
    """Return this process' rank in a distributed run, 0 outside of one."""
    word = os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or os.environ.get("SLURM_PROCID") or ""
    return int(word) if word.isascii() and word.isdigit() else 0
