"""Charts without a terminal: what is drawn, what is never lost, and what never gets out."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store.records import Bucket
from tui.charts import ticks
from tui.charts.adapter import AXIS, BAD, BEHIND, SERIES, Picture, Plot, draw
from tui.charts.cache import Kept
from tui.charts.canvas import BRAILLE, Canvas
from tui.charts.clip import clipped
from tui.charts.decimate import Axis, Curve, curve, reach, span, stroke
from tui.charts.smooth import WEIGHTS, averaged, ema, ema_of_means


def point(iteration: int, value: float, time: float | None = None) -> Bucket:
    when = float(iteration) if time is None else time
    bad = math.isnan(value)
    return Bucket(iteration, iteration, when, when, value, value, value, value, 1, int(bad))


def smoothed(*values: float) -> Curve:
    return curve([point(i, v) for i, v in enumerate(values)], averages=ema(values, 0.9))


def line(*values: float) -> Curve:
    return curve([point(i, v) for i, v in enumerate(values)])


def text(picture: Picture) -> str:
    return "\n".join("".join(run.text for run in row) for row in picture.rows)


def roles(picture: Picture) -> set[int]:
    return {run.role for row in picture.rows for run in row if run.text.strip()}


def test_a_picture_fills_exactly_the_cells_asked_for() -> None:
    for width, height in ((12, 4), (37, 9), (80, 24), (160, 48), (300, 60)):
        rows = text(draw(Plot((line(3.0, 1.0, 2.0),)), width, height)).splitlines()
        assert [len(row) for row in rows] == [width] * height


def test_no_escape_sequence_gets_out() -> None:
    drawn = text(draw(Plot((line(1.0, 2.0), line(2.0, math.nan, 5.0))), 60, 12))
    assert not [c for c in drawn if ord(c) < 32 and c != "\n"]


@pytest.mark.parametrize("values", [(1.7e308,), (1e-320, 1.79e308), (1e307, 1.79e308), (5e-324,)])
def test_the_ends_of_what_is_a_number_have_a_logarithmic_axis(values: tuple[float, ...]) -> None:
    assert draw(Plot((line(*values),), log=True), 60, 12).rows


@pytest.mark.parametrize("spike", [1e4, 1e13, 3e38, 1e300, 1.7e308, -1e300])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("outliers", [False, True])
def test_one_spike_costs_no_more_than_any_other_point(spike: float, log: bool, outliers: bool) -> None:
    values = [spike if i == 100 else 1 / (i + 1) for i in range(200)]
    tracemalloc.start()
    picture = draw(Plot((line(*values),), log=log, outliers=outliers), 60, 12)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(row) for row in text(picture).splitlines()] == [60] * 12
    assert peak < 20e6


@given(
    points=st.lists(st.tuples(st.floats(width=32), st.floats(width=32)), max_size=12),
    left=st.floats(-50, 50), low=st.floats(-50, 50),
)  # fmt: skip
def test_nothing_of_a_cut_stroke_lies_outside(points: list[tuple[float, float]], left: float, low: float) -> None:
    xs, ys = clipped([x for x, _ in points], [y for _, y in points], (left, left + 10), (low, low + 10))
    kept = {(x, y) for x, y in zip(xs, ys, strict=True) if not math.isnan(x)}
    assert all(left <= x <= left + 10 and low <= y <= low + 10 for x, y in kept)
    assert kept >= {(x, y) for x, y in points if left <= x <= left + 10 and low <= y <= low + 10}


def test_a_line_that_leaves_is_cut_where_it_crosses_the_edge() -> None:
    xs, ys = clipped([0, 1, 2, 3], [0, 20, 0, 5], (0, 3), (0, 10))
    assert list(zip(xs, ys, strict=True))[:2] == [(0, 0), (0.5, 10)]
    assert math.isnan(xs[2]) and list(zip(xs, ys, strict=True))[3:] == [(1.5, 10), (2, 0), (3, 5)]


def dots(canvas: Canvas) -> set[tuple[int, int]]:
    """Return the dots of braille from the upper left."""
    order = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    return {
        (2 * x + right, 4 * y + down)
        for y, row in enumerate(canvas.texts) for x, cell in enumerate(row) if cell != " "
        for bit, (right, down) in enumerate(order) if ord(cell) - 0x2800 >> bit & 1
    }  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
@example([(0.5, 15 / 23), (5.5 / 39, 1 / 23)])  # half a dot beside every dot
@example([(0.5, 0.125), (0.857421875, 0.6875)])  # its end lies half a dot behind the last column's middle
def test_a_line_goes_through_its_points_without_a_gap(points: list[tuple[float, float]]) -> None:
    canvas = Canvas(20, 6)
    canvas.stroke([x for x, _ in points], [y for _, y in points], SERIES, BRAILLE)
    drawn = dots(canvas)
    meant = [(int(x * 39 + 0.5), int((1 - y) * 23 + 0.5)) for x, y in points]
    assert drawn >= set(meant)
    reached = {min(drawn)}
    while more := {(x, y) for x, y in drawn - reached if any(abs(x - a) < 2 and abs(y - b) < 2 for a, b in reached)}:
        reached |= more
    assert reached == drawn
    if len(points) == 2:
        (a, b), (c, d) = meant
        assert len(drawn) <= 4 + max(abs(a - c), abs(b - d)), "no thicker than a dot, but at its ends"


def test_large_numbers_are_short_on_the_axis() -> None:
    for power in (15, 30, 100, 300):
        shown = text(draw(Plot((line(0.0, 10.0**power),)), 60, 12))
        assert "⣀" in shown or "⠤" in shown, "the line is drawn"
        assert all(len(row.split("┤")[0]) <= 8 for row in shown.splitlines() if "┤" in row)


def test_every_series_has_its_role() -> None:
    picture = draw(Plot((line(1.0, 2.0, 3.0), line(3.0, 2.0, 1.0))), 40, 10)
    assert {SERIES, SERIES + 1} <= roles(picture)


def test_the_raw_line_stands_behind_the_smoothed_one() -> None:
    noisy = [i % 2 * 5.0 for i in range(60)]
    assert {SERIES, BEHIND} <= roles(draw(Plot((smoothed(*noisy),)), 60, 12))
    assert BEHIND not in roles(draw(Plot((line(*noisy),)), 60, 12))


def test_nan_leaves_a_gap_and_a_mark() -> None:
    whole = draw(Plot((line(*[1.0] * 100),)), 60, 10)
    broken = draw(Plot((line(*[1.0] * 40, *[math.nan] * 20, *[1.0] * 40),)), 60, 10)
    count = [sum(c != " " for run in row for c in run.text if run.role == SERIES) for p in (whole, broken)
             for row in p.rows]  # fmt: skip
    assert max(count[10:]) < max(count[:10])
    assert BAD in roles(broken) and "×" in text(broken)


def test_infinities_are_marked_at_the_rim_and_do_not_move_the_scale() -> None:
    picture = draw(Plot((line(1.0, math.inf, 2.0, -math.inf, 1.0),)), 40, 10)
    assert "▲" in text(picture) and "▼" in text(picture)
    assert picture.area.x_high == 4.0


@pytest.mark.parametrize(
    ("values", "why"),
    [((), "NaN"), ((math.nan,), "only NaN"), ((math.nan, math.inf), "no finite"), ((-math.inf,), "no finite")],
)
def test_nothing_finite_makes_an_empty_picture_that_says_why(values: tuple[float, ...], why: str) -> None:
    picture = draw(Plot((line(*values),)), 40, 10)
    assert picture.rows == () and why in picture.why


def test_a_cell_too_small_for_a_picture_says_so() -> None:
    assert "too small" in draw(Plot((line(1.0, 2.0),)), 40, 3).why


def test_a_logarithmic_axis_covers_what_is_above_0_and_marks_the_rest() -> None:
    picture = draw(Plot((line(8.0, 4.0, 2.0, 1.0, 0.5, 0.0, -3.0),), log=True), 50, 12)
    assert [label for label in labels(picture) if label] == ["5", "2", "1", "0.5"]
    assert text(picture).splitlines()[9].count("▼") == 2, "a value of 0, and one below"
    assert AXIS in roles(picture) and BAD not in roles(picture), "neither is bad"
    assert "▼" not in text(draw(Plot((line(8.0, 0.5),), log=True), 50, 12))
    assert "above 0" in draw(Plot((line(0.0, -1.0),), log=True), 50, 12).why


def labels(picture: Picture) -> list[str]:
    """Return what stands at the y axis, from the top."""
    return ["".join(run.text for run in row)[: picture.area.left].strip(" ┤│└┬") for row in picture.rows[:-2]]


def test_on_a_logarithmic_axis_a_bucket_that_touches_0_reaches_to_the_lower_edge_from_its_mean() -> None:
    buckets = [Bucket(n, n + 15, n, n + 15, 0.0 if n > 200 else 0.5, 8.0, 1.0, 2.0, 16, 0) for n in range(0, 400, 16)]
    picture = draw(Plot((curve(buckets),), log=True), 60, 12)
    assert [label for label in labels(picture) if label] == ["5", "2", "1", "0.5"]
    rows = [[run.role for run in row for _ in run.text] for row in picture.rows[:10]]
    right = list(zip(*rows, strict=True))[40:]
    assert all(SERIES in column for column in right), "the mean has no gap"
    assert max(column.count(BEHIND) for column in right) >= 8, "from the highest value down to the edge"
    assert text(picture).splitlines()[9].count("▼") == 12, "a mark for each"


def test_on_a_logarithmic_axis_outliers_are_those_of_what_is_above_0() -> None:
    values = [*([0.0] * 50), *(1.0 + n / 100 for n in range(100)), 1e-9, 1e9]
    assert span([line(*values)], positive=True) == (1e-9, 1e9)
    low, high = span([line(*values)], outliers=False, positive=True) or (0.0, 0.0)
    assert 1.0 <= low < high <= 2.0


def test_plain_pictures_are_ascii_only() -> None:
    plain = text(draw(Plot((line(1.0, 3.0, math.nan, 2.0),), ascii=True), 50, 12))
    assert plain.isascii() and "+--" in plain, "an axis with ticks on it"


def test_markers_tell_series_apart_without_colour() -> None:
    drawn = text(draw(Plot((line(1.0, 2.0, 3.0), line(3.0, 2.0, 1.0)), markers=True), 50, 12))
    assert "o" in drawn


def test_a_single_point_is_seen() -> None:
    assert "•" in text(draw(Plot((line(7.0),)), 40, 8))


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(
    "iterations", [(2**60,), (2**54, 2**54 + 1), (1_790_000_000_000_000_000,), (-(2**63), 2**63 - 1)]
)
def test_iterations_that_floats_cannot_tell_apart_are_seen(iterations: tuple[int, ...], ascii: bool) -> None:
    picture = draw(Plot((curve([point(at, 1.0) for at in iterations]),), ascii=ascii), 78, 12)
    assert any(run.role == SERIES and run.text.strip() for row in picture.rows for run in row)
    assert picture.area.x_low < picture.area.x_high


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats()), max_size=8), st.booleans())
def test_points_anywhere_draw_or_stay_empty(points: list[tuple[int, float]], log: bool) -> None:
    for axis in (Axis.ITERATION, Axis.RELATIVE):
        picture = draw(Plot((curve([point(at, value) for at, value in points], axis),), axis, log), 60, 10)
        assert picture.why or [sum(len(run.text) for run in row) for row in picture.rows] == [60] * 10


def test_threads_may_draw_at_once() -> None:
    plots = [Plot((line(*[float(n)] * 20),)) for n in range(1, 9)]
    alone = [draw(plot, 40, 8) for plot in plots]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda plot: draw(plot, 40, 8), plots)) == alone


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(), max_size=40), st.integers(0, 70), st.integers(0, 20), st.booleans(), st.booleans())
@example([11.0], 12, 4, False, True)  # the smoothed one is a bit off, and labels that tell them apart leave no room
def test_any_values_draw_or_stay_empty(values: list[float], width: int, height: int, log: bool, smooth: bool) -> None:
    picture = draw(Plot(((smoothed if smooth else line)(*values),), log=log), width, height)
    assert all(sum(len(run.text) for run in row) == width for row in picture.rows)


def test_a_spike_among_a_million_points_survives() -> None:
    quiet = [Bucket(i * 500, i * 500 + 499, 0.0, 1.0, 0.9, 1.1, 1.0, 1.0, 500, 0) for i in range(2000)]
    quiet[777] = Bucket(777 * 500, 777 * 500 + 499, 0.0, 1.0, 0.9, 99.0, 1.2, 1.0, 500, 0)
    thinned = curve(quiet, columns=60)
    assert len(thinned) <= 120
    assert max(thinned.high) == 99.0
    assert max(stroke(thinned)[1]) == 99.0


def test_means_weigh_by_the_points_behind_them() -> None:
    made = curve([Bucket(0, 9, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 10, 0), point(10, 11.0)], columns=0)
    assert made.mean == (0.0, 11.0)
    joined = curve([Bucket(i, i, 0.0, 0.0, v, v, v, v, n, 0) for i, (v, n) in enumerate([(0.0, 10), (11.0, 1)] * 2)],
                   columns=1)  # fmt: skip
    assert joined.mean == (1.0, 1.0)


def test_steps_backwards_are_put_in_order() -> None:
    assert curve([point(5, 1.0), point(3, 2.0), point(4, 3.0)]).x == (3.0, 4.0, 5.0)


def test_x_in_iterations_relative_and_wall_time() -> None:
    buckets = [point(1, 1.0, 1000.0), point(2, 1.0, 1060.0)]
    assert curve(buckets, Axis.ITERATION).x == (1.0, 2.0)
    assert curve(buckets, Axis.RELATIVE, 990.0).x == (10.0, 70.0)
    assert curve(buckets, Axis.WALL).x == (1000.0, 1060.0)
    assert Axis.WALL.next is Axis.ITERATION


def test_outliers_can_be_left_out_of_the_scale() -> None:
    values = line(*[1.0] * 99, 1000.0)
    assert span([values]) == (1.0, 1000.0)
    assert span([values], outliers=False) == (1.0, 1.0)


def test_reach() -> None:
    assert reach([line(1.0, 2.0), Curve()]) == (0.0, 1.0)
    assert reach([Curve()]) is None


def test_the_cursor_stands_where_plotext_draws() -> None:
    spike = draw(Plot((line(*[0.0] * 50, 9.0, *[0.0] * 50),)), 60, 12)
    top = next(row for row in text(spike).splitlines() if set(row) - set(" │┤0123456789."))
    drawn = next(i for i, c in enumerate(top) if c not in " │┤0123456789.")
    assert abs(spike.area.column(50.0) - drawn) <= 1


def test_smoothing_is_debiased_and_skips_nan() -> None:
    assert ema([4.0, 4.0, 4.0], 0.9) == pytest.approx([4.0, 4.0, 4.0])
    smoothed = ema([1.0, math.nan, 3.0], 0.5)
    assert math.isnan(smoothed[1])
    assert smoothed[2] == pytest.approx((0.25 * 1 + 0.5 * 3) / 0.75)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.sampled_from(WEIGHTS[1:]))
def test_groups_of_one_point_are_smoothed_as_points_and_larger_ones_stay_within_their_values(
    values: list[float], weight: float
) -> None:
    assert ema_of_means(values, [1] * len(values), weight) == pytest.approx(ema(values, weight), rel=1e-6, abs=1e-6)
    assert averaged(range(len(values)), values, [0, *range(len(values))], weight) == ema(values, weight)
    for mean in ema_of_means(values, [5] * len(values), weight):
        assert min(values) - 1e-6 <= mean <= max(values) + 1e-6


def test_groups_far_longer_than_the_average_remembers_are_nearly_as_their_points_are() -> None:
    values = [math.exp(-n / 20_000) + random.Random(n).random() / 20 for n in range(60_000)]
    line, size = ema(values, 0.97), 500
    means = [sum(values[at : at + size]) / size for at in range(0, 60_000, size)]
    told = ema_of_means(means, [size] * len(means), 0.97)
    assert all(
        abs(sum(line[n * size : (n + 1) * size]) / size - mean) < 0.05 * 35 / size for n, mean in enumerate(told)
    )


def test_ticks_are_round_and_written_short() -> None:
    assert [label for _, label in ticks.linear(0.0, 1.0, 5)] == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert [label for _, label in ticks.linear(0, 25_000, 3, whole=True)] == ["0", "10k", "20k"]
    assert [label for _, label in ticks.linear(1e-5, 3e-5, 2)] == ["1e-5", "2e-5", "3e-5"]
    assert [label for _, label in ticks.linear(0.2, 2.7, 20, whole=True)] == ["1", "2"]
    assert [label for _, label in ticks.logarithmic(-3.2, 3.1, 7)] == ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]


def test_elapsed_and_numbers() -> None:
    spoken = [ticks.elapsed(s) for s in (0, 45, 60, 750, 3600, 5400, 90000)]
    assert spoken == ["0s", "45s", "1m", "12m30", "1h", "1h30", "1d1h"]
    assert [ticks.number(v) for v in (0.21341, 12.0, 123456.0, 1.2e-5, math.nan, -math.inf)] == [
        "0.2134", "12", "123.5k", "1.2e-5", "NaN", "-∞"]  # fmt: skip


def test_what_was_drawn_is_kept_and_the_oldest_forgotten() -> None:
    kept: Kept[int] = Kept(2)
    assert [kept.get(key, lambda: 1) for key in "aab"] == [1, 1, 1]
    assert kept.misses == 2
    kept.get("c", lambda: 1)
    kept.get("a", lambda: 1)
    assert kept.misses == 4


def test_what_is_kept_is_bounded_by_its_size() -> None:
    kept: Kept[str] = Kept(10, len)
    for key in ("four", "five", "six"):
        kept.put(key, key)
    assert [kept.find(key) for key in ("four", "five", "six")] == [None, "five", "six"]
    kept.put("five", "of another size")
    assert [kept.find(key) for key in ("five", "six")] == ["of another size", None], "what is too large stays alone"
    kept.put("six", "six")
    assert [kept.find(key) for key in ("five", "six")] == [None, "six"]


def test_charts_load_no_textual_and_plotext_only_to_draw() -> None:
    program = (
        "import sys, tui.charts.adapter, tui.charts.cache;"
        "print(sorted(m for m in ('textual', 'rich', 'plotext', 'sqlalchemy') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
