"""One pane over the whole screen, by one key everywhere: what goes, what stays to be seen, and what brings it back."""

from __future__ import annotations

import pytest

from store import commands
from store.engine import Store
from store.lifecycle import Status
from tests.support import plot
from tests.tui.at_home import OnHome, in_state, running
from tests.tui.made import OnTask, Opened, Run, curve
from tests.tui.test_compare import compare, runs
from tests.tui.test_outage import away, sees
from tests.tui.test_queues import on_queues, pending
from tests.tui.test_search import search
from tui.compare import TABS as COMPARED
from tui.screens.base import LabtopScreen
from tui.screens.tabbed import TabbedScreen
from tui.tabs import TABS
from tui.widgets.bar import Notice
from tui.widgets.board import Board
from tui.widgets.pane import Pane
from tui.widgets.preview import Preview
from tui.widgets.prompt import Prompt
from tui.widgets.queues import QueueBoard
from tui.widgets.results import Results
from tui.widgets.settings import SettingsList

SIZES = [(80, 24), (160, 48)]
FULL = "underscore"


def on_top(opened: Opened) -> LabtopScreen:
    shown = opened.app.screen
    assert isinstance(shown, LabtopScreen), shown
    return shown


def has_the_screen(opened: Opened, pane: Pane) -> bool:
    """Whether a pane has every line below the status line, and all columns but its margins."""
    width, height = opened.app.size
    here = pane.region
    return (here.y, here.height) == (1, height - 1) and here.width >= width - 2 and "? help" not in opened.text()


async def turns(opened: Opened, pane: Pane) -> None:
    """Give a pane the whole screen, and take it back."""
    before = pane.region
    await opened.press(FULL)
    await opened.until(lambda: has_the_screen(opened, pane), f"{pane} over the whole screen")
    assert opened.text().splitlines()[0].endswith("live")
    await opened.press(FULL)
    await opened.until(lambda: pane.region == before and "? help" in opened.text(), "everything again")


async def opens(opened: Opened, key: str, tab: str) -> Pane:
    """Press the key of a tab; return its pane."""
    shown = on_top(opened)
    assert isinstance(shown, TabbedScreen)
    await opened.press(key)
    await opened.until(lambda: shown.tab == tab and shown.pane().has_focus, tab)
    return shown.pane()


def full_of_all(store: Store) -> Run:
    run = Run(store, "the run", {"Args/lr": "0.1"})
    run.report("loss", "train", *curve(50))
    run.draw(plot("confusion", "val", 0, {"type": "heatmap", "z": [[1, 2], [3, 4]]}))
    run.say(*(f"line {n:03}" for n in range(100)))
    return run


# Everywhere ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_every_tab_of_a_task(store: Store, size: tuple[int, int]) -> None:
    async with OnTask(store, full_of_all(store).id, size=size) as opened:
        for tab in TABS:
            await turns(opened, await opens(opened, str(tab.digit), tab.name))


@pytest.mark.parametrize("size", SIZES)
async def test_what_a_tab_says_of_itself_stands_in_the_status_line(store: Store, size: tuple[int, int]) -> None:
    def top() -> str:
        return " ".join(opened.text().splitlines()[0].split())

    run = full_of_all(store)
    async with OnTask(store, run.id, "console", size) as opened:
        await opened.until(
            lambda: "100 lines follow" in " ".join(opened.text().split()), "how many lines, beside the tabs"
        )
        await opened.press(FULL)
        await opened.until(lambda: top().endswith("100 lines follow live"), "the same above the pane")
        await opened.press("slash", *"line 04", "enter")
        await opened.until(lambda: top().endswith("41 of 100 lines /line 04 1 of 10 live"), "what was searched for")
        run.say("one more")
        await opened.until(lambda: "of 101 lines" in top(), "a line more")
        assert top().startswith("▶R ") and " the run " in top()
        await opened.press("escape", FULL)
        await opened.until(lambda: "lines" not in top(), "only beside the tabs")


@pytest.mark.parametrize("size", SIZES)
async def test_every_tab_of_a_comparison(store: Store, size: tuple[int, int]) -> None:
    runs(store)
    async with OnHome(store, size) as home:
        await compare(home, 3)
        for tab in COMPARED:
            await turns(home, await opens(home, str(tab.digit), tab.name))


@pytest.mark.parametrize("size", SIZES)
async def test_table_and_tree(store: Store, size: tuple[int, int]) -> None:
    running(store, ["the task"])
    async with OnHome(store, size) as home:
        await turns(home, home.table)
        await home.keys(FULL)
        assert not home.home.query_one(Preview).region and not home.tree.region
        await home.keys("tab")
        assert has_the_screen(home, home.tree) and not home.table.region
        await home.keys("tab", FULL, "tab")
        await turns(home, home.tree)


@pytest.mark.parametrize("size", SIZES)
async def test_every_board_also_when_one_goes_on_to_the_next(store: Store, size: tuple[int, int]) -> None:
    pending(store, "first one")
    async with on_queues(store, size) as home:
        boards = list(home.app.screen.query(Board))
        assert len(boards) == 3
        for board in boards:
            await turns(home, board)
            await home.press("tab")
        await home.press(FULL)
        for board in boards:
            await home.until(lambda board=board: has_the_screen(home, board))  # type: ignore[misc]
            assert [other for other in boards if other.region and other is not board] == []
            await home.press("tab")


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_found_and_the_settings(store: Store, size: tuple[int, int]) -> None:
    running(store, ["a bridge", "another bridge"])
    async with OnHome(store, size) as home:
        await search(home, "bridge")
        await turns(home, home.app.screen.query_one(Results))
        await home.keys("comma")
        await turns(home, home.app.screen.query_one(SettingsList))


async def test_a_click_makes_the_tree_the_pane_that_gets_it(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        await home.pilot.click(home.tree)
        await home.keys(FULL)
        assert has_the_screen(home, home.tree)


# The way back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["escape", "q", "backspace"])
async def test_a_key_that_goes_back_takes_the_screen_back_first(store: Store, key: str) -> None:
    task = running(store, ["the task"])[0]
    async with OnHome(store) as home:
        await search(home, "task")
        for ways in ((), ("escape",), ("W",), ("q", "comma"), ("escape", "enter")):
            await home.keys(*ways, FULL)
            shown = on_top(home)
            assert shown.is_full
            await home.keys(key)
            assert on_top(home) is shown and not shown.is_full
        assert home.screen.task_id == task
        await home.keys(key)
        assert home.app.screen is home.home and home.app.is_running


async def test_what_was_searched_for_in_a_pane_goes_before_it(store: Store) -> None:
    async with OnTask(store, full_of_all(store).id, "console") as opened:
        await opened.sees("line 099")
        await opened.press(FULL, "slash", *"line 05", "enter")
        await opened.sees("line 059")
        await opened.press("escape")
        assert opened.screen.is_full
        await opened.press("escape")
        await opened.sees("? help")


async def test_marks_and_filter_outlive_it(store: Store) -> None:
    running(store, ["one task", "two tasks"])
    async with OnHome(store) as home:
        await home.keys("slash", *"tasks", "enter", "space", FULL)
        assert "1 marked" in home.text() and "filter: tasks" in home.text()
        await home.keys("escape")
        assert "? help" in home.text() and "1 marked" in home.text() and "filter: tasks" in home.text()


async def test_plus_takes_a_console_back_that_underscore_made_full(store: Store) -> None:
    async with OnTask(store, full_of_all(store).id, "console") as opened:
        await opened.sees("line 099")
        await opened.press(FULL)
        await opened.until(lambda: opened.screen.is_full)
        await opened.press("plus")
        await opened.sees("? help")


# What lasts ---------------------------------------------------------------------------------------------------------


async def test_it_outlives_tabs_dialogs_and_another_size(store: Store) -> None:
    async with OnTask(store, full_of_all(store).id) as opened:
        await opened.press(FULL)
        for tab in (*TABS[1:], TABS[0]):
            pane = await opens(opened, "right_square_bracket", tab.name)
            await opened.until(lambda pane=pane: has_the_screen(opened, pane), tab.name)  # type: ignore[misc]
        await opened.press("question_mark", "G")
        await opened.sees("Keys", "what is around it again")
        await opened.press("escape")
        for size in ((80, 24), (40, 12), (160, 48)):
            await opened.pilot.resize_terminal(*size)
            await opened.until(lambda: has_the_screen(opened, opened.screen.pane()), f"{size}")


async def test_the_tree_alone_on_a_wide_screen_is_alone_on_a_narrow_one(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store, (160, 48)) as home:
        await home.keys("tab", FULL)
        for size in ((80, 24), (160, 48)):
            await home.pilot.resize_terminal(*size)
            await home.until(lambda: has_the_screen(home, home.tree), f"{size}")
        await home.keys("tab")
        assert has_the_screen(home, home.table)


async def test_each_screen_has_its_own(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        await home.keys(FULL, "enter")
        await home.sees("1 over", "? help")
        await home.keys("q")
        assert has_the_screen(home, home.table)


# What is still to be seen -------------------------------------------------------------------------------------------


async def test_lines_to_type_into_and_what_is_wrong_with_them_are_seen(store: Store) -> None:
    running(store, ["one_task", "two tasks"])
    async with OnHome(store, (80, 24)) as home:
        text = await home.keys(FULL, "slash", *"one", FULL)
        assert "/one_" in text.replace(" ", "") and home.names == ["one_task"], "an underscore is a letter there"
        await home.keys("escape", "slash", *"nosuch", "colon", "x", "enter")
        said = home.home.query_one(Notice)
        assert said.region and said.sentence and said.sentence[:30] in home.text()
        assert home.home.query_one(Prompt).region
        await home.keys("escape")
        assert ":hist" in (await home.keys("colon", *"hist")).replace(" ", "")
        await home.keys("escape", "enter", FULL, "slash", *"abc")
        assert "/abc" in home.text().splitlines()[-1].replace(" ", "")


async def test_a_refusal_is_seen(store: Store) -> None:
    commands.publish(store, in_state(store, Status.COMPLETED), by="ada")
    async with OnHome(store, (80, 24)) as home:
        assert "it is Published" in " ".join((await home.keys(FULL, "R")).split())


@pytest.mark.parametrize("where", ["home", "task", "queues"])
async def test_a_store_that_is_away_is_seen(store: Store, where: str) -> None:
    running(store, ["the task"])
    keys = {"home": (), "task": ("enter",), "queues": ("W",)}[where]
    async with OnHome(store, (80, 24)) as home:
        await home.keys(*keys, FULL)
        async with away(home, store):
            await home.press("j")
            await sees(home, "not live", "goes on by itself")
            assert on_top(home).is_full


async def test_what_would_change_nothing_in_sight_says_so(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        assert "Tab goes to the projects and back" in await home.keys(FULL, "plus")
        assert "_ takes it back" in await home.keys("p")
        await home.keys(FULL)
        assert home.tree.region and home.home.query_one(Preview).region.height == 2


async def test_it_is_a_command_too(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        await home.keys("colon", *"full-", "tab", "enter")
        assert has_the_screen(home, home.table)
        await home.keys("W", "ctrl+p", *"full", "space", *"screen", "enter")
        await home.until(lambda: has_the_screen(home, home.app.screen.query_one(QueueBoard)), "the queues alone")
