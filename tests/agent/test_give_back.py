"""What an agent hands back: edited values, typed, and every console line once."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.agent.place import Place
from tests.recorder.test_environment import git
from tests.support import eventually

pytestmark = pytest.mark.slow

SCRIPT = """
import argparse, sys
from capture import Task

parser = argparse.ArgumentParser()
parser.add_argument("--flag", action="store_true")
parser.add_argument("--quiet", action="store_true")
parser.add_argument("--items", nargs="+", type=int, default=[1, 2])
parser.add_argument("--nothing", default=None)
parser.add_argument("--still-nothing", default=None, type=float)
parser.add_argument("--count", type=int, default=3)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--needed", required=True)
BEFORE
task = Task.init("tests/agent", "give back")
AFTER
nested = {"name": "adam", "betas": [0.9, 0.99], "warm": {"on": True, "steps": 2}, "none": None}
config = task.connect({"optim": nested}, name="Config")
print("GOT", repr((vars(args), config["optim"]["name"], config["optim"]["betas"], dict(config["optim"]["warm"]),
      config["optim"]["none"], sys.argv[1:])))
"""
PARSE = "args = parser.parse_args()"


def got(place: Place, task: str) -> tuple[Any, ...]:
    line = next(line for line in place.lines(task) if line.startswith("GOT "))
    found = ast.literal_eval(line.removeprefix("GOT "))
    assert isinstance(found, tuple)
    return found


def test_each_task_of_a_sweep_runs_with_its_values(place: Place) -> None:
    place.script(SCRIPT.replace("BEFORE", PARSE).replace("AFTER", ""))
    assert place.python("train.py", "--needed", "x").returncode == 0
    made = place.capture("sweep", place.newest(), "lr=0.5,25e-2", "count=7..8", "--queue", "default").split()
    place.work()
    assert [place.task(task)["status"] for task in made] == ["completed"] * 4
    found = [got(place, task)[0] for task in made]
    assert [(args["lr"], args["count"], args["needed"]) for args in found] == [
        (0.5, 7, "x"), (0.5, 8, "x"), (0.25, 7, "x"), (0.25, 8, "x")
    ]  # fmt: skip


@pytest.mark.parametrize("order", ["parsed before init", "parsed after init"])
def test_edited_values_come_back_typed(place: Place, order: str) -> None:
    first, last = (PARSE, "") if "before" in order else ("", PARSE)
    place.script(SCRIPT.replace("BEFORE", first).replace("AFTER", last))
    by_hand = place.python("train.py", "--needed", "x", "--quiet")
    assert by_hand.returncode == 0, by_hand.stderr
    source = place.newest()
    clone = place.capture("clone", source).strip()
    place.capture(
        "edit", clone, "flag=True", "quiet=False", "items=[5, 6, 7]", "nothing=something", "count=9", "lr=25e-2",
        "Config/optim/name=sgd", "Config/optim/betas=[0.5]", "Config/optim/warm/on=False",
        "Config/optim/warm/steps=20",
    )  # fmt: skip
    place.capture("enqueue", clone)
    said = place.work()
    assert place.task(clone)["status"] == "completed", (said, place.lines(clone))
    arguments, name, betas, warm, none, argv = got(place, clone)
    assert arguments == {
        "flag": True, "quiet": False, "items": [5, 6, 7], "nothing": "something", "still_nothing": None, "count": 9,
        "lr": 0.25, "needed": "x",
    }  # fmt: skip
    assert (name, betas, warm, none, argv) == ("sgd", [0.5], {"on": False, "steps": 20}, None, [])
    assert [type(arguments[key]) for key in ("flag", "count", "lr")] == [bool, int, float]
    assert place.task(source)["parameters"]["Args/count"]["value"] == "3"
    assert place.task(source)["script"]["argv"] == ["--needed", "x", "--quiet"]
    assert place.task(clone)["script"]["argv"] == []
    assert "not passed" not in place.capture("logs", clone)
    values = place.task(clone)["parameters"]
    assert float(values["Args/lr"]["value"]) == 0.25
    assert {key: values[key]["value"] for key in ("Args/count", "Config/optim/warm/steps")} == {
        "Args/count": "9", "Config/optim/warm/steps": "20",
    }  # fmt: skip


def test_every_console_line_comes_once_from_wherever_it_was_printed(place: Place) -> None:
    place.script("""
import os, subprocess, sys
print("before init")
os.write(1, b"from C, before init\\n")
from capture import Task
task = Task.init("tests/agent", "lines")
print("after init")
os.write(2, b"from C\\n")
print("to stderr", file=sys.stderr)
subprocess.run(["echo", "from a child"])
subprocess.run([sys.executable, "-c", "print('from a Python child')"])
task.get_logger().report_scalar("loss", "val", 0.5, 1)
for number in range(1000):
    print("line", number)
sys.stdout.write("no newline at the end")
""")
    task = place.draft()
    place.work()
    first = ["before init", "from C, before init", "after init", "from C", "to stderr", "from a child"]
    assert place.lines(task) == [
        *first, "from a Python child", *(f"line {n}" for n in range(1000)), "no newline at the end",
    ]  # fmt: skip
    shown = place.task(task)
    assert shown["scalars"]["loss/val"]["last"] == 0.5
    assert shown["dropped"] == 0
    assert list((place.store / "labtop-agent").iterdir()) == []


def test_a_script_without_task_init_gets_its_values_too(place: Place) -> None:
    place.script("""
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
print("LR", parser.parse_args().lr)
""")
    task = place.draft("train.py", "--args", "lr=0.25")
    place.work()
    assert "LR 0.25" in place.lines(task)


def test_arguments_that_a_script_read_by_itself_are_said_not_to_be_passed(place: Place) -> None:
    place.script("import sys\nfrom capture import Task\nTask.init('tests/agent', 'own parser')\nprint(sys.argv[1:])\n")
    assert place.python("train.py", "lr=0.5", "two words").returncode == 0
    clone = place.capture("clone", place.newest()).strip()
    assert place.task(clone)["script"]["argv"] == ["lr=0.5", "two words"]
    place.capture("enqueue", clone)
    place.work()
    note, *printed = place.lines(clone)
    assert note.startswith("not passed: lr=0.5 'two words'. An agent passes no arguments;")
    assert printed == ["[]"]
    assert place.task(clone)["script"]["argv"] == []


def test_a_repository_that_has_moved_on_is_said(place: Place) -> None:
    place.script("from capture import Task\nTask.init('tests/agent', 'in a repository')\nprint('it ran')\n")
    git(place.code, "init", "-q", "-b", "main")
    commits = []
    for message in ("first", "second"):
        git(place.code, "add", "-A")
        git(place.code, "commit", "-q", "--allow-empty", "-m", message)
        commits.append(git(place.code, "rev-parse", "HEAD"))
        if message == "first":
            assert place.python("train.py").returncode == 0
            eventually(lambda: place.task(place.newest())["script"]["commit"] == commits[0])
    clone = place.capture("clone", place.newest()).strip()
    place.capture("enqueue", clone)
    place.work()
    note, *printed = place.lines(clone)
    assert f"is at commit {commits[1][:8]}, the task was recorded at {commits[0][:8]}" in note
    assert printed == ["it ran"]


def test_a_module_and_a_shell_script_run_too(place: Place) -> None:
    place.script("print('in a module', __name__)\n", "pkg/mod.py")
    place.script("", "pkg/__init__.py")
    place.script("echo in a shell script\n", "job.sh")
    module = place.capture(
        "create", "--project", "tests/agent", "--name", "module", "--module", "pkg.mod", "--queue", "default"
    ).strip()
    shell = place.draft("job.sh")
    place.work()
    assert "in a module __main__" in place.lines(module)
    assert place.lines(shell) == ["in a shell script"]
    assert [place.task(task)["status"] for task in (module, shell)] == ["completed", "completed"]


def test_a_secret_comes_from_the_agents_environment_or_the_task_fails(place: Place) -> None:
    place.script("""
import argparse
from capture import Task
parser = argparse.ArgumentParser()
parser.add_argument("--hf_token", default="")
args = parser.parse_args()
Task.init("tests/agent", "secret")
print("LENGTH", len(args.hf_token))
""")
    assert place.python("train.py", "--hf_token", "abcdefgh1234").returncode == 0
    source = place.newest()
    assert place.task(source)["parameters"]["Args/hf_token"]["value"] == "<redacted:hf_token>"
    clones = [place.capture("clone", source).strip() for _ in range(2)]
    place.capture("enqueue", clones[0])
    place.work()
    failed = place.task(clones[0])
    assert failed["status"] == "failed"
    assert "HF_TOKEN" in failed["status_reason"]
    place.capture("enqueue", clones[1])
    place.agent("--once", HF_TOKEN="12345").communicate(timeout=60)
    assert "LENGTH 5" in place.lines(clones[1])
    assert "abcdefgh1234" not in str(place.task(clones[1]))


def test_the_chosen_gpus_reach_the_script(place: Place) -> None:
    place.script("import os; print('GPUS', os.environ.get('CUDA_VISIBLE_DEVICES'))")
    tasks = [place.draft() for _ in range(2)]
    place.work("--gpus", "1,3")
    place.work()
    assert "GPUS 1,3" in place.lines(tasks[0])
    place.capture("reset", tasks[1])
    place.capture("enqueue", tasks[1])
    place.work("--cpu-only")
    assert "GPUS " in place.lines(tasks[1])


def test_a_script_sees_the_task_it_runs_as_not_the_one_it_asked_for(place: Place) -> None:
    place.script("""
from capture import Task
task = Task.init("tests/agent", "asked for", task_type="training", tags=["mine"])
print("GOT", repr((task.name, task.get_project_name(), str(task.task_type), sorted(task.tags), task.comment)))
task.add_tags(["late"])
""")
    words = ["--project", "sweeps", "--name", "swept", "--task-type", "testing", "--script", "train.py"]
    task = place.capture("create", *words, "--tags", "blue", "--comment", "a note", "--queue", "default").strip()
    said = place.work()
    shown = place.task(task)
    assert shown["status"] == "completed", (said, place.lines(task))
    assert got(place, task) == ("swept", "sweeps", "testing", ["blue"], "a note")
    assert (shown["name"], shown["project"], shown["comment"]) == ("swept", "sweeps", "a note")
    assert sorted(shown["tags"]) == ["blue", "late"]
