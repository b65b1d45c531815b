"""One line of text: a new name, tags, a project, or the name of what is to be published."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input, Static

from store.safe import safe_text

from .base import Dialog, plain


class PromptDialog(Dialog[str]):
    """Answers the line at Enter, None at ``Esc``.

    Args:
        title: what is asked for.
        text: how to answer.
        value: the line to start with.
        expected: if given, only this very line is an answer.
    """

    AUTO_FOCUS = "Input"

    def __init__(self, title: str, text: str, value: str = "", expected: str = "") -> None:
        super().__init__(title, text, (("Enter", "accept"), ("Esc", "leave it")))
        self.value = safe_text(value, one_line=True)
        self.expected = expected

    def answer(self) -> ComposeResult:
        """Yield the line and room for what is wrong with it."""
        line = Input(self.value)
        line.cursor_blink = False
        yield line
        yield Static("", classes="problem")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, or say that the line is another one."""
        value = event.value.strip()
        if self.expected and value != safe_text(self.expected, one_line=True).strip():
            self.query_one(".problem", Static).update(plain("That is not it; nothing was done."))
            return
        self.dismiss(value)
