"""The keys of the current screen, made from the key table."""

from __future__ import annotations

import textwrap
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui import keymap
from tui.look import Look
from tui.widgets.bar import look_of

from .base import Dialog

LABEL = 16
"""Columns of a key and the space after it."""
WIDEST, FRAME = 88, 12
"""The dialog's greatest width, and what of it is frame and margin."""
LAST = ("Move", "Everywhere")
"""Groups everybody knows come last."""


class HelpDialog(Dialog[None]):
    """Keys by group. ``?``, ``q`` and ``Esc`` leave."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[Any] = [
        Binding("q,question_mark,f1,enter", "cancel", "close", show=False),
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, screens: tuple[str, ...]) -> None:
        super().__init__("Keys", "", (("j k", "scroll"), ("Esc", "close")))
        self.screens = screens

    def answer(self) -> ComposeResult:
        """Yield the list, scrollable."""
        with VerticalScroll(classes="help"):
            yield Static(key_sheet(look_of(self), self.screens, min(self.app.size.width, WIDEST) - FRAME))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def key_sheet(look: Look, screens: tuple[str, ...], width: int = 80) -> Text:
    """Return the keys of screens, a heading for each group, wrapped to a width with what they do under itself."""
    keys = keymap.keys_of(*screens)
    sheet = Text()
    room = max(20, width - LABEL)
    groups = dict.fromkeys(key.group for key in keys)
    for group in sorted(groups, key=lambda name: LAST.index(name) if name in LAST else -1):
        sheet.append(f"{group}\n" if not sheet else f"\n{group}\n", look.style("bold bright"))
        for key in keys:
            if key.group == group:
                sheet.append(f"  {key.label:<{LABEL - 2}}", look.style("accent"))
                lines = textwrap.wrap(key.help, room)
                sheet.append(f"\n{' ' * LABEL}".join(lines) + "\n", look.style("normal"))
    sheet.rstrip()
    return sheet
