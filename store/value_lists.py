"""Lists of values as a person types them: ``0.1,0.01``, ``1..5``, ``1..3,10``, ``"a, b",c``.

Commas part the values; ``1..5`` stands for the whole numbers from 1 to 5, ``10..1..3`` for every third down from 10. A
value in double quotes is taken as it is, a double quote in it written twice, as in CSV. Numbers are counted before a
list of them is made. Nothing here knows what the values are for. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .errors import InvalidValue
from .text import shown

_VALUE = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^",\s][^,]*|))\s*(?=,|\Z)')
_RANGE = re.compile(r"([+-]?[0-9]{1,18})\.\.([+-]?[0-9]{1,18})(?:\.\.([0-9]{1,18}))?")
_MEANT_AS_RANGE = re.compile(r"[+-]?[0-9][0-9.eE+-]*?\.\.")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_QUOTING = "Put the whole value in double quotes, those in it twice."
_WORD = re.compile(r'(?:[^\s"]|"[^"]*(?:"|\Z))+')


def count(text: str, key: str = "") -> int:
    """Return how many values a list has, without making it.

    Raises:
        InvalidValue: it cannot be read; the message names the ``key`` whose values they are, and what would be right.
    """
    try:
        return sum(len(part) if isinstance(part, range) else 1 for part in _parts(text))
    except InvalidValue as error:
        raise InvalidValue(f"Invalid values for {key}: {error}") from None


def expanded(text: str) -> list[str]:
    """Return the values of a list in their order; one that was counted before, since a range can be of any length.

    Raises:
        InvalidValue: it cannot be read.
    """
    parts = ([part] if isinstance(part, str) else map(str, part) for part in _parts(text))
    return [value for values in parts for value in values]


def written(values: Iterable[str]) -> str:
    """Return values as a list that ``expanded`` reads, and that is one word of a line."""
    listed = list(values)
    return _as_range(listed) or ",".join(quoted(value) if _needs_quotes(value) else value for value in listed)


def _as_range(values: Sequence[str]) -> str:
    """Return three whole numbers or more, at equal steps, as a range; empty if they are something else."""
    if len(values) < 3 or not all(_WHOLE.fullmatch(value) for value in values):
        return ""
    first, second, last = int(values[0]), int(values[1]), int(values[-1])
    step = abs(second - first)
    text = f"{first}..{last}" + (f"..{step}" if step != 1 else "")
    return text if step and count(text) == len(values) and expanded(text) == values else ""


def quoted(text: str) -> str:
    """Return a text in double quotes, those in it written twice."""
    return '"' + text.replace('"', '""') + '"'


def unquoted(text: str) -> str:
    """Return what stands between two double quotes."""
    return text.replace('""', '"')


def words(line: str) -> list[str]:
    """Return the words of a line with their quotes: spaces part them outside quotes."""
    return _WORD.findall(line)


def _needs_quotes(value: str) -> bool:
    return not value or any(c in ',"[](){}' or c.isspace() for c in value) or _MEANT_AS_RANGE.match(value) is not None


def _parts(text: str) -> Iterator[str | range]:
    at = 0
    while at <= len(text):
        found = _VALUE.match(text, at)
        if found is None:
            raise InvalidValue(f"a double quote is out of place in {shown(text)}. {_QUOTING}")
        at = found.end() + 1
        yield _part(text, found["quoted"], (found["bare"] or "").rstrip())


def _part(text: str, within: str | None, bare: str) -> str | range:
    if within is not None:
        return unquoted(within)
    if not bare:
        raise InvalidValue(f'a value is missing in {shown(text)}. Write "" for an empty one.')
    if any(bare.count(opened) != bare.count(closed) for opened, closed in ("[]", "()", "{}")):
        raise InvalidValue(
            f"{shown(bare)} is a part of something in brackets: commas part values there too. {_QUOTING}"
        )
    return _range(bare) if _MEANT_AS_RANGE.match(bare) else bare


def _range(bare: str) -> range:
    found = _RANGE.fullmatch(bare)
    if found is None or (found[3] is not None and not int(found[3])):
        raise InvalidValue(
            f"{shown(bare)} is no range of whole numbers, 1..5 or 1..10..3. Put a text in double quotes."
        )
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
