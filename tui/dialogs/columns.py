"""Which columns the task table shows, and in which order: a list of all there are, marked where they are shown."""

from __future__ import annotations

from collections.abc import Sequence
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
from tui.format import fit
from tui.widgets.inputs import OrderedInput
from tui.widgets.roll import Roll

from .base import Dialog

REMARK = 20
DELTA = "or delta: how far it is from the baseline's, sorted as the metric"
NOTHING = "No column fits. Esc shows all of them again."


class ColumnList(Roll):
    """Columns with a cursor and marks; their order here is their order in the table.

    Args:
        keys: the columns' keys.
        marked: those of them that are shown.
    """

    BINDINGS: ClassVar[Any] = keymap.bindings("list", "columns")
    HEAD = 0

    class Search(Message):
        """The key that asks for a search."""

    def __init__(self, keys: Sequence[str], marked: Sequence[str]) -> None:
        super().__init__()
        self.keys = list(keys)
        self.marked = set(marked)
        self._words: list[str] = []
        self._titles = {column.key: column.title for column in chosen.every(None, False)}

    @property
    def listed(self) -> list[str]:
        """The keys that hold every word searched for, in order."""
        return [key for key in self.keys if all(word in " ".join(self._said(key)).lower() for word in self._words)]

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

    @property
    def answer(self) -> tuple[str, ...]:
        """The marked columns, in order."""
        return tuple(key for key in self.keys if key in self.marked)

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
        right = fit(remark, min(REMARK, width // 3), "right", self.look.ascii)
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
            title = self._titles.get(key, key)
            return key, "" if title in (key, "S") else title
        column = parse(key)
        return (
            (column.name, "hyperparameter") if column.kind == "param" else (column.name, f"metric, {column.aggregate}")
        )


class ColumnsDialog(Dialog[tuple[str, ...]]):
    """Answers the keys of the marked columns at Enter (none: the width decides), None at ``Esc``.

    Args:
        shown: the keys of the columns in the table now, in order.
        others: the keys of all there are.
    """

    AUTO_FOCUS = "ColumnList"
    BINDINGS: ClassVar[Any] = [Binding("enter", "choose", "choose", show=False)]

    def __init__(self, shown: Sequence[str], others: Sequence[str]) -> None:
        text = f"Left and right: {', '.join((*AGGREGATES, SPARKLINE))} of a metric, {DELTA}."
        keys = (("space", "mark"), ("J K", "move"), ("/", "search"), ("Enter", "show them"), ("Esc", "leave it"))
        super().__init__("Columns", text, keys)
        self._rows = ([*shown, *(key for key in others if key not in shown)], shown)

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
