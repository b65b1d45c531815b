"""One task, run: the script with its stored values, everything it prints, its end. A process of its own, without SQL.

Its journal is the execution's primary one: what it says in its ``end`` is how the task ended, and should this process
be killed, the recorder sees it die and the kernel kills the script. It takes words from the daemon on its stdin
(``abort``, ``stop``, ``kill``); when that closes without a word, the daemon has died, and the script is ended.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time

from .. import address, process, spawn
from ..ending import SAID
from ..frames import STREAMS
from ..journal import Journal
from ..recorder import settle
from ..recorder.liveness import Exit
from . import tree
from .order import Order

_TICK = 1.0
_LONGEST = 1 << 16
_OURS = STREAMS.index("labtop")
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPS = {
    "stop": ("aborted", "the agent was stopped"),
    "gone": ("failed", "the agent died"),
    "abort": ("failed", "ended because an abort was asked for"),  # the store makes it Aborted, and names who asked
}


class Runner:
    """Runs one order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.journal = Journal(f"{order.home}/spool", order.task, primary=True, rank=0, now=time.time)
        self.journal.opening = self._opening
        self.status: int | None = None
        """The script's exit code, negative for a signal; None while it lives."""
        self.asked = ""
        self._pid = 0
        self._words = b""
        self._bell, bell = socket.socketpair()
        self._bell.setblocking(False)
        bell.setblocking(False)
        self._wake = bell

    def run(self) -> int:
        """Run the script to its end; return what this process should exit with."""
        self._listen()
        tree.adopt_orphans()
        self.journal.introduce(self.order.writer)
        spawn.ensure_recorder(self.order.home, self.order.setting)
        for note in self.order.notes:
            self.journal.text(_OURS, note.encode("utf-8", "backslashreplace") + b"\n")
        log = os.open(self.order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        found = os.fstat(log)
        follow = {"stream": "out", "path": self.order.log, "dev": found.st_dev, "inode": found.st_ino, "offset": 0}
        self.journal.event(e="follow", **follow)
        try:
            self._start(log)
        except OSError as error:
            return self._finish(log, ("failed", f"cannot start {self.order.command[0]}: {error.strerror}"))
        self._watch()
        return self._finish(log, self._verdict())

    def _opening(self) -> list[dict[str, object]]:
        who = {"host": address.host(), "user": process.user(), "pid": os.getpid(), "time": time.time()}
        start = {"e": "start", "task": self.order.task, "mode": "claimed", "execution": self.order.execution}
        return [start | who]

    def _listen(self) -> None:
        """Be woken by children's ends and by signals; none of them kills us."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in _INTERRUPTS:
            signal.signal(number, lambda *_: self._ask("stop"))

    def _start(self, log: int) -> None:
        environment = {n: v for n, v in os.environ.items() if not n.startswith(("CAPTURE_TASK_", "CAPTURE_RUN_"))}
        environment.pop("CAPTURE_PROC_MASTER_ID", None)
        environment |= self.order.environment
        environment |= {
            "CAPTURE_TASK_ID": self.order.task,
            "CAPTURE_TASK_FILE": self.order.handover,
            "CAPTURE_STORE": self.order.setting,
            "CAPTURE_AGENT_PID": str(os.getpid()),
            "PYTHONUNBUFFERED": "1",
        }
        child = subprocess.Popen(
            self.order.command, cwd=self.order.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True, preexec_fn=tree.die_with_parent,
        )  # fmt: skip
        self._pid = child.pid
        child.returncode = 0  # waited for below, with all that come to us

    def _watch(self) -> None:
        """Wait until the script has ended, by itself or because it was asked to."""
        while True:
            self._reap()
            if self.status is not None:
                break
            if self.asked:
                tree.end(self.order.mark, 0.0 if self.asked == "kill" else self.order.grace, self._reap, self._hurried)
                self._reap()
                break
            self._wait()
            spawn.watch_once(self.order.home, self.order.setting)
        left = tree.end(self.order.mark, tree.LEFT_BEHIND, self._reap, self._hurried)
        if left and not self.asked:
            many = "1 process" if left == 1 else f"{left} processes"
            self.journal.text(_OURS, f"ended {many} that the script had left behind\n".encode())

    def _wait(self) -> None:
        bell = self._bell.fileno()
        ready, _, _ = select.select([bell, 0], [], [], _TICK)
        if bell in ready:
            self._bell.recv(4096)
        if 0 in ready:
            self._hear()

    def _hear(self) -> None:
        data = os.read(0, 4096)
        if not data:
            self._ask("gone")
        *words, self._words = (self._words + data).split(b"\n")
        for word in words:
            self._ask(word.decode("ascii", "replace"))

    def _ask(self, word: str) -> None:
        """Take a request; one that calls off the grace replaces one that does not."""
        if not self.asked or word == "kill":
            self.asked = word

    def _hurried(self) -> bool:
        """Whether the daemon has lost its patience."""
        ready, _, _ = select.select([0], [], [], 0)
        if ready and self.asked != "gone":
            self._hear()
        return self.asked == "kill"

    def _reap(self) -> None:
        """Wait for every child that has ended: the script, and orphans that came to us."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                self.status = os.waitstatus_to_exitcode(status)

    def _verdict(self) -> tuple[str, str]:
        """Return status and reason."""
        if self.asked:
            return STOPS.get(self.asked, STOPS["stop"])
        status, reason = settle.verdict(self._evidence(self.status or 0))
        return status.value, reason

    def _evidence(self, code: int) -> settle.Evidence:
        """Return what is known of the script's end, which means what it means without an agent."""
        if code < 0:
            return settle.Evidence(kernel=Exit(0, -code))
        return settle.Evidence(end={"e": "end", "status": "exit", "reason": self._said()}, code=code)

    def _said(self) -> str:
        """Return what the script ended itself with: an exception, or the text of ``sys.exit``; empty without."""
        try:
            with open(f"{self.order.handover}{SAID}", encoding="utf-8", errors="replace") as file:
                return file.read(_LONGEST)
        except OSError:
            return ""

    def _finish(self, log: int, verdict: tuple[str, str]) -> int:
        """Say how it ended, and let go of the journal."""
        size = os.fstat(log).st_size
        os.close(log)
        self.journal.event(e="follow_end", stream="out", offset=size)
        self.journal.last(e="end", status=verdict[0], reason=verdict[1], time=time.time())
        self.journal.close()
        spawn.ensure_recorder(self.order.home, self.order.setting)
        spawn.ring(self.order.home)
        return 0 if verdict[0] == "completed" else 1


def main() -> int:
    """Run the order whose file is the last argument."""
    return Runner(Order.read(sys.argv[-1])).run()
