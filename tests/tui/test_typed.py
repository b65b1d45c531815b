"""Keys that arrive in one read, as over a slow link, each act where the one before it has led."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.events import Key

from store import commands
from store.engine import Store
from store.queries import details
from tests.tui.at_home import Home, OnHome
from tests.tui.made import BY, draft


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


@pytest.mark.parametrize("times", [1, 20])
async def test_moves_typed_ahead_keep_their_order(store: Store, times: int) -> None:
    for number in range(30):
        draft(store, f"task {number:02}")
    async with OnHome(store, (100, 40)) as home:
        _at_once(home, ["j", "j", "k"] * times)
        await home.until(lambda: home.table.cursor == times, "the cursor")


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
        await home.until(lambda: _status(store, task) == "pending", "in the queue")
        await home.calm()
        assert home.app.screen is home.home
        _at_once(home, [":", *"rename it works", "ctrl+a", "delete", "delete", "delete", *":ren", "enter"])
        await home.until(lambda: _name(store, task) == "it works", "the line as it was typed")


def _status(store: Store, task: str) -> str:
    with store.read() as connection:
        return details.detail(connection, task).row.status


def _name(store: Store, task: str) -> str:
    with store.read() as connection:
        return details.detail(connection, task).row.name
