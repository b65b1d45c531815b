"""Search everywhere, by keys over a real store."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events

from store import commands
from store.engine import Store
from store.queries import search as store_search
from tests.tui.at_home import Home, OnHome
from tests.tui.made import BY, OnTask, Run, draft, new_store
from tui import search_data
from tui.look import Look
from tui.screens.search import SearchScreen
from tui.screens.task import TaskScreen
from tui.widgets.console import Console
from tui.widgets.results import around


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def screen(home: Home) -> SearchScreen:
    shown = home.app.screen
    assert isinstance(shown, SearchScreen), shown
    return shown


async def search(home: Home, text: str) -> str:
    """Search from the home screen and wait for the end of it."""
    await home.keys("ctrl+f")
    await home.press(*text, "enter")
    await home.calm()
    return home.text()


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines()[1:-1] if line.strip()]


async def test_fields_come_before_consoles_each_with_its_task(store: Store) -> None:
    run = Run(store, "the bridge run", {"Args/bridge": "steel"})
    run.say("crossing", "a Bridge of 12 spans", "done")
    commands.tag(store, run.id, by=BY, add=("bridges",))
    async with OnHome(store) as home:
        text = await search(home, "bridge")
        assert "4 hits in 1 task  1 console searched" in text
        assert [line.split()[4] for line in lines(text)] == ["Args/bridge", "name", "tag", "line"]
        assert "a Bridge of 12 spans" in lines(text)[3]


async def test_enter_opens_the_console_on_the_line(store: Store) -> None:
    run = Run(store, "long run")
    run.say(*[f"step {n}" for n in range(5000)], "RuntimeError: CUDA out of memory", *[f"end {n}" for n in range(5000)])
    async with OnHome(store, look=Look(colour=False)) as home:
        await search(home, "cuda.*memory")
        await home.press("enter")
        text = await home.sees("RuntimeError: CUDA out of memory", "step 4999", "end 0", "1 of 1")
        assert isinstance(home.app.screen, TaskScreen) and home.app.screen.tab == "console"
        pane = home.app.screen.pane()
        assert isinstance(pane, Console) and pane.matches is not None and pane.matches.current == 5000
        assert text.splitlines()[3:-1]
        await home.keys("escape", "escape")
        assert "cuda.*memory" in home.text().splitlines()[0] and isinstance(home.app.screen, SearchScreen)


async def test_tasks_of_the_same_name_are_told_apart_by_their_ids(store: Store) -> None:
    one, other, third = (draft(store, name, depth="needle") for name in ("twin", "twin", "alone"))
    async with OnHome(store) as home:
        text = await search(home, "needle")
        assert one[:8] in text and other[:8] in text and third[:8] not in text


async def test_upper_case_finds_and_shows_lower_case_too(store: Store) -> None:
    Run(store, "shouting").say("one", "an Error here", "two")
    async with OnHome(store) as home:
        await search(home, "ERROR")
        await home.press("enter")
        await home.sees("an Error here", "1 of 1")


async def test_enter_opens_the_tab_of_the_field(store: Store) -> None:
    task = draft(store, "a quiet one", depth="32")
    commands.describe(store, task, by=BY, comment="beside the river")
    async with OnHome(store) as home:
        for text, tab, shown in (
            ("32", "configuration", "/32 1 of 1"), ("args/depth", "configuration", "/depth 1 of 1"),
            ("river", "overview", "/river 1 of 1"), ("quiet", "overview", "a quiet one"),
        ):  # fmt: skip
            await search(home, text)
            await home.press("enter")
            await home.until(lambda name=tab: getattr(home.app.screen, "tab", "") == name)  # type: ignore[misc]
            await home.sees(shown)
            while home.app.screen is not home.home:
                await home.keys("escape")


async def test_it_says_what_is_not_listed(store: Store) -> None:
    for name in ("the one", "the other"):
        Run(store, name).say(*(f"needle {n}" for n in range(40)))
    Run(store, "the third").say("one needle")
    async with OnHome(store) as home:
        text = await search(home, "needle")
        assert "41+ hits in 3 tasks  3 consoles, first 20 lines each" in text
        assert [line for line in lines(text) if "line 20+       needle 19" in line] == lines(text)[20:21]
        await home.keys("escape")
        assert "1 hit in 1 task  3 consoles searched" in await search(home, "one needle")
        for _ in range(201):
            draft(store, "a needle")
        await home.keys("escape")
        text = await search(home, "needle")
        assert "241+ hits in 203 tasks  3 consoles, first 200 fields, first 20 lines each" in text


async def test_of_more_than_a_thousand_hits_it_says_that_they_are_not_all(store: Store) -> None:
    for n in range(51):
        Run(store, f"run {n}").say(*(f"needle {n}" for n in range(20)))
    async with OnHome(store, (80, 24)) as home:
        assert "1,000+ hits in 50 tasks  51 consoles, first 1,000 hits  " in await search(home, "needle")


async def test_what_is_typed_ahead_is_searched_for(store: Store) -> None:
    Run(store, "the run").say("a quick word")
    async with OnHome(store) as home:
        for key in ("ctrl+f", *"quick", "enter"):
            home.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await home.sees("search quick", "1 hit in 1 task")


async def test_archived_tasks_are_found(store: Store) -> None:
    task = draft(store, "put away")
    commands.archive(store, task, by=BY)
    async with OnHome(store) as home:
        assert "1 hit in 1 task" in await search(home, "put away")


async def test_nothing_found_and_an_expression_that_is_none(store: Store) -> None:
    Run(store, "the run (a)").say("loss (a) 0.1")
    async with OnHome(store) as home:
        assert "Nothing found." in await search(home, "nowhere")
        await home.keys("slash")
        await home.press(*"(a", "enter")
        text = await home.sees("Invalid search '(a'", "the consoles were not searched")
        assert "the run (a)" in text and "1 hit in 1 task" in text


async def test_the_command_line_searches_from_every_screen(store: Store) -> None:
    run = Run(store, "the run")
    run.say("out of memory")
    async with OnTask(store, run.id) as opened:
        await opened.press(":", *"search out of memory", "enter")
        await opened.sees("search out of memory", "1 hit in 1 task", "line 1")


async def test_the_last_searches_come_back_with_up_and_down(store: Store) -> None:
    async with OnHome(store) as home:
        for text in ("first", "second", "first"):
            await search(home, text)
            await home.keys("escape")
        assert home.app.searched == ["second", "first"]
        await home.keys("ctrl+f", "up", "up", "enter")
        assert home.text().splitlines()[0].startswith(" search second")
        await home.keys("slash", "up", "up", "down", "enter")
        assert home.app.searched == ["first", "second"]


async def test_esc_leaves_the_empty_screen_at_once(store: Store) -> None:
    async with OnHome(store) as home:
        await home.keys("ctrl+f")
        await home.sees("Type what to look for")
        await home.keys("escape")
        assert home.app.screen is home.home


class Busy:
    """Keeps the threads that ask the store busy until it is let go."""

    def __init__(self, home: Home) -> None:
        self.free = threading.Event()
        read = home.app.data.read
        self.work = [asyncio.ensure_future(read(lambda connection: self.free.wait(30))) for _ in range(2)]

    async def end(self) -> None:
        self.free.set()
        await asyncio.gather(*self.work)


async def test_esc_stops_the_search_and_leaves_when_pressed_again(store: Store) -> None:
    Run(store, "the run").say("a word")
    async with OnHome(store) as home:
        await home.keys("ctrl+f")
        busy = Busy(home)
        await home.press(*"word", "enter")
        await home.sees("searching…  Esc stops", "Still searching.")
        await home.press("escape")
        await home.until(lambda: "Esc stops" not in home.text())
        shown = screen(home)
        await busy.end()
        await home.sees("0 of 1 consoles, stopped", "Nothing found.")
        await home.keys("escape")
        assert home.app.screen is home.home and not shown.searching


async def test_leaving_ends_the_work(store: Store) -> None:
    Run(store, "the run").say("a word")
    async with OnHome(store) as home:
        await home.keys("ctrl+f")
        busy = Busy(home)
        await home.press(*"word", "enter")
        await home.sees("Esc stops")
        shown = screen(home)
        shown.dismiss()
        await home.until(lambda: home.app.screen is home.home)
        assert shown._stop.is_set() and all(worker.is_finished for worker in home.app.workers if worker.node is shown)
        await busy.end()
        await home.calm()


async def test_a_new_search_takes_the_place_of_the_one_under_way(store: Store) -> None:
    run = Run(store, "the run")
    run.say("first word", "second word")
    async with OnHome(store) as home:
        await home.keys("ctrl+f")
        busy = Busy(home)
        await home.press(*"first", "enter")
        await home.sees("Still searching.")
        await home.press("slash", *"second", "enter")
        await home.sees("search second")
        await busy.end()
        text = await home.sees("1 hit in 1 task", "1 console searched")
        assert "second word" in text and "first word" not in text


async def test_progress_is_shown_and_hits_as_they_come(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_data, "SLICE", 0.0)
    for n in range(40):
        Run(store, f"run {n}").say("nothing", "the needle")
    async with OnHome(store) as home:
        await home.keys("ctrl+f")
        busy = Busy(home)
        await home.press(*"needle", "enter")
        shown = screen(home)
        await busy.end()
        seen: set[tuple[str, int]] = set()
        while shown.searching:
            seen.add((home.text().splitlines()[0].partition("Esc")[0], len(shown.results.hits)))
            await asyncio.sleep(0.001)
        assert len(seen) > 2 and any(0 < hits < 40 for _, hits in seen)
        assert any(re.search(r"\d+ of 40 consoles", line) for line, _ in seen)
        await home.sees("40 hits in 40 tasks", "40 consoles searched")


def test_a_search_that_is_given_up_reads_no_further(store: Store) -> None:
    run = Run(store, "the run")
    for n in range(8):
        run.say(f"needle {n}")
    asked = iter([False, False, True])
    with store.read() as connection:
        found = store_search.lines(connection, run.id, "needle", given_up=lambda: next(asked))
    assert [hit.text for hit in found] == ["needle 0", "needle 1"]


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 12), (20, 6)])
async def test_at_every_size_and_in_ascii(store: Store, size: tuple[int, int]) -> None:
    Run(store, "the run with 中文 in it", {"Args/word": "needle \x1b[31m in a haystack"}).say(
        "x" * 500 + "needle", "needle"
    )
    async with OnHome(store, size, look=Look(ascii=size[0] < 80, colour=size[0] > 80)) as home:
        text = await search(home, "needle")
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert "\x1b" not in text
        await home.pilot.resize_terminal(size[0] + 9, size[1] + 5)
        await home.keys("G", "g")


def test_a_long_line_is_shown_from_a_little_before_the_place() -> None:
    row = around("x" * 300 + "needle" + "y" * 300, re.compile("NEEDLE", re.IGNORECASE), 60, ascii_only=False)
    assert "".join(text for text, _ in row)[:31] == "…" + "x" * 24 + "needle"
    assert row[1][0] == "needle"
    assert around("nothing", re.compile("z"), 60, ascii_only=True)[2][0] == "nothing"
