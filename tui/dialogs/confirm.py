"""Yes or no, for what destroys. Enter is not yes: a key pressed once too often must not delete anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size

from tui.widgets.lines import LinesView, Row

from .base import Dialog

AROUND = 14
"""Lines of the screen that a list of tasks leaves to the rest of the dialog."""


class Preview(LinesView):
    """What will be done to each task, as high as there is room."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line a task; as many as a long one takes, where lines are wrapped."""
        columns = max(1, width - 1)
        rows = sum(max(1, -(-self.strip(n).cell_length // columns)) if self.wrap else 1 for n in range(self.count))
        return min(rows, max(viewport.height - AROUND, 3))


class ConfirmDialog(Dialog[bool]):
    """Answers True at ``y``, False at ``n``, None at ``Esc``.

    Args:
        title: what would be done.
        text: what that means.
        verb: what ``y`` does, in a word.
        preview: a row for each task, where there are several.
        other: what the other answers do.
    """

    BINDINGS: ClassVar[Any] = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,q", "answer(False)", "no", show=False),
    ]

    def __init__(self, title: str, text: str, verb: str, preview: Sequence[Row] = (), other: str = "leave it") -> None:
        super().__init__(title, text, (("y", verb), ("n Esc", other)))
        self.preview = preview
        self.set_class(bool(preview), "-preview")

    def answer(self) -> ComposeResult:
        """Yield the list, if there is one."""
        if self.preview:
            yield Preview(self.preview)

    def action_answer(self, yes: bool) -> None:
        """Answer."""
        self.dismiss(yes)
