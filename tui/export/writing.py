"""The file itself: rows as CSV (RFC 4180, UTF-8), or a picture. Runs in a query thread.

Numbers are written in full, NaN and infinities as in JSON, times as they are given. Texts are data and stay as they
are stored, with one exception: a spreadsheet takes what begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and in
a store that is shared the name of a task is somebody else's. Such a text, unless it is a number, gets an apostrophe in
front; so does one that begins with apostrophes before such a sign, so that taking one away gives back what was stored.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Iterable
from typing import IO, Any

from store.errors import InvalidValue
from store.shapes import plain_numbers
from tui.format import counted
from tui.savefile import Place, filled, reason

from .what import PICTURE, Export, Row

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_LEFT = "The dashboard was left before the export was whole."


def write(connection: Any, export: Export, place: Place, left: threading.Event) -> str:
    """Write an export to its place, whole or not at all; return how much it was: ``5,000 tasks``.

    Args:
        connection: a reader's.
        export: what to write.
        place: where to; what its name ends with decides what is written.
        left: set when nobody wants it any more.

    Raises:
        InvalidValue: why it cannot be written. Never an ``OSError``: in a query that would be the store's.
    """
    try:
        with filled(place) as made, open(made, "w", encoding="utf-8", errors="replace", newline="") as file:
            if place.target.suffix.lower() == PICTURE and export.draw is not None:
                file.write(export.draw(connection))
                return "the picture"
            count = _table(file, export.rows(connection), left)
    except OSError as error:
        raise InvalidValue(f"Cannot export to {place.target}: {reason(error)}. Give another place.") from error
    except (ArithmeticError, IndexError, RecursionError) as error:  # what a script stored may be anything
        raise InvalidValue(f"Cannot export this as {place.target.suffix}: {type(error).__name__}, {error}.") from error
    return counted(count, export.counted)


def _table(file: IO[str], rows: Iterable[Row], left: threading.Event) -> int:
    """Write rows; return how many there were below the heading."""
    writer, count = csv.writer(file), -1
    for row in rows:
        if left.is_set():
            raise InvalidValue(_LEFT)
        writer.writerow(map(cell, row))
        count += 1
    return count


def cell(value: object) -> object:
    """Return a value as the csv module is to write it."""
    if isinstance(value, float):
        return plain_numbers(value)
    if isinstance(value, str) and _FORMULA.match(value) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
