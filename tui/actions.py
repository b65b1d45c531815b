"""What the verbs' keys do: ask the lifecycle, ask the person where it destroys, run the command, say what came of it.

Both screens use these on the task shown or on the marked ones. Whether something is possible is decided by
``store.lifecycle`` (before asking, so that nobody confirms in vain) and again by the command itself; the sentence
shown is theirs. Each verb is a coroutine run as a worker of the screen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.errors import LabtopError
from store.lifecycle import Action, Status, Subject, label, refusal

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp

Verb = Callable[..., Awaitable[None]]

PAST = {
    Action.CLONE: "Cloned",
    Action.ENQUEUE: "Enqueued",
    Action.RETRY: "Reset and enqueued",
    Action.DEQUEUE: "Dequeued",
    Action.ABORT: "Aborted",
    Action.RESET: "Reset",
    Action.PUBLISH: "Published",
    Action.ARCHIVE: "Archived",
    Action.RESTORE: "Restored",
    Action.DELETE: "Deleted",
}
_QUESTIONS = {
    Action.ABORT: "It is asked to stop, and killed with everything it started when it does not.",
    Action.RESET: "Its console, scalars and outputs are deleted; the configuration stays.",
    Action.DELETE: "Its configuration, console, scalars and outputs are deleted for good.",
    Action.RETRY: "Its console, scalars and outputs are deleted, then it waits in the queue again.",
}


@dataclass(frozen=True)
class Plan:
    """Which tasks an action is possible on, and a sentence for each of the others."""

    action: Action
    rows: list[TaskRow]
    refused: list[str]
    skipped: list[TaskRow]

    @property
    def title(self) -> str:
        """What would be done: ``Abort "resnet"``, ``Abort 4 of 6``."""
        verb = "Retry" if self.action is Action.RETRY else self.action.value.capitalize()
        if len(self.rows) == 1 and not self.refused:
            return f'{verb} "{self.rows[0].name}" ({self.rows[0].id[:8]})'
        whole = len(self.rows) + len(self.refused)
        return f"{verb} {len(self.rows)} of {whole}" if self.refused else f"{verb} {whole} tasks"

    @property
    def left_out(self) -> str:
        """Why the others are left out: `` 2 are Running.``; empty if none is."""
        return _by_state(self.skipped)


def _by_state(rows: list[TaskRow]) -> str:
    words: dict[str, int] = {}
    for row in rows:
        words[label(row.status)] = words.get(label(row.status), 0) + 1
    if not words:
        return ""
    return "Left out: " + ", ".join(f"{n} {'is' if n == 1 else 'are'} {word}" for word, n in words.items()) + "."


def plan(action: Action, rows: list[TaskRow]) -> Plan:
    """Split tasks into those the action is possible on and those it is not."""
    allowed, refused, skipped = [], [], []
    for row in rows:
        sentence = why_not(action, row)
        if sentence is None:
            allowed.append(row)
        else:
            refused.append(sentence)
            skipped.append(row)
    return Plan(action, allowed, refused, skipped)


def why_not(action: Action, row: TaskRow) -> str | None:
    """Return the sentence that says why an action is not possible on a task, None if it is."""
    sentence = refusal(action, Subject(row.id, row.name, row.status))
    if sentence is None and action is Action.DELETE and not row.archived:
        return f'Cannot delete "{row.name}" ({row.id[:8]}): it is not archived. Archive it (a) first.'
    return sentence


# Running commands ---------------------------------------------------------------------------------------------------


async def _each(app: LabtopApp, plan: Plan, command: str, past: str, note: str = "", **options: Any) -> list[Any]:
    """Run a command on every task of a plan, one transaction each, and say what came of it."""
    results: list[Any] = []
    problems: list[str] = []
    for row in plan.rows:
        try:
            results.append(await app.data.command(command, row.id, **options))
        except LabtopError as error:
            problems.append(str(error))
    app.say(_outcome(plan, past, len(results), problems, note), "error" if problems else "info")
    return results


def _outcome(plan: Plan, past: str, done: int, problems: list[str], note: str) -> str:
    if problems and not done:
        return problems[0]
    whole = len(plan.rows) + len(plan.refused)
    if whole == 1:
        return f'{past} "{plan.rows[0].name}" ({plan.rows[0].id[:8]}){note}.'
    said = [f"{past} {done} of {whole} tasks{note}."]
    return " ".join(said + [part for part in (plan.left_out, *problems[:1]) if part])


def _refuse(app: LabtopApp, plan: Plan) -> bool:
    """Say why nothing can be done, if nothing can."""
    if plan.rows:
        return False
    more = f" {plan.left_out}" if len(plan.refused) > 1 else ""
    app.say(plan.refused[0] + more, "refused")
    return True


def _looking_only(app: LabtopApp) -> bool:
    if app.read_only:
        app.say("Cannot change anything: this dashboard is open read-only.", "refused")
    return app.read_only


async def _ask(app: LabtopApp, title: str, text: str, verb: str) -> bool:
    from tui.dialogs.confirm import ConfirmDialog

    return await app.push_screen_wait(ConfirmDialog(title, text, verb)) is True


async def _prompt(app: LabtopApp, title: str, text: str, value: str = "", expected: str = "") -> str | None:
    from tui.dialogs.prompt import PromptDialog

    return await app.push_screen_wait(PromptDialog(title, text, value, expected))


# Verbs --------------------------------------------------------------------------------------------------------------


async def clone(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Clone each; a single clone is opened on its configuration."""
    if _looking_only(app):
        return
    made = await _each(app, plan(Action.CLONE, rows), "clone", PAST[Action.CLONE])
    if len(rows) == 1 and made:
        app.open_task(str(made[0]), "configuration", edit=True)


async def edit(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Open a Draft's configuration for editing, or say why it cannot be edited."""
    if _looking_only(app):
        return
    sentence = why_not(Action.EDIT, rows[0])
    if sentence is not None:
        app.say(sentence, "refused")
        return
    app.open_task(rows[0].id, "configuration", edit=True)


async def enqueue(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Enqueue Drafts; if there are only Pending tasks, dequeue them; if only Failed or Aborted ones, offer a retry."""
    if _looking_only(app):
        return
    if all(row.status == Status.PENDING for row in rows):
        await _each(app, plan(Action.DEQUEUE, rows), "dequeue", PAST[Action.DEQUEUE])
        return
    chosen = plan(Action.ENQUEUE, rows)
    again = plan(Action.RETRY, rows)
    retry = not chosen.rows and bool(again.rows)
    if retry:
        text = " ".join(part for part in (chosen.refused[0], _QUESTIONS[Action.RETRY], again.left_out) if part)
        if not await _ask(app, again.title, text, "retry"):
            return
        chosen = again
    elif _refuse(app, chosen):
        return
    queue = await _queue(app, chosen)
    if queue:
        past = PAST[Action.RETRY if retry else Action.ENQUEUE]
        await _each(app, chosen, "enqueue", past, f" in {queue}", queue=queue, retry=retry)


async def _queue(app: LabtopApp, chosen: Plan) -> str | None:
    """Ask for the queue; the one used last stands first under the cursor."""
    from tui.dialogs.pick import PickDialog

    try:
        queues = await app.data.read(_queue_names)
    except LabtopError as error:
        app.say(str(error), "error")
        return None
    picked = await app.push_screen_wait(PickDialog(chosen.title, "In which queue?", queues, app.last_queue))
    app.last_queue = picked or app.last_queue
    return picked


def _queue_names(connection: Any) -> list[tuple[str, str]]:
    from store import queues

    rows = queues.listing(connection)
    known = [(row.name, f"{len(row.tasks)} waiting" if row.tasks else "empty") for row in rows]
    return known or [("default", "empty")]


async def destroy(app: LabtopApp, rows: list[TaskRow], action: Action) -> None:
    """Abort, reset or delete after a yes."""
    if _looking_only(app):
        return
    chosen = plan(action, rows)
    if _refuse(app, chosen):
        return
    text = " ".join(part for part in (_QUESTIONS[action], chosen.left_out) if part)
    if not await _ask(app, f"{chosen.title}?", text, action.value):
        return
    if action is Action.ABORT:
        await _abort(app, chosen)
    else:
        await _each(app, chosen, action.value, PAST[action])


async def _abort(app: LabtopApp, chosen: Plan) -> None:
    done = await _each(app, chosen, "abort", PAST[Action.ABORT])
    if done and not all(done):
        app.say(f"{chosen.title}: asked to stop. It becomes Aborted when its process has gone.")


async def publish(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Publish after the name was typed, because nothing undoes it."""
    if _looking_only(app):
        return
    chosen = plan(Action.PUBLISH, rows)
    if _refuse(app, chosen):
        return
    expected = chosen.rows[0].name if len(chosen.rows) == 1 else f"publish {len(chosen.rows)}"
    text = f"Publishing is final: a Published task is read-only for good. {chosen.left_out}".strip()
    if await _prompt(app, f"{chosen.title}?", f'{text}\nType "{expected}" to confirm.', expected=expected) is not None:
        await _each(app, chosen, "publish", PAST[Action.PUBLISH])


async def archive(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Archive, or restore where all are archived."""
    if _looking_only(app):
        return
    action = Action.RESTORE if all(row.archived for row in rows) else Action.ARCHIVE
    chosen = plan(action, [row for row in rows if row.archived == (action is Action.RESTORE)])
    if not _refuse(app, chosen):
        await _each(app, chosen, action.value, PAST[action])


async def rename(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Ask for a new name."""
    if _looking_only(app):
        return
    sentence = why_not(Action.RENAME, rows[0])
    if sentence is not None:
        app.say(sentence, "refused")
        return
    name = await _prompt(app, f'Rename "{rows[0].name}" ({rows[0].id[:8]})', "The new name.", rows[0].name)
    if name:
        await _each(app, plan(Action.RENAME, rows[:1]), "describe", "Renamed", f' to "{name}"', name=name)


async def tags(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Ask for tags to add and remove."""
    if _looking_only(app):
        return
    title = f'Tags of "{rows[0].name}"' if len(rows) == 1 else f"Tags of {len(rows)} tasks"
    have = ", ".join(rows[0].tags) if len(rows) == 1 and rows[0].tags else "none"
    given = await _prompt(app, title, f"Now: {have}.\n+new -old, parted by spaces.")
    words = (given or "").split()
    add = tuple(word.removeprefix("+") for word in words if not word.startswith("-"))
    remove = tuple(word[1:] for word in words if word.startswith("-"))
    if add or remove:
        await _each(app, plan(Action.DESCRIBE, rows), "tag", "Tagged", add=add, remove=remove)


async def move(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Ask for the project to move to."""
    if _looking_only(app):
        return
    title = f'Move "{rows[0].name}" ({rows[0].id[:8]})' if len(rows) == 1 else f"Move {len(rows)} tasks"
    project = await _prompt(app, title, "The project, as parts joined by slashes; made if it is new.", rows[0].project)
    if project and any(row.project != project for row in rows):
        await _each(app, plan(Action.DESCRIBE, rows), "move", "Moved", f" to {project}", project=project)
