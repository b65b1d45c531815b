"""Archive and restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.lifecycle import Action

from .base import PAST, agreed, each, plan

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


async def archive(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Archive, or restore where all are archived."""
    action = Action.RESTORE if all(row.archived for row in rows) else Action.ARCHIVE
    chosen = plan(action, [row for row in rows if row.archived == (action is Action.RESTORE)])
    if await agreed(app, chosen):
        (await each(app, chosen, action.value, PAST[action])).tell(app)
