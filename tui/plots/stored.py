"""What another program may have stored in a figure, as values: texts, numbers and arrays of them, whatever is there.

Nothing in here fails over what it is given; all texts come out safe for a terminal, on one line.
"""

from __future__ import annotations

import math
import re
from typing import Any

from store.safe import safe_text

LONGEST = 300
_TAGS = re.compile(r"</?(?:b|i|em|strong|sub|sup|span|br)\b[^<>]{0,80}>", re.IGNORECASE)


def plain(value: object, limit: int = LONGEST) -> str:
    """Return a stored text as one harmless line, without the tags plotly puts into texts."""
    text = "" if value is None else str(value)
    return safe_text(_TAGS.sub("", text[: limit * 4]) if "<" in text else text, limit, one_line=True)


def number(value: object) -> float:
    """Return a stored value as a number, NaN for whatever is none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def listed(value: object) -> list[Any]:
    """Return an array as it is; an empty one for whatever is none."""
    return value if isinstance(value, list) else []


def values(given: object) -> tuple[float | str, ...]:
    """Return an array as numbers; as texts, if there is one in it that is no number."""
    found = [item if not isinstance(item, (list, dict)) else None for item in listed(given)]
    numbers = [number(item) for item in found]
    texts = any(isinstance(item, str) and item.strip() and at != at and item != "NaN"
                for item, at in zip(found, numbers, strict=True))  # fmt: skip
    return tuple(plain(item, 80) for item in found) if texts else tuple(numbers)
