"""The output stage against Textual's own drawing, beside it: bytes and CPU of screens, a slow terminal, a far one.

At 200x50, and CPU at 80x24 too.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from .measure import Figure, figure, fresh_store, number, python
from .peers import leet
from .terminal import NEEDLES, TUI, Terminal, terminal

CAPTURE = [sys.executable, "-m", "capture.cli"]
SIZE, SMALL = (200, 50), (80, 24)
SECONDS, STRETCHES = 5, 5
PATIENCE = 30.0
FAR = 0.2
"""Seconds there and back of a link to another continent."""
WAYS = ("", "stock")
"""The switch of the output stage: ours, and Textual by itself."""
TALK = """
import sys, time
from capture import Task
task = Task.init(project_name="bench", task_name="talkative", reuse_last_task_id=False)
print(task.id, flush=True)
every, report = float(sys.argv[1]), sys.argv[2] == "scalars"
start, n = time.monotonic(), 0
while True:
    n += 1
    if report:
        task.get_logger().report_scalar("loss", "train", 1 / n, n)
    else:
        print(f"epoch {n // 1000} step {n} loss {1 / n:.6f} lr 0.0003, {n % 977} samples a second", flush=True)
    time.sleep(max(0, start + n * every - time.monotonic()))
"""
LIVE = """
import sys, time
from capture import Task
task = Task.init(project_name="bench", task_name="live " + sys.argv[1], reuse_last_task_id=False)
print(task.id, flush=True)
for n in range(1, 10000):
    task.set_progress(n % 100)
    task.get_logger().report_scalar("loss", "train", 1 / n, n)
    time.sleep(1)
"""


@contextmanager
def scripts(code: str, environ: dict[str, str], *arguments: list[str]) -> Iterator[list[str]]:
    """Run a script once for each list of arguments; yield the ids of their tasks."""
    with tempfile.TemporaryDirectory(prefix="labtop-bench-") as folder:
        # Files: a full pipe would stop the script.
        outputs = [open(f"{folder}/{n}", "w+b") for n in range(len(arguments))]  # noqa: SIM115
        children = [
            subprocess.Popen([sys.executable, "-c", code, *each], env=environ, stdout=output)
            for each, output in zip(arguments, outputs, strict=True)
        ]
        try:
            tasks = [_first_line(output.name) for output in outputs]
            for task in tasks:
                while subprocess.run([*CAPTURE, "show", task], env=environ, capture_output=True).returncode:
                    time.sleep(0.1)  # not in the store yet
            yield tasks
        finally:
            for child, output in zip(children, outputs, strict=True):
                child.kill()
                child.wait()
                output.close()


def _first_line(path: str) -> str:
    while b"\n" not in (said := Path(path).read_bytes()):
        time.sleep(0.02)
    return said.split(b"\n")[0].decode()


def _screen(
    arguments: list[str], environ: dict[str, str], switch: str, rate: float | None = None, far: float = 0.0,
    size: tuple[int, int] = SIZE,
) -> AbstractContextManager[Terminal]:  # fmt: skip
    return terminal([*TUI, *arguments], environ, switch=switch, rate=rate, size=size, far=far)


def run() -> list[Figure]:
    """Measure every scene with the stage and with it switched off."""
    sizes: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    with fresh_store() as environ:
        python(NEEDLES, environ, "200")
        for way in WAYS * 3:
            sizes[way].append(_start(environ, way))
        far = {way: _from_afar(environ, way) for way in WAYS}
    figures = [
        _beside("bytes to start, 200x50", "kB", 15, *([each[0] / 1000 for each in sizes[way]] for way in WAYS)),
        _beside("bytes idle for 3 s", "B", 0, *([each[1] for each in sizes[way]] for way in WAYS)),
        _beside("bytes, one cursor move", "B", 800, *([n for each in sizes[way] for n in each[2:]] for way in WAYS)),
        _beside("200 ms away: cursor key to screen", "s", 0.3, *(far[way][0] for way in WAYS)),
        _beside("200 ms away: Enter to the task's screen", "s", 0.5, *(far[way][1] for way in WAYS)),
    ]
    with fresh_store() as environ, scripts(LIVE, environ, *([str(n)] for n in range(10))):
        figures += _scene("ten live tasks at 1 Hz", [], environ, 0.4, 2)
    with fresh_store() as environ, scripts(TALK, environ, ["1", "scalars"]) as [task]:
        figures += _scene("live chart at 1 Hz", ["--task", task, "--screen", "scalars"], environ, 5, 3, leet())
    with fresh_store() as environ, scripts(TALK, environ, ["0.01", "lines"]) as [task]:
        console = ["--task", task, "--screen", "console"]
        figures += _scene("console, 100 lines/s", console, environ, 15, 6)
    with fresh_store() as environ, scripts(TALK, environ, ["0.001", "lines"]) as [task]:
        console = ["--task", task, "--screen", "console"]
        waits: dict[str, list[float]] = {way: [] for way in WAYS}
        for way in WAYS * 2:
            waits[way] += _slow(console, environ, way)
        name = "key to screen at 20 kB/s, console of 1,000 lines/s"
        figures.append(_beside(name, "s", 0.3, waits[""], waits["stock"]))
    return figures


def _beside(claim: str, unit: str, aim: float, ours: list[float], stock: list[float], *, peer: str = "") -> Figure:
    return figure(claim, ours, unit, aim, baseline=_against(statistics.median(stock), unit) + peer)


def _against(value: float, unit: str) -> str:
    return f"Textual by itself {number(value)} {unit}"


def _start(environ: dict[str, str], switch: str) -> list[float]:
    with _screen([], environ, switch) as opened:
        opened.wait_for(rb"needle")
        opened.read(3)
        sizes: list[float] = [len(opened.seen), opened.read(3)]
        for _ in range(5):
            opened.press(b"j")
            sizes.append(opened.read(0.4))
    return sizes


def _from_afar(environ: dict[str, str], switch: str) -> tuple[list[float], list[float]]:
    """Return how long a moved cursor, and an opened task, took to be seen where each byte is 100 ms on its way."""
    moves, opens = [], []
    with _screen([], environ, switch, far=FAR) as opened:
        opened.wait_for(rb"needle")
        opened.read(2)
        for _ in range(10):
            since = len(opened.seen)
            opened.press(b"j")
            moves.append(opened.wait_for(rb"needle|\d", since))
            opened.read(0.5)
        for _ in range(4):
            since = len(opened.seen)
            opened.press(b"\r")
            opens.append(opened.wait_for(rb"history|hist", since))
            opened.read(1)
            opened.press(b"q")
            opened.read(1)
        opened.read(3)  # where one stands is noted by then, and the next dashboard stands there
    return moves, opens


def _scene(
    name: str, arguments: list[str], environ: dict[str, str], aim: float, load: float, peer: str = ""
) -> list[Figure]:
    """Bytes and CPU of a screen that changes by itself; the two ways take turns. ``peer`` stands beside them.

    Args:
        name: of the scene.
        arguments: of the dashboard.
        environ: of the store.
        aim: kB a second at 200x50, where the CPU is to be no more than Textual's own.
        load: per cent of CPU at 80x24.
        peer: what another program takes for the same.
    """
    rates, loads = _measured(arguments, environ, SIZE)
    stock = statistics.median(loads["stock"])
    figures = [
        _beside(f"{name}: sent", "kB/s", aim, rates[""], rates["stock"], peer=peer),
        _beside(f"{name}: CPU", "%", stock, loads[""], loads["stock"]),
    ]
    _, loads = _measured(arguments, environ, SMALL)
    return [*figures, _beside(f"{name}: CPU at 80x24", "%", load, loads[""], loads["stock"])]


def _measured(
    arguments: list[str], environ: dict[str, str], size: tuple[int, int]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return kB a second and per cent of CPU of both ways, side by side.

    A machine's clock and its neighbours change what the same work takes by half within seconds.
    """
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    loads: dict[str, list[float]] = {way: [] for way in WAYS}
    shown = partial(_screen, arguments, environ, size=size)
    with shown("") as ours, shown("stock") as stock, ThreadPoolExecutor(2) as pool:
        for turn in range(STRETCHES + 1):
            seen = pool.map(_stretch, (ours, stock))
            for way, (rate, load) in zip(WAYS, seen, strict=True):
                if turn:  # the first one is for settling
                    rates[way].append(rate)
                    loads[way].append(load)
    return rates, loads


def _stretch(opened: Terminal) -> tuple[float, float]:
    before, began = opened.cpu(), time.monotonic()
    came = opened.read(SECONDS)
    took = time.monotonic() - began
    return came / took / 1000, (opened.cpu() - before) / took * 100


def _slow(arguments: list[str], environ: dict[str, str], switch: str) -> list[float]:
    """Return how long the first line of the help took to appear, several times."""
    waits = []
    with _screen(arguments, environ, switch, rate=20_000) as opened:
        opened.read(6)
        for _ in range(3):
            since = len(opened.seen)
            opened.press(b"?")
            waits.append(_seconds(opened, since))
            opened.press(b"\x1b")
            opened.read(2)
    return waits


def _seconds(opened: Terminal, since: int) -> float:
    try:
        return opened.wait_for(rb"[Kk]eys", since, PATIENCE)
    except TimeoutError:
        return PATIENCE
