"""What leads to the compare screen: marks, ids, a task and its parent or baseline. Says why where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from store.errors import InvalidValue, LabtopError, NotFound
from tui.baselines import Baselines
from tui.format import counted

from . import LEAST, MOST

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


def checked(count: int, how: str) -> None:
    """Refuse a number of tasks that cannot be compared; ``how`` says how to choose them.

    Raises:
        InvalidValue: too few, or too many.
    """
    if count < LEAST:
        raise InvalidValue(f"Cannot compare {counted(count, 'task')}: it takes {LEAST} to {MOST}. {how}")
    if count > MOST:
        many = counted(count, "task")
        raise InvalidValue(f"Cannot compare {many}: {MOST} at most fit on a screen. Mark fewer (u clears all).")


def marked(app: LabtopApp, rows: Sequence[TaskRow]) -> None:
    """Compare the marked tasks.

    Raises:
        InvalidValue: too few, or too many.
    """
    checked(len(rows), "Mark others (space) first.")
    show(app, [row.id for row in rows])


def show(app: LabtopApp, tasks: Sequence[str], tab: str | None = None) -> None:
    """Open the screen."""
    from tui.screens.compare import CompareScreen

    app.push_screen(CompareScreen(list(dict.fromkeys(tasks)), tab))


async def with_parent(app: LabtopApp, row: TaskRow) -> None:
    """Compare a task with the one it was cloned from; says so where there is none, or none any more."""
    await _say_or_show(app, _parent, row)


async def with_baseline(app: LabtopApp, rows: Sequence[TaskRow]) -> None:
    """Compare tasks with the baseline of the first one's project; says so where there is none."""
    await _say_or_show(app, _baseline, rows)


async def by_names(app: LabtopApp, words: Sequence[str], shown: str | None) -> None:
    """Compare tasks given by ids, beginnings of ids or names; a single one with the task ``shown``."""
    await _say_or_show(app, resolved, list(words), shown)


async def _say_or_show(app: LabtopApp, query: Any, *args: Any) -> None:
    try:
        show(app, await app.data.read(query, *args))
    except LabtopError as error:
        app.say(str(error), "refused")


def _parent(connection: Any, row: TaskRow) -> list[str]:
    from store.queries import tasks
    from tui.verbs.base import named

    if row.parent is None:
        raise NotFound(f"{named(row)} was not cloned from a task. Mark another one (space) and press C to compare.")
    if not tasks.rows(connection, [row.parent]):
        raise NotFound(f"The task that {named(row)} was cloned from ({row.parent[:8]}) was deleted.")
    return [row.parent, row.id]


def _baseline(connection: Any, rows: Sequence[TaskRow]) -> list[str]:
    from store import baselines

    if not rows:
        raise NotFound("There is no task here to compare with its baseline. Choose one first.")
    task = Baselines(baselines.pinned(connection)).of(rows[0].project)
    if not task:
        raise NotFound(f'"{rows[0].project}" has no baseline, nor has a project above it. :baseline pins one.')
    ids = list(dict.fromkeys([task, *(row.id for row in rows)]))
    checked(len(ids), "Choose another one than the baseline.")
    return ids


def resolved(connection: Any, words: Sequence[str], shown: str | None = None) -> list[str]:
    """Return the ids of tasks to compare: those named; of a single one and ``shown``, or the one it was cloned from.

    Raises:
        LabtopError: one is not there, or not one only; they are too few or too many.
    """
    from store.queries import tasks

    found = [tasks.resolve(connection, word) for word in words]
    if len(found) == 1 and shown is None:
        return _parent(connection, tasks.rows(connection, found)[0])
    ids = list(dict.fromkeys([*([shown] if shown and len(found) == 1 else []), *found]))
    checked(len(ids), "Name others: :compare ID ID.")
    return ids
