"""Texts of several lines: what asks for one, with what was typed of it before and not saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui.dialogs.editor import EditorDialog
from tui.dialogs.prompt import Take
from tui.unsaved import Unsaved

if TYPE_CHECKING:
    from tui.app import LabtopApp


async def edited(app: LabtopApp, *what: str) -> Callable[[str, str, str, Take], EditorDialog]:
    """Return what asks for a text.

    Args:
        app: the app.
        what: what tells the text from others: ``comment`` and the tasks it is of.
    """
    unsaved = Unsaved(app.data.location.setting, "\0".join(what))
    return partial(EditorDialog, unsaved=unsaved, left=await asyncio.to_thread(unsaved.left))
