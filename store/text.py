"""What text may enter the store, and the rules for names.

Databases differ in what they take (PostgreSQL refuses NUL, both refuse lone surrogates); everything a script or a
user wrote goes through ``storable`` once, at the door. What may reach a terminal is another question, answered by the
reader's ``safe_text``.
"""

from __future__ import annotations

import unicodedata

from .errors import InvalidValue

MIN_NAME = 3
MAX_NAME = 512
MAX_TAG = 128
MAX_DESCRIPTION = 2_000


def storable(text: str) -> str:
    """Return ``text`` without what databases refuse: NUL becomes U+2400, a lone surrogate its backslash form."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\u2400")


def shown(value: object, limit: int = 60) -> str:
    """Return the repr of a bad value, shortened, for an error message."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def counted(number: int, noun: str) -> str:
    """Return how many there are of something, all digits in groups: ``1 task``, ``100,001 tasks``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def checked_tag(tag: object) -> str:
    """Return a tag stripped.

    Raises:
        InvalidValue: not text, empty, over 128 characters or holding control characters.
    """
    stripped = tag.strip() if isinstance(tag, str) else ""
    if not stripped or len(stripped) > MAX_TAG or not stripped.isprintable():
        raise InvalidValue(f"Invalid tag: {shown(tag)}. Give 1 to {MAX_TAG} printable characters.")
    return stripped


def checked_description(text: str) -> str:
    """Return a description stripped; it may have lines.

    Raises:
        InvalidValue: over 2,000 characters, or holding control characters other than tabs and line breaks.
    """
    stripped = text.strip()
    if len(stripped) > MAX_DESCRIPTION:
        length = f"{len(stripped):,} characters are too many"
        raise InvalidValue(f"Invalid description: {length}. Give at most {MAX_DESCRIPTION:,}.")
    _refuse_control(stripped, "description", "\t\n")
    return stripped


def _refuse_control(text: str, what: str, allowed: str = "") -> None:
    bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in allowed), None)
    if bad is not None:
        raise InvalidValue(f"Invalid {what}: {shown(text)} holds the control character {bad!r}. Remove it.")


def checked_name(name: object, what: str = "task name") -> str:
    """Return ``name`` stripped.

    Raises:
        InvalidValue: not text, under 3 or over 512 characters after stripping, or holding control characters.
    """
    if not isinstance(name, str):
        raise InvalidValue(f"Invalid {what}: {shown(name)} is not text. Give a name of at least {MIN_NAME} characters.")
    stripped = name.strip()
    if len(stripped) < MIN_NAME:
        raise InvalidValue(f"Invalid {what}: {shown(name)} is too short. Give at least {MIN_NAME} characters.")
    if len(stripped) > MAX_NAME:
        raise InvalidValue(f"Invalid {what}: {shown(name)} is too long. Give at most {MAX_NAME} characters.")
    _refuse_control(stripped, what)
    return stripped


def checked_project(path: object) -> str:
    """Return a project path with each part stripped (``vision/resnet``).

    Raises:
        InvalidValue: as ``checked_name`` for the whole path, or an empty, ``.`` or ``..`` part.
    """
    whole = checked_name(path, "project")
    parts = [part.strip() for part in whole.split("/")]
    for number, part in enumerate(parts, 1):
        if part in ("", ".", ".."):
            what = "empty" if not part else shown(part)
            raise InvalidValue(
                f"Invalid project: part {number} of {shown(path)} is {what}. "
                f"Write it as parts joined by single slashes."
            )
    return "/".join(parts)


def lineage(path: str) -> list[str]:
    """Return the paths of the projects above one, the topmost first, and its own last."""
    parts = path.split("/") if path else []
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Return what sorts texts with the numbers in them by value: ``loss/2`` before ``loss/10``."""
    import re  # scripts load this module, and pay for ``re`` only if they do already

    parts = re.split(r"([0-9]+)", text)
    return tuple((int(part), "") if n % 2 and len(part) < 20 else (-1, part) for n, part in enumerate(parts))


def json_list(text: str) -> list[str]:
    """Return a stored JSON array of texts; empty for anything else, which only another program can have stored."""
    found = _json(text)
    return list(map(str, found)) if isinstance(found, list) else []


def json_object(text: str) -> dict[str, object]:
    """Return a stored JSON object; empty for anything else, which only another program can have stored."""
    found = _json(text)
    return found if isinstance(found, dict) else {}


def literal(text: str) -> object:
    """Return the value of JSON, or else of a Python literal (argparse's lists are kept so); None if it is neither."""
    found = _json(text)
    if found is not None:
        return found
    import ast

    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _json(text: str) -> object:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
