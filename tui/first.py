"""What the command line asks to see first, over the table of tasks: the search, or a dialog that only shows.

Opened once the store is there and what lies below has its rows, so that the palette knows what is possible. Standard
library only: ``tui --help`` reads the names.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

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


async def _over_rows(app: LabtopApp, name: str) -> None:
    from textual.worker import WorkerError

    for worker in [worker for worker in app.workers if worker.group != "first"]:
        with suppress(WorkerError):  # replaced by another one
            await worker.wait()
    await app.screen.run_action(name)
