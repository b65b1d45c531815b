"""Where the recorder's first file is, and the store as these tests look at it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from store import tables
from store.engine import Store
from store.queries import console, scalars

ROOT = Path(__file__).resolve().parents[2]
BOOT = ROOT / "capture/recorder/boot.py"
FORCED = """
import sys
from pathlib import Path
from capture.recorder.election import Election
from capture.recorder.service import run
from store.paths import locate
location = locate()
election = Election(location.home / sys.argv[1])
assert election.take()
run(location, election)
"""
"""A recorder with a lock of its own: what must never happen, and must do no harm when it does."""

Start = Callable[..., subprocess.Popen[bytes]]
Writing = Callable[[Path], dict[str, Any]]


class Stored:
    """What is in the store now."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def task(self, task: str) -> dict[str, Any]:
        with self.store.read() as c:
            row = c.execute(sa.select(tables.task).where(tables.task.c.id == task)).mappings().first()
            return dict(row) if row is not None else {}

    def ids(self) -> list[str]:
        with self.store.read() as c:
            return list(c.execute(sa.select(tables.task.c.id)).scalars())

    def status(self, task: str) -> tuple[str, str]:
        row = self.task(task)
        return (row["status"], row["status_reason"]) if row else ("", "")

    def values(self, task: str, title: str = "loss", series: str = "train") -> list[float]:
        with self.store.read() as c:
            number = {(m.title, m.series): m.number for m in scalars.metrics(c, task)}.get((title, series))
            return [] if number is None else list(scalars.points(c, task, number).values)

    def lines(self, task: str) -> list[str]:
        with self.store.read() as c:
            return [line.text for line in console.lines(c, task, 0, 1 << 30)]

    def code(self, task: str) -> dict[str, Any]:
        with self.store.read() as c:
            row = c.execute(sa.select(tables.task_code).where(tables.task_code.c.task_id == task)).mappings().first()
            return dict(row) if row is not None else {}

    def parameters(self, task: str) -> dict[str, str]:
        p = tables.parameter.c
        with self.store.read() as c:
            rows = c.execute(sa.select(p.section, p.name, p.value).where(p.task_id == task)).all()
        return {f"{row.section}/{row.name}": row.value for row in rows}
