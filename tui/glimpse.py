"""What the preview below the table knows of a task: the course of its main metric, and the end of its console.

It is read once, when the cursor rests on the task. A changed row then brings the metric's next value with it, so that
only the end of the console is read again; where more than one came in between, the course is read anew. ``glance`` runs
in the feed's thread or one for queries, and imports the store there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.records import SeriesKey, TaskRow

POINTS = 128
"""Points of a course that are read; twice as many are kept before it is read anew."""
LINES = 3
"""Console lines, as many as the pane shows."""


class Glimpse(NamedTuple):
    """A task as it was at a revision.

    Attributes:
        row: the task's row then.
        wanted: the series that was asked for.
        series: the one that is shown: that, or the task's first.
        points: iteration and value, in the order of the iterations; of a long series the mean values of stretches.
        last: its last value.
        lines: the last console lines, as they were printed.
    """

    row: TaskRow
    wanted: SeriesKey | None
    series: SeriesKey | None
    points: tuple[tuple[float, float], ...] = ()
    last: float | None = None
    lines: tuple[str, ...] = ()

    def fits(self, row: TaskRow, wanted: SeriesKey | None) -> bool:
        """Whether there is nothing to be read for a row."""
        return (row.id, row.rev, wanted) == (self.row.id, self.row.rev, self.wanted)

    def goes_on(self, row: TaskRow, wanted: SeriesKey | None) -> bool:
        """Whether what the row says continues the course, so that it need not be read again."""
        if (row.id, row.started) != (self.row.id, self.row.started):
            return False
        if self.series != wanted or len(self.points) >= 2 * POINTS:
            return False
        if wanted is None:
            return row.last_iteration is None
        if row.metric is None or row.last_iteration is None:
            return False
        return self._reaches(row.last_iteration - (self.row.last_iteration or 0))

    def _reaches(self, leap: int) -> bool:
        """Whether so many iterations further is the next point: a longer leap has points in it that were not seen."""
        if len(self.points) < 2:
            return leap == 0
        return 0 <= leap * (len(self.points) - 1) <= self.points[-1][0] - self.points[0][0]


def glance(c: Connection, row: TaskRow, wanted: SeriesKey | None, known: Glimpse | None) -> Glimpse:
    """Return what there is to show of a row now; one statement where what is known goes on."""
    from store.queries import glimpse

    lines = tuple(glimpse.last_lines(c, row.id, LINES))
    if known is not None and known.goes_on(row, wanted):
        return known._replace(row=row, points=_extended(known.points, row), last=row.metric, lines=lines)
    found = glimpse.series(c, row.id, wanted)
    if found is None:
        return Glimpse(row, wanted, None, lines=lines)
    series, number, last = found
    return Glimpse(row, wanted, series, tuple(glimpse.course(c, row.id, number, POINTS)), last, lines)


def _extended(points: tuple[tuple[float, float], ...], row: TaskRow) -> tuple[tuple[float, float], ...]:
    if row.metric is None or row.last_iteration is None or (points and row.last_iteration <= points[-1][0]):
        return points
    return (*points, (float(row.last_iteration), row.metric))
