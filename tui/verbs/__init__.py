"""What can be done to tasks, a verb a line.

The table feeds the keys, the key line, the help, the command line and the two screens; the work is a coroutine of the
verb's name in the module it names, loaded when it is first used: ``async def NAME(app, rows, given)`` with the tasks it
acts on and what was typed after it on the command line. Standard library only until then.
"""

from __future__ import annotations

from collections.abc import Awaitable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from store.lifecycle import Action, refusal

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp

VERB_WORK = "verb"
"""The group of the workers that carry out a verb; keys typed ahead wait for what it asks."""
LONG_WORK = "long verb"
"""The group of those that take a while and say how far they are: no key waits for them."""


class Verb(NamedTuple):
    """A verb.

    Attributes:
        name: its name: on the command line, in the id of its key, and of the coroutine.
        key: its letter, the same on every screen; none: it is found on the command line and in the palette.
        module: the module of this package that does it.
        help: one sentence for help and docs.
        actions: what it means to a task, of these the first that is possible; none: always possible.
        rank: its place in the key line; 0 leaves it out.
        alone: it needs no task to act on.
    """

    name: str
    key: str
    module: str
    help: str
    actions: tuple[Action, ...]
    rank: int = 0
    alone: bool = False

    @property
    def id(self) -> str:
        """The name under which its key can be remapped."""
        return f"task.{self.name}"

    def run(self, app: LabtopApp, rows: list[TaskRow], given: str = "") -> Awaitable[None]:
        """Do it to tasks; ``given`` answers what it would ask for."""
        done: Awaitable[None] = getattr(import_module(f"tui.verbs.{self.module}"), self.name)(app, rows, given)
        return done

    def word(self, row: TaskRow) -> str:
        """Return what it is for a task: ``dequeue`` where ``enqueue`` is not possible."""
        if row.archived and Action.RESTORE in self.actions:
            return Action.RESTORE.value
        possible = (action.value for action in self.actions if refusal(action, row) is None)
        return self.name if len(self.actions) < 2 else next(possible, self.name)


_ALL = (
    Verb("clone", "c", "copying", "Clone: a new Draft with the same configuration, opened for editing.",
         (Action.CLONE,), 10),
    Verb("edit", "e", "editing", "Edit a Draft's configuration in place.", (Action.EDIT,), 14),
    Verb("enqueue", "Q", "queueing", "Enqueue (asks for the queue); a Pending task: dequeue.",
         (Action.ENQUEUE, Action.DEQUEUE, Action.RETRY), 11),
    Verb("abort", "A", "ending", "Abort the Running task (asks).", (Action.ABORT,), 20),
    Verb("reset", "R", "ending", "Reset: delete logs and outputs, back to Draft (asks).", (Action.RESET,), 21),
    Verb("publish", "P", "ending", "Publish: read-only for good (asks for the name).", (Action.PUBLISH,), 22),
    Verb("archive", "a", "filing", "Archive, or restore an archived task.", (Action.ARCHIVE, Action.RESTORE), 23),
    Verb("delete", "D", "ending", "Delete an archived task for good (asks).", (Action.DELETE,)),
    Verb("rename", "r", "describing", "Rename the task.", (Action.RENAME,)),
    Verb("tags", "t", "describing", "Add and remove tags: +new -old.", (Action.DESCRIBE,)),
    Verb("move", "m", "describing", "Move to another project.", (Action.DESCRIBE,)),
    Verb("comment", "", "commenting", "Write a comment, of as many lines as it needs.", (Action.DESCRIBE,)),
    Verb("baseline", "", "pinning", "Baseline: compare the project's tasks with this one; again: no longer.", ()),
    Verb("retry", "", "queueing", "Retry: reset a Failed or Aborted task and enqueue it (asks).", (Action.RETRY,)),
    Verb("sweep", "", "sweeping", "Sweep: a Draft for each combination of values, lr=0.1,0.01 seed=1..5 (asks).",
         (Action.CLONE,)),
    Verb("new", "", "making", "New: an empty Draft (asks for project and name).", (), alone=True),
)  # fmt: skip
VERBS = {verb.name: verb for verb in _ALL}


def closed(row: TaskRow) -> frozenset[str]:
    """Return the ids of the keys whose verbs are refused over a task now."""
    return frozenset(verb.id for verb in _ALL if verb.actions and all(refusal(a, row) for a in verb.actions))


def words(row: TaskRow | None) -> dict[str, str]:
    """Return what the keys of the verbs are called over a task, by the keys' ids."""
    return {} if row is None else {verb.id: verb.word(row) for verb in _ALL}
