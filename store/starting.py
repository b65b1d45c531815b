"""What a ``start`` event of a journal asks of the store: make, reuse, continue or join a task.

The script did not wait for an answer when it wrote the event, so there always is one: a task that cannot be reused or
continued any more gives way to a new one, under the id the script chose for that case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from . import baselines, clock, outputs, tables, transitions
from .codec import held
from .engine import Transaction
from .errors import Conflict, InvalidValue, LabtopError, NotFound, StateError
from .lifecycle import Status, checked_type
from .records import Event
from .text import checked_name, checked_project, storable

log = logging.getLogger("labtop.store")
NO_EXECUTION = -1
"""The execution of a writer whose start came to nothing: everything it writes is dropped."""
Started = tuple[str, int]
"""(task id, execution)."""


def begin(tx: Transaction, event: Event) -> Started:
    """Carry out a ``start`` event and return the task and the execution its writer belongs to."""
    mode, wanted = str(event.get("mode", "new")), str(event["task"])
    if mode in _JOINS:
        return _JOINS[mode](tx, event, wanted)
    try:
        return _tried(tx, _MODES.get(mode, _new), event, wanted)
    except (StateError, NotFound, Conflict) as refused:
        log.info("cannot %s task %s, making a new one: %s", mode, wanted, refused)
    except InvalidValue as refused:
        log.warning("task %s gets plain names: %s", wanted, refused)
        event = _plain(event, wanted)
    fallback = str(event.get("fallback") or "") or (clock.new_id() if transitions.find(tx, wanted) else wanted)
    try:
        return _tried(tx, _new, event, fallback)
    except InvalidValue:
        return _tried(tx, _new, _plain(event, fallback), fallback)


def _tried(tx: Transaction, mode: Callable[[Transaction, Event, str], Started], event: Event, task: str) -> Started:
    # The revision is taken outside the savepoint: rolled back with it, the next transaction would get the same one.
    if tx.rev and not _is_id(task):
        raise InvalidValue(f"Invalid task id: {task!r} is not 32 hex characters.")
    with tx.connection.begin_nested():
        return mode(tx, event, task)


def _is_id(task: str) -> bool:
    return len(task) == 32 and set(task) <= set("0123456789abcdef")


def _new(tx: Transaction, event: Event, task: str) -> Started:
    found = transitions.find(tx, task)
    if found is not None:
        return (
            (task, _start(tx, event, task, "new", None)) if found.status == Status.DRAFT else _attach(tx, event, task)
        )
    transitions.create(
        tx, project=str(event.get("project", "")), name=event.get("name", ""), type=str(event.get("type", "training")),
        user=_text(event, "user"), host=_text(event, "host"), comment=_text(event, "comment"),
        tags=event.get("tags") or (), task_id=task, at=_time(event),
    )  # fmt: skip
    return task, _start(tx, event, task, "new", None)


def _reuse(tx: Transaction, event: Event, task: str) -> Started:
    if outputs.there_are(tx, task) or baselines.projects_of(tx, task):
        raise StateError(f"Cannot use task {task[:8]} again: it has artifacts or models, or is a baseline.")
    transitions.reuse(tx, task, at=_time(event))
    execution = _start(tx, event, task, "reuse", event.get("execution"))
    transitions.add_tags(tx, task, event.get("tags") or ())
    if event.get("comment"):
        tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(comment=_text(event, "comment")))
    return task, execution


def _continue(tx: Transaction, event: Event, task: str) -> Started:
    execution = _start(tx, event, task, "continue", event.get("execution"))
    transitions.add_tags(tx, task, event.get("tags") or ())
    return task, execution


def _start(tx: Transaction, event: Event, task: str, mode: str, expected: Any) -> int:
    offset = event.get("offset")
    return transitions.start(
        tx, task, mode=mode, host=_text(event, "host"), user=_text(event, "user"),
        expected_execution=expected if isinstance(expected, int) else None,
        offset=held(offset) if isinstance(offset, int) else None, at=_time(event),
    )  # fmt: skip


def _claimed(tx: Transaction, event: Event, task: str) -> Started:
    """Join the execution an agent claimed the task for.

    It may have ended by now: of a short script, the agent's last words come in together with the script's first.
    """
    found, expected = transitions.find(tx, task), event.get("execution")
    if found is None or expected not in (None, found.execution):
        return task, NO_EXECUTION
    if expected is None and found.status != Status.RUNNING:
        return task, NO_EXECUTION
    return task, found.execution


def _attach(tx: Transaction, event: Event, task: str) -> Started:
    """Join the task's execution, running or just ended (a forked child may outlive the script).

    A fork cannot know what became of its parent's start, which may have led to another execution, or another task.
    """
    w = tables.writer.c
    parent = tx.execute(sa.select(w.task_id, w.execution).where(w.id == str(event.get("parent") or ""))).first()
    if parent is not None:
        return str(parent.task_id), int(parent.execution)
    found, expected = transitions.find(tx, task), event.get("execution")
    if found is None:
        return task, NO_EXECUTION
    return task, expected if isinstance(expected, int) else found.execution


def _plain(event: Event, task: str) -> Event:
    """Return the event with names nobody can object to: whatever a script was called, its records are kept."""
    known: dict[str, Any] = {"project": "unnamed", "name": f"task {task[:8]}", "type": "custom", "tags": []}
    for name, check in _CHECKS.items():
        try:
            known[name] = check(event.get(name))
        except LabtopError:
            continue
    return event | known | ({} if _is_id(task) else {"task": clock.new_id(), "fallback": clock.new_id()})


def _text(event: Event, name: str) -> str:
    return storable(str(event.get(name) or ""))


def _time(event: Event) -> float | None:
    at = event.get("time")
    return float(at) if isinstance(at, (int, float)) and at == at else None


_MODES = {"new": _new, "reuse": _reuse, "continue": _continue}
_JOINS = {"claimed": _claimed, "attach": _attach}
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "project": checked_project,
    "name": checked_name,
    "type": checked_type,
}
