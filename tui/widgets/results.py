"""What a search has found: a line each, with its task, where in it, and the text around the place that fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual import events
from textual.message import Message

from store.safe import safe_text, without_sequences
from tui import format as form
from tui.keymap import bindings

from .lines import LinesView, Row

if TYPE_CHECKING:
    from store.queries.search import Hit
    from store.records import TaskRow

LEAST_NAME, MOST_NAME = 12, 40
BEFORE = 24
"""Cells of a long text that are shown before the place that fits."""


class Results(LinesView):
    """Hits with a cursor; more are put behind them while the search goes on."""

    DEFAULT_CSS = "Results { padding: 0 1; }"
    BINDINGS: ClassVar[Any] = bindings("results")

    class Opened(Message):
        """Enter on a hit."""

        def __init__(self, hit: Hit) -> None:
            super().__init__()
            self.hit = hit

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[Hit] = []
        self.tasks: dict[str, TaskRow] = {}
        self.more: set[str] = set()
        """Tasks of whose consoles not every line that fits is a hit."""
        self.names: frozenset[str] = frozenset()
        """Those that more than one of the tasks has."""
        self.said: Sequence[Row] = ()
        """Lines shown while there is no hit."""
        self._pattern: re.Pattern[str] = re.compile("")
        self._exactly: re.Pattern[str] = self._pattern

    def begin(self, text: str, pattern: str) -> None:
        """Show no hits, and from now on such of a text in fields, of a pattern in consoles."""
        self._exactly = re.compile(re.escape(text), re.IGNORECASE)
        self._pattern = re.compile(pattern, re.IGNORECASE)
        self.hits, self.tasks, self.more, self.cursor = [], {}, set(), 0
        self.changed()
        self.go(0)

    def add(self, hits: Sequence[Hit], tasks: dict[str, TaskRow], more: Collection[str] = ()) -> None:
        """Put hits behind those that are there; ones whose task went meanwhile are left out.

        Args:
            hits: the hits.
            tasks: their tasks.
            more: those of them whose consoles have more.
        """
        self.tasks.update(tasks)
        self.more.update(more)
        self.names = form.shared(self.tasks.values())
        self.hits += [hit for hit in hits if hit.task in self.tasks]
        self.changed()

    def say(self, rows: Sequence[Row]) -> None:
        """Say something in place of hits."""
        if rows != self.said:
            self.said = rows
            self.changed()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.hits) or len(self.said)

    def row(self, index: int) -> Row:
        """A hit, or what is said in place of any."""
        if not self.hits:
            return self.said[index]
        hit, ascii_only = self.hits[index], self.look.ascii
        task = self.tasks[hit.task]
        wide = min(max(LEAST_NAME, self.columns * 3 // 10), MOST_NAME)
        where = f"line {hit.line + 1:,}{self._goes_on(index)}" if hit.line is not None else hit.where
        start: Row = (
            (f"{form.status_mark(task.status, ascii_only)} ", task.status),
            (form.told_apart(task, wide, self.names, ascii_only) + " ", "dim" if task.archived else "bright"),
            (form.fit(where, 14, ascii_only=ascii_only) + " ", "dim"),
        )
        room = self.columns - sum(cell_len(text) for text, _ in start)
        return (*start, *around(hit.text, self._exactly if hit.line is None else self._pattern, room, ascii_only))

    def _goes_on(self, index: int) -> str:
        """Return ``+`` behind the last line that is listed of a console with more of them."""
        task = self.hits[index].task
        last = all(hit.task != task for hit in self.hits[index + 1 : index + 2])
        return "+" if last and task in self.more else ""

    def changed(self) -> None:
        """Take note that rows or their number changed; the cursor is on a hit or not there."""
        self.cursor = (self.cursor or 0) if self.hits else None
        super().changed()

    def on_resize(self) -> None:
        """Another width, other rows."""
        self.changed()

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, one on the cursor opens."""
        index = self.top + event.y
        if self.hits and index == self.cursor:
            self.action_open()
        elif index < len(self.hits):
            self.put_cursor(index)

    def action_open(self) -> None:
        """Open the hit under the cursor."""
        if self.hits and self.cursor is not None:
            self.post_message(self.Opened(self.hits[self.cursor]))


def around(text: str, pattern: re.Pattern[str], room: int, ascii_only: bool) -> Row:
    """Return a text from a little before the place that fits, that place marked."""
    line = safe_text(without_sequences(text), one_line=True)
    found = pattern.search(line)
    start, end = found.span() if found else (0, 0)
    cut = start - BEFORE if end > room and start > BEFORE else 0
    mark = ("~" if ascii_only else "…") if cut else ""
    return ((mark + line[cut:start], "normal"), (line[start:end], "bold yellow underline"), (line[end:], "normal"))
