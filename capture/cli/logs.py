"""``capture logs``: a task's console as plain lines, all of it, the last of it, what a pattern finds, or as it comes.

Lines are read in pages and written in blocks: 200,000 lines in well under a second. Nothing is kept in memory.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from store.clock import iso
from store.errors import InvalidValue
from store.lifecycle import FINAL
from store.records import ConsoleLine

from .context import Context

if TYPE_CHECKING:
    from store.engine import Store

_PAGE = 50_000
_FOUND = 5_000
_WAIT = 1.0
"""Seconds after which ``-f`` looks even if no commit was noticed."""

Wanted = Callable[[str], object]


def logs(context: Context) -> int:
    """Print the console."""
    args = context.args
    if args.tail is not None and args.tail < 0:
        raise InvalidValue(f"Invalid number of lines: {args.tail}. Give a number from 0 on.")
    wanted = _pattern(args.grep, args.ignore_case)
    with context.store() as store:
        task = context.resolve(store, [args.id])[0]
        end = _count(store, task)
        if context.out.json or args.grep is not None:
            _print(context, _found(store, task, end, context))
        else:
            _print_all(context, store, task, end)
        if args.follow:
            _follow(context, store, task, end, wanted)
    return 0


def _count(store: Store, task: str) -> int:
    from store.queries import console

    with store.read() as connection:
        return console.count(connection, task)


def _pattern(text: str | None, ignore_case: bool) -> Wanted | None:
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE if ignore_case else 0).search
    except re.error as error:
        raise InvalidValue(
            f"Invalid regular expression {text!r}: {error}. Correct it, or escape it with \\."
        ) from error


def _print_all(context: Context, store: Store, task: str, end: int) -> None:
    """Print the first ``end`` lines, or the last of them, without making an object of each."""
    from store.queries import console

    first = 0 if context.args.tail is None else max(end - context.args.tail, 0)
    for start in range(first, end, _PAGE):
        with store.read() as connection:  # let go of before printing: who reads us may be slow
            pieces = list(console.texts(connection, task, start, min(start + _PAGE, end)))
        context.out.lines(pieces)


def _found(store: Store, task: str, end: int, context: Context) -> Iterator[ConsoleLine]:
    """Yield the lines asked for among the first ``end``."""
    args = context.args
    if args.grep is None:
        yield from _pages(store, task, 0 if args.tail is None else max(end - args.tail, 0), end)
        return
    found = _searched(store, task, end, args.grep, args.ignore_case)
    yield from found if args.tail is None else deque(found, maxlen=args.tail)


def _searched(store: Store, task: str, end: int, pattern: str, ignore_case: bool) -> Iterator[ConsoleLine]:
    from store.queries import console

    first: int | None = 0
    while first is not None:
        with store.read() as connection:
            found = list(console.search(connection, task, pattern, first=first, limit=_FOUND, ignore_case=ignore_case))
        yield from (line for line in found if line.n < end)
        first = found[-1].n + 1 if len(found) == _FOUND and found[-1].n < end else None


def _pages(store: Store, task: str, first: int, end: int) -> Iterator[ConsoleLine]:
    from store.queries import console

    while first < end:
        with store.read() as connection:
            lines = console.lines(connection, task, first, min(_PAGE, end - first))
        if not lines:
            return
        yield from lines
        first = lines[-1].n + 1


def _print(context: Context, lines: Iterable[ConsoleLine]) -> None:
    if context.out.json:
        context.out.raw(_as_json(line) for line in lines)
    else:
        context.out.lines(line.text for line in lines)


def _as_json(line: ConsoleLine) -> str:
    fields = {"n": line.n, "time": iso(line.time), "stream": line.stream, "rank": line.rank, "text": line.text}
    return json.dumps(fields).replace("\x7f", "\\u007f") + "\n"


def _follow(context: Context, store: Store, task: str, shown: int, wanted: Wanted | None) -> None:
    """Print what comes after the first ``shown`` lines until the task has ended."""
    from store.changes import Feed

    feed = Feed(store)
    try:
        while True:
            ended = _ended(store, task)  # asked before the last look: what came until then is printed
            end = _count(store, task)
            if end < shown:  # a reset made the console empty
                shown = 0
            _print(context, (line for line in _pages(store, task, shown, end) if wanted is None or wanted(line.text)))
            shown = end
            if ended:
                return
            feed.wait(_WAIT)
    finally:
        feed.close()


def _ended(store: Store, task: str) -> bool:
    from store.queries import tasks

    with store.read() as connection:
        rows = tasks.rows(connection, [task])
    return not rows or rows[0].status in FINAL
