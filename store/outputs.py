"""Artifacts and models in their tables: from events into rows, and away again, inside somebody's transaction.

A file goes when its row goes: the transaction notes the URIs, and the store removes the files once it has committed,
never before. Nothing here decides what is allowed, and nothing touches a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from . import tables
from .codec import held
from .engine import Transaction
from .intake import label, number
from .records import Event
from .text import storable

if TYPE_CHECKING:
    from .gathered import Gathered

PREVIEW = 1 << 16
"""Characters of a preview that are kept."""
_A, _M, _I = tables.artifact.c, tables.model.c, tables.input_model.c
_FIXED = ("id", "task_id", "created", "published")
"""Columns of a model that a later report does not change."""


# Events ---------------------------------------------------------------------------------------------------------------


def artifact(tx: Transaction, task: Gathered, event: Event) -> None:
    """Gather an ``artifact`` event."""
    row = _file(event) | {
        "task_id": task.id, "name": label(str(event["name"])), "type": _text(event, "type"),
        "content_type": _text(event, "content_type"), "preview": _text(event, "preview")[:PREVIEW],
        "metadata": _object(event, "metadata"), "time": number(event.get("time")) or tx.now,
    }  # fmt: skip
    if (before := task.artifacts.get(row["name"])) is not None:
        tx.gone.append(before["uri"])
    task.artifacts[row["name"]] = row


def model(tx: Transaction, task: Gathered, event: Event) -> None:
    """Gather a ``model`` event: a model of the task's own, as it is now."""
    iteration, when = event.get("iteration"), number(event.get("time")) or tx.now
    row = _file(event) | {
        "id": label(str(event["id"])), "task_id": task.id, "name": label(str(event.get("name") or "")),
        "framework": _text(event, "framework"), "labels": _object(event, "labels"), "design": _text(event, "design"),
        "comment": _text(event, "comment"), "tags": json.dumps([str(tag) for tag in event.get("tags") or ()]),
        "iteration": None if iteration is None else held(int(iteration) + task.iteration_offset), "time": when,
        "created": when, "published": False,
    }  # fmt: skip
    if (before := task.models.get(row["id"])) is not None and before["uri"] != row["uri"]:
        tx.gone.append(before["uri"])
    task.models[row["id"]] = row


def input_model(tx: Transaction, task: Gathered, event: Event) -> None:
    """Gather an ``input_model`` event: the task uses a model."""
    which = label(str(event["model"]))
    row = {"task_id": task.id, "model_id": which, "name": label(str(event.get("name") or "")),
           "time": number(event.get("time")) or tx.now}  # fmt: skip
    task.inputs[which] = row


def late(tx: Transaction, events: Sequence[Event]) -> None:
    """Note the files of records that come too late to be kept."""
    tx.gone += [str(event["uri"]) for event in events if event.get("e") in ("artifact", "model") and event.get("uri")]


def _file(event: Event) -> dict[str, Any]:
    size = event.get("size")
    kept = held(size) if isinstance(size, int) and size >= 0 else None
    return {"uri": _text(event, "uri"), "size": kept, "hash": _text(event, "hash")}


def _text(event: Event, name: str) -> str:
    return storable(str(event.get(name) or ""))


def _object(event: Event, name: str) -> str:
    found = event.get(name)
    return json.dumps(found if isinstance(found, dict) else {})


# Rows -----------------------------------------------------------------------------------------------------------------


def write(tx: Transaction, tasks: Sequence[Gathered]) -> None:
    """Write what the tasks have gathered; the files of what it replaces go."""
    _artifacts(tx, [row for task in tasks for row in task.artifacts.values()])
    _models(tx, {row["id"]: row for task in tasks for row in task.models.values()})
    _inputs(tx, [row for task in tasks for row in task.inputs.values()])


def _artifacts(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    news = {(row["task_id"], row["name"]): row["uri"] for row in rows}
    wanted = sa.select(_A.task_id, _A.name, _A.uri).where(_A.task_id.in_({row["task_id"] for row in rows}))
    tx.gone += [row.uri for row in tx.execute(wanted) if news.get((row.task_id, row.name), row.uri) != row.uri]
    tx.execute(tables.upsert(tables.artifact, tx.connection.dialect.name), rows)


def _models(tx: Transaction, rows: Mapping[str, dict[str, Any]]) -> None:
    """Write models; one that is another task's, or published, stays as it is."""
    if not rows:
        return
    kept = dict(rows)
    wanted = sa.select(_M.id, _M.task_id, _M.published, _M.uri).where(_M.id.in_(list(rows)))
    for found in tx.execute(wanted):
        if found.published or found.task_id != rows[found.id]["task_id"]:
            tx.gone.append(kept.pop(found.id)["uri"])
        elif found.uri != rows[found.id]["uri"]:
            tx.gone.append(found.uri)
    if kept:
        names = [column.name for column in tables.model.columns if column.name not in _FIXED]
        tx.execute(tables.upsert(tables.model, tx.connection.dialect.name, only=names), list(kept.values()))


def _inputs(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Write which models are used, of those that there are."""
    if not rows:
        return
    there = set(tx.execute(sa.select(_M.id).where(_M.id.in_({row["model_id"] for row in rows}))).scalars())
    if found := [row for row in rows if row["model_id"] in there]:
        tx.execute(tables.upsert(tables.input_model, tx.connection.dialect.name), found)


def there_are(tx: Transaction, task: str) -> bool:
    """Whether a task has artifacts or models of its own, for which it is not used again."""
    wanted = sa.select(_A.task_id).where(_A.task_id == task).union_all(sa.select(_M.task_id).where(_M.task_id == task))
    return tx.execute(wanted.limit(1)).first() is not None


def drop(tx: Transaction, task: str) -> None:
    """Delete a task's artifacts and the models it made; a model that is published or another task's input stays.

    Such a model belongs to no task from then on, and goes with the last task that uses it.
    """
    used = sa.select(_I.model_id)
    lost = (_M.task_id == task) | _M.task_id.is_(None)
    unneeded = lost & _M.published.is_(False) & _M.id.not_in(used)
    gone = sa.select(_A.uri).where(_A.task_id == task).union_all(sa.select(_M.uri).where(unneeded))
    tx.gone += tx.execute(gone).scalars().all()
    tx.execute(sa.delete(tables.artifact).where(_A.task_id == task))
    tx.execute(sa.delete(tables.model).where(unneeded))
    tx.execute(sa.update(tables.model).where(_M.task_id == task).values(task_id=None))


def publish(tx: Transaction, task: str) -> None:
    """Publish the models a task made: nothing changes or deletes them any more."""
    tx.execute(sa.update(tables.model).where(_M.task_id == task).values(published=True))
