"""Hyperparameters and metrics in the filter language: what a name means, and which names could have been meant.

``param:`` and ``metric:`` say which of the two it is; a bare name (``lr<0.01``) is looked for among both. A name that
no task has is refused, with those that are like it: it would else find nothing, as if no task fitted.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import tables
from .columns import AGGREGATES
from .filter_words import Clause, Term, UnknownName, Word, compared, invalid, matches
from .queries import names
from .safe import safe_text
from .text import shown

_T, _P, _M = tables.task.c, tables.parameter.c, tables.task_metric.c
_MOST = 5
"""How many names an error lists."""
Forms = list[tuple[str, str]]
"""A way to write a name, and the name."""


def param(word: str, sign: str, rest: Word) -> Term:
    """The key of hyperparameters; a name without its section is that of every section."""
    parts = rest.sign() if sign == ":" else None
    if parts is None or not parts[0]:
        raise invalid(word, "write it as param:Section/name<0.01 or param:Section/name=text")
    key, inner, value = parts
    fits = _parameter_value(word, inner, value)

    def term(c: Connection) -> Clause:
        found = _parameters(c, key)
        if not found:
            known = [(name, f"{section}/{name}") for section, name in names.parameters(c)]
            raise _unknown(word, "parameter", key, [(form, whole) for name, whole in known for form in (name, whole)])
        return _parameter(found, fits)

    return term


def metric(word: str, sign: str, rest: Word) -> Term:
    """The key of scalars."""
    parts = rest.sign() if sign == ":" else None
    if parts is None or not parts[0]:
        raise invalid(word, 'write it as metric:"title/series".min<0.2')
    key, aggregate = _aggregate(parts[0])
    fits = compared(_M[aggregate], word, parts[1], parts[2].text)

    def term(c: Connection) -> Clause:
        found = _metrics(c, key)
        if not found:
            raise _unknown(word, "metric", key, _forms_of_metrics(c))
        _refuse_several(word, key, _as_metrics(found, aggregate))
        return _scalar(found[0], fits)

    return term


def bare(word: str, key: str, sign: str, value: Word) -> Term:
    """A comparison of a name without a key: a parameter or a metric, whichever has it, if only one does."""

    def term(c: Connection) -> Clause:
        name, aggregate = _aggregate(key)
        parameters, metrics = _parameters(c, key), _metrics(c, name)
        if not parameters and not metrics:
            forms = [(known, known) for _, known in names.parameters(c)] + _forms_of_metrics(c)
            raise _unknown(word, "parameter or metric", name, forms)
        ways = [_as_parameter(*known) for known in parameters] + _as_metrics(metrics, aggregate)
        _refuse_several(word, name, ways)
        if metrics:
            return _scalar(metrics[0], compared(_M[aggregate], word, sign, value.text))
        return _parameter(parameters, _parameter_value(word, sign, value))

    return term


# What a name means -------------------------------------------------------------------------------------------------


def _parameters(c: Connection, key: str) -> list[tuple[str, str]]:
    """Return section and name of what is called ``section/name``, else of all with this name."""
    section, _, name = key.partition("/")
    if _is_there(c, (_P.section == section) & (_P.name == name)):
        return [(section, name)]
    return [known for known in names.parameters(c) if known[1] == key]


def _metrics(c: Connection, key: str) -> list[str]:
    """Return what is called ``title/series``, else all with this title, series or last part."""
    if _is_there(c, names.series(key)):
        return [key]
    known = names.metrics(c)
    return sorted({f"{title}/{series}" for title, series in known if key in (title, series, series.rpartition("/")[2])})


def _aggregate(key: str) -> tuple[str, str]:
    before, dot, last = key.rpartition(".")
    return (before, last) if dot and last in AGGREGATES else (key, "last")


def _is_there(c: Connection, condition: Clause) -> bool:
    return c.execute(sa.select(sa.literal(1)).where(condition).limit(1)).first() is not None


# What is compared --------------------------------------------------------------------------------------------------


def _parameter(found: Sequence[tuple[str, str]], fits: Clause) -> Clause:
    same = _P.section.in_([section for section, _ in found]) & (_P.name == found[0][1])
    return _T.id.in_(sa.select(_P.task_id).where(same, fits))


def _parameter_value(word: str, sign: str, value: Word) -> Clause:
    if sign == "~":
        return matches(_P.value, word, value.text)
    if sign in (":", "="):
        return sa.or_(*(_equal(part) for part in value.values()))
    if sign == "!=":
        return sa.not_(_equal(value.text))
    return compared(_P.number, word, sign, value.text)


def _equal(text: str) -> Clause:
    try:
        number = float(text)
    except ValueError:
        return _P.value == text
    # A parameter that is no number has none: coalesce keeps "not equal" true for it.
    return sa.or_(_P.value == text, sa.func.coalesce(_P.number == number, sa.false()))


def _scalar(name: str, fits: Clause) -> Clause:
    return _T.id.in_(sa.select(_M.task_id).where(names.series(name), fits))


# What is wrong with a name -----------------------------------------------------------------------------------------


def _as_parameter(section: str, name: str) -> str:
    whole = f"{section}/{name}"
    return f"param:{whole}" if re.fullmatch(r"[\w./+-]+", whole) else f'param:"{whole}"'


def _as_metrics(found: Sequence[str], aggregate: str) -> list[str]:
    end = "" if aggregate == "last" else f".{aggregate}"
    return [f'metric:"{name}"{end}' for name in found]


def _refuse_several(word: str, key: str, ways: Sequence[str]) -> None:
    """Refuse a name of several, with the ways to write each."""
    if len(ways) > 1:
        raise invalid(word, f"{safe_text(key, one_line=True)} is {_listed(ways)}. Write which")


def _forms_of_metrics(c: Connection) -> Forms:
    wholes = [(title, series, f"{title}/{series}") for title, series in names.metrics(c)]
    return [(form, name) for *parts, name in wholes for form in (*parts, name)]


def _unknown(word: str, kind: str, key: str, forms: Forms) -> UnknownName:
    """Return the refusal of a name that no task has, with the nearest, else the first there are."""
    like = [name for form, name in forms if key.lower() in form.lower()]
    close = difflib.get_close_matches(key, [form for form, _ in forms], _MOST)
    near = like + [name for wanted in close for form, name in forms if form == wanted]
    there = sorted((name for _, name in forms), key=lambda name: name.startswith(":"))  # the machine's own last
    offered = [f'"{name}"' for name in dict.fromkeys(near or there)]
    said = f". {'Nearest' if near else 'There are'}: {_listed(offered)}" if offered else ""
    return UnknownName(str(invalid(word, f"no {kind} {shown(key)}{said}")))


def _listed(words: Sequence[str]) -> str:
    return ", ".join(safe_text(word, one_line=True) for word in words[:_MOST]) + (", …" if len(words) > _MOST else "")
