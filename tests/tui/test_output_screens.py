"""Every screen, drawn through the stage and by Textual itself: both terminals show the same, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import commands
from store.engine import Store
from store.lifecycle import Status
from tests.tui.at_home import OnHome, in_state, running
from tests.tui.both import Both, both  # noqa: F401 - the fixture
from tests.tui.made import BY, OnTask, Opened, Run, curve
from tests.tui.terminals import differences, in_tmux
from tui.look import Look

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
            assert [*differences(staged, stock)] == [], tab
