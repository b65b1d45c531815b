"""The line of tabs, with what the open pane has to say at its right; and the line one types a search into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from tui.format import one_line
from tui.tabs import Tab, by_digit

from .bar import look_of
from .inputs import OrderedInput
from .textlines import TextLines


class TabLine(TextLines):
    """``1 overview  2 configuration …``, the open one bright. The caption goes below where it does not fit beside."""

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self.tabs = tabs
        self.open = tabs[0].name
        self.caption = ""

    def show(self, name: str, caption: str) -> None:
        """Show a tab as the open one."""
        if (name, caption) != (self.open, self.caption):
            self.open, self.caption = name, caption
            self.refresh()

    def text(self) -> Text:
        """Draw the tabs, in short names where that leaves room for the caption."""
        look, width = look_of(self), self.size.width
        caption = one_line(self.caption)
        full = sum(len(tab.name) + 4 for tab in self.tabs) + len(caption) < width
        caption = caption if full else "  ".join(part for part in (self._behind(), caption) if part)
        line = Text(no_wrap=True, end="")
        for tab in self.tabs if full else self._one_each():
            name = tab.name if full else tab.short
            chosen = tab.name == self.open
            line.append(f"{tab.digit} ", look.style("accent bold" if chosen else "dim"))
            line.append(name, look.style("bright bold underline" if chosen else ""))
            line.append("  ")
        gap = width - line.cell_len - len(caption)
        line.append(" " * gap if gap >= 0 else "\n", look.style("dim"))
        return line.append(caption, look.style("dim"))

    def _behind(self) -> str:
        """What the open tab's digit opens when it is pressed again, where that is not in sight: ``7 samples``."""
        tabs = next(tabs for tabs in by_digit(self.tabs).values() if any(tab.name == self.open for tab in tabs))
        return "  ".join(f"{tab.digit} again: {tab.name}" for tab in tabs if tab.name != self.open)

    def _one_each(self) -> list[Tab]:
        """Return one tab of each digit: the open one, else the first."""
        groups = by_digit(self.tabs).values()
        return [next((tab for tab in tabs if tab.name == self.open), tabs[0]) for tabs in groups]


class SearchInput(OrderedInput):
    """The input of the search line; Escape leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "cancel", show=False)]

    def action_give_up(self) -> None:
        """Close the line."""
        self.post_message(SearchLine.Given(None))


class SearchLine(Horizontal):
    """Lies on the key line while a search is typed."""

    class Given(Message):
        """What was typed; None if it was given up."""

        def __init__(self, text: str | None) -> None:
            super().__init__()
            self.text = text

    sign = "/"

    def compose(self) -> ComposeResult:
        """The sign of what is asked for, and the input."""
        yield Label("/")
        yield SearchInput(compact=True, select_on_focus=True)

    def ask(self, sign: str, text: str) -> None:
        """Open the line."""
        self.sign = sign
        self.query_one(Label).update(Text(sign))
        box = self.query_one(SearchInput)
        box.value = text
        self.display = True
        box.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Given(event.value))
