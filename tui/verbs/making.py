"""A new, empty Draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.errors import LabtopError
from tui.dialogs.form import FormDialog

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


async def new(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Make a Draft (named as ``given``) in a project that is asked for, and open its configuration."""
    made: list[tuple[str, str]] = []

    async def take(lines: list[str]) -> str:
        project, name = lines
        try:
            made.append((await app.data.command("create", project=project, name=name), name))
        except LabtopError as error:
            return str(error)
        return ""

    text = "An empty task to fill in and enqueue. The project is made if it is new."
    fields = (("project", _project(app, rows)), ("name", given))
    await app.push_screen_wait(FormDialog("New Draft", text, fields, take))
    for task, name in made:
        await app.open_task(task, "configuration")
        app.say(f'Made the Draft "{name}" ({task[:8]}).')


def _project(app: LabtopApp, rows: list[TaskRow]) -> str:
    """The project on screen, else that of the task under the cursor."""
    from tui.screens.home import HomeScreen

    home = app.screen_stack[0]
    shown = home.view.project if isinstance(home, HomeScreen) else None
    return shown or (rows[0].project if rows else "")
