"""A line in place of the key line to type into: the filter, or a command."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from tui.dialogs.base import plain


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

    def compose(self) -> ComposeResult:
        """A sign, the line, and room for what is wrong with it."""
        yield Label("", classes="sign")
        line = Input(compact=True)
        line.cursor_blink = False
        yield line
        yield Label("", classes="error")

    def ask(self, purpose: str, sign: str, text: str = "") -> None:
        """Show the line and give it the keys."""
        self.purpose, self._before = purpose, text
        self.query_one(".sign", Label).update(plain(sign))
        self.complain("")
        line = self.query_one(Input)
        with self.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.add_class("-shown")
        line.focus()

    def complain(self, sentence: str) -> None:
        """Say what is wrong with the line."""
        self.query_one(".error", Label).update(plain(sentence))

    @property
    def asking(self) -> bool:
        """Whether the line is shown."""
        return self.has_class("-shown")

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-shown")

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
