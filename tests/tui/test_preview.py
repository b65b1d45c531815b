"""The preview below the table: a metric's course and the console's end, live, read once and never for nothing."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store.engine import Store
from tests.support import counted
from tests.tui.at_home import Home, OnHome, running
from tests.tui.made import Run, curve, draft
from tui import glimpse
from tui.look import Look
from tui.screens import home_preview
from tui.spark import course, sparkline
from tui.widgets.preview import Preview


def preview(home: Home) -> list[str]:
    """Return the lines of the preview."""
    lines = home.text().splitlines()
    height = home.home.query_one(Preview).size.height
    return lines[-1 - height : -1]


async def test_it_follows_the_cursor_and_the_task_and_asks_nothing_twice(store: Store) -> None:
    quiet = Run(store, "the quiet one")
    quiet.report("loss", "train", *curve(500))
    quiet.say("\x1b[31mepoch 1\x1b]0;evil\x07 done", "   ")
    draft(store, "a draft")
    async with OnHome(store, (80, 24)) as home:
        assert "reported and printed nothing" in preview(home)[1]
        await home.keys("j")
        assert home.table.current is not None and home.table.current.name == "the quiet one"
        facts, line = preview(home)
        assert facts.split()[0] == quiet.id[:8]
        assert "loss/train █" in line and "▁ 0.2000" in line and line.endswith("epoch 1 done")
        data_store = home.app.data._store
        assert data_store is not None
        with counted(data_store.reader) as seen:
            await home.keys("k", "j", "k", "j")
        assert seen.statements == [], "what has not changed is not read again"
        with counted(data_store.reader) as seen:
            quiet.report("loss", "train", 4.0)
            await home.until(lambda: "4.000" in preview(home)[1], "the new value")
        assert len(seen.statements) <= 3, seen.statements
        assert "▁" in preview(home)[1] and "█ 4.000" in preview(home)[1]
        quiet.say("epoch 2 done")
        await home.until(lambda: preview(home)[1].endswith("epoch 2 done"), "the new line")
        with counted(data_store.reader) as seen:
            await asyncio.sleep(1.3)  # longer than its pace
        assert seen.statements == []
        await home.keys("p")
        assert len(preview(home)) == 1
        with counted(data_store.reader) as seen:
            await home.keys("k", "j")
        assert seen.statements == []


async def test_what_changes_under_a_cursor_that_stands_is_asked_for_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store, "the task")
    run.say("epoch 1 done")
    async with OnHome(store, (80, 24)) as home:
        await home.until(lambda: preview(home)[1].endswith("epoch 1 done"), "its line")
        monkeypatch.setattr(home_preview, "REST", 60.0)
        run.say("epoch 2 done")
        await home.until(lambda: preview(home)[1].endswith("epoch 2 done"), "the new line")


async def test_a_task_that_changes_all_the_time_is_read_with_its_changes_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store, "the task")
    run.report("loss", "train", *curve(20))
    asked: list[str] = []
    glance = glimpse.glance

    def counting(*known: Any) -> glimpse.Glimpse:
        asked.append(threading.current_thread().name)
        return glance(*known)

    async with OnHome(store, (120, 30)) as home:
        await home.until(lambda: "0.2000" in preview(home)[1], "what it has reported")
        monkeypatch.setattr(glimpse, "glance", counting)
        while len(asked) < 3:
            before = home.app.data.rev
            run.report("loss", "train", 0.5)
            await home.until(lambda seen=before: home.app.data.rev > seen, "the change")  # type: ignore[misc]
        assert {*asked} == {"feed"}
        run.report("loss", "train", 4.0)
        await home.until(lambda: "4.000" in preview(home)[1], "the last value, which no change follows")


async def test_of_a_store_that_an_older_copy_replaces_the_preview_shows_what_is_in_that(
    store: Store, tmp_path: Path
) -> None:
    run = Run(store, "the task")
    run.say("from the copy")
    database = store.location.database
    with closing(sqlite3.connect(database)) as now, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        now.backup(copy)
    for n in range(5):
        run.say(f"later line {n}")
    async with OnHome(store, (120, 40)) as home:
        await home.until(lambda: "later line 4" in home.text(), "the last line")
        for log in ("-wal", "-shm"):
            database.with_name(database.name + log).unlink(missing_ok=True)
        (tmp_path / "copy.db").replace(database)
        await home.until(lambda: "from the copy" in home.text(), "the line of the copy")
        await home.calm()
        opened = home.app.data._store
        assert opened is not None and "later line" not in home.text()
        with counted(opened.reader) as seen:
            await asyncio.sleep(2 * home_preview.PATIENCE)
        assert seen.statements == []


async def test_a_change_is_shown_in_one_frame_with_the_glimpse_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store, "the task")
    run.report("loss", "train", *curve(20))
    monkeypatch.setattr(home_preview, "PACE", 0.0)
    async with OnHome(store, (120, 30)) as home:
        frames: list[tuple[int, int]] = []
        values = (4.125, 5.125, 6.125)

        def framed() -> None:
            frames.extend((n, home.text().count(str(value))) for n, value in enumerate(values))

        home.app.drawn = framed
        for n, value in enumerate(values):
            run.report("loss", "train", value)
            await home.until(lambda n=n: (n, 2) in frames, "the value in the table and below it")  # type: ignore[misc]
        assert {count for _, count in frames} == {0, 2}, frames


async def test_the_course_of_many_points_at_once_is_the_one_a_new_dashboard_shows(store: Store) -> None:
    run = Run(store, "the task")
    run.report("loss", "train", *[0.0] * 8)
    async with OnHome(store, (80, 24)) as home:
        assert "loss/train ▄▄▄▄▄▄▄▄ 0" in preview(home)[1]
        run.report("loss", "train", *[5.0] * 1500, *[1.0] * 492)
        await home.until(lambda: " 1.000" in preview(home)[1], "the newest value")
        seen = preview(home)[1]
    async with OnHome(store, (80, 24)) as home:
        assert preview(home)[1] == seen
    assert seen.count("█") > 3 and seen.count("▁") > 1


async def test_a_wide_screen_has_a_pane_and_a_low_one_shows_it_when_asked(store: Store) -> None:
    run = Run(store, "the task")
    run.report("loss", "train", *curve(50))
    run.say("one", "two", "three", "four")
    running(store, ["nothing yet"])
    async with OnHome(store, (140, 40)) as home:
        await home.keys("j")
        assert [line.strip() for line in preview(home)[2:]] == ["two", "three", "four"]
        await home.keys("p")
        assert len(preview(home)) == 1
    async with OnHome(store, (80, 16), look=Look(ascii=True, colour=False)) as home:
        await home.keys("j")
        assert len(preview(home)) == 1
        await home.keys("p")
        assert preview(home)[1].endswith("four") and "loss/train #" in preview(home)[1]
        assert home.text().isascii()


async def test_a_task_without_the_main_metric_shows_its_first_and_a_reset_one_begins_anew(store: Store) -> None:
    for n in range(2):
        Run(store, f"like most {n}").report("loss", "train", 1.0)
    other = Run(store, "the other")
    other.report(":monitor:machine", "cpu", 50.0)
    other.report("reward", "mean", 3.0, 7.0)
    async with OnHome(store, (80, 24)) as home:
        await home.until(lambda: home.names[0] == "the other", "the newest on top")
        assert "reward/mean ▁█ 7.000" in preview(home)[1]
        other.report("reward", "mean", 9.0)
        await home.until(lambda: "9.000" in preview(home)[1], "the new value")


def test_sparklines() -> None:
    assert sparkline([0.0, 1.0, 2.0, 3.0], 10) == "▁▃▆█"
    assert sparkline([1.0, float("nan"), 1.0], 10) == "▄×▄"
    assert len(sparkline([float(n) for n in range(1000)], 40)) <= 40
    assert sparkline([], 10) == ""
    assert sparkline([0.0, 1.0, float("inf")], 10, ascii_only=True) == "_#x"


@given(st.lists(st.floats(), max_size=30), st.integers(1, 12))
@example([-1.2e308, 1.2e308], 12)
@example([1.7e308, 1.7e308, -1.7e308], 2)
@example([1.7976931348623157e308] * 3, 1)
@example([0.0, 5e-324], 12)
def test_a_line_of_any_values_marks_only_what_is_no_number(values: list[float], width: int) -> None:
    finite = [value for value in values if math.isfinite(value)]
    assert len(sparkline(values, width)) <= width
    assert "×" not in sparkline(finite, width)
    assert sparkline([-1.2e308, 0.0, 1.2e308], 3) == "▁▅█"


def test_a_point_more_leaves_a_course_as_it_is() -> None:
    points = [(float(n), float(n % 7)) for n in range(1000)]
    for n in (3, 301, 998):
        drawn = course(points[:n], 24)
        assert 0 < len(drawn) <= 24
        assert course(points[: n + 1], 24)[: len(drawn) - 1] == drawn[:-1]
        assert drawn[-1] == points[n - 1][1]
    assert course([(0.0, 1.0), (100.0, 2.0), (250.0, 3.0)], 5) == [1.0, 2.0, 2.0, 3.0]
    assert course([], 5) == []
