"""Undo and redo: what was done to tasks and projects from this dashboard, as steps, and how each is taken back.

``Data.command`` notes what every command changed (``store.undo`` says what, and puts it back unless somebody else has
changed it since). A step is what one key did, on however many tasks. What destroys is a step too: it cannot be
taken back, and says so, before the steps below it are reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from store.errors import LabtopError

from .format import counted

if TYPE_CHECKING:
    from store.undo import Change, Kept

    PutBack = Callable[[str, Kept | None, Kept | None, str], Awaitable[None]]
"""Puts a task or a project from the first facts to the second; the last argument is ``undo`` or ``redo``."""

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
_GONE = "what was deleted is gone"
FINAL = {
    "abort": "a process that was ended cannot go on",
    "reset": _GONE,
    "retry": _GONE,
    "delete": _GONE,
    "publish": "a Published task stays Published",
}
"""Why it cannot be taken back."""


@dataclass
class Step:
    """What one key did: ``did`` to the tasks of ``changes``; ``final`` says why it cannot be taken back."""

    did: str = ""
    final: str = ""
    warned: bool = False
    """Whether it was said what else goes with it."""
    changes: list[Change] = field(default_factory=list)

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
        put_back: carries a task from some facts to others.
    """

    def __init__(self, put_back: PutBack) -> None:
        self._put_back = put_back
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._one_at_a_time = asyncio.Lock()

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

    async def undo(self) -> str:
        """Take the last step back and say so.

        Raises:
            LabtopError: why nothing was.
        """
        return await self._take(self._done, self._undone, "undo")

    async def redo(self) -> str:
        """Do the step that was taken back last again and say so.

        Raises:
            LabtopError: why nothing was.
        """
        return await self._take(self._undone, self._done, "redo")

    async def _take(self, source: list[Step], other: list[Step], word: str) -> str:
        async with self._one_at_a_time:
            if not source:
                raise LabtopError(f"There is nothing to {word}.")
            step = source.pop()
            if step.final:
                raise LabtopError(f"Cannot undo: {step.what}, and {step.final}.{_below(source)}")
            if step.did == "made" and not step.warned and _concerns(other, step):
                source.append(step)
                step.warned = True
                raise LabtopError(f"Once more deletes what was made, {step.whom}, and what was just undone with it.")
            taken, problems = await self._put(step, word)
            if taken.changes:
                other.append(taken)
        return _said(taken, problems, word)

    async def _put(self, step: Step, word: str) -> tuple[Step, list[str]]:
        """Put each task of a step back, or forth; those that cannot be are no part of what is returned.

        The last one comes back first, so that they go the way that they came: into queues, and into lists by age.
        """
        taken, problems = Step(step.did), []
        way = -1 if word == "undo" else 1
        for change in step.changes[::way]:
            seen, wanted = (change.after, change.before) if word == "undo" else (change.before, change.after)
            try:
                await self._put_back(change.subject, seen, wanted, word)
                taken.changes.append(change)
            except LabtopError as error:
                problems.append(str(error))
        taken.changes = taken.changes[::way]
        return taken, problems


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
    done = f"{'Undone' if word == 'undo' else 'Done again'}: {taken.what}."
    return " ".join([done, *problems[:1]]) + more
