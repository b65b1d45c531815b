"""The keys of the current screen, made from the key table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size

from tui import keymap
from tui.widgets.lines import LinesView, Row

from .base import Dialog

if TYPE_CHECKING:
    from tui.app import LabtopApp

LABEL = 16
"""Columns of a key and the space after it."""
WIDEST, FRAME = 88, 12
"""The dialog's greatest width, and what of it is frame and margin."""
ABOVE_AND_BELOW = 6
"""Lines of the dialog that are not the list's."""
LAST = ("Move", "Everywhere")
"""Groups everybody knows come last."""


class Sheet(LinesView):
    """The keys, as high as there are lines."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line a row, as far as the dialog's title and keys leave room."""
        return min(self.count, max(viewport.height * 9 // 10 - ABOVE_AND_BELOW, 1))


class HelpDialog(Dialog[None]):
    """Keys by group. ``?``, ``q`` and ``Esc`` leave."""

    AUTO_FOCUS = "Sheet"
    BINDINGS: ClassVar[Any] = [Binding("q,question_mark,f1,enter", "cancel", "close", show=False)]

    def __init__(self, screens: tuple[str, ...]) -> None:
        super().__init__("Keys", "", (("j k g G", "move"), ("Esc", "close")))
        self.screens = screens

    def answer(self) -> ComposeResult:
        """Yield the list."""
        yield Sheet(self._sheet(), classes="help")

    def on_resize(self) -> None:
        """Wrap for the width there is now."""
        sheet = self.query_one(Sheet)
        sheet.show(self._sheet())
        sheet.refresh(layout=True)

    def _sheet(self) -> list[Row]:
        moved = cast("LabtopApp", self.app).user_settings.keys
        return key_sheet(self.screens, min(self.app.size.width, WIDEST) - FRAME, moved)


def key_sheet(screens: tuple[str, ...], width: int = 80, moved: Mapping[str, str] | None = None) -> list[Row]:
    """Return the keys of screens, a heading for each group, wrapped to a width with what they do under itself."""
    keys = keymap.keys_of(*screens)
    groups = dict.fromkeys(key.group for key in keys)
    sheet: list[Row] = []
    for group in sorted(groups, key=lambda name: LAST.index(name) if name in LAST else -1):
        sheet += [*([()] if sheet else []), ((group, "bold bright"),)]
        for key in keys:
            if key.group == group:
                lines = textwrap.wrap(key.help, max(20, width - LABEL))
                labels = [f"  {keymap.label_of(key, moved or {}):<{LABEL - 2}}", *[" " * LABEL] * (len(lines) - 1)]
                sheet += [((label, "accent"), (line, "normal")) for label, line in zip(labels, lines, strict=True)]
    return sheet
