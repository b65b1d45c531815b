"""A few lines to fill in at once, each with its label: the project and the name of a new Draft."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from store.safe import safe_text
from tui.widgets.inputs import OrderedInput

from .base import TypedDialog, plain

TakeAll = Callable[[list[str]], Awaitable[str]]


class FormDialog(TypedDialog[bool]):
    """Answers True once the lines are taken, None at ``Esc``; Enter goes to the next line, in the last one it accepts.

    Args:
        title: what is asked for.
        text: how to answer.
        fields: a label and the line to start with, for each; the first empty line has the cursor.
        take: does what the lines ask for and returns an empty text, else why it cannot be done.
    """

    BINDINGS: ClassVar[Any] = [
        Binding("tab,down", "next_line", "next line", show=False),
        Binding("shift+tab,up", "previous_line", "line before", show=False),
    ]

    def __init__(self, title: str, text: str, fields: Sequence[tuple[str, str]], take: TakeAll) -> None:
        super().__init__(title, text, _keys(last=False))
        self.fields = [(label, safe_text(value, one_line=True)) for label, value in fields]
        self._take = take
        self._taking = False

    def answer(self) -> ComposeResult:
        """Yield the lines and room for what is wrong with them."""
        for label, value in self.fields:
            with Horizontal(classes="field"):
                yield Label(plain(label))
                yield OrderedInput(value, compact=True, select_on_focus=False)
        yield Static("", classes="problem")

    def on_mount(self) -> None:
        """Begin where something is missing."""
        lines = list(self.query(Input))
        next((line for line in lines if not line.value), lines[-1]).focus()

    def on_descendant_focus(self) -> None:
        """Say what Enter does in this line."""
        self.say_keys(_keys(last=self.focused is list(self.query(Input))[-1]))

    @property
    def changed(self) -> bool:
        """Whether a line is another one."""
        return [line.value for line in self.query(Input)] != [value for _, value in self.fields]

    def on_input_changed(self) -> None:
        """Something is typed."""
        self.went_on()

    def action_next_line(self) -> None:
        """Go to the next line."""
        self.focus_next(Input)

    def action_previous_line(self) -> None:
        """Go to the line before."""
        self.focus_previous(Input)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line, or have them all taken."""
        lines = list(self.query(Input))
        if event.input is not lines[-1]:
            lines[lines.index(event.input) + 1].focus()
        elif not self._taking:
            self._taking = True
            self.carry_out(self._take([line.value.strip() for line in lines]), True)

    def refused(self, sentence: str) -> None:
        """Other lines may be taken."""
        self._taking = False
        super().refused(sentence)


def _keys(*, last: bool) -> tuple[tuple[str, str], ...]:
    return ("Enter", "accept" if last else "next line"), ("Tab", "other line"), ("Esc", "leave it")
