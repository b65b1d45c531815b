"""What is copied, shown: not every terminal takes a copy, and a person sees what they will paste."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from store.safe import safe_text
from tui.widgets.bar import look_of
from tui.widgets.lines import Row, shown

from .base import Dialog
from .confirm import Preview


class CopyDialog(Dialog[tuple[str, str]]):
    """Answers the name and text of the form chosen at Enter, None at ``Esc``.

    Args:
        title: what is copied.
        forms: a name and a text for each form; an empty text is left out.
    """

    AUTO_FOCUS = "Preview"
    BINDINGS: ClassVar[Any] = [
        Binding("enter,Y", "choose", "copy", show=False),
        Binding("tab", "other(1)", "other form", show=False),
        Binding("shift+tab", "other(-1)", "form before", show=False),
    ]

    def __init__(self, title: str, forms: Sequence[tuple[str, str]]) -> None:
        self.forms = [(name, safe_text(text)) for name, text in forms if text]
        several = (("Tab", "other form"),) if len(self.forms) > 1 else ()
        super().__init__(title, "", (("Enter", "copy"), *several, ("Esc", "leave it")))
        self.at = 0

    def answer(self) -> ComposeResult:
        """Yield the names of the forms and the text of the chosen one."""
        yield Static(self._names(), classes="forms")
        preview = Preview(self._rows())
        preview.wrap = True
        yield preview

    def _names(self) -> Text:
        look, line = look_of(self), Text(no_wrap=True)
        for number, (name, _) in enumerate(self.forms):
            line.append(name, look.style("bright bold underline" if number == self.at else "dim"))
            line.append("   ")
        return line

    def _rows(self) -> list[Row]:
        return [(shown(line.expandtabs(4)),) for line in self.forms[self.at][1].splitlines()]

    def action_other(self, by: int) -> None:
        """Show another form."""
        self.at = (self.at + by) % len(self.forms)
        self.query_one(".forms", Static).update(self._names())
        preview = self.query_one(Preview)
        preview.show(self._rows())
        preview.go(0)
        preview.refresh(layout=True)

    def action_choose(self) -> None:
        """Answer with the form shown."""
        self.dismiss(self.forms[self.at])
