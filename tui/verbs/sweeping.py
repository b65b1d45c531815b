"""A Draft for each combination of some values, of every task: shown and asked for, then left marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from store.errors import LabtopError
from store.lifecycle import Action
from tui import completing, home_data, keymap
from tui import format as form
from tui.dialogs.confirm import ConfirmDialog
from tui.widgets.lines import Row, shown

from .base import completed, each, named, plan, taken, unseen

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp
    from tui.screens.home import HomeScreen

ADD = "--add"
"""The word that lets keys be made that are not there yet, as on the command line."""
HOW = "Each with its values: Args/lr=0.1,0.01 Args/seed=1..5\nA value with a comma in it stands in double quotes."


class Laid(NamedTuple):
    """What would be made: ``text`` says which values, ``names`` how Drafts are called; the rest is the command's."""

    text: str
    names: list[str]
    words: list[str]
    add: bool


async def sweep(app: LabtopApp, rows: list[TaskRow], given: str) -> None:
    """Make the Drafts after a yes, and mark them: one key enqueues them all."""
    laid: list[Laid] = []

    async def take(line: str) -> str:
        try:
            laid.append(await app.data.read(_laid_out, rows, line))
        except LabtopError as error:
            return str(error)
        return ""

    dialog = completed(app, completing.sweeps)
    await taken(app, given, take, lambda: dialog(f"Sweep {_of(rows)}", HOW, "", take))
    for found in laid:
        if await _sure(app, rows, found):
            await _make(app, rows, found)


def _of(rows: list[TaskRow]) -> str:
    return named(rows[0]) if len(rows) == 1 else f"{len(rows):,} tasks"


def _laid_out(connection: Any, rows: list[TaskRow], line: str) -> Laid:
    """Lay out the sweep of every task; of several, a refusal says which one it is about."""
    from store import sweeps, value_lists

    given = value_lists.words(line)
    words = [word for word in given if word != ADD]
    add, names = len(words) < len(given), list[str]()
    text = ""
    for row in rows:
        try:
            laid = sweeps.lay_out(connection, row.id, words, add=add, most=sweeps.MOST)
        except LabtopError as error:
            raise LabtopError(f"{named(row)}: {error}" if len(rows) > 1 else str(error)) from error
        sweeps.refuse_too_many(len(laid.names) * len(rows))
        names += laid.names
        text = text or laid.text
    return Laid(text, names, words, add)


async def _sure(app: LabtopApp, rows: list[TaskRow], laid: Laid) -> bool:
    """Ask, with what varies and the name of every Draft."""
    made = f"Made as Drafts and marked in the table, where {keymap.now('task.enqueue')} enqueues them."
    text = "\n".join(filter(None, (unseen(app, plan(Action.CLONE, rows)), laid.text, made)))
    preview: list[Row] = [(shown(name, "bright"),) for name in laid.names]
    dialog = ConfirmDialog(f"Sweep {_of(rows)}: {_drafts(len(laid.names))}?", text, "make them", preview)
    return await app.push_screen_wait(dialog) is True


def _drafts(count: int) -> str:
    return form.counted(count, "Draft")


async def _make(app: LabtopApp, rows: list[TaskRow], laid: Laid) -> None:
    most = len(laid.names)
    outcome = await each(app, plan(Action.CLONE, rows), "sweep", "Swept", words=laid.words, add=laid.add, most=most)
    made = [task for tasks in outcome.results for task in tasks]
    if not made or not await _marked(app, made):
        outcome.tell(app)
    else:
        app.say(" ".join([_said(app, made), *outcome.problems[:1]]), "error" if outcome.problems else "info")


async def _marked(app: LabtopApp, made: list[str]) -> bool:
    """Mark what was made in the table of tasks, wherever one is."""
    try:
        rows = await app.data.read(home_data.rows, made)
    except LabtopError:
        return False
    home = cast("HomeScreen", app.screen_stack[0])
    home.table.mark(rows)
    if not home.view.follows:  # what a filter says of them only the store knows, and nobody is to wait for it
        home.load(home.wanted)
    return True


def _said(app: LabtopApp, made: list[str]) -> str:
    there = "" if len(app.screen_stack) == 1 else f"{keymap.now('back')} goes back to the table, where "
    return f"Made {_drafts(len(made))} and marked them: {there}{keymap.now('task.enqueue')} enqueues them."
