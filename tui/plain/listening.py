"""Standard input as lines, read in a thread; what is done with them is the reader's."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

Take = Callable[[str | None], None]


def begin(loop: asyncio.AbstractEventLoop, take: Take) -> None:
    """Have each line handed over in the loop as it is typed, without blanks around it; at the end of the input None."""
    threading.Thread(target=_read, args=(loop, take), name="lines", daemon=True).start()


def _read(loop: asyncio.AbstractEventLoop, take: Take) -> None:
    # Not sys.stdin: a thread that waits in it would hold its lock, which Python wants when it ends.
    left = b""
    with suppress(RuntimeError):  # the loop has ended
        while data := os.read(sys.stdin.fileno(), 65536):
            *lines, left = (left + data).split(b"\n")
            for line in lines:
                loop.call_soon_threadsafe(take, line.decode("utf-8", "replace").strip())
        for last in (left.decode("utf-8", "replace").strip() or None, None):
            loop.call_soon_threadsafe(take, last)
