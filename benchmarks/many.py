"""The dashboard over 100,000 tasks: first paint, first rows, keys, and what it costs to leave it open."""

from __future__ import annotations

import statistics
import sys
import time

from .dashboard import STOCK
from .measure import Figure, figure, fresh_store, number, percentile, python
from .terminal import TUI, Terminal, first, terminal

TASKS = 100_000
MAKE = f"""
import os, time
import sqlalchemy as sa
from store import commands, tables
from store.engine import open_store
with open_store(os.environ["CAPTURE_STORE"]) as store:
    parameters = {{f"Args/{{name}}": ("0.5", "float", "") for name in ("batch", "lr", "momentum", "seed")}}
    pattern = commands.create(store, by="bench@host", project="bench/many", name="pattern", parameters=parameters)
    with store.write() as tx:
        for table, key in ((tables.task, "id"), (tables.parameter, "task_id")):
            for row in tx.execute(sa.select(table).where(table.c[key] == pattern)).mappings().all():
                made = [{{**row, key: f"d{{n:031x}}"}} for n in range({TASKS})]
                if table is tables.task:
                    for n, values in enumerate(made):
                        values |= {{"name": f"needle {{n:06}}", "activity": time.time() - n}}
                tx.execute(table.insert(), made)
        metrics = [{{"task_id": f"d{{n:031x}}", "title": title, "series": "val", "number": at, "last": n / 7 % 1,
                    "min": n / 9 % 1, "max": n / 5 % 1, "first": 0.5, "n": 1, "last_iteration": 9}}
                   for n in range({TASKS}) for at, title in enumerate(("accuracy", "loss"))]
        tx.execute(tables.task_metric.insert(), metrics)
"""
SIZE = (200, 50)
QUIET = 20.0
"""Seconds over which the CPU of an idle dashboard is taken."""


def run() -> list[Figure]:
    """Open it a few times, in turn with a bare Textual app; then press keys, and leave it alone."""
    with fresh_store() as environ:
        python(MAKE, environ)
        starts: list[list[float]] = [[], [], []]
        for _ in range(5):
            starts[0].append(first([sys.executable, "-c", STOCK], environ, b"needle") * 1000)
            starts[1].append(first(TUI, environ, b"opening") * 1000)
            starts[2].append(first(TUI, environ, b"needle") * 1000)
        seen: dict[str, dict[str, list[float]]] = {}
        for switch in ("", "stock"):
            with terminal(TUI, environ, switch=switch, size=SIZE) as opened:
                seen[switch] = _used(opened)
    stock, paint, rows = starts
    beside = f"a bare Textual app {number(statistics.median(stock))} ms"
    many = f"{TASKS:,} tasks"
    return [
        figure(f"{many}: first paint", paint, "ms", 250, baseline=beside),
        figure(f"{many}: first rows", rows, "ms", 800, baseline=beside),
        *(
            figure(f"{many}: {what}", seen[""][what], unit, aim, of=of,
                   baseline=f"Textual by itself {number(of(seen['stock'][what]))} {unit}")
            for what, unit, aim, of in (
                ("cursor key to screen", "ms", 8, statistics.median),
                ("cursor key to screen, p95", "ms", 30, lambda values: percentile(values, 0.95)),
                ("a page down to screen", "ms", 50, statistics.median),
                ("the other way round by a metric", "ms", 150, statistics.median),
                ("idle", "% CPU", 0.5, statistics.median),
            )
        ),
    ]  # fmt: skip


def _used(opened: Terminal) -> dict[str, list[float]]:
    opened.wait_for(rb"needle")
    opened.read(3)
    moves = [_answered(opened, b"j", 0.3) for _ in range(40)]
    pages = [_answered(opened, b"\x1b[6~", 0.5) for _ in range(10)]
    opened.press(b"s")  # by the metric
    opened.read(3)
    sorts = [_answered(opened, b"S", 1.5) for _ in range(6)]
    opened.read(3)
    return {
        "cursor key to screen": moves, "cursor key to screen, p95": moves, "a page down to screen": pages,
        "the other way round by a metric": sorts, "idle": [_idle(opened) for _ in range(3)],
    }  # fmt: skip


def _answered(opened: Terminal, key: bytes, rest: float) -> float:
    """Return the milliseconds from a key to the first bytes that answer it."""
    since = len(opened.seen)
    opened.press(key)
    took = opened.wait_for(rb"\d", since)
    opened.read(rest)
    return took * 1000


def _idle(opened: Terminal) -> float:
    before, began = opened.cpu(), time.monotonic()
    opened.read(QUIET / 3)
    return (opened.cpu() - before) / (time.monotonic() - began) * 100
