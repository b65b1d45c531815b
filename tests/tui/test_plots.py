"""The plots of a task: each kind readable in cells, at every iteration kept, in any terminal, whatever is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store.engine import Store
from store.errors import InvalidValue
from store.figures import pack
from tests.support import plot
from tests.tui.made import OnTask, Opened, Run, draft, new_store
from tui.charts.adapter import SERIES
from tui.look import Look
from tui.plots.cells import Terminal
from tui.plots.draw import drawn
from tui.plots.figure import read
from tui.plots.heat import HEAT
from tui.plots.picture import document
from tui.widgets.plots import Plots

BRAILLE = {chr(c) for c in range(0x2801, 0x2900)}
ASCII = Terminal(ascii=True, colour=False)


def rows(*traces: dict[str, Any], width: int = 60, height: int = 16, terminal: Terminal | None = None,
         **layout: Any) -> list[str]:  # fmt: skip
    made = drawn(pack({"data": list(traces), "layout": layout}), width, height, terminal or Terminal())
    found = ["".join(run.text for run in row) for row in (*made.head, *made.rows[:])]
    assert len(found) <= height or traces[0].get("type") in ("table", "pie") or len(traces) > 1
    return found


def ticks(text: list[str]) -> list[float]:
    """Return the numbers at the upright axis."""
    return [float(row.split("┤")[0]) for row in text if "┤" in row]


def roles(*traces: dict[str, Any], **layout: Any) -> set[int]:
    made = drawn(pack({"data": list(traces), "layout": layout}), 60, 16, Terminal())
    return {run.role for row in made.rows for run in row}


# The kinds ----------------------------------------------------------------------------------------------------------


def test_lines_and_points_stand_on_axes_that_fit_them() -> None:
    line = {"type": "scatter", "mode": "lines", "name": "sine", "x": [0, 1, 2], "y": [0, 5, "NaN"]}
    text = rows(line, {"mode": "markers", "name": "dots", "x": [1, 2], "y": [1, 2]}, xaxis={"title": "time"})
    assert text[0].split() == ["━", "sine", "•", "dots"] and "x: time" in text[-1]
    assert any(set(row) & BRAILLE for row in text) and sum(row.count("•") for row in text[1:]) == 2
    turned = rows(line, xaxis={"autorange": "reversed"})[-1].split()
    assert turned == rows(line)[-1].split()[::-1]
    assert "y logarithmic" in rows(line | {"y": [1, 10, 1000]}, yaxis={"type": "log"})[-1]
    cloud = {"mode": "markers", "x": list(range(1000)), "y": [n * n % 977 for n in range(1000)]}
    assert any(set(row) & BRAILLE for row in rows(cloud)) and not any("•" in row for row in rows(cloud))


def test_bars_are_as_high_as_their_values() -> None:
    text = rows({"type": "bar", "x": ["left", "中文", "right"], "y": [4, 2, -2]}, height=14)
    assert "left" in text[-1] and "中文" in text[-1] and "right" in text[-1]
    heights = [sum(row[column : column + 1] == "█" for row in text) for column in (12, 30, 50)]
    assert heights[0] > heights[1] and abs(heights[1] - heights[2]) <= 1
    two = [{"type": "bar", "name": name, "y": [1, 3]} for name in ("one", "two")]
    assert {SERIES, SERIES + 1} <= roles(*two)
    assert max(ticks(rows(*two))) < 5 <= max(ticks(rows(*two, barmode="stack")))
    plain = rows(*two, terminal=ASCII)
    assert "#" in "".join(plain[1:]) and "=" in "".join(plain[1:]) and "".join(plain).isascii()


@pytest.mark.parametrize("values", [[1, 1000], [100, 100], [1e308, 1e308], [0, -1]])
def test_stacked_bars_have_a_logarithmic_axis_as_high_as_the_stacks(values: list[float]) -> None:
    bar = {"type": "bar", "x": ["a", "b"], "y": values}
    text = rows(bar, bar, barmode="stack", yaxis={"type": "log"})
    found = ticks(text)
    if max(values) in (100, 1000):
        assert max(values) <= max(found) <= 20 * max(values), text


def test_a_histogram_counts_and_bars_to_the_right_are_rows() -> None:
    counted = rows({"type": "histogram", "x": [1] * 30 + [2] * 10 + [3] * 20})
    assert any(row.strip().startswith("30") for row in counted)
    for left_out in (
        {"type": "histogram", "x": [1, "NaN", "Infinity"]},
        {"type": "bar", "y": [1, "NaN", None]},
        {"type": "bar", "orientation": "h", "x": [1, "NaN", "-Infinity"], "y": ["a", "b", "c"]},
    ):
        assert rows(left_out)[-1] == "2 of 3 values are no finite numbers and have no bar."
        assert "3 of 6 values" in rows(left_out, {"type": left_out["type"], "x": [1, 2, None], "y": [1, 2, None]})[-1]
    assert not any("no bar" in row for row in rows({"type": "histogram", "x": ["cat", "dog", None]}))
    across = rows({"type": "pie", "labels": ["cats", "dogs"], "values": [1, 3]})
    assert [row.split()[0] for row in across] == ["cats", "dogs"] and "3.000" in across[1]
    assert abs(across[1].count("█") - 3 * across[0].count("█")) <= 2


def test_a_matrix_has_its_numbers_where_they_fit_and_means_where_not() -> None:
    matrix = {"type": "heatmap", "z": [[50, 1], [0, 47]], "x": ["cat", "dog"], "y": ["CAT", "DOG"]}
    text = rows(matrix)
    numbers = [row.split() for row in text if row.strip() and row.split()[0] in ("CAT", "DOG")]
    assert numbers == [["DOG", "0", "47"], ["CAT", "50", "1"]], "row 0 stands at the bottom, as plotly has it"
    upright = rows(matrix, yaxis={"autorange": "reversed", "title": "true"})
    assert next(n for n, r in enumerate(upright) if "CAT" in r) < next(n for n, r in enumerate(upright) if "DOG" in r)
    assert "y: true" in "".join(upright)
    assert {HEAT, HEAT + 9} <= roles(matrix)
    assert any("█" in row and "50" in row for row in rows(matrix, terminal=Terminal(colour=False)))
    assert any("#" in row and "50" in row for row in rows(matrix, terminal=ASCII))
    for plain, ramp in ((Terminal(colour=False), " ░░░▒▒▒▓▓█"), (ASCII, " ..::--==#")):
        assert any(f"from 0 {ramp} to 50" in row for row in rows(matrix, terminal=plain)), "it reads like a row"
    large = rows({"type": "heatmap", "z": [[n * m for n in range(300)] for m in range(200)]})
    assert "the mean of" in large[-1] and len(large) <= 16
    assert "seen from above" in rows({"type": "surface", "z": [[1, 2], [3, 4]]})[-1]


def test_a_table_is_measured_and_numbers_stand_at_the_right() -> None:
    table: dict[str, Any] = {"type": "table", "header": {"values": ["<b>name</b>", "rate"]}}
    full = table | {"cells": {"values": [["a", "bcd"], [1, 10.5]]}}
    assert [row.rstrip() for row in rows(full)] == ["name  rate", "a        1", "bcd   10.5"]
    assert [row.rstrip() for row in rows(table | {"cells": {"values": [[], []]}})] == [
        "name  rate", "The table has no rows.",
    ]  # fmt: skip


def test_what_is_not_drawn_is_said() -> None:
    text = " ".join(rows({"type": "funnel", "y": [1, 2]}, {"type": "bar", "y": [1]}, height=20, comment="by hand"))
    assert "'funnel' is kept, but cannot be drawn" in text and "by hand" in text and "█" in text
    space = rows({"type": "scatter3d", "x": list(range(40)), "y": list(range(40)), "z": list(range(40)), "name": "c"})
    assert "seen from above" in space[1] and "c 0 to 9" in space[0]
    assert "nothing in this plot" in rows({"type": "heatmap"})[0]
    assert "cannot be read" in "".join(run.text for run in drawn(b"junk", 60, 16, Terminal()).rows[0])
    assert "not kept any more" in "".join(run.text for run in drawn(None, 60, 16, Terminal()).rows[0])
    two = rows({"y": [1, 2]}, {"y": [5, 6], "xaxis": "x2", "yaxis": "y2"}, height=20)
    assert sum("└" in row for row in two) == 2


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
                   st.sampled_from(["NaN", "Infinity", "-Infinity", "\x1b[2J", "中"]),
                   st.sampled_from([0, 1e308, -1e308, 1.7e308, 1e-300, 5e-324]))  # fmt: skip
arrays = st.lists(st.one_of(values, st.lists(values, max_size=3)), max_size=6)
FIELDS = ["x", "y", "z", "text", "labels", "values", "name", "mode", "orientation", "header", "cells", "x0", "nbinsx"]
SPREAD = [
    "q1", "median", "q3", "lowerfence", "upperfence", "mean", "sd", "boxpoints", "points", "boxmean", "span", "side",
    "sizemode", "sdmultiple", "bandwidth", "offsetgroup", "scalegroup", "quartilemethod", "box", "meanline",
]  # fmt: skip
parts = st.dictionaries(
    st.sampled_from(FIELDS),
    st.one_of(values, arrays, st.dictionaries(st.just("values"), arrays)), max_size=6,
)  # fmt: skip
spreads = st.dictionaries(
    st.sampled_from(["x", "y", *SPREAD]),
    st.one_of(values, arrays, st.dictionaries(st.sampled_from(["visible", "width"]), values),
              st.sampled_from(["all", "sd", "positive", "h", "inclusive", {"visible": True}])), max_size=9,
)  # fmt: skip
TYPES = ["scatter", "bar", "histogram", "pie", "heatmap", "surface", "scatter3d", "table", "other", None]


traces = st.one_of(st.tuples(st.sampled_from(TYPES), parts), st.tuples(st.sampled_from(["box", "violin"]), spreads))
layouts = st.dictionaries(
    st.sampled_from(["xaxis", "yaxis", "barmode", "violinmode", "title"]),
    st.one_of(values, st.just({"type": "log"}), st.just({"autorange": "reversed"}), st.just("stack"),
              st.fixed_dictionaries({"tickvals": arrays, "ticktext": arrays})),
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@example([("histogram", {"y": [False], "nbinsx": "Infinity"})], False, False, 9, 9, {})
@given(st.lists(traces, max_size=3), st.booleans(), st.booleans(), st.integers(1, 90), st.integers(1, 30), layouts)
def test_nothing_that_is_stored_breaks_the_drawing(
    traces: list[tuple[str | None, dict[str, Any]]], ascii: bool, colour: bool, width: int, height: int, layout: Any
) -> None:
    figure = {"data": [{"type": kind} | trace for kind, trace in traces], "layout": layout}
    made = drawn(pack(figure), width, height, Terminal(ascii, colour))
    for row in (*made.head, *made.rows[:]):
        assert not any(c < " " or "\x7f" <= c < "\xa0" for run in row for c in run.text)
    if read(figure).parts:
        with suppress(InvalidValue):  # what has no picture
            ElementTree.fromstring(document(read(figure), "title", "", ("#112233",)))


@pytest.mark.parametrize("trace", [
    {"mode": "lines", "y": [1e16, 1e16 + 4]}, {"mode": "lines", "y": [1 + 1e-14, 1]},
    {"type": "bar", "x": [8e307, -8e307], "y": [1, 2]}, {"type": "box", "x": [8e307, -8e307], "y": [1, 2]},
])  # fmt: skip
def test_labels_wider_than_the_room_and_bars_at_the_ends_of_all_numbers_break_nothing(trace: dict[str, Any]) -> None:
    for width in range(1, 40):
        made = drawn(pack({"data": [trace], "layout": {}}), width, 16, Terminal(ascii=True))
        assert made.rows
    assert rows(trace, width=14)[0] == "too small here"


# The tab ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def pane(opened: Opened) -> Plots:
    found = opened.screen.pane()
    assert isinstance(found, Plots)
    return found


async def shown(opened: Opened, *words: str) -> str:
    await opened.until(
        lambda: opened.screen.is_current and not pane(opened).busy and all(word in opened.text() for word in words),
        f"{words} in {opened.text()}",
    )
    return opened.text()


def report(run: Run, title: str, series: str, iteration: int, *traces: dict[str, Any]) -> None:
    run.draw(plot(title, series, iteration, *traces, at=time.time()))


def matrix(value: int) -> dict[str, Any]:
    return {"type": "heatmap", "z": [[value, 1], [2, 3]]}


async def test_one_chooses_a_plot_and_an_iteration_and_it_follows_the_task(store: Store) -> None:
    run = Run(store)
    for n in (0, 5, 9):
        report(run, "confusion", "val", n, matrix(700 + n))
    cells = [[f"row {n}" for n in range(100)], ["w" * 40] * 100]
    table = {"type": "table", "header": {"values": ["k", "wide"]}, "cells": {"values": cells}}
    report(run, "table", "worst", 3, table)
    async with OnTask(store, run.id, "plots", (80, 24)) as opened:
        text = await shown(opened, "709", "3/3")
        assert "▸ confusion/val" in text and "  table/worst" in text and "iteration 9" in text
        await opened.press("left", "left")
        await shown(opened, "700", "iteration 0", "1/3")
        report(run, "confusion", "val", 12, matrix(712))
        await shown(opened, "1/4", "700")
        await opened.press("right", "right", "right", "right")
        await shown(opened, "712", "4/4")
        report(run, "confusion", "val", 13, matrix(713))
        await shown(opened, "713", "5/5")
        report(run, "confusion", "val", 13, matrix(888))
        await shown(opened, "888", "5/5")
        await opened.press("j")
        await shown(opened, "row 3", "rows 1-")
        await opened.press("enter")
        await shown(opened, "2/2")
        assert "confusion" not in opened.text()
        await opened.press("j", "G")
        await shown(opened, "row 99", "k ")
        await opened.press("escape")
        await shown(opened, "confusion/val")
        await opened.press("g")
        await shown(opened, "888")


async def test_a_table_that_is_wider_than_the_pane_marks_where_its_numbers_are_cut(store: Store) -> None:
    run = Run(store)
    values = [[1234567 + n] for n in range(12)]
    heading = [f"col{n}" for n in range(12)]
    report(run, "wide", "", 0, {"type": "table", "header": {"values": heading}, "cells": {"values": values}})
    async with OnTask(store, run.id, "plots", (80, 24)) as opened:
        await shown(opened, "wide")
        await opened.press("enter")
        await shown(opened, "1234567", "col0")
        whole = {str(1234567 + n) for n in range(12)}
        for keys in ("", ">", ">", ">", ">", ">"):
            await opened.press(*keys)
            [line] = [line for line in opened.text().splitlines() if "12345" in line]
            numbers = line.split()
            assert {number for number in numbers if "…" not in number} <= whole, line
            assert len(line) <= 80 and "…" in line
        assert line.strip().startswith("…") and numbers[-1] == "1234578", "its end is reached"


async def test_an_empty_tab_says_what_fills_it_and_every_look_has_its_form(store: Store) -> None:
    async with OnTask(store, draft(store), "plots", (80, 24)) as opened:
        await shown(opened, "No plots yet", "report_confusion_matrix")
        await opened.press("j", "left", "enter", "G", "pagedown", ">")
    run = Run(store)
    report(run, "confusion", "", 0, matrix(41))
    report(run, "line", "", 0, {"x": [1, 2], "y": [3, 4]})
    plain = Look(ascii=True, colour=False)
    async with OnTask(store, run.id, "plots", (70, 20), look=plain) as opened:
        text = await shown(opened, "41", "> confusion")
        assert "#" in text and "█" not in text and not set(text) & BRAILLE
        await opened.press("j")
        await shown(opened, "> line")
        assert all(style is None for style in _colours(opened))


def _colours(opened: Opened) -> list[object]:
    strips = opened.app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
    return [colour for style in styles for colour in (style.color, style.bgcolor) if colour and not colour.is_default]
