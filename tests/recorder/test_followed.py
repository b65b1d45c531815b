"""Log files that are renamed, rotated, deleted or left by the script while they are its output."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.paths import Location
from tests.recorder.processes import ROOT, Start, Stored, Writing
from tests.recorder.spooled import Journal
from tests.recorder.test_recorder import GONE, empty, filled
from tests.support import eventually

TALK = """
import os, sys
from capture import Task
task = Task.init("tests/recorder", "a log")
for line in sys.stdin:
    exec(line)
"""


class Talker:
    """A script that does what it is told, with its output in a log file."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.log = folder / "logs" / "train.log"
        self.log.parent.mkdir()
        (folder / "talk.py").write_text(TALK)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(folder / "talk.py")], stdin=subprocess.PIPE, stdout=log, text=True, bufsize=1,
                env=environ | {"PYTHONPATH": str(ROOT), "CAPTURE_LOG_LEVEL": "warning"},
            )  # fmt: skip

    def tell(self, code: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(code + "\n")

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0


@pytest.fixture
def talker(tmp_path: Path, location: Location, recorder: Start, environ: dict[str, str]) -> Iterator[Talker]:
    made = Talker(tmp_path, environ)
    yield made
    made.process.kill()
    made.process.communicate()


def _lines(stored: Stored) -> list[str]:
    found = stored.ids()
    return stored.lines(found[0]) if found else []


def _rename(log: Path) -> None:
    log.rename(f"{log}.1")


def _move_away(log: Path) -> None:
    (log.parent.parent / "old").mkdir()
    log.rename(log.parent.parent / "old" / log.name)


def _rotate(log: Path) -> None:
    log.rename(f"{log}.1")
    log.write_text("of another script\n")


CHANGES: list[Callable[[Path], None]] = [_rename, _move_away, _rotate, Path.unlink]


@pytest.mark.parametrize("change", CHANGES, ids=["renamed", "moved", "rotated", "deleted"])
def test_a_log_file_is_read_on_whatever_becomes_of_its_name(
    location: Location, stored: Stored, talker: Talker, recorder: Start, change: Callable[[Path], None]
) -> None:
    talker.tell("print('before', flush=True)")
    eventually(lambda: _lines(stored) == ["before"])
    change(talker.log)
    talker.tell("print('after', flush=True)")
    eventually(lambda: _lines(stored) == ["before", "after"])
    talker.tell("print('at the end')")
    talker.end()
    eventually(lambda: empty(location))
    assert _lines(stored) == ["before", "after", "at the end"]


def test_a_new_recorder_finds_the_file_that_the_script_still_writes_to(
    location: Location, stored: Stored, recorder: Start, writing: Writing
) -> None:
    out = location.home / "out.txt"
    out.write_text("first\n")
    journal = filled(location, 1, **writing(out))
    journal.follow(out)
    process = recorder()
    eventually(lambda: stored.lines(journal.task) == ["first"])
    process.kill()
    process.wait()
    with out.open("a") as file:
        file.write("second\n")
    out.unlink()
    recorder()
    eventually(lambda: stored.lines(journal.task) == ["first", "second"])
    journal.event("end", status="completed", time=2000.0)
    journal.close()


def test_where_a_script_turns_its_output_to_is_said(location: Location, stored: Stored, talker: Talker) -> None:
    talker.tell("print('here', flush=True)")
    talker.tell("os.dup2(os.open('%s', os.O_WRONLY | os.O_CREAT), 1)" % (talker.log.parent / "other.log"))
    talker.tell("print('there', flush=True)")
    eventually(lambda: len(_lines(stored)) == 2)
    talker.end()
    eventually(lambda: empty(location))
    said = f"standard output goes to {talker.log.parent}/other.log now: what is written there is not recorded"
    assert _lines(stored) == ["here", said]


def test_a_dead_scripts_log_is_found_beside_its_name_or_said_to_be_missing(
    location: Location, stored: Stored, recorder: Start
) -> None:
    folder = location.home / "logs"
    folder.mkdir()
    found, gone = (_dead(location, folder / name) for name in ("found.log", "gone.log"))
    os.rename(folder / "found.log", folder / "found.log.1")
    (folder / "gone.log").unlink()
    recorder()
    eventually(lambda: empty(location))
    assert stored.lines(found.task) == ["all of it"]
    assert stored.lines(gone.task) == [
        f"what was written to {folder}/gone.log after its byte 0 is missing here: the file is not there any more"
    ]


def _dead(location: Location, out: Path) -> Journal:
    out.write_text("all of it\n")
    journal = filled(location, 1, **GONE)
    journal.follow(out)
    journal.event("follow_end", stream="out", offset=out.stat().st_size)
    journal.close()
    return journal
