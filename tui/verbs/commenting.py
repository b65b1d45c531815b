"""Comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.lifecycle import Action

from .base import fill_in, named, plan
from .describing import Asked
from .writing import edited

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


async def comment(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Write a comment; on several tasks it takes the place of each one's own."""
    chosen = plan(Action.DESCRIBE, rows)
    kept = {row.comment for row in rows}
    title = f"Comment on {named(rows[0])}" if len(rows) == 1 else f"Comment on {len(rows):,} tasks"
    text = "" if len(rows) == 1 else "It takes the place of what each of them has."

    def read(line: str) -> Asked:
        return ("", {"comment": line}) if kept != {line} else None

    def seen(row: TaskRow) -> dict[str, str]:
        return {"comment": row.comment}

    value = kept.pop() if len(kept) == 1 else ""
    kept.add(value)
    dialog = await edited(app, "comment", *sorted(row.id for row in rows))
    await fill_in(app, chosen, title, text, value, given, "describe", "Commented on", read, dialog, seen)
