"""A pane of rows that are all here, with a search in them: overview, execution, configuration, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from tui.keymap import bindings

from .lines import Row
from .searching import Matches, SearchedLines


class TextPane(SearchedLines):
    """Rows with ``/``, ``n`` and ``N``."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("text")]

    def look_for(self, matches: Matches | None, *, only: bool) -> None:
        """Search the rows, all of which are here."""
        self.matches = matches
        if matches is not None:
            self._scan(matches)
            self.jump(matches.after(self.here - 1))
        self.changed()

    def _scan(self, matches: Matches) -> None:
        rows = ((i, self.row(i) or ()) for i in range(self.count))
        found = (i for i, row in rows if matches.fits("".join(text for text, _ in row)))
        matches.lines.extend(found)

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows; a search goes on in them."""
        if self.matches is None:
            super().show(rows)
        elif rows != self._rows:
            self._rows = rows
            self.changed()

    def changed(self) -> None:
        """Other rows have other matches."""
        if self.matches is not None:
            del self.matches.lines[:]
            self._scan(self.matches)
        super().changed()

    def jump(self, number: int | None) -> None:
        """Go to a match, with the cursor where there is one."""
        if number is None or self.matches is None:
            return
        self.matches.current = number
        if self.cursor is None:
            self.reveal(number)
        else:
            self.put_cursor(number)
        self.refresh()
        self.note()

    def caption(self) -> str:
        """What is searched for, and how often it is there."""
        return "" if self.matches is None else f"/{self.matches.text[:24]} {self.matches.caption()}"
