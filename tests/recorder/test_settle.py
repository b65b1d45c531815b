"""What each way of ending means: the table in docs/architecture.md, row by row."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from capture.recorder.liveness import Exit
from capture.recorder.settle import UNKNOWN, Evidence, verdict
from store.lifecycle import Status

EXIT = {"e": "end", "status": "exit", "reason": ""}
SEGV = b"Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n"

ROWS: list[tuple[str, dict[str, Any], Status, str]] = [
    ("the script said so", {"end": {"status": "completed"}}, Status.COMPLETED, ""),
    ("the script said why", {"end": {"status": "failed", "reason": "no"}, "code": 0}, Status.FAILED, "no"),
    ("exit 0", {"end": EXIT, "code": 0}, Status.COMPLETED, ""),
    ("exit 3", {"end": EXIT, "code": 3}, Status.FAILED, "exit code 3"),
    ("exception", {"end": EXIT | {"reason": "ValueError: x"}, "code": 1}, Status.FAILED, "ValueError: x"),
    ("Ctrl-C", {"end": EXIT | {"interrupted": True}}, Status.ABORTED, "interrupted (Ctrl-C)"),
    ("Ctrl-C, by the kernel", {"end": EXIT, "kernel": Exit(0, signal.SIGINT)}, Status.ABORTED, "interrupted (Ctrl-C)"),
    ("exit code by the kernel", {"end": EXIT, "kernel": Exit(4, 0)}, Status.FAILED, "exit code 4"),
    ("killed while ending", {"end": EXIT, "kernel": Exit(0, 9)}, Status.FAILED, "process died (signal 9)"),
    ("gone while ending", {"end": EXIT}, Status.FAILED, "process died while it was ending"),
    ("TERM while ending", {"end": EXIT, "term": True}, Status.ABORTED, "SIGTERM"),
    ("no room for the end", {"code": 0}, Status.COMPLETED, ""),
    ("no room for the end, exit 3", {"code": 3}, Status.FAILED, "exit code 3"),
    ("TERM", {"term": True}, Status.ABORTED, "SIGTERM"),
    ("HUP", {"hup": True}, Status.ABORTED, "terminal hung up"),
    ("TERM, by the kernel", {"kernel": Exit(0, signal.SIGTERM)}, Status.ABORTED, "SIGTERM"),
    ("segfault", {"fatal": SEGV}, Status.FAILED, "killed by SIGSEGV"),
    ("abort()", {"fatal": b"Fatal Python error: Aborted\n"}, Status.FAILED, "killed by SIGABRT"),
    ("fatal, odd", {"fatal": b"Fatal Python error: Odd thing\n"}, Status.FAILED, "killed by Odd thing"),
    ("segfault, by the kernel", {"kernel": Exit(0, signal.SIGSEGV)}, Status.FAILED, "killed by SIGSEGV"),
    ("kill -9", {"kernel": Exit(0, 9)}, Status.FAILED, "process died (signal 9)"),
    ("os._exit", {"kernel": Exit(5, 0)}, Status.FAILED, "process died (os._exit, code 5)"),
    ("nothing", {}, Status.FAILED, UNKNOWN),
    ("the machine went down", {"restarted": True}, Status.ABORTED, "the machine was restarted"),
]


@pytest.mark.parametrize(("evidence", "status", "reason"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_verdict(evidence: dict[str, Any], status: Status, reason: str) -> None:
    assert verdict(Evidence(**evidence)) == (status, reason)
