"""A line in place of the key line to type into: the filter, or a command."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from store.safe import safe_text

from .inputs import OrderedInput


class Prompt(Horizontal):
    """Hidden until ``ask``; tells of each change, of Enter and of Esc."""

    BINDINGS: ClassVar[Any] = [Binding("escape", "cancel", "cancel", show=False, priority=True)]

    class Typed(Message):
        """The line changed."""

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Entered(Typed):
        """Enter."""

    class Left(Typed):
        """Esc; ``text`` is what stood there at the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.purpose = ""
        self._before = ""
        self._had_keys: Widget | None = None

    def compose(self) -> ComposeResult:
        """A sign and the line; what is wrong with it is said above."""
        yield Label("", classes="sign")
        yield OrderedInput(compact=True)

    def ask(self, purpose: str, sign: str, text: str = "") -> None:
        """Show the line and give it the keys."""
        self.purpose, self._before = purpose, text
        self.query_one(".sign", Label).update(Text(safe_text(sign)))
        line = self.query_one(Input)
        with self.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self._had_keys = self.screen.focused
        self.add_class("-shown")
        self.screen.add_class("-asking")
        line.focus()

    @property
    def asking(self) -> bool:
        """Whether the line is shown."""
        return self.has_class("-shown")

    def close(self) -> None:
        """Hide the line and give the keys back to what had them."""
        if self.asking:
            self.remove_class("-shown")
            self.screen.remove_class("-asking")
            self.screen.set_focus(self._had_keys)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell of a change."""
        event.stop()
        if self.asking:
            self.post_message(self.Typed(self.purpose, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell of Enter."""
        event.stop()
        self.post_message(self.Entered(self.purpose, event.value))

    def action_cancel(self) -> None:
        """Tell of Esc."""
        self.post_message(self.Left(self.purpose, self._before))
