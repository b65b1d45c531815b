"""What the daemon hands to a runner: one task to run, as a JSON file only its user can read. Standard library only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Order:
    """Run ``command`` in ``folder`` as execution ``execution`` of ``task``."""

    task: str
    execution: int
    home: str
    """The store's home folder; its spool takes the journal."""
    setting: str
    """The value of CAPTURE_STORE that leads to the store."""
    command: list[str]
    folder: str
    handover: str
    """The file with the task's stored values; its path is the mark that every process of the task carries."""
    log: str
    """The file that takes everything the script prints."""
    writer: str
    """The id of the runner's journal: while its files are in the spool, the log is still needed."""
    grace: float = 30.0
    """Seconds between TERM and KILL."""
    environment: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """Sentences for the console, before the script's own lines."""

    @property
    def mark(self) -> str:
        """What every process of the task has in its environment."""
        return f"CAPTURE_TASK_FILE={self.handover}"

    def write(self, path: Path) -> None:
        """Keep this as a file."""
        private(path, asdict(self))

    @classmethod
    def read(cls, path: str) -> Order:
        """Return what a file holds."""
        return cls(**json.loads(Path(path).read_text("utf-8")))


def private(path: Path, value: dict[str, Any]) -> None:
    """Write JSON that only this user can read, whole or not at all."""
    part = path.with_name(path.name + ".tmp")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file)
    part.rename(path)
