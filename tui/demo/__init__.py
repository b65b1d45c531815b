"""``tui --demo``: a store of its own, with tasks in every state, two that train, and an agent for what one enqueues.

Everything is made up and made here, through the same doors as the recorder's and an agent's records; nothing is looked
up, no process is started. The folder is temporary and goes when the dashboard is left; no other store is opened.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.paths import Location, locate


@contextmanager
def demo_store() -> Iterator[Location]:
    """Make the store, keep it alive as long as the context, and take it away."""
    folder = Path(tempfile.mkdtemp(prefix="labtop-demo-"))
    try:
        with _own_state(folder / "state"):
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
