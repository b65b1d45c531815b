"""Taking back what was done to a task or a project by hand, where nothing was destroyed, and doing it again.

A dashboard keeps the ``Facts`` of a task, or how a project is ``Described``, from before and after each command.
Putting one in the place of the other is a compare-and-swap over all of them: what somebody else has changed since is
never overwritten. States move through ``lifecycle`` like any other change and stand in the history; starts, ends,
resets and deletions cannot be taken back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import baselines, clock, cloning, queues, tables, transitions
from .engine import Store, Transaction
from .errors import Conflict, LabtopError, StateError
from .facts import Facts, facts
from .hints import key
from .history import Writes, told
from .lifecycle import Action, Status, check
from .projects import COMMANDS, Described, describe_again, described
from .tables import Executes
from .values import PROPERTIES

HELD = 0.25
"""Seconds after which a transaction over many tasks begins no further one: scripts that record wait for it."""
_T = tables.task.c

Kept = Facts | Described
"""What is known of the subject of a command."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a command did: the facts before (None: it was not there) and after (None: it is gone).

    ``subject`` is the id of a task, or the path of a project.
    """

    subject: str
    before: Kept | None
    after: Kept | None

    @property
    def is_none(self) -> bool:
        """Whether everything is as it was, its place in a queue too."""
        places = [kept.place for kept in (self.before, self.after) if isinstance(kept, Facts)]
        return self.before == self.after and len(set(places)) < 2

    @property
    def about(self) -> set[str]:
        """The task or the project, and the tasks that were or are its baseline."""
        kept = (self.before, self.after)
        return {self.subject, *(each.baseline for each in kept if isinstance(each, Described) and each.baseline)}

    @property
    def named(self) -> str:
        """What it was done to, as sentences say it: ``"resnet" (a3f1c2d4)``, ``the project "vision"``."""
        kept = self.before or self.after
        if isinstance(kept, Described):
            return f'the project "{kept.name}"'
        return f'"{kept.name}" ({self.subject[:8]})' if kept else self.subject[:8]


Witnessed = tuple[Any, list[Change]]
"""What a command answered, and what it did."""
Move = tuple[str, Kept | None, Kept | None]
"""A subject, how it was left, and how it shall be."""
T = TypeVar("T")
Done = TypeVar("Done")


def witnessed(store: Store | _Within, command: Callable[..., Any], *args: Any, **options: Any) -> Witnessed:
    """Run a command of ``commands`` and return its answer with what it did to its task or project (its first argument).

    Both facts are read in the command's own transaction: what somebody else changes meanwhile is in neither alone. A
    command that makes a task answers with its id, one that makes several with a list of them.
    """
    look = described if command in COMMANDS else facts
    witness = _Witness(store, args[0] if args else "", look)
    answer = command(witness, *args, **options)
    if not isinstance(answer, (str, list)):
        return answer, [Change(witness.subject, witness.before, witness.after)]
    made = [answer] if isinstance(answer, str) else answer
    with store.read() as c:
        return answer, [Change(task, None, facts(c, task)) for task in made]


def witnessed_each(
    store: Store, command: Callable[..., Any], tasks: Mapping[str, Mapping[str, Any]], *, by: str, **options: Any
) -> list[Witnessed | LabtopError]:
    """Run a command on the first of several tasks, as many as one transaction may take, each as by ``witnessed``.

    A task has options of its own, and those that all of them have.

    What a task refuses with stands in the place of its answer; the others are done all the same.
    """

    def done(within: _Within, task: str) -> Witnessed:
        return witnessed(within, command, task, by=by, **tasks[task], **options)

    return _together(store, by, done, tasks)


def put_back_each(store: Store, moves: Iterable[Move], *, by: str, word: str = "undo") -> list[LabtopError | None]:
    """Make the first of several tasks and projects what they were, as many as one transaction may take.

    Each as by ``put_back``; for each of those None, or what it is refused with.
    """

    def done(within: _Within, move: Move) -> None:
        put_back(within, *move, by=by, word=word)

    return _together(store, by, done, moves)


def _together(
    store: Store, by: str, work: Callable[[_Within, T], Done], subjects: Iterable[T]
) -> list[Done | LabtopError]:
    """Do something to the first of several subjects, as many as one transaction may take.

    ``work`` gets what stands in the place of the store; what it refuses with stands in the place of its answer.
    """
    answers: list[Done | LabtopError] = []
    until = time.monotonic() + HELD
    with store.write(by) as tx:
        tx.notify()  # a revision that is first taken for a task that refuses would go with it
        for subject in subjects:
            try:
                answers.append(work(_Within(tx), subject))
            except LabtopError as error:
                answers.append(error)
            if time.monotonic() >= until:
                break
    return answers


class _Within:
    """Stands in the place of a store inside a transaction: what one command writes is taken back without the rest."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._tx.connection

    @contextmanager
    def write(self, by: str) -> Iterator[Transaction]:
        tx, gone = self._tx, len(self._tx.gone)
        tx.now = clock.now()  # each is a change of its own, and newer than the one before
        try:
            with tx.connection.begin_nested():
                yield tx
        except LabtopError:
            del tx.gone[gone:]  # the files of what is still there
            raise


class _Witness:
    """Stands in the place of a store for one command, and looks at its subject when the transaction begins and ends."""

    def __init__(self, store: Store | _Within, subject: str, look: Callable[[Executes, str], Kept | None]) -> None:
        self._store = store
        self._look = look
        self.subject = subject
        self.before: Kept | None = None
        self.after: Kept | None = None

    @contextmanager
    def write(self, by: str = "") -> Iterator[Transaction]:
        with self._store.write(by) as tx:
            self.before = self._look(tx, self.subject)
            yield tx
            self.after = self._look(tx, self.subject)


def put_back(
    store: Writes, subject: str, seen: Kept | None, wanted: Kept | None, *, by: str, word: str = "undo"
) -> None:
    """Make a task or a project what it was.

    Args:
        store: where.
        subject: the whole id, or the project's path.
        seen: how the caller left it; None: deleted.
        wanted: how it shall be; None: it was not there, and a Draft that nobody touched since is deleted again. One
            that was deleted so is made again, under its id, of the task it was cloned from.
        by: who.
        word: what refusals and the history call it: ``undo`` or ``redo``.

    Raises:
        Conflict: it is no longer as it was left.
        StateError: what was done cannot be taken back.
    """
    with told(store, subject, by, word) as tx:
        if isinstance(wanted, Described):
            assert isinstance(seen, Described)
            describe_again(tx, seen, wanted, word)
        else:
            _put_task_back(tx, subject, seen, wanted, word)


def _put_task_back(tx: Transaction, task: str, seen: Kept | None, wanted: Facts | None, word: str) -> None:
    now = facts(tx, task)
    if now != seen:
        name = (now or seen or wanted or _NOBODY).name
        since = "was deleted since." if now is None else "was changed since, by somebody else or its own script."
        raise Conflict(f'Cannot {word}: "{name}" ({task[:8]}) {since}')
    if wanted is None:
        assert now is not None
        _unmake(tx, task, now)
    elif now is None:
        _make_again(tx, task, wanted, word)
    else:
        _change(tx, task, now, wanted, word)
        if isinstance(seen, Facts):
            if _moved(seen, wanted):
                queues.shift(tx, task, wanted.place, wanted.queue)
            baselines.restore(tx, task, wanted.baseline_of - seen.baseline_of)


def _moved(seen: Facts, wanted: Facts) -> bool:
    """Whether it shall wait in another place: of one that was not moved, where others have put it is let be."""
    both = seen.queue is not None and wanted.queue is not None
    return both and (seen.queue, seen.place) != (wanted.queue, wanted.place)


_NOBODY = Facts("the task", "", "", False, "", None, frozenset(), frozenset(), frozenset())


def _make_again(tx: Transaction, task: str, wanted: Facts, word: str) -> None:
    """Make a Draft that was deleted when it was undone: its code is that of the task it was cloned from."""
    tx.execute(sa.delete(tables.tombstone).where(tables.tombstone.c.task_id == task))
    if wanted.parent is None:
        transitions.create(
            tx, project=wanted.project, name=wanted.name, type=wanted.type, user=tx.user, task_id=task,
            reason=f"made again by {word}",
        )  # fmt: skip
    else:
        cloning.copies(tx, wanted.parent, [wanted.name], project=wanted.project, ids=[task])
    _close_executions(tx, task)
    made = facts(tx, task)
    assert made is not None
    _change(tx, task, made, wanted, word)


def _close_executions(tx: Transaction, task: str) -> None:
    """Have what scripts wrote under this id before it was deleted come too late, as after a reset."""
    w = tables.writer.c
    last = tx.execute(sa.select(sa.func.max(w.execution)).where(w.task_id == task)).scalar_one() or 0
    tx.execute(sa.update(tables.task).where(_T.id == task).values(execution=last, closed_execution=last))


def _unmake(tx: Transaction, task: str, now: Facts) -> None:
    if now.status != Status.DRAFT:
        raise StateError(
            f'Cannot undo: "{now.name}" ({task[:8]}) is no longer a Draft. Archive it ({key("archive")}) instead.'
        )
    if now.baseline_of:
        raise Conflict(
            f'Cannot undo: "{now.name}" ({task[:8]}) is the baseline of "{min(now.baseline_of)}". '
            f"Take that away first (:baseline)."
        )
    transitions.delete(tx, task)


def _change(tx: Transaction, task: str, now: Facts, wanted: Facts, word: str) -> None:
    if now.archived != wanted.archived:
        action = Action.ARCHIVE if wanted.archived else Action.RESTORE
        status = transitions.change(tx, task, action, reason=f"{action.value} by {word}", archived=wanted.archived)
        now = replace(now, archived=wanted.archived, status=status, queue=None)
    if now.status == Status.PENDING and wanted.queue is None:
        transitions.change(tx, task, Action.DEQUEUE, reason=f"dequeued by {word}")
        now = replace(now, status=Status.DRAFT, queue=None)
    _describe(tx, task, now, wanted)
    _put_inputs(tx, task, now, wanted)
    if wanted.queue is not None and now.queue is None:
        queues.enter_at(tx, task, wanted.queue, wanted.place)


def _describe(tx: Transaction, task: str, now: Facts, wanted: Facts) -> None:
    found = transitions.subject(tx, task)
    if now.name != wanted.name:
        check(Action.RENAME, found)
    columns = {"name": wanted.name, "comment": wanted.comment, "rev": tx.rev}
    tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(**columns))
    if now.project != wanted.project:
        transitions.move(tx, task, wanted.project)
    transitions.remove_tags(tx, task, now.tags - wanted.tags)
    transitions.add_tags(tx, task, sorted(wanted.tags - now.tags))


def _put_inputs(tx: Transaction, task: str, now: Facts, wanted: Facts) -> None:
    changed = now.parameters ^ wanted.parameters
    if any(section != PROPERTIES for _, section, *_ in changed) or now.configuration != wanted.configuration:
        check(Action.EDIT, transitions.subject(tx, task))
    for table, rows in ((tables.parameter, wanted.parameters), (tables.configuration, wanted.configuration)):
        tx.execute(sa.delete(table).where(table.c.task_id == task))
        if rows:
            tx.execute(sa.insert(table), [dict(zip(table.c.keys(), row, strict=True)) for row in rows])
