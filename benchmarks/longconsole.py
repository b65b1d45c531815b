"""A console of ten million lines on the screen: what its end, a jump anywhere and a time cost, in time and memory."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence

from store.engine import open_store
from store.queries import console
from tui.widgets.console import Console

from .looking import looked, memory, opened_on, shown, tell, until
from .measure import Figure, figure, fresh_store, number, percentile, python

LINES = 10_000_000
MAKE = f"""
import os
from store import commands, tables
from store.codec import blocks, encode_lines
from store.engine import open_store
from store.records import Line
import sqlalchemy as sa
with open_store(os.environ["CAPTURE_STORE"]) as store:
    task = commands.create(store, by="bench@host", project="bench", name="a long one")
    text = "epoch %d step %d loss 0.123456 lr 0.001 time 12.3 ms"
    with store.write() as tx:
        for start in range(0, {LINES}, 100_000):
            lines = [Line(1e9 + n / 100, "out", 0, text % (n // 1000, n)) for n in range(start, start + 100_000)]
            for run in blocks(lines):
                first = round((run[0].time - 1e9) * 100)
                row = dict(task_id=task, first_line=first, n=len(run), time_min=run[0].time, time_max=run[-1].time)
                tx.execute(sa.insert(tables.console_chunk), row | dict(data=encode_lines(run)))
        tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(lines={LINES}))
    print(task)
"""


async def look(task: str) -> None:
    """Open the console, jump, and read pages without a screen; print what each took."""
    app = opened_on(task)
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await shown(app, pilot)
        before, start = memory(), time.perf_counter()
        screen.action_tab(4)
        await until(lambda: screen.query(Console) and screen.query_one(Console).count)
        pane = screen.query_one(Console)
        await until(lambda: pane.line(pane.count - 1) is not None)
        tell("tail", start)
        rng = random.Random(4)
        for n in range(100):
            line, kind = rng.randrange(LINES - 100), ("line", "time")[n % 2]
            start = time.perf_counter()
            if kind == "line":
                pane.go_to(str(line + 1))
            else:
                await pane._go_to_time(1e9 + line / 100)
            await until(lambda: pane.line(pane.top) is not None)
            tell(kind, start)
            assert pane.top == line, (pane.top, line)
            await pilot.pause()
        print("memory", memory() - before)
    with open_store(os.environ["CAPTURE_STORE"], read_only=True) as store, store.read() as connection:
        for _ in range(25):
            start = time.perf_counter()
            console.lines(connection, task, rng.randrange(LINES // 256) * 256, 256)
            tell("page", start)


def run() -> list[Figure]:
    """Make the console once, three times open it and jump 100 times; beside it, what a page costs without a screen."""
    with fresh_store() as environ:
        task = python(MAKE, environ).split()[-1]
        seen = looked("benchmarks.longconsole", environ, task)
    beside = f"a page read without a screen {number(statistics.median(seen['page']))} ms"

    def often(values: Sequence[float]) -> float:
        return percentile(values, 0.95)

    return [
        figure("console of 10 M lines: its tab opened to its end", seen["tail"], "ms", 50.0, baseline=beside),
        figure("console of 10 M lines: a jump to a line, p95", seen["line"], "ms", 15.0, baseline=beside, of=often),
        figure("console of 10 M lines: a jump to a time, p95", seen["time"], "ms", 15.0, baseline=beside, of=often),
        figure("console of 10 M lines: memory after 100 jumps", seen["memory"], "MiB", 20.0, baseline=beside),
    ]


if __name__ == "__main__":
    asyncio.run(look(sys.argv[1]))
