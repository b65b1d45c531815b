r"""The filter language of tables, ``capture list`` and ``Task.get_tasks``: text in, a condition on tasks out.

``status:running,pending type:training tag:baseline -tag:old project:vision/ name~resnet param:Args/lr<0.01
metric:"loss/val".min<0.2 age<2d user:me text``. Spaces mean AND, commas OR, ``-`` or ``!`` excludes, double quotes
take spaces and signs literally, ``~`` is a regular expression (letter case ignored). Missing values and NaN match no
comparison. Values reach SQL as bound parameters only; an error names the word and says what would be valid.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock, tables, who
from .containing import has
from .errors import InvalidValue, nearest
from .lifecycle import checked_type, parse_status
from .queries import names
from .queries.console import repeats_a_repeat
from .queries.projects import below
from .text import shown, storable

Clause = sa.ColumnElement[bool]
Term = Callable[[Connection], Clause]

_T = tables.task.c
_MAX_PATTERN = 200
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_ORDER: dict[str, Callable[[Any, Any], Clause]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SIGNS = ("<=", ">=", "!=", "<", ">", "=", "~", ":")
_AGGREGATES = ("last", "min", "max", "first")

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
    "age": "time since it was made: age<2d (s m h d w)",
    "progress": "progress>50",
    "iteration": "iteration>=1000",
}
"""Every key with what it takes, for completion and help."""


@dataclass(frozen=True)
class Filter:
    """A parsed filter; equal texts are equal filters."""

    text: str
    terms: tuple[Term, ...] = field(default=(), compare=False, repr=False)

    def clause(self, c: Connection) -> Clause:
        """Return the condition on the task table.

        Raises:
            InvalidValue: a bare name in a comparison (``lr<0.01``) names no parameter or metric, or several.
        """
        return sa.and_(sa.true(), *(term(c) for term in self.terms))


@dataclass(frozen=True)
class _Word:
    """A word of the filter with a mark on every character that stood in quotes."""

    text: str
    quoted: tuple[bool, ...]

    def __getitem__(self, part: slice) -> _Word:
        return _Word(self.text[part], self.quoted[part])

    def sign(self) -> tuple[str, str, _Word] | None:
        """Return what stands before the first sign outside quotes, the sign, and the rest; None without a sign."""
        for at in range(len(self.text)):
            for sign in _SIGNS:
                if self.text.startswith(sign, at) and not self.quoted[at]:
                    return self.text[:at], sign, self[at + len(sign) :]
        return None

    def values(self) -> list[str]:
        """Return the parts between commas outside quotes."""
        commas = [at for at, char in enumerate(self.text) if char == "," and not self.quoted[at]]
        starts = [0, *(at + 1 for at in commas)]
        return [self.text[start:end] for start, end in zip(starts, [*commas, None], strict=True)]


def parse(text: str) -> Filter:
    """Read a filter; the empty text matches every task.

    Raises:
        InvalidValue: an unknown key, sign or value; the message names the word.
    """
    return Filter(text, tuple(_term(word) for word in _words(storable(text))))


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    chars: list[str] = []
    marks: list[bool] = []
    inside = begun = False
    for char in [*text, " "]:
        if char == '"':
            inside, begun = not inside, True
        elif char.isspace() and not inside:
            if chars or begun:
                words.append(_Word("".join(chars), tuple(marks)))
            chars, marks, begun = [], [], False
        else:
            chars.append(char)
            marks.append(inside)
    if inside:
        raise InvalidValue(f'Invalid filter {shown(text)}: a double quote is open. Close it with ".')
    return words


def _term(word: _Word) -> Term:
    excludes = len(word.text) > 1 and word.text[0] in "-!" and not word.quoted[0]
    if excludes:
        term = _positive(word[1:])
        # A missing value matches nothing, so its opposite excludes nothing: not NULL, which is neither.
        return lambda c: sa.not_(sa.func.coalesce(term(c), sa.false()))
    return _positive(word)


def _positive(word: _Word) -> Term:
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
        raise _invalid(word.text, f"no key {shown(key)}.{known} Valid: {', '.join(KEYS)}. Or quote it as a text")
    return _bare(word.text, key, sign, rest)


def _invalid(word: str, why: str) -> InvalidValue:
    return InvalidValue(f"Invalid filter word {shown(word)}: {why}.")


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


def _matches(column: sa.ColumnElement[Any], word: str, pattern: str) -> Clause:
    try:
        re.compile(pattern)
    except re.error as error:
        raise _invalid(word, f"{shown(pattern)} is no regular expression ({error})") from error
    if len(pattern) > _MAX_PATTERN:
        raise _invalid(word, f"the regular expression is longer than {_MAX_PATTERN} characters")
    if repeats_a_repeat(pattern):
        raise _invalid(word, "a repeat inside a repeat can take forever on one text. Use a single one")
    return column.regexp_match(f"(?i){pattern}")


def _any(clauses: list[Clause]) -> Term:
    clause = sa.or_(sa.false(), *clauses)
    return lambda _: clause


Maker = Callable[[str, str, _Word], Term]


def _text_key(
    column: sa.ColumnElement[Any],
    equal: Callable[[str], Clause] | None = None,
    within: Callable[[Clause], Clause] = lambda clause: clause,
) -> Maker:
    """A key with a text: ``:`` asks ``equal`` (default: the same text), ``=`` the same text, ``~`` a pattern."""

    def make(word: str, sign: str, rest: _Word) -> Term:
        if sign == "~":
            return _any([within(_matches(column, word, rest.text))])
        if sign == "=" or (sign == ":" and equal is None):
            return _any([within(column == value) for value in rest.values()])
        if sign == ":" and equal is not None:
            return _any([equal(value) for value in rest.values()])
        raise _invalid(word, f"{sign} compares numbers. Use : or ~")

    return make


def _word_key(column: sa.ColumnElement[Any], read: Callable[[str], str]) -> Maker:
    """A key with a fixed set of words, read (and refused) by ``read``."""

    def make(word: str, sign: str, rest: _Word) -> Term:
        if sign not in (":", "="):
            raise _invalid(word, "use : and words parted by commas")
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


def _number(word: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise _invalid(word, f"{shown(text)} is not a number") from error


def _number_key(column: sa.ColumnElement[Any]) -> Maker:
    def make(word: str, sign: str, rest: _Word) -> Term:
        clause = _compared(column, word, "=" if sign == ":" else sign, rest.text)
        return lambda _: clause

    return make


def _compared(column: sa.ColumnElement[Any], word: str, sign: str, text: str) -> Clause:
    if sign not in _ORDER:
        raise _invalid(word, f"{sign} does not compare numbers. Use < <= > >= = or !=")
    return _ORDER[sign](column, _number(word, text))


def _age(word: str, sign: str, rest: _Word) -> Term:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", rest.text)
    if match is None or sign not in ("<", "<=", ">", ">="):
        raise _invalid(word, "write an age as age<2d or age>=1.5h (s m h d w)")
    seconds = float(match[1]) * _UNITS[match[2]]
    return lambda _: _ORDER[sign](sa.literal(clock.now()) - _T.created, seconds)


def _param(word: str, sign: str, rest: _Word) -> Term:
    parts = rest.sign() if sign == ":" else None
    if parts is None or not parts[0]:
        raise _invalid(word, "write it as param:Section/name<0.01 or param:Section/name=text")
    key, inner, value = parts
    section, slash, name = key.partition("/")
    fits = _parameter_value(word, inner, value)
    if slash:
        return lambda _: _parameter([section], name, fits)
    return lambda c: _parameter(_sections(c, key), key, fits)


def _parameter(sections: list[str], name: str, fits: Clause) -> Clause:
    p = tables.parameter.c
    return _T.id.in_(sa.select(p.task_id).where(p.section.in_(sections), p.name == name, fits))


def _parameter_value(word: str, sign: str, value: _Word) -> Clause:
    p = tables.parameter.c
    if sign == "~":
        return _matches(p.value, word, value.text)
    if sign in (":", "="):
        return sa.or_(*(_equal(part) for part in value.values()))
    if sign == "!=":
        return sa.not_(_equal(value.text))
    return _compared(p.number, word, sign, value.text)


def _equal(text: str) -> Clause:
    p = tables.parameter.c
    try:
        number = float(text)
    except ValueError:
        return p.value == text
    # A parameter that is no number has none: coalesce keeps "not equal" true for it.
    return sa.or_(p.value == text, sa.func.coalesce(p.number == number, sa.false()))


def _metric(word: str, sign: str, rest: _Word) -> Term:
    parts = rest.sign() if sign == ":" else None
    if parts is None or not parts[0]:
        raise _invalid(word, 'write it as metric:"title/series".min<0.2')
    key, aggregate = _aggregate(parts[0])
    clause = _scalar(word, key, aggregate, parts[1], parts[2])
    return lambda _: clause


def _aggregate(key: str) -> tuple[str, str]:
    before, dot, last = key.rpartition(".")
    return (before, last) if dot and last in _AGGREGATES else (key, "last")


def _scalar(word: str, key: str, aggregate: str, sign: str, value: _Word) -> Clause:
    m = tables.task_metric.c
    # Not title + "/" + series: no index knows that. A title may have slashes of its own.
    parts = [(key[:at], key[at + 1 :]) for at, char in enumerate(key) if char == "/"]
    same = sa.or_(sa.false(), *((m.title == title) & (m.series == series) for title, series in parts))
    return _T.id.in_(sa.select(m.task_id).where(same, _compared(m[aggregate], word, sign, value.text)))


def _bare(word: str, key: str, sign: str, value: _Word) -> Term:
    """A comparison of a name without a key: a parameter or a metric, whichever has it, if only one does."""

    def term(c: Connection) -> Clause:
        name, aggregate = _aggregate(key)
        found = [f"param:{section}/{key}" for section in _sections(c, key)]
        found += [f'metric:"{metric}"' for metric in _metrics(c, name)]
        if len(found) != 1:
            many = f"{key} is {', '.join(found[:5])}. Write which" if found else f"no parameter or metric {shown(key)}"
            raise _invalid(word, many if found else many + _close(c, key))
        if found[0].startswith("param:"):
            section = found[0].removeprefix("param:").removesuffix(f"/{key}")
            return _parameter([section], key, _parameter_value(word, sign, value))
        return _scalar(word, found[0].removeprefix('metric:"').removesuffix('"'), aggregate, sign, value)

    return term


def _sections(c: Connection, name: str) -> list[str]:
    return [section for section, known in names.parameters(c) if known == name]


def _metrics(c: Connection, name: str) -> list[str]:
    whole = {f"{title}/{series}": series for title, series in names.metrics(c)}
    return sorted(key for key, series in whole.items() if name in (key, series))


def _close(c: Connection, key: str) -> str:
    known = dict.fromkeys(name for _, name in names.parameters(c))
    return nearest(key, known).rstrip("?").replace(" Did you mean", ". Nearest:")


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
    "param": _param,
    "metric": _metric,
    "age": _age,
    "progress": _number_key(_T.progress),
    "iteration": _number_key(_T.last_iteration),
}
