"""The recorder's life: take the lock, tick, and leave only when nobody needs it.

A tick looks for new journals, finds out who has died, takes in what all of them gained, and does what is due: aborts,
the machine's load, environments, compaction. The order matters in one place: "dead?" is asked before the last read.
Nothing that fails in a tick ends the recorder; a store that cannot be used is tried again, everything stays on disk.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from capture import address
from store import who
from store.engine import Store, open_store
from store.errors import StoreUnusable
from store.paths import Location

from .aborts import GRACE
from .bell import Bell
from .duties import Duties
from .election import Election
from .intake import Intake
from .jobs import Jobs
from .server import Server
from .spool import Spool
from .syncs import Syncs
from .writers import Roster, Writer

_SILENCE = 3.0
"""Seconds without a record after which ticks are slow."""
_STUCK = 300.0
"""Seconds after which a tick does not wait any more but hangs; for the store's lock alone it may wait half a minute."""
_SHARE = 30.0
"""A tick is followed by a pause of so many times its length, within bounds: many tasks then share a transaction."""

log = logging.getLogger("labtop.recorder")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done, in seconds."""

    tick: float = 0.25
    slow: float = 0.5
    """Between ticks while nobody has anything to say, or while ticks cost much."""
    idle: float = 60.0
    """With nothing to do for so long, it goes."""
    grace: float = GRACE
    """Between TERM and KILL of an abort."""
    retry: float = 5.0
    """The longest wait before an unusable store is tried again."""


class Recorder:
    """One recorder of one store; ``run`` returns when it is no longer needed."""

    def __init__(self, location: Location, election: Election, pace: Pace | None = None) -> None:
        self.location = location
        self.election = election
        self.pace = pace or Pace()
        self.bell = Bell(address.bell_path(location.home))
        self.spool = Spool(location.spool)
        self.jobs = Jobs(self.bell.ring)
        self.syncs = Syncs(location.spool, self.bell.ring)
        self.server = Server(location.home, self.syncs.wait)
        self.store: Store | None = None
        self._roster: Roster | None = None
        self._intake: Intake | None = None
        self._duties: Duties | None = None
        self._busy_at = time.monotonic()
        self._failures = 0
        self._not_before = 0.0
        self._said = ""
        self._checked = 0.0
        self._cost = 0.0
        """Seconds the last tick took."""
        self._ticked = time.monotonic()
        self._over = threading.Event()

    def run(self) -> None:
        """Record until there has been nothing to do for a while, or somebody asks us to go."""
        self.bell.on_signals()
        threading.Thread(target=self._beat, name="beat", daemon=True).start()
        self.server.start()
        self.spool.sweep()
        try:
            while not self._leaving():
                began = time.monotonic()
                again = self._tick()
                self._cost = time.monotonic() - began
                died = self.bell.wait(0.0 if again else self._pause())
                self._noticed(died)
        finally:
            self._close()

    def _beat(self) -> None:
        """Show that we are not frozen, while the loop waits too (for a lock that somebody holds for long)."""
        while not self._over.wait(1.0):
            if time.monotonic() - self._ticked < _STUCK:
                self.election.beat()

    # One tick

    def _tick(self) -> bool:
        """Do all that is due; return whether to go on at once."""
        self._ticked = time.monotonic()
        if self._ticked < self._not_before:
            return False
        try:
            more = self._work()
        except StoreUnusable as error:
            self._failed(str(error))
            return False
        except Exception as error:
            log.exception("a tick failed")
            self._failed(repr(error))
            return False
        if self._failures:
            log.info("the store can be used again")
        self._failures, self._said = 0, ""
        return more

    def _work(self) -> bool:
        roster, intake, duties = self._opened()
        if self.syncs.waiting or self.spool.changed():
            self._adopt(roster)
        roster.look()
        self.bell.watch(roster)
        more = intake.step()
        duties.do()
        for writer in roster:
            self._release(roster, duties, writer)
        if any(not writer.retry for writer in roster) or self.jobs.working or not duties.aborts.idle:
            self._busy_at = time.monotonic()
        self.syncs.settle(roster, self.jobs)
        return more

    def _adopt(self, roster: Roster) -> None:
        for writer in roster.adopt():
            log.info("taking on %s of task %s (pid %d)", writer.id, writer.identity.task, writer.identity.pid)

    def _release(self, roster: Roster, duties: Duties, writer: Writer) -> None:
        """Let go of a journal that is in the store to its end, or in which nothing was ever written."""
        empty = writer.dead and writer.drained and not writer.known and not writer.retry
        if not (writer.sealed or empty) or duties.owed(writer):
            return
        self.bell.unwatch(writer)
        roster.forget(writer)
        self.spool.remove(writer.id, writer.memory.damaged)
        duties.released(writer)
        log.info("done with %s of task %s", writer.id, writer.identity.task)

    def _noticed(self, died: list[str]) -> None:
        if self._roster is None:
            return
        for writer_id in died:
            writer = self._roster.by_id.get(writer_id)
            if writer is not None and not writer.dead:
                self._roster.bury(writer)

    # The store

    def _opened(self) -> tuple[Roster, Intake, Duties]:
        if self._roster is None or self._intake is None or self._duties is None:
            self.store = self.server.store = open_store(self.location)
            by = who.by()
            self._roster = Roster(self.spool, self.store)
            self._intake = Intake(self._roster, by)
            self._duties = Duties(self.store, self._roster, self._intake, self.jobs, self.pace.grace)
        return self._roster, self._intake, self._duties

    def _failed(self, why: str) -> None:
        """Say it once, keep everything, and try again: soon at first, then each few seconds."""
        self._failures += 1
        self._not_before = time.monotonic() + min(self.pace.retry, 0.25 * 2.0 ** min(self._failures, 10))
        if why != self._said:
            self._said = why
            log.warning("%s Everything stays in %s and is tried again.", why, self.location.spool)

    # Coming and going

    def _pause(self) -> float:
        if self._failures:
            return max(0.05, self._not_before - time.monotonic())
        if not self._roster or self._intake is None or time.monotonic() - self._intake.taken_at > _SILENCE:
            return self.pace.slow
        return min(self.pace.slow, max(self.pace.tick, self._cost * _SHARE))

    def _leaving(self) -> bool:
        if self.bell.stopping:
            return True
        now = time.monotonic()
        if now - self._checked > 1.0:
            self._checked = now
            if not self.election.in_place():
                log.info("the store is gone")
                return True
            if self.election.unwanted():
                log.info("a newer recorder takes over")
                return True
        return now - self._busy_at > self.pace.idle and not self.syncs.waiting and self._left_alone()

    def _left_alone(self) -> bool:
        """Let go of the lock, look once more, and take it back if somebody has come.

        Scripts show their journal first and try the lock then, so one of both notices.
        """
        self.election.release()
        if not self._unrecorded():
            log.info("nothing to do")
            return True
        if not self.election.take():
            return True
        self._busy_at = time.monotonic()
        return False

    def _unrecorded(self) -> bool:
        """Whether there is a journal that we could take on."""
        mine = self._roster
        return bool(self.spool.writers() - (mine.left_alone() if mine is not None else set()))

    def _close(self) -> None:
        self._over.set()
        self.server.close()
        for writer in self._roster or ():
            self.bell.unwatch(writer)
        self.bell.close()
        if self.store is not None:
            self.store.close()
        self.election.release()


def run(location: Location, election: Election, pace: Pace | None = None) -> None:
    """Be the recorder of a store whose lock is held."""
    Recorder(location, election, pace).run()
