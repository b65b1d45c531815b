"""The home screen's questions to the store. Every function runs in a query thread; nothing is imported before that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from store import clock
from store.columns import SPARKLINE, Column, parse

from . import chosen, spark
from .baselines import Baselines
from .columns import METRIC, Cell
from .pages import PAGE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.records import ProjectRow, SeriesKey, TaskRow


PART = 500
"""Rows that are read at a time where all of them are."""
Cells = dict[str, dict[str, Cell]]
"""Task -> key of a chosen column -> what it has there."""


@dataclass(frozen=True)
class View:
    """What the table shows: scope, filter, order. Equal views show the same rows."""

    project: str | None = None
    text: str = ""
    archived: bool | None = False
    sort: str = "activity"
    descending: bool = True
    metric: SeriesKey | None = None
    columns: tuple[str, ...] = ()
    """Keys of chosen columns, in order; none: what the width has room for."""
    widths: tuple[tuple[str, int], ...] = ()
    """Those of them that somebody gave a width."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The keys of those columns that are no fields of a row."""
        return chosen.cells_of(self.columns)

    @property
    def follows(self) -> bool:
        """Whether a row itself tells where it belongs."""
        return self.plain and ":" not in self.sort

    @property
    def plain(self) -> bool:
        """Whether the rows are exactly the project's unarchived tasks, so that the tree's counts say how many."""
        return not self.text and self.archived is False


@dataclass(frozen=True)
class Loaded:
    """A view's first answer."""

    view: View
    total: int
    pages: dict[int, list[TaskRow]] = field(default_factory=dict)
    projects: list[ProjectRow] | None = None
    cells: Cells = field(default_factory=dict)
    place: int | None = None
    """Where the task stands that was looked for, None if it is not in the view."""
    unseen: frozenset[str] = frozenset()
    """Those of the marked tasks that the view has not got."""


class Stand(NamedTuple):
    """A task to be found in a view, and the rows around it that shall be in sight too."""

    task: str
    above: int
    below: int


def _query(c: Connection, view: View, *, strict: bool = False) -> Any:
    """Return the query of a view; a filter in force outlives the names in it, one that is ``strict`` is refused."""
    from store import filters
    from store.queries.tasks import TaskQuery

    where = filters.parse(view.text).settled(c, lenient=not strict) if view.text.strip() else None
    return TaskQuery(
        project=view.project,
        archived=view.archived,
        sort=view.sort,
        descending=view.descending,
        metric=view.metric,
        where=where,
    )


def check_filter(c: Connection, text: str) -> None:
    """Read a filter, for what is wrong with it.

    Raises:
        InvalidValue: it cannot be read, or names what no task has; the message names the word.
    """
    from store import filters

    filters.parse(text).clause(c)


def load(
    c: Connection, view: View, wanted: Sequence[int], with_projects: bool, choose_metric: bool,
    stand: Stand | None = None, strict: bool = False, marked: Sequence[str] = (),
) -> Loaded:  # fmt: skip
    """Return how many tasks a view has and some pages of them; with the projects and the main metric if asked.

    The pages are the ones wanted, or those around the task that is to be found, if it is in the view.

    Raises:
        InvalidValue: the filter cannot be read, or, if ``strict``, names what no task has; the message names the word.
    """
    from store.queries import projects, tasks

    if choose_metric:
        view = replace(view, metric=tasks.main_metric(c, view.project))
    if view.sort == METRIC and view.metric is None:  # remembered of a project above, which has one
        view = replace(view, sort=View.sort, descending=View.descending)
    query = _query(c, view, strict=strict)
    total = tasks.count(c, query)
    place = tasks.place(c, query, stand.task) if stand is not None else None
    if stand is not None and place is not None:
        wanted = [max(place - stand.above, 0) // PAGE, (place + stand.below) // PAGE]
    last = max(total - 1, 0) // PAGE
    numbers = sorted({min(number, last) for number in wanted})
    pages = {number: tasks.page(c, query, number * PAGE, PAGE) for number in numbers} if total else {}
    found = _filled(c, [row for rows in pages.values() for row in rows], view.cells)
    unseen = frozenset(marked) - tasks.among(c, query, marked)
    return Loaded(view, total, pages, projects.listing(c) if with_projects else None, found, place, unseen)


def page(c: Connection, view: View, number: int) -> tuple[list[TaskRow], Cells]:
    """Return one page of a view, and what its tasks have in the chosen columns."""
    from store.queries import tasks

    found = tasks.page(c, _query(c, view), number * PAGE, PAGE)
    return found, _filled(c, found, view.cells)


def _filled(c: Connection, rows: Sequence[TaskRow], keys: Sequence[str]) -> Cells:
    """Return what rows have in chosen columns, and where these compare, what the baselines have; a statement more."""
    ids = dict.fromkeys(row.id for row in rows)
    known = compared(c, keys)
    ids |= dict.fromkeys(task for row in rows if (task := known.of(row.project)))
    return cells(c, list(ids), keys)


def compared(c: Connection, keys: Sequence[str]) -> Baselines:
    """Return the baselines that chosen columns compare with; none are asked for where none does."""
    from store import baselines

    return Baselines(baselines.pinned(c) if chosen.compares(keys) else {})


def parts(c: Connection, view: View, marked: Sequence[str]) -> Iterator[tuple[list[TaskRow], Cells]]:
    """Yield all rows of a view in its order, a part at a time, and what their tasks have in the chosen columns.

    Args:
        c: a reader's connection.
        view: what the table shows.
        marked: of these tasks alone, if there are any; those that the view has not got come last.
    """
    from store.queries import tasks

    found = tasks.ids(c, _query(c, view))
    if marked:
        only = set(marked)
        found = list(dict.fromkeys([*(task for task in found if task in only), *marked]))
    for start in range(0, len(found), PART):
        part = tasks.rows(c, found[start : start + PART], view.metric)
        yield part, _filled(c, part, view.cells)


def between(c: Connection, view: View, one: str, other: str) -> list[TaskRow]:
    """Return the rows of a view from one task to another, whichever comes first; of one it has not got, the other."""
    from store.queries import tasks

    found = tasks.ids(c, _query(c, view))
    ends = sorted(found.index(task) for task in {one, other}.intersection(found))
    return tasks.rows(c, found[ends[0] : ends[-1] + 1], view.metric) if ends else []


def cells(c: Connection, ids: Sequence[str], keys: Sequence[str]) -> Cells:
    """Return what tasks have in chosen columns; few statements for each kind of them, none where none is chosen."""
    from store.queries import cells

    if not ids or not keys:
        return {}
    wanted = [parse(key) for key in keys if key != chosen.GPU]
    single = [column for column in wanted if column.aggregate != SPARKLINE]
    found = cells.cells(c, ids, single)
    keys_of = [column.key for column in single]
    made: Cells = {task: dict(zip(keys_of, values, strict=True)) for task, values in found.items()}
    for task, key, course in _courses(c, ids, [column for column in wanted if column.aggregate == SPARKLINE]):
        made[task][key] = course
    if chosen.GPU in keys:
        held = _gpus(c)
        for task, values in made.items():
            values[chosen.GPU] = held.get(task)
    return made


def _courses(c: Connection, ids: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[str, str, Cell]]:
    """Yield task, key of the column, and a value for each cell of the sparkline."""
    from store.queries import scalars

    keys = {column.name: column.key for column in columns}
    if keys:
        for (task, name), points in scalars.courses(c, ids, keys, chosen.COURSE).items():
            yield task, keys[name], tuple(spark.course(points, chosen.COURSE))


def _gpus(c: Connection) -> dict[str, str]:
    """Return the GPUs that tasks hold: ``0 1``; ``0 1?`` where the machine was last heard of a while ago."""
    from store import hosts
    from store.records import STALE

    held: dict[str, dict[int, None]] = {}
    old: set[str] = set()
    for host in hosts.listing(c):
        for gpu in host.gpus:
            for task in {holder.task for holder in gpu.holders if holder.task}:
                held.setdefault(task, {})[gpu.index] = None
                old |= {task} if clock.now() - host.time > STALE else set()
    return {task: " ".join(map(str, gpus)) + ("?" if task in old else "") for task, gpus in held.items()}


def choices(c: Connection, view: View) -> list[str]:
    """Return the keys of the columns that the newest tasks of a view have something in."""
    from store.queries import cells

    return [column.key for column in cells.choices(c, _query(c, view))]


def main_metric(c: Connection, project: str | None) -> SeriesKey | None:
    """Return the metric most tasks of a project have."""
    from store.queries import tasks

    return tasks.main_metric(c, project)


def existing(c: Connection, ids: Sequence[str]) -> set[str]:
    """Return which of these tasks there are."""
    return {row.id for row in rows(c, ids)}


def rows(c: Connection, ids: Sequence[str]) -> list[TaskRow]:
    """Return tasks as they are now, without those that are gone."""
    from store.queries import tasks

    return tasks.rows(c, ids)
