"""What people change of a task beside its state, as lines of its history: who, when, and what became of what.

One place for all commands: a task's facts before and after one are laid side by side, so that no command needs to know
how it is told. What a script reports of itself comes by ``ingest`` and leaves no line. Values are shortened and without
secrets, which a person may type as well as a script; the history keeps the last ``KEPT`` of such lines of a task.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from . import redact, tables
from .engine import Transaction
from .facts import Facts, facts
from .transitions import record, subject

KEPT = 200
"""Lines about edits that are kept of a task; the oldest goes first. Those about its state all stay."""
ONE_EDIT = 60.0
"""Seconds within which one person's edits of one value are one line."""
LISTED = 6
"""Changes told in one line."""
LONGEST = 40
ARROW = " → "
OBJECT = "configuration "
EDITS = ("edit", "rename", "move", "comment", "tag", "undo", "redo")
"""The actions of these lines."""

_E = tables.task_event.c


class Writes(Protocol):
    """A store, or what stands in its place inside a transaction."""

    def write(self, by: str) -> AbstractContextManager[Transaction]:
        """Open a write transaction, or go on in the one there is."""
        ...


class Part(NamedTuple):
    """One thing that changed: what it is, what it was and is, as text; None where it was not there, or is gone."""

    action: str
    what: str
    before: str | None
    after: str | None

    @property
    def said(self) -> str:
        """It in a few words: ``Args/lr: 0.1 → 0.05``, ``Args/lr: added, 0.1``."""
        if self.before is None:
            return f"{self.what}: added, {self.after}"
        if self.after is None:
            return f"{self.what}: removed, was {self.before}"
        return (
            f"{self.what}: {self.before}{ARROW}{self.after}" if self.before != self.after else f"{self.what}: changed"
        )


@contextmanager
def told(store: Writes, task: str, by: str, word: str = "") -> Iterator[Transaction]:
    """Open a write transaction that ends with a line about what it changed of a task, if that is anything.

    Args:
        store: where.
        task: the whole id; of what is none, nothing is told.
        by: who.
        word: what the line calls it (``undo``), if not by what changed.
    """
    with store.write(by) as tx:
        before = facts(tx, task)
        yield tx
        after = facts(tx, task)
        if before is not None and after is not None and (parts := _parts(before, after)):
            _tell(tx, task, parts, word or parts[0].action)


def _parts(before: Facts, after: Facts) -> list[Part]:
    was, now = _values(before), _values(after)
    changed = [key for key in {**was, **now} if was.get(key) != now.get(key)]
    return [Part(*key, _said(key[1], was.get(key)), _said(key[1], now.get(key))) for key in changed]


def _values(found: Facts) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return what may have changed: the action and what it is -> its text, and what else there is of it."""
    return {
        **{("edit", f"{section}/{name}"): tuple(kept) for _, section, name, *kept in sorted(found.parameters, key=str)},
        **{("edit", f"{OBJECT}{name}"): tuple(kept) for _, name, *kept in sorted(found.configuration)},
        ("rename", "name"): (found.name,),
        ("move", "project"): (found.project,),
        ("comment", "comment"): (found.comment,),
        ("tag", "tags"): (" ".join(sorted(found.tags)),),
    }


def _said(what: str, kept: tuple[str, ...] | None) -> str | None:
    if kept is None:
        return None
    if what.startswith(OBJECT):
        lines = kept[0].count("\n") + 1
        return f"{lines} line{'s' if lines > 1 else ''}"
    text = " ".join(redact.value(what.partition("/")[2] or what, kept[0]).split())
    return (text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…") or "''"


def _tell(tx: Transaction, task: str, parts: list[Part], action: str) -> None:
    said = [part.said for part in parts[:LISTED]] + [f"{len(parts) - LISTED} more"] * (len(parts) > LISTED)
    first = _going_on(tx, task, parts[0], action) if len(parts) == 1 else None
    if first is not None and first == parts[0].after:  # as it was before: there is nothing left to tell
        return
    reason = ", ".join(said) if first is None else f"{parts[0].what}: {first}{ARROW}{parts[0].after}"
    found = subject(tx, task)
    record(tx, task, action, found.status, found.status, reason, found.execution)
    oldest = sa.select(_E.id).where(_E.task_id == task, _E.action.in_(EDITS)).order_by(_E.id.desc())
    tx.execute(
        sa.delete(tables.task_event).where(
            _E.task_id == task, _E.action.in_(EDITS), _E.id < oldest.offset(KEPT - 1).limit(1).scalar_subquery()
        )
    )


def _going_on(tx: Transaction, task: str, part: Part, action: str) -> str | None:
    """Take away the last line if this edit goes on from there, and return what the value was before both."""
    if part.before is None or part.after is None:
        return None
    last = tx.execute(sa.select(tables.task_event).where(_E.task_id == task).order_by(_E.id.desc()).limit(1)).first()
    if last is None or (last.action, last.by) != (action, tx.by) or not 0 <= tx.now - last.time < ONE_EDIT:
        return None
    first, arrow, end = last.reason.removeprefix(f"{part.what}: ").partition(ARROW)
    if not arrow or not last.reason.startswith(f"{part.what}: ") or end != part.before:
        return None
    tx.execute(sa.delete(tables.task_event).where(_E.task_id == task, _E.id == last.id))
    return str(first)
