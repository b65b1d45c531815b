"""Boxes and violins in words, for those to whom they are read out: their numbers, which are no text when drawn."""

from __future__ import annotations

from collections.abc import Iterator

from tui import format as form

from .boxes import Spread
from .figure import Chart, Part


def told(parts: tuple[Part, ...]) -> Iterator[str]:
    """Yield a sentence for each box or violin of a figure."""
    for series in (series for part in parts if isinstance(part, Chart) for series in part.series):
        for spread in series.spreads.all if series.spreads else ():
            place = spread.place if isinstance(spread.place, str) else form.number(spread.place)
            yield f"{', '.join(dict.fromkeys(filter(None, (series.name, place))))}: {_numbers(spread)}"


def _numbers(spread: Spread) -> str:
    ends = (spread.median, spread.q1, spread.q3, spread.low, spread.high, spread.mean)
    median, q1, q3, low, high, mean = map(form.number, ends)
    values = f"values {spread.count}, " if spread.count else ""
    points = f", drawn as points {len(spread.points)}" if spread.points else ""
    return f"{values}median {median}, quartiles {q1} and {q3}, whiskers {low} and {high}, mean {mean}{points}"
