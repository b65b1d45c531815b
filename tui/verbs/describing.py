"""Name, tags and project: what a person may say of a task, each a line to type."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from store.lifecycle import Action
from tui import completing
from tui import format as form

from .base import completed, fill_in, named, only_one, plan, refuse

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp

LISTED = 12
"""Tags of a kind that are named at most: those that all tasks have, those that some have."""
Asked = tuple[str, dict[str, Any]] | None


async def rename(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Give a new name."""
    row = rows[0]
    chosen = plan(Action.RENAME, [row])
    if not only_one(app, rows, "rename") or refuse(app, chosen):
        return

    def read(name: str) -> Asked:
        return (f' to "{name}"', {"name": name}) if name != row.name else None

    def seen(row: TaskRow) -> dict[str, str]:
        return {"name": row.name}

    title, text = f"Rename {named(row)}", "The new name."
    await fill_in(app, chosen, title, text, row.name, given, "describe", "Renamed", read, seen=seen)


async def tags(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Add and remove tags."""
    title = f'Tags of "{rows[0].name}"' if len(rows) == 1 else f"Tags of {len(rows):,} tasks"
    text = f'Now: {_have(rows)}.\n+new -old, parted by spaces; +"two words".'
    dialog = completed(app, completing.tags)
    await fill_in(app, plan(Action.DESCRIBE, rows), title, text, "", given, "tag", "Tagged", _tags, dialog)


def _have(rows: list[TaskRow]) -> str:
    """Say which tags tasks have: ``baseline; of some: old (2), new (1)``, where they differ."""
    counts = Counter(tag for row in rows for tag in row.tags)
    all_have = [_shown(tag) for tag in sorted(counts) if counts[tag] == len(rows)]
    some_have = [f"{_shown(tag)} ({n:,})" for tag, n in sorted(counts.items(), key=_most) if n < len(rows)]
    parts = [_listed(all_have), f"of some: {_listed(some_have)}" if some_have else ""]
    return "; ".join(filter(None, parts)) or "none"


def _most(counted: tuple[str, int]) -> tuple[int, str]:
    tag, count = counted
    return -count, tag


def _shown(tag: str) -> str:
    return form.one_line(tag, 40)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _tags(line: str) -> Asked:
    words = completing.words_of(line)
    add = tuple(word.removeprefix("+") for word in words if not word.startswith("-"))
    remove = tuple(word[1:] for word in words if word.startswith("-"))
    return ("", {"add": add, "remove": remove}) if add or remove else None


async def move(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Move to another project."""
    title = f"Move {named(rows[0])}" if len(rows) == 1 else f"Move {len(rows):,} tasks"
    text = "The project, as parts joined by slashes; made if it is new."

    def read(project: str) -> Asked:
        return (f" to {project}", {"project": project}) if any(row.project != project for row in rows) else None

    chosen = plan(Action.DESCRIBE, rows)
    dialog = completed(app, completing.projects)
    await fill_in(app, chosen, title, text, rows[0].project, given, "move", "Moved", read, dialog)
