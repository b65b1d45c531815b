"""Files beside a script that are named like our packages, or like modules of the standard library we might load."""

from __future__ import annotations

import pytest

from tests.system.conftest import Lab

SCRIPT = """
import sys
{before}
from capture import Task
task = Task.init(project_name="tests/neighbours", task_name="hostile", reuse_last_task_id=False)
task.get_logger().report_scalar("loss", "train", 0.5, 1)
task.connect({{"lr": 0.1}})
print("hello")
{after}
"""
TRAPS = [
    "store",
    "tui",
    "queue",
    "logging",
    "socket",
    "sqlite3",
    "subprocess",
    "git",
    "pathlib",
    "dataclasses",
    "difflib",
]
TRAP = 'raise RuntimeError("loaded the file beside the script")'


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_beside_the_script_is_not_stepped_on(lab: Lab, name: str) -> None:
    lab.write(f"{name}.py", TRAP)
    done = lab.run(lab.write("train.py", SCRIPT.format(before="", after="")))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hello\n", b"")
    task = lab.settled()
    assert task["status"] == "completed"
    assert task["parameters"]["General/lr"]["value"] == "0.1"
    assert task["scalars"]["loss/train"]["last"] == 0.5


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_script_that_imports_store_gets_its_own(lab: Lab, moment: str) -> None:
    lab.write("store.py", "mine = 42")
    own = "import store; assert store.mine == 42"
    read = "assert Task.get_task(task_id=task.id).name == 'hostile'"
    code = SCRIPT.format(before=own if moment == "before" else "", after=f"{read}\n{own}")
    done = lab.run(lab.write("train.py", code))
    assert done.returncode == 0, done.stderr.decode()
    assert lab.settled()["status"] == "completed"


def test_children_of_ours_ignore_a_hostile_python_path(lab: Lab) -> None:
    hostile = lab.folder / "hostile"
    hostile.mkdir()
    for name in ("store", "tui"):
        (hostile / f"{name}.py").write_text(TRAP)
    lab.environ["PYTHONPATH"] = f"{hostile}:{lab.environ['PYTHONPATH']}"
    done = lab.run(lab.write("train.py", SCRIPT.format(before="", after="")))
    assert done.returncode == 0, done.stderr.decode()
    lab.environ["PYTHONPATH"] = lab.environ["PYTHONPATH"].split(":", 1)[1]
    assert lab.settled()["status"] == "completed"
