"""A hundred thousand tasks: found, sorted, marked and changed all at once, and that taken back, by keys alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from textual.events import Key

from benchmarks import page
from benchmarks.many import MAKE, TASKS
from benchmarks.measure import Figure, figure
from store.engine import open_store
from store.queries import tasks
from tests.support import private_environment
from tests.tui.at_home import Home, OnHome
from tui.widgets.bar import Notice

pytestmark = pytest.mark.soak
WHOLE = TASKS + 1
"""Those that are made, and the one they are made after."""


async def test_a_hundred_thousand_tasks_are_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in private_environment(tmp_path, os.environ).items():
        monkeypatch.setenv(name, value)
    subprocess.run([sys.executable, "-c", MAKE], check=True)
    with open_store(os.environ["CAPTURE_STORE"]) as store:
        async with OnHome(store, (160, 48)) as home:
            figures = [await _timed(home, *what) for what in (
                ("to the last of all", ("G",), 1.0), ("a filter that fits ten", ("/", *"needle 09999", "enter"), 3.0),
                ("no filter again", ("escape",), 1.0), ("sorted by another column", ("s",), 1.0),
                ("the other way round", ("S",), 1.0), ("all of them marked", ("g", "space", "G", "v"), 5.0),
                ("the tags of all of them", ("t", "escape"), 5.0),
            )]  # fmt: skip
            assert f"{WHOLE:,} marked" in home.text()
            assert len(home.table.marks) == WHOLE
            figures.append(await _stopped(home))
            with store.read() as c:
                assert tasks.count(c, tasks.TaskQuery(archived=True)) == 0
        page.keep(f"make soak: {TASKS:,} tasks", figures)
        with capsys.disabled():
            print(page.section("make soak", figures))


async def _timed(home: Home, what: str, keys: tuple[str, ...], aim: float) -> Figure:
    """Return how long keys take until nothing is left to fetch or draw; the same three times over."""
    took = []
    for _ in range(3):
        began = time.monotonic()
        await home.keys(*keys)
        took.append(time.monotonic() - began)
    return figure(f"{what}: the keys, and all there", took, "s", aim, baseline="in the app without a terminal")


async def _stopped(home: Home) -> Figure:
    """Archive all of them, stop that by the key that undoes when it says how far it is; return how long that took."""
    took = []
    for _ in range(3):
        home.app.post_message(Key("a", "a"))
        await home.until(lambda: " so far; z stops that." in _said(home), "how far it is", 60)
        began = time.monotonic()
        home.app.post_message(Key("z", "z"))
        await home.until(lambda: _said(home).startswith("Undone: archived "), "undone", 120)
        took.append(time.monotonic() - began)
    return figure("archiving all, stopped and taken back", took, "s", 10, baseline="in the app without a terminal")


def _said(home: Home) -> str:
    return home.home.query_one(Notice).sentence
