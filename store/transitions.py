"""Changes of a task's state, inside a write transaction that somebody else opened.

Commands, queues and ingest share these, so that every change is checked against ``lifecycle``, made by a
compare-and-swap, and leaves who, when and why in the task's history. Nothing here opens a transaction of its own and
nothing decides what is allowed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from . import baselines, clock, outputs, samples, tables
from .changes import announce
from .codec import held
from .engine import Transaction
from .errors import Conflict, NotFound, StateError
from .lifecycle import Action, Status, archived_refusal, check, checked_type
from .tables import Executes
from .text import checked_name, checked_project, checked_tag, lineage, shown, storable

_serial = itertools.count()
_START = {"new": Action.START, "reuse": Action.START, "claimed": Action.START, "continue": Action.CONTINUE}
END = {Status.COMPLETED: Action.COMPLETE, Status.FAILED: Action.FAIL, Status.ABORTED: Action.ABORT}
"""The action behind each status that an end can have."""
_EMPTY: dict[str, Any] = {
    "progress": None, "last_iteration": None, "iteration_offset": 0, "started": None, "completed": None,
    "abort_requested": None, "abort_by": "", "last_seen": None, "lines": 0, "refused": 0, "dropped": 0, "worker": "",
}  # fmt: skip


class Subject(NamedTuple):
    """What a transition needs to know of a task."""

    id: str
    name: str
    status: str
    execution: int
    archived: bool
    user: str
    last_iteration: int | None
    abort_requested: float | None
    abort_by: str


_SUBJECT = sa.select(*(tables.task.c[name] for name in Subject._fields))


def find(connection: Executes, task_id: str) -> Subject | None:
    """Return the task with exactly this id, None if there is none."""
    found = connection.execute(_SUBJECT.where(tables.task.c.id == task_id)).first()
    return None if found is None else Subject._make(found)


def subject(connection: Executes, task_id: str) -> Subject:
    """Return the task with exactly this id.

    Raises:
        NotFound: there is none.
    """
    found = find(connection, task_id)
    if found is None:
        raise NotFound(f"There is no task {shown(task_id)}: it was deleted, or never was here. Look it up in the list.")
    return found


def last_sign(connection: Executes, task_id: str) -> float:
    """Return the time of a task's last sign of life, samples of its machine included; 0 if there is none."""
    m = tables.task_metric.c
    seen = sa.select(tables.task.c.last_seen).where(tables.task.c.id == task_id)
    sampled = sa.select(sa.func.max(m.last_time)).where(m.task_id == task_id)
    return max(connection.execute(wanted).scalar() or 0.0 for wanted in (seen, sampled))


def change(
    tx: Transaction, task_id: str, action: Action, *, reason: str = "", at: float | None = None, **columns: Any
) -> Status:
    """Do ``action`` to a task: check it, swap the state, write the history; return the state after it.

    Args:
        tx: the write transaction.
        task_id: the whole id.
        action: what to do.
        reason: why, for the history (and for the task itself if its state changes).
        at: when it happened, if not now (a script's own time of its end).
        columns: further columns of the task to set in the same statement.

    Raises:
        NotFound: no such task.
        StateError: not possible in its state.
        Conflict: its state changed meanwhile.
    """
    task = subject(tx, task_id)
    after, before = check(action, task), Status(task.status)
    when = tx.now if at is None else at
    if after is not before:
        columns |= {
            "status": after.value, "status_time": when, "status_by": tx.by, "status_reason": storable(reason),
            "activity": when,
        }  # fmt: skip
    if before is Status.PENDING and after is not before:
        tx.execute(sa.delete(tables.queue_entry).where(tables.queue_entry.c.task_id == task_id))
    _swap(tx, task, columns)
    note(tx, task_id, action.value, before, after, reason, int(columns.get("execution", task.execution)), when)
    return after


def _swap(tx: Transaction, task: Subject, columns: dict[str, Any]) -> None:
    t = tables.task.c
    same = (t.id == task.id) & (t.status == task.status) & (t.execution == task.execution)
    changed = tx.execute(sa.update(tables.task).where(same).values(rev=tx.rev, **columns))
    if changed.rowcount != 1:
        raise Conflict(f'"{task.name}" ({task.id[:8]}) was changed by somebody else just now. Look again, then retry.')


def note(
    tx: Transaction, task_id: str, action: str, before: str, after: str, reason: str, execution: int,
    at: float | None = None,
) -> None:  # fmt: skip
    """Write a line of the task's history about its state, and tell those who listen."""
    record(tx, task_id, action, before, after, reason, execution, at)
    announce(tx)


def record(
    tx: Transaction, task_id: str, action: str, before: str, after: str, reason: str, execution: int,
    at: float | None = None,
) -> None:  # fmt: skip
    """Write a line of the task's history. Ids grow with the transaction's revision, so they sort as it happened."""
    tx.execute(
        sa.insert(tables.task_event),
        {
            "task_id": task_id, "id": f"{tx.rev:012x}-{next(_serial):08x}", "time": tx.now if at is None else at,
            "action": action, "status_from": before, "status_to": after, "by": tx.by, "reason": storable(reason),
            "execution": execution,
        },
    )  # fmt: skip


def explain(tx: Transaction, task: Subject, action: str, reason: str) -> None:
    """Say anew why a task is in the state it stays in, for what was said no longer holds; the history has both."""
    values = {"status_by": tx.by, "status_reason": storable(reason), "rev": tx.rev}
    tx.execute(sa.update(tables.task).where(tables.task.c.id == task.id).values(**values))
    note(tx, task.id, action, task.status, task.status, reason, task.execution)


def ensure_project(tx: Transaction, path: str) -> str:
    """Return the id of the project with this path, making it and its parents if they are missing.

    Raises:
        InvalidValue: the path breaks a rule (see ``text.checked_project``).
    """
    parent: str | None = None
    for above in lineage(checked_project(path)):
        parent = _project(tx, above, parent)
    assert parent is not None
    return parent


def _project(tx: Transaction, path: str, parent: str | None) -> str:
    wanted = sa.select(tables.project.c.id).where(tables.project.c.path == path)
    found = tx.execute(wanted).scalar_one_or_none()
    if found is not None:
        return str(found)
    made = clock.new_id()
    values = {"id": made, "path": path, "parent_id": parent, "description": "", "created": tx.now, "rev": tx.rev}
    tx.execute(sa.insert(tables.project), values)
    return made


def create(
    tx: Transaction, *, project: str, name: str, type: str = "training", user: str = "", host: str = "",
    comment: str = "", tags: Iterable[str] = (), parent: str | None = None, task_id: str | None = None,
    reason: str = "", at: float | None = None,
) -> str:  # fmt: skip
    """Make a Draft and return its id (``task_id`` if the writer chose one).

    Raises:
        InvalidValue: a name, path, type or tag breaks a rule.
    """
    when, new = tx.now if at is None else at, task_id or clock.new_id()
    values = {
        "id": new, "name": checked_name(name), "type": checked_type(type), "user": user, "host": host,
        "comment": storable(comment), "parent_id": parent, "status": Status.DRAFT.value, "status_by": tx.by,
        "status_time": when, "activity": when, "created": when, "project_id": ensure_project(tx, project),
        "rev": tx.rev,
    }  # fmt: skip
    tx.execute(sa.insert(tables.task), values)
    add_tags(tx, new, tags)
    note(tx, new, "create", "", Status.DRAFT, reason, 0, when)
    return new


def move(tx: Transaction, task_id: str, path: str) -> None:
    """Put a task into a project, which is made if it is missing; it stays the baseline only of those it is still in.

    Raises:
        InvalidValue: the path breaks a rule.
    """
    values = {"project_id": ensure_project(tx, path), "rev": tx.rev}
    tx.execute(sa.update(tables.task).where(tables.task.c.id == task_id).values(**values))
    baselines.release(tx, task_id, checked_project(path))


def add_tags(tx: Transaction, task_id: str, tags: Iterable[str]) -> None:
    """Put tags on a task; those it has already stay."""
    rows = [{"task_id": task_id, "tag": tag} for tag in dict.fromkeys(checked_tag(tag) for tag in tags)]
    if rows:
        tx.execute(tables.upsert(tables.task_tag, tx.connection.dialect.name), rows)


def remove_tags(tx: Transaction, task_id: str, tags: Iterable[str]) -> None:
    """Take tags off a task; those it does not have are no error."""
    t = tables.task_tag.c
    tx.execute(sa.delete(tables.task_tag).where(t.task_id == task_id, t.tag.in_([storable(tag) for tag in tags])))


def start(
    tx: Transaction, task_id: str, *, mode: str = "new", host: str = "", user: str = "", reason: str = "",
    expected_execution: int | None = None, offset: int | None = None, at: float | None = None, **columns: Any,
) -> int:  # fmt: skip
    """Start a task and return the number of this execution.

    Args:
        tx: the write transaction.
        task_id: the whole id.
        mode: ``new`` and ``reuse`` (after ``reuse()``) by a script, ``claimed`` by an agent, ``continue``.
        host: where it runs.
        user: who runs it; does not replace the owner of a task that has one.
        reason: why, for the history.
        expected_execution: the number the starter has seen, None for any.
        offset: added to every iteration of this execution; default for ``continue``: one more than the last.
        at: when it started, if not now.
        columns: further columns of the task.

    Raises:
        NotFound: no such task.
        StateError: not possible in its state, or it is archived and was to be continued.
        Conflict: the task has been started since ``expected_execution``.
    """
    task = subject(tx, task_id)
    if expected_execution is not None and task.execution != expected_execution:
        raise Conflict(f'"{task.name}" ({task.id[:8]}) has been started by somebody else meanwhile. Look at it again.')
    if mode == "continue" and task.archived:
        raise StateError(archived_refusal(task, "continue"))
    if mode == "continue" and offset is None:
        offset = 0 if task.last_iteration is None else held(task.last_iteration + 1)
    execution = task.execution + 1
    change(
        tx, task_id, _START[mode], reason=reason, at=at, execution=execution, started=tx.now if at is None else at,
        completed=None, abort_requested=None, abort_by="", iteration_offset=offset or 0, user=task.user or user,
        **({"worker": "", "host": host} | columns),
    )  # fmt: skip
    return execution


def finish(
    tx: Transaction, task_id: str, execution: int, status: Status, reason: str = "", at: float | None = None
) -> bool:
    """End an execution as Completed, Failed or Aborted; an abort that was asked for makes it Aborted in any case.

    Returns:
        False, and nothing changed, if the task is gone, not Running or in another execution by now.
    """
    task = find(tx, task_id)
    if task is None or task.execution != execution or task.status != Status.RUNNING:
        return False
    if task.abort_requested is not None:
        status, reason = Status.ABORTED, aborted_by(task.abort_by)
    change(tx, task_id, END[status], reason=reason, at=at, completed=tx.now if at is None else at)
    return True


def aborted_by(who: str) -> str:
    """Return the reason of an abort that somebody asked for."""
    return f"aborted by {who}" if who else "aborted"


def reset(tx: Transaction, task_id: str, *, reason: str = "reset", at: float | None = None) -> None:
    """Make an ended task a Draft again: its logs and outputs go, its configuration stays, late records are dropped.

    Raises:
        NotFound: no such task.
        StateError: not possible in its state.
    """
    execution = subject(tx, task_id).execution
    change(tx, task_id, Action.RESET, reason=reason, at=at, closed_execution=execution, **_EMPTY)
    outputs.drop(tx, task_id)
    samples.forget(tx, task_id)
    _clear(tx, task_id, tables.OUTPUTS)


def _clear(tx: Transaction, task_id: str, which: Iterable[sa.Table]) -> None:
    for table in which:
        tx.execute(sa.delete(table).where(table.c.task_id == task_id))


def reuse(
    tx: Transaction, task_id: str, *, reason: str = "reused by a new start of its script", at: float | None = None
) -> None:
    """Empty a task for a new start of its script: reset, and without parameters, configuration, code and comment.

    Raises:
        NotFound: no such task.
        StateError: it is archived, or Pending, Running or Published.
    """
    task = subject(tx, task_id)
    if task.archived:
        raise StateError(archived_refusal(task))
    if task.status != Status.DRAFT:
        reset(tx, task_id, reason=reason, at=at)
    _clear(tx, task_id, tables.INPUTS)
    tx.execute(sa.update(tables.task).where(tables.task.c.id == task_id).values(comment="", rev=tx.rev))


def delete(tx: Transaction, task_id: str) -> None:
    """Delete a task with everything it owns, leaving a tombstone so that open dashboards notice.

    Raises:
        NotFound: no such task.
        StateError: not possible in its state.
    """
    check(Action.DELETE, subject(tx, task_id))
    rev = tx.rev
    baselines.release(tx, task_id)
    tx.execute(sa.delete(tables.input_model).where(tables.input_model.c.task_id == task_id))
    outputs.drop(tx, task_id)
    samples.forget(tx, task_id)
    _clear(tx, task_id, tables.OWNED)
    tx.execute(sa.delete(tables.task).where(tables.task.c.id == task_id))
    tx.execute(sa.insert(tables.tombstone), {"task_id": task_id, "rev": rev})
