"""Who holds a machine's GPUs: real processes of a real script, named by a program that answers as nvidia-smi does."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest

from store import hosts
from store.records import Holder, HostRow
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
