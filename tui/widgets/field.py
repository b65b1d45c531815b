"""The line one types a value into, laid on its row, with what is wrong with the text in the row below."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Static

from store.errors import InvalidValue
from store.records import ParameterRow
from store.safe import safe_text
from store.values import checked, choices
from tui import keymap

from .bar import look_of
from .inputs import OrderedInput


def problem_with(parameter: ParameterRow, text: str) -> str:
    """Return why a text is no value of a parameter, in the store's words; empty if it is one."""
    try:
        checked(parameter.key, text, parameter.type, parameter.description)
    except InvalidValue as error:
        return str(error)
    return ""


class ValueInput(OrderedInput):
    """The line; Escape gives up, up and down go through the values where they are a list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings("value"),
        Binding("up", "choose(-1)", "value before", show=False),
        Binding("down", "choose(1)", "next value", show=False),
    ]

    class GaveUp(Message):
        """Escape."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.choices: list[str] = []

    def begin(self, parameter: ParameterRow, text: str) -> None:
        """Begin with a text."""
        self.choices = choices(parameter.type, parameter.description)
        with self.prevent(OrderedInput.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    def action_choose(self, by: int) -> None:
        """Take the next value of the list."""
        if self.choices:
            here = self.choices.index(self.value) if self.value in self.choices else -1 if by > 0 else 0
            self.value = self.choices[(here + by) % len(self.choices)]
            self.cursor_position = len(self.value)

    async def action_save(self) -> None:
        """Have the value taken."""
        await self.action_submit()

    def action_give_up(self) -> None:
        """Leave the value as it was."""
        self.post_message(self.GaveUp())


class FieldNote(Static):
    """One sentence below the line (above it, in the last rows), over as many rows as it needs."""

    def say(self, sentence: str, kind: str = "refused") -> None:
        """Show a sentence: ``refused`` or ``info``; an empty one hides it."""
        self.sentence = safe_text(sentence, 600, one_line=True)
        role = "yellow" if kind == "refused" else "bright"
        self.update(Text(self.sentence, style=look_of(self).style(role)))
        self.display = bool(sentence)

    def lay(self, left: int, line: int, width: int, height: int) -> None:
        """Lie below a line of a pane, or above it."""
        rows = -(-cell_len(self.sentence) // max(1, width - 2)) if self.sentence else 1
        self.styles.width = max(8, width)
        self.styles.height = rows
        self.styles.offset = Offset(left, line + 1 if line + rows < height else max(0, line - rows))

    sentence = ""
