"""Whether the process behind a journal still lives, and how it ended where the kernel tells.

In the same boot and process namespace the pid with its start time decides; across namespaces the lock on the ``.w``
file does, which no other process' inherited descriptor may keep from us (see docs/architecture.md). It only looks; what
a death means for a task is ``settle``'s business.
"""

from __future__ import annotations

import array
import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from store.alive import boot_id as boot_id
from store.alive import pid_namespace as pid_namespace
from store.alive import start_time as start_time

if TYPE_CHECKING:
    from .spool import Identity

_PIDFD_GET_INFO = 0xC000FF0B | (64 << 16)  # _IOWR(0xFF, 11, struct pidfd_info): 64 bytes, since Linux 6.13
_PIDFD_INFO_EXIT = 1 << 3  # since 6.15
_INFO = struct.Struct("<QQ11Ii")  # mask, cgroup, pid…fsgid, exit code: 64 bytes


def same_namespace(identity: Identity) -> bool:
    """Whether the pid in an identity means the same process to us."""
    return identity.boot == boot_id() and identity.pid_ns == pid_namespace()


def alive(identity: Identity, spool: Path) -> bool:
    """Whether a writer of this host still lives."""
    if identity.boot != boot_id():
        return False
    if identity.pid_ns == pid_namespace():
        return start_time(identity.pid) == identity.start_time
    return locked(spool / f"{identity.writer}.w")


def locked(path: Path) -> bool:
    """Whether somebody holds a lock on the file. Asks with a shared lock, so that two who ask do not see each other."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended, as the kernel says: by ``signal`` (0: by none) or with ``code``."""

    code: int
    signal: int

    @classmethod
    def of_wait_status(cls, status: int) -> Exit:
        """Return what a wait status means."""
        return cls(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 0, status & 0x7F)


class Pidfd:
    """A notice of one process' end; ``fileno`` becomes readable when it has ended."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def of(cls, identity: Identity) -> Pidfd | None:
        """Return the notice for a live writer, None where there can be none or the pid is another process by now."""
        if not same_namespace(identity) or not hasattr(os, "pidfd_open"):
            return None
        try:
            descriptor = os.pidfd_open(identity.pid)
        except OSError:
            return None
        if start_time(identity.pid) != identity.start_time:
            os.close(descriptor)
            return None
        return cls(descriptor)

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._descriptor

    def exit(self) -> Exit | None:
        """Return how the process ended, None if the kernel does not say (an old one, or a zombie nobody waited for)."""
        data = array.array("B", bytes(_INFO.size))
        _INFO.pack_into(data, 0, _PIDFD_INFO_EXIT, *[0] * 13)
        try:
            fcntl.ioctl(self._descriptor, _PIDFD_GET_INFO, data)
        except OSError:
            return None
        mask, *_, status = _INFO.unpack(data.tobytes())
        return Exit.of_wait_status(status) if mask & _PIDFD_INFO_EXIT else None

    def close(self) -> None:
        """Let go of the descriptor."""
        os.close(self._descriptor)
