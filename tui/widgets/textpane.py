"""A pane of rows that are all here, with a search in them: overview, execution, configuration, history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip

from tui.keymap import bindings

from .lines import LinesView, Row
from .searching import Matches, marked


class TextPane(LinesView):
    """Rows with ``/``, ``n`` and ``N``."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("text")]

    def __init__(self, rows: Sequence[Row] = (), *, id: str | None = None) -> None:
        super().__init__(rows, id=id)
        self.matches: Matches | None = None

    def strip(self, index: int) -> Strip:
        """A row's cells; with what is searched for standing out."""
        strip = super().strip(index)
        return strip if self.matches is None else marked(strip, self.matches.pattern, self.style("reverse"))

    def search(self, text: str, *, only: bool = False) -> str | None:
        """Search for a regular expression, or for nothing.

        Returns:
            Why it cannot be, None if it can.
        """
        self.matches = None
        if text:
            try:
                self.matches = Matches(text)
            except re.error as error:
                return f"Cannot search for this: {error}. Write a regular expression, \\ before special characters."
            self._scan(self.matches)
            self._jump(self.matches.after(self._here() - 1))
        self.changed()
        return None

    def _scan(self, matches: Matches) -> None:
        rows = ((i, self.row(i) or ()) for i in range(self.count))
        found = (i for i, row in rows if matches.pattern.search("".join(text for text, _ in row)))
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

    def _here(self) -> int:
        if self.matches is not None and self.matches.current is not None:
            return self.matches.current
        return self.top if self.cursor is None else self.cursor

    def _jump(self, line: int | None) -> None:
        if line is None or self.matches is None:
            return
        self.matches.current = line
        if self.cursor is None:
            self.reveal(line)
        else:
            self.put_cursor(line)
        self.refresh()

    def action_next_match(self) -> None:
        """The next match, and after the last one the first."""
        if self.matches is not None:
            self._jump(self.matches.after(self._here()))

    def action_previous_match(self) -> None:
        """The match before, and before the first one the last."""
        if self.matches is not None:
            self._jump(self.matches.before(self._here()))

    def caption(self) -> str:
        """What the tab line says at its right."""
        return "" if self.matches is None else f"/{self.matches.text[:24]} {self.matches.caption()}"
