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

LIVE = """
import sys, time
from capture import Task
task = Task.init(project_name="bench", task_name=sys.argv[1], reuse_last_task_id=False)
print(task.id, flush=True)
for i in range(100_000):
    task.get_logger().report_scalar("loss", "train", 0.5, i)
    time.sleep(0.1)
"""


def run() -> list[Figure]:
    """Kill scripts and wait for their status; then watch an idle and a busy recorder, beside a Python that sleeps."""
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
    """Return the recorder's CPU and memory over four stretches of time, and those of a Python that sleeps, as text."""
    bare = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    recorder, sleeper = psutil.Process(recorders(environ["CAPTURE_STORE"])[0]), psutil.Process(bare.pid)
    cpu, memory, slept = [], [], []
    for _ in range(4):
        before = sum(recorder.cpu_times()[:2]), sum(sleeper.cpu_times()[:2])
        time.sleep(seconds)
        cpu.append((sum(recorder.cpu_times()[:2]) - before[0]) / seconds * 100)
        slept.append((sum(sleeper.cpu_times()[:2]) - before[1]) / seconds * 100)
        memory.append(recorder.memory_info().rss / 1e6)
    beside = f"a sleeping Python {number(statistics.median(slept))} %, {number(sleeper.memory_info().rss / 1e6)} MB"
    bare.kill()
    bare.wait()
    return cpu, memory, beside
