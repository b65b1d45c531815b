"""Enqueue, dequeue, retry: one letter, by what the tasks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.errors import LabtopError
from store.lifecycle import Action, Status
from tui.dialogs.pick import PickDialog

from .base import PAST, Plan, agreed, each, plan, refuse, sure, unseen

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp

AGAIN = "Console, scalars and outputs are deleted, which cannot be undone; what remains waits in the queue again."


async def enqueue(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Enqueue Drafts; if there are only Pending tasks, dequeue them; if only Failed or Aborted ones, offer a retry."""
    if all(row.status == Status.PENDING for row in rows):
        chosen = plan(Action.DEQUEUE, rows)
        if await agreed(app, chosen):
            (await each(app, chosen, "dequeue", PAST[Action.DEQUEUE])).tell(app)
        return
    chosen, again = plan(Action.ENQUEUE, rows), plan(Action.RETRY, rows)
    if not chosen.rows and again.rows:
        await _retry(app, again, given, f"{chosen.refusal} {AGAIN}")
    elif await agreed(app, chosen, asks=not given):
        await _enter(app, chosen, given)


async def retry(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Reset what Failed or was Aborted and enqueue it."""
    chosen = plan(Action.RETRY, rows)
    if not refuse(app, chosen):
        await _retry(app, chosen, given, AGAIN)


async def _retry(app: LabtopApp, chosen: Plan, given: str, text: str) -> None:
    if await sure(app, chosen, text):
        await _enter(app, chosen, given)


async def _enter(app: LabtopApp, chosen: Plan, given: str) -> None:
    """Enqueue, in the queue that is given or chosen."""
    asked = bool(chosen.skipped) or chosen.action is Action.RETRY
    queue = given or await _queue(app, chosen, "" if asked else unseen(app, chosen))
    if queue:
        options: dict[str, Any] = {"queue": queue, "retry": chosen.action is Action.RETRY}
        (await each(app, chosen, "enqueue", PAST[chosen.action], f" in {queue}", **options)).tell(app)


async def _queue(app: LabtopApp, chosen: Plan, said: str) -> str | None:
    """Ask for the queue; the one used last stands first under the cursor. ``said`` stands before the question."""
    try:
        queues = await app.data.read(_names)
    except LabtopError as error:
        app.say(str(error), "error")
        return None
    question = f"{said} In which queue?".strip()
    picked = await app.push_screen_wait(PickDialog(chosen.title, question, queues, app.last_queue))
    app.last_queue = picked or app.last_queue
    return picked


def _names(connection: Any) -> list[tuple[str, str]]:
    from store import queues

    rows = queues.listing(connection)
    known = [(row.name, f"{len(row.tasks):,} waiting" if row.tasks else "empty") for row in rows]
    return known or [("default", "empty")]
