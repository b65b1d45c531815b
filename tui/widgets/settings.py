"""The list of settings: name, value, where the value comes from. It draws entries handed to it and reads no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from tui import keymap
from tui.format import fit

from .roll import Roll

VALUE, ORIGIN = 26, 14


@dataclass(frozen=True)
class Entry:
    """A setting on screen.

    Attributes:
        key: its name in the file.
        value: its value.
        origin: where that comes from.
        takes: what it takes.
        help: what it is.
        choices: the values it takes, if they are few.
    """

    key: str
    value: str
    origin: str
    takes: str
    help: str
    choices: tuple[str, ...] = ()


class SettingsList(Roll):
    """One line a setting, below a heading."""

    BINDINGS: ClassVar[Any] = [*keymap.bindings("list"), *keymap.bindings("settings-list")]

    class Moved(Message):
        """The cursor stands on another entry."""

    class Change(Message):
        """The entry under the cursor is to be changed; with ``default``, taken out of the file."""

        def __init__(self, entry: Entry, default: bool) -> None:
            super().__init__()
            self.entry = entry
            self.default = default

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.entries)

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if self.entries else None

    def show(self, entries: list[Entry]) -> None:
        """Show entries; the cursor stays where it is."""
        self.entries = entries
        self.go(self.cursor)
        self.sync()
        self.moved()

    def moved(self) -> None:
        """Tell of it."""
        self.post_message(self.Moved())

    def action_change(self) -> None:
        """Ask for another value."""
        if self.current is not None:
            self.post_message(self.Change(self.current, False))

    def action_unset(self) -> None:
        """Go back to the default."""
        if self.current is not None:
            self.post_message(self.Change(self.current, True))

    def draw(self, y: int) -> Strip:
        """Return the heading or an entry."""
        width, index = self.size.width, self.index_at(y)
        if y == 0:
            return self._line(("setting", "value", "from"), ("dim", "dim", "dim"), "", width)
        if index >= self.count:
            return Strip.blank(width)
        entry = self.entries[index]
        here = index == self.cursor
        ground = (" on cursor" if self.has_focus else " on idle_cursor") if here else ""
        own = entry.origin != "default"
        cells = (entry.key, entry.value or "-", entry.origin)
        return self._line(cells, ("bright" if here else "normal", "accent" if own else "normal", "dim"), ground, width)

    def _line(self, cells: tuple[str, str, str], roles: tuple[str, str, str], ground: str, width: int) -> Strip:
        value = min(VALUE, width // 3)
        name = max(8, width - value - ORIGIN - 4)
        made = [
            Segment(f"  {fit(text, room, ascii_only=self.look.ascii)}", self.style(f"{role}{ground}"))
            for text, room, role in zip(cells, (name - 2, value, ORIGIN), roles, strict=True)
        ]
        return Strip(made).adjust_cell_length(width, self.style(ground.strip()) if ground else None)
