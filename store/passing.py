"""The words that pass a task's stored arguments on a command line, as far as they can be known.

An agent passes none: it hands the values over, and argparse finds them. For a person they are made from the parameters
of the section ``Args``, which hold names and values, but neither how an option is spelled nor what is positional. Reads
no store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .records import ParameterRow
from .text import literal

SECTION = "Args"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def arguments(parameters: Iterable[ParameterRow], argv: Sequence[str] = ()) -> list[str]:
    """Return the words for all arguments that have a value; options spelled as in ``argv``, where they stand in it."""
    spelled = {_name(word): word.partition("=")[0] for word in argv if word.startswith("-")}
    own = [row for row in parameters if row.section == SECTION and _NAME.fullmatch(row.name)]
    return [word for row in own for word in _option(spelled.get(row.name) or _usual(row.name), row)]


def _name(word: str) -> str:
    return word.partition("=")[0].lstrip("-").replace("-", "_")


def _usual(name: str) -> str:
    return f"-{name}" if len(name) == 1 else f"--{name}"


def _option(option: str, row: ParameterRow) -> list[str]:
    """Return an option with its value; one that is True stands alone, one that is False, or has no value, is none."""
    if row.value == "" or row.type == "bool":
        return [option] if row.value == "True" else []
    several = literal(row.value) if row.type.startswith(("list", "tuple")) else None
    if isinstance(several, (list, tuple)):
        return [option, *map(str, several)] if several else []
    return [f"{option}={row.value}"] if row.value.startswith("-") else [option, row.value]
