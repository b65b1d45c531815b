"""A regular file that standard output or error goes to, read as console lines: so that C code and children are in too.

Each followed file is a writer of its own in the store, named after the script's (``W.out``), with the file's offset as
its position. So the same compare-and-swap that counts records once counts its bytes once. The file is the one the
script began with, whatever it is called by now; where something of it cannot be read, the console says so.
"""

from __future__ import annotations

from store import clock, redact
from store.lifecycle import Status
from store.records import Batch, Event, Line, Position, Taken
from store.writers import WriterRow

from .console import Tail
from .known import Known
from .output import Output
from .spool import Identity

CHUNK = 1 << 20
_NAMES = {"out": "standard output", "err": "standard error"}


class Follower:
    """Reads one followed file."""

    def __init__(self, identity: Identity, follow: Event, secrets: Known) -> None:
        self.identity = identity
        self.secrets = secrets
        self.stream = str(follow["stream"])
        self.id = f"{identity.writer}.{self.stream}"
        self.drained = False
        self.known = False
        """Whether the store has a row for it."""
        self.died_at: int | None = None
        """The size of the file when its script was found dead: what comes later is somebody else's."""
        self.task, self.execution = identity.task, 0
        self.position = Position(0, int(follow.get("offset") or 0))
        self._output = Output(identity, follow)
        self._buried = False
        self._said = False
        """Whether the console says already that not everything is in it."""
        self._tail = self._next_tail = Tail()
        self._in_key = self._next_in_key = False
        self._new = self.position
        self._fetched = b""

    def fetch(self, limit: int = CHUNK) -> None:
        """Read what the file gained since the position; before the journal is read, which may say where to stop."""
        self._fetched = self._bytes(limit)
        self.drained = len(self._fetched) < limit

    def share(self, stop: int | None) -> Batch | None:
        """Return what was fetched, up to ``stop``, as a batch; None if there is nothing to tell."""
        segment, offset = self._new
        begin = offset - len(self._fetched)
        word = self._word(stop)
        stop = self.died_at if stop is None or segment else stop
        data = self._fetched if stop is None else self._fetched[: max(0, stop - begin)]
        self.drained = self.drained or len(data) < len(self._fetched)
        if not data and not word and self.known:
            return None
        self._new = Position(segment, begin + len(data))
        self._next_tail = self._tail.copy()
        batch = self._batch(self._next_tail.feed(data) if data else [])
        if word:
            self._say(batch, word)
        return batch

    def _word(self, stop: int | None) -> str:
        """Return what the console must say of what is missing in it, empty if nothing is or it was said."""
        if self._said:
            return ""
        away = "" if self._buried else self._output.elsewhere()
        if away:
            return f"{_NAMES.get(self.stream, self.stream)} goes to {away} now: what is written there is not recorded"
        if self._buried and self._output.missing and (stop is None or stop > self.position.offset):
            why, at = self._output.missing, self.position.offset
            return f"what was written to {self._output.path} after its byte {at} is missing here: {why}"
        return ""

    def _say(self, batch: Batch, word: str) -> None:
        self._said = True
        batch.state["said"] = True
        batch.lines.extend(self.secrets.lines([Line(clock.now(), "labtop", self.identity.rank, word)]))

    def seal(self, sealed: Position) -> Batch:
        """Return the last batch of all: the unfinished line, and a position nobody goes on from."""
        self._new, self._next_tail = sealed, self._tail.copy()
        batch = self._batch(self._next_tail.flush())
        batch.events.append({"e": "end", "status": Status.COMPLETED.value, "time": clock.now()})
        return batch

    def bury(self) -> None:
        """Its script is dead: read only what is there now."""
        self.drained, self._buried = False, True
        if self.died_at is None:
            self.died_at = self._output.size()

    def exhume(self) -> None:
        """Its script is dead, but a fork goes on writing to the file."""
        self._buried, self.died_at = False, None

    def close(self) -> None:
        """Let go of the file."""
        self._output.close()

    def commit(self, taken: Taken) -> None:
        """The store has taken the last batch."""
        self.position, self._tail, self._in_key = self._new, self._next_tail, self._next_in_key
        self.task, self.execution, self.known = taken.task, taken.execution, True

    def rewind(self, row: WriterRow) -> None:
        """Go to where the store says this file is."""
        self.position, self.task, self.execution, self.known = row.position, row.task, row.execution, True
        self._tail, self._in_key = Tail.stored(str(row.state.get("tail", ""))), bool(row.state.get("in_key"))
        self._said = bool(row.state.get("said"))

    def _bytes(self, limit: int) -> bytes:
        """Read on in the file; one that was cut short is read from its start."""
        segment, offset = self._new = self.position
        size = self._output.size()
        if size is None:
            return b""
        if size < offset:
            segment, offset = segment + 1, 0
        data = self._output.read(limit, offset)
        self._new = Position(segment, offset + len(data))
        return data

    def _batch(self, texts: list[str]) -> Batch:
        now, who = clock.now(), self.identity
        start: Event = {"e": "start", "mode": "attach", "task": self.task, "execution": self.execution, "time": now}
        lines = self.secrets.lines([Line(now, self.stream, who.rank, text) for text in texts])
        lines, self._next_in_key = redact.lines(lines, self._in_key)
        tail = self.secrets.unfinished(self._next_tail.held.decode("latin-1"))
        return Batch(
            writer=self.id, task=self.task, execution=self.execution, primary=False, host=who.host,
            old=self.position, new=self._new,
            state={"tail": tail, "in_key": self._next_in_key, "said": self._said},
            lines=lines, events=[] if self.known else [start], records=len(texts),
        )  # fmt: skip
