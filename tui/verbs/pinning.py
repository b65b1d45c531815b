"""The baseline of a project: pinned, and taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.errors import LabtopError
from tui.completing import OFF

from .base import named, only_one

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


async def baseline(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Pin the task as the baseline of its project, or of one above it; once more takes that back."""
    if not only_one(app, rows, "pin"):
        return
    row = rows[0]
    project = (row.project if given in ("", OFF) else given).strip("/ ")
    try:
        before = (await app.data.read(_pinned)).get(project, "")
        wanted = "" if given == OFF or before == row.id else row.id
        await app.data.command("set_baseline", project, wanted, seen=before)
    except LabtopError as error:
        app.say(str(error), "error")
        return
    if wanted:
        instead = f", in place of {before[:8]}" if before else ""
        app.say(f'Pinned {named(row)} as the baseline of "{project}"{instead}.')
    else:
        app.say(f'The project "{project}" has no baseline of its own any more.')


def _pinned(connection: Any) -> dict[str, str]:
    from store import baselines

    return baselines.pinned(connection)
