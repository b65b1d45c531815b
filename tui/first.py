"""What the command line asks to see first, over the table of tasks: the search, or a dialog that only shows.

Opened once the store is there and what lies below has its rows, so that the palette knows what is possible. Standard
library only: ``tui --help`` reads the names.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from store.errors import LabtopError, NotFound

if TYPE_CHECKING:
    from tui.app import LabtopApp

SEARCH, COLUMNS = "search", "columns"
DIALOGS = (COLUMNS, "help", "palette")
"""Dialogs that ask nothing about a task; each is the action of its name."""
OVER = (SEARCH, *DIALOGS)


def narrow(app: LabtopApp) -> None:
    """Have the table begin with the filter of the command line. Call before the store is opened."""
    from tui.screens.home_rows import HomeRows

    if app.first_text and app.first_tab != SEARCH and isinstance(app.screen, HomeRows):
        app.screen.view = replace(app.screen.view, text=app.first_text.strip())


def show(app: LabtopApp) -> None:
    """Open it, once; what is asked for on the command line besides (a task) is opened below it."""
    if app.first_tab not in OVER:
        return
    name, app.first_tab = app.first_tab, None
    if name == SEARCH:
        from tui.screens.search import SearchScreen

        app.push_screen(SearchScreen(app.first_text))
    elif name is not None:
        app.run_worker(_over_rows(app, name), group="first")


async def open_task(app: LabtopApp, prefix: str, tab: str | None) -> None:
    """Open the task of the command line; one that is not there yet may be in a journal that is just taken in."""
    try:
        try:
            await _open(app, prefix, tab)
        except NotFound:
            await app.data.sync.done()
            await _open(app, prefix, tab)
    except LabtopError as error:
        app.problem = str(error)
        app.say(str(error), "error")


async def _open(app: LabtopApp, prefix: str, tab: str | None) -> None:
    from tui.compare import SCREENS, opening
    from tui.task_data import resolve

    if tab in SCREENS:
        opening.show(app, await app.data.read(opening.resolved, prefix.split(",")), SCREENS[tab])
    else:
        app.open_task(await app.data.read(resolve, prefix), tab)


async def await_store(app: LabtopApp) -> None:
    """Leave where there is no store to find the task in, not before the journals are in that may make one."""
    from store.paths import nowhere
    from tui.cli import EXIT_UNUSABLE

    await app.data.sync.done()
    if not app.data.is_there:
        app.problem = str(nowhere(app.data.location))
        app.exit(return_code=EXIT_UNUSABLE)


async def _over_rows(app: LabtopApp, name: str) -> None:
    from textual.worker import WorkerError

    for worker in [worker for worker in app.workers if worker.group != "first"]:
        with suppress(WorkerError):  # replaced by another one
            await worker.wait()
    await app.screen.run_action(name)
