"""A disk without room: the script goes on, its end is known, what is missing is counted, and all resumes with room."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import open_store
from store.paths import locate, make_home
from tests.recorder.processes import ROOT, Start, Stored
from tests.recorder.test_recorder import GONE, empty, filled
from tests.support import eventually

SCRIPT = """
import os, sys
from capture import Task
task = Task.init("tests/full", "a task", auto_connect_streams=False)
log = task.get_logger()
def fill():
    with open(sys.argv[1], "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
def report(first, last):
    for i in range(first, last):
        log.report_scalar("loss", "train", float(i), i)
report(0, 10)
"""


@pytest.fixture
def disk(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small disk with the store on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    environ["CAPTURE_STORE"] = str(folder / "store")
    monkeypatch.setenv("CAPTURE_STORE", environ["CAPTURE_STORE"])
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def run(environ: dict[str, str], code: str, filler: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT + code, str(filler)], capture_output=True, text=True, timeout=60,
        env=environ | {"PYTHONPATH": str(ROOT), "CAPTURE_OFFLINE": "1", "CAPTURE_LOG_LEVEL": "warning"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "exit_code", "status"),
    [
        ("", 0, ("completed", "")),
        ("sys.exit(3)", 3, ("failed", "exit code 3")),
        ("raise ValueError('x' * 100_000)", 1, ("failed", "ValueError: " + "x" * 488)),
        ("task.close()", 0, ("completed", "")),
        ("os._exit(0)", 0, ("failed", "process died (killed by a signal, or os._exit)")),
    ],
    ids=["a normal end", "an exit code", "an exception", "a close", "a kill"],
)
def test_a_script_on_a_full_disk_ends_as_it_ends_and_what_is_missing_is_counted(
    disk: Path, environ: dict[str, str], recorder: Start, code: str, exit_code: int, status: tuple[str, str]
) -> None:
    done = run(environ, "fill()\nreport(10, 100_000)\n" + code, disk / "filler")
    assert done.returncode == exit_code and " failed (" not in done.stderr
    assert done.stderr.count("cannot record") == 1
    location = locate()
    recorder()
    log = location.home / "recorder.log"
    (disk / "filler").unlink()
    eventually(lambda: empty(location), 20)
    with open_store(location) as store:
        stored = Stored(store)
        with store.read() as connection:
            (task,) = [row[0] for row in connection.exec_driver_sql("SELECT id FROM task")]
        assert stored.status(task) == status
        kept = stored.values(task)
        assert kept == [float(n) for n in range(len(kept))] and 20_000 < len(kept) < 100_000
        assert stored.task(task)["dropped"] == 100_000 - len(kept)
        assert any("there was no room" in line for line in stored.lines(task))
    assert "Traceback" not in log.read_text()


def test_recording_resumes_when_there_is_room(disk: Path, environ: dict[str, str], recorder: Start) -> None:
    code = """
fill()
report(10, 60_000)
os.unlink(sys.argv[1])
import time
deadline = time.monotonic() + 10
at = 60_000
while (kept := task._session.journal._number) < 2 and time.monotonic() < deadline:
    report(at, at + 1)
    at += 1
report(1_000_000, 1_000_010)
"""
    done = run(environ, code, disk / "filler")
    assert done.returncode == 0 and done.stderr.count("cannot record") == 1
    location = locate()
    recorder()
    eventually(lambda: empty(location), 20)
    with open_store(location) as store, store.read() as connection:
        (task,) = [row[0] for row in connection.exec_driver_sql("SELECT id FROM task")]
        assert Stored(store).values(task)[-10:] == [float(n) for n in range(1_000_000, 1_000_010)]
        assert Stored(store).status(task) == ("completed", "")
        assert Stored(store).task(task)["dropped"] > 0


def test_a_script_for_which_there_never_was_room_leaves_a_task_that_says_so(
    disk: Path, environ: dict[str, str], recorder: Start
) -> None:
    location = locate()
    make_home(location)
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 8_000_000)  # room for the small files, not for a segment
    done = run(environ, "report(10, 1000)", disk / "another")
    assert done.returncode == 0 and done.stderr.count("cannot record") == 1
    (disk / "filler").unlink()
    recorder()
    eventually(lambda: empty(location), 20)
    with open_store(location) as store, store.read() as connection:
        (task,) = [row[0] for row in connection.exec_driver_sql("SELECT id FROM task")]
        assert Stored(store).status(task) == ("completed", "")
        assert Stored(store).task(task)["dropped"] > 1000


def test_a_full_store_is_one_line_in_the_log_and_everything_is_in_once_there_is_room(
    disk: Path, recorder: Start
) -> None:
    location = locate()
    make_home(location)
    process = recorder()
    live = filled(location, 10)
    eventually(lambda: live.acknowledged()[0] > 0)
    process.send_signal(signal.SIGSTOP)
    ended = filled(location, 0, **GONE)
    for number in range(10_000):
        live.scalar(number / 3, number)
        ended.scalar(number / 7, number)
    ended.close()
    with (disk / "filler").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while file.write(bytes(1024)):
            pass
    process.send_signal(signal.SIGCONT)
    log = location.home / "recorder.log"
    eventually(lambda: "disk is full" in log.read_text(), 20)
    (disk / "filler").unlink()
    with open_store(location) as store:
        stored = Stored(store)
        eventually(lambda: stored.status(ended.task)[0] == "failed", 20)
        assert len(stored.values(ended.task)) == 10_000 == len(stored.values(live.task)) - 10
    assert "Traceback" not in log.read_text()
    assert log.read_text().count("disk is full") <= 3
    live.close()
