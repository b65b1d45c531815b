"""What a series had at a place: exactly, wherever its points are, and without reading more than can matter."""

from __future__ import annotations

import math
from array import array

import pytest

from store.compact import compact
from store.engine import Store
from store.ingest import ingest
from store.queries import readings, scalars
from store.queries.readings import Near
from store.records import Points
from tests.support import Script, points

BY = "ada@host"


@pytest.fixture
def script(store: Store) -> Script:
    made = Script()
    ingest(store, [made.batch(events=[made.start()])], BY)
    return made


def keep(store: Store, script: Script, given: Points, *, chunked: bool = True) -> None:
    ingest(store, [script.batch(scalars={("loss", "train"): given})], BY)
    if chunked:
        compact(store, script.task, everything=True)


def near(store: Store, script: Script, at: float, axis: str = "iteration", finite: int = 1) -> Near | None:
    with store.read() as c:
        within = 1.0 if axis == "time" else 0.0
        return readings.near(c, script.task, [1, 2], at, axis=axis, within=within, finite=finite).get(1)


def last(found: Near | None) -> tuple[float, float]:
    assert found is not None
    return found.places[-1], found.values[-1]


def test_every_place_has_the_value_of_its_own_point(store: Store, script: Script) -> None:
    keep(store, script, points([n / 7 for n in range(9000)]))
    keep(store, script, points([n / 7 for n in range(9000, 9500)], first=9000, at=9000.0), chunked=False)
    for at in (0, 1, 4095, 4096, 4097, 8999, 9000, 9499):
        assert last(near(store, script, at)) == (at, at / 7)
    assert last(near(store, script, 8191.5)) == (8191, 8191 / 7)
    assert near(store, script, -1) is None
    past = near(store, script, 20_000)
    assert last(past) == (9499, 9499 / 7) and past and past.ended == 9500


def test_between_points_it_is_the_one_before_and_the_series_goes_on(store: Store, script: Script) -> None:
    ten = array("q", range(0, 100, 10))
    keep(store, script, Points(ten, array("d", ten), array("d", ten)))
    found = near(store, script, 37)
    assert last(found) == (30, 30.0) and found and found.ended == math.inf
    found = near(store, script, 97)
    assert last(found) == (90, 90.0) and found and found.ended == 100


def test_of_points_at_one_place_the_last_to_arrive_counts_also_over_chunks_that_overlap(
    store: Store, script: Script
) -> None:
    keep(store, script, points([1.0] * 6000))
    keep(store, script, points([2.0] * 3000, first=2500, at=2500.0))
    keep(store, script, points([3.0] * 10, first=2000, at=2000.0), chunked=False)
    for at, value in ((2499, 1.0), (2500, 2.0), (5499, 2.0), (5500, 1.0), (2005, 3.0), (5999, 1.0)):
        assert last(near(store, script, at)) == (at, value)


def test_so_many_finite_values_are_returned_in_the_order_of_the_axis(store: Store, script: Script) -> None:
    given = points([float(n) for n in range(10_000)])
    given.values[8191] = given.values[8192] = math.nan
    keep(store, script, given)
    found = near(store, script, 8200, finite=1000)
    assert found is not None
    assert found.values[-1000:-12] == [float(n) for n in range(7201, 8189)]
    assert list(found.places) == sorted(found.places)
    assert sum(map(math.isfinite, found.values)) >= 1000


def test_of_a_time_the_nearest_point_within_a_second_counts_and_else_the_one_before(
    store: Store, script: Script
) -> None:
    its = array("q", range(4))
    keep(store, script, Points(its, array("d", [100.0, 100.4, 160.0, 200.0]), array("d", its)))
    for at, value in ((100.1, 0.0), (100.3, 1.0), (159.5, 2.0), (130.0, 1.0), (161.5, 2.0), (900.0, 3.0)):
        assert last(near(store, script, at, "time"))[1] == value


def test_few_points_are_read_of_a_long_series(store: Store, script: Script) -> None:
    keep(store, script, points([float(n) for n in range(100_000)]))
    before = scalars.decoded
    near(store, script, 54_321, finite=1206)
    assert scalars.decoded - before <= 2 * 4096


def test_it_is_found_in_a_pyramid_that_has_grown_also_between_times_it_rounds(store: Store, script: Script) -> None:
    for first in range(0, 90_000, 15_000):
        its = array("q", range(first, first + 15_000))
        keep(store, script, Points(its, array("d", [1e9 + n * 0.0003 for n in its]), array("d", its)))
    for at in (0, 1, 4095, 4096, 15_000, 65_535, 65_536, 65_537, 69_632, 89_999):
        assert last(near(store, script, at)) == (at, at)
        assert last(near(store, script, 1e9 + at * 0.0003, "time", finite=50))[1] == at
