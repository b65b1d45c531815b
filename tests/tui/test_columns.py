"""Chosen columns: metrics and hyperparameters beside the fields, sorted by, kept right while tasks change."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from store import commands, hosts
from store.columns import parse
from store.engine import Store
from store.records import GpuRow, Holder, HostRow
from tests.support import counted
from tests.tui.at_home import OnHome
from tests.tui.made import BY, Run, curve, draft
from tests.tui.test_table import BASE
from tui import chosen, columns
from tui.columns import Scene
from tui.dialogs.columns import ColumnList, ColumnsDialog
from tui.look import Look


def trained(store: Store, name: str, lr: str, *values: float) -> Run:
    run = Run(store, name, {"Args/lr": lr, "Net/depth": "3"})
    run.report("loss", "val", *values)
    return run


async def choose(home, *keys: str) -> None:  # type: ignore[no-untyped-def]
    """Open the dialog with no column marked but state and name, then mark others."""
    await home.press("vertical_line")
    await home.sees("Columns", "[x] name")
    listed = home.app.screen.query_one(ColumnList)
    listed.action_unmark()
    for key in ("status", "name", *keys):
        listed.move_to(listed.keys.index(key))
        await home.press("space")


async def test_metrics_and_hyperparameters_are_chosen_as_columns_and_sorted_by(store: Store) -> None:
    trained(store, "deep", "0.5", 0.25, 4.0)
    trained(store, "high", "0.1", 1.0, 2.0)
    async with OnHome(store, (80, 24)) as home:
        await home.press("vertical_line")
        await home.sees("[x] name", "[ ] Net/depth", "hyperparameter", "metric, last", "Enter show them")
        await home.press("escape")
        await choose(home, "param:Args/lr", "metric:loss/val.last")
        listed = home.app.screen.query_one(ColumnList)
        listed.move_to(listed.keys.index("metric:loss/val.last"))
        await home.press("right")
        await home.sees("metric, min")
        await home.keys("enter")
        heading, *rows = (await home.sees("val min", "lr")).splitlines()[1:4]
        assert heading.split()[:2] == ["S", "name"] and "age" not in heading
        assert [row.split()[-2:] for row in rows] == [["0.1", "1.000"], ["0.5", "0.2500"]], rows
        await home.keys("colon", *"sort", "space", *"metric", "colon", *"loss/val.min", "space", *"up", "enter")
        assert home.names == ["deep", "high"]
        await home.keys("colon", *"sort", "space", *"param", "colon", *"Args/lr", "space", *"up", "enter")
        assert home.names == ["high", "deep"]
        await home.keys("vertical_line", "u", "enter")
        await home.sees("age")
        assert home.home.view.sort == "activity"


async def test_a_columns_width_is_given_by_keys_and_remembered_for_the_project(store: Store) -> None:
    trained(store, "a task", "0.5", 0.25)
    async with OnHome(store, (100, 24), project="vision/resnet") as home:
        await choose(home, "metric:loss/val.last", "age")
        listed = home.app.screen.query_one(ColumnList)
        listed.move_to(listed.keys.index("metric:loss/val.last"))
        await home.press(*["greater_than_sign"] * 3, *["less_than_sign"] * 30)
        await home.sees("4 wide")
        listed.move_to(listed.keys.index("age"))
        await home.press(*["greater_than_sign"] * 5)
        await home.sees("9 wide")
        await home.keys("enter")
        wanted = {"metric:loss/val.last": 4, "age": 9}
        assert {column.key: width for column, width in home.table.in_columns if column.key in wanted} == wanted
    async with OnHome(store, (100, 24), project="vision/resnet") as home:
        assert {column.key: width for column, width in home.table.in_columns if column.key in wanted} == wanted
        await home.press("vertical_line")
        await home.sees("9 wide", "4 wide", "0: its own")
        listed = home.app.screen.query_one(ColumnList)
        listed.move_to(listed.keys.index("age"))
        await home.keys("0", "enter")
        assert ("age", 4) in [(column.key, width) for column, width in home.table.in_columns]
        assert "lr" not in home.text() and home.home.view.widths == (("metric:loss/val.last", 4),)


async def test_the_column_of_that_name_is_the_first_that_a_search_lists(store: Store) -> None:
    run = trained(store, "a task", "0.5", 0.25)
    for series in ("cpu_usage", "average", "age/of_it", "usage age"):
        run.report(f"m {series}", "x", 1.0)
    async with OnHome(store, (100, 40)) as home:
        await home.press("vertical_line")
        await home.sees("[x] name")
        await home.keys("slash", *"age")
        names = [parse_name(key) for key in home.app.screen.query_one(ColumnList).listed]
        assert names[0] == "age"
        assert names.index("m age/of_it/x") < names.index("m average/x")


def parse_name(key: str) -> str:
    return parse(key).name if ":" in key else key


async def test_the_order_in_the_dialog_is_the_order_in_the_table(store: Store) -> None:
    draft(store, "a draft", lr="0.5")
    async with OnHome(store, (80, 24)) as home:
        await choose(home, "age", "param:Args/lr")
        listed = home.app.screen.query_one(ColumnList)
        listed.move_to(listed.keys.index("param:Args/lr"))
        while listed.keys.index("param:Args/lr") > listed.keys.index("age"):
            await home.press("K")
        await home.keys("enter")
        heading = (await home.sees("lr")).splitlines()[1].replace("↓", "")
        assert heading.split() == ["S", "name", "lr", "age"]
        await home.keys("vertical_line")
        assert [type(shown) for shown in home.app.screen_stack[1:]] == [ColumnsDialog]
        await home.keys("J", "escape")
        assert home.app.screen is home.home and home.home.view.columns[2:] == ("param:Args/lr", "age")


async def test_a_search_in_the_dialog_lists_what_fits_and_leaves_the_rest_as_it_is(store: Store) -> None:
    run = trained(store, "the task", "0.5", 1.0)
    for n in range(100):
        run.report(f"layer {n:03}", "norm", 1.0)
    async with OnHome(store, (80, 24)) as home:
        await choose(home, "param:Args/lr")
        await home.press("slash", *"layer 07 norm")
        listed = home.app.screen.query_one(ColumnList)
        await home.until(lambda: listed.count == 11, "those that fit")
        await home.sees("layer 007/norm", "layer 078/norm", "Esc leave it")
        await home.press("enter", "j", "j", "space", "K")
        await home.press("slash", "ctrl+u", *"nothing like it")
        await home.sees("No column fits")
        await home.press("enter", "space", "K", "right")
        await home.press("escape")
        assert listed.count == len(listed.keys) > 100
        assert listed.answer[0] == ("status", "name", "param:Args/lr", "metric:layer 071/norm.last")
        await home.keys("enter")
        assert home.home.view.columns == listed.answer[0]


async def test_a_column_says_which_gpus_a_running_task_holds(store: Store) -> None:
    run, other = trained(store, "holds two", "0.5", 1.0), trained(store, "holds one", "0.5", 1.0)

    def seen(at: float, *holders: str) -> None:
        gpus = (GpuRow(n, "A100", 9.0, 1.0, 2.0, (Holder(n, "ada", task, 1.0),)) for n, task in enumerate(holders))
        hosts.note(store, HostRow("lab", at, None, tuple(gpus)))

    seen(time.time(), run.id, "", run.id, other.id)
    async with OnHome(store, (80, 24)) as home:
        home.home.use_columns(("name", "gpu"))
        shown = await home.sees("holds two", "0 2")
        assert next(line for line in shown.splitlines() if "holds one" in line).split()[-1] == "3"
        seen(time.time() + 1, run.id, other.id)
        for which in (run, other):
            which.report("loss", "val", 2.0)
        await home.until(lambda: "0 2" not in home.text(), "one GPU less")
        run.end()
        await home.until(lambda: home.home.table.draw(1).text.split()[-1] == "two", "none once it has ended")
    hosts.note(store, HostRow("lab", time.time() - 600, None, (GpuRow(1, "A100", 9.0, 1.0, 2.0, (
        Holder(2, "ada", other.id, 1.0),)),)))  # fmt: skip
    async with OnHome(store, (80, 24)) as home:
        home.home.use_columns(("name", "gpu"))
        await home.sees("1?")


async def test_cells_follow_a_changed_task_for_two_statements_more(store: Store) -> None:
    run = trained(store, "the task", "0.5", 1.0)
    async with OnHome(store, (100, 24)) as home:
        home.home.use_columns(("status", "name", "param:Args/lr", "metric:loss/val.max", "metric:loss/val.min"))
        await home.sees("0.5", "1.000")
        data_store = home.app.data._store
        assert data_store is not None
        with counted(data_store.reader) as seen:
            run.report("loss", "val", 8.0)
            await home.sees("8.000")
        assert len(seen.statements) <= 5, seen.statements
        Run(store, "one more", {"Args/lr": "0.125"})
        await home.sees("one more", "0.125")
        commands.edit(store, draft(store, "by hand"), {"Args/lr": "0.75"}, add=True, by=BY)
        await home.sees("by hand", "0.75")


async def test_a_page_of_chosen_columns_costs_two_statements_more(store: Store) -> None:
    for n in range(130):
        draft(store, f"task {n:03}", lr=str(n))
    async with OnHome(store, (80, 24)) as home:
        home.home.use_columns(("name", "param:Args/lr", "metric:loss/val.last"))
        await home.keys("p")  # the preview asks for itself
        data_store = home.app.data._store
        assert data_store is not None
        with counted(data_store.reader) as seen:
            await home.keys("G")
        assert "task 000" in home.text()
        assert len(seen.statements) <= 8, seen.statements  # four a page, two pages at most


async def test_a_column_is_sorted_by_though_its_title_has_spaces_and_another_must_be_chosen_first(store: Store) -> None:
    for name, loss in (("high", 2.0), ("low", 1.0)):
        Run(store, name).report("my own loss", "val", loss)
    async with OnHome(store) as home:
        await choose(home, "metric:my own loss/val.last")
        await home.keys("enter", "colon", *"sort metric:my own loss/val.last up", "enter")
        await home.lists("low", "high")
        await home.keys("colon", *"sort metric:my own loss/val.last", "enter")
        await home.lists("high", "low")
        said = " ".join((await home.keys("colon", *"sort metric:other/val", "enter")).split())
        assert "| chooses other columns." in said


async def test_arrows_move_and_turn_a_metrics_form_and_space_alone_marks(store: Store) -> None:
    trained(store, "deep", "0.5", 0.25, 4.0)
    async with OnHome(store, (80, 24)) as home:
        await home.press("vertical_line")
        await home.until(lambda: isinstance(home.app.screen, ColumnsDialog), "the columns")
        listed = home.app.screen.query_one(ColumnList)
        before, _ = listed.answer
        listed.move_to(listed.keys.index("metric:loss/val.last"))
        await home.press("right", "down", "up", "left", "left")
        await home.sees("metric, delta")
        assert listed.answer[0] == before
        await home.press("space", "up", "right")
        assert listed.answer[0] == (*before, "metric:loss/val.last"), "what is marked stays so in another form"


async def test_what_there_is_no_room_for_is_said_when_columns_are_chosen(store: Store) -> None:
    trained(store, "deep", "0.5", 0.25, 4.0)
    fields = ("type", "progress", "age", "user", "host", "project", "tags")
    async with OnHome(store, (80, 24)) as home:
        await choose(home, *fields, "metric:loss/val.last")
        said = " ".join((await home.keys("enter")).split())
        assert "There is no room for " in said and "host: choose fewer columns (|), or widen the terminal." in said
        await choose(home, "metric:loss/val.last")
        assert "no room" not in await home.keys("enter")


async def test_a_sparkline_is_chosen_follows_its_task_and_is_sorted_by_the_last_value(store: Store) -> None:
    falling, rising = trained(store, "falls", "0.5", *curve(200)), trained(store, "rises", "0.1", 1.0, math.nan, 9.0)
    draft(store, "a draft")
    async with OnHome(store, (80, 24)) as home:
        await choose(home, "age")
        listed = home.app.screen.query_one(ColumnList)
        listed.move_to(listed.keys.index("metric:loss/val.last"))
        await home.press("right", "right", "right", "right", "space")
        await home.sees("metric, sparkline", "first, sparkline, or delta")
        await home.keys("enter")
        assert home.home.view.columns == ("status", "name", "age", "metric:loss/val.sparkline")

        def drawn(name: str) -> str:
            heading, *rows = (home.table.draw(y).text for y in range(4))
            row = next(row for row in rows if f" {name} " in row)
            return row[heading.index("loss/val") :][:12].rstrip()

        assert drawn("falls")[0] == "█" and drawn("falls")[-1] == "▁" and 6 <= len(drawn("falls")) <= 12
        assert (drawn("rises"), drawn("a draft")) == ("▁×█", "")
        rising.report("loss", "val", 17.0)
        await home.until(lambda: drawn("rises") == "▁×▅█", "the new value")
        falling.report("loss", "val", math.nan)
        await home.until(lambda: drawn("falls")[-1] == "×", "NaN at the end")
        falling.report("loss", "val", 20.0)
        await home.until(lambda: drawn("falls")[-1] == "█", "what diverges")
        await home.keys("colon", *"sort", "space", *"metric", "colon", *"loss/val.sparkline", "space", *"up", "enter")
        assert home.names == ["rises", "falls", "a draft"]
        assert "loss/val↑" in home.table.draw(0).text
        await home.keys("S")
        assert home.names == ["falls", "rises", "a draft"]
    async with OnHome(store, (80, 24), look=Look(ascii=True, colour=False)) as home:
        assert home.home.view.columns[-1] == "metric:loss/val.sparkline", "it is remembered"
        await home.sees("_x=#")
        assert home.text().isascii()


async def test_a_page_of_sparklines_costs_two_statements_more_and_other_columns_nothing(store: Store) -> None:
    for n in range(130):
        trained(store, f"task {n:03}", "0.5", *curve(30))
    async with OnHome(store, (80, 24)) as home:
        await home.keys("p")  # the preview asks for itself
        data_store = home.app.data._store
        assert data_store is not None
        for column, most in (("metric:loss/val.sparkline", 8), ("param:Args/lr", 6)):
            home.home.use_columns(("name", column))
            await home.keys("g")
            with counted(data_store.reader) as seen:
                await home.keys("G")
            assert "task 000" in home.text()
            assert len(seen.statements) <= most, seen.statements  # of two pages at most
            assert any("scalar_" in said for said in seen.statements) == ("sparkline" in column)


def test_columns_take_the_width_in_their_order_and_name_and_state_go_last() -> None:
    keys = ("status", "project", "param:Args/lr", "name", "metric:loss/val.min")
    known = {column.key: column for column in chosen.every(None, False, keys)}
    for width in range(4, 200):
        laid = chosen.arranged([known[key] for key in keys], width)
        assert sum(size + 1 for _, size in laid) - 1 <= width
        assert [column.key for column, _ in laid] == [key for key in keys if key in {c.key for c, _ in laid}]
        assert width < 17 or {"status", "name"} <= {column.key for column, _ in laid}


def test_speed_and_time_left_are_said_only_where_they_are_known() -> None:
    now = time.time()
    row = replace(BASE, started=now - 100, last_seen=now, last_iteration=250, progress=20.0)
    fields = {column.key: column for column in chosen.FIELDS}

    def said(**changes: object) -> tuple[str, ...]:
        changed = replace(row, **changes)  # type: ignore[arg-type]
        cells = (fields[key].draw(changed, 7, Scene(now)) for key in ("speed", "left"))
        return tuple(pieces[0][0].strip() for pieces in cells)

    assert said() == ("2.500", "6m")
    assert said(status="completed") == said(started=None) == said(started=now - 2) == ("", "")
    assert said(progress=None, last_iteration=None) == said(progress=0.0, last_iteration=0) == ("", "")
    assert said(started=now - 900, last_seen=now - 600) == ("stopped", "")


async def test_s_goes_on_to_the_speed_and_the_time_left(store: Store) -> None:
    for name, steps in (("slow one", 10), ("fast one", 200)):
        run = Run(store, name)
        run.report("loss", "val", *curve(steps))
        run.say("five minutes after the start")
    async with OnHome(store) as home:
        home.home.use_columns(("name", "speed", "left"))
        await home.calm()
        for key in ("name", "speed"):
            while home.home.wanted.sort != key:
                await home.keys("s")
        assert home.names == ["fast one", "slow one"]
        await home.keys("S")
        assert home.names == ["slow one", "fast one"]
        await home.keys("s")
        assert home.home.wanted.sort == "left" and not home.home.wanted.descending


def test_quiet_is_what_reports_nothing_for_clearly_longer_than_its_steps_take() -> None:
    now = time.time()

    def is_quiet(silent: float, steps: int | None, each: float) -> bool:
        row = replace(BASE, started=now - silent - (steps or 1) * each, last_seen=now - silent, last_iteration=steps)
        return columns.is_quiet(row, now)

    assert not is_quiet(100, 9000, 0.04) and is_quiet(130, 9000, 0.04)
    assert not is_quiet(1100, 10, 300) and is_quiet(1300, 10, 300)
    assert not is_quiet(300, None, 90) and is_quiet(400, None, 90)
    long = replace(BASE, started=now - 900, last_seen=now - 300, last_iteration=10_001, iteration_offset=10_000)
    assert not columns.is_quiet(long, now), "one step of ten minutes, behind those of an earlier execution"
    again = replace(BASE, started=now - 60, last_seen=now - 9000, last_iteration=10)
    assert not columns.is_quiet(again, now), "continued a minute ago"


def test_what_names_no_column_is_left_out() -> None:
    assert chosen.valid(["name", "nope", 3, "metric:loss", "param:Args/lr", "name", "metric:a/b"]) == (
        "name", "param:Args/lr", "metric:a/b.last",
    )  # fmt: skip
