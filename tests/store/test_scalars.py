"""Charts from few buckets, points in whole or thinned, summaries and single values."""

from __future__ import annotations

import math
from array import array

import pytest

from store.compact import compact
from store.engine import Store
from store.ingest import ingest
from store.queries import scalars
from store.records import Bucket, Points
from tests.support import Script, counted, points

BY = "ada@host"
LOSS = ("loss", "train")


@pytest.fixture
def script(store: Store) -> Script:
    made = Script()
    ingest(store, [made.batch(events=[made.start()])], BY)
    return made


def keep(store: Store, script: Script, given: Points, *, chunked: int | None = None) -> None:
    """Store points, the first ``chunked`` of them (default: all) in chunks, the rest in the journal."""
    border = len(given) if chunked is None else chunked
    for start, stop in ((0, border), (border, len(given))):
        cut = Points(given.iterations[start:stop], given.times[start:stop], given.values[start:stop])
        ingest(store, [script.batch(scalars={LOSS: cut})], BY)
        if stop == border:
            compact(store, script.task, everything=True)


def chart(store: Store, script: Script, columns: int = 200, **wanted: object) -> list[Bucket]:
    with store.read() as c:
        return scalars.buckets(c, script.task, 1, columns, **wanted)  # type: ignore[arg-type]


def read(store: Store, script: Script, columns: int = 200, **wanted: object) -> tuple[list[Bucket], int]:
    """Return a chart and how many buckets and points were decoded for it."""
    before = scalars.decoded
    return chart(store, script, columns, **wanted), scalars.decoded - before


def wave(size: int) -> Points:
    return points([math.sin(i / 500) for i in range(size)])


MILLION = 1_000_000


@pytest.mark.slow
def test_a_chart_of_a_million_points_reads_at_most_2000_buckets(store: Store, script: Script) -> None:
    given = wave(MILLION)
    given.values[654_321], given.values[7], given.values[500_000] = 5.0, -5.0, math.nan
    keep(store, script, given, chunked=MILLION - 576)
    for axis in ("iteration", "time"):
        found, cost = read(store, script, axis=axis)
        assert cost <= 2000
        assert 100 <= len(found) <= 200
        assert (min(b.low for b in found), max(b.high for b in found)) == (-5.0, 5.0)
        assert sum(b.n for b in found) == MILLION and sum(b.nans for b in found) == 1
    for start, stop in ((0, 999_999), (100_000, 900_000), (600_000, 700_000), (650_000, 658_000)):
        found, cost = read(store, script, start=start, stop=stop)
        assert cost <= 3000, (start, stop)  # a range costs the whole rows at its two ends as well
        assert 100 <= len(found) <= 200
        assert sum(b.n for b in found) >= stop - start + 1
        assert max(b.high for b in found) == (5.0 if start <= 654_321 <= stop else pytest.approx(1.0, abs=1e-4))


def test_a_chart_costs_few_statements(store: Store, script: Script) -> None:
    keep(store, script, wave(70_000))
    with counted(store.reader) as seen:
        chart(store, script)
    assert len(seen.statements) <= 8


@pytest.mark.parametrize("chunked", [0, 100, 4096, 9000, 10_000])
def test_points_in_chunks_and_in_the_journal_are_one_chart(store: Store, script: Script, chunked: int) -> None:
    keep(store, script, wave(10_000), chunked=chunked)
    found = chart(store, script, 100)
    assert sum(b.n for b in found) == 10_000 and len(found) <= 100
    assert [b.iteration_min for b in found] == sorted(b.iteration_min for b in found)
    assert found[0].iteration_min == 0 and found[-1].iteration_max == 9999


def test_few_points_come_one_by_one_and_exact(store: Store, script: Script) -> None:
    keep(store, script, points([1.5, math.nan, -2.5], at=100.0), chunked=2)
    first, second, third = chart(store, script)
    assert first == Bucket(0, 0, 100.0, 100.0, 1.5, 1.5, 1.5, 1.5, 1, 0)
    assert (second.n, second.nans) == (1, 1) and math.isnan(second.low) and math.isnan(second.last)
    assert third == Bucket(2, 2, 102.0, 102.0, -2.5, -2.5, -2.5, -2.5, 1, 0)


def test_a_mean_is_the_mean(store: Store, script: Script) -> None:
    keep(store, script, points([float(i) for i in range(8192)]))
    found = chart(store, script, 8)
    assert all(b.mean == pytest.approx((b.low + b.high) / 2, abs=0.5) for b in found)


def test_nothing_but_nan_is_still_there(store: Store, script: Script) -> None:
    keep(store, script, points([math.nan] * 5000), chunked=4500)
    found = chart(store, script, 50)
    assert sum(b.n for b in found) == sum(b.nans for b in found) == 5000
    assert all(math.isnan(b.low) and math.isnan(b.mean) for b in found)


def test_infinities_are_in_the_chart(store: Store, script: Script) -> None:
    given = wave(5000)
    given.values[100], given.values[4900] = math.inf, -math.inf
    keep(store, script, given, chunked=4500)
    found = chart(store, script, 50)
    assert max(b.high for b in found) == math.inf and min(b.low for b in found) == -math.inf


def test_a_series_that_went_backward_is_drawn_once_along_the_axis(store: Store, script: Script) -> None:
    given = points([1.0] * 2048 + [2.0] * 2048)
    given.iterations = array("q", [*range(2048), *range(2048)])
    keep(store, script, given)
    found = chart(store, script, 10)
    assert [(b.iteration_min, b.iteration_max) for b in found] == [(i, i + 255) for i in range(0, 2048, 256)]
    assert sum(b.n for b in found) == 4096 and all((b.low, b.high, b.last) == (1.0, 2.0, 2.0) for b in found)


def test_one_iteration_for_all_is_one_column(store: Store, script: Script) -> None:
    given = points([float(i) for i in range(1000)])
    given.iterations = array("q", [7] * 1000)
    keep(store, script, given, chunked=500)
    (found,) = chart(store, script, 50)
    assert (found.n, found.low, found.high) == (1000, 0.0, 999.0)


def test_a_range_shows_what_is_in_it(store: Store, script: Script) -> None:
    keep(store, script, wave(6000), chunked=5000)
    found = chart(store, script, 2000, start=4990, stop=5010)
    assert [b.iteration_min for b in found] == list(range(4990, 5011))
    assert [b.time_min for b in chart(store, script, 50, axis="time", start=1000.0 + 5995)] == [
        6995.0, 6996.0, 6997.0, 6998.0, 6999.0
    ]  # fmt: skip
    assert chart(store, script, start=7000) == []


@pytest.mark.parametrize("axis", ["iteration", "time"])
def test_points_come_a_chunk_at_a_time_exact_and_of_a_range_alone(store: Store, script: Script, axis: str) -> None:
    given = wave(12_000)
    given.values[5], given.values[11_990] = math.nan, math.inf
    keep(store, script, given, chunked=9000)
    offset = 0 if axis == "iteration" else 1000
    for start, stop in ((None, None), (offset + 5, offset + 5), (offset + 4000, None), (None, offset + 9001.5)):
        before = scalars.decoded
        with store.read() as c:
            runs = list(scalars.runs_of(c, script.task, 1, axis=axis, start=start, stop=stop))
        first = 0 if start is None else int(start - offset)
        last = 11_999 if stop is None else int(stop - offset)
        assert [i for run in runs for i in run.iterations] == list(range(first, last + 1))
        assert [t for run in runs for t in run.times] == given.times[first : last + 1].tolist()
        values = [v for run in runs for v in run.values]
        assert list(map(repr, values)) == list(map(repr, given.values[first : last + 1]))
        assert max(map(len, runs)) <= 4096
        if first == last:
            assert scalars.decoded - before <= 4096, "no other chunk is looked into"


def test_no_such_series_is_an_empty_chart(store: Store, script: Script) -> None:
    assert chart(store, script) == []
    with store.read() as c:
        assert len(scalars.points(c, script.task, 9, limit=10)) == 0


# --- the courses of many tasks ---


def courses(store: Store, *tasks: str, series: str = "loss/train") -> dict[str, list[tuple[float, float]]]:
    with store.read() as c:
        return {task: points for (task, _), points in scalars.courses(c, tasks, {series}, 12).items()}


@pytest.mark.parametrize("chunked", [0, 10, 100, 5000, 9000, 10_000])
def test_a_course_goes_over_chunks_and_journal_and_ends_with_the_last_value(
    store: Store, script: Script, chunked: int
) -> None:
    given = wave(10_000)
    given.values[-1] = 7.0
    keep(store, script, given, chunked=chunked)
    course = courses(store, script.task)[script.task]
    assert 12 <= len(course) <= 240
    assert [iteration for iteration, _ in course] == sorted(iteration for iteration, _ in course)
    assert course[0][0] < 1000 and course[-1][0] > 9000 and course[-1][1] == 7.0
    assert all(value == pytest.approx(math.sin(iteration / 500), abs=0.2) for iteration, value in course[:-1])


def test_the_courses_of_many_tasks_are_two_statements_and_few_buckets_each(store: Store, script: Script) -> None:
    keep(store, script, wave(70_000))
    others = [Script() for _ in range(60)]
    some = points([1.0, math.nan, 3.0])
    ingest(store, [one.batch(events=[one.start()], scalars={LOSS: some, ("acc", "val"): some}) for one in others], BY)
    before = scalars.decoded
    with counted(store.reader) as seen:
        found = courses(store, *(one.task for one in others), script.task, "0" * 32)
    assert len(seen.statements) == 2 and scalars.decoded - before <= 240
    assert found.keys() == {one.task for one in others} | {script.task}
    first, gap, last = found[others[0].task]
    assert (first, gap[0], last) == ((0, 1.0), 1, (2, 3.0)) and math.isnan(gap[1])
    assert courses(store, script.task, series="acc/val") == {}


def test_a_course_that_ends_in_nan_says_so(store: Store, script: Script) -> None:
    keep(store, script, points([*([1.0] * 5000), math.nan]))
    assert math.isnan(courses(store, script.task)[script.task][-1][1])


# --- points ---


def thinned(store: Store, script: Script, limit: int) -> Points:
    with store.read() as c:
        return scalars.points(c, script.task, 1, limit=limit)


@pytest.mark.parametrize("limit", [3, 10, 100, 999, 5001])
def test_thinned_points_keep_the_extremes_and_the_last(store: Store, script: Script, limit: int) -> None:
    given = wave(20_000)
    given.values[777], given.values[19_000] = -9.0, 9.0
    keep(store, script, given, chunked=15_000)
    found = thinned(store, script, limit)
    assert limit / 3 <= len(found) <= limit
    assert min(found.values) == -9.0 and max(found.values) == 9.0
    assert found.iterations[-1] == 19_999
    assert list(found.iterations) == sorted(set(found.iterations))
    assert all(given.values[i] == value for i, value in zip(found.iterations, found.values, strict=True))


def test_a_limit_above_the_number_of_points_changes_nothing(store: Store, script: Script) -> None:
    given = wave(50)
    keep(store, script, given)
    assert thinned(store, script, 50) == given


def test_thinning_says_where_there_were_only_nan(store: Store, script: Script) -> None:
    keep(store, script, points([math.nan] * 1000))
    found = thinned(store, script, 21)
    assert 10 <= len(found) <= 21 and all(math.isnan(value) for value in found.values)


# --- summaries ---


def test_metrics_come_by_title_and_series(store: Store, script: Script) -> None:
    given = {("loss", "val"): points([2.0]), ("acc", "val"): points([0.5]), LOSS: points([math.nan, 1.0, math.nan])}
    ingest(store, [script.batch(scalars=given)], BY)
    with store.read() as c:
        rows = scalars.metrics(c, script.task)
    assert [(row.title, row.series) for row in rows] == [("acc", "val"), LOSS, ("loss", "val")]
    assert (rows[1].n, rows[1].nan_count, rows[1].min, rows[1].max) == (3, 2, 1.0, 1.0)
    assert math.isnan(rows[1].last)


def test_single_values_come_by_name(store: Store, script: Script) -> None:
    events = [{"e": "single", "name": name, "value": value} for name, value in (("b", 2), ("a", "NaN"), ("b", 3))]
    ingest(store, [script.batch(events=events)], BY)
    with store.read() as c:
        found = scalars.single_values(c, script.task)
    assert list(found) == ["a", "b"] and found["b"] == 3.0 and math.isnan(found["a"])
