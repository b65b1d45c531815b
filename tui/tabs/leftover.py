"""What was typed into a task's configuration and not saved when the link dropped: offered when the task is opened."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from store import clock
from store.lifecycle import Action, refusal
from store.records import TaskDetail
from store.text import shown
from store.values import PROPERTIES, split
from tui import format as form
from tui.dialogs.enter import EnterDialog
from tui.unsaved import Left, Unsaved, forget

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.app import LabtopApp
    from tui.task_data import TaskSource


class Taken(NamedTuple):
    """A text that the person goes on with, and how to drop it where it was kept."""

    left: Left
    forget: Callable[[], None]


async def offered(app: LabtopApp, source: TaskSource, detail: TaskDetail) -> Taken | None:
    """Offer the texts that were left behind, one after another; return the first that is taken.

    A task that cannot be edited now keeps its texts: it may be a Draft again.
    """
    for left, path in await asyncio.to_thread(Unsaved(source.store, source.task).left):
        if source.locked or refusal(_action(left), detail.row):
            continue
        title = f"Unsaved text of {left.key} from {form.moment(left.time, clock.now())}"
        if await app.push_screen_wait(EnterDialog(title, _about(left), "take it", "drop it")):
            return Taken(left, partial(forget, left, path))
        await asyncio.to_thread(forget, left, path)
    return None


def _action(left: Left) -> Action:
    section = split(left.key)[0] if left.kind == "value" else left.key if left.kind == "section" else ""
    return Action.PROPERTY if section == PROPERTIES else Action.EDIT


def _about(left: Left) -> str:
    if left.kind == "value":
        return f"typed   {shown(left.text, 400)}\nbefore  {shown(left.seen, 400)}"
    lines = left.text.count("\n") + 1
    return f"{lines} line{'s' if lines > 1 else ''}, edited and not saved. Your editor opens with them."
