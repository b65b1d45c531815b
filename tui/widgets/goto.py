"""What is typed to go somewhere in a console: the number of a line, or a time of day. Pure."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from store.errors import InvalidValue
from store.text import shown

_TIMES = (
    ("", ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")),
    ("%Y-", ("%m-%d %H:%M:%S", "%m-%d %H:%M")),
    ("%Y-%m-%d ", ("%H:%M:%S", "%H:%M")),
)
"""What is not written, and how the rest may be."""


def place(text: str, near: float) -> int | float:
    """Return the number of a line, counted from 0, or a time in seconds.

    Args:
        text: ``1200``, ``12:03``, ``12:03:55``, ``11-22 12:03`` or ``2026-11-22 12:03``, on this machine's clock.
        near: the time of the line one stands on, whose day and year are meant where none is given.

    Raises:
        InvalidValue: it is neither.
    """
    text = text.strip()
    if text.isascii() and text.replace(",", "").isdigit():
        return max(0, int(text.replace(",", "")) - 1)
    day = datetime.fromtimestamp(near)
    for missing, formats in _TIMES:
        for written in formats:
            with suppress(ValueError):
                return datetime.strptime(day.strftime(missing) + text, missing + written).timestamp()
    raise InvalidValue(f"Cannot go to {shown(text)}. Write a line's number, or a time: 12:03, 12:03:55, 11-22 12:03.")
