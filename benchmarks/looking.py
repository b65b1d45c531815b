"""The dashboard without a terminal, in a child process that opens a long task and prints what each deed took.

A benchmark's own module is run for it (``python -m benchmarks.longchart TASK``), so that types are checked.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import psutil
from textual.pilot import Pilot

from tui.app import LabtopApp
from tui.look import Look
from tui.screens.task import TaskScreen
from tui.settings import Settings

ROOT = Path(__file__).parents[1]
TIMES = 3
PATIENCE = 60.0


def looked(module: str, environ: dict[str, str], task: str) -> dict[str, list[float]]:
    """Run a module's look at a task three times, each in a process of its own; return its figures by kind.

    Raises:
        RuntimeError: it failed.
    """
    seen: dict[str, list[float]] = {}
    for _ in range(TIMES):
        command = [sys.executable, "-m", module, task]
        done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        for line in done.stdout.splitlines():
            kind, value = line.split()
            seen.setdefault(kind, []).append(float(value))
    return seen


def opened_on(task: str) -> LabtopApp:
    """Return a dashboard that opens on the overview of a task."""
    store = os.environ["CAPTURE_STORE"]
    return LabtopApp(store, True, task=task, screen="overview", settings=Settings(), look=Look(), take_in=False)


async def shown(app: LabtopApp, pilot: Pilot[Any]) -> TaskScreen:
    """Wait until the task is open; return its screen."""
    async with asyncio.timeout(PATIENCE):
        while not app.is_calm or len(app.screen_stack) < 2:
            await pilot.pause()
    return cast("TaskScreen", app.screen)


async def until(there: Callable[[], object]) -> None:
    """Wait until something is so, to half a millisecond."""
    async with asyncio.timeout(PATIENCE):
        while not there():
            await asyncio.sleep(0.0005)


def memory() -> float:
    """Return the resident memory in MiB."""
    return float(psutil.Process().memory_info().rss / 2**20)


def tell(kind: str, start: float) -> None:
    """Print how many milliseconds something took."""
    print(kind, (time.perf_counter() - start) * 1e3)
