"""What is shown as a file, by keys over real stores: what stands in it is what the store has, in the order shown."""

from __future__ import annotations

import asyncio
import csv
import math
import os
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from store import commands, tables
from store.clock import iso
from store.compact import compact
from store.engine import Store
from store.ingest import ingest
from store.queries import scalars, tasks
from store.queries.tasks import TaskQuery
from tests.store.processes import as_nobody
from tests.support import Script, eventually, plot, points
from tests.tui.at_home import Home, OnHome
from tests.tui.made import BY, OnTask, Opened, Run, curve
from tests.tui.test_commands import typed
from tui.app import LabtopApp
from tui.charts import svg
from tui.export.saving import BUSY, is_writing
from tui.export.saving import export as exporting
from tui.export.what import Export, Row, file_name
from tui.export.writing import cell
from tui.home_data import PART
from tui.look import LIGHT
from tui.screens.task import TaskScreen
from tui.widgets.scalars import Charts

EVIL = "=cmd|' /C calc'!A0"
NAMES = (EVIL, 'two\nlines, "quoted"', "\x1b[31mred\x1b[0m", "会議 naïve", "'=already", "plain")
SVG = "{http://www.w3.org/2000/svg}"
MANY = 3 * PART + 100
"""Tasks that are read in several parts."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the dashboard is started in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def export(opened: Opened, line: str) -> str:
    """Export to a file, and return what is said when it is done."""
    await opened.press("colon", *typed(f"export {line}"), "enter")
    await opened.until(lambda: opened.app.is_calm, "calm")
    return " ".join(opened.text().split())


async def exported(opened: Opened, file: Path, said: str) -> list[list[str]]:
    """Export what is shown as CSV and return its rows, the heading first."""
    text = await export(opened, file.name)
    assert f"Exported {said} to {file}" in text, text
    return rows_of(file)


def rows_of(file: Path) -> list[list[str]]:
    with open(file, encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened, strict=True))


def named(store: Store, *names: str) -> list[str]:
    """Make a Draft for each name, be it one that the product would not take; return their ids, the newest first."""
    made = [commands.create(store, by=BY, project="vision/resnet", name=f"task {n}") for n in range(len(names))]
    with store.write() as tx:
        for n, (task, name) in enumerate(zip(made, names, strict=True)):
            tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(name=name, activity=1000.0 + n))
    return made[::-1]


# Tables -------------------------------------------------------------------------------------------------------------


async def test_names_come_back_as_they_are_stored_but_for_what_a_spreadsheet_would_run(
    store: Store, here: Path
) -> None:
    made = named(store, *NAMES)
    commands.tag(store, made[0], by=BY, add=["b", "a"])
    async with OnHome(store) as home:
        heading, *rows = await exported(home, here / "tasks.csv", "6 tasks")
    assert heading == ["id", "status", "name", "project", "type", "progress", "iteration", "run time (s)", "activity",
                       "where", "tags"]  # fmt: skip
    assert [row[0] for row in rows] == made
    kept = ["plain", "''=already", "会議 naïve", "\x1b[31mred\x1b[0m", 'two\nlines, "quoted"', f"'{EVIL}"]
    assert [row[2] for row in rows] == kept
    assert rows[0][8:] == ["1970-01-01T00:16:45.000Z", "ada", "a, b"]
    assert (here / "tasks.csv").read_bytes().count(b"\r\n") == 7 and not (here / "tasks.csv").stat().st_mode & 0o111


@pytest.mark.parametrize(("text", "written"), [
    ("-0.5", "-0.5"), ("+1e-3", "+1e-3"), ("-inf", "-inf"), ("--flag", "'--flag"), ("@x", "'@x"), ("\t=1", "'\t=1"),
    ("＝1", "'＝1"), ("a=b", "a=b"), ("'quoted'", "'quoted'"), ("'=x", "''=x"), ("", ""),
])  # fmt: skip
def test_a_text_that_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(text: str, written: str) -> None:
    assert cell(text) == written


async def test_a_delta_is_a_number_from_the_baseline_that_counts(store: Store, here: Path) -> None:
    runs = {name: Run(store, name) for name in ("pinned", "other", "unheard")}
    for name, value in (("pinned", 0.25), ("other", 1.0)):
        runs[name].report("loss", "val", value)
    async with OnHome(store) as home:
        home.home.use_columns(("name", "metric:loss/val.delta"))
        commands.set_baseline(store, "vision", runs["pinned"].id, by=BY)
        await home.sees("+0.7500")
        rows = await exported(home, here / "deltas.csv", "3 tasks")
    assert rows[0] == ["id", "name", "loss/val delta"]
    assert {row[1]: row[2] for row in rows[1:]} == {"pinned": "0.0", "other": "0.75", "unheard": ""}


async def test_a_metric_that_is_shown_twice_is_one_column_of_the_file(store: Store, here: Path) -> None:
    Run(store, "the one").report("loss", "val", 0.5)
    async with OnHome(store) as home:
        home.home.use_columns(("name", "metric", "metric:loss/val.last", "metric:loss/val.min"))
        await home.calm()
        rows = await exported(home, here / "once.csv", "1 task")
    assert [row[1:] for row in rows] == [["name", "loss/val", "loss/val min"], ["the one", "0.5", "0.5"]]


async def test_the_filter_the_order_and_the_chosen_columns_are_those_of_the_table(store: Store, here: Path) -> None:
    values = {"falls": [2.0, 0.1 + 0.2], "nan": [1.0, math.nan], "inf": [1.0, math.inf], "other": [5.0]}
    made = {}
    for name, reported in values.items():
        made[name] = run = Run(store, name, {"Args/lr": "3e-5", "Args/note": "-x"})
        run.report("loss", "val", *reported)
    async with OnHome(store) as home:
        keys = ("name", "metric:loss/val.sparkline", "metric:loss/val.min", "param:Args/lr", "param:Args/note", "id")
        home.home.use_columns(keys)
        await home.keys("colon", *typed("sort name up"), "enter", "slash", *typed("-name~other"), "enter")
        await home.lists("falls", "inf", "nan")
        heading, *rows = await exported(home, here / "chosen.csv", "3 tasks")
    assert heading == ["id", "name", "loss/val", "loss/val min", "Args/lr", "Args/note"]
    assert rows == [
        [made["falls"].id, "falls", repr(0.1 + 0.2), repr(0.1 + 0.2), "3e-5", "'-x"],
        [made["inf"].id, "inf", "Infinity", "1.0", "3e-5", "'-x"],
        [made["nan"].id, "nan", "NaN", "1.0", "3e-5", "'-x"],
    ]


async def test_names_that_xml_cannot_hold_and_long_ones_leave_room_for_the_picture(store: Store, here: Path) -> None:
    run = Run(store, "drawn")
    heat = {"type": "heatmap", "z": [[1, 2], [3, 4]], "y": ["a\ufffe\uffff", "n" * 300], "x": ["\ufffe", "b"]}
    run.draw(plot("odd", "names", 1, heat, at=time.time()))
    async with OnTask(store, run.id, "plots") as opened:
        await opened.sees("odd")
        await export(opened, "odd.svg")
        await opened.until(lambda: (here / "odd.svg").exists(), "the picture")
    texts = ElementTree.parse(here / "odd.svg").iter(f"{SVG}text")
    ends = {text.text: float(text.get("x", "0")) for text in texts if text.get("text-anchor") == "end"}
    assert set(ends) == {"a", "n" * 29 + "…"} and max(ends.values()) < 260


async def test_of_a_screen_that_is_just_opening_there_is_nothing_yet(store: Store) -> None:
    run = Run(store, "opened")
    async with OnHome(store) as home:
        opening = home.app.open_task(run.id, "scalars")
        screen = home.app.screen_stack[-1]
        assert isinstance(screen, TaskScreen) and "not been read yet" in str(screen.export())
        await opening
        await home.until(lambda: screen.export() == "There is no series to export yet.", "the pane's answer")


async def test_of_marked_tasks_the_marked_alone_in_the_order_of_the_table(store: Store, here: Path) -> None:
    made = named(store, "one", "two", "three", "four")
    async with OnHome(store, read_only=True) as home:
        await home.keys("G", "space", "g", "space")
        _, *rows = await exported(home, here / "marked.csv", "2 marked tasks")
        assert [row[0] for row in rows] == [made[0], made[3]]
        await home.keys("slash", *"three", "enter")
        _, *rows = await exported(home, here / "hidden.csv", "2 marked tasks")
        assert {row[0] for row in rows} == {made[0], made[3]}, "marks are acted on wherever the filter leaves them"
        await home.keys("u")
        _, *rows = await exported(home, here / "three.csv", "1 task")
        assert [row[2] for row in rows] == ["three"]


@pytest.mark.slow
async def test_of_thousands_of_tasks_all_are_in_the_file(store: Store, here: Path) -> None:
    scripts = [Script() for _ in range(MANY)]
    now = time.time()
    for start in range(0, MANY, 500):
        part = scripts[start : start + 500]
        batches = [script.batch(events=[script.start(project="lab/many", name=f"task {n}", time=now + n)],
                                scalars={("loss", "val"): points([float(n)])})
                   for n, script in enumerate(part, start)]  # fmt: skip
        ingest(store, batches, BY)
    async with OnHome(store) as home:
        await home.keys("colon", *typed("sort metric up"), "enter")
        heading, *rows = await exported(home, here / "all.csv", f"{MANY:,} tasks")
    with store.read() as c:
        expected = tasks.ids(c, TaskQuery(sort="metric", descending=False, metric=("loss", "val")))
    assert [row[0] for row in rows] == expected
    assert [row[heading.index("loss/val")] for row in rows] == [str(float(n)) for n in range(MANY)]


# Charts -------------------------------------------------------------------------------------------------------------


def charts(opened: Opened) -> Charts:
    pane = opened.screen.pane()
    assert isinstance(pane, Charts)
    return pane


async def drawn(opened: Opened) -> None:
    await opened.until(lambda: opened.screen.is_current and charts(opened).charts and not charts(opened).busy, "drawn")


async def test_the_points_are_all_there_and_of_a_zoom_those_in_sight(store: Store, here: Path) -> None:
    run = Run(store)
    values = [math.sin(n) for n in range(9000)]
    values[3], values[8999] = math.nan, -math.inf
    run.report("loss", "train", *values[:8000])
    compact(store, run.id, everything=True)
    run.report("loss", "train", *values[8000:])
    run.report("loss", EVIL, 1.0)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        heading, *rows = await exported(opened, here / "loss.csv", "9,001 points")
        assert heading == ["series", "iteration", "time", "value"]
        with store.read() as c:
            found = {m.series: scalars.points(c, run.id, m.number) for m in scalars.metrics(c, run.id)}
        train = [row for row in rows if row[0] == "loss/train"]
        assert [int(row[1]) for row in train] == list(range(9000)) == found["train"].iterations.tolist()
        assert [row[2] for row in train] == [iso(at) for at in found["train"].times]
        assert [row[3] for row in (train[3], train[8999])] == ["NaN", "-Infinity"]
        assert [float(row[3]) for row in train[4:8999]] == values[4:8999]
        assert [row for row in rows if row[0] != "loss/train"] == [[f"loss/{EVIL}", "0", rows[0][2], "1.0"]]
        await opened.press("enter", "plus", "plus")
        await drawn(opened)
        low, high = charts(opened).window or (math.nan, math.nan)
        before = scalars.decoded
        inside = [n for n in range(9000) if low <= n <= high]
        _, *rows = await exported(opened, here / "zoom.csv", f"{len(inside):,} points")
        assert [int(row[1]) for row in rows] == inside and 1000 < len(inside) < 5000
        assert scalars.decoded - before < 9000, "chunks out of sight are not read"


def polylines(file: Path) -> list[list[tuple[float, float]]]:
    """Return the lines of a picture, in its pixels."""
    lines = ElementTree.parse(file).iter(f"{SVG}polyline")
    return [
        [(float(x), float(y)) for x, y in (at.split(",") for at in line.attrib["points"].split())] for line in lines
    ]


def axes(file: Path) -> tuple[float, float, float, float]:
    """Return the left, upper, right and lower end of the axes: the last two lines that are drawn of them."""
    dim = [{k: float(line.attrib[k]) for k in ("x1", "y1", "x2", "y2")}
           for line in ElementTree.parse(file).iter(f"{SVG}line") if line.attrib["stroke"] == svg.DIM]  # fmt: skip
    up, along = dim[-2:]
    return up["x1"], up["y1"], along["x2"], along["y2"]


async def test_a_picture_has_the_points_where_they_are_on_its_axes(store: Store, here: Path) -> None:
    run = Run(store, 'the <task> & "co"')
    values = [2.0, 1.0, 4.0, 0.0, 3.0]
    run.report("loss", "train", *values)
    run.report("loss", "val", 1.0, math.nan, 2.0, 2.5)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        assert f"Exported the picture to {here}/loss.svg" in await export(opened, "loss.svg")
    left, top, right, bottom = axes(here / "loss.svg")
    first, *rest = polylines(here / "loss.svg")
    assert left < right and top < bottom, "up is up"
    low, high = -0.16, 4.16  # a margin of 4 %
    expected = [(left + (right - left) * n / 4, bottom - (bottom - top) * (value - low) / (high - low))
                for n, value in enumerate(values)]  # fmt: skip
    assert [end for place in first for end in place] == pytest.approx(
        [end for place in expected for end in place], abs=0.02
    )
    assert [len(line) for line in rest] == [2], "NaN parts the line; what is alone is a mark"
    root = ElementTree.parse(here / "loss.svg").getroot()
    said = [text.text for text in root.iter(f"{SVG}text")]
    assert said[:3] == ["loss", 'the <task> & "co"', "iteration"] and {"train", "val", "0", "4"} <= set(said)
    lines = list(root.iter(f"{SVG}polyline"))
    assert [line.attrib["stroke"] for line in lines] == list(LIGHT.series[:2])
    assert [line.attrib["stroke-dasharray"] for line in lines] == ["none", "7 3"]
    assert [path.attrib["fill"] for path in root.iter(f"{SVG}path")] == [LIGHT.series[1], svg.RED]
    text = (here / "loss.svg").read_text()
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "") and "style" not in text and "href" not in text


async def test_a_picture_of_a_zoom_has_its_range(store: Store, here: Path) -> None:
    run = Run(store)
    run.report("loss", "train", *map(float, range(11)))
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("enter", "plus")
        await drawn(opened)
        assert charts(opened).window == (2.5, 7.5)
        await export(opened, "zoom.svg")
    left, _, right, _ = axes(here / "zoom.svg")
    [line] = polylines(here / "zoom.svg")
    assert [(x - left) / (right - left) for x, _ in line] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9], abs=0.001)


async def test_scales_smoothing_and_the_x_axis_are_those_of_the_screen(store: Store, here: Path) -> None:
    run = Run(store)
    run.report("loss", "train", *[10.0**-n for n in range(5)])
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("L")
        await export(opened, "log.svg")
        [line] = polylines(here / "log.svg")
        steps = [after[1] - before[1] for before, after in pairwise(line)]
        assert steps == [pytest.approx(steps[0], abs=0.05)] * 4, "powers of ten are as far from each other"
        await opened.press("s", "x", "x")
        await export(opened, "smooth.svg")
    raw, smooth = ElementTree.parse(here / "smooth.svg").iter(f"{SVG}polyline")
    assert raw.attrib["stroke-opacity"] == "0.35" and "stroke-opacity" not in smooth.attrib
    assert polylines(here / "smooth.svg")[0] == line
    text = (here / "smooth.svg").read_text()
    assert "logarithmic, smoothed 0.6" in text and "local time" in text


async def test_a_long_series_is_a_few_thousand_places_and_keeps_its_spikes(store: Store, here: Path) -> None:
    run = Run(store)
    values = [math.sin(n / 900) for n in range(20_000)]
    values[7777] = 50.0
    run.report("loss", "train", *values)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await export(opened, "long.svg")
    behind, mean = polylines(here / "long.svg")
    assert len(behind) < 3000 and len(mean) <= 1200
    left, _, right, _ = axes(here / "long.svg")
    x, _ = min(behind, key=lambda place: place[1])
    assert x == pytest.approx(left + (right - left) * 7777 / 19_999, abs=1.0)


async def test_titles_and_names_of_any_kind_make_a_picture_that_can_be_read(store: Store, here: Path) -> None:
    run = Run(store)
    hostile = "\x1b]0;x\x07\ufffe</text><script>&[/b]\u202e"
    for n in range(20):
        run.report(hostile, f"{hostile} {n}", 1.0, float(n))
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("colon", *typed("export"), "enter")
        await opened.sees("Export to")
        await opened.press("enter")
        await opened.until(lambda: opened.app.is_calm and list(here.iterdir()))
        [file] = here.iterdir()
        assert file.suffix == ".csv" and file.name.isprintable() and "/" not in file.name
        await export(opened, "hostile.svg")
    text = (here / "hostile.svg").read_text()
    assert not [c for c in text if not c.isprintable() and c != "\n"] and "\ufffe" not in text
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()}
    assert tags == {"svg", "title", "rect", "text", "line", "polyline", "path"} - {"path"}
    assert "16 of 20 series drawn" in text


async def test_nothing_to_draw_is_said_and_leaves_no_file(store: Store, here: Path) -> None:
    run = Run(store)
    run.report("loss", "train", math.nan, math.nan)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        assert "There is nothing to draw of loss: only NaN so far." in await export(opened, "nan.svg")
    assert list(here.iterdir()) == []


async def test_the_machines_charts_are_exported_as_the_scripts_are(store: Store, here: Path) -> None:
    run = Run(store)
    run.report(":monitor:cpu", "cpu %", 10.0, 20.0)
    async with OnTask(store, run.id, "system") as opened:
        await drawn(opened)
        _, *rows = await exported(opened, here / "cpu.csv", "2 points")
        assert [row[::3] for row in rows] == [[":monitor:cpu/cpu %", "10.0"], [":monitor:cpu/cpu %", "20.0"]]
        await export(opened, "cpu.svg")
    assert ">cpu</text>" in (here / "cpu.svg").read_text()


# Compare ------------------------------------------------------------------------------------------------------------


async def compared(home: Home, tab: str) -> None:
    await home.keys("space", "space", "C", tab)
    await home.until(lambda: home.app.is_calm)


def pair(store: Store) -> list[Run]:
    made = []
    for n, name in enumerate(("one", EVIL)):
        run = Run(store, name, {"Args/lr": f"{0.1**n:g}", "Args/same": "1"})
        run.report("loss", "train", *curve(30, 2.0, 0.1 + n / 3))
        run.report("only", f"of {n}", float(n))
        run.tell(e="single", name="score", value=1 / 3 + n)
        run.tell(e="configuration", name="yaml", text=f"- a\n- {n}", type="", description="")
        made.append(run)
    return made[::-1]


async def test_compared_series_are_told_apart_by_task(store: Store, here: Path) -> None:
    made = pair(store)
    async with OnHome(store) as home:
        await compared(home, "5")
        heading, *rows = await exported(home, here / "loss.csv", "60 points")
        assert heading == ["task", "name", "series", "iteration", "time", "value"]
        with store.read() as c:
            found = [(run.id, n, repr(value)) for run in made
                     for n, value in enumerate(scalars.points(c, run.id, 1).values)]  # fmt: skip
        assert [(row[0], int(row[3]), row[5]) for row in rows] == found
        assert {(row[1], row[2]) for row in rows} == {(f"'{EVIL}", "loss/train"), ("one", "loss/train")}
        await export(home, "loss.svg")
        await home.keys("j")
        await export(home, "only.svg")
    assert [len(line) for line in polylines(here / "loss.svg")] == [30, 30]
    said = [text.text for text in ElementTree.parse(here / "loss.svg").iter(f"{SVG}text")]
    assert f"A {EVIL}" in said and "B one" in said and said[-2:] == ["A", "B"]
    colours = [path.attrib["fill"] for path in ElementTree.parse(here / "only.svg").iter(f"{SVG}path")]
    assert len(colours) == 1, "one task has it, in its own colour"


async def test_the_tables_of_a_comparison_hold_full_values(store: Store, here: Path) -> None:
    made = pair(store)
    async with OnHome(store) as home:
        await compared(home, "2")
        heading, *rows = await exported(home, here / "differs.csv", "2 lines")
        assert heading == ["key", f"A {EVIL} ({made[0].id[:8]})", f"B one ({made[1].id[:8]})"]
        assert rows == [["Args/lr", "0.1", "1"], ["yaml (object)", "'- a\n- 1", "'- a\n- 0"]]
        await home.keys("equals_sign")
        _, *rows = await exported(home, here / "all.csv", "3 lines")
        assert ["Args/same", "1", "1"] in rows
        await home.keys("6")
        heading, *rows = await exported(home, here / "figures.csv", "10 lines")
        assert heading[:2] == ["series", "figure"]
        assert rows[0] == ["loss/train", "last", repr(0.1 + 1 / 3), "0.1"]
        assert rows[-1] == ["score", "once", repr(1 / 3 + 1), repr(1 / 3)]
        assert ["only/of 0", "max", "", "0.0"] in rows
        await home.keys("6")
        heading, *rows = await exported(home, here / "scatter.csv", "2 tasks")
        assert heading == ["task", "name", "Args/lr", "loss/train last"]
        assert rows == [[made[0].id, f"'{EVIL}", "0.1", repr(0.1 + 1 / 3)], [made[1].id, "one", "1", "0.1"]]
        await export(home, "scatter.svg")
        said = [text.text for text in ElementTree.parse(here / "scatter.svg").iter(f"{SVG}text")]
        assert {"loss/train last over Args/lr", f"A {EVIL}", "B one", "A", "B", "Args/lr"} <= set(said)
        for tab in "134":
            await home.keys(tab)
            assert "There is nothing to export here." in await export(home, "x.csv")


# Plots --------------------------------------------------------------------------------------------------------------

MATRIX = {"type": "heatmap", "z": [[1, 2], [3, None]], "x": ["cat", "dog"], "y": ["was cat", "was dog"]}
LINES = {"mode": "lines", "name": "a", "x": [1, 10, 100], "y": [1, 2, 3]}
TABLE = {"type": "table", "header": {"values": ["name", "value"]}, "cells": {"values": [[EVIL, "b\nc"], [1.5, -2]]}}
PLOTS: list[tuple[str, tuple[dict[str, Any], ...], list[list[str]]]] = [
    ("matrix", (MATRIX,), [["", "cat", "dog"], ["was cat", "1", "2"], ["was dog", "3", "NaN"]]),
    ("lines", (LINES, {"mode": "markers", "name": "b", "x": [1], "y": [2.5]}),
     [["series", "x", "y"], ["a", "1", "1"], ["a", "10", "2"], ["a", "100", "3"], ["b", "1", "2.5"]]),
    ("bars", ({"type": "bar", "x": ["left", "right"], "y": [4, -2]},),
     [["x", "y"], ["left", "4"], ["right", "-2"]]),
    ("right", ({"type": "bar", "orientation": "h", "x": [4, 2], "y": ["a", "b"]},),
     [["x", "y"], ["4", "a"], ["2", "b"]]),
    ("table", (TABLE,), [["name", "value"], [f"'{EVIL}", "1.5"], ["b\nc", "-2"]]),
    ("boxes", ({"type": "box", "name": "a", "y": [1, 2, 3, 9]}, LINES),
     [["series", "x", "y", "value"], ["a", "1", "1", ""], ["a", "10", "2", ""], ["a", "100", "3", ""],
      ["a", "a", "values", "4"], ["a", "a", "lower whisker", "1"], ["a", "a", "q1", "1.5"],
      ["a", "a", "median", "2.5"], ["a", "a", "q3", "6"], ["a", "a", "upper whisker", "9"],
      ["a", "a", "mean", "3.75"], ["a", "a", "deviation", "3.112474899497183"]]),
    ("violin", ({"type": "violin", "y": [5, 5]},),
     [["series", "x", "y", "value"], ["", "trace 0", "values", "2"], ["", "trace 0", "lower whisker", "5"],
      ["", "trace 0", "q1", "5"], ["", "trace 0", "median", "5"], ["", "trace 0", "q3", "5"],
      ["", "trace 0", "upper whisker", "5"], ["", "trace 0", "mean", "5"], ["", "trace 0", "deviation", "0"],
      ["", "trace 0", "5", "1"]]),
    ("both", (MATRIX, LINES | {"xaxis": "x2", "yaxis": "y2"}),
     [["part", "series", "x", "y", "value"], ["1", "", "cat", "was cat", "1"], ["1", "", "dog", "was cat", "2"],
      ["1", "", "cat", "was dog", "3"], ["1", "", "dog", "was dog", "NaN"], ["2", "a", "1", "1", ""],
      ["2", "a", "10", "2", ""], ["2", "a", "100", "3", ""]]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "traces", "rows"), PLOTS, ids=[name for name, _, _ in PLOTS])
async def test_a_plots_data_and_its_picture(
    store: Store, here: Path, name: str, traces: tuple[dict[str, Any], ...], rows: list[list[str]]
) -> None:
    run = Run(store, EVIL)
    run.draw(plot(name, "val", 3, *traces), plot(name, "val", 7, *traces))
    async with OnTask(store, run.id, "plots") as opened:
        await opened.sees("iteration 7")
        assert await exported(opened, here / "plot.csv", f"{len(rows) - 1} rows") == rows
        await opened.press("left")
        await opened.sees("iteration 3")
        text = await export(opened, "plot.svg")
    if name == "table":
        assert f"There is no picture of {name}/val: what is in it can only be exported as .csv." in text
        assert not (here / "plot.svg").exists()
        return
    root = ElementTree.parse(here / "plot.svg").getroot()
    count = [len(list(root.iter(f"{SVG}{tag}"))) for tag in ("rect", "polyline", "path", "svg")]
    assert count == {
        "matrix": [5, 0, 0, 1], "lines": [1, 1, 2, 1], "bars": [3, 0, 0, 1], "right": [3, 0, 0, 1],
        "both": [6, 1, 0, 3], "boxes": [1, 7, 0, 1], "violin": [1, 1, 0, 1],
    }[name], "the paper, and what is on it"  # fmt: skip
    assert any(f"{name}/val" == text.text for text in root.iter(f"{SVG}text"))
    assert any((text.text or "").startswith(f"{EVIL}, iteration 3") for text in root.iter(f"{SVG}text"))


async def test_counts_of_a_plot_are_whole_and_what_is_none_is_written_in_full(store: Store, here: Path) -> None:
    run = Run(store)
    run.draw(plot("counts", "", 1, {"type": "bar", "x": ["a", "b", "c", "d"], "y": [560, 0.5, 2.0**53, 1e300]}))
    async with OnTask(store, run.id, "plots") as opened:
        await opened.sees("iteration 1")
        _, *rows = await exported(opened, here / "counts.csv", "4 rows")
    assert rows == [["a", "560"], ["b", "0.5"], ["c", "9007199254740992.0"], ["d", "1e+300"]]


def test_bars_of_a_picture_are_as_high_as_their_values() -> None:
    from tui.plots.figure import read
    from tui.plots.picture import document

    drawing = read({"data": [{"type": "bar", "x": ["a", "b", "c"], "y": [4, 2, -1]}], "layout": {}})
    root = ElementTree.fromstring(document(drawing, "bars", "", LIGHT.series))
    heights = [float(rect.attrib["height"]) for rect in list(root.iter(f"{SVG}rect"))[1:]]
    assert [height / heights[1] for height in heights] == pytest.approx([2, 1, 0.5], abs=0.001)


# Where to -----------------------------------------------------------------------------------------------------------


async def test_without_a_name_one_is_proposed_and_a_file_is_never_replaced_unasked(store: Store, here: Path) -> None:
    run = Run(store)
    run.report("loss", "train", 1.0, 2.0)
    async with OnTask(store, run.id, "scalars", read_only=True) as opened:
        await drawn(opened)
        await opened.press("colon", *typed("export"), "enter")
        await opened.sees("Export to", "loss-train.csv", ".csv or .svg", "loss-train.svg")
        await opened.press("tab", "tab", "enter")
        await opened.sees("Exported 2 points")
        before = (here / "loss-train.csv").read_bytes()
        (here / "loss-train.csv").write_text("mine")
        await opened.press("colon", *typed("export"), "enter", "enter")
        await opened.sees("Replace loss-train.csv?")
        await opened.press("n")
        await opened.sees("It is there already. Give another place.")
        await opened.press("ctrl+u", *typed("loss.txt"), "enter")
        await opened.sees("Give it a name that ends with .csv or .svg")
        await opened.press("ctrl+u", *typed("none/loss.csv"), "enter")
        await opened.sees("Cannot save it there: No such file or directory.")
        await opened.press("escape", "colon", *typed("export loss-train.csv"), "enter")
        await opened.sees("Replace loss-train.csv?")
        assert (here / "loss-train.csv").read_text() == "mine"
        await opened.press("y")
        await opened.sees("Exported 2 points")
        assert (here / "loss-train.csv").read_bytes() == before
        assert [file.name for file in here.iterdir()] == ["loss-train.csv"]
        (Path.home() / "papers").mkdir()
        await export(opened, "~/papers")
        assert (Path.home() / "papers" / "loss-train.csv").read_bytes() == before
        await export(opened, "~/papers/LOSS.SVG")
        assert ElementTree.parse(Path.home() / "papers" / "LOSS.SVG").getroot().tag == f"{SVG}svg"
        assert "Give it a name that ends with .csv or .svg" in await export(opened, "loss")


async def test_the_line_is_completed_by_proposals_folders_and_files(store: Store, here: Path) -> None:
    named(store, "one")
    (here / "sub").mkdir()
    (here / "sub" / "old.csv").write_text("")
    (here / "sub" / "note.txt").write_text("")
    (here / "sub" / "bad\x1bname.csv").write_text("")
    async with OnHome(store) as home:
        await home.press("colon", *typed("export "))
        await home.sees("tasks.csv", "sub/")
        await home.press(*typed("su"), "tab")
        text = await home.sees("is there already")
        assert "sub/old.csv" in text and "note.txt" not in text and "bad" not in text
        await home.press(*typed("new.csv"), "enter")
        await home.until(lambda: (here / "sub" / "new.csv").exists())


async def test_where_there_is_nothing_to_export_it_is_said_with_where_there_is(store: Store, here: Path) -> None:
    async with OnHome(store) as home:
        assert "There is no task to export: the table is empty." in await export(home, "x.csv")
    run = Run(store)
    async with OnTask(store, run.id, "overview") as opened:
        for digit, sentence in (("1", "The task table can be exported"), ("4", "There is nothing to export here."),
                                ("5", "There is no series to export yet."), ("6", "There is no plot to export yet."),
                                ("8", "There is no series to export yet.")):  # fmt: skip
            await opened.press(digit)
            await opened.until(lambda: opened.app.is_calm)
            assert sentence in await export(opened, "x.csv")
        await opened.press("W", "colon", *typed("export x.csv"), "enter")
        await opened.sees("There is nothing to export here.")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("name", "file"), [
    ("loss/train", "loss-train"), ("../../etc/passwd", "etc-passwd"), (".hidden", "hidden"), ("", "export"),
    ("\x1b[31m", "31m"), ("会議", "会議"), ("a" * 300, "a" * 60),
])  # fmt: skip
def test_a_proposed_name_is_harmless(name: str, file: str) -> None:
    assert file_name(name) == file


def test_a_folder_one_may_not_write_to_is_said(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "closed"
    target.mkdir(mode=0o755)

    def refused() -> str:
        async def ask() -> str:
            app = LabtopApp(store.location, take_in=False)
            from tui.savefile import placed

            return str(await placed(app, str(target / "x.csv"), "x.csv"))

        return asyncio.run(ask())

    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    assert as_nobody(refused) == "Cannot save it there: Permission denied. Give another place."


# Meanwhile ----------------------------------------------------------------------------------------------------------


async def test_the_screen_answers_while_a_file_is_written_and_nothing_half_is_left(store: Store, here: Path) -> None:
    named(store, "one", "two")
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    written: list[int] = []

    def rows(connection: Any) -> Iterator[Row]:
        assert threading.current_thread().name.startswith("query")
        try:
            yield ["number"]
            for number in range(1000):
                begun.set()
                go_on.wait(20)
                written[:] = [number]
                yield written
        finally:
            ended.set()

    async with OnHome(store) as home:
        home.home.run_worker(exporting(home.app, Export("slow", "number", rows), "slow.csv"))
        await home.until(begun.is_set, "a row is written")
        assert is_writing(home.app)
        first = home.table.current
        await home.press("j")
        await home.until(lambda: home.table.current not in (first, None), "the cursor moved")
        assert BUSY in await saying(home, "export tasks.csv")
        assert [name[:8] for name in os.listdir(here)] == [".labtop-"], "the file itself comes in the end"
        home.app.exit()
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 20)
    assert written == [0], "nothing more is read for nobody"
    await asyncio.to_thread(eventually, lambda: not os.listdir(here))


async def test_an_export_that_was_never_begun_leaves_nothing_either(store: Store, here: Path) -> None:
    named(store, "one")
    go_on = threading.Event()
    async with OnHome(store) as home:
        for _ in range(2):  # both threads that read have something else to do
            home.home.run_worker(home.app.data.read(lambda connection: go_on.wait(20)))
        await home.until(lambda: home.app.data.running == 2)
        await home.press("colon", *typed("export tasks.csv"), "enter")
        await home.until(lambda: is_writing(home.app))
        home.app.exit()
    go_on.set()
    assert os.listdir(here) == []


async def test_nothing_is_left_by_esc_while_a_slow_disk_is_asked_whether_a_file_can_be_made(
    store: Store, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(store, "one")
    go_on, begun, made, opened = threading.Event(), threading.Event(), threading.Event(), os.open

    def slow(path: Any, *args: Any, **options: Any) -> int:
        if "/.labtop-" not in str(path):
            return opened(path, *args, **options)
        begun.set()
        go_on.wait(20)
        file = opened(path, *args, **options)
        made.set()
        return file

    monkeypatch.setattr(os, "open", slow)
    async with OnHome(store) as home:
        await home.press("colon", *typed("export"), "enter")
        await home.sees("Export to")
        await home.press("enter")
        await home.until(begun.is_set, "a file is being made")
        await home.press("escape")
        await home.until(lambda: len(home.app.screen_stack) == 1, "no dialog any more")
        go_on.set()
        await asyncio.to_thread(made.wait, 20)
        await asyncio.to_thread(eventually, lambda: not os.listdir(here))
        assert not is_writing(home.app)


async def saying(home: Home, line: str) -> str:
    await home.press("colon", *typed(line), "enter")
    await home.until(lambda: "being written" in home.text())
    return " ".join(home.text().split())


async def test_a_full_disk_is_said_of_the_file_and_not_of_the_store(store: Store, here: Path) -> None:
    def rows(connection: Any) -> Iterator[Row]:
        yield ["number"]
        os.unlink(next(here.glob(".labtop-*")))
        here.rename(here.with_name("moved"))

    named(store, "one")
    async with OnHome(store) as home:
        home.home.run_worker(exporting(home.app, Export("lost", "number", rows), str(here / "lost.csv")))
        await home.until(lambda: "lost.csv: No such file or directory." in " ".join(home.text().split()))
        assert "not live" not in home.text()


async def test_a_series_of_the_machine_is_exported_as_it_was_recorded(store: Store, here: Path) -> None:
    run = Run(store)
    run.report(":monitor:machine", "memory_used_gb", 10.0)
    async with OnTask(store, run.id, "system") as opened:
        await drawn(opened)
        _, *rows = await exported(opened, here / "memory.csv", "1 point")
        assert [row[::3] for row in rows] == [[":monitor:machine/memory_used_gb", "10.0"]]
