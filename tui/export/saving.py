"""The command ``:export``: asks where to if that was not said, and has the file written beside everything else.

One export is written at a time: each keeps a query thread busy, and there are two.
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

from store.errors import LabtopError, StoreUnusable
from tui import completing
from tui.dialogs.completed import CompletedDialog
from tui.savefile import Place, placed

from .what import Export
from .writing import write

if TYPE_CHECKING:
    from tui.app import LabtopApp

GROUP = "export"
"""Of the worker that writes: not a verb's, whose end what is typed next waits for."""
GONE = "the store could not be read to the end. Export it again when it can."
BUSY = "An export is being written. Try again when it is said to be done."


def is_writing(app: LabtopApp) -> bool:
    """Whether an export is being written."""
    return any(worker.group == GROUP and not worker.is_finished for worker in app.workers)


async def export(app: LabtopApp, found: Export, line: str) -> None:
    """Have what was found written to where a line says; ask for it if the line is empty."""
    place: Place | None = None

    async def take(line: str) -> str:
        nonlocal place
        answer = await placed(app, line, found.proposals[0], found.refused)
        place = None if isinstance(answer, str) else answer
        return answer if isinstance(answer, str) else ""

    if not line:
        text = f"A path on this machine that ends with {' or '.join(found.endings)}; a folder takes the name below."
        complete = partial(endings, found)
        await app.push_screen_wait(CompletedDialog("Export to", text, found.proposals[0], take, complete))
    elif problem := await take(line):
        app.say(problem, "refused")
    if place is not None:
        app.run_worker(_written(app, found, place), group=GROUP)


async def _written(app: LabtopApp, found: Export, place: Place) -> None:
    """Write it in a query thread and say what became of it; leave no half of it behind."""
    left = threading.Event()
    app.say(f"Writing {place.target}…")
    try:
        app.say(f"Exported {await app.data.read(write, found, place, left)} to {place.target}")
    except StoreUnusable:
        app.say(f"Nothing was exported to {place.target}: {GONE}", "refused")
    except LabtopError as error:
        app.say(str(error), "refused")
    except asyncio.CancelledError:
        left.set()
        raise


async def endings(found: Export, line: str) -> completing.Endings:
    """Return what a line could become: the names that are proposed (of one the other), then folders and files."""
    proposed = [(name, "") for name in found.proposals if name.startswith(line) or line in found.proposals]
    return proposed + await completing.paths(line, found.endings)
