"""Clone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.lifecycle import Action

from .base import PAST, each, named, plan

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


async def clone(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Clone each; a single clone (named as ``given``) is opened on its configuration."""
    options = {"name": given} if given and len(rows) == 1 else {}
    outcome = await each(app, plan(Action.CLONE, rows), "clone", PAST[Action.CLONE], **options)
    if len(rows) > 1 or not outcome.results:
        outcome.tell(app)
        return
    made = await app.data.read(_row, outcome.results[0])
    await app.open_task(made.id, "configuration", edit=True)
    app.say(f"Made {named(made)}, a clone of {named(rows[0])}.")


def _row(connection: Any, task: str) -> TaskRow:
    from store.queries import tasks

    return tasks.rows(connection, [task])[0]
