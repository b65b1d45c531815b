"""The agent's own process: a worker with a lease, claims, and one runner after another.

It touches no journal: what a task prints and how it ends is the runner's to say. A store that cannot be reached for a
while does not end the task that is running.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from store import alive, clock, commands, queues, tables, transitions, who
from store.changes import Feed
from store.engine import Store
from store.errors import LabtopError
from store.lifecycle import Status, label
from store.queries import details, tasks
from store.records import TaskRow, WorkerRow

from . import tree, workspace
from .order import Order

BOOT = Path(__file__).with_name("boot.py")
BEAT = 5.0
"""Seconds between signs of life; the lease is ``queues.LEASE``."""
_SLICE = 0.5
_AGAIN = 1.0
"""Seconds between two attempts to claim a task from a store that is away."""
_SETTLE = 30.0
"""Seconds to wait for the recorder to have everything of an ended task in the store."""
_LAST_LINES = 5.0
_LOST = 30.0


@dataclass
class Settings:
    """What an agent was started with."""

    queues: Sequence[str]
    name: str
    by: str
    fair: bool = False
    once: bool = False
    grace: float = 30.0
    environment: dict[str, str] = field(default_factory=dict)


class Daemon:
    """A worker. ``say`` takes sentences for the person at the terminal, ``ended`` each task that has ended."""

    def __init__(
        self, store: Store, settings: Settings, say: Callable[[str], None], ended: Callable[[TaskRow], None]
    ) -> None:
        self.store = store
        self.settings = settings
        self.id = clock.new_id()
        self.name = _free_name(store, settings.name)
        self.held: tuple[str, int] | None = None
        """The task it runs, and in which execution."""
        self.stopping = 0
        """How often somebody asked it to stop: twice means at once."""
        self.draining = False
        self._say = say
        self._ended = ended
        self._order = list(settings.queues)
        self._feed: Feed | None = None
        self._writers: list[str] = []
        """The journals of runners that have ended."""
        self._beaten = self._swept = 0.0
        self._troubled = False
        """Whether it was said that the store cannot be used."""

    # The loop

    def serve(self) -> None:
        """Take and run tasks until asked to stop (or, with ``once``, until the queues are empty)."""
        with _Registered(self):
            served = ", ".join(self._order)
            self._say(f"Agent {self.name} takes tasks from {served} of {self.store.location.shown}. Ctrl-C stops it.")
            while not (self.stopping or self.draining):
                if not self._next() and (self.settings.once or not self._rest()):
                    break
        self._say(f"Agent {self.name} has ended.")

    def run_one(self, task: str) -> TaskRow | None:
        """Start one task, a Draft or Pending, and run it to its end; return its row (None: deleted meanwhile).

        Raises:
            StateError: it cannot be started in its state.
        """
        with _Registered(self):
            with self.store.write(self.settings.by) as tx:
                execution = transitions.start(
                    tx, task, mode="claimed", host=who.host(), worker=self.name, reason="executed by hand"
                )
            self._run(task, execution)
        return self._row(task)

    def ask_to_stop(self) -> None:
        """End the running task, and then itself; asked twice: without grace. Safe in a signal handler."""
        self.stopping += 1

    def _next(self) -> bool:
        """Claim a task and run it; return whether there was one."""
        try:
            claim = queues.claim(self.store, self.id, self._order, self.settings.by)
        except LabtopError as error:
            self._trouble(f"Cannot claim a task: {error} It is tried again until it can be.")
            self._pause(_AGAIN)
            return True
        if claim is None:
            return False
        if self.settings.fair:
            turn = self._order.index(claim.queue) + 1
            self._order = self._order[turn:] + self._order[:turn]
        self._run(claim.task, claim.execution)
        return True

    def _rest(self) -> bool:
        """Wait for a commit or the next sign of life; return whether to go on."""
        self._pause(BEAT)
        self._beat()
        return not (self.stopping or self.draining)

    def _pause(self, seconds: float) -> bool:
        """Wait until somebody commits something; a request to stop ends it within a moment."""
        deadline = time.monotonic() + seconds
        already = self.stopping
        while (left := deadline - time.monotonic()) > 0 and self.stopping == already:
            if self._troubled:
                time.sleep(min(_SLICE, left))  # of a store that is away the feed tells all the time
            elif self._feed is not None and self._feed.wait(min(_SLICE, left)):
                return True
        return False

    def _trouble(self, sentence: str) -> None:
        """Say what is wrong with the store, and when nothing is any more: each once, however often it is asked."""
        if bool(sentence) != self._troubled:
            self._troubled = bool(sentence)
            self._say(sentence or "The store can be used again.")

    # Signs of life and requests

    def _beat(self, *, now: bool = False) -> list[str]:
        """Renew the lease when it is time; return what is asked of us."""
        try:
            if now or time.monotonic() - self._beaten >= BEAT:
                self._beaten = time.monotonic()
                asked = queues.beat(self.store, self.id, self.held, self._state())
                self._settle_lost()
                self._trouble("")  # only what is written says so
            else:
                asked = self._asked()
            if "lost" in asked:
                queues.register(self.store, self._worker())
        except LabtopError as error:
            self._trouble(f"No sign of life could be given: {error} It is tried again until it can be.")
            return []
        self.draining = "drain" in asked  # it can be taken back
        if "stop" in asked and not self.stopping:
            self.stopping = 1
        return asked

    def _asked(self) -> list[str]:
        """Return what is asked of us, without writing: it is looked at after every commit of anybody."""
        with self.store.read() as c:
            state = c.execute(sa.select(tables.worker.c.state).where(tables.worker.c.id == self.id)).scalar()
            asked = {"draining": ["drain"], "stopping": ["stop"]}.get(str(state), [])
            if self.held is not None and queues.to_be_ended(c, *self.held):
                asked = [*asked, "abort"]
        return asked

    def _settle_lost(self) -> None:
        if time.monotonic() - self._swept >= _LOST:
            self._swept = time.monotonic()
            workspace.sweep(self.store.location, self._writers)
            for task in queues.lost(self.store):
                self._say(f"{task[:8]} is Failed: its worker was lost.")

    def _worker(self) -> WorkerRow:
        now = clock.now()
        user = self.settings.by.partition("@")[0]
        task = self.held[0] if self.held is not None else None
        return WorkerRow(
            self.id, self.name, who.host(), user, os.getpid(), list(self.settings.queues), task, self._state(),
            now, now, alive.me(),
        )  # fmt: skip

    def _state(self) -> str:
        return "idle" if self.held is None else "running"

    # One task

    def _run(self, task: str, execution: int) -> None:
        self.held = task, execution
        try:
            self._execute(task, execution)
        finally:
            self.held = None
            if not self.stopping:
                self._beat(now=True)

    def _execute(self, task: str, execution: int) -> None:
        with self.store.read() as c:
            found = details.detail(c, task)
        self._say(f'Running "{found.row.name}" ({task[:8]}).')
        settings = self.settings
        try:
            order = workspace.prepare(self.store.location, found, execution, settings.grace, settings.environment)
            order.write(Path(workspace.order_path(order)))
            if found.code.argv:
                commands.set_environment(self.store, task, execution, {"argv": []})  # what is passed in this execution
        except (LabtopError, OSError) as error:
            self._fail(task, execution, str(error))
        else:
            self._supervise(order)
        row = self._row(task)
        if row is not None:
            why = f": {row.status_reason}" if row.status_reason else ""
            self._say(f'"{row.name}" ({task[:8]}) is {label(row.status)}{why}.')
            self._ended(row)

    def _fail(self, task: str, execution: int, reason: str) -> None:
        with self.store.write(self.settings.by) as tx:
            transitions.finish(tx, task, execution, Status.FAILED, reason)

    def _supervise(self, order: Order) -> None:
        command = [sys.executable, "-P", str(BOOT), workspace.order_path(order)]
        # No buffer: a word that comes too late would stay in it, and closing the pipe would fail once more.
        with subprocess.Popen(
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/"
        ) as runner:
            self._watch(runner)
        if runner.returncode:  # it may have died before it could end anybody
            tree.end(order.mark, tree.LEFT_BEHIND, lambda: None, lambda: self.stopping > 1, below=False)
        self._writers.append(order.writer)
        self._settle(order)

    def _watch(self, runner: subprocess.Popen[bytes]) -> None:
        told = 0
        while runner.poll() is None:
            asked = self._beat()
            if self.stopping > told:
                _tell(runner, "kill" if self.stopping > 1 else "stop")
                told = self.stopping
            elif "abort" in asked:
                _tell(runner, "abort")
            self._pause(1.0)

    def _settle(self, order: Order) -> None:
        """Wait until the store has the execution's end."""
        deadline = time.monotonic() + _SETTLE
        while time.monotonic() < deadline:
            try:
                if self._has_ended(order):
                    return
            except LabtopError as error:
                self._trouble(
                    f"Cannot see whether {order.task[:8]} has ended: {error} It is tried again until it can be."
                )
            self._pause(1.0)
        self._say(f"{order.task[:8]} has ended, but the recorder has not said so yet; see `capture doctor`.")

    def _has_ended(self, order: Order) -> bool:
        with self.store.read() as c:
            t = tables.task.c
            row = c.execute(sa.select(t.status, t.execution).where(t.id == order.task)).first()
        return row is None or row.status != Status.RUNNING or row.execution != order.execution

    def _row(self, task: str) -> TaskRow | None:
        with self.store.read() as c:
            return next(iter(tasks.rows(c, [task])), None)

    def open(self) -> None:
        """Become known as a worker, and listen to signals."""
        queues.register(self.store, self._worker())
        self._feed = Feed(self.store)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, lambda *_: self.ask_to_stop())
        workspace.sweep(self.store.location)

    def close(self) -> None:
        """Be forgotten as a worker, once the recorder has the last console lines."""
        deadline = time.monotonic() + _LAST_LINES
        while workspace.sweep(self.store.location, self._writers) and time.monotonic() < deadline:
            self._pause(0.2)
        if self._feed is not None:
            self._feed.close()
        queues.unregister(self.store, self.id)


class _Registered:
    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    def __enter__(self) -> None:
        self._daemon.open()

    def __exit__(self, *_: object) -> None:
        self._daemon.close()


def _tell(runner: subprocess.Popen[bytes], word: str) -> None:
    assert runner.stdin is not None
    try:
        runner.stdin.write(word.encode() + b"\n")
    except BrokenPipeError:
        return  # it has just ended by itself


def _free_name(store: Store, wanted: str) -> str:
    """Return a name that no living worker has: ``host``, else ``host:2`` and so on."""
    with store.read() as c:
        taken = {row.name for row in queues.workers(c) if not row.lost(clock.now())}
    names = [wanted, *(f"{wanted}:{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
