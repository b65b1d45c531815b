"""Ceilings for what is sent at 200x50 in true colour: bytes are the same on every machine."""

from __future__ import annotations

import asyncio
import time

import pytest

from store import clock
from store.engine import Store
from tests.tui.at_home import Home, OnHome, running
from tests.tui.both import Both, both  # noqa: F401 - the fixture
from tests.tui.made import OnTask, Opened, Run, curve
from tests.tui.test_actions import row_of

pytestmark = pytest.mark.usefixtures("both")
SIZE = (200, 50)


def sent(opened: Opened) -> tuple[int, int]:
    """Bytes sent so far, and what Textual would have sent."""
    app = opened.app
    assert isinstance(app, Both)
    return app.staged.size, app.stock.size


async def after(opened: Opened, seen: str) -> None:
    """Wait until a text is on the screen, and all that is drawn with it."""
    await opened.sees(seen)
    await opened.until(lambda: opened.app.is_calm)
    await asyncio.sleep(0.1)


async def test_to_start_and_to_move_the_cursor(store: Store) -> None:
    running(store, [f"resnet lr={n}e-5 seed {n}" for n in range(100)])
    async with OnHome(store, SIZE) as home:
        start, stock = sent(home)
        assert start <= 15_000
        assert start < stock / 5
        assert await cost(home, "j") <= 800
        assert await cost(home, "pagedown") <= 9_000


async def cost(home: Home, key: str) -> int:
    before = sent(home)[0]
    await home.keys(key)
    return sent(home)[0] - before


async def test_ten_live_tasks(store: Store) -> None:
    runs = [Run(store, f"live {n}") for n in range(10)]
    for run in runs:
        run.report("loss", "train", *curve(100))
    async with OnHome(store, SIZE) as home:
        await after(home, "live 9")
        for tick in range(3):
            before, stock_before = sent(home)
            for n, run in enumerate(runs):
                run.report("loss", "train", 0.5 + tick * 0.0127 + n * 0.01)
            await after(home, f"{0.59 + tick * 0.0127:.4g}")
            staged, stock = sent(home)
            assert staged - before <= 500  # two looks at the store: one of them costs 400
            assert stock - stock_before > 4_000


async def test_a_live_chart(store: Store) -> None:
    run = Run(store, "charted")
    run.report("loss", "train", *curve(100))
    async with OnTask(store, run.id, "scalars", size=SIZE) as opened:
        await after(opened, "loss")
        before = sent(opened)[0]
        for _ in range(3):
            run.report("loss", "train", 0.7)
            await asyncio.sleep(1)
        assert sent(opened)[0] - before <= 15_000


async def test_a_console_of_a_hundred_lines_a_second(store: Store) -> None:
    run = Run(store, "talkative")
    lines = [f"epoch {n} step {n * 17} loss {n / 7:.4f} lr 0.001 and some more words" for n in range(400)]
    run.say(*lines[:200])
    async with OnTask(store, run.id, "console", size=SIZE) as opened:
        await after(opened, "epoch 199")
        before, stock_before = sent(opened)
        for n in range(200, 400, 20):
            run.say(*lines[n : n + 20])
            await asyncio.sleep(0.2)
        await after(opened, "epoch 399")
        staged, stock = sent(opened)
        assert staged - before <= 30_000
        assert staged - before < (stock - stock_before) / 8


async def test_a_dialog_sends_itself_and_not_the_screen_below_it(store: Store) -> None:
    run = Run(store, "talkative")
    run.say(*(f"epoch {n} step {n * 17} loss {n / 7:.4f} lr 0.001 and some more words" for n in range(200)))
    async with OnTask(store, run.id, "console", size=SIZE) as opened:
        await after(opened, "epoch 199")
        before = sent(opened)[0]
        await opened.press("question_mark")
        await after(opened, "Esc close")
        assert sent(opened)[0] - before <= 3_500
        before = sent(opened)[0]
        await opened.press("escape")
        await opened.until(lambda: "Esc close" not in opened.text())
        assert sent(opened)[0] - before <= 3_500


async def test_a_task_that_is_left_open_is_said_to_be_older_in_minute_steps(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.MINUTE_TICK", 0.02)
    run = Run(store, "the ended one")
    run.tell(e="artifact", name="weights", uri="file:///nowhere", size=4, time=time.time())
    run.end()
    now = row_of(store, run.id).activity + 125.0
    monkeypatch.setattr(clock, "now", lambda: now)
    async with OnTask(store, run.id, "artifacts", SIZE) as opened:
        seen = await opened.sees(" 2m", "weights")
        before = sent(opened)[0]
        now += 50
        await asyncio.sleep(0.5)
        assert (opened.text(), sent(opened)[0]) == (seen, before)
        now += 6 * 60
        await opened.until(lambda: opened.text().count(" 8m") == 2 and " 2m" not in opened.text(), "both ages moved")
        assert 0 < sent(opened)[0] - before < 200
