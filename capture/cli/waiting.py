"""``capture wait``: until tasks have ended, or have a certain state.

Woken by the change feed; the timer is only the net below it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from store.errors import NotFound, UsageError
from store.lifecycle import FINAL, Status, label, parse_status
from store.records import TaskRow

from .changing import named, print_tasks
from .context import Context

if TYPE_CHECKING:
    from store.engine import Store

_LOOK = 1.0
"""Seconds after which it looks again even if no commit was noticed."""
_GOOD = (Status.COMPLETED, Status.PUBLISHED)


def wait(context: Context) -> int:
    """Wait; return 0 if every task completed, or has the state that was asked for."""
    wanted = parse_status(context.args.status) if context.args.status else None
    timeout = context.args.timeout
    if timeout is not None and not timeout >= 0:
        raise UsageError(f"Invalid time: --timeout {timeout:g}. Give seconds from 0 on, or leave it out to wait on.")
    with context.store() as store:
        ids = context.resolve(store, context.args.ids)
        rows = _settled(context, store, ids, wanted)
    good = all(_good(row, wanted) for row in rows)
    for row in rows:
        if not _good(row, wanted):
            context.out.say(f"{named(row)} is {label(row.status)}{_why(row)}.")
    if context.out.json:
        print_tasks(context, rows, many=len(context.args.ids) > 1)
    return 0 if good else 1


def _why(row: TaskRow) -> str:
    return f": {row.status_reason}" if row.status_reason else ""


def _good(row: TaskRow, wanted: Status | None) -> bool:
    return row.status == wanted if wanted else row.status in _GOOD


def _over(row: TaskRow, wanted: Status | None) -> bool:
    """Whether waiting for this task makes no sense any more."""
    if wanted is Status.PUBLISHED:
        return row.status == wanted
    return row.status in FINAL or row.status == wanted


def _settled(context: Context, store: Store, ids: list[str], wanted: Status | None) -> list[TaskRow]:
    """Return the tasks' rows once all are settled or the time is up."""
    from store.changes import Feed
    from store.queries import tasks

    deadline = None if context.args.timeout is None else time.monotonic() + context.args.timeout
    feed = Feed(store)
    try:
        while True:
            with store.read() as connection:
                rows = tasks.rows(connection, ids)
            if len(rows) < len(ids):
                raise NotFound("A task was deleted while waiting for it. `capture list` shows what is there.")
            if all(_over(row, wanted) for row in rows):
                return rows
            left = _LOOK if deadline is None else min(_LOOK, deadline - time.monotonic())
            if left <= 0:
                context.out.say(f"The time is up after {context.args.timeout:g} s.")
                return rows
            feed.wait(left)
    finally:
        feed.close()
