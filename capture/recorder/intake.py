"""From the journals into the store: one transaction for what all of them gained, and nothing lost where that fails.

The store's answer is the truth. ``lost`` means somebody else moved a journal's position: go where the store says. A
store that cannot be written leaves everything as it is, to be tried again. One journal that the store refuses must not
keep the others out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from store import figures, samples
from store.errors import StoreUnusable
from store.ingest import ingest
from store.paths import settings
from store.records import Batch, Taken

from . import settle
from .follow import Follower
from .heirs import Heirs
from .reader import MAX_BYTES, Reader
from .writers import SEALED, Roster, Writer

log = logging.getLogger("labtop.recorder")
MAX_TRANSACTION = 8 << 20
"""Bytes of all journals in one transaction."""
_RETRY = 10.0
_KERNEL_PATIENCE = 0.25
"""Seconds to wait for the parent of a dead process to ask for its exit status: only then the kernel tells it."""

Source = Reader | Follower
Share = tuple[Writer, Source, Batch]
Enrich = Callable[[Writer, Batch | None], Batch | None]


class Intake:
    """Takes in what the roster's journals gained."""

    def __init__(self, roster: Roster, by: str) -> None:
        self.roster = roster
        self.heirs = Heirs(roster)
        self.by = by
        self.history = (_history("plots", figures.HISTORY), _history("samples", samples.HISTORY))
        """Iterations of each plot and of each debug sample that are kept."""
        self.enrich: Enrich = lambda _writer, batch: batch
        """Adds what the recorder itself has to report in a task (the machine's load)."""
        self.aborts: set[str] = set()
        """Tasks that somebody asked to abort, as far as the last transactions told."""
        self.taken_at = 0.0
        """When something was last taken in (monotonic)."""
        self._pass = 0

    def step(self) -> bool:
        """Take in one transaction's worth; return whether there may be more at once.

        Raises:
            StoreUnusable: nothing was taken in; everything is as it was.
        """
        shares = self._collect()
        self._store(shares)
        sealing = [share for writer in self.roster if self._ready(writer) for share in self._seal(writer)]
        self._store(sealing)
        return bool(sealing) or any(not writer.drained and not _waiting(writer) for writer in self.roster)

    def _collect(self) -> list[Share]:
        """Read every journal, those first that were read longest ago, up to what one transaction should hold."""
        self._pass += 1
        shares: list[Share] = []
        left = MAX_TRANSACTION
        for writer in sorted(self.roster, key=lambda w: (w.served, not w.identity.primary, w.identity.created)):
            if left <= 0:
                break
            if writer.sealed or _waiting(writer):
                continue
            writer.served = self._pass
            for source, batch in self._readable(writer, min(left, MAX_BYTES)):
                shares.append((writer, source, batch))
                left -= _size(batch)
        return shares

    def _readable(self, writer: Writer, limit: int) -> list[tuple[Source, Batch]]:
        """Return what a journal gained; one that cannot be read is left for later and keeps no other out."""
        writer.retry = 0.0
        try:
            return self._read(writer, limit)
        except Exception:
            log.exception("the journal %s cannot be read; its files are kept and tried again", writer.id)
            writer.retry = time.monotonic() + _RETRY
            return []

    def _read(self, writer: Writer, limit: int) -> list[tuple[Source, Batch]]:
        followers = [follower for follower in writer.followers.values() if follower.position != SEALED]
        for follower in followers:
            follower.fetch()
        batch = self.enrich(writer, writer.reader.read(limit))
        found: list[tuple[Source, Batch]] = [] if batch is None else [(writer.reader, batch)]
        if not writer.reader.drained:  # where the script's share of a file ends may stand in what is still to be read
            for follower in followers:
                follower.drained = False
            return found
        for follower in followers:
            stop = None if writer.outlived else writer.reader.stop_of(follower.stream)
            followed = follower.share(stop)
            if followed is not None:
                found.append((follower, followed))
        return found

    def _store(self, shares: Sequence[Share]) -> None:
        if not shares:
            return
        self.taken_at = time.monotonic()
        try:
            taken = ingest(self.roster.store, [batch for _, _, batch in shares], self.by, *self.history)
        except StoreUnusable:
            raise
        except Exception:
            self._store_apart(shares)
            return
        for (writer, source, _), outcome in zip(shares, taken, strict=True):
            self._applied(writer, source, outcome)

    def _store_apart(self, shares: Sequence[Share]) -> None:
        """Something in one of the batches broke the transaction: find it, and let the others pass."""
        refused: set[str] = set()
        for share in shares:
            writer = share[0]
            if writer.id in refused:
                continue
            try:
                taken = ingest(self.roster.store, [share[2]], self.by, *self.history)
            except StoreUnusable:
                raise
            except Exception:
                log.exception("the journal %s was refused; its files are kept and tried again", writer.id)
                refused.add(writer.id)
                writer.retry = time.monotonic() + _RETRY
                continue
            self._applied(writer, share[1], taken[0])

    def _applied(self, writer: Writer, source: Source, taken: Taken) -> None:
        if taken.outcome == "lost":
            log.info("another recorder was faster with %s", taken.writer)
            self.roster.refresh(writer)
            return
        source.commit(taken)
        if taken.abort_requested:
            self.aborts.add(taken.task)
        if source is not writer.reader:
            return
        writer.known = True
        self.roster.follow(writer)
        if not writer.sealed:
            self.roster.spool.acknowledge(writer.id, writer.memory.taken, writer.reader.position)
            writer.reader.segments.discard(writer.reader.position, writer.memory.damaged)

    # The end of a journal

    def _ready(self, writer: Writer) -> bool:
        """Whether a journal has been read to its end and it is known how it ended."""
        if writer.sealed or not writer.dead or not writer.drained or not writer.known or _waiting(writer):
            return False
        if not writer.identity.primary:
            return not self.heirs.held(writer)
        if writer.ended:
            return True
        known = self._told(writer) and not self.heirs.keep_open(writer, self._own_evidence(writer))
        return known and self._told(self._last(writer))

    def _told(self, writer: Writer) -> bool:
        """Whether all is known of how a process ended that ever will be."""
        return settle.sure(self._own_evidence(writer)) or time.monotonic() - writer.died >= _KERNEL_PATIENCE

    def _seal(self, writer: Writer) -> list[Share]:
        """Return the last batches of a journal and the files it followed, with the verdict on its task."""
        moment = self._moment(self._last(writer))
        events = []
        if not writer.ended:
            status, reason = settle.verdict(self._evidence(writer))
            events = [{"e": "end", "status": status.value, "reason": reason, "time": moment}]
        shares: list[Share] = [
            (writer, follower, follower.seal(SEALED)) for follower in writer.followers.values() if follower.known
        ]
        return [*shares, (writer, writer.reader, writer.reader.seal(SEALED, events, moment))]

    def _last(self, writer: Writer) -> Writer:
        """Return whose end is the task's: the script's, or that of the last fork that went on after it."""
        return max([writer, *self.heirs.of(writer)], key=self._moment)

    def _evidence(self, writer: Writer) -> settle.Evidence:
        """Return how a script ended, or what it left behind; that may have left no trace."""
        last = self._last(writer)
        return settle.Evidence() if writer.outlived and last is writer else self._own_evidence(last)

    def _own_evidence(self, writer: Writer) -> settle.Evidence:
        return settle.gather(self.roster.spool, writer.id, writer.memory.end, self.roster.kernel(writer),
                             self.roster.restarted(writer))  # fmt: skip

    def _moment(self, writer: Writer) -> float:
        """Return when it ended: as it said itself, else when its files were last written, at the latest now."""
        end = writer.memory.end
        if end is not None and end.get("time"):
            return float(end["time"])
        if writer.died_at is not None:
            return writer.died_at
        return self.roster.spool.last_written(writer.id)


def _history(what: str, usual: int) -> int:
    try:
        return int(settings().get(what, {}).get("history", usual))
    except (StoreUnusable, AttributeError, TypeError, ValueError, OverflowError):
        return usual


def _waiting(writer: Writer) -> bool:
    return writer.retry > time.monotonic()


def _size(batch: Batch) -> int:
    if batch.new.segment == batch.old.segment:
        return batch.new.offset - batch.old.offset
    return MAX_BYTES
