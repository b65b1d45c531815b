"""The names and forms that must not drift, shown by whole processes: what a finished script recorded, where it is said,
what is refused and with which exit code.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from capture.cli.__main__ import main
from store.engine import open_store
from tests.cli.calling import LISTED, SCRIPT, SHOWN
from tests.store.processes import as_nobody
from tests.store.states import draft
from tests.support import alive, eventually
from tests.system.conftest import Lab

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

RECORDS = """
import argparse, sys
from capture import Task
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.parse_args()
task = Task.init("tests/promises", "all kinds", tags=["b", "a"])
task.connect({"eps": float("inf")})
log = task.get_logger()
for number, value in enumerate((2.0, float("nan"), float("inf"), float("-inf"))):
    log.report_scalar("loss", "val", value, number)
log.report_single_value("best", float("nan"))
task.set_progress(40)
for number in range(20_000):
    print("line", number)
print("to stderr", file=sys.stderr)
"""


def _strict(text: str) -> Any:
    """Read JSON as a parser that knows no NaN would."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} outside of quotes")

    return json.loads(text, parse_constant=refuse)


def test_the_first_look_sees_all_that_a_finished_script_recorded_in_the_promised_forms(lab: Lab) -> None:
    done = lab.run(lab.write("train.py", RECORDS), "--lr", "0.5")
    assert done.returncode == 0, done.stderr
    [task] = _strict(lab.called("list", "--json"))  # no waiting but what the look says: this is the first
    assert set(task) == LISTED
    assert (task["status"], task["progress"], task["tags"], task["last_iteration"]) == ("completed", 40, ["a", "b"], 3)
    assert all(UTC.fullmatch(task[name]) for name in ("created", "started", "completed"))
    shown = _strict(lab.capture("show", task["id"], "--json").stdout)
    assert (set(shown) >= SHOWN, set(shown["script"])) == (True, SCRIPT)
    assert {name: shown[name] for name in LISTED} == task
    assert {key: shown["parameters"]["Args/lr"][key] for key in ("value", "type")} == {"value": "0.5", "type": "float"}
    assert shown["scalars"]["loss/val"] | {"nan_count": 1} == {
        "last": "-Infinity", "min": "-Infinity", "max": "Infinity", "first": 2.0, "n": 4, "last_iteration": 3,
        "nan_count": 1,
    }  # fmt: skip
    assert shown["single_values"] == {"best": "NaN"}
    series = _strict(lab.capture("scalars", task["id"], "--json").stdout)["loss/val"]
    assert set(series) == {"iterations", "values", "times"}
    assert (series["iterations"], series["values"]) == ([0, 1, 2, 3], [2.0, "NaN", "Infinity", "-Infinity"])
    lines = [_strict(line) for line in lab.capture("logs", task["id"], "--json").stdout.splitlines()]
    assert all(set(line) == {"n", "time", "stream", "rank", "text"} for line in lines)
    assert [line["n"] for line in lines] == list(range(20_001))
    assert [line["text"] for line in lines if line["stream"] == "out"] == [f"line {n}" for n in range(20_000)]
    assert [line["text"] for line in lines if line["stream"] == "err"] == ["to stderr"]


def test_what_no_recorder_has_taken_in_is_seen_at_the_first_look_too(lab: Lab) -> None:
    lab.environ["CAPTURE_OFFLINE"] = "1"  # nothing is taken in while it runs
    lab.run(lab.write("train.py", RECORDS))
    del lab.environ["CAPTURE_OFFLINE"]
    assert lab.recorder() is None
    [task] = _strict(lab.called("list", "--json"))
    assert (task["last_iteration"], task["status"]) == (3, "completed")


def test_a_picture_shows_what_the_verbs_show_and_changes_nothing(lab: Lab) -> None:
    lab.run(lab.write("train.py", RECORDS))
    picture = [sys.executable, "-P", "-m", "tui.cli", "--once", "--read-only", "--store", str(lab.home)]
    environ = lab.environ | {"CAPTURE_STORE": str(lab.folder / "nowhere")}
    done = subprocess.run(picture, env=environ, cwd=lab.folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    [row] = [line for line in done.stdout.splitlines() if "all kinds" in line]
    assert "✔" in row
    assert "40%" in row
    assert not (lab.folder / "nowhere").exists()


def test_data_goes_to_stdout_and_narration_to_stderr(lab: Lab) -> None:
    with open_store(lab.home) as store:
        task = draft(store)
    for words, data in ((["tag", task, "+a"], False), (["archive", task], False), (["restore", task], False),
                        (["clone", task], True), (["enqueue", task], False), (["dequeue", task], False)):  # fmt: skip
        said, printed = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(said):
            patch.setenv("CAPTURE_STORE", str(lab.home))
            assert main(words) == 0
        assert bool(printed.getvalue()) is data, words
        assert said.getvalue().count("\n") == 1, words
        if data:
            assert re.fullmatch(r"[0-9a-f]{32}\n", printed.getvalue())


SECRET = "hf_" + "aB3x" * 9
LEAKY = """
import argparse
from capture import Task
parser = argparse.ArgumentParser()
parser.add_argument("--api-key")
parser.add_argument("--data")
args = parser.parse_args()
task = Task.init("tests/promises", "secrets")
task.connect({"password": args.api_key, "url": args.data})
"""


def test_no_secret_of_a_command_line_reaches_the_store(lab: Lab) -> None:
    lab.run(lab.write("leaky.py", LEAKY), "--api-key", SECRET, "--data", f"https://ada:{SECRET}@example.org/data")
    task = lab.only()
    assert "<redacted" in task["parameters"]["Args/api_key"]["value"]
    assert "<redacted" in task["parameters"]["General/password"]["value"]
    assert task["parameters"]["Args/data"]["value"].endswith("example.org/data")
    assert SECRET not in json.dumps(task)
    eventually(lambda: not list((lab.home / "spool").iterdir()), what="nothing of it waits in the spool")
    assert not [path for path in lab.home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


# Stores that cannot be used


def _unusable(lab: Lab, kind: str) -> tuple[str, str]:
    """Make a store that cannot be used; return its path and a part of what must be said."""
    path = lab.folder / kind
    if kind == "other":
        path.mkdir()
        (path / "thesis.tex").write_text("precious")
        return str(path), "directory of something else"
    with open_store(path) as store:
        draft(store)
    if kind == "network":
        table = lab.folder / "mountinfo"
        table.write_text(f"30 22 0:50 / {lab.folder} rw - nfs4 server:/export rw\n")
        lab.environ["CAPTURE_MOUNTINFO"] = str(table)
        return str(path), "network file system (nfs4)"
    database = path / "store.db"
    if kind == "corrupt":
        database.write_bytes(database.read_bytes()[: 3 * 4096])
        return str(path), "damaged"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    connection.close()
    return str(path), "version 99"


@pytest.mark.parametrize("kind", ["other", "network", "corrupt", "newer"])
def test_a_store_that_cannot_be_used_is_one_line_and_3_and_nothing_of_it_is_touched(lab: Lab, kind: str) -> None:
    path, part = _unusable(lab, kind)
    before = _contents(Path(path))
    for program, words in (("capture.cli", ["list"]), ("tui.cli", ["--once"])):
        command = [sys.executable, "-P", "-m", program, *words, "--store", path]
        done = subprocess.run(command, env=lab.environ, cwd=lab.folder, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (3, ""), done
        assert part in done.stderr
        assert done.stderr.count("\n") == 1
    assert _contents(Path(path)) == before


def _contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal", ".lock"))]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["corrupt", "newer"])
def test_a_script_runs_on_and_loses_nothing_where_the_store_cannot_be_used(lab: Lab, kind: str) -> None:
    path, part = _unusable(lab, kind)
    good = (Path(path) / "store.db").read_bytes()
    lab.environ["CAPTURE_STORE"] = path
    done = lab.run(lab.write("train.py", RECORDS))
    assert (done.returncode, done.stdout.count(b"line")) == (0, 20_000)
    eventually(lambda: part in lab.log(), what="the recorder says it")
    assert list((Path(path) / "spool").glob("*.seg"))
    assert (Path(path) / "store.db").read_bytes() == good
    recorder = lab.recorder()
    assert recorder is not None
    os.kill(recorder, signal.SIGKILL)
    eventually(lambda: not alive(recorder))
    for file in Path(path).glob("store.db*"):
        file.unlink()
    with open_store(path):
        pass  # a usable one in its place
    [task] = lab.tasks()
    assert (task["name"], task["last_iteration"], task["status"]) == ("all kinds", 3, "completed")


def test_where_the_users_folder_is_on_a_network_the_place_is_said(lab: Lab) -> None:
    _unusable(lab, "network")
    lab.environ["CAPTURE_STORE"] = ""
    done = lab.capture("store", "path")
    assert done.stdout == f"/var/tmp/labtop-{os.getuid()}\n"
    assert "on a network file system (nfs4)" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may look into (those of the tests are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="ltpublic"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_an_unprivileged_user_looks_at_a_read_only_store_and_is_refused_changes(public: Path) -> None:
    home = public / "home"
    with open_store(home) as store:
        task = draft(store)
    home.chmod(0o555)
    for path in home.glob("store.db*"):
        path.chmod(0o444)

    def call(*words: str) -> tuple[int, str, str]:
        def work() -> str:
            os.environ.update({"HOME": str(public), "CAPTURE_STORE": str(home)})
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                code = main(words)
            return json.dumps([code, out.getvalue(), err.getvalue()])

        code, out, err = json.loads(as_nobody(work))
        return code, out, err

    assert call("show", task)[0] == 0
    code, out, err = call("list", "--json")
    assert (code, [found["id"] for found in json.loads(out)], err) == (0, [task], "")
    for words in (
        ["tag", task, "+x"],
        ["clone", task],
        ["sweep", task, "lr=1,2"],
        ["enqueue", task],
        ["edit", task, "lr=1"],
    ):
        code, out, err = call(*words)
        assert (code, out, err.count("\n")) == (3, "", 1), (words, err)
        assert "read-only" in err
