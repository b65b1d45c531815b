"""Whether a process of this machine is still there: its pid means it only within one boot and process namespace.

Standard library only (psutil where there is no ``/proc``). It only looks; what a death means is decided by who asks.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path


@cache
def boot_id() -> str:
    """Return the id of this boot, empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


@cache
def pid_namespace() -> int:
    """Return the inode of our process namespace, 0 where the system has none."""
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0


def start_time(pid: int) -> int | None:
    """Return the start of a process in clock ticks since boot, None if it is gone or only a zombie."""
    if not sys.platform.startswith("linux"):
        return _start_time_elsewhere(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _start_time_elsewhere(pid: int) -> int | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else int(process.create_time())
    except psutil.Error:
        return None


def me() -> str:
    """Return what, with its pid, tells this process from any other; empty where the system cannot say."""
    return f"{boot_id()} {pid_namespace()} {start_time(os.getpid())}" if boot_id() and pid_namespace() else ""


def gone(pid: int, process: str) -> bool:
    """Whether a process (``me`` as it said itself) is certainly gone; of another machine or container nobody knows."""
    boot, _, rest = process.partition(" ")
    namespace, _, started = rest.partition(" ")
    if not boot or (boot, namespace) != (boot_id(), str(pid_namespace())):
        return False
    found = start_time(pid)
    return str(found) != started and not (found is None and _hidden(pid))


def _hidden(pid: int) -> bool:
    """Whether there is a process of this number that we may not look at: ``/proc`` can hide those of other users."""
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError) as error:
        return isinstance(error, PermissionError)
    return False
