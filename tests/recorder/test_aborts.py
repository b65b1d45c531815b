"""An abort ends the script and everything it has started, and neither its shell nor anybody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from capture import address
from capture.recorder.client import ask
from capture.recorder.election import holder
from capture.recorder.liveness import start_time
from store import commands
from store.paths import Location
from tests.recorder.processes import BOOT, ROOT, Start, Stored
from tests.support import eventually

TREE = """
import os, subprocess, sys, time
from capture import Task

task = Task.init("tests/aborts", "a tree")
{handler}
note = open({notes!r}, "a", buffering=1)
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]

def say(name, pid):
    note.write(f"{{name}} {{pid}}\\n")

say("script", os.getpid())
say("child", subprocess.Popen(sleep).pid)
say("session", subprocess.Popen(sleep, start_new_session=True).pid)
say("stubborn", subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"]).pid)
if os.fork() == 0:                       # forked twice in a session of its own, nothing executed
    os.setsid()
    if os.fork() == 0:
        say("forked", os.getpid())
        time.sleep(600)
    os._exit(0)
if os.fork() == 0:                       # forked twice, then executed
    os.setsid()
    if os.fork() == 0:
        say("executed", os.getpid())
        os.execv(sys.executable, sleep)
    os._exit(0)
task.get_logger().report_scalar("loss", "train", 1.0, 1)
print(task.id, flush=True)
time.sleep(600)
"""
NAMES = {"script", "child", "session", "stubborn", "forked", "executed"}


@pytest.fixture
def shell(location: Location, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, dict[str, int]]]:
    """A shell that runs the script, the task's id, and the processes by name."""
    yield from _running(tmp_path, "")


def _running(tmp_path: Path, handler: str) -> Iterator[tuple[subprocess.Popen[bytes], str, dict[str, int]]]:
    notes, script = tmp_path / "notes", tmp_path / "tree.py"
    script.write_text(TREE.format(notes=str(notes), handler=handler))
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = ["/bin/sh", "-c", f"{sys.executable} {script}; echo shell goes on; sleep 600"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, cwd=tmp_path)
    assert process.stdout is not None
    task = process.stdout.readline().decode().strip()
    found: dict[str, int] = {}

    def complete() -> bool:
        found.update({name: int(pid) for name, pid in (line.split() for line in notes.read_text().splitlines())})
        return set(found) == NAMES

    eventually(complete)
    yield process, task, found
    for pid in [*found.values(), process.pid]:
        if start_time(pid) is not None:
            os.kill(pid, signal.SIGKILL)
    process.wait(10)


def _left(processes: dict[str, int]) -> set[str]:
    return {name for name, pid in processes.items() if start_time(pid) is not None}


Tree = tuple[subprocess.Popen[bytes], str, dict[str, int]]


def test_nothing_of_the_tree_survives_and_the_shell_goes_on(
    shell: Tree, location: Location, recorder: Start, stored: Stored, environ: dict[str, str], tmp_path: Path
) -> None:
    process, task, processes = shell
    _short_grace(environ)
    _replace_recorder(location, recorder)
    eventually(lambda: stored.status(task)[0] == "running")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    assert commands.abort(stored.store, task, by="ada@somewhere") is False, "it lives, so it is only asked for"
    eventually(lambda: _left(processes) == {"stubborn"}, what="TERM ends all but the stubborn one")
    eventually(lambda: not _left(processes), timeout=20, what="KILL ends the stubborn one")
    eventually(lambda: stored.status(task) == ("aborted", "aborted by ada@somewhere"))
    assert process.poll() is None
    assert process.stdout is not None
    assert process.stdout.readline() == b"shell goes on\n"
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


HANDLER = """
import signal
def bye(*_):
    task.get_logger().report_scalar("loss", "train", 2.0, 2)
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
"""


def test_a_script_may_save_what_it_has_and_is_aborted_all_the_same(
    location: Location, recorder: Start, stored: Stored, environ: dict[str, str], tmp_path: Path
) -> None:
    for _process, task, processes in _running(tmp_path, HANDLER):
        _short_grace(environ)
        _replace_recorder(location, recorder)
        eventually(lambda: stored.status(task)[0] == "running")  # noqa: B023
        began = time.monotonic()
        commands.abort(stored.store, task, by="ada@somewhere")
        eventually(lambda: "script" not in _left(processes))  # noqa: B023
        assert time.monotonic() - began < 4.0, "it ended by itself, within the grace"
        eventually(lambda: stored.status(task) == ("aborted", "aborted by ada@somewhere"))  # noqa: B023
        assert set(stored.values(task)) == {1.0, 2.0}, "what its handler reported (its fork's too) is kept"
        eventually(lambda: not _left(processes), timeout=20)  # noqa: B023


CONTAINED = """
import subprocess, sys, time
from capture import Task

print(Task.init("tests/aborts", "in a namespace").id, flush=True)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
child.wait()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="makes a process namespace")
def test_a_script_in_a_process_namespace_below_ours_is_ended_too(
    location: Location, recorder: Start, stored: Stored, environ: dict[str, str], tmp_path: Path
) -> None:
    _short_grace(environ)
    recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    (tmp_path / "contained.py").write_text(CONTAINED)
    words = [
        "unshare",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        sys.executable,
        str(tmp_path / "contained.py"),
    ]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        task = process.stdout.readline().strip()
        if not task:
            pytest.skip(f"may not make a namespace here: {process.stderr.read()}")
        eventually(lambda: stored.status(task)[0] == "running")
        assert commands.abort(stored.store, task, by="ada@somewhere") is False
        eventually(lambda: process.poll() is not None, timeout=10)
        eventually(lambda: stored.status(task) == ("aborted", "aborted by ada@somewhere"))
    finally:
        process.kill()
        process.communicate(timeout=10)


OUTSIDE = """
import sys
from capture import Task

print(Task.init("tests/aborts", "beside the recorder").id, flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="makes a process namespace")
def test_a_script_that_cannot_be_reached_is_said_and_ends_as_it_ends(
    location: Location, stored: Stored, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "outside.py").write_text(OUTSIDE)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    contained = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-P", str(BOOT)]
    recorder = subprocess.Popen(contained, env=env, cwd=location.home)
    try:
        eventually(lambda: recorder.poll() is not None or ask(location, {"op": "ping"}, 1.0))
        if recorder.poll() is not None:
            pytest.skip("may not make a namespace here")
        words = [sys.executable, str(tmp_path / "outside.py")]
        with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as script:
            assert script.stdout is not None
            task = script.stdout.readline().strip()
            eventually(lambda: stored.status(task)[0] == "running")
            assert commands.abort(stored.store, task, by="ada@somewhere") is False
            eventually(lambda: "cannot be reached" in stored.status(task)[1])
            assert stored.status(task)[0] == "running"
            script.communicate("end\n")
        eventually(lambda: stored.status(task) == ("completed", ""))
    finally:
        recorder.kill()
        recorder.wait(10)


def _short_grace(environ: dict[str, str]) -> None:
    config = Path(environ["XDG_CONFIG_HOME"]) / "labtop/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("abort_grace = 5.0\n")


def _replace_recorder(location: Location, recorder: Start) -> None:
    """End the recorder that the script has started: it was there before the setting, and must not outlive the test."""
    found = eventually(lambda: holder(Path(address.lock_path(location.home))))
    assert found is not None
    os.kill(found.pid, signal.SIGTERM)
    eventually(lambda: start_time(found.pid) is None)
    recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
