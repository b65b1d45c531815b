"""A sentence that Enter goes on from and Esc leaves: an offer, or something that has to be done again."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding

from .base import Dialog


class EnterDialog(Dialog[bool]):
    """Answers True at Enter, None at ``Esc``.

    Args:
        title: what it is about.
        text: the sentence.
        enter: what Enter does, in a few words.
        escape: what Esc does.
    """

    BINDINGS: ClassVar[Any] = [Binding("enter", "go_on", "go on", show=False)]

    def __init__(self, title: str, text: str, enter: str, escape: str) -> None:
        super().__init__(title, text, (("Enter", enter), ("Esc", escape)))

    def action_go_on(self) -> None:
        """Go on."""
        self.dismiss(True)
