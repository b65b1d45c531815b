"""One task being recorded by this process: what begins and ends together.

Owns the journal, the recording of the streams, the evidence for the ending and the watch over the recorder. A forked
child keeps the session it inherited, with a journal of its own that opens with its first record.
"""

from __future__ import annotations

import atexit
import os

from . import bound, ending, guard, opening, process, spawn, state
from .journal import Journal
from .streams import LABTOP, Streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .logger import Logger
    from .opening import Asked, Opening


class Session:
    """A task being recorded; ``facts`` is what this process knows of it."""

    def __init__(self, place: state.Place, asked: Asked, opened: Opening) -> None:
        self.place = place
        self.asked = asked
        self.opened = opened
        self.facts = opened.facts
        self.task_id = opened.facts.task
        self.pid = os.getpid()
        self.sid = os.getsid(0)
        self.ended = False
        self.writer = opened.writer
        """The journal of the process that began the session: its forks join what the store makes of its start."""
        now = state.clock()
        self.journal = Journal(place.spool, self.task_id, primary=opened.primary, rank=process.rank(), now=now)
        self.journal.limit = _spool_limit
        self.streams = Streams(self.journal)
        self.evidence: ending.Evidence | None = None
        self._evidence_of_others: list[ending.Evidence] = []
        """Of the processes this one was forked from: their descriptors' numbers may be somebody's by now."""
        self.last_words: ending.LastWords | None = None
        self.watch: spawn.Watch | None = None
        self.logger: Logger | None = None
        self.task: Any = None
        """The script's ``Task`` object for it, made when first asked for."""
        self.record_arguments: bool | dict[str, Any] = True

    @property
    def claimed(self) -> bool:
        """Whether an agent runs the script: stored values win over the script's, and the agent reads the output."""
        return self.opened.mode == "claimed"

    @property
    def is_child(self) -> bool:
        """Whether this process is a fork of the one that began the session."""
        return os.getpid() != self.pid

    @property
    def is_heir(self) -> bool:
        """Whether this process is a fork that left the script's session: a daemon, whose end may be the task's."""
        return self.is_child and self.opened.primary and os.getsid(0) != self.sid

    # Beginning

    def begin(self) -> None:
        """Start recording: from here on the task is Running, whatever becomes of this process."""
        self.journal.opening = self._opening
        self.journal.heir_of = lambda: self.writer if self.is_heir else ""
        self.journal.introduce(self.writer)
        if self.opened.primary:
            self._note_signals()
        if self.opened.mode != "attach":
            self.last_words = ending.LastWords()
        state.session = self
        state.recorded.add(self.task_id)
        os.environ["CAPTURE_PROC_MASTER_ID"] = self._marker()
        _at_exit_and_fork()
        if self.opened.mode != "attach":
            self._look_after_recorder()

    def _note_signals(self) -> None:
        with guard.Shield("noting signals"):
            self.evidence = ending.Evidence(f"{self.place.spool}/{self.journal.writer}")
            self.evidence.begin()

    def record_streams(self, wanted: tuple[bool, bool]) -> None:
        """Record stdout and stderr from here on, unless the agent reads them."""
        if not self.claimed:
            with guard.Shield("recording the output"):
                self.streams.begin(wanted, self.opened.master)

    def begin_disabled(self) -> None:
        """Behave as always and keep nothing (``CAPTURE_DISABLED``)."""
        self.journal.disable()
        state.session = self

    def _opening(self) -> list[dict[str, Any]]:
        if self.is_heir:
            self._note_signals()
        if self.is_child or self.opened.mode == "attach":
            parent = self.writer if self.is_child else self.opened.parent
            return [opening.attach_event(self.task_id, parent, self.journal.now())]
        return [opening.start_event(self.opened, self.asked)]

    def _marker(self) -> str:
        if self.opened.mode == "attach":
            return os.environ.get("CAPTURE_PROC_MASTER_ID", "")
        return opening.marker(self.writer, self.task_id)

    def _look_after_recorder(self) -> None:
        if state.offline():
            return
        with guard.Shield("starting the recorder"):
            spawn.ensure_recorder(self.place.home, self.place.setting)
        self.watch = spawn.Watch(self.place.home, self.place.setting)
        with guard.Shield("looking after the recorder"):
            self.watch.resume()

    # Ending

    def finish(self, status: str, reason: str = "") -> None:
        """End the task with a status; nothing is recorded after it."""
        if self.ended or (self.is_child and not self.is_heir):
            self.ended = True
            return
        self.ended = True
        with guard.Shield("ending the task"):
            self._stop_recording()
            self._end(e="end", status=status, reason=reason, time=self.journal.now())
            self._wait()
            self.journal.close()
        if state.session is self:
            state.session = None
        if os.environ.get("CAPTURE_PROC_MASTER_ID") == opening.marker(self.writer, self.task_id):
            del os.environ["CAPTURE_PROC_MASTER_ID"]

    def _stop_recording(self) -> None:
        if self.watch is not None:
            self.watch.pause()
        self.streams.end()
        if self.evidence is not None:
            self.evidence.end()
        if self.last_words is not None:
            self.last_words.end()
        self._count_failures()

    def _count_failures(self) -> None:
        if guard.failures:
            self.journal.text(LABTOP, f"labtop: {guard.failures} failures while recording\n".encode())

    def _end(self, **fields: Any) -> None:
        if self.opened.mode != "attach":
            self.journal.last(**fields)

    def _wait(self) -> None:
        if not self.journal.disabled and not state.offline():
            ending.await_recorder(self.journal, self.place.home)

    @guard.guarded
    def at_exit(self) -> None:
        """The interpreter is about to end: say so; its exit code decides."""
        if self.watch is not None:
            self.watch.stop()
        self.streams.drain()
        if self.ended or (self.is_child and not self.is_heir) or self.journal.disabled:
            return
        if not self.journal.writer:
            self.journal.introduce(os.urandom(8).hex())
        guard.attempt("saying where the output ends", self.streams.say_ends)
        self._count_failures()
        said = self.last_words.text if self.last_words is not None else ""
        event = ending.exit_event(self.evidence, said)
        if self.claimed:
            ending.tell_runner(event["reason"])
        self._end(**event, time=self.journal.now())
        self._wait()

    # Forks

    def before_fork(self) -> None:
        """No thread of ours while the process forks."""
        if self.watch is not None:
            self.watch.pause()

    def after_fork_in_parent(self) -> None:
        """Look after the recorder again, from the next record on: Python counts threads right after this, too."""
        if self.watch is not None and not self.ended:
            self.journal.call_with_next_record(self.watch.resume)

    def after_fork_in_child(self) -> None:
        """From here on this is another process, which has nothing to do with how the task ends."""
        self.journal.become_child()
        self.streams.forget()
        if self.evidence is not None:
            self.evidence.end()
            self._evidence_of_others.append(self.evidence)
            self.evidence = None
        if self.watch is not None:
            self.watch.forget()
            self.watch = None


def _spool_limit() -> float:
    found = guard.attempt("reading the settings", state.setting, "spool", "limit_gib", bound.LIMIT)
    return float(found) if isinstance(found, (int, float)) else bound.LIMIT


_prepared = False


def _at_exit_and_fork() -> None:
    global _prepared
    if _prepared:
        return
    _prepared = True
    atexit.register(_at_exit)
    os.register_at_fork(
        before=_each("before_fork"), after_in_parent=_each("after_fork_in_parent"),
        after_in_child=_each("after_fork_in_child"),
    )  # fmt: skip


def _at_exit() -> None:
    if state.session is not None:
        state.session.at_exit()


def _each(method: str) -> Any:
    @guard.guarded
    def call() -> None:
        if state.session is not None:
            getattr(state.session, method)()

    return call
