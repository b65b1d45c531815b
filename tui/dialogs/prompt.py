"""One line of text: a new name, tags, a project, or the name of what is to be published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.widgets import Input, Static

from store.safe import safe_text
from tui.widgets.inputs import OrderedInput
from tui.widgets.lines import Row

from .base import Dialog
from .confirm import Preview

Take = Callable[[str], Awaitable[str]]


class PromptDialog(Dialog[str]):
    """Answers the line at Enter, None at ``Esc``.

    Args:
        title: what is asked for.
        text: how to answer.
        value: the line to start with.
        take: does what the line asks for and returns an empty text, else why it cannot be done: then the dialog stays
            with the line as it was typed and the reason below it.
        preview: a row for each task, where there are several.
    """

    AUTO_FOCUS = "Input"

    def __init__(self, title: str, text: str, value: str, take: Take, preview: Sequence[Row] = ()) -> None:
        super().__init__(title, text, (("Enter", "accept"), ("Esc", "leave it")))
        self.preview = preview
        self.set_class(bool(preview), "-preview")
        self.value = safe_text(value, one_line=True)
        self._take = take
        self._taking = False

    def answer(self) -> ComposeResult:
        """Yield the list, if there is one, the line, and room for what is wrong with it."""
        if self.preview:
            yield Preview(self.preview)
        yield OrderedInput(self.value)
        yield Static("", classes="problem")

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong was wrong with another line."""
        self.query_one(".problem", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Have the line taken; an empty one is none."""
        line = event.value.strip()
        if not line:
            self.dismiss(None)
        elif not self._taking:
            self._taking = True
            self.carry_out(self._take(line), line)

    @property
    def changed(self) -> bool:
        """Whether the line is another one than at first; one that is being taken is not at stake."""
        return self.is_mounted and not self._taking and self.query_one(Input).value != self.value

    def give_way(self) -> None:
        """See ``Dialog``."""
        if self._taking:
            self.dismiss(None)

    def refused(self, sentence: str) -> None:
        """Another line may be taken."""
        self._taking = False
        super().refused(sentence)
