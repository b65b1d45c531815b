"""What the keys of the filter language share: words, comparisons, and the refusal of a word that is wrong."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .errors import InvalidValue
from .queries.console import repeats_a_repeat
from .text import shown

Clause = sa.ColumnElement[bool]
Term = Callable[[Connection], Clause]
"""What a word asks; some have to look up what there is."""

_MAX_PATTERN = 200
ORDER: dict[str, Callable[[Any, Any], Clause]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SIGNS = ("<=", ">=", "!=", "<", ">", "=", "~", ":")


@dataclass(frozen=True)
class Word:
    """A word of the filter with a mark on every character that stood in quotes."""

    text: str
    quoted: tuple[bool, ...]

    def __getitem__(self, part: slice) -> Word:
        return Word(self.text[part], self.quoted[part])

    def sign(self) -> tuple[str, str, Word] | None:
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


Maker = Callable[[str, str, Word], Term]
"""Makes a term of a whole word, the sign behind its key, and the rest."""


class UnknownName(InvalidValue):
    """No task has a hyperparameter or a metric of this name."""


def words(text: str) -> list[Word]:
    """Return the words of a filter: spaces part them outside quotes.

    Raises:
        InvalidValue: a double quote is open.
    """
    found: list[Word] = []
    chars: list[str] = []
    marks: list[bool] = []
    inside = begun = False
    for char in [*text, " "]:
        if char == '"':
            inside, begun = not inside, True
        elif char.isspace() and not inside:
            if chars or begun:
                found.append(Word("".join(chars), tuple(marks)))
            chars, marks, begun = [], [], False
        else:
            chars.append(char)
            marks.append(inside)
    if inside:
        raise InvalidValue(f'Invalid filter {shown(text)}: a double quote is open. Close it with ".')
    return found


def invalid(word: str, why: str) -> InvalidValue:
    """Return the refusal of a word, with what would be valid."""
    return InvalidValue(f"Invalid filter word {shown(word)}: {why}.")


def matches(column: sa.ColumnElement[Any], word: str, pattern: str) -> Clause:
    """Return the condition that a regular expression finds something in a column, whatever the letter case."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise invalid(word, f"{shown(pattern)} is no regular expression ({error})") from error
    if len(pattern) > _MAX_PATTERN:
        raise invalid(word, f"the regular expression is longer than {_MAX_PATTERN} characters")
    if repeats_a_repeat(pattern):
        raise invalid(word, "a repeat inside a repeat can take forever on one text. Use a single one")
    return column.regexp_match(f"(?i){pattern}")


def _number(word: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise invalid(word, f"{shown(text)} is not a number") from error


def compared(column: sa.ColumnElement[Any], word: str, sign: str, text: str) -> Clause:
    """Return the comparison of a column with a number."""
    if sign not in ORDER:
        raise invalid(word, f"{sign} does not compare numbers. Use < <= > >= = or !=")
    return ORDER[sign](column, _number(word, text))
