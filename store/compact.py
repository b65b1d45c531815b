"""Moving what came in small pieces into chunks: few rows, compressed well, with a pyramid for charts.

Reading and encoding happen outside any transaction; a short one then swaps journal rows for chunks, and only if the
rows are all still there (journal keys are never used twice within an execution, so a reset or another compaction in
between is noticed and nothing is lost or doubled). Chunks are written once, but for the last one of each level, which
is replaced as it grows. Nothing that a reader can see changes, so no revision is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import tables
from .codec import blocks, decode_lines, decode_points, encode_lines, encode_points, extend, flushed, part
from .engine import Store, Transaction
from .lifecycle import FINAL
from .pyramid import CHUNK, FACTOR, ROW, Buckets, buckets_of, coarser, decode_buckets, encode_buckets
from .records import Line, Points

FLUSHES = 128
"""Journal rows of a task from which compaction is worth its while."""
POINTS = 32768
"""Points in the journal from which it is due earlier."""
_PASS_POINTS = 131072  # points taken at once: what bounds memory and the length of the transaction
_PASS_BYTES = 1 << 20  # compressed console, likewise
_OPEN_BLOCK = 12 << 10  # a last console chunk of fewer compressed bytes is filled up rather than left
_BY = "compaction"
_Rows = list[dict[str, Any]]


def compact_due(store: Store) -> list[str]:
    """Return the tasks that have enough in their journal rows, or have ended with some left there."""
    with store.read() as c:
        scalars = _due(c, tables.scalar_journal, sa.func.sum(tables.scalar_journal.c.n) >= POINTS)
        return sorted(scalars | _due(c, tables.console_journal, sa.false()))


def _due(c: Connection, journal: sa.Table, much: sa.ColumnElement[bool]) -> set[str]:
    task_id, task = journal.c.task_id, tables.task.c
    many = sa.select(task_id).group_by(task_id).having((sa.func.count() >= FLUSHES) | much)
    ended = sa.select(task_id).distinct().join(tables.task, task.id == task_id).where(task.status.in_(FINAL))
    return {*c.execute(many).scalars(), *c.execute(ended).scalars()}


def compact(store: Store, task_id: str, *, everything: bool = False) -> None:
    """Move a task's journal rows into chunks.

    Args:
        store: whose.
        task_id: the task.
        everything: also where they are still few (when the task has ended).
    """
    for journal, move in ((tables.scalar_journal, _scalars), (tables.console_journal, _console)):
        if everything or _many(store, journal, task_id):
            while move(store, task_id):
                pass


def _many(store: Store, journal: sa.Table, task_id: str) -> bool:
    wanted = sa.select(sa.func.count(), sa.func.sum(journal.c.n)).where(journal.c.task_id == task_id)
    with store.read() as c:
        rows, n = c.execute(wanted).one()
    return bool(rows >= FLUSHES or (journal is tables.scalar_journal and (n or 0) >= POINTS))


@dataclass(slots=True)
class _Pass:
    """What one round read: the journal rows' keys, whether there are more, and the task's closed execution."""

    keys: list[int]
    more: bool
    closed: int | None


class _OvertakenError(Exception):
    """The rows are gone: a reset, a deletion or another compaction came first."""


def _read_pass(c: Connection, journal: sa.Table, task_id: str, size: sa.ColumnElement[int], limit: int) -> _Pass:
    """Choose the oldest journal rows that are together no larger than ``limit`` (one at least)."""
    keys: list[int] = []
    held, key, task = 0, _key(journal), tables.task.c
    found = c.execute(sa.select(key, size).where(journal.c.task_id == task_id).order_by(key)).all()
    for at, weight in found:
        held += weight
        if keys and held > limit:
            break
        keys.append(at)
    closed = c.execute(sa.select(task.closed_execution).where(task.id == task_id)).scalar_one_or_none()
    return _Pass(keys, len(keys) < len(found), closed)


def _key(journal: sa.Table) -> sa.Column[int]:
    return journal.c.seq if "seq" in journal.c else journal.c.first_line


def _taken(journal: sa.Table, task_id: str, keys: Sequence[int]) -> sa.ColumnElement[bool]:
    return (journal.c.task_id == task_id) & _key(journal).between(keys[0], keys[-1])


def _swap(
    store: Store, journal: sa.Table, task_id: str, read: _Pass, chunks: sa.Table, rows: _Rows, done: _Rows
) -> bool:
    """Delete the rows that were read and write the chunks, or change nothing and return False."""
    task = tables.task.c
    try:
        with store.write(_BY) as tx:
            closed = tx.execute(sa.select(task.closed_execution).where(task.id == task_id)).scalar_one_or_none()
            deleted = tx.execute(sa.delete(journal).where(_taken(journal, task_id, read.keys))).rowcount
            if deleted != len(read.keys) or closed != read.closed:
                raise _OvertakenError
            tx.execute(tables.upsert(chunks, tx.connection.dialect.name), rows)
            _count(tx, task_id, done)
    except _OvertakenError:
        return False
    return read.more


def _count(tx: Transaction, task_id: str, done: _Rows) -> None:
    m = tables.task_metric
    if done:
        which = (m.c.task_id == task_id) & (m.c.number == sa.bindparam("which"))
        tx.execute(sa.update(m).where(which).values(compacted=sa.bindparam("reached")), done)


# --- scalars ---


def _scalars(store: Store, task_id: str) -> bool:
    """Compact one round of scalars; return whether there is more."""
    journal = tables.scalar_journal
    with store.read() as c:
        read = _read_pass(c, journal, task_id, journal.c.n, _PASS_POINTS)
        if not read.keys:
            return False
        data = c.execute(sa.select(journal.c.data).where(_taken(journal, task_id, read.keys)).order_by(journal.c.seq))
        series = {number: _Series(task_id, number, points) for number, points in flushed(data.scalars()).items()}
        for one in series.values():
            one.load(c)
    rows = [row for one in series.values() for row in one.rows()]
    done = [{"which": one.number, "reached": one.total} for one in series.values()]
    return _swap(store, journal, task_id, read, tables.scalar_chunk, rows, done)


@dataclass(slots=True)
class _Series:
    """One series: its new points and the last row of each level, which they go on."""

    task_id: str
    number: int
    new: Points
    compacted: int = 0
    old: dict[int, bytes] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Points in chunks afterwards."""
        return self.compacted + len(self.new)

    @property
    def base(self) -> int:
        """The first point of the first chunk that is written."""
        return self.compacted // CHUNK * CHUNK

    def load(self, c: Connection) -> None:
        """Read how far the series is, and the rows that will be replaced."""
        m, k = tables.task_metric.c, tables.scalar_chunk.c
        mine = (m.task_id == self.task_id) & (m.number == self.number)
        self.compacted = c.execute(sa.select(m.compacted).where(mine)).scalar_one_or_none() or 0
        grown = range(2, levels(self.compacted))
        wanted = [(k.level == level) & (k.seq == self._first(level) // ROW) for level in grown]
        if self.compacted > self.base:
            wanted.append((k.level == 0) & (k.seq == self.base // CHUNK))
        if wanted:
            chunk = sa.select(k.level, k.data).where(k.task_id == self.task_id, k.number == self.number)
            self.old = {row.level: row.data for row in c.execute(chunk.where(sa.or_(*wanted)))}

    def _first(self, level: int) -> int:
        """The first bucket of a level that changes: 0 if the level is new."""
        return self.base // FACTOR**level if level < levels(self.compacted) else 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """Return every row that is new or replaced."""
        points = decode_points(self.old[0]) if 0 in self.old else Points()
        extend(points, self.new)
        for start in range(0, len(points), CHUNK):
            yield self._points_row(self.base + start, part(points, start, start + CHUNK))
        finer, at = buckets_of(points), self.base // FACTOR
        for level in range(1, levels(self.total)):
            if level > 1:
                finer, at = self._level(level, finer, at)
            for start in range(0, len(finer), ROW):
                yield self._buckets_row(level, at + start, finer.part(start, start + ROW))

    def _level(self, level: int, finer: Buckets, at: int) -> tuple[Buckets, int]:
        """Return the buckets of a level from the start of its first changed row, made from the level below."""
        first = self._first(level)
        kept = decode_buckets(self.old[level]).part(0, first % ROW) if level in self.old else Buckets()
        kept.extend(coarser(finer.part(first * FACTOR - at)))
        return kept, first - first % ROW

    def _points_row(self, start: int, points: Points) -> dict[str, Any]:
        its, times = points.iterations, points.times
        spans = (min(its), max(its), min(times), max(times))
        return self._row(0, start // CHUNK, len(points), spans, encode_points(points))

    def _buckets_row(self, level: int, start: int, b: Buckets) -> dict[str, Any]:
        spans = (min(b.iteration_min), max(b.iteration_max), min(b.time_min), max(b.time_max))
        return self._row(level, start // ROW, sum(b.n), spans, encode_buckets(b))

    def _row(self, level: int, seq: int, n: int, spans: tuple[int, int, float, float], data: bytes) -> dict[str, Any]:
        return {
            "task_id": self.task_id, "number": self.number, "level": level, "seq": seq, "n": n,
            "iteration_min": spans[0], "iteration_max": spans[1], "time_min": spans[2], "time_max": spans[3],
            "data": data,
        }  # fmt: skip


def levels(points: int) -> int:
    """Return how many levels a series of so many points has: each is begun when the one below has over 16 entries."""
    count = 1 if points else 0
    while points > FACTOR:
        points = -(-points // FACTOR)
        count += 1
    return count


# --- console ---


def _console(store: Store, task_id: str) -> bool:
    """Compact one round of console lines; return whether there is more."""
    journal = tables.console_journal
    with store.read() as c:
        read = _read_pass(c, journal, task_id, sa.func.length(journal.c.data), _PASS_BYTES)
        if not read.keys:
            return False
        first, lines = _open_block(c, task_id, read.keys[0])
        taken = sa.select(journal.c.data).where(_taken(journal, task_id, read.keys)).order_by(journal.c.first_line)
        for data in c.execute(taken).scalars():
            lines += decode_lines(data).lines()
    return _swap(store, journal, task_id, read, tables.console_chunk, list(_chunks(task_id, first, lines)), [])


def _open_block(c: Connection, task_id: str, before: int) -> tuple[int, list[Line]]:
    """Return first line and lines of the last chunk if there is room in it, else where the next one begins."""
    k = tables.console_chunk.c
    newest = sa.select(k.first_line, k.data).where(k.task_id == task_id).order_by(k.first_line.desc()).limit(1)
    last = c.execute(newest).first()
    if last is None or len(last.data) > _OPEN_BLOCK:
        return before, []
    return last.first_line, list(decode_lines(last.data).lines())


def _chunks(task_id: str, first: int, lines: list[Line]) -> Iterator[dict[str, Any]]:
    for run in blocks(lines):
        times = [line.time for line in run]
        yield {
            "task_id": task_id, "first_line": first, "n": len(run), "time_min": min(times), "time_max": max(times),
            "data": encode_lines(run),
        }  # fmt: skip
        first += len(run)
