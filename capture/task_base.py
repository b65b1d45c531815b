"""What every part of ``Task`` stands on: its id, its session if this process records it, and the way to the store."""

from __future__ import annotations

from . import guard, state
from .door import error, opened, refusal, store_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .session import Session


def tag_list(tags: Any) -> list[str]:
    """Return tags given as a list or as words in one text."""
    words = tags.split() if isinstance(tags, str) else list(tags or ())
    return list(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))


def id_of(task: Any) -> str:
    """Return the id of a task given as such or by its id."""
    return str(getattr(task, "id", task))


class TaskBase:
    """A task by its id. ``_session`` is set where this process records, or has recorded, the task."""

    id: str
    _session: Session | None

    @property
    def _live(self) -> Session | None:
        """The session, while it records."""
        session = self._session
        return session if session is not None and not session.ended else None

    def _recording(self, what: str) -> Session | None:
        """Return the session that records the task; None, which is said, once it has ended.

        Raises:
            UsageError: this process never recorded the task.
        """
        session = self._live
        if session is None and self._session is None:
            raise error("UsageError", f"Only the task this process records can be given {what}. Use Task.init.")
        if session is None:
            guard.warn(f"{what} was reported after its task was closed; it is not kept.", once=f"closed {what}")
        return session

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.id

    def _command(self, verb: str, *args: Any, **named: Any) -> Any:
        """Carry out a verb of ``store.commands`` on this task; what it refuses is raised."""
        store = opened()
        try:
            return getattr(store_module("commands"), verb)(store, self.id, *args, by=state.by(), **named)
        except refusal() as refused:
            raise refused.with_traceback(None) from None

    def _check(self, action: str) -> None:
        """Refuse what a Running task does not allow, for a task that the store may not even know yet.

        Raises:
            StateError: the action is not possible while the task runs.
        """
        session = self._live
        if session is None:
            return
        lifecycle = store_module("lifecycle")
        lifecycle.check(lifecycle.Action(action), lifecycle.Subject(self.id, session.facts.name, "running"))

    @property
    def _facts(self) -> Any:
        """Name, project, tags and so on: as this process knows its own task, as stored of any other."""
        return self._live.facts if self._live is not None else self._row()

    def _detail(self) -> Any:
        """Return everything the store knows of this task, read anew."""
        details = store_module("queries.details")
        with opened().read() as connection:
            return details.detail(connection, self.id)

    def _row(self) -> Any:
        tasks = store_module("queries.tasks")
        with opened().read() as connection:
            rows = tasks.rows(connection, [self.id])
        if not rows:
            raise error("NotFound", f"There is no task {self.id!r}: it was deleted, or never was here.")
        return rows[0]

    def __repr__(self) -> str:
        return f"<Task {self.id}>"
