"""Undo and redo: what was done to tasks and projects from this dashboard, as steps, and how each is taken back.

``Data.command`` notes what every command changed (``store.undo`` says what, and puts it back unless somebody else has
changed it since). A step is what one key did, on however many tasks: of thousands it takes seconds, in which ``undo``
has it stopped and takes back what was done of it. What destroys is a step too: it cannot be taken back, and says so,
before the steps below it are reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from store.errors import LabtopError

from .format import counted

if TYPE_CHECKING:
    from store.undo import Change, Move

    PutBack = Callable[[Sequence[Move], str], Awaitable[list[LabtopError | None]]]
"""Makes the first of several moves, with ``undo`` or ``redo``; for each of those None, or why it was refused."""
Tell = Callable[[str], object]

DID = {
    "create": "made",
    "clone": "made",
    "sweep": "made",
    "edit": "edited",
    "configure": "edited",
    "describe": "renamed",
    "describe_project": "described",
    "set_baseline": "changed the baseline of",
    "tag": "changed the tags of",
    "move": "moved",
    "enqueue": "enqueued",
    "dequeue": "dequeued",
    "requeue": "moved in the queue",
    "archive": "archived",
    "restore": "restored",
    "abort": "aborted",
    "reset": "reset",
    "retry": "reset and enqueued",
    "delete": "deleted",
    "publish": "published",
}
"""What was done, by the command that did it; a command that is not here leaves no step."""
_DONE = {"undo": "Undone", "redo": "Done again"}
_GONE = "what was deleted is gone"
FINAL = {
    "abort": "a process that was ended cannot go on",
    "reset": _GONE,
    "retry": _GONE,
    "delete": _GONE,
    "publish": "a Published task stays Published",
}
"""Why it cannot be taken back."""


@dataclass(eq=False)
class Step:
    """What one key did: ``did`` to the tasks of ``changes``; ``final`` says why it cannot be taken back."""

    did: str = ""
    final: str = ""
    warned: bool = False
    """Whether it was said what else goes with it."""
    changes: list[Change] = field(default_factory=list)
    tasks: frozenset[str] = frozenset()
    """Those it is to be done to, while it is under way."""
    stopped: bool = False
    """Whether no more of it is to be done."""
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        """No more is done of it."""
        self._over.set()

    async def stop(self) -> None:
        """Have no more of it done, and wait until what is being done is."""
        self.stopped = True
        await self._over.wait()

    @property
    def what(self) -> str:
        """As sentences say it: ``archived 3 tasks``, ``renamed "resnet" (a3f1c2d4)``."""
        return f"{self.did} {self.whom}"

    @property
    def whom(self) -> str:
        """The tasks, or the one that it was."""
        return self.changes[0].named if len(self.changes) == 1 else counted(len(self.changes), "task")


class History:
    """The steps of this dashboard, newest last.

    Args:
        put_back: carries tasks from some facts to others.
    """

    def __init__(self, put_back: PutBack) -> None:
        self._put_back = put_back
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._going: list[Step] = []
        self._noted = 0
        """How often something was noted."""
        self._one_at_a_time = asyncio.Lock()

    @contextmanager
    def step(self, tasks: Iterable[str]) -> Iterator[Step]:
        """Do several commands to tasks as one step, for as long as it is not ``stopped``."""
        step = Step(tasks=frozenset(tasks))
        self._going.append(step)
        try:
            yield step
        finally:
            self._going.remove(step)
            step.end()

    def busy_with(self, tasks: Iterable[str]) -> int:
        """Return to how many of these tasks something is being done."""
        return len(frozenset().union(*(step.tasks for step in self._going)).intersection(tasks))

    def note(self, command: str, options: Mapping[str, Any], changes: list[Change], step: Step | None = None) -> None:
        """Keep what a command did, as part of a step if there is one; nothing that was there before can be redone."""
        name = "retry" if options.get("retry") else command
        changes = [change for change in changes if name in FINAL or not change.is_none]
        if name not in DID or not changes:
            return
        step = step if step is not None else Step()
        step.did, step.final = DID[name], FINAL.get(name, "")
        if command == "describe" and options.get("comment") is not None:
            step.did = "commented on"
        if not step.changes:
            self._done.append(step)
        step.changes.extend(changes)
        self._undone.clear()
        self._noted += 1

    async def undo(self, tell: Tell) -> str:
        """Take the last step back and say so; one that is under way is stopped first.

        Args:
            tell: is told how far it is, where that takes a while.

        Raises:
            LabtopError: why nothing was.
        """
        return await self._take(self._done, self._undone, "undo", tell)

    async def redo(self, tell: Tell) -> str:
        """Do the step that was taken back last again and say so.

        Args:
            tell: as for ``undo``.

        Raises:
            LabtopError: why nothing was.
        """
        return await self._take(self._undone, self._done, "redo", tell)

    async def _take(self, source: list[Step], other: list[Step], word: str, tell: Tell) -> str:
        if self._one_at_a_time.locked():
            raise LabtopError("Still taking back or doing again what was asked for before. Wait until that is done.")
        async with self._one_at_a_time:
            if word == "undo" and self._going:
                await self._stop(self._going[-1])
            if not source:
                raise LabtopError(f"There is nothing to {word}.")
            step = source.pop()
            places, noted = (len(source), len(other)), self._noted
            if step.final:
                raise LabtopError(f"Cannot undo: {step.what}, and {step.final}.{_below(source)}")
            if step.did == "made" and not step.warned and _concerns(other, step):
                source.append(step)
                step.warned = True
                raise LabtopError(f"Once more deletes what was made, {step.whom}, and what was just undone with it.")
            taken, problems, rest = await self._put(step, word, tell)
            if rest:  # what was done meanwhile came after it
                source.insert(places[0], Step(step.did, changes=rest))
            if taken.changes and (word == "redo" or noted == self._noted):
                other.insert(places[1], taken)
        return _said(taken, problems, word)

    async def _stop(self, step: Step) -> None:
        """Stop a step that is under way, and have it on top, whatever was done beside it.

        Raises:
            LabtopError: nothing of it was done.
        """
        await step.stop()
        if step not in self._done:
            raise LabtopError("Stopped: nothing of it was done that could be undone.")
        self._done.remove(step)
        self._done.append(step)

    async def _put(self, step: Step, word: str, tell: Tell) -> tuple[Step, list[str], list[Change]]:
        """Put each task of a step back, or forth.

        The last one comes back first, so that they go the way that they came: into queues, and into lists by age.

        Returns:
            What was put, what some were refused with, and what nobody could be asked about.
        """
        taken, problems = Step(step.did), list[str]()
        way = -1 if word == "undo" else 1
        rest = step.changes[::way]
        while rest:
            try:
                answers = await self._put_back([_move(change, word) for change in rest], word)
            except LabtopError as error:
                problems.append(str(error))
                break
            problems += [str(answer) for answer in answers if answer is not None]
            taken.changes += [change for change, answer in zip(rest, answers, strict=False) if answer is None]
            rest = rest[len(answers) :]
            if rest:
                whole = len(step.changes)
                tell(f"{_DONE[word]} {whole - len(rest):,} of {whole:,} tasks so far.")
        taken.changes = taken.changes[::way]
        return taken, problems, rest[::way]


def _move(change: Change, word: str) -> Move:
    ends = (change.after, change.before) if word == "undo" else (change.before, change.after)
    return change.subject, *ends


def _concerns(steps: list[Step], step: Step) -> bool:
    """Whether some steps are about a task or a project of another."""
    subjects = {subject for change in step.changes for subject in change.about}
    return any(subjects & change.about for each in steps for change in each.changes)


def _below(steps: list[Step]) -> str:
    return f" Once more undoes what was done before: {steps[-1].what}." if steps and not steps[-1].final else ""


def _said(taken: Step, problems: list[str], word: str) -> str:
    more = f" ({len(problems) - 1:,} more like it)" if len(problems) > 1 else ""
    if problems and not taken.changes:
        raise LabtopError(problems[0] + more)
    done = f"{_DONE[word]}: {taken.what}."
    return " ".join([done, *problems[:1]]) + more
