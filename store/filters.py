r"""The filter language of tables, ``capture list`` and ``Task.get_tasks``: text in, a condition on tasks out.

``status:running,pending type:training tag:baseline -tag:old project:vision/ name~resnet param:Args/lr<0.01
metric:"loss/val".min<0.2 age<2d user:me text``. Spaces mean AND, commas OR, ``-`` or ``!`` excludes, double quotes
take spaces and signs literally, ``~`` is a regular expression (letter case ignored). Missing values and NaN match no
comparison. Values reach SQL as bound parameters only; an error names the word and says what would be valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock, tables, who
from .containing import has
from .errors import InvalidValue, nearest
from .filter_names import bare, metric, param
from .filter_words import ORDER, Clause, Maker, Term, UnknownName, Word, compared, invalid, matches, words
from .lifecycle import checked_type, parse_status
from .queries.projects import below
from .text import shown, storable

_T = tables.task.c
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

KEYS: dict[str, str] = {
    "status": "draft, pending, running, completed, failed, aborted, published",
    "type": "training, testing, inference, …",
    "tag": "a tag, exactly",
    "project": "a project and all below it",
    "name": "part of the name (name=x: all of it)",
    "comment": "part of the comment",
    "id": "the start of an id",
    "parent": "the start of the parent's id",
    "user": "who owns it (me: you)",
    "host": "where it ran",
    "worker": "the agent that ran it",
    "queue": "the queue it waits or waited in",
    "param": 'a hyperparameter: param:Args/lr<0.01, param:"Args/my opt"=adam',
    "metric": 'a scalar: metric:"loss/val".min<0.2 (last, min, max, first)',
    "age": "time since its state last changed: age<2d (s m h d w)",
    "created": "time since it was made: created<2d",
    "progress": "progress>50",
    "iteration": "iteration>=1000",
}
"""Every key with what it takes, for completion and help."""


@dataclass(frozen=True)
class Filter:
    """A parsed filter; equal texts are equal filters."""

    text: str
    terms: tuple[tuple[bool, Term], ...] = field(default=(), compare=False, repr=False)
    """Each word: whether it excludes, and what."""

    def clause(self, c: Connection, *, lenient: bool = False) -> Clause:
        """Return the condition on the task table; with ``lenient``, a name that no task has fits none.

        Raises:
            InvalidValue: a name in a comparison (``lr<0.01``) is that of no parameter or metric, or of several.
        """
        return sa.and_(sa.true(), *(_clause(c, *term, lenient) for term in self.terms))

    def settled(self, c: Connection, *, lenient: bool = False) -> Filter:
        """Return it with its names looked up, for several statements of one answer; else as ``clause``."""
        found = self.clause(c, lenient=lenient)
        return Filter(self.text, ((False, lambda _: found),))


def _clause(c: Connection, excludes: bool, term: Term, lenient: bool) -> Clause:
    try:
        found = term(c)
    except UnknownName:
        if not lenient:
            raise
        found = sa.false()
    # A missing value matches nothing, so its opposite excludes nothing: not NULL, which is neither.
    return sa.not_(sa.func.coalesce(found, sa.false())) if excludes else found


def parse(text: str) -> Filter:
    """Read a filter; the empty text matches every task.

    Raises:
        InvalidValue: an unknown key, sign or value; the message names the word.
    """
    return Filter(text, tuple(_term(word) for word in words(storable(text))))


def _term(word: Word) -> tuple[bool, Term]:
    excludes = len(word.text) > 1 and word.text[0] in "-!" and not word.quoted[0]
    return excludes, _positive(word[1:] if excludes else word)


def _positive(word: Word) -> Term:
    parts = word.sign()
    if parts is None:
        clause = word_clause(word.text)
        return lambda _: clause
    key, sign, rest = parts
    make = _MAKERS.get(key)
    if make is not None:
        return make(word.text, sign, rest)
    if sign == ":" or not key:
        known = nearest(key, KEYS)
        raise invalid(word.text, f"no key {shown(key)}.{known} Valid: {', '.join(KEYS)}. Or quote it as a text")
    return bare(word.text, key, sign, rest)


def word_clause(word: str) -> Clause:
    """Return the condition for a bare word: in the name, comment, project or a tag, or the start of the id."""
    # Not correlated: the tags that fit are looked for once, not for every task.
    tagged = sa.select(tables.task_tag.c.task_id).where(has(tables.task_tag.c.tag, word))
    return sa.or_(
        has(_T.name, word),
        _T.id.startswith(word.lower(), autoescape=True),
        has(_T.comment, word),
        _in_project(has(tables.project.c.path, word)),
        _T.id.in_(tagged),
    )


def _in_project(condition: Clause) -> Clause:
    return _T.project_id.in_(sa.select(tables.project.c.id).where(condition))


def _any(clauses: list[Clause]) -> Term:
    clause = sa.or_(sa.false(), *clauses)
    return lambda _: clause


def _text_key(
    column: sa.ColumnElement[Any],
    equal: Callable[[str], Clause] | None = None,
    within: Callable[[Clause], Clause] = lambda clause: clause,
) -> Maker:
    """A key with a text: ``:`` asks ``equal`` (default: the same text), ``=`` the same text, ``~`` a pattern."""

    def make(word: str, sign: str, rest: Word) -> Term:
        if sign == "~":
            return _any([within(matches(column, word, rest.text))])
        if sign == "=" or (sign == ":" and equal is None):
            return _any([within(column == value) for value in rest.values()])
        if sign == ":" and equal is not None:
            return _any([equal(value) for value in rest.values()])
        raise invalid(word, f"{sign} compares numbers. Use : or ~")

    return make


def _word_key(column: sa.ColumnElement[Any], read: Callable[[str], str]) -> Maker:
    """A key with a fixed set of words, read (and refused) by ``read``."""

    def make(word: str, sign: str, rest: Word) -> Term:
        if sign not in (":", "="):
            raise invalid(word, "use : and words parted by commas")
        try:
            return _any([column.in_([read(value) for value in rest.values()])])
        except InvalidValue as error:
            raise InvalidValue(f"Invalid filter word {shown(word)}: {error}") from error

    return make


def _user(name: str) -> Clause:
    return _T.user == (who.user() if name == "me" else name)


def _starts(column: sa.ColumnElement[Any]) -> Callable[[str], Clause]:
    return lambda text: column.startswith(text.lower(), autoescape=True)


def _tagged(condition: Clause) -> Clause:
    return sa.exists().where(tables.task_tag.c.task_id == _T.id, condition)


def _below(path: str) -> Clause:
    return _in_project(below(path))


def _queued(condition: Clause) -> Clause:
    return _T.queue_id.in_(sa.select(tables.queue.c.id).where(condition))


def _number_key(column: sa.ColumnElement[Any]) -> Maker:
    def make(word: str, sign: str, rest: Word) -> Term:
        clause = compared(column, word, "=" if sign == ":" else sign, rest.text)
        return lambda _: clause

    return make


def _time_key(key: str, column: sa.ColumnElement[Any]) -> Maker:
    """A key with the time since something."""

    def make(word: str, sign: str, rest: Word) -> Term:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", rest.text)
        if match is None or sign not in ("<", "<=", ">", ">="):
            raise invalid(word, f"write a time since then as {key}<2d or {key}>=1.5h (s m h d w)")
        seconds = float(match[1]) * _UNITS[match[2]]
        return lambda _: ORDER[sign](sa.literal(clock.now()) - column, seconds)

    return make


_MAKERS: dict[str, Maker] = {
    "status": _word_key(_T.status, lambda word: parse_status(word).value),
    "type": _word_key(_T.type, checked_type),
    "tag": _text_key(tables.task_tag.c.tag, within=_tagged),
    "project": _text_key(tables.project.c.path, _below, _in_project),
    "name": _text_key(_T.name, lambda text: has(_T.name, text)),
    "comment": _text_key(_T.comment, lambda text: has(_T.comment, text)),
    "id": _text_key(_T.id, _starts(_T.id)),
    "parent": _text_key(_T.parent_id, _starts(_T.parent_id)),
    "user": _text_key(_T.user, _user),
    "host": _text_key(_T.host),
    "worker": _text_key(_T.worker),
    "queue": _text_key(tables.queue.c.name, within=_queued),
    "param": param,
    "metric": metric,
    "age": _time_key("age", _T.activity),
    "created": _time_key("created", _T.created),
    "progress": _number_key(_T.progress),
    "iteration": _number_key(_T.last_iteration),
}
