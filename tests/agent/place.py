"""A store, a folder of scripts and agents at work, for tests that drive them as a user does: by commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.calling import Answer, called
from tests.support import alive, eventually

ROOT = Path(__file__).parents[2]


class Place:
    """Where a test's scripts, store and agents are."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.code = folder / "code"
        self.code.mkdir()
        self.store = folder / "store"
        self.environ = environ | {"PYTHONPATH": str(ROOT)}
        self._agents: list[subprocess.Popen[str]] = []

    def script(self, text: str, name: str = "train.py") -> Path:
        """Write a script."""
        path = self.code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def python(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder of the scripts."""
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.code,
            env=self.environ | extra,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def called(self, *words: str) -> Answer:
        """Call the command in this process, as from the folder of the scripts."""
        return called(words, self.environ, self.code)

    def capture(self, *words: str, code: int = 0) -> str:
        """Call a command that asks or changes the store and return its stdout; fail unless it ends with ``code``."""
        answer = self.called(*words)
        assert answer[0] == code, (words, *answer)
        return answer[1]

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command with ``--json`` and return what it printed."""
        return json.loads(self.capture(*words, "--json", code=code))

    def draft(self, script: str = "train.py", *words: str, queue: bool = True) -> str:
        """Make a Draft of a script, and enqueue it."""
        where = ["--queue", "default"] if queue else []
        made = self.capture(
            "create", "--project", "tests/agent", "--name", "a task", "--script", script, *where, *words
        )
        return made.strip()

    def agent(self, *words: str, **extra: str) -> subprocess.Popen[str]:
        """Start an agent."""
        started = subprocess.Popen(
            [sys.executable, "-m", "capture.cli", "agent", *words], cwd=self.code, env=self.environ | extra,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self._agents.append(started)
        return started

    def work(self, *words: str) -> str:
        """Run an agent until the queue is empty; return what it said."""
        _, said = self.agent("--once", *words).communicate(timeout=90)
        return said

    def task(self, task: str) -> Any:
        """Return a task as ``capture show`` has it."""
        return self.json("show", task)

    def newest(self) -> str:
        """Return the id of the newest task, once there is one."""
        found = eventually(lambda: (answer := self.called("list", "--json")).code == 0 and answer.json, 20, "a task")
        return str(found[0]["id"])

    def lines(self, task: str) -> list[str]:
        """Return a task's console, without the one line that ``Task.init`` says itself."""
        return [line for line in self.capture("logs", task).splitlines() if not line.startswith("labtop: task ")]

    def running(self, path: Path, count: int = 1, timeout: float = 30) -> list[int]:
        """Wait until a script has written so many pids into a file; return them."""

        def pids() -> list[int]:
            return [int(word) for word in path.read_text().split()] if path.exists() else []

        return eventually(lambda: found if len(found := pids()) >= count else [], timeout, f"{count} pids in {path}")

    def end(self) -> None:
        """End what still runs."""
        for agent in self._agents:
            if agent.poll() is None:
                agent.terminate()  # not SIGINT, which is ignored by all that a shell has started in the background
                try:
                    agent.communicate(timeout=20)
                except subprocess.TimeoutExpired:
                    agent.kill()
            for pipe in (agent.stdout, agent.stderr):
                if pipe is not None:
                    pipe.close()


def gone(pids: list[int], timeout: float = 15) -> None:
    """Wait until none of the processes is left."""
    eventually(lambda: not any(map(alive, pids)), timeout, f"{pids} are gone")


def kill(pid: int) -> None:
    """Kill a process that this test has started."""
    os.kill(pid, signal.SIGKILL)
