"""What the stage needs of Textual's insides and of the terminal, asked before it is relied on."""

from __future__ import annotations

import inspect
import os
import sys
from contextlib import suppress
from functools import cache
from typing import Any

SWITCH = "CAPTURE_TUI_OUTPUT"
NEEDED = {
    "textual.app": ("App._display",),
    "textual._ansi_sequences": ("SYNC_START", "SYNC_END"),
    "textual._compositor": (
        "Compositor.render_full_update", "Compositor.render_partial_update", "Compositor.visible_widgets",
        "Compositor._regions_to_spans", "LayoutUpdate.__init__", "CompositorUpdate.render_segments",
    ),
    "textual.strip": ("Strip.render_ansi", "Strip.crop"),
    "textual.widget": ("Widget.render_lines",),
    "textual.drivers._writer_thread": ("WriterThread.write", "WriterThread.run", "WriterThread.stop"),
    "textual.drivers.linux_driver": ("WriterThread", "LinuxDriver.start_application_mode",
                                     "LinuxDriver.stop_application_mode", "LinuxDriver.run_input_thread"),
    "textual._xterm_parser": ("XTermParser.feed", "XTermParser.tick", "XTermParser._sequence_to_key_events"),
    "textual._time": ("get_time",),
    "rich.cells": ("split_graphemes",),
}  # fmt: skip
"""Names by module. What only instances have is met at the first frame, and missed there."""
TAKES = {
    ("textual.app", "App._display"): ("self", "screen", "renderable"),
    ("textual._compositor", "LayoutUpdate.__init__"): ("self", "strips", "region"),
    ("textual._compositor", "Compositor.render_partial_update"): ("self",),
    ("textual.drivers._writer_thread", "WriterThread.__init__"): ("self", "file"),
    ("textual._xterm_parser", "XTermParser._sequence_to_key_events"): ("self", "sequence", "alt"),
}


def wanted() -> bool:
    """Whether the stage is to draw: ``CAPTURE_TUI_OUTPUT=stock`` leaves it to Textual."""
    return os.environ.get(SWITCH, "") != "stock"


@cache
def problem() -> str:
    """Return what is not as the stage needs it; empty if all is. Asked for each screen, found out once."""
    from importlib import import_module

    for module, names in NEEDED.items():
        try:
            found = import_module(module)
        except ImportError as error:
            return str(error)
        for name in names:
            if _named(found, name) is None:
                return f"{module} has no {name}"
    for (module, name), wanted in TAKES.items():
        if tuple(inspect.signature(_named(import_module(module), name)).parameters) != wanted:
            return f"{name} does not take {', '.join(wanted[1:])}"
    return ""


def _named(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part, None)
    return module


def staged(driver: Any) -> Any:
    """Return our driver in the place of Textual's for a terminal; any other (a browser's, a test's) stays."""
    from textual.drivers.linux_driver import LinuxDriver

    if driver is not LinuxDriver:
        return driver
    from .driver import StageDriver

    return StageDriver


def let_go() -> None:
    """Have Textual let go of closed widgets: one of its caches keeps a thousand of them, each with the lines it showed.

    ``StylesCache.get_inner_outer`` is a cached function of an object: 150 kB a minute where somebody went to and fro.
    """
    from textual._styles_cache import StylesCache

    clear = getattr(StylesCache.get_inner_outer, "cache_clear", None)
    if clear is not None:
        clear()


def erases() -> bool:
    """Whether the terminal erases in the background colour, by its terminfo entry (GNU screen does not)."""
    import curses

    with suppress(curses.error, OSError, ValueError):
        curses.setupterm(os.environ.get("TERM") or "dumb", sys.__stderr__.fileno() if sys.__stderr__ else 2)
        return curses.tigetflag("bce") == 1
    return False
