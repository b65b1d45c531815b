"""The task screen as a whole: tabs, header, verbs, changes of the store, narrow and plain terminals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store import clock, commands
from store.engine import Store, current_rev
from store.lifecycle import Status
from store.queries import details, tasks
from store.records import Changes, TaskDetail
from tests.support import counted
from tests.tui.at_home import OnHome
from tests.tui.made import BY, OnTask, Run, curve, draft, new_store
from tui.data import Data
from tui.look import Look
from tui.messages import StoreChanged
from tui.screens.task import Fresh, TaskScreen
from tui.tabs import TABS, overview
from tui.task_data import TaskSource
from tui.widgets.configuration import Configuration


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def status(store: Store, task: str) -> str:
    with store.read() as connection:
        return tasks.rows(connection, [task])[0].status


def newest(store: Store) -> int:
    with store.read() as connection:
        return current_rev(connection)


def full(store: Store) -> Run:
    run = Run(store, parameters={"Args/lr": "0.1"})
    run.report("loss", "train", *curve(50))
    run.report(":monitor:machine", "cpu", 1.0, 2.0)
    run.say("hello", "world")
    return run


async def test_tabs_by_digit_and_by_brackets(store: Store) -> None:
    async with OnTask(store, full(store).id) as opened:
        for tab in TABS:
            await opened.press(str(tab.digit))
            await opened.until(lambda name=tab.name: opened.screen.tab == name)  # type: ignore[misc]
        await opened.press("right_square_bracket")
        await opened.until(lambda: opened.screen.tab == "overview")
        await opened.press("left_square_bracket")
        await opened.until(lambda: opened.screen.tab == "history")


async def test_in_a_text_too_matches_are_counted_from_where_one_looks(store: Store) -> None:
    task = draft(store, **{f"name{n:03}": str(n) for n in range(300)})
    async with OnTask(store, task, "configuration") as opened:
        await opened.press("slash", *"name..5 ", "enter", "n", "n")
        await opened.sees("name025", "3 of 30")
        await opened.press("G", "N")
        await opened.sees("name295", "30 of 30")
        await opened.press("g", "n")
        await opened.sees("name005", "1 of 30")


async def test_l_goes_to_the_console_from_every_tab(store: Store) -> None:
    async with OnTask(store, full(store).id, "scalars") as opened:
        for tab in TABS:
            opened.screen.open_tab(tab.name)
            await opened.press("l")
            await opened.sees("world", "2 lines")
            assert opened.screen.tab == "console"


async def test_l_opens_the_console_of_the_task_one_looks_at(store: Store) -> None:
    for name in ("one", "two", "three"):
        Run(store, f"task {name}").say(f"hello from {name}")
    waiting = draft(store)
    commands.enqueue(store, waiting, by=BY)
    async with OnHome(store) as home:
        await home.keys("j", "space", "l")
        await home.sees("task two", "hello from two")
        assert isinstance(home.app.screen, TaskScreen) and home.app.screen.tab == "console"
        await home.keys("q", "tab")
        assert "Go to the tasks (Tab) first." in await home.keys("l")
        await home.keys("tab", "space", "C", "greater_than_sign", "l")
        await home.sees("task two", "hello from two")
        await home.keys("q", "q", "W")
        assert "There is no task on this line." in await home.keys("l")
        await home.keys("j", "l")
        assert isinstance(home.app.screen, TaskScreen) and home.app.screen.task_id == waiting
        await home.sees("Nothing printed yet.")


async def test_a_console_takes_the_whole_screen_and_gives_it_back(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n:03}" for n in range(100)))
    async with OnTask(store, run.id, "console", (80, 24)) as opened:
        assert (await opened.sees("line 099")).count("line ") == 20
        await opened.press("plus")
        await opened.until(lambda: opened.text().count("line ") == 23)
        await opened.press("escape")
        await opened.sees("2 config", "f follow")
        assert opened.app.screen is opened.screen


async def test_panes_are_made_when_first_opened(store: Store) -> None:
    async with OnTask(store, full(store).id, "overview") as opened:
        await opened.sees("hello")
        assert [pane.id for pane in opened.screen.query("#panes > *")] == ["pane-overview"]


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 12), (20, 6)])
async def test_every_tab_at_every_size(store: Store, size: tuple[int, int]) -> None:
    async with OnTask(store, full(store).id, size=size) as opened:
        for tab in TABS:
            await opened.press(str(tab.digit))
            await opened.until(lambda name=tab.name: opened.screen.tab == name)  # type: ignore[misc]
            await opened.pilot.resize_terminal(size[0] + 7, size[1] + 3)
            await opened.pilot.resize_terminal(*size)
            await opened.sees("resnet")
            assert all(len(line) <= size[0] for line in opened.text().splitlines())


async def test_a_plain_terminal_gets_ascii_on_every_tab(store: Store) -> None:
    async with OnTask(store, full(store).id, look=Look(ascii=True, colour=False)) as opened:
        for tab in TABS:
            await opened.press(str(tab.digit))
            await opened.until(lambda name=tab.name: opened.screen.tab == name)  # type: ignore[misc]
            await opened.sees("resnet")


async def test_a_clone_opens_on_its_configuration_and_is_edited_and_enqueued(store: Store) -> None:
    run = full(store)
    run.end()
    async with OnTask(store, run.id) as opened:
        await opened.press("c")
        await opened.until(lambda: isinstance(opened.app.screen, TaskScreen) and opened.screen.task_id != run.id)
        await opened.until(lambda: opened.screen.detail is not None)
        clone = opened.screen.task_id
        assert opened.screen.tab == "configuration"
        await opened.sees("lr")
        await opened.until(lambda: opened.screen.query_one(Configuration).cursor is not None)
        await opened.press("e", "ctrl+u", *"0.25", "enter")
        await opened.sees("0.25")
        await opened.press("Q")
        await opened.until(lambda: not isinstance(opened.app.screen, TaskScreen), "the queue picker")
        await opened.press("enter")
        await opened.until(lambda: status(store, clone) == "pending")
        await opened.sees("Q")
        with store.read() as connection:
            assert [p.value for p in details.parameters(connection, clone)] == ["0.25"]
        assert status(store, run.id) == "completed"


async def test_it_follows_the_task_to_its_end(store: Store) -> None:
    run = full(store)
    async with OnTask(store, run.id) as opened:
        await opened.sees("R")
        run.tell(e="progress", value=100.0)
        run.end("failed", "ValueError: no such file")
        await opened.sees("✖F", "ValueError: no such file")
        commands.reset(store, run.id, by=BY)
        await opened.sees("○D", "Nothing printed yet")


async def test_a_change_brings_the_task_with_it_but_never_an_older_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store)
    async with OnTask(store, run.id, "overview", (100, 30)) as opened:
        asked: list[str] = []
        detail, answered = TaskSource.detail, asyncio.Event()
        answered.set()

        async def counting(self: TaskSource) -> TaskDetail:
            asked.append(self.task)
            await answered.wait()
            return await detail(self)

        monkeypatch.setattr(TaskSource, "detail", counting)
        screen = opened.screen
        run.report("loss", "train", *curve(5))
        await opened.until(lambda: "iter 4" in opened.text().splitlines()[0], "the new points")
        assert asked == [] and screen.detail is not None
        old = screen.detail
        before = StoreChanged(Changes(newest(store), [old.row], [], []), Fresh(old, None))
        run.report("loss", "train", *curve(5))
        await opened.until(lambda: "iter 9" in opened.text().splitlines()[0], "the next ones")
        screen.on_store(before)
        await opened.until(lambda: asked == [run.id] and opened.app.is_calm, "a question")
        assert "iter 9" in opened.text().splitlines()[0]
        screen.detail = old  # a question is under way, and its answer will be the newer one
        answered.clear()
        screen.reload()
        await opened.until(lambda: len(asked) == 2, "the question")
        screen.on_store(before)
        answered.set()
        await opened.until(lambda: opened.app.is_calm and not screen._reading, "its answer")
        assert len(asked) == 3 and "iter 9" in opened.text().splitlines()[0]


@pytest.mark.parametrize("tab", ["overview", "console"])
async def test_a_change_brings_what_the_open_tab_shows_of_it(
    store: Store, tab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store)
    run.say("epoch 1")
    async with OnTask(store, run.id, tab, (100, 30)) as opened:
        asked: list[str] = []
        read = Data.read

        async def counting(self: Data, query: Callable[..., Any], *of: Any) -> Any:
            asked.append(query.__name__)
            return await read(self, query, *of)

        await opened.until(lambda: "epoch 1" in opened.text() and opened.app.is_calm, "the first line")
        monkeypatch.setattr(Data, "read", counting)
        for line in ("epoch 2", "epoch 3"):
            run.say(line)
            await opened.until(lambda line=line: line in opened.text(), line)  # type: ignore[misc]
        assert asked == []


async def test_what_cannot_be_read_with_a_change_is_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*of: object) -> None:
        raise ValueError("unreadable")

    run = Run(store)
    monkeypatch.setattr(overview.Pane, "beside", fail)
    async with OnTask(store, run.id, "overview", (100, 30)) as opened:
        for line in ("epoch 1", "epoch 2"):
            run.say(line)
            await opened.sees(line)


async def test_a_deleted_task_is_left(store: Store) -> None:
    task = draft(store)
    async with OnTask(store, task) as opened:
        commands.archive(store, task, by=BY)
        await opened.sees("archived")
        commands.delete(store, task, by=BY)
        await opened.until(lambda: not isinstance(opened.app.screen, TaskScreen))
        await opened.sees('"a draft" was deleted.')


async def test_nothing_is_asked_of_the_store_while_nothing_changes(store: Store) -> None:
    run = full(store)
    async with OnTask(store, run.id, "scalars") as opened:
        await opened.sees("loss")
        inner = opened.app.data._store
        assert inner is not None
        await opened.until(lambda: opened.app.data.rev == newest(store))
        with counted(inner.reader) as seen:
            other = draft(store, "another task")
            commands.describe(store, other, by=BY, comment="changed")
            await opened.until(lambda: opened.app.data.rev == newest(store))
            await opened.pilot.pause()
        assert not [s for s in seen.statements if "task_code" in s or "scalar_chunk" in s]


async def test_keys_that_mean_nothing_now_say_why(store: Store) -> None:
    async with OnTask(store, draft(store), size=(150, 30)) as opened:
        for key, words in (("A", "not Running"), ("R", "nothing to delete"), ("P", "Only Completed")):
            await opened.press(key)
            await opened.sees("Cannot", words)
        assert status(store, opened.screen.task_id) == Status.DRAFT


async def test_back_leaves(store: Store) -> None:
    async with OnTask(store, draft(store)) as opened:
        await opened.press("q")
        await opened.until(lambda: not isinstance(opened.app.screen, TaskScreen))


async def test_the_table_below_draws_nothing_on_this_screen_but_shows_through_dialogs(store: Store) -> None:
    task = draft(store)
    async with OnTask(store, task) as opened:
        assert opened.app._background_screens == []
        await opened.press("Q")
        await opened.until(lambda: not isinstance(opened.app.screen, TaskScreen), "the queue picker")
        assert opened.app._background_screens
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, TaskScreen))
        commands.describe(store, task, by=BY, name="another name")
        await opened.sees("another name")
        await opened.press("q")
        await opened.until(lambda: not isinstance(opened.app.screen, TaskScreen))
        await opened.sees("another name")


async def test_the_key_line_says_what_a_letter_means_for_this_task(store: Store) -> None:
    task = draft(store)
    async with OnTask(store, task) as opened:
        await opened.sees("Q enqueue", "a archive")
        commands.enqueue(store, task, by=BY)
        await opened.sees("Q dequeue")
        commands.archive(store, task, by=BY)
        await opened.sees("a restore")


async def test_a_search_is_offered_where_there_is_text_and_says_elsewhere_that_there_is_none(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", 1.0, 0.5)
    run.say("a line")
    async with OnTask(store, run.id, "console", (160, 32)) as opened:
        assert "/ search" in (await opened.sees("a line")).splitlines()[-1]
        for tab in ("5", "6", "8"):
            await opened.press(tab)
            await opened.until(lambda: "/ search" not in opened.text().splitlines()[-1], f"tab {tab}")
            await opened.press("slash")
            await opened.sees("There is no text to search on this tab.")


async def test_a_screen_that_is_left_while_its_task_is_read_ends_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, reading = Run(store), asyncio.Event()

    async def until_left(pane: overview.Pane, detail: object, beside: object) -> None:
        reading.set()
        while not pane._closed:
            await asyncio.sleep(0)

    async with OnHome(store) as home:
        await home.keys("enter", "1")
        screen = home.app.screen
        assert isinstance(screen, TaskScreen) and screen.detail is not None and screen.detail.row.id == run.id
        monkeypatch.setattr(overview.Pane, "look_closer", until_left)
        screen.reload()
        await reading.wait()
        await home.keys("q")
        await home.until(lambda: home.app.screen is home.home and not screen._reading, "the table")


async def test_the_run_time_of_a_task_that_reports_nothing_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store)
    with store.read() as c:
        started = details.detail(c, run.id).row.started
    assert started is not None
    async with OnTask(store, run.id, "overview", (100, 30)) as opened:
        for minutes in (18, 19):
            monkeypatch.setattr(clock, "now", partial(float, started + minutes * 60 + 30))
            opened.app._age()
            await opened.until(lambda: f"run time {minutes}m" in " ".join(opened.text().split()), "in minutes")  # noqa: B023


async def test_an_archived_task_says_so_where_there_is_little_room(store: Store) -> None:
    run = Run(store, "a task with a name that is as long as names are")
    run.report("loss", "train", *curve(100))
    run.end()
    commands.archive(store, run.id, by=BY)
    async with OnTask(store, run.id, size=(80, 24)) as opened:
        assert "archived" in opened.text().splitlines()[0]
