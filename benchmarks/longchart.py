"""A chart of ten million points on the screen: what the first picture and every zoom cost, in time and memory."""

from __future__ import annotations

import statistics

from .measure import Figure, figure, fresh_store, number, percentile, python

POINTS = 10_000_000
MAKE = f"""
import os, random
from array import array
from store.compact import compact
from store.engine import open_store
from store.ingest import ingest
from store.records import Batch, Points, Position
STEP, task, rng = 100_000, "1" * 32, random.Random(1)
start = dict(e="start", task=task, mode="new", execution=None, fallback=None, project="bench", name="a long one",
             type="training", tags=[], user="bench", host="bench", comment="", offset=None, time=1e9)
with open_store(os.environ["CAPTURE_STORE"]) as store:
    execution = 0

    def take(n, scalars, events):
        places = Position(0, 32 + n), Position(0, 33 + n)
        batch = Batch("1" * 16, task, execution, True, "bench", *places, {{}}, scalars, [], events, 1)
        [taken] = ingest(store, [batch], "bench@host")
        assert taken.outcome == "stored", taken
        return taken.execution

    execution = take(0, {{}}, [start])
    for n in range({POINTS} // STEP):
        at = range(n * STEP, (n + 1) * STEP)
        values = array("d", [2 / (1 + i / 1e5) + rng.random() / 20 for i in at])
        times = array("d", [1e9 + i / 100 for i in at])
        take(n + 1, {{("loss", "train"): Points(array("q", at), times, values)}}, [])
        if n % 10 == 9:
            compact(store, task, everything=True)
print(task)
"""
LOOK = """
import asyncio, os, random, sys, time
import psutil
from store.queries import scalars
from tui.app import LabtopApp
from tui.look import Look
from tui.settings import Settings
from tui.widgets.scalars import Charts

async def main():
    app = LabtopApp(os.environ["CAPTURE_STORE"], True, task=sys.argv[1], screen="overview", settings=Settings(),
                    look=Look(), take_in=False)

    def memory():
        return psutil.Process().memory_info().rss / 2**20

    async with app.run_test(size=(160, 48)) as pilot:
        while not app.is_calm or len(app.screen_stack) < 2:
            await pilot.pause()

        async def drawn(kind, start):
            while not (app.screen.query(Charts) and app.screen.query_one(Charts).charts) or pane().busy:
                await asyncio.sleep(0.0005)
            print(kind, (time.perf_counter() - start) * 1e3)
            assert pane().painter.drawn("loss").picture.rows
            await pilot.pause()

        def pane():
            return app.screen.query_one(Charts)

        start = time.perf_counter()
        app.screen.action_tab(5)
        await drawn("first", start)
        pane().action_full()
        await pilot.pause()
        before, rng = memory(), random.Random(4)
        for _ in range(20):
            pane().cursor = rng.uniform(0, 1e7)
            for _ in range(8):
                start = time.perf_counter()
                pane().action_zoom(1)
                await drawn("zoom", start)
            pane().action_zoom(0)
            await pilot.pause()
            at, start = rng.uniform(0, 1e7), time.perf_counter()
            with app.data._store.read() as connection:
                scalars.buckets(connection, sys.argv[1], 1, 152, start=at, stop=at + 1e5)
            print("read", (time.perf_counter() - start) * 1e3)
        print("memory", memory() - before)

asyncio.run(main())
"""


def run() -> list[Figure]:
    """Make the series once; thrice open it and zoom 160 times, reading a part without a screen in between."""
    with fresh_store() as environ:
        task = python(MAKE, environ).split()[-1]
        words = " ".join(python(LOOK, environ, task) for _ in range(3)).split()
    seen: dict[str, list[float]] = {}
    for kind, value in zip(words[::2], words[1::2], strict=True):
        seen.setdefault(kind, []).append(float(value))
    beside = f"a part read without a screen {number(statistics.median(seen['read']))} ms"
    return [
        figure("chart of 10 M points: its tab opened", seen["first"], "ms", 300.0, baseline=beside),
        figure("chart of 10 M points: a zoom", seen["zoom"], "ms", 30.0, baseline=beside),
        figure("chart of 10 M points: a zoom, p95", seen["zoom"], "ms", 30.0, baseline=beside,
               of=lambda values: percentile(values, 0.95)),
        figure("chart of 10 M points: memory after 160 zooms", seen["memory"], "MiB", 20.0, baseline=beside),
    ]  # fmt: skip
