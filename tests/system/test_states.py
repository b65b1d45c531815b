"""The rows of the table of states that only whole processes can show: starts by scripts, and what comes too late."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from capture.recorder.client import sync
from store import commands, tables
from store.engine import open_store
from store.lifecycle import Action, Status, Subject, refusal, target
from tests.store.states import in_state, row, rows_of
from tests.support import eventually
from tests.system.conftest import Lab

STARTER = """
import sys
from capture import Task
asked = {sys.argv[1]: sys.argv[2]}
try:
    task = Task.init("vision/resnet", "a script of its own", **asked)
except ValueError as error:
    print(error)
else:
    print(task.id == sys.argv[2])
"""


@pytest.mark.parametrize("status", Status)
def test_a_script_starts_a_task_again_only_where_the_table_says_so(lab: Lab, status: Status) -> None:
    script = lab.write("start.py", STARTER)
    with open_store(lab.home) as store:
        continued, reused = in_state(store, status), in_state(store, status)
        name = row(store, continued)["name"]
        sentence = refusal(Action.CONTINUE, Subject(continued, name, status))
        done = lab.run(script, "continue_last_task", continued)
        assert done.stdout.decode().strip() == (sentence or "True")
        # To use a task again is to reset it and to start the Draft: possible where both are.
        free = status is Status.DRAFT or target(Action.RESET, status) is Status.DRAFT
        done = lab.run(script, "reuse_last_task_id", reused)
        assert done.stdout.decode().strip() == str(free)
        assert done.stderr.decode().count("\n") == (0 if free else 1), "said in one line where a new one was made"
        assert sync(store.location, 10) == 0
        assert row(store, continued)["status"] == ("completed" if sentence is None else status)
        assert row(store, reused)["status"] == ("completed" if free else status)


LATE = """
import os, signal
from capture import Task
task = Task.init("tests/states", "left over")
print(task.id, flush=True)
task.connect({"lr": 0.1})
log = task.get_logger()
input()
for number in range(100):
    log.report_scalar("loss", "late", 1.0, number)
log.report_single_value("late", 1.0)
task.set_progress(77)
task.set_comment("late")
task.add_tags(["late"])
print("late", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_shows_of_a_segment_left_over_from_before_a_reset(lab: Lab) -> None:
    child = lab.start(lab.write("late.py", LATE), stdin=subprocess.PIPE)
    assert child.stdout is not None
    task = child.stdout.readline().decode().strip()
    recorder = eventually(lab.recorder)
    with open_store(lab.home) as store:
        eventually(lambda: rows_of(store, tables.parameter, task))
        os.kill(recorder, signal.SIGSTOP)
        child.communicate(b"\n", timeout=30)
        left = list((lab.home / "spool").glob("*.seg"))
        assert left
        # As commands on another host do, which cannot see this one's journals.
        commands.finish(store, task, by="ada@elsewhere", status=Status.FAILED)
        commands.reset(store, task, by="ada@elsewhere")
        os.kill(recorder, signal.SIGKILL)
        assert sync(store.location, 10) == 0
        assert not any(segment.exists() for segment in left), "it was taken in"
        for table in tables.OUTPUTS:
            assert rows_of(store, table, task) == [], table.name
    after = lab.json("show", task)
    assert (after["status"], after["scalars"], after["single_values"], after["progress"]) == ("draft", {}, {}, None)
    assert (after["comment"], after["tags"], after["lines"], after["last_iteration"]) == ("", [], 0, None)
    assert after["parameters"]["General/lr"]["value"] == "0.1", "what came before the reset stays"
    assert after["dropped"] >= 100, "what was dropped is counted"
