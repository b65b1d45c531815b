"""Who holds a machine's GPUs: real processes of a real script, named by a program that answers as nvidia-smi does."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from store import hosts, tables
from store.engine import Store
from store.records import GpuRow, Holder, HostRow, Load
from tests.recorder.processes import ROOT, Stored
from tests.support import eventually

UUIDS = [f"GPU-{number}f1d6a0c-7c1e-93b2-1f0a-2f4e0b5f7f11" for number in range(3)]
CARDS = "".join(f"{n}, NVIDIA A100-SXM4-80GB, 97, 40536, 81920, 61, 312.40, {uuid}\n" for n, uuid in enumerate(UUIDS))
SMI = """#!/bin/sh
case "$1" in
--query-gpu=*) cat {here}/cards ;;
--query-compute-apps=gpu_uuid,pid,used_memory) until [ -e {here}/uses ]; do sleep 0.05; done; cat {here}/uses ;;
esac
"""
SCRIPT = """
import os, subprocess, sys, time
from capture import Task
task = Task.init(project_name="lab", task_name="holds GPUs")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
orphan = subprocess.run(["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"], stdout=subprocess.PIPE, text=True).stdout
forked = os.fork()
if not forked:
    time.sleep(60)
    os._exit(0)
print(task.id, os.getpid(), child.pid, orphan.strip(), forked, flush=True)
sys.stdin.read()
for pid in (child.pid, int(orphan), forked):
    os.kill(pid, 9)
"""


@pytest.fixture
def nvidia(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A folder with an ``nvidia-smi`` on PATH that answers with its files ``cards`` and, once it is there, ``uses``."""
    here = tmp_path / "nvidia"
    here.mkdir()
    (here / "cards").write_text(CARDS)
    (here / "nvidia-smi").write_text(SMI.format(here=here))
    (here / "nvidia-smi").chmod(0o755)
    environ["PATH"] = f"{here}{os.pathsep}{environ['PATH']}"
    return here


def machine(stored: Stored) -> HostRow | None:
    with stored.store.read() as c:
        return next(iter(hosts.listing(c)), None)


@pytest.mark.slow
def test_every_process_of_a_task_is_told_from_those_of_others(
    nvidia: Path, environ: dict[str, str], stored: Stored, recorder: object
) -> None:
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert script.stdin is not None and script.stdout is not None
    task, *mine = script.stdout.readline().split()
    uses = [(0, pid) for pid in mine] + [(1, str(os.getpid())), (1, str((1 << 22) + 1))]
    (nvidia / "later").write_text("".join(f"{UUIDS[card]}, {pid}, 512\n" for card, pid in uses))
    (nvidia / "later").rename(nvidia / "uses")
    row = eventually(lambda: machine(stored), 30)
    me = getpass.getuser()
    assert [gpu.holders for gpu in row.gpus] == [
        tuple(Holder(int(pid), me, task, 512.0) for pid in mine),
        (Holder(os.getpid(), me, "", 512.0), Holder((1 << 22) + 1, "", "", 512.0)),
        (),
    ]
    assert row.load is not None and 0 < row.load.memory_used < row.load.memory_total
    (nvidia / "uses").write_text("")
    script.stdin.close()
    assert script.wait(20) == 0
    eventually(lambda: (found := machine(stored)) and found.gpus[0].holders == (), 30, "let go")


@pytest.mark.slow
def test_a_machine_without_gpus_says_why(environ: dict[str, str], stored: Stored, recorder: object) -> None:
    code = 'from capture import Task; Task.init(project_name="lab", task_name="on processors"); input()'
    script = subprocess.Popen(
        [sys.executable, "-c", code], env=environ | {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
    )  # fmt: skip
    row = eventually(lambda: machine(stored), 30)
    assert (row.gpus, row.problem) == ((), "there is no nvidia-smi")
    assert row.load is not None
    script.communicate(b"\n", 20)


# What is kept of what a recorder sees -------------------------------------------------------------------------------

SEEN = HostRow(
    "gpu1", 1000.0, Load(40.0, 10e9, 100e9, 50e9, 500e9),
    (GpuRow(0, "A100", 90.0, 4000.0, 80000.0, (Holder(7, "ada", "aa" * 16, 4000.0), Holder(8, "bob", "", 10.0))),),
)  # fmt: skip
GPU = SEEN.gpus[0]
LOAD = SEEN.load
assert LOAD is not None


def kept(store: Store) -> HostRow:
    with store.read() as c:
        [row] = hosts.listing(c)
    return row


def test_a_sample_comes_back_as_it_was(stored: Stored) -> None:
    assert hosts.note(stored.store, SEEN)
    assert kept(stored.store) == SEEN


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        (False, {"load": replace(LOAD, cpu=45.0, memory_used=11e9, disk_free=51e9)}),
        (False, {"gpus": (replace(GPU, utilization=97.0, memory_used=4500.0),)}),
        (True, {"load": replace(LOAD, cpu=60.0)}),
        (True, {"load": replace(LOAD, memory_used=14e9)}),
        (True, {"gpus": (replace(GPU, utilization=5.0),)}),
        (True, {"gpus": (replace(GPU, memory_used=9000.0),)}),
        (True, {"gpus": (replace(GPU, holders=GPU.holders[:1]),)}),
        (True, {"gpus": ()}),
        (True, {"problem": "the driver has failed"}),
        (True, {"time": 1061.0}),
    ],
)
def test_only_what_says_something_new_is_written(stored: Stored, said: bool, changes: dict[str, object]) -> None:
    hosts.note(stored.store, SEEN)
    assert hosts.note(stored.store, replace(SEEN, **({"time": 1010.0} | changes))) is said  # type: ignore[arg-type]
    assert (kept(stored.store).time > 1000.0) is said


def test_what_one_users_recorder_knows_anothers_does_not_take_away(stored: Stored) -> None:
    hosts.note(stored.store, SEEN)
    ada, bob = GPU.holders
    other = (replace(GPU, holders=(replace(ada, task=""), replace(bob, task="bb" * 16))),)
    assert hosts.note(stored.store, replace(SEEN, time=1010.0, gpus=other))
    assert [holder.task[:2] for holder in kept(stored.store).gpus[0].holders] == ["aa", "bb"]
    assert hosts.note(stored.store, replace(SEEN, time=1200.0, gpus=other)), "much later it may be another process"
    assert [holder.task[:2] for holder in kept(stored.store).gpus[0].holders] == ["", "bb"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"gpus": {"a": 1}, "load": 3}',
        '{"gpus": [1, {"index": "x", "holders": 2}]}',
        '{"load": {"cpu": NaN}, "gpus": [{"memory_used": 1e999, "holders": [{"pid": []}]}]}',
    ],
)
def test_what_another_program_put_there_is_read_as_far_as_it_goes(stored: Stored, text: str) -> None:
    with stored.store.write() as tx:
        tx.execute(tables.host.insert(), {"name": "gpu1", "time": 1.0, "sample": text})
    assert kept(stored.store).load is None
    assert all(gpu.memory_used is None for gpu in kept(stored.store).gpus)
