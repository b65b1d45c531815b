"""Text that has a text in it, letter case ignored: the condition of every search, on both engines.

SQLite's LIKE ignores the case of ASCII letters by itself, as its ``lower`` does; calling that for every row would take
half of a search of the whole table. PostgreSQL has ILIKE, which knows every letter.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_ESCAPE = "/"


class _Has(FunctionElement[bool]):
    inherit_cache = True
    type = sa.Boolean()


@compiles(_Has)
def _ilike(found: _Has, compiler: SQLCompiler, **options: Any) -> str:
    column, text = found.clauses
    return compiler.process(column.icontains(text, escape=_ESCAPE), **options)


@compiles(_Has, "sqlite")
def _like(found: _Has, compiler: SQLCompiler, **options: Any) -> str:
    column, text = found.clauses
    return compiler.process(column.contains(text, escape=_ESCAPE), **options)


def has(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column's text has ``text`` in it, every character of which means itself."""
    for sign in (_ESCAPE, "%", "_"):
        text = text.replace(sign, _ESCAPE + sign)
    return _Has(column, sa.literal(text, sa.Text))
