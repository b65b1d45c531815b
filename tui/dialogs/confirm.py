"""Yes or no, for what destroys. Enter is not yes: a key pressed once too often must not delete anything."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding

from .base import Dialog


class ConfirmDialog(Dialog[bool]):
    """Answers True at ``y``, False at ``n``, None at ``Esc``."""

    BINDINGS: ClassVar[Any] = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,q", "answer(False)", "no", show=False),
    ]

    def __init__(self, title: str, text: str, verb: str) -> None:
        super().__init__(title, text, (("y", verb), ("n Esc", "leave it")))

    def action_answer(self, yes: bool) -> None:
        """Answer."""
        self.dismiss(yes)
