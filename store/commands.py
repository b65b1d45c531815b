"""What a person or a script asks of a task: one function a verb, one transaction a call.

Every function takes the store, the task's whole id (``queries.tasks.resolve`` finds it) and ``by`` (``user@host``,
for the history). What is allowed is decided by ``lifecycle`` alone; refusals are its sentences, raised as
``StateError``, and an unknown id is ``NotFound``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from . import hints, outputs, tables, transitions
from . import values as typed
from .cloning import clone as clone
from .editing import configure as configure
from .editing import edit as edit
from .editing import put_parameters
from .engine import Store, Transaction
from .errors import Conflict, InvalidValue, StateError
from .history import told
from .lifecycle import Action, Status, check
from .projects import describe_project as describe_project
from .projects import set_baseline as set_baseline
from .queues import enter, living, shift
from .sweeps import sweep as sweep
from .text import checked_name, shown, storable
from .transitions import Subject, change, subject

SILENT = 600.0
"""A Running task without any record for this many seconds has nobody left who could carry out an abort."""
_CODE_JSON = ("argv", "packages", "environment")


def create(
    store: Store,
    *,
    by: str,
    project: str,
    name: str,
    type: str = "training",
    comment: str = "",
    tags: Iterable[str] = (),
    parameters: Mapping[str, typed.Given] | None = None,
    code: Mapping[str, Any] | None = None,
    parent: str | None = None,
    task_id: str | None = None,
) -> str:
    """Make a Draft and return its id.

    Args:
        store: where.
        by: who.
        project: whole path; made, with its parents, if it is missing.
        name: at least 3 characters.
        type: a task type.
        comment: free text.
        tags: tags.
        parameters: ``{"Section/name": value}``; a value as ``typed.Given``.
        code: columns of ``TaskCode``; lists and dicts are kept as JSON.
        parent: id of the task it comes from.
        task_id: its id, if the caller has chosen one.

    Raises:
        InvalidValue: a name, path, type, tag or column breaks a rule.
        NotFound: no such parent.
    """
    with store.write(by) as tx:
        if parent is not None:
            subject(tx, parent)
        new = transitions.create(
            tx, project=project, name=name, type=type, user=tx.user, comment=comment, tags=tags, parent=parent,
            task_id=task_id,
        )  # fmt: skip
        put_parameters(tx, [typed.row(new, key, given) for key, given in (parameters or {}).items()])
        if code:
            _put_code(tx, new, code)
    return new


def set_environment(
    store: Store, task: str, execution: int, code: Mapping[str, Any], notes: Mapping[str, Any] | None = None
) -> bool:
    """Keep how an execution was run (columns of ``TaskCode``), ``notes`` merged into its environment.

    Returns:
        False, and nothing kept, if the task is gone, in another execution, or its execution was reset meanwhile.
    """
    with store.write() as tx:
        t = tables.task.c
        found = tx.execute(sa.select(t.execution, t.closed_execution).where(t.id == task)).first()
        if found is None or found.execution != execution or found.closed_execution >= execution:
            return False
        _put_code(tx, task, code, notes or {})
        tx.touch(task)
    return True


def _put_code(tx: Transaction, task: str, code: Mapping[str, Any], notes: Mapping[str, Any] | None = None) -> None:
    unknown = sorted(set(code) - set(tables.task_code.c.keys()))
    if unknown:
        raise InvalidValue(f"Unknown column of a task's code: {shown(unknown[0])}. Use the names of TaskCode.")
    row = {name: _stored_code(name, value) for name, value in code.items()}
    if notes:
        row["environment"] = json.dumps(json.loads(row.get("environment", "{}")) | dict(notes))
    statement = tables.upsert(tables.task_code, tx.connection.dialect.name, only=list(row))
    tx.execute(statement, {"task_id": task} | row)


def _stored_code(name: str, value: Any) -> Any:
    if name in _CODE_JSON and not isinstance(value, str):
        return json.dumps(value)
    return storable(value) if isinstance(value, str) else value


def describe(
    store: Store,
    task: str,
    *,
    by: str,
    name: str | None = None,
    comment: str | None = None,
    seen: Mapping[str, str] | None = None,
) -> None:
    """Rename a task, or set its comment; None leaves what is there.

    Args:
        store: where.
        task: the whole id.
        by: who.
        name: its new name.
        comment: its new comment.
        seen: the ``name`` or ``comment`` that this one was written over; None where nobody looked at it.

    Raises:
        Conflict: it is no longer what was seen.
        InvalidValue: the name is too short.
        StateError: not possible in the task's state.
    """
    with told(store, task, by) as tx:
        found = subject(tx, task)
        changed: dict[str, Any] = {}
        if name is not None:
            check(Action.RENAME, found)
            changed["name"] = checked_name(name)
        if comment is not None:
            check(Action.DESCRIBE, found)
            changed["comment"] = storable(comment)
        _as_seen(tx, found, seen or {})
        if changed:
            _update(tx, task, **changed)


def _as_seen(tx: Transaction, task: Subject, seen: Mapping[str, str]) -> None:
    for what, text in seen.items():
        if tx.execute(sa.select(tables.task.c[what]).where(tables.task.c.id == task.id)).scalar_one() != text:
            raise Conflict(
                f'Cannot change the {what} of "{task.name}" ({task.id[:8]}): somebody else has changed it meanwhile. '
                f"Look at theirs first."
            )


def _update(tx: Transaction, task: str, **columns: Any) -> None:
    tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(rev=tx.rev, **columns))


def tag(store: Store, task: str, *, by: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Put tags on a task and take tags off it."""
    with told(store, task, by) as tx:
        check(Action.DESCRIBE, subject(tx, task))
        transitions.remove_tags(tx, task, remove)
        transitions.add_tags(tx, task, add)
        tx.touch(task)


def move(store: Store, task: str, project: str, *, by: str) -> None:
    """Move a task to another project, which is made if it is missing; it is no baseline of one that it leaves."""
    with told(store, task, by) as tx:
        check(Action.DESCRIBE, subject(tx, task))
        transitions.move(tx, task, project)


def enqueue(store: Store, task: str, *, by: str, queue: str | None = None, retry: bool = False) -> None:
    """Put a Draft at the end of a queue (``default`` if None); ``retry`` first resets a Failed or Aborted task.

    Raises:
        NotFound: no such queue (the message names the nearest) or task.
        StateError: not possible in the task's state.
    """
    with store.write(by) as tx:
        found = subject(tx, task)
        check(Action.RETRY if retry else Action.ENQUEUE, found)
        if retry:
            transitions.reset(tx, task, reason="reset to be run again")
        enter(tx, [task], queue)


def retry(store: Store, task: str, *, by: str, queue: str | None = None) -> None:
    """Reset a Failed or Aborted task and enqueue it, in one transaction."""
    enqueue(store, task, by=by, queue=queue, retry=True)


def requeue(store: Store, task: str, place: int, queue: str | None = None, *, by: str) -> int:
    """Move a Pending task in its queue or to another one: ``queues.move``, as a step that can be undone."""
    with store.write(by) as tx:
        return shift(tx, task, place, queue)


def dequeue(store: Store, task: str, *, by: str) -> None:
    """Take a Pending task out of its queue: a Draft again."""
    with store.write(by) as tx:
        change(tx, task, Action.DEQUEUE, reason="dequeued")


def abort(store: Store, task: str, *, by: str) -> bool:
    """Abort a Running task.

    Returns:
        True if it is Aborted now, because nothing live runs it; False if its recorder or agent has been asked.
    """
    with store.write(by) as tx:
        found = subject(tx, task)
        check(Action.ABORT, found)
        # Noted in both cases: should it live after all, it is still ended when it shows up.
        _update(tx, task, abort_requested=found.abort_requested or tx.now, abort_by=by)
        if _is_live(tx, found):
            if found.abort_requested is None:
                status = Status.RUNNING
                transitions.note(tx, task, "abort", status, status, "abort asked for", found.execution)
            return False
        change(tx, task, Action.ABORT, reason=transitions.aborted_by(by), completed=tx.now)
        return True


def _is_live(tx: Transaction, task: Subject) -> bool:
    if living(tx, task.id):
        return True
    w = tables.writer.c
    writing = sa.select(sa.func.max(w.started)).where(
        w.task_id == task.id, w.execution == task.execution, w.ended.is_(None)
    )
    started = tx.execute(writing).scalar_one()
    return started is not None and max(started, transitions.last_sign(tx, task.id)) > tx.now - SILENT


def reset(store: Store, task: str, *, by: str) -> None:
    """Make an ended task a Draft: logs and outputs are deleted, configuration stays."""
    with store.write(by) as tx:
        transitions.reset(tx, task)


def publish(store: Store, task: str, *, by: str, reason: str = "published") -> None:
    """Publish an ended task and the models it made: final and read-only."""
    with store.write(by) as tx:
        change(tx, task, Action.PUBLISH, reason=reason)
        outputs.publish(tx, task)


def archive(store: Store, task: str, *, by: str) -> bool:
    """Archive a task; a Pending one is dequeued first. Archiving an archived one changes nothing and returns False."""
    return _file_away(store, task, by, Action.ARCHIVE)


def restore(store: Store, task: str, *, by: str) -> bool:
    """Bring an archived task back. Restoring one that is not archived changes nothing and returns False."""
    return _file_away(store, task, by, Action.RESTORE)


def _file_away(store: Store, task: str, by: str, action: Action) -> bool:
    wanted = action is Action.ARCHIVE
    with store.write(by) as tx:
        found = subject(tx, task)
        check(action, found)
        if found.archived is wanted:
            return False
        change(tx, task, action, reason="archived" if wanted else "restored", archived=wanted)
        return True


def delete(store: Store, task: str, *, by: str, archived_only: bool = True) -> None:
    """Delete a task with everything it has. ``archived_only``: on screens and in the CLI only archived ones.

    Raises:
        StateError: not possible in its state, or not archived.
    """
    with store.write(by) as tx:
        found = subject(tx, task)
        check(Action.DELETE, found)
        if archived_only and not found.archived:
            named = f'"{found.name}" ({found.id[:8]})'
            raise StateError(f"Cannot delete {named}: it is not archived. Archive it ({hints.key('archive')}) first.")
        transitions.delete(tx, task)


def finish(store: Store, task: str, *, by: str, status: Status, reason: str = "") -> None:
    """End a Running task as Completed, Failed or Aborted, whoever runs it."""
    with store.write(by) as tx:
        found = subject(tx, task)
        check(transitions.END[status], found)
        transitions.finish(tx, task, found.execution, status, reason)
