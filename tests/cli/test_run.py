"""capture run and create: the script runs as plain Python would run it, and is recorded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store.engine import Store
from tests.cli.calling import Capture, command, environment, run
from tests.support import eventually

FACTS = """
import json, os, sys
import __main__
print(json.dumps({
    "argv": sys.argv, "name": __name__, "file": __file__, "spec": __spec__ and __spec__.name, "package": __package__,
    "path": sys.path[:1], "main": __main__.__dict__ is globals(), "cwd": os.getcwd(),
    "names": sorted(n for n in globals() if n not in ("json", "os", "sys", "__main__")),
    "run": sorted(n for n in os.environ if n.startswith("CAPTURE_RUN")),
}))
"""


@pytest.fixture
def code(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = home / "code"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def plain(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], env=environment(), capture_output=True, text=True, timeout=60)


def newest(capture: Capture) -> Any:
    found = eventually(lambda: (answer := capture("list", "--json")).code == 0 and answer.json, 20, "a task")
    return capture("show", found[0]["id"], "--json").json


@pytest.mark.parametrize("words", [["sub/facts.py", "--lr", "1", "-m", "--json"], ["-m", "sub.facts", "x"]])
def test_the_script_finds_itself_as_under_plain_python(code: Path, capture: Capture, words: list[str]) -> None:
    (code / "sub").mkdir()
    (code / "sub" / "facts.py").write_text(FACTS)
    ran, expected = run("run", "--project", "tests/run", *words), plain(*words)
    assert ran.returncode == expected.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == json.loads(expected.stdout)


def test_what_was_chosen_is_recorded_and_the_command_line_too(code: Path, capture: Capture) -> None:
    text = "p = argparse.ArgumentParser()\np.add_argument('--lr', type=float, default=0.1)\nprint(p.parse_args().lr)\n"
    (code / "train.py").write_text(f"import argparse\n{text}")
    ran = run("run", "--project", "vision/net", "--name", "first try", "--tags", "a", "b", "train.py", "--lr", "0.5")
    assert (ran.returncode, ran.stdout) == (0, "0.5\n")
    task = newest(capture)
    assert (task["project"], task["name"], task["tags"], task["status"]) == (
        "vision/net", "first try", ["a", "b"], "completed",
    )  # fmt: skip
    assert task["parameters"]["Args/lr"]["value"] == "0.5"
    assert capture("logs", task["id"]).out == "0.5\n"


def test_a_script_with_its_own_init_is_one_task_under_the_chosen_names(code: Path, capture: Capture) -> None:
    (code / "train.py").write_text(
        "from capture import Task\ntask = Task.init('its/own', 'own name', tags=['mine'])\nprint(task.id)\n"
    )
    ran = run("run", "--name", "chosen", "--tags", "extra", "--", "train.py")
    task = newest(capture)
    assert ran.stdout.strip() == task["id"]
    assert (task["project"], task["name"], task["tags"]) == ("its/own", "chosen", ["extra", "mine"])
    assert len(capture("list", "--json").json) == 1


def test_an_init_in_an_imported_module_joins_the_task(code: Path, capture: Capture) -> None:
    (code / "helper.py").write_text(
        "from capture import Task\ntask = Task.init('its/own', 'own name', tags=['mine'])\n"
    )
    (code / "train.py").write_text("import helper\nprint(helper.task.id)\n")
    ran = run("run", "--project", "tests/run", "train.py")
    task = newest(capture)
    assert ran.stdout.strip() == task["id"]
    assert (task["project"], task["name"], task["tags"]) == ("tests/run", "train", ["mine"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", "completed"),
        ("import sys; sys.exit(7)", "failed"),
        ("raise SystemExit('a message')", "failed"),
        ("def f():\n    raise ValueError('no such luck')\nf()", "failed"),
        ("syntax error here", "failed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "aborted"),
        ("raise KeyboardInterrupt", "aborted"),
    ],
)
def test_it_ends_as_the_script_ends(code: Path, capture: Capture, body: str, status: str) -> None:
    (code / "train.py").write_text(f"print('started', flush=True)\n{body}\n")
    ran, expected = run("run", "--project", "tests/run", "train.py"), plain("train.py")
    said = [line for line in ran.stderr.splitlines() if not line.startswith("labtop: ")]
    assert ran.returncode == expected.returncode
    assert ran.stdout == expected.stdout
    if "KeyboardInterrupt" not in body:  # that one must be raised through our frames, for Python to end by the signal
        assert said == expected.stderr.splitlines()
    shown = newest(capture)
    wait = capture("wait", shown["id"], "--status", status, "--timeout", "10")
    assert wait.code == 0, wait.err


def test_a_signal_goes_to_the_script_itself(code: Path, capture: Capture) -> None:
    (code / "train.py").write_text(
        # Many short sleeps: a signal just before one begins is handled only behind it.
        "import os, time\ntry:\n    open('pid', 'w').write(str(os.getpid()))\n"
        "    for _ in range(6000): time.sleep(0.01)\n"
        "except KeyboardInterrupt:\n    print('interrupted'); raise SystemExit(9)\n"
    )
    child = subprocess.Popen(
        command("run", "--project", "tests/run", "train.py"), env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert eventually(lambda: (code / "pid").exists() and (code / "pid").read_text()) == str(child.pid)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=20)
    assert (child.returncode, out) == (9, "interrupted\n")


def test_names_of_ours_beside_the_script_stay_the_users(code: Path, capture: Capture) -> None:
    for name in ("store", "tui", "queue_", "helper"):
        (code / f"{name}.py").write_text(f"mine = '{name}'\n")
    (code / "train.py").write_text("import store, tui, helper\nprint(store.mine, tui.mine, helper.mine)\n")
    ran = run("run", "--project", "tests/run", "train.py")
    assert (ran.returncode, ran.stdout) == (0, "store tui helper\n")
    assert newest(capture)["status"] == "completed"


def test_children_of_multiprocessing_find_the_script(code: Path) -> None:
    (code / "train.py").write_text(
        "import multiprocessing as mp\ndef square(x):\n    return x * x\n"
        "if __name__ == '__main__':\n    mp.set_start_method('spawn')\n"
        "    with mp.Pool(2) as pool:\n        print(pool.map(square, [1, 2, 3]))\n"
    )
    ran = run("run", "--project", "tests/run", "train.py")
    assert (ran.returncode, ran.stdout) == (0, "[1, 4, 9]\n"), ran.stderr


@pytest.mark.parametrize(("words", "code_"), [(["run"], 2), (["run", "nothere.py"], 2), (["run", "-m"], 2)])
def test_nothing_to_run_is_a_usage_error(code: Path, capture: Capture, words: list[str], code_: int) -> None:
    assert capture(*words).code == code_


@pytest.mark.parametrize("body", ["print(1)", "from capture import Task\nTask.init()\nprint(1)"])
def test_a_name_that_breaks_a_rule_is_refused_before_the_script_begins(code: Path, body: str) -> None:
    (code / "train.py").write_text(body)
    ran = run("run", "--name", "x", "train.py")
    said = "capture: Invalid task name: 'x' is too short. Give at least 3 characters.\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", said)


# create


def test_create_makes_a_draft_with_arguments_code_and_repository(code: Path, capture: Capture) -> None:
    for words in (["init", "-q", "-b", "main"], ["config", "user.email", "a@b"], ["config", "user.name", "a"],
                  ["remote", "add", "origin", "https://me:secret@example.org/net.git"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=code, check=True)
    (code / "train.py").write_text("import json\n")
    subprocess.run(["git", "add", "."], cwd=code, check=True)
    subprocess.run(["git", "commit", "-qm", "first"], cwd=code, check=True)
    (code / "train.py").write_text("import json, sys\n")
    made = capture(
        "create", "--project", "vision/net", "--name", "made", "--script", "train.py", "--args", "lr=0.5",
        "Data/path=/d=1", "--tags", "x", "--task-type", "testing", "--packages", "torch==2.1", "numpy", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    task = capture("show", made.json["id"], "--json").json
    assert (task["status"], task["type"], task["tags"], task["project"]) == ("draft", "testing", ["x"], "vision/net")
    assert {key: p["value"] for key, p in task["parameters"].items()} == {"Args/lr": "0.5", "Data/path": "/d=1"}
    script = task["script"]
    assert (script["entry_point"], script["working_dir"], script["branch"]) == ("train.py", str(code), "main")
    assert script["repository"] == "https://example.org/net.git"
    assert len(script["commit"]) == 40
    assert "+import json, sys" in script["diff"]
    assert task["packages"] == {"torch": "2.1", "numpy": ""}


def test_create_from_a_base_task_copies_and_changes_it(store: Store, code: Path, capture: Capture) -> None:
    (code / "train.py").write_text("")
    words = ("create", "--project", "tests/run", "--script", "train.py", "--skip-repo-detection")
    base = capture(*words, "--name", "base", "--args", "lr=1", "seed=3").out.strip()
    made = capture("create", "--base-task-id", base[:9], "--name", "next", "--args", "lr=2", "--queue", "default").out
    task = capture("show", made.strip(), "--json").json
    assert (task["status"], task["parent"], task["queue"]) == ("pending", base, "default")
    assert {key: p["value"] for key, p in task["parameters"].items()} == {"Args/lr": "2", "Args/seed": "3"}
    refused = capture("create", "--base-task-id", base, "--name", "left behind", "--tags", "x" * 200)
    assert (refused.code, refused.out) == (1, "")
    assert {found["name"] for found in capture("list", "--json").json} == {"base", "next"}


@pytest.mark.parametrize(
    ("words", "exit_", "part"),
    [
        (["--name", "made"], 2, "--project is missing"),
        (["--project", "tests/run", "--name", "made"], 2, "--script or --module"),
        (["--project", "tests/run", "--name", "made", "--script", "nothere.py"], 1, "no script"),
        (["--project", "tests/run", "--name", "x", "--script", "train.py"], 1, "too short"),
        (["--project", "tests//run", "--name", "made", "--script", "train.py"], 1, "empty"),
        (["--project", "tests/run", "--name", "made", "--script", "train.py", "--task-type", "trainig"], 1, "training"),
        (["--project", "tests/run", "--name", "made", "--script", "train.py", "--args", "lr"], 1, "NAME=VALUE"),
        (["--project", "tests/run", "--name", "made", "--script", "train.py", "--binary", "python0"], 1, "python0"),
        (["--project", "tests/run", "--name", "made", "--script", "train.py", "--queue", "nigth"], 1, "no queue"),
    ],
)
def test_create_says_what_is_wrong_and_makes_nothing(
    code: Path, capture: Capture, words: list[str], exit_: int, part: str
) -> None:
    (code / "train.py").write_text("")
    answer = capture("create", *words)
    assert (answer.code, answer.out) == (exit_, "")
    assert part in answer.err
    assert os.environ["CAPTURE_STORE"]
    assert capture("list", "--json").out in ("", "[]\n")
