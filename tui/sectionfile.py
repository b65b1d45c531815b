"""A section of hyperparameters as text for an editor, and back: a line ``name = value`` each. Pure.

A value stands as it is; one that a line would not give back (several lines, blanks around it, an opening quote) is
written as a JSON string, and so is such a name. Lines that begin with ``#`` are remarks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from store.errors import InvalidValue
from store.records import ParameterRow
from store.safe import safe_text
from store.text import shown

_NAME = re.compile(r'("(?:[^"\\]|\\.)*"|[^="#\s][^=]*?)\s*=[ \t]*(.*?)\s*$')


def text_of(section: str, parameters: Sequence[ParameterRow]) -> str:
    """Return a section as text."""
    lines = [f"# {safe_text(section, one_line=True)}: a line `name = value` each. A new one adds, one less removes."]
    for parameter in parameters:
        about = ", ".join(filter(None, (parameter.type, parameter.description)))
        lines += ["", f"# {safe_text(about, one_line=True)}"] if about else [""]
        lines.append(f"{_name(parameter.name)} = {_value(parameter.value)}")
    return "\n".join(lines) + "\n"


def _name(name: str) -> str:
    found = _NAME.match(f"{name} = x")
    return name if found and found[1] == name and name.isprintable() else json.dumps(name)


def _value(value: str) -> str:
    plain = value == value.strip() and not value.startswith('"') and (value.isprintable() or not value)
    return value if plain else json.dumps(value)


def values_of(text: str) -> dict[str, str]:
    """Return the names and values of a text.

    Raises:
        InvalidValue: a line that is none of ours; the message says which.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _NAME.match(line.strip())
        if match is None:
            raise InvalidValue(f"Cannot read line {number}: {shown(line.strip())}. Write it as name = value.")
        name = _read(match[1], number)
        if name in found:
            raise InvalidValue(f"Cannot read line {number}: {shown(name)} stands here twice. Remove one of the lines.")
        found[name] = _read(match[2], number)
    return found


def _read(word: str, number: int) -> str:
    if not word.startswith('"'):
        return word
    try:
        return str(json.loads(word))
    except ValueError as error:
        raise InvalidValue(
            f"Cannot read line {number}: {shown(word)} begins with a quote and is no JSON string ({error})."
        ) from error
