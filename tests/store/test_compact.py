"""Compaction: nothing lost, nothing doubled, nothing reordered, whatever happens beside it; and small."""

from __future__ import annotations

import math
import random
import struct
import threading
from array import array

import pytest
import sqlalchemy as sa

from store import commands, tables
from store import compact as compaction
from store.compact import compact, compact_due, levels
from store.engine import Store, current_rev
from store.ingest import ingest
from store.pyramid import CHUNK, decode_buckets
from store.queries import console, scalars
from store.records import Points
from tests.support import Script, line, points

BY = "ada@host"
LOSS = ("loss", "train")
END = {"e": "end", "status": "completed", "reason": "", "time": 2000.0}


@pytest.fixture
def script(store: Store) -> Script:
    made = Script()
    ingest(store, [made.batch(events=[made.start()])], BY)
    return made


def feed(store: Store, script: Script, values: Points) -> None:
    ingest(store, [script.batch(scalars={LOSS: values})], BY)


def kept(store: Store, script: Script) -> Points:
    with store.read() as c:
        return scalars.points(c, script.task, 1)


def count(store: Store, table: sa.Table) -> int:
    with store.read() as c:
        return int(c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def noise(size: int, first: int = 0, seed: int = 0) -> Points:
    rng = random.Random(seed)
    values = struct.unpack(f"{size}f", struct.pack(f"{size}f", *(rng.gauss(0, 1) for _ in range(size))))
    return Points(
        array("q", range(first, first + size)),
        array("d", (1.76e9 + 0.1 * i + rng.random() / 1000 for i in range(first, first + size))),
        array("d", values),
    )


STEPS = [1, 15, 1, 240, 1, 3838, 1, 4096, 61439, 1, 40000]


def test_growing_series_keep_every_point_and_every_level(store: Store, script: Script) -> None:
    whole = noise(sum(STEPS))
    at = 0
    for size in STEPS:
        feed(store, script, Points(whole.iterations[at : at + size], whole.times[at : at + size],
                                   whole.values[at : at + size]))  # fmt: skip
        compact(store, script.task, everything=True)
        at += size
        check_levels(store, script, at)
    assert kept(store, script) == whole
    assert count(store, tables.scalar_journal) == 0


def check_levels(store: Store, script: Script, total: int) -> None:
    """Every level covers every point once, in rows of its size."""
    k = tables.scalar_chunk.c
    with store.read() as c:
        rows = c.execute(
            sa.select(k.level, k.seq, k.n, k.data).where(k.task_id == script.task).order_by(k.level, k.seq)
        )
        found = rows.all()
    assert {row.level for row in found} == set(range(levels(total)))
    for level in range(levels(total)):
        mine = [row for row in found if row.level == level]
        assert [row.seq for row in mine] == list(range(len(mine)))
        assert sum(row.n for row in mine) == total
        size = CHUNK if level == 0 else 256 * 16**level
        assert all(row.n == size for row in mine[:-1])
        if level:
            assert sum(sum(decode_buckets(row.data).n) for row in mine) == total


def test_the_levels_hold_the_extremes_of_all_points(store: Store, script: Script) -> None:
    whole = noise(70_000)
    whole.values[12_345], whole.values[69_999] = 1e6, -1e6
    whole.values[500] = math.nan
    feed(store, script, whole)
    compact(store, script.task)
    k = tables.scalar_chunk.c
    with store.read() as c:
        for level in range(1, levels(70_000)):
            wanted = sa.select(k.data).where(k.task_id == script.task, k.level == level)
            rows = [decode_buckets(data) for data in c.execute(wanted).scalars()]
            assert max(max(b.high) for b in rows) == 1e6 and min(min(b.low) for b in rows) == -1e6
            assert sum(sum(b.nans) for b in rows) == 1


def test_order_of_arrival_survives_backward_and_repeated_iterations(store: Store, script: Script) -> None:
    first, again = points([float(i) for i in range(3000)]), points([float(-i) for i in range(3000)], at=9000.0)
    feed(store, script, first)
    compact(store, script.task, everything=True)
    feed(store, script, again)
    compact(store, script.task, everything=True)
    found = kept(store, script)
    assert list(found.iterations) == [*range(3000), *range(3000)]
    assert found.values == first.values + again.values


def test_many_series_are_compacted_together(store: Store, script: Script) -> None:
    for start in range(3):
        series = {("m", str(i)): points([float(i)] * (i + 1), first=10 * start) for i in range(30)}
        ingest(store, [script.batch(scalars=series)], BY)
    compact(store, script.task, everything=True)
    with store.read() as c:
        rows = scalars.metrics(c, script.task)
        assert len(rows) == 30
        for row in rows:
            found = scalars.points(c, script.task, row.number)
            assert set(found.values) == {float(row.series)} and len(found) == row.n == 3 * (int(row.series) + 1)


def test_what_readers_see_does_not_change(store: Store, script: Script) -> None:
    feed(store, script, noise(5000))
    with store.read() as c:
        before = scalars.metrics(c, script.task), current_rev(c)
    compact(store, script.task, everything=True)
    with store.read() as c:
        assert (scalars.metrics(c, script.task), current_rev(c)) == before


def test_a_continued_tasks_offset_is_in_its_chunks(store: Store, script: Script) -> None:
    ingest(store, [script.batch(events=[{"e": "offset", "value": 1000}], scalars={LOSS: points([1.0] * 20)})], BY)
    compact(store, script.task, everything=True)
    assert list(kept(store, script).iterations) == list(range(1000, 1020))


# --- when ---


def test_few_flushes_of_a_live_task_are_not_due(store: Store, script: Script) -> None:
    feed(store, script, points([1.0]))
    ingest(store, [script.batch(lines=[line("x")])], BY)
    assert compact_due(store) == []
    compact(store, script.task)
    assert count(store, tables.scalar_journal) == count(store, tables.console_journal) == 1


@pytest.mark.parametrize("what", ["flushes", "points", "console", "end"])
def test_much_or_an_end_is_due_and_done(store: Store, script: Script, what: str) -> None:
    if what == "flushes":
        batches = [script.batch(scalars={LOSS: points([1.0])}) for _ in range(compaction.FLUSHES)]
        for batch in batches:
            ingest(store, [batch], BY)
    elif what == "points":
        feed(store, script, points([1.0] * compaction.POINTS))
    elif what == "console":
        for _ in range(compaction.FLUSHES):
            ingest(store, [script.batch(lines=[line("x")])], BY)
    else:
        ingest(store, [script.batch(events=[END], scalars={LOSS: points([1.0])}, lines=[line("x")])], BY)
    assert compact_due(store) == [script.task]
    compact(store, script.task, everything=what == "end")
    assert compact_due(store) == []
    assert count(store, tables.scalar_journal) == count(store, tables.console_journal) == 0


# --- beside others ---


def during_the_encoding(monkeypatch: pytest.MonkeyPatch, name: str, happening: object) -> None:
    """Let something happen between compaction's read and its swap, once."""
    real, calls = getattr(compaction, name), [happening]

    def first(*args: object, **kwargs: object) -> object:
        if calls:
            calls.pop()()  # type: ignore[operator]
        return real(*args, **kwargs)

    monkeypatch.setattr(compaction, name, first)


def test_a_reset_during_the_encoding_leaves_nothing_of_the_old_points(
    store: Store, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, [script.batch(events=[END], scalars={LOSS: noise(5000)}, lines=[line("old")] * 10)], BY)
    again = Script(script.task)

    def reset_and_run_again() -> None:
        commands.reset(store, script.task, by=BY)
        new = {("other", "series"): points([7.0] * 3)}
        ingest(store, [again.batch(events=[again.start()], scalars=new, lines=[line("new")] * 10)], BY)

    during_the_encoding(monkeypatch, "encode_points", reset_and_run_again)
    compact(store, script.task, everything=True)
    with store.read() as c:
        assert [row.title for row in scalars.metrics(c, script.task)] == ["other"]
        assert list(scalars.points(c, script.task, 1).values) == [7.0] * 3
        assert {found.text for found in console.lines(c, script.task, 0, 100)} == {"new"}


def test_a_reset_during_the_encoding_of_lines_leaves_none_of_them(
    store: Store, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, [script.batch(events=[END], lines=[line("old")] * 10)], BY)
    again = Script(script.task)

    def reset_and_run_again() -> None:
        commands.reset(store, script.task, by=BY)
        ingest(store, [again.batch(events=[again.start()], lines=[line("new")] * 10)], BY)

    during_the_encoding(monkeypatch, "encode_lines", reset_and_run_again)
    compact(store, script.task, everything=True)
    with store.read() as c:
        assert [found.text for found in console.lines(c, script.task, 0, 100)] == ["new"] * 10


def test_points_that_come_during_the_encoding_stay(
    store: Store, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(store, script, points([1.0, 2.0]))
    during_the_encoding(monkeypatch, "encode_points", lambda: feed(store, script, points([3.0], first=2)))
    compact(store, script.task, everything=True)
    assert list(kept(store, script).values) == [1.0, 2.0, 3.0]


def test_two_compactions_and_a_writer_at_once_lose_and_double_nothing(store: Store, script: Script) -> None:
    done = threading.Event()

    def keep_compacting() -> None:
        while not done.is_set():
            compact(store, script.task, everything=True)

    threads = [threading.Thread(target=keep_compacting) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(0, 6000, 100):
        part = points([float(i) for i in range(start, start + 100)], first=start)
        ingest(store, [script.batch(scalars={LOSS: part}, lines=[line(str(start))])], BY)
        assert list(kept(store, script).iterations) == list(range(start + 100))
    done.set()
    for thread in threads:
        thread.join()
    with store.read() as c:
        assert [found.text for found in console.lines(c, script.task, 0, 99)] == [str(i) for i in range(0, 6000, 100)]


def test_a_deleted_task_is_nothing_to_compact(store: Store) -> None:
    compact(store, "0" * 32, everything=True)


# --- console ---


def test_lines_move_into_full_chunks_and_stay_in_order(store: Store, script: Script) -> None:
    for start in range(0, 5000, 50):
        ingest(store, [script.batch(lines=[line(f"line {i} " + "x" * 60) for i in range(start, start + 50)])], BY)
        if start % 1000 == 950:
            compact(store, script.task, everything=True)
    with store.read() as c:
        found = console.lines(c, script.task, 0, 9999)
    assert [item.n for item in found] == list(range(5000))
    assert all(item.text.startswith(f"line {item.n} ") for item in found)
    assert count(store, tables.console_chunk) <= 5000 * 70 / 65536 * 2 + 1


# --- size ---


@pytest.mark.slow
def test_a_million_points_take_under_ten_bytes_each(store: Store, script: Script) -> None:
    """The blobs on each engine, and on SQLite the whole file as well."""
    total, series = 1_000_000, 4
    made = {("loss", str(i)): noise(total // series, seed=i) for i in range(series)}
    ingest(store, [script.batch(scalars=made)], BY)
    compact(store, script.task)
    k = tables.scalar_chunk.c
    with store.read() as c:
        size = c.execute(sa.select(sa.func.sum(sa.func.length(k.data)))).scalar_one()
        for row in scalars.metrics(c, script.task):
            assert scalars.points(c, script.task, row.number) == made[(row.title, row.series)]
    assert size / total <= 8
    if store.location.is_sqlite:
        store.close()
        assert store.location.database.stat().st_size / total <= 10
