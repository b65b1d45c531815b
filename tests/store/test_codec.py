"""Blobs: what goes in comes out, whatever it is; and small."""

from __future__ import annotations

import math
import random
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import codec
from store.errors import StoreUnusable
from store.pyramid import Buckets, buckets_of, coarser, decode_buckets, encode_buckets, merged, singles
from store.records import Line, Points
from tests.support import line, points

INT64 = st.integers(-(2**63), 2**63 - 1)
BITS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])


def raw(made: Points) -> tuple[bytes, bytes, bytes]:
    """Bytes, because NaN is not equal to itself and its payload must survive too."""
    return made.iterations.tobytes(), made.times.tobytes(), made.values.tobytes()


def noise(size: int) -> Points:
    rng = random.Random(size)
    made, time = Points(), 1.76e9
    for i in range(size):
        time += rng.gauss(0.1, 0.002)
        made.iterations.append(i)
        made.times.append(time)
        made.values.append(struct.unpack("f", struct.pack("f", 2 / (1 + i / 500) + rng.gauss(0, 0.05)))[0])
    return made


@given(st.lists(st.tuples(INT64, BITS, BITS), min_size=1, max_size=30), st.integers(1, 20))
def test_any_points_come_back_bit_for_bit(rows: list[tuple[int, float, float]], times: int) -> None:
    its, at, values = zip(*(rows * times), strict=True)
    made = Points(array("q", its), array("d", at), array("d", values))
    assert raw(codec.decode_points(codec.encode_points(made))) == raw(made)


@pytest.mark.parametrize("size", [1, 127, 128, 129, 4096])
def test_sizes_around_the_borders_come_back(size: int) -> None:
    made = noise(size)
    assert raw(codec.decode_points(codec.encode_points(made))) == raw(made)


def test_backward_and_repeated_iterations_keep_their_order() -> None:
    made = points([float(i) for i in range(500)])
    made.iterations = array("q", [7, 7, 3, -5] * 125)
    assert raw(codec.decode_points(codec.encode_points(made))) == raw(made)


def test_float32_born_points_of_a_training_take_seven_bytes() -> None:
    size = 4096
    assert len(codec.encode_points(noise(size))) / size <= 7


@pytest.mark.parametrize("damage", [b"", b"\x63abc", b"\x02not zlib"])
def test_damaged_blocks_are_told_in_a_sentence(damage: bytes) -> None:
    with pytest.raises(StoreUnusable, match="Cannot read a block"):
        codec.decode_points(damage)


def test_one_flipped_bit_in_a_packed_block_is_noticed() -> None:
    block = bytearray(codec.encode_points(noise(4096)))
    block[len(block) // 2] ^= 1
    with pytest.raises(StoreUnusable, match="damaged"):
        codec.decode_points(bytes(block))


def test_a_flush_holds_many_series_and_an_offset() -> None:
    first, second = points([1.0, 2.0], first=5), points([math.nan])
    made = [codec.Section(1, 2, codec.encode_points(first)), codec.Section(9, 1, codec.encode_points(second))]
    offset, found = codec.sections(codec.encode_flush(made, 1000))
    assert offset == 1000 and found == made
    assert list(codec.shifted(codec.decode_points(found[0].block), offset).iterations) == [1005, 1006]


def test_an_offset_never_leaves_64_bits() -> None:
    made = points([1.0, 2.0], first=2**63 - 2)
    assert list(codec.shifted(made, 100).iterations) == [2**63 - 1] * 2


# --- buckets ---


def plain(values: list[float]) -> tuple[float, float, float]:
    good = [v for v in values if v == v]
    return (min(good), max(good), good[-1]) if good else (math.nan,) * 3


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


@given(st.lists(st.floats(width=32), min_size=1, max_size=200))
def test_buckets_tell_extremes_counts_and_the_last_value(values: list[float]) -> None:
    made = buckets_of(points(values))
    assert len(made) == -(-len(values) // 16)
    for i in range(len(made)):
        part = values[16 * i : 16 * i + 16]
        low, high, last = plain(part)
        bucket = made.one(i)
        assert same(bucket.low, low) and same(bucket.high, high) and same(bucket.last, last)
        assert (bucket.n, bucket.nans) == (len(part), sum(v != v for v in part))
        assert (bucket.iteration_min, bucket.iteration_max) == (16 * i, 16 * i + len(part) - 1)


@given(st.lists(st.floats(width=32), min_size=1, max_size=600))
def test_a_level_of_a_level_is_the_level_of_the_points(values: list[float]) -> None:
    step, whole = coarser(buckets_of(points(values))), buckets_of(points(values), 256)
    for name in ("low", "high", "last"):
        assert all(map(same, getattr(step, name), getattr(whole, name)))
    assert (step.n, step.nans, step.iteration_max) == (whole.n, whole.nans, whole.iteration_max)


def test_buckets_come_back_with_times_in_milliseconds_and_a_near_mean() -> None:
    made = buckets_of(noise(4096))
    found = decode_buckets(encode_buckets(made))
    for name in ("iteration_min", "iteration_max", "low", "high", "last", "n", "nans"):
        assert getattr(found, name) == getattr(made, name)
    assert all(abs(a - b) <= 0.00051 for a, b in zip(found.time_min, made.time_min, strict=True))
    widths = [high - low for low, high in zip(made.low, made.high, strict=True)]
    assert all(abs(a - b) <= w / 60000 for a, b, w in zip(found.mean, made.mean, widths, strict=True))


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e308, 0.0])
def test_extreme_buckets_come_back(value: float) -> None:
    made = buckets_of(points([value] * 32))
    found = decode_buckets(encode_buckets(made))
    assert all(map(same, found.low, made.low)) and all(map(same, found.mean, [value] * 2))


def test_infinities_are_extremes() -> None:
    bucket = buckets_of(points([1.0, math.inf, -math.inf, math.nan])).one(0)
    assert (bucket.low, bucket.high, bucket.nans) == (-math.inf, math.inf, 1)


def test_merging_weighs_means_by_their_counts() -> None:
    whole = buckets_of(points([1.0] * 16 + [4.0, math.nan, 4.0]))
    bucket = merged(whole, range(len(whole))).one(0)
    assert bucket.mean == pytest.approx((16 + 8) / 18) and bucket.n == 19 and bucket.nans == 1


def test_no_points_are_no_buckets() -> None:
    assert len(buckets_of(Points())) == len(singles(Points())) == len(coarser(Buckets())) == 0


# --- console ---

TEXT = st.text(st.characters(exclude_characters="\n"), max_size=50)
LINE = st.builds(Line, st.floats(0, 4e9), st.sampled_from(codec.STREAMS), st.integers(0, 65535), TEXT)


@given(st.lists(LINE, min_size=1, max_size=20))
def test_any_lines_come_back(lines: list[Line]) -> None:
    assert list(codec.decode_lines(codec.encode_lines(lines)).lines()) == [
        item._replace(text=item.text.encode("utf-8", "backslashreplace").decode()) for item in lines
    ]


def test_one_line_stays_one_line() -> None:
    found = codec.decode_lines(codec.encode_lines([line("a\nb"), line("c")]))
    assert found.texts() == ["a b", "c"]


def test_a_stray_surrogate_is_kept_readable() -> None:
    assert codec.decode_lines(codec.encode_lines([line("a\udc80b")])).texts() == ["a\\udc80b"]


def test_blocks_are_cut_near_64_kib() -> None:
    lines = [line("x" * 99)] * 2000
    runs = list(codec.blocks(lines))
    assert [item for run in runs for item in run] == lines
    assert [len(run) for run in runs] == [656, 656, 656, 32]


def test_a_line_longer_than_a_block_is_a_block() -> None:
    assert [len(run) for run in codec.blocks([line("x" * 200_000), line("y")])] == [1, 1]
