"""A line in place of the key line to type into: the filter, or a command; with a list of what it could become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from store.safe import safe_text

from .candidates import Candidate, Candidates
from .completed import CompletedLine
from .inputs import OrderedInput


class Prompt(CompletedLine):
    """Hidden until ``ask``; tells of each change, of Enter and of Esc.

    Up and down bring back what was typed before.
    """

    BINDINGS: ClassVar[Any] = [
        Binding("escape", "cancel", "cancel", show=False, priority=True),
        Binding("up", "recall(-1)", "before", show=False),
        Binding("down", "recall(1)", "after", show=False),
    ]

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
        self.before = ""
        """What stood in the line at the beginning."""
        self.had_keys: Widget | None = None
        """What has the keys again when the line is closed."""
        self._past: Sequence[str] = ()
        self._back = 0
        """How many lines of the past the present one lies back."""

    def compose(self) -> ComposeResult:
        """A sign and the line, the list below; what is wrong with it is said above."""
        with Horizontal(classes="line"):
            yield Label("", classes="sign")
            yield OrderedInput(compact=True)
        yield Candidates()

    def ask(self, purpose: str, sign: str, text: str = "", *, past: Sequence[str] | None = None) -> None:
        """Show the line and give it the keys.

        Args:
            purpose: what it is for; its messages carry it.
            sign: what stands before it.
            text: the line to start with.
            past: what was typed before, oldest first, of a line with a list below it; None: there is none.
        """
        self.purpose, self.before = purpose, text
        self._past, self._back = past or (), 0
        self.unlist()
        self.set_class(past is not None, "-listing")
        self.query_one(Candidates).show(())
        self.query_one(".sign", Label).update(Text(safe_text(sign)))
        line = self.query_one(Input)
        with self.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.had_keys = self.screen.focused
        self.add_class("-shown")
        self.screen.add_class("-asking")
        line.focus()
        if past is not None:
            self.post_message(self.Typed(purpose, text))

    def suggest(self, text: str, rows: Sequence[Candidate]) -> None:
        """List what a line could become, while one is asked for."""
        if self.asking:
            super().suggest(text, rows)

    def action_recall(self, by: int) -> None:
        """Put what was typed before into the line."""
        back = min(max(0, self._back - by), len(self._past))
        if back != self._back:
            self._back = back
            self.put(self._past[-back] if back else "")

    @property
    def asking(self) -> bool:
        """Whether the line is shown."""
        return self.has_class("-shown")

    def close(self) -> None:
        """Hide the line and give the keys back to what had them."""
        if self.asking:
            self.remove_class("-shown")
            self.screen.remove_class("-asking")
            self.screen.set_focus(self.had_keys)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell of a change."""
        event.stop()
        self.unlist()
        if self.asking:
            self.post_message(self.Typed(self.purpose, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell of Enter."""
        event.stop()
        self.post_message(self.Entered(self.purpose, event.value))

    def action_cancel(self) -> None:
        """Tell of Esc."""
        self.post_message(self.Left(self.purpose, self.before))
