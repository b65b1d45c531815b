"""A chart of ten million points on the screen: what the first picture and every zoom cost, in time and memory."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time

from store.engine import open_store
from store.queries import scalars
from tui.widgets.scalars import Charts

from .looking import looked, memory, opened_on, shown, tell, until
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


async def look(task: str) -> None:
    """Open the chart, zoom, and read parts without a screen in between; print what each took."""
    app = opened_on(task)
    with open_store(os.environ["CAPTURE_STORE"], read_only=True) as store, store.read() as connection:
        async with app.run_test(size=(160, 48)) as pilot:
            screen = await shown(app, pilot)

            def pane() -> Charts:
                return screen.query_one(Charts)

            async def drawn(kind: str, start: float) -> None:
                await until(lambda: screen.query(Charts) and pane().charts and not pane().busy)
                tell(kind, start)
                chart = pane().painter.drawn("loss")
                assert chart is not None and chart.picture.rows
                await pilot.pause()

            start = time.perf_counter()
            screen.action_tab(5)
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
                scalars.buckets(connection, task, 1, 152, start=at, stop=at + 1e5)
                tell("read", start)
            print("memory", memory() - before)


def run() -> list[Figure]:
    """Make the series once; thrice open it and zoom 160 times, reading a part without a screen in between."""
    with fresh_store() as environ:
        task = python(MAKE, environ).split()[-1]
        seen = looked("benchmarks.longchart", environ, task)
    beside = f"a part read without a screen {number(statistics.median(seen['read']))} ms"
    return [
        figure("chart of 10 M points: its tab opened", seen["first"], "ms", 300.0, baseline=beside),
        figure("chart of 10 M points: a zoom", seen["zoom"], "ms", 30.0, baseline=beside),
        figure("chart of 10 M points: a zoom, p95", seen["zoom"], "ms", 30.0, baseline=beside,
               of=lambda values: percentile(values, 0.95)),
        figure("chart of 10 M points: memory after 160 zooms", seen["memory"], "MiB", 20.0, baseline=beside),
    ]  # fmt: skip


if __name__ == "__main__":
    asyncio.run(look(sys.argv[1]))
