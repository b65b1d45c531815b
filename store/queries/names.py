"""Which hyperparameters and series there are, whatever the number of tasks that have them.

A DISTINCT reads an index from end to end; here each name is looked up as the next one after the last.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..records import SeriesKey

_P, _M = tables.parameter.c, tables.task_metric.c


def parameters(c: Connection) -> list[tuple[str, str]]:
    """Return section and name of every hyperparameter, in order."""
    return _pairs(c, _P.section, _P.name)


def metrics(c: Connection) -> list[SeriesKey]:
    """Return title and series of every scalar, in order."""
    return _pairs(c, _M.title, _M.series)


def series(name: str) -> sa.ColumnElement[bool]:
    """The condition on a scalar called ``title/series``, whose title may have slashes: where it may end."""
    # Not title + "/" + series: no index knows that.
    ends = [(name[:at], name[at + 1 :]) for at, char in enumerate(name) if char == "/"]
    return sa.or_(sa.false(), *((_M.title == title) & (_M.series == of_it) for title, of_it in ends))


def _pairs(c: Connection, first: sa.Column[str], second: sa.Column[str]) -> list[tuple[str, str]]:
    """Return the different values of two columns that an index begins with: one statement, a few seeks for each."""
    others = [first.table.alias() for _ in range(6)]  # one a subquery, or they would share their rows
    ones, twos = [t.c[first.name] for t in others], [t.c[second.name] for t in others]

    def least(column: sa.ColumnElement[str], *where: sa.ColumnElement[bool], of: sa.CTE | None = None) -> Any:
        return sa.select(sa.func.min(column)).where(*where).correlate(of).scalar_subquery()

    begin = sa.select(least(ones[0]).label("one"), least(twos[1], ones[1] == least(ones[2])).label("two"))
    known = begin.cte("known", recursive=True)
    same = least(twos[3], ones[3] == known.c.one, twos[3] > known.c.two, of=known)
    after = least(ones[4], ones[4] > known.c.one, of=known)
    one = sa.case((same.is_not(None), known.c.one), else_=after)
    two = sa.func.coalesce(same, least(twos[5], ones[5] == after, of=known))
    known = known.union_all(sa.select(one, two).where(known.c.one.is_not(None)))
    return [(one, two) for one, two in c.execute(sa.select(known).where(known.c.one.is_not(None)))]
