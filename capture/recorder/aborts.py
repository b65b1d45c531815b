"""Ending a script that somebody asked to abort, with everything it has started, and nothing else.

TERM first, so that it may save what it has; KILL after a grace. What it has started is found in three ways, because
each of them misses some: descendants (misses what was reparented), the marker in the environment (misses forks without
exec), and the journal's files, which a fork inherits (misses what was executed). Its shell and we are never in it.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from dataclasses import dataclass, field

import psutil

from store import writers as rows
from store.engine import Store

from . import liveness
from .writers import Roster, Writer

log = logging.getLogger("labtop.recorder")
GRACE = 30.0
_ASK_EVERY = 1.0
_LOOK_EVERY = 0.25
_RECORDER = b"/recorder/boot.py"


@dataclass(slots=True)
class Ending:
    """One abort under way. ``known`` are the processes found so far, pid -> start time."""

    task: str
    writer: str
    pid: int
    deadline: float
    known: dict[int, int] = field(default_factory=dict)
    killing: bool = False


class Aborts:
    """Carries out the aborts of scripts that run here and that no agent looks after."""

    def __init__(self, roster: Roster, store: Store, by: str, grace: float = GRACE) -> None:
        self.roster = roster
        self.store = store
        self.by = by
        self.grace = grace
        self._under_way: dict[str, Ending] = {}
        self._tried: set[rows.Abort] = set()
        """What was begun once: where nothing of it is to be seen any more, it was reached."""
        self._ask_at = 0.0
        self._look_at = 0.0

    @property
    def idle(self) -> bool:
        """Whether no abort is under way."""
        return not self._under_way

    def step(self) -> None:
        """Begin what was asked for, and bring what is under way to its end."""
        now = time.monotonic()
        if now >= self._ask_at:
            self._ask_at = now + _ASK_EVERY
            self._begin(now)
        if self._under_way and now >= self._look_at:
            self._look_at = now + _LOOK_EVERY
            for ending in list(self._under_way.values()):
                self._go_on(ending, now)

    def _begin(self, now: float) -> None:
        hosted = {w.reader.task: w for w in self.roster if _can_be_ended(w) and w.reader.task not in self._under_way}
        if not hosted:
            return
        with self.store.read() as connection:
            asked = rows.aborts(connection, list(hosted))
        for abort in asked:
            writer = hosted[abort.task]
            if abort.execution == writer.reader.execution:
                self._try(abort, _ending(writer, now + self.grace))

    def _try(self, abort: rows.Abort, ending: Ending) -> None:
        """Ask the script to end; one of another process namespace may have no process that we can see."""
        first = abort not in self._tried
        self._tried.add(abort)
        if ending.known or _tree(ending):
            log.info("aborting task %s (pid %d)", ending.task, ending.pid)
            self._under_way[ending.task] = ending
            self._signal(ending, signal.SIGTERM)
        elif first:
            log.warning("task %s: %s", ending.task, rows.UNREACHED)
            with self.store.write(self.by) as tx:
                rows.withdraw(tx, abort)

    def _go_on(self, ending: Ending, now: float) -> None:
        living = {pid for pid, started in ending.known.items() if liveness.start_time(pid) == started}
        if not living and not _tree(ending):
            log.info("task %s: all of its processes are gone", ending.task)
            del self._under_way[ending.task]
        elif now >= ending.deadline:
            if not ending.killing:
                log.info("task %s: the grace is over, killing what is left", ending.task)
            ending.killing = True
            self._signal(ending, signal.SIGKILL)

    def _signal(self, ending: Ending, number: int) -> None:
        """Signal the script, then all it has started; once more for what was started meanwhile."""
        done: set[int] = set()
        for _ in range(3):
            ending.known |= _tree(ending)
            fresh = [pid for pid in ending.known if pid not in done]
            for pid in sorted(fresh, key=lambda pid: pid != ending.pid):
                _send(pid, ending.known[pid], number)
            done |= set(fresh)
            if not fresh:
                return


def _can_be_ended(writer: Writer) -> bool:
    return bool(writer.identity.primary and writer.known and (writer.heirs or not writer.dead) and not writer.ended)


def _ending(writer: Writer, deadline: float) -> Ending:
    """Return the abort of a script; its own pid says nothing here if it is of another process namespace."""
    who = writer.identity
    known = {who.pid: who.start_time} if liveness.same_namespace(who) else {}
    return Ending(writer.reader.task, writer.id, who.pid, deadline, known)


def _send(pid: int, started: int, number: int) -> None:
    if liveness.start_time(pid) != started:
        return  # gone, and the number may be anybody's by now
    try:
        os.kill(pid, number)
    except OSError as error:
        log.warning("cannot signal process %d: %s", pid, error)


def _tree(ending: Ending) -> dict[int, int]:
    """Return the script's processes that live now, pid -> start time."""
    marker = f"CAPTURE_PROC_MASTER_ID={ending.pid}:{ending.task}:{ending.writer}".encode()
    file = f"/{ending.writer}."
    roots = {pid for pid, started in ending.known.items() if liveness.start_time(pid) == started}
    roots |= {pid for pid in psutil.pids() if pid not in roots and _belongs(pid, marker, file)}
    found = set(roots)
    for pid in roots:
        try:
            found |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
        except psutil.Error:
            continue
    spared = {os.getpid(), 0, 1}
    started = {pid: liveness.start_time(pid) for pid in found - spared if not _is_recorder(pid)}
    return {pid: at for pid, at in started.items() if at is not None}


def _belongs(pid: int, marker: bytes, file: str) -> bool:
    if marker in _proc(pid, "environ").split(b"\0") or file.encode() in _proc(pid, "maps"):
        return True
    try:
        return any(file in os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False  # gone, or somebody else's


def _is_recorder(pid: int) -> bool:
    return _RECORDER in _proc(pid, "cmdline")


def _proc(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""
