"""Box and violin plots: the numbers are those of plotly, and what is drawn of them is seen in any terminal."""

from __future__ import annotations

import math
import random
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from store.figures import pack
from tui.charts.adapter import SERIES
from tui.plots import boxes, spread
from tui.plots.boxes import Spread
from tui.plots.cells import Terminal
from tui.plots.draw import drawn
from tui.plots.figure import read
from tui.plots.picture import document

ASCII = Terminal(ascii=True, colour=False)
BRAILLE = {chr(c) for c in range(0x2801, 0x2900)}
NOISE = random.Random(7)


def rows(*traces: dict[str, Any], width: int = 60, height: int = 18, terminal: Terminal | None = None,
         **layout: Any) -> list[str]:  # fmt: skip
    made = drawn(pack({"data": list(traces), "layout": layout}), width, height, terminal or Terminal())
    return ["".join(run.text for run in row) for row in (*made.head, *made.rows[:])]


def spreads(**trace: Any) -> tuple[Spread, ...]:
    [found] = boxes.read([(0, {"type": "box"} | trace)], {})
    return found.all


def one(**trace: Any) -> Spread:
    [found] = spreads(**trace)
    return found


def many(count: int, seed: int = 0) -> list[float]:
    noise = random.Random(seed)
    return [round(noise.gauss(0, 1) + (6 if noise.random() < 0.1 else 0), 2) for _ in range(count)]


# The numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 50, 1001])
def test_quartiles_and_whiskers_are_those_of_an_independent_reckoning(count: int) -> None:
    values = many(count)
    found = one(y=values)
    q1, median, q3 = (float(np.quantile(values, part, method="hazen")) for part in (0.25, 0.5, 0.75))
    assert (found.q1, found.median, found.q3) == pytest.approx((q1, median, q3))
    inside = [v for v in values if 2.5 * q1 - 1.5 * q3 <= v <= 2.5 * q3 - 1.5 * q1]
    assert (found.low, found.high) == (min([q1, *inside]), max([q3, *inside]))
    assert found.points == tuple(sorted(v for v in values if not found.low <= v <= found.high))
    assert (found.mean, found.deviation) == pytest.approx((np.mean(values), np.std(values)))
    whole = one(y=values, boxpoints=False)
    assert (whole.low, whole.high, whole.points) == (min(values), max(values), ())
    assert one(y=values, boxpoints="all").points == tuple(sorted(values))


@pytest.mark.parametrize(("method", "values", "quartiles"), [  # as plotly 3.3 has them
    ("linear", [-0.46, 0.32, 1.36, -0.35, 0.68, 0.42, -1.13, 1.34], (-0.405, 0.37, 1.01)),
    ("exclusive", [-1.55, -1.04, 8.09, 0.76, 0.28, -0.45, 4.8], (-1.04, 0.28, 4.8)),
    ("inclusive", [-1.29, 1.14, 1.56, 1.96, -0.01, -1.61, 0.12], (-0.65, 0.12, 1.35)),
    ("inclusive", [1, 2, 3, 4], (1.5, 2.5, 3.5)), ("exclusive", [5], (5, 5, 5)), ("nonsense", [1, 2], (1, 1.5, 2)),
])  # fmt: skip
def test_quartiles_by_each_method(method: str, values: list[float], quartiles: tuple[float, ...]) -> None:
    found = one(y=values, quartilemethod=method)
    assert (found.q1, found.median, found.q3) == pytest.approx(quartiles)


def test_boxes_that_are_given_are_drawn_as_given() -> None:
    given = {"x": [*"abcde"], "q1": [1, 2, 3, 5, None], "median": [2, 3, 4, 4, 7], "q3": [3, 4, 5, 6, None],
             "lowerfence": [0, 2.5, None, 1, 1], "upperfence": [4, 9, None, 7, 7]}  # fmt: skip
    found = [(s.place, s.q1, s.median, s.q3, s.low, s.high, s.mean, s.deviation) for s in spreads(**given)]
    assert found == [("a", 1, 2, 3, 0, 4, 2, 2), ("b", 2, 3, 4, 2, 9, 3, 2), ("c", 3, 4, 5, 3, 5, 4, 2),
                     ("d", 4, 4, 4, 4, 4, 4, 0), ("e", 7, 7, 7, 7, 7, 7, 0)]  # fmt: skip
    samples = {"y": [[10, -3, 2], [1, 2], [4, 4, 20]], "mean": [2, None, 4], "sd": [0.5, 0.5], "boxpoints": "outliers"}
    more = [(s.low, s.high, s.mean, round(s.deviation, 6), s.points) for s in spreads(**given | samples)][:3]
    assert more == [(0, 4, 2, 0.5, (-3, 10)), (1, 9, 1.5, 0.5, ()), (3, 5, 4, 9.237604, (20,))]
    alone = {name: given[name] for name in ("q1", "median", "q3")}
    assert [s.place for s in spreads(**alone, x0=4, dx=2)] == [4, 6, 8, 10, 12]
    [across] = boxes.read([(0, {"type": "box", "y0": 1, **alone})], {})
    assert across.manner.across and not across.manner.mean


@pytest.mark.parametrize(
    "trace", [{}, {"spanmode": "hard"}, {"bandwidth": 0.3}, {"span": [-1, 2]}, {"span": [None, 2]}]
)
@pytest.mark.parametrize("count", [2, 9, 300, 5000])
def test_a_violin_is_as_wide_as_its_values_are_dense(count: int, trace: dict[str, Any]) -> None:
    values = many(count, count)
    found = one(type="violin", y=values, **trace)
    rule = 1.059 * min(float(np.std(values, ddof=1)), (found.q3 - found.q1) / 1.349) * count**-0.2
    wide = float(trace.get("bandwidth") or max(rule, (max(values) - min(values)) / 100))
    reach = (min(values), max(values)) if trace.get("spanmode") else (min(values) - 2 * wide, max(values) + 2 * wide)
    asked = [end if end is not None else own for end, own in zip(trace.get("span", (None, None)), reach, strict=True)]
    assert (found.outline[0][0], found.outline[-1][0]) == pytest.approx(asked)
    places, densities = map(np.array, zip(*found.outline, strict=True))
    kernels = np.exp(-0.5 * ((places[:, None] - np.array(values)) / wide) ** 2)
    assert densities == pytest.approx(kernels.sum(axis=1) / (count * wide * math.sqrt(2 * math.pi)), abs=5e-4 / wide)
    if not trace:
        assert sum(densities) * (places[1] - places[0]) == pytest.approx(1, abs=0.05), "nearly all of it lies within"


def test_a_density_of_few_values_is_the_one_that_plotly_has() -> None:
    found = one(type="violin", y=[1.48, -0.28, 0.02, 0.22, 0.4, -0.43, -2.1, 0.56, 1.7])
    assert found.outline[0] == pytest.approx((-3.22049323574642, 0.01070818960859977), rel=2e-3)
    assert found.outline[-1] == pytest.approx((2.8204932357464196, 0.015259783755014246), rel=2e-3)
    assert (found.low, found.points) == (-0.43, (-2.1,))
    assert one(type="violin", y=[3, 3]).outline == ((3, 1.0),)


def test_violins_of_one_scale_are_compared_with_each_other() -> None:
    narrow, broad = [0.1 * n for n in range(9)], [float(n) for n in range(18)]
    traces = [{"type": "violin", "y": narrow, "name": "a"}, {"type": "violin", "y": broad, "name": "b"}]
    apart = [each.all[0] for each in boxes.read(enumerate(traces), {})]
    assert [max(d for _, d in s.outline) / s.peak for s in apart] == [1, 1]
    linked = boxes.read(enumerate(trace | {"scalegroup": "all"} for trace in traces), {})
    shares = [max(d for _, d in each.all[0].outline) / each.all[0].peak for each in linked]
    assert shares[0] == 1 and shares[1] < 0.2
    counted = boxes.read(enumerate(trace | {"scalegroup": "all", "scalemode": "count"} for trace in traces), {})
    assert max(d for _, d in counted[0].all[0].outline) / counted[0].all[0].peak == pytest.approx(0.5)


def test_what_is_no_number_is_left_out_and_counted() -> None:
    odd = [1, "NaN", None, 2, "Infinity", "-Infinity", "text", [3], {"a": 1}, 1.7e308, 3]
    found = boxes.read([(0, {"type": "box", "y": odd})], {})[0]
    assert (found.all[0].count, found.given, found.lost, found.far) == (3, 11, 7, 1)
    text = " ".join(rows({"type": "box", "y": odd}))
    assert "7 of 11 values are no finite numbers and are left out." in text
    assert "1 of 11 values lie beyond what can be drawn and are left out." in text
    boxes_without_numbers = {"q1": [None], "median": ["a"], "q3": [[]]}
    nothing: tuple[dict[str, Any], ...] = ({"y": []}, {"y": None}, {"y": "text"}, {"x": ["a"]}, boxes_without_numbers)
    for trace in nothing:
        text = " ".join(rows({"type": "box", **trace}))
        assert "no value in it that can be drawn" in text
    lone = rows({"type": "violin", "y": [5], "name": "lone"})
    assert "lone" in lone[-1] and any(set(row) & BRAILLE for row in lone)


def test_what_is_too_large_for_a_picture_is_not_called_infinite() -> None:
    values = {"y": [1.7e308, -1.7e308, 1.7e308, -1.7e308]}
    stored = {"q1": [-1.7e308] * 2, "median": [1.6e308] * 2, "q3": [1.7e308] * 2}
    for trace, count in ((values, 4), (stored, 2)):
        text = " ".join(rows({"type": "box", **trace}, width=70))
        assert f"{count} of {count} values lie beyond what can be drawn and are left out." in text
        assert "no value in it that can be drawn" in text and "finite" not in text


def test_values_stand_where_the_trace_says() -> None:
    def places(*traces: dict[str, Any]) -> list[list[object]]:
        return [
            [s.place for s in found.all] for found in boxes.read(enumerate({"type": "box"} | t for t in traces), {})
        ]

    assert places({"y": [1]}, {"y": [1], "name": "own"}) == [["trace 0"], ["own"]]
    assert places({"y": [1], "x0": " "}, {"y": [1], "x0": 4}) == [[" "], [4]]
    assert places({"y": [1, 2, 3], "x": ["b", "a", "b"]}) == [["b", "a"]]
    assert places({"y": [1, 2, 3], "x": [5, None, 3]}) == [[5, 3]]
    assert places({"y": [1, 2, 3], "x": ["b", None, "a"]}) == [["b", "a"]]
    assert places({"y": [1, 2], "x": [["out", "out"], ["left", "right"]]}) == [["out left", "out right"]]
    assert places({"x": [1, 2, 3], "y": ["a", "a", "b"], "orientation": "h"}) == [["a", "b"]]


# What is seen -------------------------------------------------------------------------------------------------------


def test_boxes_have_whiskers_a_median_and_outliers() -> None:
    text = rows(
        {"type": "box", "y": [0, 2, 3, 4, 6, 13], "name": "cats"}, {"type": "box", "y": [1, 2, 3], "name": "dogs"}
    )
    assert text[0].split() == ["━", "cats", "━", "dogs"]
    assert text[-1].split() == ["cats", "dogs"]
    dots = [n for n, row in enumerate(text) if "•" in row]
    assert len(dots) == 1 and not any(set(row) & BRAILLE for row in text[: dots[0]]), "one outlier, above all else"
    assert sum(1 for row in text[dots[0] + 1 : -2] if set(row[:30]) & BRAILLE) >= 6


def test_a_box_lies_between_its_quartiles_on_the_axis() -> None:
    text = rows({"type": "box", "y": [0, 2.5, 5, 7.5, 10], "name": "n", "boxpoints": False}, height=22)
    ticks = {float(row.split("┤")[0]): n for n, row in enumerate(text) if "┤" in row}
    wide = [n for n, row in enumerate(text[:-2]) if len(row[8:].strip()) > 30 and set(row[8:].strip()) <= BRAILLE]
    assert wide[0] <= ticks[8] + 1 and wide[-1] >= ticks[2] - 1
    assert min(abs(n - ticks[5]) if 5 in ticks else 0 for n in wide) <= 1
    assert ticks[10] - 1 <= next(n for n, row in enumerate(text) if set(row) & BRAILLE) <= ticks[10] + 1


def columns(traces: list[dict[str, Any]], n: int) -> list[int]:
    """Return the columns in which something is drawn of the n-th series, below the legend."""
    found = set()
    for row in drawn(pack({"data": traces, "layout": {}}), 60, 18, Terminal()).rows[1:]:
        at = 0
        for run in row:
            found |= set(range(at, at + len(run.text))) if run.role == SERIES + n else set()
            at += len(run.text)
    return sorted(found)


def reach(traces: list[dict[str, Any]], n: int) -> tuple[int, int]:
    found = columns(traces, n)
    return found[0], found[-1]


def test_groups_stand_beside_each_other_only_where_they_share_a_place() -> None:
    both = [{"type": "box", "x": ["mon", "tue"] * 4, "y": list(range(8)), "name": name} for name in ("yes", "no")]
    apart = [trace | {"x": [day] * 8} for trace, day in zip(both, ("mon", "tue"), strict=True)]

    assert reach(both, 0)[0] < reach(both, 1)[0] < reach(both, 0)[1] < reach(both, 1)[1]
    assert reach(apart, 0)[1] < reach(apart, 1)[0]
    wide = reach(apart, 0)[1] - reach(apart, 0)[0]
    assert wide > 15, "alone at its place, a box has all of the room there"
    grouped = [both[0] | {"offsetgroup": "same"}, both[1] | {"offsetgroup": "same", "y": [v + 20 for v in range(8)]}]
    assert reach(grouped, 0) == reach(grouped, 1)


def test_what_runs_to_the_right_has_its_names_beside_and_as_many_rows_as_it_needs() -> None:
    text = rows({"type": "box", "x": [1, 2, 3], "name": "short"}, {"type": "box", "x": [2, 3, 4], "name": "中文" * 20})
    assert any(row.startswith("          short┤") for row in text) and any(
        "中文中" in row and "…┤" in row for row in text
    )
    assert text[-1].split() == ["1", "2", "3", "4"]
    plain = rows({"type": "box", "x": [1, 2, 3], "name": "short"}, terminal=ASCII)
    assert any(row.split("|")[0].strip() == "short" for row in plain) and "".join(plain).isascii()
    names = [f"n{n}" for n in range(40)]
    long = rows({"type": "box", "y": names * 2, "x": list(range(80)), "orientation": "h"})
    assert len(long) >= 42 and all(any(f"{name}┤" in row for row in long) for name in names)


def test_violins_may_be_halves_with_boxes_and_lines_in_them() -> None:
    halves = [{"type": "violin", "x": ["a"] * 9, "y": list(range(9)), "side": side, "name": side}
              for side in ("negative", "positive")]  # fmt: skip
    split = [series.spreads for series in read({"data": halves}).parts[0].series]  # type: ignore[union-attr]
    assert [found and found.manner.slot for found in split] == ["split", "split"]
    shown = {"box": {"visible": True}, "meanline": {"visible": True}}
    for trace in (*halves, halves[0] | {"side": "both"}):
        bare, full = ("".join(rows(trace | more, terminal=Terminal(colour=False))) for more in ({}, shown))
        assert len([c for c in full if c in BRAILLE]) > len([c for c in bare if c in BRAILLE])
    lined = "".join(rows(halves[0] | {"meanline": {"visible": True}}))
    assert (
        lined != "".join(rows(halves[0])) != "".join(rows(halves[0] | {"meanline": {"visible": False}, "side": "both"}))
    )
    assert any("•" in row for row in rows(halves[0] | {"points": "all"}))


def test_without_colours_and_in_ascii_shapes_tell_traces_apart() -> None:
    two = [{"type": "box", "x": ["a"] * 5, "y": [n, n + 1, n + 2, n + 3, n + 4], "name": f"t{n}"} for n in (0, 3)]
    text = rows(*two, terminal=Terminal(colour=False))
    assert text[0].split() == ["━", "t0", "o", "t3"] and any("ooo" in row for row in text[1:])
    plain = rows(*two, terminal=ASCII)
    assert plain[0].split() == ["o", "t0", "x", "t3"] and "".join(plain).isascii()
    assert any("ooo" in row for row in plain[1:]) and any("xxx" in row for row in plain[1:])


@pytest.mark.parametrize("layout", [{"yaxis": {"type": "log"}}, {"yaxis": {"autorange": "reversed"}}, {}])
@pytest.mark.parametrize("more", [
    {"boxmean": True}, {"boxmean": "sd"}, {"sizemode": "sd"}, {"boxpoints": "all"}, {"showwhiskers": False},
    {"type": "violin", "side": "positive"}, {"type": "violin", "points": "all", "box": {"visible": True}},
])  # fmt: skip
def test_every_form_is_drawn_on_every_axis(layout: dict[str, Any], more: dict[str, Any]) -> None:
    trace = {"type": "box", "y": [-1, 0, 5, 10, 1000, 1.0, 2.0], "x": [1, 1, 1, 2, 2, 2, 2]} | more
    text = rows(trace, **layout)
    assert any(set(row) & BRAILLE for row in text) and len(text) <= 18
    assert text != rows({name: trace[name] for name in ("y", "x")} | {"type": "box"}, **layout) or more == {}


def test_boxes_stand_among_points_that_lie_closer() -> None:
    boxes_apart = {"type": "box", "x": [3] * 4 + [5] * 4, "y": [1, 2, 3, 4] * 2, "name": "boxes"}
    dots = {"mode": "markers", "x": [2.9, 3, 3.1, 5], "y": [0, 0, 5, 0], "name": "dots"}
    found = columns([dots, boxes_apart], 1)
    first = [column for column in found if column < sum(found) / len(found)]
    assert abs(len(first) - len(found) / 2) <= 1, "the first box is whole, its left edge too"


def test_names_stand_at_numbers_where_the_figure_has_names() -> None:
    named = {"tickvals": [1, 2], "ticktext": ["one", "two"]}
    assert rows({"type": "box", "x": [1, 1, 2, 2], "y": [1, 2, 3, 4]}, xaxis=named)[-1].split() == ["one", "two"]
    across = rows({"type": "bar", "orientation": "h", "x": [3, 4], "y": [1, 2.0000000001]}, yaxis=named)
    assert [row.split()[0] for row in across] == ["one", "two"]
    text = rows({"mode": "lines", "x": [0, 1], "y": [0, 3]}, yaxis=named)
    assert [row.split("┤")[0].strip() for row in text if "┤" in row] == ["two", "one"]


# Exports and bounds -------------------------------------------------------------------------------------------------


def test_a_picture_has_every_line_and_point_of_it() -> None:
    figure = {"data": [{"type": "box", "y": [0, 2, 3, 4, 6, 13], "name": "cats"},
                       {"type": "violin", "y": [1.0, 2, 3], "name": "dogs"}], "layout": {}}  # fmt: skip
    root = ElementTree.fromstring(document(read(figure), "spread", "", ("#112233", "#445566")))
    lines = [line for line in root.iter("{http://www.w3.org/2000/svg}polyline") if line.get("stroke") == "#112233"]
    assert len(lines) == 6, "box, median, two whiskers with their ends"
    corners = [tuple(map(float, point.split(","))) for point in lines[0].attrib["points"].split()]
    heights = sorted({y for _, y in corners})
    whisker = sorted(float(point.split(",")[1]) for point in lines[4].attrib["points"].split())
    assert (whisker[1] - whisker[0]) / (heights[1] - heights[0]) == pytest.approx(0)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 1
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"cats", "dogs"} <= texts


def test_a_million_values_are_few_points() -> None:
    values = [NOISE.randrange(1000) for _ in range(1_000_000)]
    ordered = spread.ordered(values)
    assert ordered == sorted(values)
    found = one(type="violin", y=values, points="all")
    assert len(found.points) <= boxes.POINTS + 1 and len(found.outline) <= spread.PLACES + 1
    assert (found.points[0], found.points[-1], found.count) == (0, 999, 1_000_000)
    assert (found.q1, found.median, found.q3) == tuple(np.quantile(values, (0.25, 0.5, 0.75), method="hazen"))
    many_boxes = rows({"type": "box", "y": values[:5000], "x": [f"n{n}" for n in range(5000)]})
    assert " ".join(many_boxes[-2:]) == "The first 200 of 5000 are drawn; there is no room for the others."
