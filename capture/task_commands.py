"""What a script can do with tasks: the verbs of the store, under ClearML's names.

Every one is a thin call; what may follow what is the lifecycle's business, and its refusals are raised as they are.
``ignore_errors`` and ``force`` are accepted and never loosen a rule, except where they say so.
"""

from __future__ import annotations

from . import state
from .door import error, opened, store_module
from .task_about import project_path
from .task_base import TaskBase, id_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class CommandsMixin(TaskBase):
    """Cloning, queues, endings, archive."""

    # Making

    @classmethod
    def clone(
        cls,
        source_task: Any = None,
        name: str | None = None,
        comment: str | None = None,
        parent: Any = None,
        project: str | None = None,
    ) -> Self:
        """Make a Draft with everything a task was configured with, and nothing of what it produced.

        Args:
            source_task: the task or its id. Default: the one this process records.
            name: default: the source's.
            comment: default: the source's.
            parent: default: the source.
            project: path or id. Default: the source's.
        """
        source = source_task if source_task is not None else state.session and state.session.task_id
        if not source:
            raise error("UsageError", "Task.clone needs a task: there is no current one.")
        made = store_module("commands").clone(
            opened(), id_of(source), by=state.by(), name=name, comment=comment,
            parent=id_of(parent) if parent else None, project=project_path(project) if project else None,
        )  # fmt: skip
        return cls._found(made)

    @classmethod
    def _found(cls, task: str) -> Self:
        raise NotImplementedError

    # Queues

    @classmethod
    def enqueue(cls, task: Any, queue_name: str | None = None, queue_id: str | None = None, force: bool = False) -> Any:
        """Put a Draft into a queue (``default``); ``force`` first resets a Failed or Aborted one.

        Returns:
            ``{"queued": 1, "updated": 1, "fields": {"status": "queued"}}``.
        """
        found = cls._found(id_of(task))
        found._check("enqueue")
        found._command("enqueue", queue=queue_name or _queue_name(queue_id), retry=force and found._has_failed())
        return {"queued": 1, "updated": 1, "fields": {"status": "queued"}}

    def _has_failed(self) -> bool:
        return self._row().status in ("failed", "aborted")

    @classmethod
    def dequeue(cls, task: Any) -> Any:
        """Take a Pending task out of its queue; it is a Draft again."""
        found = cls._found(id_of(task))
        found._check("dequeue")
        found._command("dequeue")
        return {"dequeued": 1, "updated": 1, "fields": {"status": "created"}}

    @classmethod
    def get_num_enqueued_tasks(cls, queue_name: str | None = None, queue_id: str | None = None) -> int:
        """Return how many tasks wait in a queue."""
        wanted = queue_name or _queue_name(queue_id) or "default"
        with opened().read() as connection:
            listing = store_module("queues").listing(connection)
        found = next((queue for queue in listing if queue.name == wanted), None)
        if found is None:
            raise error("NotFound", f"There is no queue {wanted!r}.")
        return len(found.tasks)

    # States

    def mark_started(self, force: bool = False) -> None:
        """Start a Draft that no script of ours runs; ``mark_completed``, ``mark_failed``, ``mark_stopped`` end it."""
        self._check("start")
        with opened().write(state.by()) as tx:
            transitions, lifecycle = store_module("transitions"), store_module("lifecycle")
            task = transitions.subject(tx, self.id)
            if task.status == lifecycle.Status.PENDING:  # to start that takes an agent's claim
                why = lifecycle.why_not(lifecycle.Action.CONTINUE, lifecycle.Status.PENDING)
                raise error("StateError", f'Cannot start "{task.name}" ({task.id[:8]}): {why}.')
            transitions.start(tx, self.id, reason="started by hand", host="", user="")

    started = mark_started

    def mark_completed(
        self, ignore_errors: bool = True, status_message: str | None = None, force: bool = False
    ) -> None:
        """End the Running task as Completed. On the task this process records it closes it."""
        self._end("completed", status_message)

    completed = mark_completed

    def mark_failed(
        self,
        ignore_errors: bool = True,
        status_reason: str | None = None,
        status_message: str | None = None,
        force: bool = False,
    ) -> None:
        """End the Running task as Failed. On the task this process records it closes it."""
        self._end("failed", status_reason or status_message)

    def mark_stopped(self, force: bool = False, status_message: str | None = None) -> None:
        """Abort the Running task: whoever runs it is told to end it. On the task this process records it closes it."""
        if self._live is not None:
            self._end("aborted", status_message)
        else:
            self._command("abort")

    def stopped(
        self,
        ignore_errors: bool = True,
        force: bool = False,
        status_reason: str | None = None,
        status_message: str | None = None,
    ) -> None:
        """Abort the Running task, as ``mark_stopped``."""
        self.mark_stopped(force, status_reason or status_message)

    def mark_stop_request(self, force: bool = False, status_message: str | None = None) -> None:
        """Ask whoever runs the task to end it."""
        self._command("abort")

    stop_request = mark_stop_request

    def _end(self, status: str, reason: str | None) -> None:
        if self._live is not None:
            self._live.finish(status, reason or "")
            return
        word = store_module("lifecycle").Status(status)
        self._command("finish", status=word, reason=store_module("redact").free(reason or ""))

    def reset(self, set_started_on_success: bool = False, force: bool = False) -> None:
        """Make an ended task a Draft: logs and outputs are deleted, configuration stays. Never a Published one."""
        self._check("reset")
        self._command("reset")
        if set_started_on_success:
            self.mark_started()

    def publish(self, ignore_errors: bool = True) -> None:
        """Publish an ended task: final and read-only."""
        self._check("publish")
        self._command("publish")

    # Filing away

    def set_archived(self, archive: bool) -> None:
        """Archive the task, or bring it back."""
        self._check("archive" if archive else "restore")
        self._command("archive" if archive else "restore")

    def get_archived(self) -> bool:
        """Return whether the task is archived."""
        return bool(self._row().archived)

    def delete(
        self,
        delete_artifacts_and_models: bool = True,
        skip_models_used_by_other_tasks: bool = True,
        raise_on_error: bool = False,
        callback: Any = None,
    ) -> bool:
        """Delete the task with everything it has, archived or not; return True."""
        self._check("delete")
        self._command("delete", archived_only=False)
        return True


def _queue_name(queue_id: str | None) -> str | None:
    """Return the name of a queue given by its id; a name is returned as it is."""
    if queue_id is None:
        return None
    with opened().read() as connection:
        listing = store_module("queues").listing(connection)
    return next((queue.name for queue in listing if queue.id == queue_id), queue_id)
