"""What the recorder does for the tasks of its host beside taking in their records, each when it is due."""

from __future__ import annotations

import logging
import os
import time

from capture import gpus
from capture.monitor import Monitor
from store import clock, commands, going, hosts, queues
from store import writers as rows
from store.compact import compact, compact_due
from store.engine import Store
from store.errors import StoreUnusable
from store.records import Batch, Points

from . import liveness, machine
from .aborts import Aborts
from .intake import Intake
from .jobs import HOUSEKEEPING, Jobs
from .writers import Roster, Writer

log = logging.getLogger("labtop.recorder")
_HOUSEKEEPING = 20.0
_MACHINE = 10.0
_ATTEMPTS = 4


class Duties:
    """Aborts, the machine's load, environments, compaction, agents that were lost, and files that somebody left."""

    def __init__(self, store: Store, roster: Roster, intake: Intake, jobs: Jobs, grace: float) -> None:
        self.store = store
        self.roster = roster
        self.jobs = jobs
        self.by = intake.by
        self.aborts = Aborts(roster, store, intake.by, grace)
        self.monitor = Monitor(roster.spool.folder)
        self._captured: dict[str, int] = {}
        """Writer -> how often its environment was tried, negative once it is stored."""
        self._next: dict[str, float] = {}
        self._gone: set[str] = set()
        """Writers whose rows have yet to be closed."""
        self._last_look = True
        """Whether the machine was looked at since the last script went."""
        # With a clock that stands still a store is being seeded, and must come out the same every time.
        self._monitoring = "CAPTURE_CLOCK" not in os.environ
        intake.enrich = self.enrich

    def do(self) -> None:
        """Do what is due."""
        self.aborts.step()
        for writer in self.roster:
            self._environment(writer)
        if self._monitoring:
            self._watch_machine()
        if self._due(HOUSEKEEPING, _HOUSEKEEPING):
            self.jobs.add(HOUSEKEEPING, self._housekeeping)

    def _watch_machine(self) -> None:
        """Look at the machine while scripts run on it, and once more when the last has gone."""
        living = bool(self.monitor.processes)
        if living:
            self.monitor.sample()
        if (living or not self._last_look) and self._due("machine", _MACHINE):
            self._last_look = not living
            mine = (w for w in self.roster if w.known and not w.dead and liveness.same_namespace(w.identity))
            tasks = {writer.identity.pid: writer.reader.task for writer in mine}

            def look() -> None:
                answer = gpus.read()
                self.monitor.add_gpus(answer.cards)
                hosts.note(self.store, machine.seen(answer, tasks, self.roster.spool.folder))

            self.jobs.add("machine", look)

    def owed(self, writer: Writer) -> bool:
        """Whether something must still be done for a writer before its files may go."""
        return writer.known and writer.memory.environment is not None

    def released(self, writer: Writer) -> None:
        """A writer is gone and all of it is stored: tidy up what it leaves."""
        self.monitor.processes.pop(writer.id, None)
        self._captured.pop(writer.id, None)
        self._next.pop(f"environment {writer.id}", None)
        if not writer.known:
            return
        self._gone |= {writer.id, *(follower.id for follower in writer.followers.values())}
        task = writer.reader.task if writer.identity.primary else ""

        def tidy() -> None:
            self._close_rows()
            if task:
                compact(self.store, task, everything=True)

        self.jobs.add(f"tidy {writer.id}", tidy)

    def _close_rows(self) -> None:
        names = self._gone.copy()
        if names:
            with self.store.write(self.by) as tx:
                rows.close(tx, names)
            self._gone -= names

    def enrich(self, writer: Writer, batch: Batch | None) -> Batch | None:
        """Add the machine's load to what a live script reports."""
        if not self._monitored(writer):
            return batch
        self.monitor.watch(writer.id, writer.identity.pid)
        values = self.monitor.report(writer.id)
        if not values:
            return batch
        batch = batch or writer.reader.nothing()
        now, iteration = clock.now(), writer.memory.iteration
        for key, value in values.items():
            points = batch.scalars.setdefault(key, Points())
            points.iterations.append(iteration)
            points.times.append(now)
            points.values.append(value)
        return batch

    def _monitored(self, writer: Writer) -> bool:
        return (
            self._monitoring and writer.identity.primary and writer.known and not writer.dead and not writer.ended
            and writer.memory.monitor and liveness.same_namespace(writer.identity)
        )  # fmt: skip

    def _environment(self, writer: Writer) -> None:
        """Have a new execution's environment captured; forget about it once it is stored or cannot be."""
        start = writer.memory.environment
        if start is None or not writer.known or self.jobs.pending(writer.id):
            return
        tried = self._captured.get(writer.id, 0)
        if tried < 0 or tried >= _ATTEMPTS:
            writer.memory.environment = None
            return
        if not self._due(f"environment {writer.id}", 5.0):
            return
        self._captured[writer.id] = tried + 1
        task, execution, key = writer.reader.task, writer.reader.execution, writer.id
        secrets = writer.reader.secrets

        def job() -> None:
            from capture import environment

            found = environment.capture(start)
            found.code["diff"] = secrets.bytes(found.code["diff"])
            try:
                commands.set_environment(self.store, task, execution, found.code)
            except StoreUnusable:
                self._captured[key] -= 1  # nobody's fault here: it is tried as long as it takes
                raise
            self._captured[key] = -1

        self.jobs.add(key, job)

    def _housekeeping(self) -> None:
        self._close_rows()
        for task in compact_due(self.store):
            compact(self.store, task)
        queues.lost(self.store, clock.now())
        going.sweep(self.store)

    def _due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every
        return True
