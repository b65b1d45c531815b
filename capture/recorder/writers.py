"""The journals this recorder looks after: found in the spool, matched with their rows in the store, and let go at last.

A ``Writer`` is one process' journal with the files it asked to follow. The roster only keeps account; reading,
storing and settling are done with it, not by it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from capture import address
from store import clock, mounts
from store import writers as rows
from store.engine import Store
from store.records import Position

from . import liveness
from .follow import Follower
from .known import Known
from .liveness import Exit, Pidfd
from .memory import Memory
from .reader import Reader
from .spool import Identity, Spool

log = logging.getLogger("labtop.recorder")
SEALED = Position(0x7FFFFFFF, 0)
"""The position of a journal of which nothing more will be taken in: its last words and its end are in the store."""


@dataclass(slots=True)
class Writer:
    """One journal under our care."""

    identity: Identity
    reader: Reader
    pidfd: Pidfd | None = None
    followers: dict[str, Follower] = field(default_factory=dict)
    known: bool = False
    """Whether the store has a row for it."""
    died: float = 0.0
    """When its end was noticed (monotonic), 0 before."""
    died_at: float | None = None
    """The same in the time of the records, None if it was gone before we came."""
    kernel: Exit | None = None
    served: int = 0
    """The number of the pass that read it last: who has waited longest comes first."""
    outlived: bool = False
    """Whether a fork that left the script's session was seen to go on after its end."""
    heirs: dict[int, int] = field(default_factory=dict)
    """Those forks, as far as they were found alive: process -> its start."""
    retry: float = 0.0
    """Not before this moment (monotonic): it could not be read, or the store refused something of it; 0 else."""

    @property
    def id(self) -> str:
        """The writer's id."""
        return self.identity.writer

    @property
    def memory(self) -> Memory:
        """What is remembered at the position taken in."""
        return self.reader.memory

    @property
    def dead(self) -> bool:
        """Whether it will write no more."""
        return self.reader.dead

    @property
    def ended(self) -> bool:
        """Whether the script has said how its task ended (its process may live on)."""
        end = self.memory.end
        return end is not None and end.get("status") != "exit"

    @property
    def sealed(self) -> bool:
        """Whether all of it, its end too, is in the store."""
        return self.reader.position == SEALED

    @property
    def drained(self) -> bool:
        """Whether the last pass saw the end of the journal and of every followed file."""
        return self.reader.drained and all(follower.drained for follower in self.followers.values())


def ours(identity: Identity, spool: Path) -> bool:
    """Whether a journal is this host's to take in, whatever the host was called when it was written.

    One under another name is, if no recorder of that name is left to do it and its process can be judged from here: it
    runs, or ran, beside us, or it holds its lock no more. On a network file system no lock tells of another machine.
    """
    if identity.host == address.host():
        return True
    if not identity.boot or identity.boot != liveness.boot_id():
        return not mounts.on_network(spool) and not liveness.locked(spool / f"{identity.writer}.w")
    if liveness.locked(Path(address.lock_path(spool.parent, identity.host))):
        return False
    return liveness.same_namespace(identity) or not liveness.locked(spool / f"{identity.writer}.w")


class Roster:
    """All journals of this host in one spool."""

    def __init__(self, spool: Spool, store: Store) -> None:
        self.spool = spool
        self.store = store
        self.by_id: dict[str, Writer] = {}
        self._foreign: set[str] = set()
        self._secrets: WeakValueDictionary[str, Known] = WeakValueDictionary()
        """The secrets of each task that has a journal here."""

    def __iter__(self) -> Iterator[Writer]:
        return iter(list(self.by_id.values()))

    def __len__(self) -> int:
        return len(self.by_id)

    def left_alone(self) -> set[str]:
        """Return the journals that are not ours to take, or that the store refuses."""
        return self._foreign | {writer.id for writer in self if writer.retry}

    def adopt(self) -> list[Writer]:
        """Take on the journals that have appeared; return them."""
        found = self.spool.writers()
        self._foreign &= found
        new = [identity for writer in found - self.by_id.keys() if (identity := self._mine(writer))]
        if not new:
            return []
        kept = self._rows(new)
        new.sort(key=lambda who: (not who.primary, who.created))
        made = [self._writer(identity, kept) for identity in new]
        self.by_id |= {writer.id: writer for writer in made}
        return made

    def forget(self, writer: Writer) -> None:
        """Let a journal go."""
        writer.reader.segments.close()
        for follower in writer.followers.values():
            follower.close()
        if writer.pidfd is not None:
            writer.pidfd.close()
            writer.pidfd = None
        self.by_id.pop(writer.id, None)

    def kernel(self, writer: Writer) -> Exit | None:
        """Return how a dead writer's process ended, if the kernel says."""
        if writer.kernel is None and writer.pidfd is not None:
            writer.kernel = writer.pidfd.exit()
        return writer.kernel

    def restarted(self, writer: Writer) -> bool:
        """Whether the machine has been restarted since the writer began."""
        return writer.identity.boot != liveness.boot_id()

    def look(self) -> None:
        """Find out who has come to an end. Only what is read after this is known to be all there is."""
        for writer in self:
            if not writer.dead and self._finished(writer):
                self.bury(writer)

    def bury(self, writer: Writer) -> None:
        """Note that a writer will write no more; what it wrote is still to be read."""
        writer.reader.dead = True
        writer.reader.drained = False
        for follower in writer.followers.values():
            follower.bury()
        if not writer.died:
            writer.died, writer.died_at = time.monotonic(), clock.now()

    def refresh(self, writer: Writer) -> bool:
        """Put a journal where the store says it is; return whether the store knows it."""
        kept = self._rows([writer.identity])
        found = kept.get(writer.id)
        writer.known = found is not None
        writer.reader.rewind(found)
        for follower in writer.followers.values():
            if follower.id in kept:
                follower.rewind(kept[follower.id])
        return writer.known

    def follow(self, writer: Writer) -> None:
        """Open the files that a journal says to follow, once its start is in the store."""
        for stream, event in writer.memory.follows.items():
            if stream not in writer.followers:
                writer.followers[stream] = Follower(writer.identity, event, writer.reader.secrets)
                if writer.dead:
                    writer.followers[stream].bury()
            follower = writer.followers[stream]
            if not follower.known:
                follower.task, follower.execution = writer.reader.task, writer.reader.execution

    def _finished(self, writer: Writer) -> bool:
        """Whether the process is gone, or has ended its task and let go of its file."""
        if writer.ended and not liveness.locked(self.spool.folder / f"{writer.id}.w"):
            return True
        if writer.pidfd is not None:
            return False  # its end wakes us; no need to ask
        return not liveness.alive(writer.identity, self.spool.folder)

    def _mine(self, writer: str) -> Identity | None:
        identity = self.spool.identity(writer)
        if identity is not None and identity.writer == writer and ours(identity, self.spool.folder):
            self._foreign.discard(writer)
            return identity
        if writer not in self._foreign:
            log.warning("the journal %s is of another host or a newer version; it is left alone", writer)
            self._foreign.add(writer)
        return None

    def _writer(self, identity: Identity, kept: dict[str, rows.WriterRow]) -> Writer:
        found = kept.get(identity.writer)
        secrets = self._secrets.setdefault(identity.task, Known())
        secrets.load(self.spool.folder, identity.writer)
        reader = Reader(self.spool.folder, identity, secrets, found)
        writer = Writer(identity, reader, Pidfd.of(identity), known=found is not None)
        if writer.pidfd is None and not liveness.alive(identity, self.spool.folder):
            writer.died = time.monotonic()  # gone before we came: nobody knows since when
            self.bury(writer)
        if writer.known:
            self.follow(writer)
            for follower in writer.followers.values():
                if follower.id in kept:
                    follower.rewind(kept[follower.id])
        return writer

    def _rows(self, identities: list[Identity]) -> dict[str, rows.WriterRow]:
        ids = [name for who in identities for name in (who.writer, f"{who.writer}.out", f"{who.writer}.err")]
        with self.store.read() as connection:
            return rows.rows(connection, ids)
