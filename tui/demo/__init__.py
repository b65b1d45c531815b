"""``tui --demo``: a store of its own, with tasks in every state, two that train, and an agent for what one enqueues.

Everything is made up and made here, through the same doors as the recorder's and an agent's records; nothing is looked
up, no process is started. The folder is temporary and goes when the dashboard is left; no other store is opened.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from store.paths import Location, locate

PREFIX, LOCK = "labtop-demo-", "lock"
"""Of the folder, and of the file in it that is locked while it is used."""


@contextmanager
def demo_store() -> Iterator[Location]:
    """Make the store, keep it alive as long as the context, and take it away."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with _own_state(folder / "state"), (folder / LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            from .living import Living
            from .seeded import seed

            location = locate(str(folder / "store"))
            living = Living(location, seed(location))
            try:
                yield location
            finally:
                living.stop()
    finally:
        _remove(folder)


def _sweep() -> None:
    """Take away what demos have left that were killed, as a dropped link does."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, or in use
            if old.lstat().st_uid == os.getuid():
                with (old / LOCK).open("rb") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(old)


def _remove(folder: Path) -> None:
    """Take the folder away; threads of the dashboard that are still closing the store may put a file into it."""
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


@contextmanager
def _own_state(folder: Path) -> Iterator[None]:
    """What the dashboard remembers of this store goes with it."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(folder)
    try:
        yield
    finally:
        del os.environ["XDG_STATE_HOME"]
        if before is not None:
            os.environ["XDG_STATE_HOME"] = before
