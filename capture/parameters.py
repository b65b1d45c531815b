"""Hyperparameters: Python values as text with a type beside it, and back, typed by what the code expects.

What stands in the store is ``Section/name`` -> value, type, description, all text. Nothing here records anything; see
``connected`` for what does.
"""

from __future__ import annotations

import os
from enum import Enum

from . import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Stored = dict[str, str]

GENERAL = "General"
LIMIT = 1 << 20
_TRUE = ("true", "1", "yes", "on", "1.0")
_FALSE = ("false", "0", "no", "off", "0.0", "none", "")


class Unfit(ValueError):
    """A stored text that cannot be what the code expects."""


def section_of(name: object) -> str:
    """Return a section's name; ``General`` for none."""
    return str(name).strip().replace("/", "_") if name else GENERAL


def flat(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (``a/b``, value) of nested mappings; an empty mapping is a value itself."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from flat(value, f"{name}/")
        else:
            yield name, value


# Out


def stored(value: Any, description: str = "") -> Stored | None:
    """Return a value as it is stored, None if it is nothing a parameter can be."""
    plain = _plain(value)
    if isinstance(plain, Enum):
        return {"value": plain.name, "type": "enum", "description": with_values(description, type(plain).__members__)}
    text = text_of(plain)
    if text is None or len(text) > LIMIT:
        return None
    return {"value": text, "type": type_of(plain), "description": description}


def why_not(value: Any) -> str:
    """Return why ``stored`` has nothing for a value."""
    text = text_of(_plain(value))
    if text is None:
        return f"a {type(value).__name__} is no parameter"
    return f"{len(text):,} characters are too many for a parameter, which takes {LIMIT:,}"


def with_values(description: str, names: Iterable[str]) -> str:
    """Return a parameter's description with the values that there are: an edit is checked by them."""
    listed = ",\n".join(names)
    return f"{description}\nValues:\n{listed}".strip()


def text_of(value: Any) -> str | None:
    """Return a plain value as text; None itself is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str | bool | int | float):
        return str(value)
    if isinstance(value, list | tuple | dict):
        import json

        try:
            return json.dumps(value, ensure_ascii=False, default=_readable)
        except (TypeError, ValueError):
            return str(value)
    return None


def _readable(value: Any) -> Any:
    plain = _plain(value)
    return plain if isinstance(plain, str | bool | int | float | list) else str(value)


def _plain(value: Any) -> Any:
    """Return numpy scalars as Python's, paths as text, sets as lists; others unchanged."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Enum | str | bool | int | float | list | tuple | dict) or value is None:
        return value
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    return value


def type_of(value: Any) -> str:
    """Return the name of a plain value's type: ``float``, ``list/int``; empty for None."""
    if value is None:
        return ""
    base = next((kind for kind in (bool, int, float, str, list, tuple, dict) if isinstance(value, kind)), str)
    inner: set[str] = set()
    if base in (list, tuple, dict):
        inner = {type(element).__name__ for element in (value.values() if base is dict else value)}
    only = inner.pop() if len(inner) == 1 else ""
    return f"{base.__name__}/{only}" if only in ("int", "float", "bool", "str") else base.__name__


# Back


def cast(text: str, kind: str) -> Any:
    """Return a stored text as a value of its stored type.

    Raises:
        Unfit: it is no such value.
    """
    base = kind.partition("/")[0]
    if text == "" and base != "str":
        return None
    if base == "bool":
        return _bool(text)
    if base == "int":
        return _whole(text)
    if base == "float":
        return _number(text)
    if base in ("list", "tuple", "dict"):
        return _container(text, {"list": list, "tuple": tuple, "dict": dict}[base])
    return text


def fit(text: str, default: Any, kind: str) -> Any:
    """Return a stored text as a value like ``default``, the one in the code.

    A None default takes the stored type; where none is stored, what the text looks like: a number, a truth, a text.

    Raises:
        Unfit: it is no such value.
    """
    plain = _plain(default)
    if plain is None or (text == "" and not isinstance(plain, str)):
        return (cast(text, kind) if kind else _as_it_looks(text)) if text else None
    if isinstance(plain, Enum):
        return _member(text, type(plain))
    made = cast(text, type_of(plain))
    if plain is not default:
        made = _like(made, default)
    elif isinstance(plain, tuple) and type(plain) is not tuple:
        made = guard.quietly(lambda values: type(plain)(*values), made) or made
    return made


def _as_it_looks(text: str) -> Any:
    if text in ("True", "False"):
        return text == "True"
    if not any(map(str.isdigit, text)):  # nan and inf are words here
        return text
    try:
        return _whole(text) if text.strip().lstrip("+-").isdecimal() else _number(text)
    except Unfit:
        return text


def _like(value: Any, default: Any) -> Any:
    """Return a value as the default's own type: a path, a set, a numpy number."""
    made = guard.quietly(type(default), value)
    return value if made is None else made


def _member(text: str, kind: type[Enum]) -> Enum:
    if text in kind.__members__:
        return kind[text]
    raise Unfit(f"{text!r} is none of {', '.join(kind.__members__)}")


def _bool(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return _number(text) != 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Unfit(f"{text!r} is not a number") from None


def _whole(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        number = _number(text)
        return int(number) if number.is_integer() else number


def _container(text: str, kind: type) -> Any:
    value = literal(text)
    if kind is dict and isinstance(value, dict):
        return value
    if kind is not dict and isinstance(value, list | tuple):
        return kind(value)
    if kind is not dict and not text.strip().startswith(("[", "(", "{")):
        return kind(_word(word.strip()) for word in text.split(","))
    raise Unfit(f"{text!r} is no {kind.__name__}")


def _word(word: str) -> Any:
    value = literal(word)
    return word if value is None and word.lower() not in ("null", "none") else value


def literal(text: str) -> Any:
    """Return the value of JSON or of a Python literal, None if it is neither."""
    from .door import store_module

    return store_module("text").literal(text)
