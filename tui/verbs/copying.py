"""Clone; and copy as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.errors import LabtopError
from store.lifecycle import Action, Status
from tui import format as form
from tui.dialogs.copy import CopyDialog

from .base import PAST, agreed, each, named, plan

if TYPE_CHECKING:
    from store.records import TaskDetail, TaskRow
    from tui.app import LabtopApp


AS_RECORDED = "# As recorded: values that were edited since are not in it. An agent runs those."
"""Above command lines of tasks whose configuration may be another than their script was started with."""
BUILT = (
    "# Its arguments are made from the values of Args: how the script spells an option, which flags are off, and "
    "what is positional, is not known here. Look it over."
)
"""Above command lines that stand for what an agent hands over."""
NAMED = 6
"""Sections and configuration objects that are named at most."""


async def clone(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Clone each; a single clone (named as ``given``) is opened on its configuration."""
    options: dict[str, Any] = {"name": given} if given and len(rows) == 1 else {}
    chosen = plan(Action.CLONE, rows)
    if not await agreed(app, chosen):
        return
    outcome = await each(app, chosen, "clone", PAST[Action.CLONE], **options)
    if len(rows) > 1 or not outcome.results:
        outcome.tell(app)
        return
    try:
        made = await app.data.read(_row, outcome.results[0])
    except LabtopError as error:
        app.say(str(error), "error")
        return
    await app.open_task(made.id, "configuration", edit=True)
    app.say(f"Made {named(made)}, a clone of {named(rows[0])}.")


async def copy_as(app: LabtopApp, rows: list[TaskRow]) -> None:
    """Copy tasks as the command line that starts each again, or as JSON; whichever is chosen is shown before."""
    try:
        forms = await app.data.read(_forms, [row.id for row in rows])
    except LabtopError as error:
        app.say(str(error), "error")
        return
    title = f"Copy {named(rows[0])}" if len(rows) == 1 else f"Copy {len(rows):,} tasks"
    chosen = await app.push_screen_wait(CopyDialog(title, forms))
    if chosen is not None:
        name, text = chosen
        app.copy_to_clipboard(text)
        app.say(f"Copied the {name} ({len(text):,} characters).")


def _forms(connection: Any, ids: list[str]) -> list[tuple[str, str]]:
    """Return the command lines and the JSON of tasks, as ``capture show --json`` prints it."""
    from store import shapes
    from store.queries import details

    found = [details.detail(connection, task) for task in ids]
    lines = "\n".join(filter(None, map(_command_line, found)))
    objects = [shapes.detail(detail) for detail in found]
    return [("command line", lines), ("JSON", shapes.as_json(objects[0] if len(objects) == 1 else objects, 2))]


def _command_line(detail: TaskDetail) -> str:
    """Return the line, below what has to be said of it."""
    from store import passing, shapes

    code, row = detail.code, detail.row
    if row.parent is None and not row.worker and row.status not in (Status.DRAFT, Status.PENDING):
        return shapes.command_line(code, code.argv)  # it was started by hand, with these
    made = passing.arguments(detail.parameters, code.argv)
    line = shapes.command_line(code, made or code.argv)
    said = [BUILT] if made else [AS_RECORDED] if code.argv else []
    return "\n".join([*said, *_not_passed(detail), line]) if line else ""


def _not_passed(detail: TaskDetail) -> list[str]:
    """Name what an agent hands over and no argument can."""
    from store.passing import SECTION
    from store.values import PROPERTIES

    sections = dict.fromkeys(row.section for row in detail.parameters if row.section not in (SECTION, PROPERTIES))
    names = [form.one_line(name, 40) for name in (*sections, *detail.configuration)]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    said = f"# Not in it, only an agent hands it over: {', '.join(names[:NAMED])}{more}."
    return [said] if names else []


def _row(connection: Any, task: str) -> TaskRow:
    from store.queries import tasks

    return tasks.rows(connection, [tasks.resolve(connection, task)])[0]
