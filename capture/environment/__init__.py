"""How a task was run: repository, packages, machine. Captured by the recorder, beside its loop, after a script's init.

The script hands over what only it knows (argv, its ``sys.path``, its folder) and never waits. So a file may be edited
before it is read here: that is said in the task, as is everything that could not be had. Nothing in here raises for
what it meets in a user's folder, runs a user's code or changes a user's repository.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store import redact

from . import host, packages, repository, script

Code = dict[str, Any]
"""Columns of ``store.models.TaskCode``."""


@dataclass(slots=True)
class Captured:
    """What was found; ``notes`` are sentences about what was not, or not for certain."""

    code: Code
    notes: list[str] = field(default_factory=list)


def capture(start: Mapping[str, Any]) -> Captured:
    """Return how the execution that a ``start`` event (already redacted) announces was run.

    An execution that an agent started keeps what its Draft says about what to run; what it ran on is new.
    """
    path, cwd = str(start.get("script") or ""), str(start.get("cwd") or "")
    search = [str(entry) for entry in start.get("path") or ()]
    found = packages.scan(path, cwd, search, str(start.get("module") or ""))
    folder = os.path.dirname(path) if path else cwd
    repo = repository.read(folder, wanted=[path, *found.files])
    notes = [*repo.notes, *found.notes, *_late([path, *found.files, *repo.changed], float(start.get("time") or 0))]
    code: Code = {
        "repository": redact.remote(repo.url), "branch": repo.branch, "commit": repo.commit,
        "diff": redact.diff(repo.diff) if repo.root else redact.code(script.text(path, notes)),
        "packages": found.versions, "environment": host.facts(start) | ({"notes": notes} if notes else {}),
        "binary": str(start.get("python") or ""),
    }  # fmt: skip
    if start.get("mode") != "claimed":
        code |= {
            "entry_point": script.entry_point(path, cwd, str(start.get("module") or "")), "working_dir": cwd,
            "argv": list(start.get("argv") or ()),
        }  # fmt: skip
    return Captured(code, notes)


def _late(files: list[str], started: float) -> list[str]:
    """Return a note for each file that was changed after the script had started."""
    changed = []
    for name in dict.fromkeys(name for name in files if name):
        try:
            if started and Path(name).stat().st_mtime > started:
                changed.append(name)
        except OSError:
            continue
    return [f"{name} was changed after Task.init: what is stored may not be what ran" for name in changed[:20]]
