"""Clones: new Drafts with all configuration of a task and none of its outputs.

One or many of a task at once, in as many statements: what is copied is copied by the database, so that a large diff is
never read. What may be cloned is decided by ``lifecycle`` alone; nothing here changes the task that is cloned.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from . import clock, editing, tables, transitions
from . import values as typed
from .engine import Store, Transaction
from .lifecycle import Action, check
from .text import json_object
from .transitions import subject

OF_THE_CODE = ("launcher", "notes")
"""What an environment says of the code, not of where it ran."""


def clone(
    store: Store,
    task: str,
    *,
    by: str,
    name: str | None = None,
    project: str | None = None,
    comment: str | None = None,
    parent: str | None = None,
    tags: Iterable[str] = (),
    parameters: Mapping[str, typed.Given] | None = None,
) -> str:
    """Make a Draft with all configuration of ``task`` and none of its outputs, and return its id.

    Name, project and comment are the source's unless given; ``parent`` is the task cloned from unless given. ``tags``
    and ``parameters`` come on top; if one of them is refused, nothing is made.
    """
    with store.write(by) as tx:
        (new,) = copies(tx, task, [name], project=project, comment=comment, parent=parent)
        transitions.add_tags(tx, new, tags)
        editing.change(tx, new, parameters or {}, add=True)
    return new


def copies(
    tx: Transaction,
    task: str,
    names: Sequence[str | None],
    *,
    project: str | None = None,
    comment: str | None = None,
    parent: str | None = None,
    ids: Sequence[str] | None = None,
) -> list[str]:
    """Make a clone for each of some names (None: the source's own), inside somebody's transaction.

    Unless their ids are given they grow: of tasks that are equally new, lists have the last one first.
    """
    source = subject(tx, task)
    check(Action.CLONE, source)
    row, path = _row_and_path(tx, task)
    ids = ids or sorted(clock.new_id() for _ in names)
    made = [
        transitions.create(
            tx, project=project or path, name=name or row["name"], type=row["type"], user=tx.user,
            comment=row["comment"] if comment is None else comment, parent=parent or task,
            reason=f"cloned from {source.id[:8]}", task_id=new,
        )
        for name, new in zip(names, ids, strict=True)
    ]  # fmt: skip
    for table in (*tables.INPUTS, tables.task_tag):
        _copy(tx, table, task, made)
    _leave_machine(tx, task, made)
    return made


def weight(c: tables.Executes, task: str) -> int:
    """Return about how many bytes a clone of a task takes: its diff and its configuration objects."""
    texts = ((tables.task_code, tables.task_code.c.diff), (tables.configuration, tables.configuration.c.text))
    sums = (sa.select(sa.func.sum(sa.func.length(text))).where(table.c.task_id == task) for table, text in texts)
    return sum(c.execute(wanted).scalar() or 0 for wanted in sums)


def _row_and_path(tx: Transaction, task: str) -> tuple[Mapping[str, Any], str]:
    t, p = tables.task, tables.project
    row = tx.execute(sa.select(t, p.c.path).join(p).where(t.c.id == task)).mappings().one()
    return dict(row), str(row["path"])


def _leave_machine(tx: Transaction, source: str, made: list[str]) -> None:
    """Keep of the environment what is told of the code: where and as which process the source ran, a clone did not."""
    c = tables.task_code.c
    found = json_object(tx.execute(sa.select(c.environment).where(c.task_id == source)).scalar() or "{}")
    kept = json.dumps({name: value for name, value in found.items() if name in OF_THE_CODE})
    tx.execute(sa.update(tables.task_code).where(c.task_id.in_(made)).values(environment=kept))


def _copy(tx: Transaction, table: sa.Table, source: str, made: list[str]) -> None:
    new, names = tables.task.alias(), [column.name for column in table.columns]
    columns = [new.c.id if name == "task_id" else table.c[name] for name in names]
    every = sa.select(*columns).select_from(table.join(new, sa.true()))
    wanted = every.where(table.c.task_id == source, new.c.id.in_(made))
    tx.execute(sa.insert(table).from_select(names, wanted))
