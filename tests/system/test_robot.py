"""Whole stories by keys alone, on stores of three kinds: the best of thousands again with half its learning rate, who
ran out of memory, what two tasks differ in, publishing, and an edit that a dropped link cut short.

Every key of the first story is counted, those of a text that is typed too.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import commands, tables
from store.engine import Store, open_store
from store.lifecycle import Status
from store.queries import details, tasks
from tests.support import eventually, private_environment
from tests.system.terminals import ROOT, Terminal
from tests.tui.at_home import Home, OnHome, in_state
from tests.tui.made import BY, Run, draft
from tests.tui.test_output_pty import session
from tui import unsaved
from tui.remembered import file_of
from tui.screens.compare import CompareScreen
from tui.screens.search import SearchScreen
from tui.screens.task import TaskScreen
from tui.widgets.console import Console

OUT_OF_MEMORY = "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB"
BEST, SECOND = "resnet, the best", "resnet, nearly"
MANY = 5_000
KEYS = 12
"""What the first story may cost."""


def fill(store: Store, best: str = BEST, second: str = SECOND) -> None:
    """Make what every story is about: the best task, one that differs from it in two values, one that died."""
    for name, accuracy, lr, seed in ((best, 0.97, "0.1", "3"), (second, 0.96, "0.3", "4"), ("dead", 0.1, "0.1", "5")):
        values = {"batch": "128", "epochs": "30", "lr": lr, "momentum": "0.9", "seed": seed}
        run = Run(store, name, {f"Args/{key}": value for key, value in values.items()})
        run.report("accuracy", "val", 0.1, accuracy)
        run.report("loss", "train", 2.0, 1 - accuracy)
        run.say("loading", *([OUT_OF_MEMORY] if name == "dead" else []), "leaving")
        run.end("failed" if name == "dead" else "completed", OUT_OF_MEMORY if name == "dead" else "")


def small(store: Store) -> None:
    """One task in every state, and the three."""
    for status in Status:
        in_state(store, status)
    fill(store)


def many(store: Store) -> None:
    """Thousands of tasks with many metrics, by copying the rows of one; the best stands in the middle of them."""
    pattern = Run(store, "net", {f"Args/{name}": "0.5" for name in ("batch", "epochs", "lr", "momentum", "seed")})
    for title in ("accuracy", "loss", "precision", "recall"):
        pattern.report(title, "val", 0.5)
    pattern.end()
    _multiply(store, pattern.id, MANY // 2)
    fill(store)
    _multiply(store, pattern.id, MANY - MANY // 2 - 4, "e")


def _multiply(store: Store, task: str, count: int, letter: str = "d") -> None:
    ids = [f"{letter}{number:031x}" for number in range(count)]
    with store.write() as tx:
        for table, key in ((tables.task, "id"), (tables.parameter, "task_id"), (tables.task_metric, "task_id")):
            for row in tx.execute(sa.select(table).where(table.c[key] == task)).mappings().all():
                made = [{**row, key: other} for other in ids]
                for number, values in enumerate(made if table is tables.task else ()):
                    values |= {"name": f"net {letter}{number}", "activity": time.time() + 0.001 * number}
                for number, values in enumerate(made if table is tables.task_metric else ()):
                    values |= {"last": 0.9 * number / count, "max": 0.95, "min": 0.1}
                tx.execute(table.insert(), made)


def messy(store: Store) -> None:
    """Names that attack, wide ones, projects without tasks, running tasks."""
    for project in ("empty/one", "empty/two", "名前/空"):
        commands.delete(store, in_state(store, Status.COMPLETED, project=project), by=BY, archived_only=False)
    attacked = [draft(store, f"to attack {n}", lr="0.1") for n in range(4)]
    names = ("\x1b]0;HACKED\x07[/foo]", "\u202edc\x9b2J", "e\u0301" * 60, "\U0001f469\u200d\U0001f52c" * 40)
    with store.write() as tx:
        for task, name in zip(attacked, names, strict=True):
            tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(name=name))
    for number in range(5):
        Run(store, f"実行中 {number} [bold", {"Args/lr": "x" * 3000}).report("accuracy", "val", float("nan"))
    fill(store, "最良 [/x] naïve", "次点 [bold")


async def the_best_again_with_half_its_learning_rate(home: Home, store: Store) -> None:
    to_the_draft, to_its_rate = ["s", "c"], ["slash", *"lr", "enter", "enter", *"/2", "enter", "Q", "enter"]
    await home.keys(to_the_draft[0])
    best = home.table.pages.get(0)
    assert best is not None and best.metric == 0.97
    await home.keys(to_the_draft[1])
    await home.until(lambda: isinstance(home.app.screen, TaskScreen) and home.app.screen.detail is not None)
    made = home.screen.task_id
    await home.keys(*to_its_rate)
    await home.sees("Enqueued")
    with store.read() as connection:
        [row] = tasks.rows(connection, [made])
        values = {p.name: p.value for p in details.parameters(connection, made)}
    assert (row.status, row.parent, row.queue) == ("pending", best.id, "default")
    assert values == {"batch": "128", "epochs": "30", "lr": "0.05", "momentum": "0.9", "seed": "3"}
    assert len(to_the_draft + to_its_rate) <= KEYS
    await home.keys("q", "q")


async def who_ran_out_of_memory(home: Home, store: Store) -> None:
    await home.keys("ctrl+f", *"CUDA out of memory", "enter")
    assert "2 hits in 1 task" in await home.sees("consoles searched")
    await home.keys("j", "enter")
    text = await home.sees(OUT_OF_MEMORY[:40], "✖F dead")
    assert "loading" in text and isinstance(home.screen.pane(), Console)
    await home.keys("escape", "escape")
    assert isinstance(home.app.screen, SearchScreen)
    await home.keys("q")


async def what_two_differ_in(home: Home, store: Store) -> None:
    await home.keys("g", "space", "space", "C", "2")
    assert isinstance(home.app.screen, CompareScreen)
    text = await home.sees("what differs")
    shown = {line.strip(" ≠").split()[0] for line in text.splitlines()[3:-1] if line.strip(" ≠")}
    assert {"lr", "seed"} <= {name.rpartition("/")[2] for name in shown} and "momentum" not in text, text
    await home.keys("q", "u")


async def publish_after_the_name_is_typed(home: Home, store: Store) -> None:
    await home.keys("g", "j")
    row = home.table.current
    assert row is not None and row.metric == 0.96
    await home.keys("P", *"resnet", "enter")
    await home.sees("That is not it; nothing was done.")
    await home.keys("ctrl+u", *row.name, "enter")
    await home.sees("Published")
    with store.read() as connection:
        assert tasks.rows(connection, [row.id])[0].status == "published"
    await home.keys("e")
    await home.sees("Cannot edit", "Published")


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing here may find the user's store or settings; the folder for ours."""
    mine = private_environment(tmp_path, os.environ)
    for name in set(os.environ) - set(mine):
        monkeypatch.delenv(name)
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def store(private: Path) -> Iterator[Store]:
    with open_store(private / "store") as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("seed", [small, many, messy], ids=lambda seed: seed.__name__)
async def test_a_person_gets_there_by_keys_alone(store: Store, seed: Callable[[Store], None]) -> None:
    seed(store)
    async with OnHome(store, (80, 24)) as home:
        await the_best_again_with_half_its_learning_rate(home, store)
        await what_two_differ_in(home, store)
        await publish_after_the_name_is_typed(home, store)
        await who_ran_out_of_memory(home, store)


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.1, 0.2])
def test_over_a_slow_link_keys_mean_what_they_were_meant_for(store: Store, pause: float) -> None:
    """At whatever rhythm they are typed: none goes to a screen that is only just on its way, or past it."""
    fill(store)
    with session([sys.executable, "-P", "-m", "tui.cli"], (80, 24), rate=20_000) as opened:
        opened.sees(SECOND)
        for key in "sc/lr\r\r\x150.05\rQ\r":
            opened.press(key)
            until = time.monotonic() + pause
            while (left := until - time.monotonic()) > 0:
                opened.read(left)
        opened.sees("Enqueued")
    with store.read() as connection:
        [made] = connection.execute(sa.select(tables.task.c.id).where(tables.task.c.status == "pending")).scalars()
    assert _lr(store, made) == "0.05"


@pytest.mark.slow
def test_what_is_typed_before_anything_is_seen_is_not_lost(store: Store) -> None:
    fill(store)
    with session([sys.executable, "-P", "-m", "tui.cli"], (80, 24)) as opened:
        opened.press("jj\r")
        opened.sees("1 over")
        opened.sees(BEST)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["its terminal is closed", "it is killed"])
def test_an_edit_that_a_dropped_link_cut_short_is_offered_again(store: Store, private: Path, how: str) -> None:
    task = draft(store, "名前 [/x]", batch="128", lr="0.1")
    with dashboard(private) as terminal:
        terminal.wait("名前")
        terminal.press("\r", "1 over")
        terminal.press("2", "batch")
        terminal.press("j\r\x150.0375", "0.0375")
        terminal.wait(lambda: any("0.0375" in file.read_text() for file in unsaved.folder().glob("*.unsaved")))
        eventually(lambda: file_of().exists() and task in file_of().read_text(), what="where one stands")
        if how == "it is killed":
            terminal.child.kill()
        else:
            terminal.hang_up()
        terminal.child.wait(timeout=20)
    assert _lr(store, task) == "0.1"
    with dashboard(private) as terminal:
        terminal.wait("Unsaved text of Args/lr")
        terminal.wait(lambda: all(text in terminal.text() for text in ("typed   '0.0375'", "before  '0.1'", "take it")))
        terminal.press("\r", "Enter saves it")
        terminal.press("\r", lambda: _lr(store, task) == "0.0375")
    assert not list(unsaved.folder().glob("*.unsaved"))


def _lr(store: Store, task: str) -> str:
    with store.read() as connection:
        return {p.name: p.value for p in details.parameters(connection, task)}["lr"]


@contextmanager
def dashboard(folder: Path) -> Iterator[Terminal]:
    """The program itself, on a terminal."""
    environ = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    terminal = Terminal([sys.executable, "-P", "-m", "tui.cli"], environ, folder)
    try:
        yield terminal
    finally:
        terminal.close()
