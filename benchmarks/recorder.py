"""The recorder: how soon a death is settled, what it costs at rest and with 64 live tasks."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time

import psutil

from .measure import Figure, figure, fresh_store, number, percentile, recorders
from .terminal import cpu

LIVE = """
import sys, time
from capture import Task
task = Task.init(project_name="bench", task_name=sys.argv[1], reuse_last_task_id=False)
print(task.id, flush=True)
for i in range(100_000):
    task.get_logger().report_scalar("loss", "train", 0.5, i)
    time.sleep(0.1)
"""
WAKES = """
import time
while True:
    time.sleep(0.5)
"""
"""A Python that wakes as often as an idle recorder, and does nothing: what waking costs is the machine's."""


def run() -> list[Figure]:
    """Kill scripts and wait for their status; then watch an idle and a busy recorder."""
    with fresh_store() as environ:
        settled = [_settled(environ, turn) for turn in range(20)]
        idle_cpu, idle_memory, beside = _watch(environ, 8)
    with fresh_store() as environ:
        crowd = [_start(environ, f"task {n}") for n in range(64)]
        time.sleep(5)
        busy_cpu, busy_memory, busy_beside = _watch(environ, 5)
        for child, _ in crowd:
            child.kill()
            child.wait()
    return [
        figure("dead task settled, p99", settled, "s", 2, baseline="wandb, mlflow: no settled state after a kill",
               of=lambda v: percentile(v, 0.99)),
        figure("recorder idle", idle_cpu, "% CPU", 0.3, baseline=beside),
        figure("recorder idle", idle_memory, "MB", 80, baseline=beside),
        figure("recorder, 64 live tasks at 10 points/s", busy_memory, "MB", 150, baseline=busy_beside),
        figure("recorder, 64 live tasks at 10 points/s", busy_cpu, "% CPU", 5, baseline=busy_beside),
    ]  # fmt: skip


def _start(environ: dict[str, str], name: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-c", LIVE, name]
    child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    return child, child.stdout.readline().strip()


def _settled(environ: dict[str, str], turn: int) -> float:
    from store.engine import open_store
    from store.queries.tasks import rows

    child, task = _start(environ, f"victim {turn}")
    with open_store(environ["CAPTURE_STORE"]) as store:
        _until(lambda: _status(store, rows, task) == "running")
        start = time.perf_counter()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        _until(lambda: _status(store, rows, task) == "failed")
        return time.perf_counter() - start


def _status(store: object, rows: object, task: str) -> str:
    with store.read() as connection:  # type: ignore[attr-defined]
        found = rows(connection, [task])  # type: ignore[operator]
    return str(found[0].status) if found else ""


def _until(condition: object) -> None:
    deadline = time.monotonic() + 15
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise RuntimeError("not within 15 s")
        time.sleep(0.005)


def _watch(environ: dict[str, str], seconds: float) -> tuple[list[float], list[float], str]:
    """Return the recorder's CPU and memory over four stretches of time, and those of a Python that wakes as often."""
    bare = subprocess.Popen([sys.executable, "-c", WAKES])
    pids = recorders(environ["CAPTURE_STORE"])[0], bare.pid
    shares: list[list[float]] = [[], []]
    memory = []
    for _ in range(4):
        before = [cpu(pid) for pid in pids]
        time.sleep(seconds)
        for pid, used, share in zip(pids, before, shares, strict=True):
            share.append((cpu(pid) - used) / seconds * 100)
        memory.append(_memory(pids[0]))
    beside = (
        f"a Python that wakes twice a second {number(statistics.median(shares[1]))} %, {number(_memory(bare.pid))} MB"
    )
    bare.kill()
    bare.wait()
    return shares[0], memory, beside


def _memory(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss / 1e6)
