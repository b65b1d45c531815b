"""Whose place is whose, where several dashboards stand on one store: known by machine, process and terminal.

A place is free once its process is gone. In a terminal multiplexer a pane stays itself when the link drops; elsewhere
the next terminal is another one, and gets the place that was left last. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from store import who
from store.alive import start_time

PATIENCE = 0.2
"""Seconds after which a lock that somebody holds is no longer waited for: a place lost is better than a start."""


def terminal(environ: Mapping[str, str] = os.environ) -> str:
    """Return what tells this terminal from others: the pane of a multiplexer, else the device."""
    if "TMUX_PANE" in environ:
        return f"{environ.get('TMUX', '').rpartition(',')[0]} {environ['TMUX_PANE']}"[:200]
    if "STY" in environ:
        return f"{environ['STY']} {environ.get('WINDOW', '')}"[:200]
    try:
        return os.ttyname(0)
    except OSError:
        return ""


def mine() -> dict[str, Any]:
    """Return whose place this process writes."""
    return {"host": who.host(), "pid": os.getpid(), "terminal": terminal()}


def is_mine(place: Mapping[str, Any]) -> bool:
    """Whether this process wrote it."""
    return (place.get("host"), place.get("pid")) == (who.host(), os.getpid())


def left(found: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the place to go on from: this terminal's, else the newest, of those whose process is gone."""
    free = [place for place in found if place.get("host") == who.host() and (is_mine(place) or _gone(place.get("pid")))]
    here = [place for place in free if place.get("terminal") == terminal()]
    return next(reversed(here or free), None)


def _gone(pid: object) -> bool:
    """Whether the user has no process of this number any more, or one that only waits to be taken note of."""
    if not isinstance(pid, int) or pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):  # none, or somebody else's
        return True
    return start_time(pid) is None


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a lock while the block runs; after a moment of waiting go on without it."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("a") as held:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.01)
        yield
