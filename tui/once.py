"""One picture of the dashboard as plain text: the app's own screens, drawn headless and read back from the compositor.

The recorder takes in left-over journals first (bounded), so that nothing a finished script recorded is missing.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from store.paths import Location
from store.safe import safe_text

from .look import printed
from .printing import put
from .settings import NO_NOTICES, load

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from .app import LabtopApp

COLUMNS, LINES = 120, 40
SETTLE_WAIT = 15.0


def print_once(location: Location, **asked: Any) -> int:
    """Print one picture to standard output; returns the exit code. ``asked`` goes to the app."""
    from .app import LabtopApp

    settings = replace(load(), notices=NO_NOTICES)
    app = LabtopApp(location, settings=settings, look=printed(settings.symbols), take_in=False, **asked)
    app.asks = False
    _take_in(app)
    picture = asyncio.run(_picture(app, size()))
    if app.problem:
        print(f"tui: {safe_text(app.problem, one_line=True)}", file=sys.stderr)
        return app.return_code or 1
    put(picture)
    return 0


def size() -> tuple[int, int]:
    """Return the picture's size: ``COLUMNS`` x ``LINES``, else 120x40."""
    return _number("COLUMNS", COLUMNS), _number("LINES", LINES)


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    return max(int(text), 20 if name == "COLUMNS" else 5) if text.isascii() and text.isdigit() else default


def _take_in(app: LabtopApp) -> None:
    from .sync import WAIT

    process = app.data.sync.start()
    if process is None:
        return
    try:
        process.wait(WAIT)
    except subprocess.TimeoutExpired:
        print("tui: some records are still on their way; look again in a moment.", file=sys.stderr)


async def _picture(app: LabtopApp, size: tuple[int, int]) -> str:
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app)
        return text_of(app)


async def settled(pilot: Pilot[None], app: LabtopApp, wait: float = SETTLE_WAIT) -> None:
    """Wait until the store is open, no query runs and nothing is left to draw (or ``wait`` seconds are over)."""
    deadline = time.monotonic() + wait
    calm = 0
    while calm < 3 and time.monotonic() < deadline and app.is_running:
        await pilot.pause(0.02)
        calm = calm + 1 if app.is_calm else 0


def text_of(app: LabtopApp) -> str:
    """Return what is on the screen, without trailing spaces."""
    from .harmless import as_ascii

    strips = app.screen._compositor.render_strips()
    lines = [as_ascii(strip.text) if app.look.ascii else strip.text for strip in strips[: app.size.height]]
    lines = [safe_text(line).rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"
