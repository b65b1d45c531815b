"""The compare screen, by keys over a real store; and the pure parts: tables, diffs, letters, axes."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import clock, commands
from store.compact import compact
from store.engine import Store, current_rev
from tests.support import counted
from tests.tui.at_home import Home, OnHome
from tests.tui.made import BY, OnTask, Opened, Run, curve, draft, new_store
from tui import format as form
from tui import keymap
from tui.compare import MOST, TABS, diffs, points, table
from tui.compare.lettered import lettered
from tui.compare.scalars import Pane as Scalars
from tui.compare.scatter import Pane as Scatter
from tui.compare.source import Compared
from tui.look import COLOUR_BLIND, DARK, LIGHT, Look
from tui.screens.compare import CompareScreen


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def runs(store: Store, count: int = 3) -> list[Run]:
    """Tasks that differ in a learning rate, and all of whose series differ."""
    made = []
    for n in range(count):
        run = Run(store, f"resnet18 lr={10.0**-n:g}", {"Args/lr": f"{10.0**-n:g}", "Args/epochs": "30"})
        run.report("loss", "train", *curve(40, 2.0, 0.1 * (n + 1)))
        run.report("accuracy", "val", 0.5, 0.9 - 0.1 * n)
        run.say("loading", f"epoch 1 loss {n}.5", "epoch 2 loss 0.1")
        made.append(run)
    return made


async def compare(home: Home, count: int) -> CompareScreen:
    """Mark the newest tasks and compare them; the newest is the first one."""
    await home.keys(*["space"] * count, "C")
    return screen(home)


def screen(opened: Opened) -> CompareScreen:
    shown = opened.app.screen
    assert isinstance(shown, CompareScreen), shown
    return shown


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.strip(" ≠!").startswith(start))


# Getting there ------------------------------------------------------------------------------------------------------


async def test_marked_tasks_are_compared(store: Store) -> None:
    made = runs(store)
    async with OnHome(store) as home:
        shown = await compare(home, 3)
        text = await home.sees("compare 3 tasks", "A ▶ resnet18 lr=0.01", "C ▶ resnet18 lr=1")
        assert set(shown.tasks) == {run.id for run in made}
        assert "Running" in line_of(text, "status") and "0.3000" in line_of(text, "loss/train")
        await home.press("escape")
        await home.until(lambda: home.app.screen is home.home)


async def test_the_values_under_the_cursor_are_those_of_each_task_at_the_iteration_named(store: Store) -> None:
    for n, every in enumerate((1, 1, 50)):
        run = Run(store, f"task {n}")
        run.report_at("loss", "train", {at: (at + n) / 10_000 for at in range(0, 1400, every)})
        compact(store, run.id, everything=True)
    async with OnHome(store, size=(160, 48)) as home:
        await compare(home, 3)
        await home.press("5")
        await home.sees("A 0.1352", "C 0.1399")
        for keys in ("left", "left"), ("enter", "left"), ("plus", "left"):
            await home.press(*keys)
            await home.until(lambda: "…" not in home.text() and home.app.is_calm, "values read")
            at = int(re.search(r"\bat (\d+)", home.text())[1])  # type: ignore[index]
            sparse = at // 50 * 50
            said = " ".join(home.text().split())
            assert re.search(rf" A .*{form.number((sparse + 2) / 10_000)}{'' if at == sparse else f'@{sparse}'} ", said)
            assert re.search(rf" B .*{form.number((at + 1) / 10_000)} .* C .*{form.number(at / 10_000)} ", said)


async def test_it_takes_two_to_ten(store: Store) -> None:
    runs(store, 11)
    async with OnHome(store) as home:
        assert "Cannot compare 1 task: it takes 2 to 10. Mark others (space) first." in await home.keys("C")
        assert "Cannot compare 11 tasks: 10 at most" in await home.keys(*["space"] * 11, "C")
        await home.keys("k", "space", "C")
        await home.sees("compare 10 tasks")


async def test_d_compares_with_the_parent_or_says_why_not(store: Store) -> None:
    [run] = runs(store, 1)
    run.end()
    clone = commands.clone(store, run.id, by=BY, name="the clone")
    commands.edit(store, clone, {"Args/lr": "7"}, by=BY)
    async with OnTask(store, clone) as opened:
        await opened.press("d", "2")
        text = await opened.sees("A ✔", "B ○ the clone", "what differs")
        assert line_of(text, "lr").split()[-2:] == ["1", "7"] and "epochs" not in text
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, CompareScreen))
        commands.archive(store, run.id, by=BY)
        commands.delete(store, run.id, by=BY)
        await opened.press("d")
        await opened.sees(f"({run.id[:8]}) was deleted.")
    async with OnTask(store, draft(store, "an orphan")) as opened:
        await opened.press("d")
        await opened.sees('"an orphan"', "was not cloned from a task.")


async def test_the_command_line_compares_by_ids_and_names(store: Store) -> None:
    made = runs(store, 2)
    async with OnHome(store) as home:
        await home.keys(":", *f"compare {made[0].id} {made[1].id}", "enter")
        await home.sees("compare 2 tasks")
        assert screen(home).tasks == [run.id for run in made]
        await home.keys("escape", ":", *"compare nosuch", "enter")
        await home.sees("There is no task 'nosuch'.")
        await home.keys("g", ":", *f"compare {made[0].id}", "enter")
        await home.sees("compare 2 tasks")


async def test_a_read_only_dashboard_compares(store: Store) -> None:
    runs(store, 2)
    async with OnHome(store, read_only=True) as home:
        await compare(home, 2)
        await home.sees("compare 2 tasks", "read-only")


# Every tab ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 12), (20, 6)])
async def test_every_tab_at_every_size(store: Store, size: tuple[int, int]) -> None:
    runs(store, 3)
    async with OnHome(store, size, look=Look(ascii=size[0] < 80, colour=size[0] > 80)) as home:
        shown = await compare(home, 3)
        for tab in TABS:
            await home.press(str(tab.digit))
            await home.until(lambda name=tab.name: shown.tab == name)  # type: ignore[misc]
            await home.pilot.resize_terminal(size[0] + 7, size[1] + 3)
            await home.pilot.resize_terminal(*size)
            await home.calm()
            assert all(len(line) <= size[0] for line in home.text().splitlines())


async def test_tasks_with_nothing_say_what_would_be_there(store: Store) -> None:
    draft(store, "one draft")
    draft(store, "two draft")
    async with OnHome(store) as home:
        await compare(home, 2)
        for key, sentence in (("2", "None of these tasks has hyperparameters."), ("3", "How they were run"),
                              ("4", "printed nothing yet."), ("5", "No scalars yet."), ("6", "No scalars yet."),
                              ("6", "None of these tasks has hyperparameters"),
                              ("7", "None of these tasks has artifacts or models.")):  # fmt: skip
            await home.press(key)
            await home.sees(sentence)


async def test_ten_tasks_scroll_sideways_and_the_keys_stay(store: Store) -> None:
    runs(store, 10)
    async with OnHome(store, (80, 24)) as home:
        await compare(home, 10)
        seen: set[str] = set()
        for _ in range(10):
            text = await home.sees("status", "Running")
            seen |= {
                word for word in text.splitlines()[3].split("of J")[1].split() if len(word) == 1 and word.isupper()
            }
            await home.keys("right")
        assert seen >= set("ABCDEFGHIJ")
        assert line_of(home.text(), "status").count("Running") == 3
        assert "J ▶R" in home.text().splitlines()[0]


async def test_what_differs_and_with_a_key_everything(store: Store) -> None:
    runs(store, 2)
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("2")
        text = await home.sees("what differs", "1 the same")
        assert "≠ lr" in text and "epochs" not in text
        await home.keys("=")
        text = await home.sees("everything", "epochs")
        assert "≠ epochs" not in text


async def test_configuration_objects_are_compared_line_by_line(store: Store) -> None:
    for width in (64, 128):
        run = Run(store, f"width {width}")
        run.tell(e="configuration", name="model", text=f"layers: 18\nwidth: {width}\n", type="yaml", description="")
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("2")
        await home.sees("model  configuration object", "- width: 128", "+ width: 64", "  layers: 18")


async def test_code_by_commits_diffs_and_packages(store: Store) -> None:
    made = runs(store, 2)
    for n, run in enumerate(made):
        commands.set_environment(store, run.id, 1, {
            "repository": "https://git.example.org/v.git", "commit": f"{n + 1}" * 40, "entry_point": "train.py",
            "diff": f"@@ -1 +1 @@\n-lr = 1\n+lr = {n}\n".encode(), "packages": {"numpy": "2.3", "torch": f"2.{n}"},
        })  # fmt: skip
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("3")
        text = await home.sees("git log 2222222222..1111111111", "≠ torch", "1 the same", "- +lr = 1", "+ +lr = 0")
        assert "numpy" not in text and "  -lr = 1" in text
        await home.keys("=")
        await home.sees("numpy", "repository")


async def test_consoles_with_and_without_their_numbers(store: Store) -> None:
    runs(store, 2)
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("4")
        await home.sees("- A resnet18 lr=0.1  3 lines", "- epoch 1 loss 1.5", "+ epoch 1 loss 0.5", "  loading")
        await home.keys("i")
        await home.sees("numbers ignored", "These lines are the same.")


async def test_of_long_consoles_the_ends_or_the_beginnings(store: Store) -> None:
    for name in ("one run", "two run"):
        Run(store, name).say(f"begin {name}", *["the same"] * (diffs.LONGEST - 1), f"end {name}")
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("4")
        text = await home.sees("last 2,000 of 2,001 lines", "- end two run", "+ end one run")
        assert "begin" not in text.split("lines", 1)[1].splitlines()[2]
        await home.keys("b")
        await home.sees("first 2,000 of 2,001 lines", "- begin two run", "+ begin one run")


async def test_overlaid_series_have_letters_characters_and_one_place_in_every_chart(store: Store) -> None:
    one, _, three = runs(store)
    three.report("f1", "val", 0.1, 0.2)
    one.report("f1", "val", 0.2, 0.4)
    for run in (one, three):
        run.report("the", "same", 0.25, 0.5)
    async with OnHome(store, look=Look(colour=False)) as home:
        await compare(home, 3)
        await home.keys("5")
        text = await home.sees("accuracy/val", "loss/train", "f1/val", "o B -")
        assert "x C=A 0.5000" in text, "C's line lies over A's"
        assert "x C 0.4000" in text  # its sign is that of its place, though B has no such series
        await home.keys("j", "enter")
        text = await home.sees("B resnet18 lr=0.1")
        picture = "\n".join(text.splitlines()[7:-2])
        assert all(letter in picture for letter in ("A", "C"))
        await home.keys("x")
        await home.sees("relative")
        await home.keys("+", "left", "left")
        await home.sees("zoomed", "at ")


async def test_where_there_is_no_room_for_all_a_chart_names_the_tasks_that_have_its_series(store: Store) -> None:
    for n in range(8):
        run = Run(store, f"task {n}")
        run.report("loss", "train", 1.0, 0.5)
        if n == 1:
            run.report("f1", "val", 0.25)
    async with OnHome(store, (80, 24)) as home:
        await compare(home, 8)
        await home.keys("5")
        text = await home.sees("f1/val", "loss/train")
        assert "G 0.2500" in text, text
        assert text.count("8 series") == 1, "only one of them is of eight tasks"


async def test_figures_mark_the_extremes_of_each_line(store: Store) -> None:
    made = runs(store)
    made[1].report("loss", "val", math.nan)
    made[0].tell(e="single", name="parameters", value=11.5)
    async with OnHome(store) as home:
        await compare(home, 3)
        await home.keys("6")
        text = await home.sees("Scalars", "Values")
        assert [w for w in line_of(text, "loss/train").split() if w[0] in "▾▴"] == ["▴0.3000", "▾0.1000"]
        assert "▾" not in line_of(text, "loss/val") and "NaN" in line_of(text, "loss/val")
        assert line_of(text, "parameters").split()[1:] == ["-", "-", "11.50"]


async def test_a_scatter_of_what_was_given_against_what_was_reached(store: Store) -> None:
    for run, word in zip(runs(store), ("sgd", "adam", "lion"), strict=True):
        run.tell(e="parameters", values={"Args/optimizer": {"value": word, "type": "str", "description": ""}})
    async with OnHome(store) as home:
        shown = await compare(home, 3)
        await home.keys("6", "6")
        await home.sees("accuracy/val last  over  Args/lr", "log x", "A …0.01")
        pane = shown.pane()
        assert isinstance(pane, Scatter)
        await home.until(lambda: {"A", "B", "C"} <= letters(pane))
        assert "log x" in pane.caption()
        await home.keys("X")
        assert "log x" not in pane.caption()
        await home.keys("x", "G", "enter")
        text = await home.sees("over  Args/optimizer", "adam", "lion", "sgd")
        axis = next(line for line in text.splitlines() if {"adam", "lion", "sgd"} == set(line.split()))
        assert axis
        await home.keys("v", "G", "enter")
        await home.sees("loss/train max  over  Args/optimizer")


def letters(pane: Scatter) -> set[str]:
    return {character for row in pane.picture.rows for run in row for character in run.text if character.isupper()}


async def test_the_chosen_task_is_opened_and_acted_upon(store: Store) -> None:
    made = runs(store, 2)
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("2", "greater_than_sign", "enter")
        await home.until(lambda: getattr(home.app.screen, "task_id", "") == made[0].id)
        await home.sees("2 config", "Args", "epochs")
        await home.keys("escape", "r", "ctrl+u", *"renamed", "enter")
        await home.sees("B ▶ renamed")


async def test_search_in_a_table(store: Store) -> None:
    runs(store, 2)
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("/", *"run t", "enter")
        await home.sees("/run t 1 of 1")
        await home.keys("escape")
        assert isinstance(home.app.screen, CompareScreen) and "/run t" not in home.text()


async def test_help_lists_the_keys_of_the_tab(store: Store) -> None:
    runs(store, 2)
    async with OnHome(store) as home:
        shown = await compare(home, 2)
        await home.keys("4")
        named = {key.id for key in keymap.keys_of(*shown.help_screens())}
        assert {"compare.numbers", "compare.next", "compare.7", "task.clone", "help"} <= named
        assert not {"compare.whole", "scatter.log", "tab.9"} & named


# Live ---------------------------------------------------------------------------------------------------------------


async def test_run_times_go_on_where_they_are_shown_and_nothing_else_is_laid_out_for_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(store)
    async with OnHome(store) as home:
        shown = await compare(home, 3)
        started = max(member.row.started or 0 for member in shown.members)
        for minutes in (18, 19):
            monkeypatch.setattr(clock, "now", partial(float, started + minutes * 60 + 30))
            home.app._age()
            await home.until(lambda: f"{minutes}m" in line_of(home.text(), "run time"), "in minutes")  # noqa: B023
        await home.keys("6")
        laid: list[str] = []
        monkeypatch.setattr(type(shown.pane()), "take", lambda self, compared: laid.append(self.id))
        home.app._age()
        await home.pilot.pause()
        assert laid == []


async def test_only_what_changed_is_read_again(store: Store) -> None:
    made = runs(store)
    async with OnHome(store) as home:
        shown = await compare(home, 3)
        await home.keys("6")
        await home.sees("0.1000")
        read = shown.reads
        made[0].report("loss", "train", 0.0123)
        await home.sees("0.01230")
        assert shown.reads == read + 1
        inner = home.app.data._store
        assert inner is not None
        with counted(inner.reader) as seen:
            commands.describe(store, draft(store, "not compared"), by=BY, comment="changed")
            with store.read() as connection:
                newest = current_rev(connection)
            await home.until(lambda: home.app.data.rev == newest)
            await home.pilot.pause()
        assert shown.reads == read + 1
        assert not [statement for statement in seen.statements if "task_code" in statement]


async def test_a_growing_console_is_compared_to_its_end(store: Store) -> None:
    made = runs(store, 2)
    async with OnHome(store) as home:
        await compare(home, 2)
        await home.keys("4")
        await home.sees("3 lines")
        made[0].say("the very last line")
        await home.sees("+ the very last line")


async def test_a_deleted_task_goes_and_with_too_few_left_the_screen(store: Store) -> None:
    tasks = [draft(store, f"draft number {n}") for n in range(4)]
    async with OnHome(store) as home:
        shown = await compare(home, 4)
        await home.keys(">")
        await home.sees("compare 4 tasks  B", "draft number 2")
        for task in (tasks[3], *tasks[:2]):
            commands.archive(store, task, by=BY)
        commands.delete(store, tasks[3], by=BY)
        await home.sees("compare 3 tasks  A", '"draft number 3" was deleted.')
        assert [row.id for row in shown.targets()] == [tasks[2]], "the one that was chosen"
        commands.delete(store, tasks[0], by=BY)
        await home.sees("compare 2 tasks", '"draft number 0" was deleted.')
        commands.delete(store, tasks[1], by=BY)
        await home.until(lambda: home.app.screen is home.home)
        await home.sees('"draft number 1" was deleted. There is nothing left to compare it with.')


async def test_charts_of_a_task_that_goes_meanwhile_are_drawn_to_their_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [Run(store, name) for name in ("one", "two", "three")]
    for run in runs:
        run.report_together(("loss", "train"), ("accuracy", "val"), values=[1.0, 2.0])
        run.end()
    async with OnHome(store) as home:
        shown = await compare(home, 3)
        await home.keys("5")
        pane, told = shown.pane(), asyncio.Event()
        assert isinstance(pane, Scalars)

        async def wait(pane: Scalars, compared: Compared) -> None:
            await told.wait()

        monkeypatch.setattr(Scalars, "look_closer", wait)
        commands.archive(store, runs[0].id, by=BY)
        commands.delete(store, runs[0].id, by=BY)
        await home.until(lambda: len(shown.members) == 2, "the two that are left are read")
        await home.press("s")
        await home.until(lambda: not pane.busy, "smoothed charts of all three")
        told.set()
        await home.sees("compare 2 tasks")
        await home.until(lambda: not pane.busy and len(pane.charts[0].metrics) == 2, "charts of two")


# Pure parts ---------------------------------------------------------------------------------------------------------


def test_names_lose_what_they_share_only_where_they_do_not_fit() -> None:
    names = ["resnet18 lr=0.03", "resnet18 lr=0.3"]
    assert form.labels(names, 20) == names
    assert form.labels(names, 8) == ["…0.03", "…0.3"]
    assert form.labels(names, 8, ascii_only=True) == ["~0.03", "~0.3"]
    assert form.labels(["same and long"] * 2, 5) == ["same and long"] * 2
    assert form.labels(["resnet18 lr=0.01", "vit-tiny"], 11) == ["resne…=0.01", "vit-tiny"]
    ends = form.labels(["0" * 38 + "12", "0" * 38 + "34"], 10)
    assert ends[0] != ends[1] and all(len(text) <= 10 for text in ends)


@given(st.integers(2, 10), st.integers(1, 200), st.integers(0, 9), st.integers(0, 9))
def test_the_chosen_column_is_always_in_sight(count: int, width: int, chosen: int, first: int) -> None:
    lines = [table.line("a key", ["a value"] * count)]
    laid = table.layout(lines, ["a name"] * count, width, min(chosen, count - 1), first)
    assert laid.first <= min(chosen, count - 1) < laid.first + laid.shown <= count


TEXTS = st.lists(st.sampled_from(["one", "two 2", "two 3", "three"]), max_size=12)


@given(TEXTS, TEXTS)
def test_a_diff_leads_from_one_text_to_the_other(a: list[str], b: list[str]) -> None:
    pairs = diffs.matched(a, b)
    assert pairs is not None
    assert all(a[x] == b[y] for x, y in pairs) and pairs == sorted(pairs)
    found = diffs.changed(a, b)
    assert [line for sign, line in found if sign == "-"] == [a[x] for x in range(len(a)) if x not in dict(pairs)]
    assert [line for sign, line in found if sign == "+"] == [
        b[y] for y in range(len(b)) if y not in {y for _, y in pairs}
    ]


def test_one_line_more_among_many_alike_is_one_line_of_difference() -> None:
    alike = [f"epoch {n} loss 0.{n}" for n in range(600)]
    found = diffs.changed(alike, [*alike[:300], "a warning", *alike[300:]], numbers=False)
    assert [line for sign, line in found if sign in "+-"] == ["a warning"]


def test_texts_with_little_in_common_are_compared_too() -> None:
    a, b = [f"a {n}" for n in range(1000)], [f"b {n}" for n in range(1000)]
    assert diffs.matched(a, b) is None
    assert sum(sign in "+-" for sign, _ in diffs.changed(a, b)) == 2000


@pytest.mark.parametrize(("texts", "log", "ticks"), [
    (["0.1", "0.001", None], True, ["0.001", "0.1"]), (["1", "2"], False, ["1", "2"]), (["-1", "1000"], False, None),
    (["adam", "sgd"], False, ["adam", "sgd"]), (["inf", "1"], False, ["1", "inf"]),
])  # fmt: skip
def test_axes_fit_what_was_given(texts: Sequence[str | None], log: bool, ticks: list[str] | None) -> None:
    assert points.is_log(texts, None) is log
    laid = points.scale(texts, 60, None)
    assert ticks is None or [label for _, label in laid.ticks] == ticks
    assert all(place is None or laid.low <= place <= laid.high for place in laid.places)


def test_ten_tasks_have_ten_characters_and_ten_colours() -> None:
    from tui.charts.adapter import marker_of

    for plain in (False, True):
        signs = {marker_of(n, ascii=plain, distinct=True) for n in range(MOST)}
        assert len(signs) == MOST and (not plain or all(sign.isascii() and len(sign) == 1 for sign in signs))
    for palette in (DARK, LIGHT, COLOUR_BLIND):
        assert len({*palette.series[:MOST]}) == MOST


def test_a_letter_stands_at_the_right_end_of_each_line() -> None:
    from tui.charts import adapter
    from tui.charts.decimate import Curve

    def line(*ys: float) -> Curve:
        return Curve(tuple(map(float, range(len(ys)))), ys, ys, ys, ys)

    picture = adapter.draw(adapter.Plot((line(0, 1, 2), line(2, 1, 0)), markers=True), 40, 12)
    rows = ["".join(run.text for run in row) for row in lettered(picture, ["A", "B"]).rows]
    assert rows[0].rstrip().endswith("A") and any(row.rstrip().endswith("B") for row in rows[8:])
