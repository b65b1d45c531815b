"""A baseline in the dashboard: pinned by a word, seen in every place, and what each task differs by from its own."""

from __future__ import annotations

import asyncio
import math

import pytest

from store import baselines, commands
from store.engine import Store
from store.lifecycle import Status
from tests.support import counted
from tests.tui.at_home import Home, OnHome, in_state, running
from tests.tui.made import BY, OnTask, Run, draft
from tests.tui.test_commands import listed
from tests.tui.test_once import once
from tests.tui.test_plain import plain
from tests.tui.test_preview import preview
from tests.tui.test_tree import command
from tui.look import Look
from tui.remembered import Memory, Order, Remembered
from tui.screens.compare import CompareScreen
from tui.screens.task import TaskScreen
from tui.widgets.bar import Notice

RESNET = "vision/resnet"
DELTA = "metric:loss/val.delta"


def pins(store: Store) -> dict[str, str]:
    with store.read() as c:
        return baselines.pinned(c)


def pin(store: Store, run: Run | str, project: str = RESNET) -> None:
    commands.set_baseline(store, project, run if isinstance(run, str) else run.id, by="bob@lab")


def reported(store: Store, name: str, *values: float, project: str = RESNET) -> Run:
    run = Run(store, name, project=project)
    if values:
        run.report("loss", "val", *values)
    return run


def cell(home: Home, name: str) -> str:
    """Return what stands in the last column of a task."""
    rows = [home.table.draw(y).text.rstrip("▐| ") for y in range(1, home.table.size.height)]
    words = next((row.partition(name)[2].split() for row in rows if name in row), ["no such row"])
    return words[-1] if words else ""


async def shows(home: Home, **expected: str) -> None:
    await home.until(lambda: {name: cell(home, name) for name in expected} == expected, f"{expected}")


# Pinning ------------------------------------------------------------------------------------------------------------


async def test_a_word_pins_the_task_and_once_more_takes_that_away_and_z_takes_it_back(store: Store) -> None:
    first, second = running(store, ["first", "second"])
    async with OnHome(store, (80, 24)) as home:
        await command(home, "baseline")
        await home.sees(f'Pinned "second" ({second[:8]}) as the baseline of "{RESNET}".', "▶R ◆ second")
        await home.until(lambda: " · vision/resnet · baseline · " in preview(home)[0], "it below the table")
        await home.keys("j")
        await command(home, "baseline")
        said = home.app.screen.query_one(Notice)
        assert said.sentence == (
            f'Pinned "first" ({first[:8]}) as the baseline of "{RESNET}", in place of {second[:8]}.'
        )
        await home.sees("◆ first", "▶R second")
        assert pins(store) == {RESNET: first}
        await command(home, "baseline")
        await home.until(
            lambda: said.sentence == f'The project "{RESNET}" has no baseline of its own any more.', "it is said"
        )
        await home.until(lambda: "◆" not in home.text(), "no mark")
        assert pins(store) == {}
        for key, expected in (("z", {RESNET: first}), ("z", {RESNET: second}), ("z", {}), ("Z", {RESNET: second})):
            await home.keys(key)
            await home.until(lambda expected=expected: pins(store) == expected, f"{expected}")  # type: ignore[misc]
        await home.sees(f'Done again: changed the baseline of the project "{RESNET}".', "◆ second")
        pin(store, first)
        await home.keys("z")
        await home.sees(f'Cannot undo: the baseline of "{RESNET}" is another task by now, or none.')
        assert pins(store) == {RESNET: first}


async def test_to_unmake_a_draft_whose_pin_was_just_undone_is_asked_once_more(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        await home.keys("c")
        await home.until(lambda: isinstance(home.app.screen, TaskScreen), "the clone")
        await command(home, "baseline")
        await home.sees("Pinned")
        await home.keys("z")
        await home.sees("Undone: changed the baseline")
        await home.keys("z")
        await home.sees("Once more deletes what was made")


async def test_it_is_pinned_in_a_project_above_too_and_off_takes_away_whichever_there_is(store: Store) -> None:
    task = running(store, ["the task"])[0]
    other = running(store, ["the other"])[0]
    async with OnHome(store) as home:
        await home.press("colon", *"baseline", "space")
        await home.until(lambda: listed(home).keys() == {RESNET, "vision", "off"}, "what could follow")
        await home.keys(*"vision", "enter")
        await home.sees('as the baseline of "vision".')
        await home.until(lambda: " · baseline of vision · " in preview(home)[0], "it below the table")
        pin(store, task)
        await command(home, "baseline off")
        await home.sees(f'The project "{RESNET}" has no baseline of its own any more.')
        assert pins(store) == {"vision": other}
        refused = {
            "baseline off": f'Cannot take the baseline of "{RESNET}" away: it has none of its own.',
            "baseline visio": "There is no project 'visio'. Did you mean \"vision\"?",
        }
        for line, sentence in refused.items():
            await command(home, line)
            assert home.app.screen.query_one(Notice).sentence == sentence
        running(store, ["elsewhere"], "language")
        await home.sees("language")
        await command(home, "baseline language")
        assert f'it is in "{RESNET}". Pin a task of that project' in home.app.screen.query_one(Notice).sentence
        assert pins(store) == {"vision": other}


async def test_several_tasks_and_a_store_that_is_only_read_are_refused(store: Store) -> None:
    running(store, ["first", "second"])
    async with OnHome(store) as home:
        await home.keys("space", "space")
        await command(home, "baseline")
        said = home.app.screen.query_one(Notice)
        assert said.sentence == "Cannot pin 2 tasks at once. Clear the marks (u), then pin one."
    async with OnHome(store, read_only=True) as home:
        await command(home, "baseline")
        assert "open read-only" in home.app.screen.query_one(Notice).sentence
    assert pins(store) == {}


async def test_what_another_dashboard_pins_is_seen_at_once_in_every_place(store: Store) -> None:
    first, second = running(store, ["first", "second"])
    async with OnHome(store, (160, 48)) as home, OnTask(store, second) as opened:
        pin(store, second)
        pin(store, second, "vision")
        await home.until(lambda: "◆ second" in home.text(), "the mark")
        await opened.sees("baseline of   vision, vision/resnet")
        await home.keys("tab", "j")
        await home.until(lambda: preview(home)[0].startswith(f" vision · baseline {second[:8]} · "), "the project's")
        pin(store, first, "vision")
        await opened.until(lambda: "baseline of   vision/resnet\n" in opened.text(), "one fewer")
        pin(store, first)
        await opened.until(lambda: "baseline of" not in opened.text(), "none")
        await home.until(lambda: "◆ first" in home.text() and "◆ second" not in home.text(), "another mark")


async def test_it_is_pinned_from_its_own_screen(store: Store) -> None:
    run = Run(store, "the run")
    async with OnTask(store, run.id) as opened:
        await opened.press("colon", *"baseline", "enter")
        await opened.sees(f"baseline of   {RESNET}", "Pinned")
        await opened.press("z")
        await opened.sees("Undone")
        await opened.until(lambda: "baseline of  " not in opened.text(), "none")


async def test_a_task_that_is_deleted_or_moves_away_is_marked_no_more(store: Store) -> None:
    gone, moved = in_state(store, Status.FAILED, "gone"), in_state(store, Status.FAILED, "moved")
    pin(store, gone, "vision")
    pin(store, moved)
    async with OnHome(store) as home:
        await home.sees("◆ gone", "◆ moved")
        commands.delete(store, gone, by=BY, archived_only=False)
        await home.until(lambda: "gone" not in home.text(), "deleted")
        await home.keys("m", "ctrl+u", *"language", "enter")
        await home.until(lambda: "◆" not in home.text() and "language" in home.text(), "moved")
        await home.keys("z")
        await home.sees("◆ moved")
        assert pins(store) == {RESNET: moved}


# The column ---------------------------------------------------------------------------------------------------------


async def test_a_column_says_what_each_task_differs_by_from_its_baseline(store: Store) -> None:
    base = reported(store, "base", 2.0, 0.25, 0.5)
    reported(store, "higher", 1.0, 0.5213)
    reported(store, "lower", 3.0, 0.1, 0.4988)
    reported(store, "same", 0.5)
    reported(store, "unknown", math.nan)
    reported(store, "endless", -math.inf)
    reported(store, "silent")
    own = reported(store, "inner", 4.0, project="vision/resnet/deep")
    reported(store, "beside", 5.0, project="vision/resnet/deep")
    reported(store, "without", 0.5, project="vision/vit")
    pin(store, base)
    async with OnHome(store, (80, 24)) as home:
        home.home.use_columns(("name", DELTA))
        await shows(home, base="◆", higher="+0.02130", lower="-0.001200", same="0", unknown="NaN", endless="-inf",
                    silent="", inner="+3.500", beside="+4.500", without="")  # fmt: skip
        assert home.table.draw(0).text.split() == ["name", "loss/val", "delta"]
        pin(store, own, "vision/resnet/deep")
        await shows(home, inner="◆", beside="+1.000", higher="+0.02130")
        home.home.use_columns(("name", "metric:loss/val.delta-min"))
        await shows(home, base="◆", higher="+0.2713", lower="-0.1500")
        home.home.use_columns(("name", "metric:loss/val.delta-max"))
        await shows(home, base="◆", higher="-1.000", lower="+1.000")
    async with OnHome(store, (80, 24), look=Look(ascii=True, colour=False)) as home:
        home.home.use_columns(("name", DELTA))
        await shows(home, base="=", higher="+0.02130")
        assert "= base" in home.text() and home.text().isascii()


async def test_it_follows_pins_and_the_baseline_itself_wherever_that_is(store: Store) -> None:
    base = reported(store, "base", 0.5)
    other = reported(store, "other", 0.25, project="vision")
    reported(store, "mine", 1.0)
    async with OnHome(store, (80, 24), project=RESNET) as home:
        home.home.use_columns(("name", DELTA))
        await shows(home, base="", mine="")
        pin(store, other, "vision")
        await shows(home, base="+0.2500", mine="+0.7500")
        other.report("loss", "val", 0.5)
        await shows(home, base="0", mine="+0.5000")
        pin(store, base)
        await shows(home, base="◆", mine="+0.5000")
        base.report("loss", "val", 2.0)
        await shows(home, base="◆", mine="-1.000")
        commands.set_baseline(store, RESNET, "", by=BY)
        await shows(home, base="+1.500", mine="+0.5000")
        reported(store, "late", 0.125)
        await shows(home, late="-0.3750")
        await home.keys("slash", *"mine", "enter")
        await home.lists("mine")
        other.report("loss", "val", 3.0)
        await shows(home, mine="-2.000")
        other.end()
        commands.delete(store, other.id, by=BY, archived_only=False)
        await shows(home, mine="")


async def test_a_new_task_of_a_project_not_seen_yet_is_compared_with_its_own(store: Store) -> None:
    base = reported(store, "base", 0.5)
    theirs = reported(store, "theirs", 2.0, project="language")
    pin(store, base)
    pin(store, theirs, "language")
    theirs.end()
    commands.archive(store, theirs.id, by=BY)
    async with OnHome(store, (80, 24)) as home:
        home.home.use_columns(("name", DELTA))
        await shows(home, base="◆")
        reported(store, "another", 3.0, project="language")
        await shows(home, another="+1.000")
        home.home.note()
        await home.calm()
    async with OnHome(store, (80, 24)) as home:
        assert (cell(home, "another"), cell(home, "base")) == ("+1.000", "◆"), "with the first rows"


def test_deltas_are_told_without_a_screen(store: Store) -> None:
    base = reported(store, "base", 0.5)
    reported(store, "higher", 0.75)
    pin(store, base)
    base.end()
    Remembered(store.location.setting).keep(Memory({"": Order(("name", DELTA), "name", False)}))
    with plain("--filter", "status:running") as said_to:
        assert ", loss/val delta +0.2500, " in said_to.hears("1. Running: higher")
    with plain() as said_to:
        assert ", baseline of vision/resnet, " in (line := said_to.hears("1. Completed: base")) and "◆" not in line


async def test_it_is_chosen_in_the_dialog_sorted_by_and_remembered(store: Store) -> None:
    base = reported(store, "base", 0.5)
    for name, value in (("higher", 0.75), ("lower", 0.25)):
        reported(store, name, value)
    pin(store, base)
    async with OnHome(store, (80, 24)) as home:
        await home.press("vertical_line")
        await home.sees("or delta: how far", "Esc leave it")
        await home.press("slash", *"loss/val", "enter", "left")
        await home.sees("[ ] loss/val", "metric, delta")
        await home.press("space")
        await home.sees("[x] loss/val")
        await home.press("escape", "slash", *"status", "enter", "space", "enter")
        await home.calm()
        home.home.use_columns(("name", DELTA))
        await home.keys("colon", *"sort", "space", *"metric", "colon", *"loss/val.delta", "space", *"up", "enter")
        await home.lists("lower", "base", "higher")
        assert "delta↑" in home.table.draw(0).text
        home.home.note()
        await home.calm()
        rows = (await asyncio.to_thread(once)).stdout.splitlines()[2:5]
        assert [row.split()[-2:] for row in rows] == [["lower", "-0.2500"], ["base", "◆"], ["higher", "+0.2500"]]


async def test_a_page_with_it_costs_one_statement_more_and_other_columns_none(store: Store) -> None:
    base = reported(store, "base", 0.5)
    for n in range(130):
        reported(store, f"task {n:03}", n / 100)
    pin(store, base)
    asked = {}
    for column in ("metric:loss/val.last", DELTA):
        async with OnHome(store, (80, 24)) as home:
            home.home.use_columns(("name", column))
            await home.keys("p")  # the preview asks for itself
            data_store = home.app.data._store
            assert data_store is not None
            with counted(data_store.reader) as seen:
                await home.keys("G")
            assert cell(home, "base") in ("0.5000", "◆") and cell(home, "task 000") in ("0", "-0.5000")
            asked[column] = seen.statements
            if column == DELTA:
                with counted(data_store.reader) as seen:
                    base.report("loss", "val", 1.5)
                    await shows(home, **{"task 000": "-1.500"})
                assert len([said for said in seen.statements if "task_metric.title ||" in said]) == 1, seen.statements
                assert not [said for said in seen.statements if "baseline IS NOT NULL" in said], seen.statements
    more = [said for said in asked[DELTA] if "baseline" in said]
    assert len(asked[DELTA]) - len(more) == len(asked["metric:loss/val.last"]) and 1 <= len(more) <= 2, more
    assert not [said for said in asked["metric:loss/val.last"] if "baseline" in said]


async def test_tasks_are_compared_with_their_baseline_by_a_word(store: Store) -> None:
    base, other = reported(store, "base", 0.5), reported(store, "other", 0.25)
    async with OnHome(store) as home:
        await command(home, "compare baseline")
        said = home.app.screen.query_one(Notice)
        assert said.sentence == f'"{RESNET}" has no baseline, nor has a project above it. :baseline pins one.'
        pin(store, base, "vision")
        await command(home, "compare baseline")
        compared = home.app.screen
        assert isinstance(compared, CompareScreen) and compared.tasks == [base.id, other.id]
        await home.keys("q", "j")
        await command(home, "compare baseline")
        assert said.sentence == "Cannot compare 1 task: it takes 2 to 10. Choose another one than the baseline."


# Everything else ----------------------------------------------------------------------------------------------------


def test_without_a_screen_it_is_said_and_told(store: Store) -> None:
    run = reported(store, "the run", 0.5)
    pin(store, run, "vision")
    with plain() as said_to:
        said_to.type("baseline")
        said_to.hears(f'Pinned "the run" ({run.id[:8]}) as the baseline of "{RESNET}".')
    with plain() as said_to:
        assert "the run, vision/resnet, baseline of vision, baseline of vision/resnet, " in said_to.hears("1. Running")
        said_to.type("projects")
        said_to.hears(f"vision/resnet: 1 Running. baseline {run.id[:8]}")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_hostile_projects_and_ids_are_text(store: Store, size: tuple[int, int]) -> None:
    evil = "[@click=oops] \x1b]0;HACKED\x07 \x9b2J \u202eevil"
    task = draft(store, "the task")
    pin(store, task)
    pin(store, task, "vision")
    with store.write() as tx:
        for column in ("path", "baseline"):
            tx.connection.exec_driver_sql(f"UPDATE project SET {column} = ? WHERE path = 'vision'", (evil,))
        tx.connection.exec_driver_sql("UPDATE project SET path = ?, baseline = ? WHERE path = ?",
                                      (f"{evil}/resnet", task, RESNET))  # fmt: skip
    async with OnHome(store, size) as home:
        for keys in ((), ("tab", "j"), ("tab", "enter"), ("colon", *"baseline", "enter")):
            shown = await home.keys(*keys)
            assert "[@click=oops]" in shown
            assert not [c for c in shown if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c == "\u202e"]
