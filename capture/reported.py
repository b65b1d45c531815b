"""What a report may hold: its names, its iteration, its number. Says why something is refused; reports nothing."""

from __future__ import annotations

from . import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LARGEST = 2**63


class Refused(ValueError):
    """A value that cannot be kept; the message says what it was."""


def label(value: Any) -> str:
    """Return a name as text without NUL."""
    return (value if isinstance(value, str) else str(value)).replace("\0", "\u2400")


def named(*names: str, what: str = "a scalar") -> None:
    """Refuse an empty name."""
    if not all(name.strip() for name in names):
        raise Refused(f"{what} needs names that are not empty")


def checked_number(value: Any) -> float:
    """Return a value as a float: numbers, numpy scalars and 0-d tensors; text, None and arrays are refused."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str | bytes | bytearray):
        raise Refused(f"a scalar must be a number, not {guard.shown(value)}")
    if guard.quietly(_is_array, value):
        raise Refused(f"a scalar must be one number, not an array of shape {guard.shown(getattr(value, 'shape', '?'))}")
    number: float | None = guard.quietly(float, value)
    if number is None:
        raise Refused(f"a scalar must be a number, not {guard.shown(value)}")
    return number


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "ndim", 0))


def checked_iteration(value: Any) -> int:
    """Return an iteration as an int; below 0, beyond 64 bits and what is no whole number are refused."""
    whole: int | None = value if isinstance(value, int) else guard.quietly(_whole, value)
    if whole is None or not 0 <= whole < _LARGEST:
        raise Refused(f"an iteration is a whole number from 0 on, {guard.shown(value)} is not")
    return int(whole)


def _whole(value: Any) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return int(value.__index__())
