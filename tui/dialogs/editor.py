"""A text of several lines: a comment. Nothing typed is lost: Esc asks once more before it throws a change away."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, TextArea

from store.safe import safe_text
from tui.verbs import VERB_WORK

from .base import TypedDialog
from .prompt import Take


class EditorDialog(TypedDialog[str]):
    """Answers the text at ctrl+s, None at ``Esc``.

    Args:
        title: what is asked for.
        text: how to answer.
        value: the text to start with.
        take: as in ``PromptDialog``; an empty text is one, too.
    """

    AUTO_FOCUS = "TextArea"
    UNSAVED = "This is not saved. ctrl+s saves it, Esc once more throws it away."
    BINDINGS: ClassVar[Any] = [Binding("ctrl+s", "save", "save", show=False, priority=True)]

    def __init__(self, title: str, text: str, value: str, take: Take) -> None:
        super().__init__(title, text, (("ctrl+s", "save"), ("Enter", "new line"), ("Esc", "leave it")))
        self.value = safe_text(value)
        self._take = take
        self._taking = False

    def answer(self) -> ComposeResult:
        """Yield the text and room for what is wrong with it."""
        area = TextArea(self.value, soft_wrap=True, compact=True, highlight_cursor_line=False)
        area.cursor_blink = False
        area.move_cursor(area.document.end)
        self.value = area.text  # other kinds of line ends have become newlines
        yield area
        yield Static("", classes="problem")

    @property
    def changed(self) -> bool:
        """Whether it is another text."""
        return self.query_one(TextArea).text != self.value

    def on_text_area_changed(self) -> None:
        """Something is typed."""
        self.went_on()

    def action_save(self) -> None:
        """Have the text taken, if it is another one."""
        text = self.query_one(TextArea).text
        if not self.changed:
            self.dismiss(None)
        elif not self._taking:
            self._taking = True
            self.run_worker(self._try(text.strip()), group=VERB_WORK)

    async def _try(self, text: str) -> None:
        problem = await self._take(text)
        self._taking = False
        if problem:
            self.problem(problem)
        else:
            self.dismiss(text)
