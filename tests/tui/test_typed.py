"""Keys that arrive in one read, as over a slow link, each act where the one before it has led."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext

import pytest
from sqlalchemy.engine import Connection
from textual.events import Key

from store import commands
from store.engine import Store
from store.queries import details
from store.records import TaskRow
from tests.tui.at_home import Home, OnHome
from tests.tui.made import BY, draft
from tests.tui.test_queues import order, pending
from tui import task_data, typed
from tui.screens.compare import CompareScreen
from tui.screens.queues import QueuesScreen
from tui.screens.search import SearchScreen
from tui.screens.task import TaskScreen
from tui.widgets.field import ValueInput
from tui.widgets.prompt import Prompt


def _at_once(home: Home, keys: Sequence[str]) -> None:
    """Hand keys over without letting the app do anything between them."""
    for key in keys:
        names = {"/": "slash", ":": "colon"}
        home.app.post_message(Key(names.get(key, key), key if len(key) == 1 else None))


async def test_a_filter_typed_in_one_go_is_a_filter_and_no_verb(store: Store) -> None:
    kept = draft(store, "draft that stays")
    commands.create(store, by=BY, project="tests/typed", name="another")
    async with OnHome(store, (100, 24)) as home:
        _at_once(home, ["/", *"draft that", "enter"])
        await home.until(lambda: home.names == ["draft that stays"], "the filtered table")
        await home.calm()
    with store.read() as connection:
        row = details.detail(connection, kept).row
    assert (row.archived, row.tags) == (False, ())


async def test_keys_typed_before_the_task_of_the_command_line_is_open_are_for_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = draft(store, "a draft", lr="0.1")
    listed, resolve = threading.Event(), task_data.resolve

    def resolved(connection: Connection, prefix: str) -> str:
        listed.wait(10)
        return resolve(connection, prefix)

    monkeypatch.setattr(typed, "OPENS", 20.0)
    monkeypatch.setattr(task_data, "resolve", resolved)
    async with OnHome(store, (100, 24), task=task, waits=False) as home:
        home.app.post_message(Key("e", "e"))
        await home.until(lambda: home.table.loaded and home.names, "the tasks")
        assert home.app._settling(), "keys wait for the task"
        listed.set()
        await home.until(lambda: home.app.screen.query(ValueInput), "the first value's line")
        assert len(home.app.screen_stack) == 2


async def test_keys_wait_for_a_screen_that_is_pushed_and_not_yet_mounted(store: Store) -> None:
    task = draft(store, "a draft", lr="0.1")
    async with OnHome(store, (100, 24)) as home:
        home.app.open_task(task, None)
        assert home.app._settling()
        await home.until(lambda: not home.app._settling(), "the task")
        assert isinstance(home.app.screen, TaskScreen) and home.app.screen.targets()


async def test_a_dashboard_that_is_left_waits_for_nothing(store: Store) -> None:
    async with OnHome(store) as home:
        pass
    assert not home.app._settling()


async def test_what_is_typed_behind_a_filter_means_what_the_filter_shows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "PATIENCE", 20.0)
    meant = draft(store, "the one that is meant")
    draft(store, "the newest")
    async with OnHome(store, (100, 24)) as home:
        async with _slow_store(home):
            _at_once(home, ["/", *"is meant", "enter", "space"])
            await home.until(home.app._settling, "the filter entered")
        await home.until(lambda: bool(home.table.marks), "the mark")
        assert not home.app.query_one(Prompt).asking
        assert list(home.table.marks) == [meant]


async def test_rows_loaded_anew_meanwhile_do_not_lose_a_filter(store: Store) -> None:
    draft(store, "the one that is meant")
    async with OnHome(store, (100, 24)) as home:
        home.home.filter("the")
        await home.calm()
        async with _slow_store(home):
            home.home.filter("is meant")
            asked = home.home._loads
            draft(store, "the newest")
            await home.until(lambda: home.home._loads > asked, "what is shown is loaded anew")
        await home.calm()
        assert home.names == ["the one that is meant"]


@asynccontextmanager
async def _slow_store(home: Home) -> AsyncIterator[None]:
    """Let every question to the store wait until the block ends."""
    end = threading.Event()
    waiting = [asyncio.ensure_future(home.app.data.read(lambda _: end.wait(30))) for _ in range(8)]
    try:
        yield
    finally:
        end.set()
        await asyncio.gather(*waiting)


@pytest.mark.parametrize("times", [1, 20])
async def test_moves_typed_ahead_keep_their_order(store: Store, times: int) -> None:
    for number in range(30):
        draft(store, f"task {number:02}")
    async with OnHome(store, (100, 40)) as home:
        _at_once(home, ["j", "j", "k"] * times)
        await home.until(lambda: home.table.cursor == times, "the cursor")


async def test_a_task_is_moved_by_keys_typed_before_the_queues_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "PATIENCE", 20.0)
    first, second = pending(store, "first"), pending(store, "second")
    async with OnHome(store, (100, 24)) as home:
        async with _slow_store(home):
            _at_once(home, ["W", "j", "J"])
            await home.until(lambda: isinstance(home.app.screen, QueuesScreen), "the queues")
        await home.until(lambda: order(store) == [second, first], "the first one moved down")


async def test_a_verb_typed_before_the_tasks_to_compare_are_read_is_done_to_one_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "PATIENCE", 20.0)
    tasks = [draft(store, name) for name in ("one", "two")]
    async with OnHome(store, (100, 24)) as home:
        await home.keys("space", "space")
        async with _slow_store(home):
            _at_once(home, ["C", "greater_than_sign", "a"])
            await home.until(lambda: isinstance(home.app.screen, CompareScreen), "the screen")
        await home.until(lambda: [_row(store, task).archived for task in tasks] == [True, False], "the chosen one")


async def test_enter_typed_behind_a_search_opens_what_it_finds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "PATIENCE", 20.0)
    task = draft(store, "the one that is meant")
    async with OnHome(store, (100, 24)) as home:
        async with _slow_store(home):
            _at_once(home, ["ctrl+f", *"is meant", "enter", "enter"])
            await home.until(lambda: isinstance(home.app.screen, SearchScreen), "the search")
        await home.until(lambda: isinstance(home.app.screen, TaskScreen), "its task")
        assert isinstance(home.app.screen, TaskScreen) and home.app.screen.task_id == task


async def test_an_answer_typed_ahead_reaches_the_dialog(store: Store) -> None:
    task = draft(store, "to be renamed")
    async with OnHome(store, (100, 24)) as home:
        _at_once(home, ["r", "ctrl+u", *"renamed at once", "enter"])
        await home.until(lambda: home.names == ["renamed at once"], "the new name")
    with store.read() as connection:
        assert details.detail(connection, task).row.name == "renamed at once"


async def test_an_answer_typed_before_the_store_has_said_which_queues_there_are_opens_no_task(store: Store) -> None:
    task = draft(store, "to be enqueued")
    async with OnHome(store, (100, 24)) as home:
        _at_once(home, ["Q", "enter"])
        await home.until(lambda: _row(store, task).status == "pending", "in the queue")
        await home.calm()
        assert home.app.screen is home.home
        _at_once(home, [":", *"rename it works", "ctrl+a", "delete", "delete", "delete", *":ren", "enter"])
        await home.until(lambda: _row(store, task).name == "it works", "the line as it was typed")


@pytest.mark.parametrize("slow", [False, True])
async def test_a_value_typed_behind_e_goes_into_the_first_field_and_is_no_verb(
    store: Store, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    monkeypatch.setattr(typed, "PATIENCE", 20.0)
    task = draft(store, "to be edited", data="pets", lr="0.1")
    async with OnHome(store, (80, 24)) as home:
        async with _slow_store(home) if slow else nullcontext():
            _at_once(home, ["e", "enter", "ctrl+u", *"aRPQd", "enter"])
        await home.until(lambda: _value(store, task, "data") == "aRPQd", "the value as it was typed")
        await home.calm()
    row = _row(store, task)
    assert (row.status, row.archived, row.name) == ("draft", False, "to be edited")


def _value(store: Store, task: str, name: str) -> str:
    with store.read() as connection:
        return next(p.value for p in details.parameters(connection, task) if p.name == name)


def _row(store: Store, task: str) -> TaskRow:
    with store.read() as connection:
        return details.detail(connection, task).row
