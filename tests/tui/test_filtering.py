"""The filter and the order of the task table: what is said while one is typed, and where the cursor stands then."""

from __future__ import annotations

import pytest

from store import commands
from store.engine import Store
from store.ingest import ingest
from store.lifecycle import Status
from tests.tui.at_home import Home, OnHome, in_state, running, started
from tests.tui.made import BY, Run
from tui.widgets.bar import Notice
from tui.widgets.prompt import Prompt

SIGNS = {">": "greater_than_sign", "<": "less_than_sign", ":": "colon", " ": "space"}


def typed(text: str) -> list[str]:
    return [SIGNS.get(letter, letter) for letter in text]


def said(home: Home) -> str:
    return home.app.screen.query_one(Notice).sentence


def standing_on(home: Home) -> str:
    row = home.table.current
    return row.name if row is not None else ""


async def test_a_filter_that_cannot_be_read_says_why_and_which_one_the_table_has(store: Store) -> None:
    Run(store, "the one").report("accuracy", "val", 0.9)
    in_state(store, Status.DRAFT, "acc draft")
    async with OnHome(store) as home:
        await home.keys("slash", *typed("acc>"))
        assert said(home).endswith('Nearest: "accuracy/val". The table still has the filter acc.')
        assert home.names == ["acc draft"]
        await home.keys(*"0.5", "enter")
        assert said(home).startswith("Invalid filter word 'acc>0.5': no parameter or metric 'acc'.")
        assert said(home).endswith("The table has no filter.")
        assert home.home.query_one(Prompt).text == "acc>0.5", "it can be mended"
        assert len(home.names) == 2
        await home.keys("ctrl+u", *typed("accuracy>0.5"))
        assert (said(home), home.names) == ("", ["the one"])
        await home.keys("enter")
        assert home.table.has_focus and home.home.view.text == "accuracy>0.5"


async def test_a_filter_in_force_outlives_the_names_in_it(store: Store) -> None:
    run = Run(store, "the one")
    run.report("accuracy", "val", 0.9)
    run.end()
    running(store, ["another"])
    async with OnHome(store) as home:
        await home.keys("slash", *typed("accuracy>0.5"), "enter")
        assert home.names == ["the one"]
        commands.delete(store, run.id, by=BY, archived_only=False)
        await home.until(lambda: not home.names, "it has gone")
        assert "No task fits the filter" in home.text() and not said(home)


async def test_a_filter_beyond_what_the_database_takes_is_a_filter_that_is_refused(store: Store) -> None:
    running(store, ["one task"])
    async with OnHome(store) as home:
        await home.press("slash")
        home.home.query_one(Prompt).put("id:" + ",".join(f"{number:04x}" for number in range(1200)))
        await home.until(lambda: "asks for too much at once" in said(home))
        assert home.names == ["one task"] and not home.app.banner


async def test_a_load_that_takes_the_place_of_a_filters_keeps_its_cursor(store: Store) -> None:
    running(store, [f"other {number:03}" for number in range(60)])
    async with OnHome(store) as home:
        await home.keys(*["j"] * 5)
        stood = standing_on(home)
        home.home.filter("other")
        home.home.load(home.home.wanted, projects=True)
        await home.calm()
        assert (standing_on(home), home.home.view.text) == (stood, "other")


async def test_the_cursor_stays_on_its_task_when_a_filter_is_set_or_cleared(store: Store) -> None:
    ingest(store, [started("draft to edit", at=1000.0)], BY)
    running(store, [f"other {number:03}" for number in range(150)])
    async with OnHome(store) as home:
        await home.keys("slash", *typed("draft to edit"), "enter")
        assert home.names == ["draft to edit"]
        await home.keys("escape")
        assert (standing_on(home), home.table.cursor) == ("draft to edit", 150)
        assert "draft to edit" in home.text()
        await home.keys("g", "j", "j")
        line = home.text().splitlines().index(next(row for row in home.text().splitlines() if "other 147" in row))
        await home.keys("slash", *"other", "enter")
        assert (standing_on(home), home.table.cursor) == ("other 147", 2)
        await home.keys("escape")
        assert "other 147" in home.text().splitlines()[line], "on the same line of the screen"


async def test_esc_leads_back_to_the_task_one_stood_on_when_the_typing_began(store: Store) -> None:
    running(store, [f"other {number:03}" for number in range(9)])
    async with OnHome(store) as home:
        await home.keys("j", "j", "j", "slash", *typed("other 00"))
        assert standing_on(home) == "other 005"
        await home.keys("8")
        assert standing_on(home) == "other 008", "the only one"
        await home.keys("backspace")
        assert standing_on(home) == "other 005"
        await home.keys("8", "escape")
        assert (standing_on(home), home.table.cursor) == ("other 005", 3)


@pytest.mark.parametrize("order", ["status down", "name down", "metric down", "project up"])
async def test_it_stays_whatever_the_order(store: Store, order: str) -> None:
    for number in range(70):
        in_state(store, Status.DRAFT, f"draft {number:02}")
    Run(store, "the other one").report("loss", "val", 0.5)
    task = Run(store, "the last one")
    task.report("loss", "val", 0.2)
    commands.move(store, task.id, "zzz", by=BY)
    async with OnHome(store) as home:
        await home.keys("colon", *typed(f"sort {order}"), "enter", "slash", *typed("the last one"), "enter")
        assert home.names == ["the last one"]
        await home.keys("escape")
        assert standing_on(home) == "the last one"


async def test_states_stand_in_an_order_that_says_something_and_live_in_it(store: Store) -> None:
    for status in Status:
        in_state(store, status)
    async with OnHome(store) as home:
        await home.keys("S", "s")
        while home.home.view.sort != "status":
            await home.keys("s")
        assert said(home) == "Sorted by status."
        assert "S↑" in home.text().splitlines()[1]
        order = ["running", "pending", "draft", "failed", "aborted", "completed", "published"]
        assert home.names == [f"the {status} one" for status in order]
        commands.enqueue(store, next(row.id for n in range(7) if (row := home.table.pages.get(n)) is not None
                                     and row.status == "draft"), by=BY)  # fmt: skip
        moved = [f"the {status} one" for status in ("running", "draft", "pending", *order[3:])]
        await home.until(lambda: home.names == moved, "the newest Pending one first")
        await home.keys("S")
        assert home.names == moved[::-1]
        assert "S↓" in home.text().splitlines()[1]
