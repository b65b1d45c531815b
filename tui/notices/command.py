"""The user's own command for notices: one at a time, in a thread, for so long and no longer, without a shell.

What a script stored is no part of it: that is handed over harmless, in the environment and on standard input.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from tui.format import one_line

from .words import News, sentence

LONGEST = 10.0
"""Seconds a command may take before it is killed, with all that it started."""
START = 1.0
"""Seconds in which it has started, or cannot be."""
_SET = "It is set as tui.notice_command (,)"


class Command:
    """Runs it; what becomes known while it runs is handed over together the next time.

    Args:
        failed: told why it could not be run or did not succeed, a sentence, each once; called from a thread.
    """

    def __init__(self, failed: Callable[[str], object]) -> None:
        self._failed = failed
        self._said: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()
        self._waiting: list[News] = []
        self._words: list[str] = []
        self._busy = self._starting = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, line: str, news: Sequence[News]) -> None:
        """Run a command line for news, at once or after the one that runs."""
        with self._lock:
            self._words = shlex.split(line)
            self._waiting += news if self._words else []
            begins, self._busy = not self._busy, True
        if begins:
            threading.Thread(target=self._work, name="notice", daemon=True).start()

    def close(self) -> None:
        """Run nothing any more: the dashboard is left, and nobody would end what goes on."""
        with self._lock:
            self._waiting, self._busy = [], True
            self.kill()

    def kill(self) -> None:
        """Kill the one that runs. Takes no lock: a signal handler may have interrupted who holds it.

        One that is just being started is waited for: it may run before its number is known here.
        """
        until = time.monotonic() + START
        while self._starting and time.monotonic() < until:
            time.sleep(0.01)
        _kill(self._process)

    def _work(self) -> None:
        while call := self._next():
            words, news = call
            problem = self._call(words, news)
            if problem and (*words, problem) not in self._said:
                self._said.add((*words, problem))
                self._failed(problem)

    def _next(self) -> tuple[list[str], list[News]] | None:
        with self._lock:
            news, self._waiting = self._waiting, []
            self._busy = self._starting = bool(news)
            return (self._words, news) if news else None

    def _call(self, words: list[str], news: list[News]) -> str:
        """Run it once; return what went wrong."""
        nowhere = subprocess.DEVNULL
        try:
            program = os.path.expanduser(words[0])
            self._process = subprocess.Popen(
                [program, *words[1:]], stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True,
                env=os.environ | {name: text.encode() for name, text in told(news).items()},
            )  # fmt: skip
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            return f"Cannot start the command for notices {words[0]}: {why}. {_SET}: correct it, or take it away."
        finally:
            self._starting = False
        try:
            self._process.communicate(lines(news), LONGEST)
        except subprocess.TimeoutExpired:
            _kill(self._process)
            self._process.wait()
            return f"The command for notices {words[0]} did not end within {LONGEST:g} seconds and was killed. {_SET}."
        code = self._process.returncode
        return f"The command for notices {words[0]} ended with {code}. {_SET}: try it in a shell." if code else ""


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    """Kill a command with its session, unless it has ended: its number may be another's by then."""
    if process is not None and process.poll() is None:
        with suppress(OSError):  # it has just ended, or is another user's
            os.killpg(process.pid, signal.SIGKILL)


def told(news: Sequence[News]) -> dict[str, str]:
    """Return what the environment says: the sentence, of how many tasks it is, and the gravest of them."""
    first = news[0]
    return {
        "LABTOP_MESSAGE": sentence(news), "LABTOP_TASKS": str(len(news)), "LABTOP_TASK_ID": one_line(first.task),
        "LABTOP_TASK_NAME": first.name, "LABTOP_TASK_PROJECT": first.project, "LABTOP_TASK_STATUS": first.status,
    }  # fmt: skip


def lines(news: Sequence[News]) -> bytes:
    """Return every task as a line of JSON."""
    rows = (
        {"id": one_line(one.task), "name": one.name, "project": one.project, "status": one.status,
         "message": one.sentence}
        for one in news
    )  # fmt: skip
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()
