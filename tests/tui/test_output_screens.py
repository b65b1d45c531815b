"""Every screen, drawn through the stage and by Textual itself: both terminals show the same, cell by cell."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from store import commands, queues
from store.engine import Store
from store.lifecycle import Status
from store.records import WorkerRow
from tests.tui.at_home import OnHome, in_state, running
from tests.tui.both import Both, both  # noqa: F401 - the fixture
from tests.tui.made import BY, OnTask, Opened, Run, curve
from tests.tui.terminals import in_tmux, told
from tui.compare import TABS as COMPARED
from tui.look import Look
from tui.tabs import TABS

pytestmark = pytest.mark.usefixtures("both")
HOSTILE = "名前が長い タスク é\u0301 ✔ \U0001f680 wide"


def same(opened: Opened, stock_ratio: float = 1.0) -> None:
    app = opened.app
    assert isinstance(app, Both)
    assert app.differs() == []
    assert app.staged.size <= app.stock.size * stock_ratio


async def step(opened: Opened, *keys: str) -> None:
    """Press keys one by one; after each, both terminals show the same."""
    for key in keys:
        await opened.press(key)
        await opened.until(lambda: opened.app.is_calm, "a calm app")
        same(opened)


def filled(store: Store) -> Run:
    run = Run(store, HOSTILE, {"Args/lr": "0.1", "Args/name": "小さい値", "Args/text": "a\nb"})
    run.report("loss", "train", *curve(200))
    run.report("accuracy", "val", *curve(50, 0.1, 0.9))
    run.say(*(f"line {n} of the console, {'x' * (n % 40)}" for n in range(300)), "\x1b[31mred\x1b[0m 赤い \x1b[1mbold")
    return run


@pytest.mark.parametrize("size", [(80, 24), pytest.param((160, 48), marks=pytest.mark.slow)])
async def test_home_with_its_dialogs(store: Store, size: tuple[int, int]) -> None:
    for status in Status:
        in_state(store, status)
    running(store, [HOSTILE, *(f"task {n}" for n in range(60))])
    async with OnHome(store, size) as home:
        same(home)
        await step(home, *"jjjjkk", "G", "g", "ctrl+d", "pagedown", "pageup", "question_mark", "escape")
        await step(home, "colon", *"theme", "space", *"light", "enter", *"jj", "tab", "j", "slash", *"task", "enter")
        await step(home, "space", "j", "space", "t", "escape", "u", "tab", "s", "S", "escape", "R", "escape")
        same(home, 0.5)


@pytest.mark.parametrize("size", [(80, 24), pytest.param((160, 48), marks=pytest.mark.slow)])
async def test_every_tab_of_a_task(store: Store, size: tuple[int, int]) -> None:
    run = filled(store)
    async with OnTask(store, run.id, size=size) as opened:
        await step(
            opened, *"12345", *"jjk", "4", "g", *"jjjkk", "pagedown", "pageup", "G", "slash", *"line", "enter", "n"
        )
        run.say(*(f"one more {n}" for n in range(7)))
        await opened.until(lambda: opened.app.is_calm)
        await step(opened, "5", "j", "x", "L", "2", "j", "question_mark", "escape", "q", "j", "enter", "escape")
        same(opened, 0.5)


async def test_every_tab_has_its_help(store: Store) -> None:
    run = filled(store)
    run.report(":monitor:machine", "cpu %", *(50.0 + n % 7 for n in range(60)))
    run.end()
    async with OnTask(store, run.id, size=(80, 24)) as opened:
        for tab in TABS:
            await step(opened, str(tab.digit), "question_mark", "G", "escape")
        await step(
            opened, "8", "enter", "right", "right", "plus", "0", "9", "w", "P", "n", "escape", "Y", "tab", "escape"
        )
        same(opened, 0.6)


async def test_several_tasks_compared(store: Store) -> None:
    for n in range(3):
        run = Run(store, f"{HOSTILE} {n}", {"Args/lr": f"0.{n + 1}", "Args/epochs": "3"})
        run.report("loss", "train", *curve(40, 2.0, 0.1 * (n + 1)))
        run.say("loading", f"epoch 1 loss {n}.5", "赤い")
    async with OnHome(store, (80, 24)) as home:
        await step(home, "space", "space", "space", "C")
        for tab in COMPARED:
            await step(home, str(tab.digit), "greater_than_sign", "j", "question_mark", "escape")
        same(home, 0.6)


async def test_queues_search_settings_and_what_asks(store: Store) -> None:
    filled(store).end("failed", "赤い Error")
    for status in Status:
        in_state(store, status)
    now = time.time()
    queues.register(store, WorkerRow("w" * 32, "名前 agent", "gpu1", "ada", 7, ["default"], None, "idle", now, now))
    async with OnHome(store, (80, 24)) as home:
        await step(home, "W", "j", "n", "escape", "tab", "d", "escape", "tab", "question_mark", "escape", "q")
        await step(home, "ctrl+f", *"line 7", "enter", "j", "question_mark", "escape", "enter", "q", "q", "q")
        await step(home, "comma", "j", "G", "g", "question_mark", "escape", "q")
        await step(home, "ctrl+p", *"arch", "down", "escape", "vertical_line", "space", "j", "J", "escape")
        await step(home, "colon", *"comment", "enter", "x", "enter", "y", "escape", "colon", *"new", "enter", "escape")
        same(home, 0.6)


async def test_after_growing_and_shrinking(store: Store) -> None:
    run = filled(store)
    async with OnHome(store, (100, 30)) as home:
        for size in ((140, 45), (60, 15), (200, 50), (80, 24)):
            await home.pilot.resize_terminal(*size)
            await home.until(lambda size=size: home.app.screen.size == size)  # type: ignore[misc]
            await step(home, "j", "question_mark", "escape")
        run.say("still running")
        await step(home, "k")


async def test_live_rows(store: Store) -> None:
    runs = [Run(store, f"run {n}") for n in range(10)]
    async with OnHome(store, (120, 30)) as home:
        for n in range(1, 6):
            for run in runs:
                run.report("loss", "train", 1 / n)
            await home.sees(f"{1 / n:.4g}"[:5])
            same(home)
        commands.abort(store, runs[0].id, by=BY)
        await step(home, "j")


@pytest.mark.parametrize("look", [Look(ascii=True), Look(colour=False)])
async def test_other_looks(store: Store, look: Look) -> None:
    running(store, [HOSTILE, "two"])
    async with OnHome(store, look=look) as home:
        await step(home, "j", "question_mark", "escape")


@pytest.mark.slow
async def test_tmux_shows_the_same_too(store: Store, tmp_path: Path) -> None:
    run = filled(store)
    async with OnTask(store, run.id, size=(100, 30)) as opened:
        for tab in "12345":
            await step(opened, tab)
            app = opened.app
            assert isinstance(app, Both)
            staged = in_tmux(tmp_path / f"staged{tab}", "".join(app.staged.fed), 100, 30)
            stock = in_tmux(tmp_path / f"stock{tab}", "".join(app.stock.fed), 100, 30)
            assert [*map(told, staged.cells())] == [*map(told, stock.cells())], tab
