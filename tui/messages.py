"""What the data threads tell the screens. Small, and coalesced: a newer one replaces an older one still waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from store.records import Changes, ProjectRow, TaskRow

    from .notices.lookout import Found


class StoreOpened(Message):
    """The store can be queried (again)."""

    def __init__(self, read_only: bool) -> None:
        super().__init__()
        self.read_only = read_only


class StoreAbsent(Message):
    """There is no store yet; one that is made is opened at once."""


class StoreLost(Message):
    """The store cannot be read at the moment; a new attempt follows."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class StoreWaits(Message):
    """What was asked for waits for somebody else to be done with writing to the store; empty: no longer."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class StoreChanged(Message):
    """Somebody committed: rows that changed since the last of these messages, if any did. At most four a second.

    Args:
        changes: what changed.
        beside: what the screen in sight had read with it (``Data.beside``).
    """

    def __init__(self, changes: Changes, beside: object = None) -> None:
        super().__init__()
        self.changes = changes
        self.beside = beside

    @property
    def tells(self) -> bool:
        """Whether a task or project changed or went, and not only something else."""
        return bool(self.changes.tasks or self.changes.deleted or self.changes.projects)

    @property
    def tasks(self) -> set[str]:
        """Ids of the tasks that changed or went."""
        return {row.id for row in self.changes.tasks} | set(self.changes.deleted)


class Missed:
    """What several ``StoreChanged`` have told to nobody, to be told as one."""

    def __init__(self) -> None:
        self._tasks: dict[str, TaskRow] = {}
        self._deleted: dict[str, None] = {}
        self._projects: dict[str, ProjectRow] = {}

    def add(self, changes: Changes) -> None:
        """Take in what is newer than all there is."""
        for row in changes.tasks:
            self._tasks[row.id] = row
            self._deleted.pop(row.id, None)
        for task in changes.deleted:
            self._deleted[task] = None
            self._tasks.pop(task, None)
        self._projects.update((project.id, project) for project in changes.projects)
        self._rev = changes.rev

    def told(self) -> StoreChanged:
        """Return all of it."""
        from store.records import Changes

        rows, projects = [*self._tasks.values()], [*self._projects.values()]
        return StoreChanged(Changes(self._rev, rows, [*self._deleted], projects))


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
