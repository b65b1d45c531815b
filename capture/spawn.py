"""Seeing to it that a recorder is at work: at init, and by a look every two seconds.

Whoever gets the recorder's lock starts one and hands the locked descriptor over, so scripts that start together start
one recorder. The lock is economy; that a record counts once is the store's business. Nothing here waits for a recorder.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from _thread import allocate_lock, start_new_thread
from time import monotonic, sleep

from . import guard, plainjson, process
from .address import RECORDER, bell_path, lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HANDED = 3
"""The descriptor under which the recorder finds its lock."""
_EVERY = 2.0
_SOON = 0.05
FROZEN_AFTER = 10.0
"""Seconds without a beat after which a recorder counts as frozen."""
BEAT_AT = 512
BEAT = struct.Struct("<d")
"""The lock file: who holds it as JSON, then, at ``BEAT_AT``, the moment of its last beat."""
_HOLDER = ("pid", "version", "start_time", "boot", "pid_ns")
_NOT_FOR_THE_RECORDER = ("CAPTURE_TASK_ID", "CAPTURE_TASK_FILE", "CAPTURE_PROC_MASTER_ID", "CAPTURE_OFFLINE")
_SHELL = '"$@" &'

_failures = 0
_not_before = 0.0


def boot_script() -> str:
    """Return the recorder's first file."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorder", "boot.py")


def ensure_recorder(home: str, setting: str) -> bool:
    """Start a recorder for the store at ``home`` unless one is at work; return whether one was started."""
    descriptor = _lock(lock_path(home))
    if descriptor is None:
        return False
    try:
        _start(descriptor, home, setting)
    finally:
        os.close(descriptor)
    return True


def _lock(path: str) -> int | None:
    descriptor = process.high(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _start(descriptor: int, home: str, setting: str) -> None:
    """Start the recorder as nobody's child: a user's ``os.wait()`` must never meet it."""
    recorder = [sys.executable, "-P", boot_script(), "--lock-fd", str(_HANDED)]
    environ = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_THE_RECORDER}
    environ["CAPTURE_STORE"] = setting
    actions = [
        (os.POSIX_SPAWN_DUP2, descriptor, _HANDED),
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, f"{home}/recorder.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
    ]
    shell = ["/bin/sh", "-c", _SHELL, "sh", *recorder]
    try:
        child = os.posix_spawn(shell[0], shell, environ, file_actions=actions, setsid=True)
    except FileNotFoundError:
        os.posix_spawn(recorder[0], recorder, environ, file_actions=actions)
        return
    try:
        os.waitpid(child, 0)  # the shell itself, gone at once; the recorder is an orphan then
    except ChildProcessError:
        return  # SIGCHLD is ignored here, or another thread waited for everybody


def displace(home: str) -> bool:
    """Ask the recorder to go if it is of an older version than we are; return whether it is.

    It looks for such a wish each second and obeys only one with its own pid: one that comes too late harms nobody.
    """
    path = lock_path(home)
    found = holder(path)
    if not found or found["version"] >= RECORDER:
        return False
    wish = os.path.splitext(path)[0] + ".want"
    try:
        with open(f"{wish}.{os.getpid()}", "w", encoding="ascii") as file:
            file.write(f"{RECORDER} {found['pid']}")
        os.replace(f"{wish}.{os.getpid()}", wish)
    except OSError:
        return False
    return True


def ring(home: str) -> bool:
    """Wake the recorder; return whether there is one to hear it."""
    try:
        descriptor = os.open(bell_path(home), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(descriptor, b"!")
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def holder(path: str) -> dict[str, Any]:
    """Return who wrote the recorder's lock file last, with the ``beat`` (monotonic); empty if nobody did."""
    try:
        with open(path, "rb") as file:
            head, beat = file.read(BEAT_AT), file.read(BEAT.size)
        found = plainjson.loads(head.decode())
        return {**{name: found[name] for name in _HOLDER}, "beat": BEAT.unpack(beat)[0]}
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return {}


def end_frozen(home: str) -> None:
    """Kill a recorder that has not beaten for ten seconds (one that only waits does), if it is certain who that is.

    Only one of this boot and process namespace whose start time is still that of its pid. Harmless even if it wakes up
    again in between: the store takes each record once.
    """
    found, me = holder(lock_path(home)), process.identity()
    if not found or monotonic() - found["beat"] < FROZEN_AFTER:
        return
    if (found["boot"], found["pid_ns"]) != (me["boot"], me["pid_ns"]):
        return
    if found["start_time"] and process.start_time(found["pid"]) == found["start_time"]:
        try:
            os.kill(found["pid"], 9)
        except OSError:
            return  # gone meanwhile, or another user's


def watch_once(home: str, setting: str) -> bool:
    """Start a recorder if none is at work; the rarer, the more often that was in vain.

    Returns:
        Whether an older one was asked to go, so that the place is free in a moment.
    """
    global _failures, _not_before
    if monotonic() < _not_before:
        return False
    if not ensure_recorder(home, setting):
        _failures = 0
        end_frozen(home)
        return displace(home)
    _failures += 1
    if _failures > 3:
        _not_before = monotonic() + min(60.0, 2.0**_failures)
        guard.warn(
            f"the recorder does not stay up; what it says is in {home}/recorder.log. Everything is kept on disk until "
            f"one does.", once="recorder down",
        )  # fmt: skip
    return False


class Watch:
    """Looks after the recorder every two seconds, in a thread that is not there while the process forks.

    Since Python 3.12 a fork beside another thread is warned about, and rightly so: ``pause`` ends the thread and waits
    until the kernel has forgotten it, ``resume`` starts another.
    """

    def __init__(self, home: str, setting: str) -> None:
        self.home = home
        self.setting = setting
        self._sleeping = allocate_lock()
        self._thread = 0
        self._over = False
        self._jitter = os.getpid() % 100 / 100

    def resume(self) -> None:
        """Start looking."""
        if self._thread or self._over:
            return
        self._sleeping = allocate_lock()
        self._sleeping.acquire()
        self._thread = -1
        try:
            start_new_thread(self._run, (self._sleeping,))
        except RuntimeError:
            self._thread = 0
            raise

    def pause(self) -> None:
        """Stop looking; return when the thread is gone, at the latest after 50 ms."""
        if not self._thread:
            return
        self._sleeping.release()
        deadline = monotonic() + 0.05
        while self._alive() and monotonic() < deadline:
            sleep(0)
        self._thread = 0

    def stop(self) -> None:
        """Stop looking for good: the interpreter ends, and Python 3.12 refuses to start a thread from then on."""
        self._over = True
        self.pause()

    def forget(self) -> None:
        """In a forked child: the thread was the parent's."""
        self._thread = 0

    def _alive(self) -> bool:
        thread = self._thread
        return thread == -1 or os.path.exists(f"/proc/self/task/{thread}")

    def _run(self, sleeping: object) -> None:
        from _thread import get_native_id

        self._thread = get_native_id()
        soon = False
        while True:
            self._jitter = (self._jitter + 0.38) % 1
            pause = _SOON if soon else _EVERY * (0.5 + self._jitter)
            if sleeping.acquire(True, pause):  # type: ignore[attr-defined]
                return
            soon = False
            with guard.Shield("looking after the recorder"):
                soon = watch_once(self.home, self.setting)
