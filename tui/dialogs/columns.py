"""Which columns the task table shows, and in which order: a list of all there are, marked where they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from store.columns import AGGREGATES, SPARKLINE, parse
from tui import chosen, keymap
from tui.columns import Column
from tui.format import fit
from tui.widgets.inputs import OrderedInput
from tui.widgets.roll import Roll

from .base import Dialog

REMARK = 20
WIDTH = 8
Choice = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]
DELTA = "or delta: how far it is from the baseline's"
NOTHING = "No column fits. Esc shows all of them again."


class ColumnList(Roll):
    """Columns with a cursor and marks; their order here is their order in the table.

    Args:
        keys: the columns' keys.
        marked: those of them that are shown.
        widths: the widths that somebody gave some of them.
        now: how wide those in the table are.
    """

    BINDINGS: ClassVar[Any] = keymap.bindings("list", "columns")
    HEAD = 0

    class Search(Message):
        """The key that asks for a search."""

    def __init__(
        self, keys: Sequence[str], marked: Sequence[str], widths: Mapping[str, int], now: Mapping[str, int]
    ) -> None:
        super().__init__()
        self.widths = dict(widths)
        self._now = now
        self.keys = list(keys)
        self.marked = set(marked)
        self._words: list[str] = []
        self._fields = {column.key: column for column in chosen.every(None, False)}

    @property
    def listed(self) -> list[str]:
        """The keys that hold every word searched for, in order; those that are the word before those that begin so."""
        found = [key for key in self.keys if all(word in " ".join(self._said(key)).lower() for word in self._words)]
        return sorted(found, key=self._distance) if self._words else found

    def _distance(self, key: str) -> int:
        """How far a column is from what was searched for: it is it, a word of it is, begins so, or holds it."""
        wanted, name = " ".join(self._words), self._said(key)[0].lower()
        if name == wanted:
            return 0
        words = re.findall(r"[^\W_]+", name)
        return 1 if wanted in words else 2 if any(word.startswith(wanted) for word in words) else 3

    @property
    def count(self) -> int:
        """How many are listed."""
        return len(self.listed)

    @property
    def key(self) -> str:
        """The key under the cursor; empty if none is listed."""
        return next(iter(self.listed[self.cursor : self.cursor + 1]), "")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line a column there is: a search does not make the dialog smaller."""
        return len(self.keys)

    def narrow(self, text: str) -> None:
        """List only the columns that hold every word, the cursor on the same one if it is among them."""
        stand, self._words = self.key, text.lower().split()
        listed = self.listed
        self.go(listed.index(stand) if stand in listed else 0)
        self.sync()

    def action_search(self) -> None:
        """Have a search typed."""
        self.post_message(self.Search())

    def action_mark(self) -> None:
        """Show the column, or leave it out, and go on."""
        if self.key:
            self.marked ^= {self.key}
            self.move(1)

    def action_unmark(self) -> None:
        """Mark none."""
        self.marked.clear()
        self.sync()

    def action_shift(self, by: int) -> None:
        """Move the column up or down, past its neighbour in the list."""
        listed, to = self.listed, self.cursor + by
        if 0 <= to < len(listed):
            past = self.keys.index(listed[to])
            self.keys.remove(self.key)
            self.keys.insert(past, listed[self.cursor])
            self.move(by)

    def action_form(self, by: int) -> None:
        """Another form of the series, marked if this one was."""
        key = self.key
        other = chosen.following(key, by)
        while other != key and other in self.keys:
            other = chosen.following(other, by)
        if other != key:
            self.keys[self.keys.index(key)] = other
            if key in self.marked:
                self.marked = self.marked - {key} | {other}
            self.sync()

    def action_widen(self, by: int) -> None:
        """Give the column a width; it is shown then."""
        if key := self.key:
            column = self._column(key)
            least, most = chosen.bounds(column)
            width = self.widths.get(key, self._now.get(key, column.least)) + by
            self.widths[key] = min(max(width, least), most)
            self.marked.add(key)
            self.sync()

    def action_own_width(self) -> None:
        """Take the width back."""
        self.widths.pop(self.key, None)
        self.sync()

    def _column(self, key: str) -> Column:
        return chosen.cell_column(key) if ":" in key else self._fields[key]

    @property
    def answer(self) -> Choice:
        """The marked columns, in order, and the widths that some of them were given."""
        shown = tuple(key for key in self.keys if key in self.marked)
        return shown, tuple((key, self.widths[key]) for key in shown if key in self.widths)

    def draw(self, y: int) -> Strip:
        """Return a row: marked or not, the name, what it is."""
        index, width, listed = self.index_at(y), self.size.width, self.listed
        if not listed and y == 0:
            return Strip([Segment(fit(NOTHING, width), self.style("dim"))], width)
        if index >= len(listed):
            return Strip.blank(width)
        key, here = listed[index], index == self.cursor
        ground = " on cursor" if here else ""
        name, remark = self._said(key)
        given = f"{self.widths[key]} wide" if key in self.widths else ""
        right = fit(given, WIDTH if self.widths else 0, "right") + fit(
            remark, min(REMARK, width // 3), "right", self.look.ascii
        )
        pointer = (">" if self.look.ascii else "▌") if here else " "
        role = "bright" if key in self.marked else "dim"
        return Strip([
            Segment(pointer, self.style(f"accent{ground}")),
            Segment("[x] " if key in self.marked else "[ ] ", self.style(f"accent{ground}")),
            Segment(fit(name, width - len(right) - 6, ascii_only=self.look.ascii), self.style(f"{role}{ground}")),
            Segment(f"{right} ", self.style(f"dim{ground}")),
        ]).adjust_cell_length(width, self.style(f"dim{ground}"))  # fmt: skip

    def _said(self, key: str) -> tuple[str, str]:
        if ":" not in key:
            title = self._fields[key].title if key in self._fields else key
            return key, "" if title in (key, "S") else title
        column = parse(key)
        return (
            (column.name, "hyperparameter") if column.kind == "param" else (column.name, f"metric, {column.aggregate}")
        )


class ColumnsDialog(Dialog[Choice]):
    """Answers the marked columns and the widths given at Enter (none: the room decides), None at ``Esc``.

    Args:
        shown: the keys of the columns in the table now, in order.
        others: the keys of all there are.
        widths: the widths that somebody gave some columns.
        now: how wide those in the table are.
    """

    AUTO_FOCUS = "ColumnList"
    BINDINGS: ClassVar[Any] = [Binding("enter", "choose", "choose", show=False)]

    def __init__(
        self, shown: Sequence[str], others: Sequence[str], widths: Mapping[str, int], now: Mapping[str, int]
    ) -> None:
        text = f"Left and right: {', '.join((*AGGREGATES, SPARKLINE))}, {DELTA}. "
        text += "< and >: a width, 0: its own."
        keys = (
            ("space", "mark"),
            ("J K", "move"),
            ("/", "search"),
            ("Enter", "show them"),
            ("Esc", "leave it"),
        )
        super().__init__("Columns", text, keys)
        self._rows = ([*shown, *(key for key in others if key not in shown)], shown, widths, now)

    def answer(self) -> ComposeResult:
        """Yield the list, and the line that narrows it."""
        yield OrderedInput(placeholder="part of a name")
        yield ColumnList(*self._rows)

    @property
    def _line(self) -> OrderedInput:
        return self.query_one(OrderedInput)

    @on(ColumnList.Search)
    def _search(self) -> None:
        self.add_class("-searching")
        self._line.focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self.query_one(ColumnList).narrow(event.value)

    @on(Input.Submitted)
    def _searched(self) -> None:
        self.query_one(ColumnList).focus()
        self.set_class(bool(self._line.value), "-searching")

    def action_choose(self) -> None:
        """Answer with what is marked, listed or not."""
        self.dismiss(self.query_one(ColumnList).answer)

    def action_cancel(self) -> None:
        """End the search; leave if there is none."""
        if not self.has_class("-searching"):
            super().action_cancel()
            return
        self._line.value = ""
        self.remove_class("-searching")
        self.query_one(ColumnList).focus()
