"""Calling the command, and tasks recorded as the recorder would."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from capture.cli.__main__ import main
from store.engine import Store
from store.ingest import ingest
from store.records import Line, Points, SeriesKey
from tests.support import Script

ROOT = Path(__file__).parents[2]

LISTED = {
    "id", "name", "project", "type", "status", "progress", "tags", "comment", "created", "started", "completed",
    "last_iteration", "parent", "user", "host", "queue", "worker", "archived",
}  # fmt: skip
SHOWN = LISTED | {
    "status_reason", "parameters", "configuration", "script", "packages", "scalars", "single_values", "models",
    "artifacts", "plots", "debug_samples", "environment",
}  # fmt: skip
SCRIPT = {"repository", "branch", "commit", "entry_point", "working_dir", "argv", "diff", "binary"}
"""The keys that ``--json`` promises: of a task in a list, of one that is shown, and of its script."""


class Answer(NamedTuple):
    """What a call of ``capture`` gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


Capture = Callable[..., Answer]


def called(words: Sequence[str], environ: Mapping[str, str], folder: Path) -> Answer:
    """Call the command in this process, with the environment and from the folder of another."""
    with (
        mock.patch.dict(os.environ, environ, clear=True), chdir(folder),
        redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err,
    ):  # fmt: skip
        code = main(words)
    return Answer(code, out.getvalue(), err.getvalue())


def command(*words: str) -> list[str]:
    """Return the command line of a real process."""
    return [sys.executable, "-m", "capture.cli", *words]


def environment() -> dict[str, str]:
    """Return this process' environment, in which a child finds our packages."""
    return os.environ | {"PYTHONPATH": str(ROOT)}


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as a real process."""
    return subprocess.run(command(*words), env=environment(), capture_output=True, text=True, timeout=60, **options)


def record(
    store: Store,
    name: str = "a task",
    *,
    project: str = "tests/cli",
    status: str | None = "completed",
    scalars: dict[SeriesKey, Points] | None = None,
    lines: list[str] | None = None,
    events: Sequence[Mapping[str, Any]] = (),
    tags: list[str] | None = None,
    at: float = 1000.0,
) -> str:
    """Have a task recorded as the recorder would; ``status`` None leaves it Running. Returns its id."""
    script = Script(os.urandom(16).hex())
    start = script.start(project=project, name=name, tags=tags or [], time=at)
    kept = [Line(at + number, "out", 0, text) for number, text in enumerate(lines or [])]
    end = [{"e": "end", "status": status, "reason": "", "time": at + 60}] if status else []
    ingest(store, [script.batch(events=[start, *map(dict, events), *end], scalars=scalars, lines=kept)], "ada@testhost")
    return script.task
