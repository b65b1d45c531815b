"""Forks that go on when their script has ended: a script that makes a daemon of itself is what it left behind.

A fork counts if it has left the script's session (``setsid``): a mere worker that outlives its script keeps nothing
Running. It is known by the script's segments, which a fork keeps mapped. It only looks; whose end is the task's is
decided in ``intake``.
"""

from __future__ import annotations

import logging
import os
import time

import psutil

from . import liveness, settle
from .spool import Identity
from .writers import Roster, Writer

log = logging.getLogger("labtop.recorder")
_PATIENCE = 0.5
"""Seconds a fork has, after its script's end, to leave the session."""
_EVERY = 0.25

Forks = dict[int, int]
"""Process -> its start."""


class Heirs:
    """Keeps a task open while a fork of its script goes on."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._not_before: dict[str, float] = {}

    def of(self, writer: Writer) -> list[Writer]:
        """Return the journals of forks that had left the session of this writer's script."""
        return [heir for heir in self.roster if heir.identity.heir_of == writer.id]

    def keep_open(self, writer: Writer, evidence: settle.Evidence) -> bool:
        """Whether a dead script's journal must wait, because a fork goes on or something of one is still to be read."""
        if not writer.outlived and not settle.may_go_on(evidence):
            return False
        if self._go_on(writer):
            return True
        self._not_before.pop(writer.id, None)
        if writer.heirs:
            log.info("task %s: the forks of pid %d are gone too", writer.reader.task, writer.identity.pid)
            writer.heirs.clear()
            self.roster.bury(writer)  # once more, for what they wrote to its files
            return True
        return any(not (heir.dead and heir.drained) and not heir.retry for heir in self.of(writer))

    def held(self, heir: Writer) -> bool:
        """Whether a dead fork's journal must wait, because its end may be that of the task."""
        script = self.roster.by_id.get(heir.identity.heir_of)
        if script is None or not script.dead or script.sealed:
            return False
        return heir.memory.end is not None or not _living(script.heirs)

    def _go_on(self, writer: Writer) -> bool:
        if _living(writer.heirs):
            return True
        now = time.monotonic()
        if now < self._not_before.get(writer.id, 0.0):
            return True
        away, near = forks(writer.identity)
        if away and not writer.outlived:
            log.info("task %s: pid %d left %s behind", writer.reader.task, writer.identity.pid, sorted(away))
            writer.outlived = True
        if away:
            writer.heirs = away
            for follower in writer.followers.values():
                follower.exhume()
        waits = bool(near) and now - writer.died < _PATIENCE
        self._not_before[writer.id] = now + _EVERY if waits else 0.0
        return bool(away) or waits


def forks(script: Identity) -> tuple[Forks, Forks]:
    """Return the living forks of a script: those that have left its session, and the others."""
    away: Forks = {}
    near: Forks = {}
    if script.session is None or not liveness.same_namespace(script):
        return away, near
    file = f"/{script.writer}.".encode()
    for pid in psutil.pids():
        started = liveness.start_time(pid)
        if started is None or started < script.start_time or pid == script.pid or file not in _maps(pid):
            continue
        session = _session(pid)
        if session is not None:
            (near if session == script.session else away)[pid] = started
    return away, near


def _living(found: Forks) -> bool:
    return any(liveness.start_time(pid) == started for pid, started in found.items())


def _session(pid: int) -> int | None:
    """Return a process's session: 0 in a container if its leader is outside, None if the process is gone."""
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _maps(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/maps", "rb") as file:
            return file.read()
    except OSError:
        return b""  # gone, or somebody else's
