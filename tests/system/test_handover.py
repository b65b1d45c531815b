"""A newer version beside an older one's recorder: it takes over, and nothing is lost or counted twice."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from capture.address import RECORDER
from capture.recorder.election import Holder, holder
from tests.support import alive, eventually
from tests.system.conftest import ROOT, Lab

SCRIPT = """
from capture import Task
task = Task.init("tests/handover", "old and new", reuse_last_task_id=False)
print(task.id, flush=True)
for number in range(1000):
    task.get_logger().report_scalar("loss", "train", float(number), number)
input()
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A copy of our packages as a later version of the recorder."""
    folder = tmp_path / "newer"
    for package in ("capture", "store"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    address = folder / "capture" / "address.py"
    text, count = re.subn(r"(?m)^RECORDER = \d+$", f"RECORDER = {RECORDER + 1}", address.read_text())
    assert count == 1
    address.write_text(text)
    return folder


def _holder(lab: Lab) -> Holder | None:
    found = next((holder(lock) for lock in lab.home.glob("recorder-*.lock")), None)
    return found if found is not None and alive(found.pid) else None


@pytest.mark.slow
@pytest.mark.parametrize("who", ["script", "command"])
def test_a_newer_version_takes_over_from_an_older_recorder(lab: Lab, newer: Path, who: str) -> None:
    script = lab.write("train.py", SCRIPT)
    old = lab.start(script, stdin=-1)
    assert old.stdout is not None
    task = old.stdout.readline().decode().strip()
    first = eventually(lambda: _holder(lab))
    assert first.version == RECORDER
    lab.environ["PYTHONPATH"] = str(newer)
    if who == "script":
        lab.start(script, stdin=-1)
        second = eventually(lambda: found if (found := _holder(lab)) and found.version > RECORDER else None, 20)
    else:
        eventually(lambda: '"n": 1000,' in lab.capture("show", task, "--json").stdout)
        second = eventually(lambda: _holder(lab))
    assert (second.version, second.pid != first.pid) == (RECORDER + 1, True)
    old.communicate(b"\n", timeout=30)
    assert old.returncode == 0
    eventually(lambda: lab.json("show", task)["status"] == "completed")
    assert lab.json("scalars", task)["loss/train"]["iterations"] == list(range(1000))
    assert eventually(lambda: _holder(lab)).pid == second.pid, "the older script is content with the newer recorder"
