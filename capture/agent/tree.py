"""All processes of a task, whatever they did to get away, and their end.

A process group misses children with a session of their own; the tree of parents misses double-forked ones, unless
orphans come to us (a child subreaper, Linux) or are known by a mark in their environment. Both ways are used. The shell
or agent that started us is never among them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

import psutil

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
LEFT_BEHIND = 5.0
"""Seconds that processes have which outlive their script."""
_LOOK = 0.05
_STUBBORN = 10.0
"""Seconds after which a process that survives KILL (waiting for a disk or a driver) is given up."""


def adopt_orphans() -> None:
    """From now on, descendants whose parent dies become our children (Linux; elsewhere the mark has to do)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """In a child, before exec: be killed when the parent dies without ending us."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def members(mark: str, below: bool = True) -> list[psutil.Process]:
    """Return the living processes that carry ``NAME=value`` in their environment and, if ``below``, our descendants."""
    found = {process.pid: process for process in psutil.Process().children(recursive=True)} if below else {}
    name, _, value = mark.partition("=")
    for process in psutil.process_iter():
        if process.pid not in found and process.pid != os.getpid() and _carries(process, name, value):
            found[process.pid] = process
    spared = _spared(found)
    return [process for process in found.values() if process.pid not in spared and _alive(process)]


def _spared(found: dict[int, psutil.Process]) -> set[int]:
    """Return the recorder, which a script may have started and which is everybody's, with what it has started."""
    spared: set[int] = set()
    for process in found.values():
        if _is_recorder(process):
            spared |= {process.pid, *_below(process)}
    return spared


def _below(process: psutil.Process) -> set[int]:
    try:
        return {child.pid for child in process.children(recursive=True)}
    except psutil.Error:
        return set()


def _is_recorder(process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except (psutil.Error, OSError):
        return False
    return "--lock-fd" in words and any(word.endswith("recorder/boot.py") for word in words)


def _carries(process: psutil.Process, name: str, value: str) -> bool:
    try:
        return bool(process.environ().get(name) == value)
    except (psutil.Error, OSError):
        return False


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def end(
    mark: str, grace: float, reap: Callable[[], None], hurry: Callable[[], bool] = lambda: False, below: bool = True
) -> int:
    """End all of them: TERM, ``grace`` seconds, KILL; return how many there were.

    Args:
        mark: see ``members``.
        grace: seconds they have to end by themselves.
        reap: waits for children that have ended.
        hurry: whether the grace has been called off.
        below: see ``members``.
    """
    seen: set[int] = set()
    deadline = time.monotonic() + grace
    while (left := members(mark, below)) and time.monotonic() < deadline and not hurry():
        for process in left:
            if process.pid not in seen:
                seen.add(process.pid)
                _signal(process, signal.SIGTERM)
                _signal(process, signal.SIGCONT)  # one that is stopped could not obey
        time.sleep(_LOOK)
        reap()
    deadline = time.monotonic() + _STUBBORN
    while (left := members(mark, below)) and time.monotonic() < deadline:
        for process in left:
            seen.add(process.pid)
            _signal(process, signal.SIGKILL)
        time.sleep(_LOOK / 5)
        reap()
    return len(seen)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except (psutil.Error, OSError):
        return
