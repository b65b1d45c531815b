"""Values of hyperparameters: text with a type beside it, checked when a person edits it.

Standard library only. Nothing here converts for a script: giving a value back typed is the script side's work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isinf
from typing import Any

from .errors import InvalidValue, nearest
from .records import ParameterRow
from .text import literal, shown, storable

PROPERTIES = "properties"
"""The section of user properties, editable in every state but Published."""
GENERAL = "General"
"""The section of a key without one."""

_VALUES = "\nValues:\n"
"""What parts a description from the list of the values there are."""
_SCALARS = ("enum", "str", "int", "float", "")
"""Types of which a description may list the values."""
_WORDS = {"yes": "True", "on": "True", "no": "False", "off": "False"}

Given = ParameterRow | tuple[str, ...] | Mapping[str, str] | str
"""A value as given: a row, ``(value, type, description)`` with the last two optional, a mapping of these, or text."""


def split(key: str) -> tuple[str, str]:
    """Return section and name of ``Section/name``; the first slash splits, no slash means ``General``."""
    section, slash, name = key.partition("/")
    return (section, name) if slash else (GENERAL, key)


def number_of(text: str) -> float | None:
    """Return the value as a number for sorting and comparing: booleans as 1 and 0, None for text and NaN."""
    lowered = text.strip().lower()
    if lowered in ("true", "false"):
        return float(lowered == "true")
    try:
        number = float(lowered)
    except ValueError:
        return None
    return None if number != number else number


def row(task_id: str, key: str, given: Given) -> dict[str, Any]:
    """Return the row of the parameter table for ``Section/name`` and its value."""
    section, name = split(storable(key))
    value, kind, description = parts(given)
    return {
        "task_id": task_id, "section": section, "name": name, "value": storable(value), "type": storable(kind),
        "description": storable(description), "number": number_of(value),
    }  # fmt: skip


def parts(given: Given) -> tuple[str, str, str]:
    """Return value, type and description of a value as given; an empty text for what is not."""
    if isinstance(given, ParameterRow):
        return given.value, given.type, given.description
    if isinstance(given, str):
        return given, "", ""
    if isinstance(given, Mapping):
        return given.get("value", ""), given.get("type", ""), given.get("description", "")
    value, kind, description = (*given, "", "", "")[:3]
    return value, kind, description


def choices(kind: str, description: str) -> list[str]:
    """Return what a parameter of this type may be, where that is a list: a bool, or one that says its values."""
    base = kind.partition("/")[0]
    if base == "bool":
        return ["True", "False"]
    _, found, names = f"\n{description}".rpartition(_VALUES)
    return [name.strip() for name in names.split(",")] if base in _SCALARS and found else []


def checked(key: str, text: str, kind: str, description: str = "") -> str:
    """Return ``text`` if it is a value of the stored type ``kind`` (``float``, ``bool``, ``list/int``, …).

    The empty text stands for None and fits every type; types we do not know take any text, and so does an enum whose
    description does not say its values. A bool in other words (``yes``, ``off``) comes back as True or False.

    Raises:
        InvalidValue: the text cannot be read as that type.
    """
    base, _, inner = kind.partition("/")
    names = choices(kind, description) if base != "bool" else []
    if names and text and text not in names:
        raise InvalidValue(
            f"Invalid value for {key}: {shown(text)} is none of its values. Write {_listed(names)}."
            f"{nearest(text, names)}"
        )
    fits = _FITS.get(base)
    if text == "" or fits is None or fits(text, inner):
        return _WORDS.get(text.strip().lower(), text) if base == "bool" else text
    raise InvalidValue(f"Invalid value for {key}: {shown(text)} is not {_NAMES[base]}. {_HINTS[base]}")


def _listed(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])


def _is(read: Callable[[str], object]) -> Callable[[str, str], bool]:
    def fits(text: str, _: str) -> bool:
        try:
            read(text)
        except (ValueError, OverflowError):
            return False
        return True

    return fits


def _is_bool(text: str, _: str) -> bool:
    word = text.strip().lower()
    return word in ("true", "false", "1", "0", "1.0", "0.0") or word in _WORDS


def _is_float(text: str, _: str) -> bool:
    """Whether a text is a number that a float can be; one too large for it would silently become infinite."""
    try:
        return not isinf(float(text)) or "inf" in text.lower()
    except ValueError:
        return False


def _container(*types: type) -> Callable[[str, str], bool]:
    def fits(text: str, inner: str) -> bool:
        value = _literal(text)
        if not isinstance(value, types):
            return False
        assert isinstance(value, (list, tuple, dict))
        elements = value.values() if isinstance(value, dict) else value
        return all(isinstance(element, _INNER.get(inner, (object,))) for element in elements)

    return fits


def _literal(text: str) -> object:
    """Return a container written as text, None for anything else."""
    if not text.strip().startswith(("[", "(", "{")):
        return None
    return literal(text)


_INNER: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "str": (str,)}
_FITS: dict[str, Callable[[str, str], bool]] = {
    "int": _is(int),
    "float": _is_float,
    "bool": _is_bool,
    "list": _container(list, tuple),
    "tuple": _container(list, tuple),
    "dict": _container(dict),
}
_NAMES = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "list": "a list of its type",
    "tuple": "a list of its type", "dict": "a mapping of its type",
}  # fmt: skip
_HINTS = {
    "int": "Write digits, such as 32.",
    "float": "Write it as 0.001 or 1e-3, and one over 1.8e308 as inf.",
    "bool": "Write true or false.",
    "list": "Write it as [1, 2].",
    "tuple": "Write it as [1, 2].",
    "dict": 'Write it as {"key": 1}.',
}
