"""The seeded store: real scripts through capture and the recorder, with a clock that stands still.

Nothing is inserted by hand, so that the pictures show what users get; and everything shown follows from the clock, so
that they come out the same everywhere. The facts that differ from machine to machine (paths, versions) are set for the
two tasks whose code is shown, by the command with which the recorder sets them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from capture.recorder.election import holder
from store import hosts, queues
from store.commands import set_environment
from store.engine import open_store
from store.records import GpuRow, Holder, HostRow, Load, WorkerRow

ROOT = Path(__file__).resolve().parent.parent
DAY = "2026-01-05"
NOW = f"{DAY}T12:00:00"
"""The time at which the store is looked at."""


@dataclass(frozen=True)
class Plan:
    """A task of the seeded store: when it was started and with what."""

    at: str
    project: str
    name: str
    arguments: str = ""
    tags: str = ""


PLANS = (
    Plan("07:10", "speech/ctc", "conformer small", "--model conformer-s --lr 0.08 --epochs 30", "baseline"),
    Plan("07:40", "speech/ctc", "conformer large", "--model conformer-l --stop-at 4 --how memory"),
    Plan("08:05", "text/lm", "char-lm 6 layers", "--model char-lm --lr 0.05 --epochs 20"),
    Plan("08:30", "vision/digits", "resnet18 baseline", "", "baseline"),
    Plan("09:10", "vision/digits", "resnet18 lr=0.3", "--lr 0.3 --stop-at 12 --how nan"),
    Plan("09:45", "vision/digits", "resnet18 lr=0.03", "--lr 0.03"),
    Plan("10:20", "vision/digits", "vit-tiny 中文 naïve", "--model vit-tiny --stop-at 18 --how interrupt", "wide"),
    Plan("11:58", "vision/digits", "resnet34 lr=0.05", "--model resnet34 --lr 0.05 --stop-at 26 --amp", "sweep"),
)
RUNNING = PLANS[-1].name


DIFF = b"""diff --git a/train.py b/train.py
index 9c1a6f3..41be02d 100644
--- a/train.py
+++ b/train.py
@@ -31,7 +31,8 @@ def main() -> None:
     noise = random.Random(0)
     steps = 25
     for epoch in range(1, args.epochs + 1):
-        schedule = args.lr
+        # the cosine keeps the last epochs quiet
+        schedule = args.lr * 0.5 * (1 + math.cos(math.pi * epoch / args.epochs))
         for step in range((epoch - 1) * steps, epoch * steps):
             decay = math.exp(-step * args.lr / 60)
"""


class Seeded:
    """A seeded store in a folder. ``close`` ends the script that is still running, and the recorder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "store"
        self.work = folder / "work"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("CAPTURE_")}
        self.environ |= {
            "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"),
            "CAPTURE_STORE": str(self.home), "CAPTURE_LOG_LEVEL": "warning", "CAPTURE_USER": "me",
            "CAPTURE_HOST": "gpu1", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TZ": "UTC",
        }  # fmt: skip
        self.running: subprocess.Popen[bytes] | None = None
        self._ids: dict[str, str] = {}
        self._repository()

    def _repository(self) -> None:
        """A repository with one commit of a fixed author and time, and so of a fixed id, and a change on top."""
        self.work.mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("train.py"), self.work / "train.py")
        os.utime(self.work / "train.py", (0, 0))
        facts = (("NAME", "me"), ("EMAIL", "me@example.org"), ("DATE", f"{DAY}T06:00:00Z"))
        who = {f"GIT_{role}_{fact}": value for role in ("AUTHOR", "COMMITTER") for fact, value in facts}
        for command in (
            "init -q -b main", "add .", "commit -q -m Training", "remote add origin https://git.example.org/vision.git",
        ):  # fmt: skip
            subprocess.run(["git", *command.split()], cwd=self.work, env=self.environ | who, check=True)

    def fill(self) -> Seeded:
        """Run every script, then do to the tasks what a person would have done."""
        for plan in PLANS:
            self._run(plan)
        self._wait_for(RUNNING, lambda task: task["progress"] == 65)
        self.capture("11:30", "publish", self.id("resnet18 baseline"))
        self._describe("resnet18 baseline", "77b0c1d5f2a94e83b6d1c0e9f8a7b6c5d4e3f2a1", b"", "2.8.0")
        self._describe("resnet18 lr=0.03", "2d8c1cfc853bf5fdab351437dafd68fe3d7a632c", DIFF, "2.9.1")
        self.clone("11:40", "resnet18 lr=0.03", "resnet18 lr=0.01", "Args/lr=0.01")
        waiting = self.clone("11:45", "resnet18 lr=0.3", "resnet18 lr=0.2", "Args/lr=0.2")
        self.capture("11:46", "enqueue", waiting, "--queue", "default")
        self._machine()
        return self

    def _machine(self) -> None:
        """Two agents, and a machine with GPUs: as agents and recorders note them, without either being there."""
        now = datetime.fromisoformat(NOW).replace(tzinfo=UTC).timestamp()
        task, load = self.id(RUNNING), Load(34.0, 96e9, 540e9, 812e9, 2000e9)
        agents = [
            ("gpu1", "me", ["default"], task, "running"),
            ("gpu2", "bob", ["nightly", "default"], None, "draining"),
        ]
        held = [(97.0, 40960.0, Holder(3120, "me", task, 40448.0)), (88.0, 61440.0, Holder(2954, "bob", "", 61440.0))]
        free = GpuRow(2, "NVIDIA A100-SXM4-80GB", 0.0, 4.0, 81920.0)
        gpus = [GpuRow(n, free.name, busy, used, 81920.0, (holder,)) for n, (busy, used, holder) in enumerate(held)]
        with open_store(self.home) as store:
            queues.create(store, "nightly")
            for name, user, serves, runs, state in agents:
                row = WorkerRow(f"{name:0<32}", name, name, user, 2817, serves, runs, state, now - 7200, now - 4)
                queues.register(store, row)
            hosts.note(store, HostRow("gpu1", now - 6, load, (*gpus, free)))

    def _describe(self, name: str, commit: str, diff: bytes, torch: str) -> None:
        code = {
            "repository": "https://git.example.org/vision.git", "branch": "main", "commit": commit, "diff": diff,
            "entry_point": "train.py", "working_dir": "/home/me/vision", "binary": "/opt/python/bin/python3.12",
            "packages": {"numpy": "2.3.5", "torch": torch, "torchvision": "0.24.1"},
            "environment": {
                "python": "3.12.8", "os": "Linux", "cores": 64, "memory_gb": 503.6, "container": "podman vision:2.1",
            },
        }  # fmt: skip
        with open_store(self.home) as store:
            assert set_environment(store, self.id(name), 1, code)

    def clone(self, at: str, source: str, name: str, *edits: str) -> str:
        """Clone a task by name, edit the Draft, and return its id."""
        made = json.loads(self.capture(at, "clone", self.id(source), "--name", name, "--json"))
        self.capture(at, "edit", made["id"], *edits)
        return str(made["id"])

    def _run(self, plan: Plan) -> None:
        environ = self.at(plan.at, 0.11) | {
            "SEED_PROJECT": plan.project, "SEED_NAME": plan.name, "SEED_TAGS": plan.tags,
        }  # fmt: skip
        command = [sys.executable, "train.py", *plan.arguments.split()]
        pipe = subprocess.PIPE
        child = subprocess.Popen(command, cwd=self.work, env=environ, stdin=pipe, stdout=pipe, stderr=pipe)
        if plan.name == RUNNING:
            self.running = child
            return
        child.communicate()
        self._wait_for(plan.name, lambda task: task["status"] != "running")

    def at(self, clock: str, step: float = 0) -> dict[str, str]:
        """Return the environment of a command at a time of the day."""
        return self.environ | {"CAPTURE_CLOCK": f"{DAY}T{clock}:00+{step}"}

    def capture(self, at: str, *arguments: str) -> str:
        """Run a ``capture`` command at a time of the day and return what it printed."""
        command = [sys.executable, "-P", "-m", "capture.cli", *arguments]
        done = subprocess.run(command, env=self.at(at), cwd=self.work, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def tasks(self) -> list[dict[str, object]]:
        """Return what ``capture list --json`` says."""
        found: list[dict[str, object]] = json.loads(self.capture("11:59", "list", "--json"))
        return found

    def id(self, name: str) -> str:
        """Return the id of the task with this name."""
        if name not in self._ids:
            self._ids = {str(task["name"]): str(task["id"]) for task in self.tasks()}
        return self._ids[name]

    @contextmanager
    def pinned(self, name: str) -> Iterator[None]:
        """Have a task be the baseline of its project for the length of a block."""
        project = {plan.name: plan.project for plan in PLANS}[name]
        self.capture("11:50", "baseline", self.id(name))
        try:
            yield
        finally:
            self.capture("11:51", "baseline", "--clear", project)

    def _wait_for(self, name: str, condition: object) -> None:
        deadline = time.monotonic() + 30
        while not any(task["name"] == name and condition(task) for task in self.tasks()):  # type: ignore[operator]
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name}: not within 30 s: {self.tasks()}")
            time.sleep(0.05)

    def close(self) -> None:
        """End the script and the recorder, by their process ids."""
        if self.running is not None:
            self.running.kill()
            self.running.communicate()
        for lock in self.home.glob("recorder-*.lock"):
            recorder = holder(lock)
            if recorder is not None:
                with suppress(ProcessLookupError):
                    os.kill(recorder.pid, signal.SIGKILL)
