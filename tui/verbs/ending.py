"""What ends or destroys, and therefore asks: abort, reset, delete, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.lifecycle import PUBLISHING, Action
from store.safe import safe_text
from tui.dialogs.prompt import PromptDialog

from .base import PAST, Outcome, each, plan, refuse, sure, unseen

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp

QUESTIONS = {
    Action.ABORT: "What runs is asked to stop, and killed with all it started when it does not. This cannot be undone.",
    Action.RESET: "Console, scalars and outputs are deleted, which cannot be undone; the configuration stays.",
    Action.DELETE: "Configuration, console, scalars and outputs are deleted for good, which cannot be undone.",
}


async def abort(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Abort; one whose process still has to go is not Aborted yet."""
    outcome = await _asked(app, rows, Action.ABORT)
    if outcome is not None and outcome.results and not all(outcome.results):
        title = plan(Action.ABORT, rows).title
        app.say(f"{title}: asked to stop. It becomes Aborted when its process has gone.")


async def reset(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Reset."""
    await _asked(app, rows, Action.RESET)


async def delete(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Delete."""
    await _asked(app, rows, Action.DELETE)


async def _asked(app: LabtopApp, rows: list[TaskRow], action: Action) -> Outcome | None:
    """Do it after a yes."""
    chosen = plan(action, rows)
    if refuse(app, chosen):
        return None
    if not await sure(app, chosen, QUESTIONS[action]):
        return None
    outcome = await each(app, chosen, action.value, PAST[action])
    outcome.tell(app)
    return outcome


async def publish(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Publish after the name, or of several how many, was typed, because nothing undoes it."""
    chosen = plan(Action.PUBLISH, rows)
    if refuse(app, chosen):
        return
    expected = chosen.rows[0].name if len(chosen.rows) == 1 else f"publish {len(chosen.rows)}"

    async def take(line: str) -> str:
        if line != safe_text(expected, one_line=True).strip():
            return "That is not it; nothing was done."
        (await each(app, chosen, "publish", PAST[Action.PUBLISH])).tell(app)
        return ""

    said = " ".join(filter(None, (PUBLISHING, unseen(app, chosen), chosen.left_out)))
    question = f'{said}\nType "{expected}" to confirm.'
    await app.push_screen_wait(PromptDialog(f"{chosen.title}?", question, "", take, chosen.preview))
