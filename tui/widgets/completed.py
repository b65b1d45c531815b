"""A line to type into with a list below it of what it could become; whoever uses it finds out what that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from .candidates import Candidate, Candidates
from .inputs import OrderedInput


class CompletedLine(Vertical):
    """Tab puts what is listed into the line, one after the other."""

    BINDINGS: ClassVar[Any] = [
        Binding("tab", "complete(1)", "complete", show=False),
        Binding("shift+tab", "complete(-1)", "complete backwards", show=False),
    ]

    def __init__(self, value: str = "") -> None:
        super().__init__()
        self._value = value
        self._listed_for: str | None = None
        """The line that the list belongs to; None while it is still looked for."""
        self._wanted = 0
        """What Tab was pressed for before the list was there."""
        self._at = -1

    def compose(self) -> ComposeResult:
        """The line, the list below."""
        yield OrderedInput(self._value)
        yield Candidates()

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.query_one(Input).value

    def put(self, text: str) -> None:
        """Put a text into the line."""
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)

    def unlist(self) -> None:
        """The line is another one: what it could become is not known yet."""
        self._listed_for, self._at = None, -1

    def suggest(self, text: str, rows: Sequence[Candidate]) -> None:
        """List what a line could become; too late if it is another one by now."""
        if text == self.text:
            self._listed_for, self._at = text, -1
            self.query_one(Candidates).show(rows)
            wanted, self._wanted = self._wanted, 0
            if wanted:
                self.action_complete(wanted)

    def action_complete(self, by: int) -> None:
        """Put the next row of the list into the line; the only one is taken, and what may follow it listed."""
        if self._listed_for is None:
            self._wanted = by
            return
        listed = self.query_one(Candidates)
        places = [place for place, row in enumerate(listed.rows) if row.line]
        if not places:
            return
        self._at = (self._at + by) % len(places) if self._at >= 0 or by > 0 else len(places) - 1
        if len(places) == 1:
            self.put(listed.rows[places[0]].line)
            return
        listed.show(listed.rows, places[self._at])
        with self.prevent(Input.Changed):
            self.put(listed.rows[places[self._at]].line)
