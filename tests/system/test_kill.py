"""Nothing whose call had returned is ever lost or counted twice: scripts and recorders killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from store import tables
from store.engine import open_store
from tests.support import eventually
from tests.system.conftest import Lab

REPORTS = """
import os, sys
from capture import Task
task = Task.init(project_name="tests/kill", task_name=sys.argv[1], reuse_last_task_id=False)
log = task.get_logger()
acks = os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY)
"""
COUNT = """
i = 0
while True:
    log.report_scalar("count", "own", float(i), i)
    os.pwrite(acks, b"%12d" % i, 0)
    i += 1
"""
FAMILY = """
import subprocess
for worker in range(2):
    if os.fork() == 0:
        log = task.get_logger()
        acks = os.open(sys.argv[2] + str(worker), os.O_CREAT | os.O_WRONLY)
        i = 0
        while os.getppid() != 1 and i < 100_000:
            log.report_scalar("count", f"worker {worker}", float(i), i)
            os.pwrite(acks, b"%12d" % i, 0)
            i += 1
        os._exit(0)
subprocess.Popen(["sleep", "20"])
print("ready", flush=True)
"""


def _acknowledged(path: Path) -> int:
    return int(path.read_bytes()) + 1


def _beyond(acks: Path, count: int) -> None:
    eventually(lambda: _acknowledged(acks) > count)


def _worked(pid: int, seconds: float) -> None:
    eventually(lambda: psutil.Process(pid).cpu_times().user > seconds, 20)


@pytest.mark.slow
def test_every_report_that_returned_before_a_kill_is_kept_once(lab: Lab) -> None:
    script = lab.write("count.py", REPORTS + COUNT)
    rng = random.Random(5)
    for number in range(20):
        acks = lab.folder / f"acks{number}"
        child = lab.start(script, f"victim {number:02}", str(acks))
        eventually(lambda: acks.exists() and acks.stat().st_size == 12)  # noqa: B023
        _beyond(acks, rng.randrange(1, 60_000))
        child.kill()
        child.wait()
    tasks = {task["name"]: task for task in lab.tasks()}
    for number in range(20):
        acknowledged = _acknowledged(lab.folder / f"acks{number}")
        task = tasks[f"victim {number:02}"]
        eventually(lambda: lab.json("show", task["id"])["status"] == "failed")  # noqa: B023
        kept = lab.json("scalars", task["id"], "--metric", "count/own")["count/own"]["iterations"]
        assert len(kept) in (acknowledged, acknowledged + 1), "the last call may not have returned"
        assert kept == list(range(len(kept)))


@pytest.mark.slow
def test_a_kill_among_forked_workers_and_a_subprocess_loses_nothing(lab: Lab) -> None:
    acks = lab.folder / "acks"
    child = lab.start(lab.write("family.py", REPORTS + FAMILY + COUNT), "family", str(acks))
    assert child.stdout is not None
    child.stdout.readline()
    files = [acks, Path(f"{acks}0"), Path(f"{acks}1")]
    eventually(lambda: all(f.exists() and f.stat().st_size == 12 and _acknowledged(f) > 500 for f in files))
    relatives = psutil.Process(child.pid).children(recursive=True)
    child.kill()
    child.wait()
    for relative in relatives:
        with suppress(psutil.NoSuchProcess):  # one that was only passing by
            relative.kill()
    task = lab.settled()
    assert task["status"] == "failed"
    scalars = eventually(lambda: _complete(lab, task["id"], files))
    for file, series in zip(files, ("own", "worker 0", "worker 1"), strict=True):
        kept = scalars[f"count/{series}"]["iterations"]
        assert len(kept) - _acknowledged(file) in (0, 1)
        assert kept == list(range(len(kept)))


def _complete(lab: Lab, task: str, files: list[Path]) -> dict[str, dict[str, list[int]]] | None:
    scalars: dict[str, dict[str, list[int]]] = lab.json("scalars", task)
    counts = sum(len(s["iterations"]) for name, s in scalars.items() if name.startswith("count/"))
    return scalars if counts >= sum(_acknowledged(file) for file in files) else None


QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
STREAM = """
import sys
from capture import Task
task = Task.init(project_name="tests/kill", task_name="a stream", reuse_last_task_id=False)
report = task.get_logger().report_scalar
for i in range(int(sys.argv[1])):
    report("count", "own", float(i), i)
"""


@pytest.mark.slow
def test_a_recorder_killed_five_times_takes_in_two_million_records_once(lab: Lab) -> None:
    total = 2_000_000
    child = lab.start(lab.write("stream.py", STREAM), str(total), stdout=subprocess.DEVNULL)
    rng = random.Random(7)
    killed: set[int] = set()
    memory = 0
    for _ in range(5):
        recorder = eventually(lambda: _another(lab, killed), 20)
        began = psutil.Process(recorder).cpu_times().user
        _worked(recorder, began + rng.uniform(0.1, 0.6))  # all five together are less than the stream's intake
        memory = max(memory, psutil.Process(recorder).memory_info().rss)
        os.kill(recorder, signal.SIGKILL)
        killed.add(recorder)
        lab.spawn([sys.executable, "-P", "-m", "capture.cli", "list"], **QUIET)  # brings the next one
    looks = _watched(lab, eventually(lambda: _another(lab, killed), 20), total)
    assert child.wait(timeout=120) == 0
    task = eventually(lambda: _with_points(lab, total), 120)
    kept = lab.json("scalars", task["id"], "--metric", "count/own")["count/own"]["iterations"]
    assert kept == list(range(total))
    eventually(lambda: not list((lab.home / "spool").iterdir()), 20, "the spool is empty")
    assert memory < 200e6
    half = (looks[0][0] + total) // 2
    assert total - half > 250_000, "the last one has enough to do for a leak to show"
    first, second = (max(held for taken, held in looks if (taken > half) is later) for later in (False, True))
    assert second - first < 20e6, "a hundred bytes a record would be more"


def _watched(lab: Lab, recorder: int, total: int) -> list[tuple[int, int]]:
    """Look at a recorder until it has taken in all: how many points are stored, and how many bytes it holds."""
    process, looks = psutil.Process(recorder), list[tuple[int, int]]()
    stored = sa.select(tables.task_metric.c.n).where(tables.task_metric.c.series == "own")

    def look() -> bool:
        with store.read() as c:
            looks.append((c.execute(stored).scalar() or 0, process.memory_info().rss))
        return looks[-1][0] == total

    with open_store(lab.home) as store:
        eventually(look, 120)
    return looks


def _another(lab: Lab, killed: set[int]) -> int | None:
    found = lab.recorder()
    if found is None or found in killed or psutil.Process(found).status() == "zombie":
        return None
    return found


def _with_points(lab: Lab, total: int) -> dict[str, Any] | None:
    task = lab.only()
    complete = task["scalars"].get("count/own", {}).get("n") == total and task["status"] == "completed"
    return task if complete else None
