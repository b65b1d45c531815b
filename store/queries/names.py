"""Which hyperparameters and series there are, whatever the number of tasks that have them.

A DISTINCT reads an index from end to end; here each name is looked up as the next one after the last.
"""

from __future__ import annotations

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


def _pairs(c: Connection, first: sa.ColumnElement[str], second: sa.ColumnElement[str]) -> list[tuple[str, str]]:
    """Return the different values of two columns that an index begins with: a seek for each."""
    return [(one, two) for one in _values(c, first) for two in _values(c, second, first == one)]


def _values(c: Connection, column: sa.ColumnElement[str], *where: sa.ColumnElement[bool]) -> list[str]:
    known = sa.select(sa.func.min(column).label("value")).where(*where).cte("known", recursive=True)
    following = sa.select(sa.func.min(column)).where(*where, column > known.c.value).scalar_subquery()
    known = known.union_all(sa.select(following).where(known.c.value.is_not(None)))
    return list(c.execute(sa.select(known.c.value).where(known.c.value.is_not(None))).scalars())
