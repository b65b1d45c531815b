"""A task's console: pages, tail and search over compressed blocks and the lines that came since.

Lines are counted from 0 within a task. Every call reads only the blocks it shows (search: one after another), and
never keeps more than one page of rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..codec import STREAMS, Block, decode_lines
from ..errors import InvalidValue
from ..records import ConsoleLine

_PAGE = 16  # blocks of a search fetched at a time
_WINDOW, _OVERLAP = 2048, 512


class _Row(NamedTuple):
    first_line: int
    n: int
    data: bytes


_TABLES = (tables.console_chunk, tables.console_journal)
_KEPT = sa.select(tables.task.c.lines).where(tables.task.c.id == tables.OF_TASK)


def kept(c: Connection, task: str) -> int:
    """Return how many lines are kept."""
    return int(c.execute(_KEPT, {"task": task}).scalar_one_or_none() or 0)


def lines(c: Connection, task: str, first: int, count: int) -> list[ConsoleLine]:
    """Return up to ``count`` lines from line ``first`` on."""
    stop = first + count
    found: list[ConsoleLine] = []
    for table in _TABLES:
        for row in _rows(c, table, task, max(first, 0), stop):
            found += _cut(row.first_line, decode_lines(row.data), max(first, 0), stop)
    return found


def texts(c: Connection, task: str, first: int, stop: int) -> Iterator[str]:
    """Yield the lines from ``first`` to before ``stop`` as pieces of text, the lines in them parted by newlines.

    For printing a whole console: no object is made for each line.
    """
    for start, block in _blocks(c, task, first):
        if start >= stop:
            return
        whole = start >= first and start + len(block) <= stop
        yield block.text if whole else "\n".join(block.texts()[max(first - start, 0) : stop - start])


def tail(c: Connection, task: str, count: int) -> list[ConsoleLine]:
    """Return the last ``count`` lines."""
    total = kept(c, task)
    first = max(0, total - count)
    return lines(c, task, first, total - first)


def line_at(c: Connection, task: str, time: float) -> int:
    """Return the first line that was printed at a time or later; how many lines there are, where none was.

    Blocks are taken to follow each other in time and are bisected: a console of ten million lines has ten thousand.
    """
    for table in _TABLES:
        first = _first_block(c, table, task, time)
        if first is not None:
            (row,) = _rows(c, table, task, first, first + 1)
            times = decode_lines(row.data).times
            return row.first_line + next((n for n, printed in enumerate(times) if printed >= time), row.n)
    return kept(c, task)


def _first_block(c: Connection, table: sa.Table, task: str, time: float) -> int | None:
    """Return where the first block of a table begins that ends at a time or later."""
    ends, at = _bisecting(table)
    low, high = c.execute(ends, {"task": task}).one()
    found: int | None = None
    while low is not None and low <= high:
        first, n, last = c.execute(at, {"task": task, "middle": (low + high) // 2}).one()
        last = max(decode_lines(last).times, default=0.0) if isinstance(last, bytes) else last
        if last >= time:
            found, high = int(first), first - 1
        else:
            low = first + n
    return found


@cache
def _bisecting(table: sa.Table) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return the statements for where a table's first and last block begin, and for the block that holds a line.

    They are built once, as ``_holding``: that takes as long as running them.
    """
    t, task = table.c, table.c.task_id == tables.OF_TASK
    end = t.time_max if "time_max" in t else t.data  # what is in the journal says its times nowhere else
    at = sa.select(t.first_line, t.n, end).where(task, t.first_line <= sa.bindparam("middle"))
    ends = sa.select(sa.func.min(t.first_line), sa.func.max(t.first_line)).where(task)
    return ends, at.order_by(t.first_line.desc()).limit(1)


def search(
    c: Connection, task: str, pattern: str, *, first: int = 0, limit: int | None = None, ignore_case: bool = False,
    inverted: bool = False, given_up: Callable[[], bool] = lambda: False,
) -> Iterator[ConsoleLine]:  # fmt: skip
    """Yield the lines from ``first`` on in which a regular expression is found, ``limit`` of them at most.

    ``inverted``: those in which it is not found.

    Before each block ``given_up`` is asked whether the rest is still wanted: a long console takes seconds.

    Raises:
        InvalidValue: the expression is none, or one that can take forever on a single line.
    """
    matches = matcher(pattern, ignore_case)
    if inverted:
        matches = _others(matches)
    return _search(c, task, matches, first, limit, given_up)


count = kept
"""How many lines are kept: ``console.count(c, task)``."""


def _search(
    c: Connection, task: str, matches: Matcher, first: int, limit: int | None, given_up: Callable[[], bool]
) -> Iterator[ConsoleLine]:
    found = 0
    for start, block in _blocks(c, task, first):
        if given_up():
            return
        hits = [at for at in matches(block) if start + at >= first]
        texts = block.texts() if hits else []
        for at in hits:
            if found == limit:
                return
            found += 1
            yield _line(start, block, at, texts)


def _blocks(c: Connection, task: str, first: int) -> Iterator[tuple[int, Block]]:
    """Yield every block from the one holding line ``first`` on, a few rows fetched at a time."""
    for table in _TABLES:
        rows = _rows(c, table, task, first, None)
        while rows:
            for row in rows:
                yield row.first_line, decode_lines(row.data)
            first = rows[-1].first_line + rows[-1].n
            rows = _rows(c, table, task, first, None) if len(rows) == _PAGE else []


def _rows(c: Connection, table: sa.Table, task: str, first: int, stop: int | None) -> list[_Row]:
    """Return the rows that hold the lines from ``first`` to before ``stop``, in order; ``_PAGE`` without ``stop``."""
    wanted = {"task": task, "first": first, "stop": stop}
    return [_Row(*row) for row in c.execute(_holding(table, stop is not None), wanted)]


@cache
def _holding(table: sa.Table, stopped: bool) -> sa.Select[Any]:
    """Return the statement of ``_rows``."""
    t, task, first = table.c, table.c.task_id == tables.OF_TASK, sa.bindparam("first", type_=sa.BigInteger)
    holds = sa.select(sa.func.max(t.first_line)).where(task, t.first_line <= first).scalar_subquery()
    wanted = sa.select(t.first_line, t.n, t.data).where(
        task, t.first_line >= sa.func.coalesce(holds, first), t.first_line + t.n > first
    )
    wanted = wanted.where(t.first_line < sa.bindparam("stop")) if stopped else wanted.limit(_PAGE)
    return wanted.order_by(t.first_line)


def _cut(start: int, block: Block, first: int, stop: int) -> list[ConsoleLine]:
    texts = block.texts()
    span = range(max(first - start, 0), min(stop - start, len(block)))
    return [_line(start, block, at, texts) for at in span]


def _line(start: int, block: Block, at: int, texts: list[str]) -> ConsoleLine:
    return ConsoleLine(start + at, block.times[at], STREAMS[block.streams[at]], block.ranks[at], texts[at])


# --- patterns ---

Matcher = Callable[[Block], Iterator[int]]
_SPECIAL = frozenset(".^$*+?{}[]|()\\")


def matcher(pattern: str, ignore_case: bool) -> Matcher:
    """Return a function that yields the indexes of the matching lines of a block.

    A plain text is looked for in the whole block at once. An expression is tried line by line, so that the time it
    takes is about that of its lines; one with a repeat inside a repeat is not bounded even so and is refused.

    Raises:
        InvalidValue: see ``search``.
    """
    if not _SPECIAL & set(pattern):
        return _plain(pattern, ignore_case)
    try:
        found = re.compile(pattern, re.IGNORECASE if ignore_case else 0).search
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidValue(
            f"Invalid search {pattern!r}: {error}. Escape special characters with a backslash."
        ) from error
    if repeats_a_repeat(pattern):
        raise InvalidValue(
            f"Invalid search {pattern!r}: a repeat inside a repeat can take forever on one line. Use a single one."
        )
    return lambda block: (at for at, text in enumerate(block.texts()) if _in_windows(found, text))


def _others(matches: Matcher) -> Matcher:
    return lambda block: iter(sorted(set(range(len(block))).difference(matches(block))))


def _in_windows(found: Callable[..., re.Match[str] | None], text: str) -> bool:
    """Search a very long line by overlapping windows: many expressions take the square of a text's length.

    What a window's end cuts off is found by the next one, unless the match needs more than the overlap before it.
    """
    if len(text) <= _WINDOW:
        return found(text) is not None
    for start in range(0, len(text), _WINDOW - _OVERLAP):
        end = min(start + _WINDOW, len(text))
        hit = found(text, start, end)
        if hit is not None and (hit.end() < end or end == len(text)):
            return True
    return False


def _plain(text: str, ignore_case: bool) -> Matcher:
    wanted = text.lower() if ignore_case else text

    def matches(block: Block) -> Iterator[int]:
        whole = block.text.lower() if ignore_case else block.text
        if wanted in whole:
            yield from (at for at, line in enumerate(whole.split("\n")) if wanted in line)

    return matches


_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|.", re.DOTALL)


def repeats_a_repeat(pattern: str) -> bool:
    """Return whether a group that holds an unbounded repeat is itself repeated without bound, as in ``(a+)+``."""
    open_groups = [False]
    closed = False  # whether the token before was a group holding a repeat
    for token in _TOKEN.findall(pattern):
        if token == "(":
            open_groups.append(False)
        elif token == ")" and len(open_groups) > 1:
            closed = open_groups.pop()
            open_groups[-1] |= closed
            continue
        elif token in ("*", "+") or (token.startswith("{") and token.endswith(",}")):
            if closed:
                return True
            open_groups[-1] = True
        closed = False
    return False
