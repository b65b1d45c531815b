"""What the data threads tell the screens. Small, and coalesced: a newer one replaces an older one still waiting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from store.records import Changes

    from .notices.lookout import Found


class StoreOpened(Message):
    """The store can be queried (again)."""

    def __init__(self, read_only: bool) -> None:
        super().__init__()
        self.read_only = read_only


class StoreFailed(Message):
    """The store could not be opened at all; the app ends with exit code 3."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class StoreAbsent(Message):
    """There is no store yet; one that is made is opened at once."""


class StoreLost(Message):
    """The store cannot be read at the moment; a new attempt follows."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class StoreCommitted(Message):
    """Somebody committed, whatever it was; after the ``StoreChanged`` that tells of tasks, where there is one."""


class StoreChanged(Message):
    """Somebody committed: rows that changed since the last of these messages. At most four a second."""

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self.changes = changes

    def after(self, earlier: StoreChanged | None) -> StoreChanged:
        """Return what has changed by an earlier message and this one."""
        if earlier is None:
            return self
        old, new = earlier.changes, self.changes
        rows = {row.id: row for row in (*old.tasks, *new.tasks) if row.id not in new.deleted}
        gone = {task: None for task in (*old.deleted, *new.deleted) if task not in rows}
        projects = {project.id: project for project in (*old.projects, *new.projects)}
        return StoreChanged(replace(new, tasks=[*rows.values()], deleted=[*gone], projects=[*projects.values()]))

    @property
    def tasks(self) -> set[str]:
        """Ids of the tasks that changed or went."""
        return {row.id for row in self.changes.tasks} | set(self.changes.deleted)


class Noticed(Message):
    """Tasks of the user's have ended, or metrics of theirs have turned NaN or infinite."""

    def __init__(self, found: list[Found]) -> None:
        super().__init__()
        self.found = found


class CommandFailed(Message):
    """The user's command for notices could not be run, or did not succeed."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
