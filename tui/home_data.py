"""The home screen's questions to the store. Every function runs in a query thread; nothing is imported before that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .pages import PAGE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.records import ProjectRow, SeriesKey, TaskRow


@dataclass(frozen=True)
class View:
    """What the table shows: scope, filter, order. Equal views show the same rows."""

    project: str | None = None
    text: str = ""
    archived: bool | None = False
    sort: str = "activity"
    descending: bool = True
    metric: SeriesKey | None = None

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


def _query(view: View) -> Any:
    from store import filters
    from store.queries.tasks import TaskQuery

    return TaskQuery(
        project=view.project,
        archived=view.archived,
        sort=view.sort,
        descending=view.descending,
        metric=view.metric,
        where=filters.parse(view.text) if view.text.strip() else None,
    )


def load(c: Connection, view: View, wanted: Sequence[int], with_projects: bool, choose_metric: bool) -> Loaded:
    """Return how many tasks a view has and some pages of them; with the projects and the main metric if asked.

    Raises:
        InvalidValue: the filter cannot be read; the message names the word.
    """
    from store.queries import projects, tasks

    if choose_metric:
        view = replace(view, metric=tasks.main_metric(c, view.project))
    query = _query(view)
    total = tasks.count(c, query)
    last = max(total - 1, 0) // PAGE
    numbers = sorted({min(number, last) for number in wanted})
    pages = {number: tasks.page(c, query, number * PAGE, PAGE) for number in numbers} if total else {}
    return Loaded(view, total, pages, projects.listing(c) if with_projects else None)


def page(c: Connection, view: View, number: int) -> list[TaskRow]:
    """Return one page of a view."""
    from store.queries import tasks

    return tasks.page(c, _query(view), number * PAGE, PAGE)


def main_metric(c: Connection, project: str | None) -> SeriesKey | None:
    """Return the metric most tasks of a project have."""
    from store.queries import tasks

    return tasks.main_metric(c, project)


def existing(c: Connection, ids: Sequence[str]) -> set[str]:
    """Return which of these tasks there are."""
    from store.queries import tasks

    return {row.id for row in tasks.rows(c, ids)}
