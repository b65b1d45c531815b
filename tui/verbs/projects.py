"""What is said of a project, the tree's own verb: its description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.errors import LabtopError

from .base import taken
from .writing import edited

if TYPE_CHECKING:
    from tui.app import LabtopApp
    from tui.widgets.tree import Node


async def describe(app: LabtopApp, project: Node, given: str) -> None:
    """Say what a project is for; an empty text takes away what was said."""
    path, seen = str(project.path), None if given else project.description

    async def take(text: str) -> str:
        try:
            await app.data.command("describe_project", path, text, seen=seen)
        except LabtopError as error:
            return str(error)
        app.say(f'Described the project "{path}".' if text else f'The project "{path}" has no description any more.')
        return ""

    title, text = f'Description of "{path}"', "What it is for, in a sentence or two; an empty text takes it away."
    dialog = await edited(app, "description", path)
    await taken(app, given, take, lambda: dialog(title, text, project.description, take))
