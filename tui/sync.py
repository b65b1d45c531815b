"""Journals that nobody has taken in yet, such as after a recorder was killed: the recorder is asked, as a process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import suppress

from store.paths import Location

WAIT = 2.0
"""Seconds that somebody waits at most until they are taken in."""


class Sync:
    """Has left-over journals taken in.

    Args:
        location: the store.
    """

    def __init__(self, location: Location) -> None:
        self._location = location
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes] | None:
        """Ask the recorder, as a process of its own, to take in left-over journals.

        None where there are none, so that looking at a place makes nothing there, and if it cannot be started.
        """
        if not self._is_left:
            return None
        command = [sys.executable, "-P", "-m", "capture.recorder", "sync"]
        nowhere = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                command,
                stdin=nowhere,
                stdout=nowhere,
                stderr=nowhere,
                start_new_session=True,
                env={**os.environ, "CAPTURE_STORE": self._location.setting},
            )
        except OSError:
            return None
        threading.Thread(target=self._process.wait, name="sync", daemon=True).start()
        return self._process

    @property
    def _is_left(self) -> bool:
        """Whether there is anything in the spool: a process that finds it empty would cost more than a look."""
        try:
            with os.scandir(self._location.spool) as entries:
                return next(entries, None) is not None
        except OSError:
            return False

    async def done(self) -> None:
        """Wait until left-over journals are taken in, for two seconds at most."""
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, WAIT)
