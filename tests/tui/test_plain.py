"""`tui --plain` as a screen reader meets it: whole lines on a pipe, the same words, questions and refusals."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from store.engine import Store
from store.lifecycle import Status
from store.queries import details, tasks
from tests.support import plot
from tests.tui.made import Run, draft
from tui.remembered import Memory, Order, Remembered

COMMAND = [sys.executable, "-m", "tui.cli", "--plain"]


class Typed:
    """The command with pipes: lines in, whole lines out."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put("(the end)")

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hears(self, text: str) -> str:
        """Wait for a line with a text."""
        while True:
            line = self._lines.get(timeout=60)
            self.said.append(line)
            if text in line:
                return line
            assert line != "(the end)", f"no {text!r} in\n" + "\n".join(self.said)


@contextmanager
def plain(*arguments: str) -> Iterator[Typed]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([*COMMAND, *arguments], stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True,
                               encoding="utf-8")  # fmt: skip
    with process:
        try:
            yield Typed(process)
        finally:
            process.kill()


def test_in_a_locale_that_is_c_all_is_ascii(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    Run(store, "会議 one")
    with plain() as typed:
        assert "Running: ???? one" in typed.hears("1. ")


def test_boxes_are_read_out_in_numbers(store: Store) -> None:
    run = Run(store)
    boxes = {"type": "box", "name": "val\x1b[2J", "x": ["mon", "mon", "mon", "mon", "tue"], "y": [1, 2, 3, 40, "NaN"]}
    run.draw(plot("loss", "days", 3, boxes), plot("other", "", 0, {"y": [1, 2]}))
    with plain("--task", run.id) as typed:
        typed.type("plots")
        typed.hears("loss/days")
        assert typed.hears("iteration 3") == "loss/days, iteration 3"
        said = typed.hears("median")
        numbers = "values 4, median 2.500, quartiles 1.500 and 21.50, whiskers 1.000 and 40.00, mean 11.50"
        assert said.endswith(f", mon: {numbers}") and "\x1b" not in said
        assert typed.hears("1 of 5") == "1 of 5 values are no finite numbers and are left out."
        typed.type("pick 3")
        typed.hears("There is no number 3 among them.")
        typed.type("pick 2")
        assert typed.hears("iteration 0").endswith("iteration 0")
        typed.type("pick 1")
        typed.hears("loss/days, iteration 3")


def test_a_draft_is_made_edited_enqueued_and_a_task_aborted_by_lines(store: Store) -> None:
    failed = Run(store, "evil \x1b[31m name", {"Args/lr": "0.25"})
    failed.report("loss", "val", 2.0, 0.5)
    failed.say("epoch 1", "\x1b]52;c;AAAA\x07CUDA out of memory")
    failed.end("failed", "CUDA out of memory")
    running = Run(store, "goes on")
    words = """
        filter status:failed
        open 1
        scalars
        console 1
        edit
        set Args/lr=1
        clone half the rate
        set Args/lr=fast
        set Args/lr=0.125
        enqueue
        1
        back
        back
        filter status:running
        abort
        n
        abort
        y
        nonsense
        queues
    """
    typed = "\n".join(line.strip() for line in words.strip().splitlines())
    done = subprocess.run(COMMAND, input=typed, capture_output=True, text=True, encoding="utf-8", timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert not {c for c in done.stdout if (c < " " and c != "\n") or "\u2500" <= c <= "\u259f"}
    for said in (
        "all projects: 1 task, filter status:failed",
        "loss/val: last 0.5000 at iteration 1, min 0.5000, max 2.000, 2 points",
        "Invalid value for Args/lr: 'fast' is not a number.",
        "y: abort; n: leave it:",
        'Enqueued "half the rate"',
        "asked to stop. It becomes Aborted when its process has gone.",
        "Unknown command 'nonsense'",
        "1 half the rate",
    ):
        assert any(said in line for line in lines), f"{said!r} not in\n{done.stdout}"
    assert "CUDA out of memory" in lines and "epoch 1" not in lines[lines.index("CUDA out of memory") + 1 :]
    refused = [line for line in lines if line.startswith("Cannot edit")]
    assert len(refused) == 2 and all("it is Failed" in line for line in refused), "the lifecycle's words, twice"
    with store.read() as connection:
        states = {row.name: row.status for row in tasks.page(connection, tasks.TaskQuery(), 0, 9)}
        assert details.detail(connection, running.id).abort_requested
    assert states["half the rate"] == Status.PENDING


def test_every_task_is_told_once_and_its_number_stays_its_own(store: Store) -> None:
    for number in range(70):
        draft(store, f"task {number:02}")
    with plain() as typed:
        for left in (50, 30, 10):
            typed.hears(f"{left} more: type more.")
            typed.type("more")
        typed.hears("70. Draft: task 00")
        told = [line.partition(",")[0] for line in typed.said if "Draft:" in line]
        assert told == [f"{number}. Draft: task {70 - number:02}" for number in range(1, 71)]
        draft(store, "stands before all others")
        typed.type("pick 1 65 71")
        typed.hears("There is no number 71 in the list.")
        typed.hears("Commands act on: task 69, task 05")


def test_what_somebody_chose_as_columns_is_told_and_courses_in_words(store: Store) -> None:
    reported = {"falls": (2.0, 0.25, 0.5), "rises": (1.0, 3.0), "stays": (1.0,), "ends": (1.0, math.nan),
                "long": (1.0, 0.001, *[0.5] * 500, 7.0, *[0.5] * 500, 0.1)}  # fmt: skip
    for name, values in reported.items():
        Run(store, name, {"Args/lr": "0.125"}).report("loss", "val", *values)
    draft(store, "a draft")
    keys = ("name", "metric:loss/val.sparkline", "param:Args/lr", "metric:loss/val.min")
    Remembered(store.location.setting).keep(Memory({"": Order(keys, "name", False)}))
    done = subprocess.run(COMMAND, input="", capture_output=True, text=True, encoding="utf-8", timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    draft_line, ends, falls, long, rises, stays = done.stdout.splitlines()[1:7]
    assert draft_line.startswith("1. Draft: a draft, vision/resnet, <1m ago"), draft_line
    assert "loss/val falling from 2.000 to 0.5000, lowest 0.2500, lr 0.125, loss/val min 0.2500, " in falls
    assert "loss/val falling from 1.000 to 0.1000, lowest 0.001000, highest 7.000, lr" in long, "not their means"
    assert "loss/val rising from 1.000 to 3.000, lr" in rises
    assert "loss/val at 1.000, lr" in stays and "loss/val from 1.000 to NaN, lr" in ends


def test_changes_are_told_only_when_asked_for(store: Store) -> None:
    run = Run(store, "goes on")
    draft(store, "a draft")
    with plain() as typed:
        typed.hears("Type help for what can be done here")
        run.say("not asked for")
        typed.type("open goes on")
        typed.hears("Running: goes on")
        typed.type("follow")
        typed.hears("Following the console. Enter ends it.")
        run.say("asked for")
        typed.hears("asked for")
        typed.type("")
        typed.type("watch")
        typed.hears("Watching. Enter ends it.")
        run.end("failed", "boom")
        assert typed.hears("goes on: ").endswith(" goes on: Running to Failed, boom")
        typed.type("quit")
        typed.hears("(the end)")
        assert not [line for line in typed.said if "a draft:" in line]
        assert typed.process.wait(30) == 0


def test_what_is_not_there_is_said_and_nothing_can_be_changed_read_only(store: Store) -> None:
    draft(store, "a draft")
    done = subprocess.run([*COMMAND, "--read-only"], input="clone\nopen nothing\n", capture_output=True, text=True)
    assert done.returncode == 0
    assert "Cannot change anything: this dashboard is open read-only." in done.stdout
    assert "No task" in done.stdout or "no task" in done.stdout
    done = subprocess.run([*COMMAND, "--task", "nothing"], input="", capture_output=True, text=True)
    assert done.returncode == 1 and "nothing" in done.stdout + done.stderr


def test_the_table_and_a_chart_are_exported_by_lines(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(store, "one")
    run.report("loss", "val", 2.0, math.nan)
    (tmp_path / "tasks.csv").write_text("mine")
    with plain() as typed:
        typed.hears("1. ")
        typed.type("export")
        typed.hears("Export to")
        typed.type("")
        typed.type("export tasks.csv")
        typed.hears("Replace tasks.csv?")
        typed.type("n")
        typed.hears("It is there already.")
        typed.type("export tasks.csv")
        typed.type("y")
        typed.hears(f"Exported 1 task to {tmp_path}/tasks.csv")
        typed.type("open 1")
        typed.type("export loss.csv")
        typed.hears("There is nothing to export here.")
        typed.type("scalars")
        typed.type("export loss.csv")
        typed.hears("Exported 2 points to ")
        typed.type("export loss.svg")
        typed.hears("Exported the picture to ")
    assert (tmp_path / "tasks.csv").read_text().splitlines()[1].startswith(run.id)
    assert (tmp_path / "loss.csv").read_text().splitlines()[2].endswith(",NaN")
    assert (tmp_path / "loss.svg").read_text().startswith("<?xml")


def test_the_way_back_is_named_as_it_is_typed(store: Store) -> None:
    task = draft(store, "a draft")
    said = subprocess.run([*COMMAND, "--task", task], input="describe it\n", capture_output=True, text=True).stdout
    assert "Go back (back) first." in said
