"""A laboratory for whole-system tests: scripts, recorder, agent and commands as real processes on their own store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from capture.recorder.election import holder
from tests.cli.calling import Answer, called
from tests.support import alive, eventually, private_environment

ROOT = Path(__file__).resolve().parents[2]


class Lab:
    """Scripts and commands in one folder with one store; ends every process it started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = private_environment(folder, os.environ) | {"PYTHONPATH": str(ROOT)}
        self.environ["CAPTURE_LOG_LEVEL"] = "warning"
        self.children: list[subprocess.Popen[bytes]] = []

    @property
    def home(self) -> Path:
        """The store's folder."""
        return Path(self.environ["CAPTURE_STORE"])

    def write(self, name: str, code: str) -> Path:
        """Write a script beside the store and return its path."""
        path = self.folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(code))
        return path

    def run(self, script: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a script to its end."""
        command = [sys.executable, str(script), *arguments]
        return subprocess.run(command, **self._options(options | {"capture_output": True, "timeout": 120}))

    def start(self, script: Path, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a script and return at once; stdout and stderr are pipes unless said otherwise."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return self.spawn([sys.executable, str(script), *arguments], **options)

    def spawn(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start any command."""
        child: subprocess.Popen[bytes] = subprocess.Popen(command, **self._options(options))
        self.children.append(child)
        return child

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        (self.folder / "work").mkdir(exist_ok=True)
        return {"cwd": self.folder / "work", "env": self.environ, **options}

    def capture(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a ``capture`` command as a process, for what only a process shows."""
        command = [sys.executable, "-P", "-m", "capture.cli", *arguments]
        return subprocess.run(command, **self._options({"capture_output": True, "text": True, "timeout": 60}))

    def called(self, *arguments: str) -> str:
        """Call a ``capture`` command in this process, which is ten times as fast, and return what it printed.

        A command waits a moment for what scripts have recorded and then says that it lacks some: it is called again.
        """
        done = eventually(lambda: self._whole(arguments), 120, "all records are in the store")
        assert done.code == 0, done.err
        return done.out

    def _whole(self, arguments: tuple[str, ...]) -> Answer | None:
        done = called(arguments, self.environ, self._options({})["cwd"])
        return None if "still on the way" in done.err else done

    def json(self, *arguments: str) -> Any:
        """Call a ``capture`` command with ``--json`` and return what it printed."""
        return json.loads(self.called(*arguments, "--json"))

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task, newest first."""
        return list(self.json("list"))

    def only(self) -> dict[str, Any]:
        """Return the one task there is, whole."""
        tasks = self.tasks()
        assert len(tasks) == 1, tasks
        return dict(self.json("show", tasks[0]["id"]))

    def settled(self, timeout: float = 10) -> dict[str, Any]:
        """Return the only task once it is no longer Running."""
        return eventually(lambda: self._ended(), timeout)

    def _ended(self) -> dict[str, Any] | None:
        tasks = self.tasks()
        return self.only() if tasks and tasks[0]["status"] not in ("running", "pending", "draft") else None

    def recorder(self) -> int | None:
        """Return the process id of the store's recorder, None if none is at work."""
        for lock in self.home.glob("recorder-*.lock"):
            found = holder(lock)
            if found is not None and alive(found.pid):
                return found.pid
        return None

    def log(self) -> str:
        """Return what the recorder has said so far."""
        path = self.home / "recorder.log"
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        """End what was started here: the children, then the recorder by the id in its own lock file."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
        recorder = self.recorder()
        if recorder is not None:
            os.kill(recorder, signal.SIGKILL)
            eventually(lambda: not alive(recorder))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A laboratory of the test's own."""
    laboratory = Lab(tmp_path)
    yield laboratory
    laboratory.close()
