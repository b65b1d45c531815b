"""What a process' end means for its task: the table in docs/architecture.md, as one pure function.

It knows evidence and words; who is dead, and telling the store, is done elsewhere. An abort that was asked for makes
the task Aborted whatever is said here: the store sees to that.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass

from store.lifecycle import Status
from store.records import Event

from .liveness import Exit
from .spool import Spool

_FATAL = {
    b"Segmentation fault": "SIGSEGV",
    b"Aborted": "SIGABRT",
    b"Bus error": "SIGBUS",
    b"Illegal instruction": "SIGILL",
    b"Floating": "SIGFPE",
}
"""What faulthandler writes first, and the signal it means."""
_STOPPED = {signal.SIGINT: "interrupted (Ctrl-C)", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "terminal hung up"}
"""Signals by which a person, or a machine for him, ends a process: Aborted, not Failed."""
UNKNOWN = "process died (killed by a signal, or os._exit)"

Verdict = tuple[Status, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is to know about a process that has ended."""

    end: Event | None = None
    """The journal's last ``end`` event."""
    code: int | None = None
    """The exit code that libc wrote."""
    term: bool = False
    hup: bool = False
    fatal: bytes = b""
    kernel: Exit | None = None
    restarted: bool = False
    """Whether the machine has been restarted since."""


def gather(spool: Spool, writer: str, end: Event | None, kernel: Exit | None, restarted: bool) -> Evidence:
    """Return the evidence that a writer's files hold, with what else is known."""
    return Evidence(
        end=end,
        code=spool.exit_code(writer),
        term=bool(spool.evidence(writer, "term")),
        hup=bool(spool.evidence(writer, "hup")),
        fatal=spool.evidence(writer, "fatal") or b"",
        kernel=kernel,
        restarted=restarted,
    )


def sure(evidence: Evidence) -> bool:
    """Whether nothing the kernel may still say could change the verdict."""
    found = evidence
    said = found.end is not None and found.end.get("status") != "exit"
    return bool(
        said or found.code is not None or found.term or found.hup or found.fatal or found.restarted or found.kernel
    )


def may_go_on(evidence: Evidence) -> bool:
    """Whether a script may have ended only to go on as a fork of its own: nothing says that it failed or was killed."""
    found, end = evidence, evidence.end or {}
    said = end.get("status", "exit") != "exit" or end.get("interrupted") or (end.get("reason") and found.code != 0)
    failed = found.code or (found.kernel is not None and (found.kernel.signal or found.kernel.code))
    return not (said or failed or found.term or found.hup or found.fatal or found.restarted)


def verdict(evidence: Evidence) -> Verdict:
    """Return the state in which the task ended and why."""
    end = evidence.end
    if end is not None and end.get("status") != "exit":
        return Status(str(end["status"])), str(end.get("reason") or "")
    if end is not None or evidence.code is not None:
        return _after_exit(evidence, end or {})
    return _signalled(evidence) or _unexplained(evidence)


def _after_exit(evidence: Evidence, end: Event) -> Verdict:
    """The interpreter came to its end by itself."""
    reason = str(end.get("reason") or "")
    code = evidence.code
    if code is None and evidence.kernel is not None and not evidence.kernel.signal:
        code = evidence.kernel.code
    if code == 0:
        return Status.COMPLETED, ""
    if code is not None:
        return Status.FAILED, reason or f"exit code {code}"
    if end.get("interrupted"):
        return Status.ABORTED, _STOPPED[signal.SIGINT]
    return _signalled(evidence) or (Status.FAILED, reason or "process died while it was ending")


def _signalled(evidence: Evidence) -> Verdict | None:
    if evidence.term:
        return Status.ABORTED, _STOPPED[signal.SIGTERM]
    if evidence.hup:
        return Status.ABORTED, _STOPPED[signal.SIGHUP]
    if evidence.fatal:
        return Status.FAILED, f"killed by {_fatal_name(evidence.fatal)}"
    kernel = evidence.kernel
    if kernel is None or not kernel.signal:
        return None
    if kernel.signal in _STOPPED:
        return Status.ABORTED, _STOPPED[signal.Signals(kernel.signal)]
    if kernel.signal == signal.SIGKILL:
        return Status.FAILED, "process died (signal 9)"
    return Status.FAILED, f"killed by {_signal_name(kernel.signal)}"


def _unexplained(evidence: Evidence) -> Verdict:
    if evidence.kernel is not None:
        return Status.FAILED, f"process died (os._exit, code {evidence.kernel.code})"
    if evidence.restarted:
        return Status.ABORTED, "the machine was restarted"
    return Status.FAILED, UNKNOWN


def _fatal_name(written: bytes) -> str:
    first = written.split(b"\n", 1)[0]
    said = first.removeprefix(b"Fatal Python error: ")
    known = next((name for words, name in _FATAL.items() if said.startswith(words)), None)
    return known or said.decode("utf-8", "replace")[:200] or "a fatal signal"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
