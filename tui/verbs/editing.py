"""Edit the configuration of a Draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.lifecycle import Action, refusal

from .base import only_one

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


async def edit(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Open a Draft's configuration for editing, or say why it cannot be edited."""
    sentence = refusal(Action.EDIT, rows[0])
    if sentence is not None:
        app.say(sentence, "refused")
    elif only_one(app, rows, "edit"):
        before = app.screen
        await app.open_task(rows[0].id, "configuration", edit=True)
        if app.screen is not before:
            app.say("Enter changes the value under the cursor, / finds another, + adds one.")
