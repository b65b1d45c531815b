"""A table as rows that are made when they come in sight: it may have a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from rich.cells import cell_len

from tui import format as form
from tui.charts.adapter import TEXT, Run

from .cells import Terminal
from .figure import Sheet
from .stored import number, plain

BOLD = 10
"""The role of a heading."""
_MEASURED = 500
_WIDEST = 40
Row = tuple[Run, ...]


class SheetRows(Sequence[Row]):
    """The body of a table; ``heading`` stands above it."""

    def __init__(self, sheet: Sheet, terminal: Terminal) -> None:
        self._sheet, self._ascii = sheet, terminal.ascii
        self._count = max(map(len, sheet.columns), default=0)
        self._numeric = [_numeric(column) for column in sheet.columns]
        self._widths = [self._width(n) for n in range(max(len(sheet.columns), len(sheet.heading)))]

    def _width(self, n: int) -> int:
        sheet = self._sheet
        texts = [sheet.heading[n]] if n < len(sheet.heading) else []
        texts += [_text(value) for value in (sheet.columns[n][:_MEASURED] if n < len(sheet.columns) else ())]
        return min(_WIDEST, max(1, *map(cell_len, texts))) if texts else 1

    @property
    def heading(self) -> list[Row]:
        """The names of the columns."""
        names = [*self._sheet.heading, *[""] * (len(self._widths) - len(self._sheet.heading))]
        return [tuple(Run(self._fit(name, n) + "  ", BOLD) for n, name in enumerate(names))] if any(names) else []

    def _fit(self, text: str, n: int) -> str:
        right = n < len(self._numeric) and self._numeric[n]
        return form.fit(text, self._widths[n], "right" if right else "left", self._ascii)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        cells = [column[index] if index < len(column) else "" for column in self._sheet.columns]
        return tuple(Run(self._fit(_text(cell), n) + "  ", TEXT) for n, cell in enumerate(cells))


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else plain(value, 200)


def _numeric(column: Sequence[object]) -> bool:
    measured = [value for value in column[:_MEASURED] if value not in (None, "", "NaN")]
    return bool(measured) and all(number(value) == number(value) for value in measured)
