"""A text of several lines: a comment. Nothing typed is lost: Esc asks once more before it throws a change away.

What is typed is kept in a file until it is saved or given up (``tui.unsaved``); what a dropped link left behind is put
back when the dialog is opened for the same thing again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widgets import Static, TextArea

from store import clock
from store.safe import safe_text
from store.text import shown
from tui import format as form
from tui import keymap
from tui.unsaved import Left, Unsaved, forget

from .base import TypedDialog
from .prompt import Take


class EditorDialog(TypedDialog[str]):
    """Answers the text at the key that saves, None at ``Esc``.

    Args:
        title: what is asked for.
        text: how to answer.
        value: the text to start with.
        take: as in ``PromptDialog``; an empty text is one, too.
        unsaved: where the text is kept while it is typed.
        left: what was left behind there; the first is put back.
    """

    AUTO_FOCUS = "TextArea"
    # Before the keys of the text: one that the user has moved to a key of those is still the one that saves.
    BINDINGS: ClassVar[Any] = keymap.first_bindings("editor")

    def __init__(
        self, title: str, text: str, value: str, take: Take, unsaved: Unsaved, left: Sequence[tuple[Left, Path]]
    ) -> None:
        key = keymap.now("editor.save")
        self._left = left[0] if left else None
        note = _put_back(left[0][0], value) if left else ""
        keys = ((key, "save"), ("Enter", "new line"), ("Esc", "leave it"))
        super().__init__(title, "\n".join(part for part in (text, note) if part), keys)
        self.value = safe_text(value)
        self._take = take
        self._taking = False
        self._refused = False
        """Whether the text could not be saved: it is then worth keeping, whatever becomes of the dialog."""
        self._draft = unsaved.draft("text", "", self._left[0].seen if self._left is not None else value)

    def answer(self) -> ComposeResult:
        """Yield the text and room for what is wrong with it."""
        area = TextArea(self.value, soft_wrap=True, compact=True, highlight_cursor_line=False)
        area.cursor_blink = False
        self.value = area.text  # other kinds of line ends have become newlines
        if self._left is not None:
            area.text = safe_text(self._left[0].text)
        area.move_cursor(area.document.end)
        yield area
        yield Static("", classes="problem")

    @property
    def warning(self) -> str:
        """What is said before the text is thrown away."""
        last = "leaves it, to be put back when this is opened again" if self._refused else "throws it away"
        return f"This is not saved. {keymap.now('editor.save')} saves it, Esc once more {last}."

    @property
    def changed(self) -> bool:
        """Whether it is another text."""
        return self.query_one(TextArea).text != self.value

    @property
    def at_stake(self) -> str:
        """The text, if it is another one."""
        kept = "It is kept, and put back when this is opened again."
        return f"{self.heading} is not saved. {kept}" if self.changed else ""

    def on_text_area_changed(self) -> None:
        """Something is typed, or put back."""
        self.went_on()
        self._draft.typed(self.query_one(TextArea).text)
        self.run_worker(self._keep())

    async def _keep(self) -> None:
        if problem := await asyncio.to_thread(self._draft.kept):
            self.problem(problem)
        else:
            self._forget_left()

    def _forget_left(self) -> None:
        """What was left behind is kept anew, or not wanted any more."""
        if self._left is not None:
            forget(*self._left)
            self._left = None

    def action_save(self) -> None:
        """Have the text taken, if it is another one; nothing can be typed meanwhile that would not be in it."""
        area = self.query_one(TextArea)
        if not self.changed:
            self.give_up()
        elif not self._taking:
            self._taking = area.read_only = True
            text = area.text.strip()
            self.carry_out(self._take(text), text)

    def refused(self, sentence: str) -> None:
        """The text can be changed again, and is kept whatever becomes of this."""
        self._taking = self.query_one(TextArea).read_only = False
        self._refused = True
        super().refused(sentence)

    def failed(self, sentence: str) -> None:
        """The text is put back when this is opened again."""
        self._draft.leave()
        super().failed(sentence)

    def taken(self) -> None:
        """The text is kept elsewhere now."""
        self._taking = False
        self._drop()

    def give_way(self) -> None:
        """See ``Dialog``."""
        if self._taking:
            self.dismiss(None)

    def give_up(self) -> None:
        """Leave without an answer; what was typed is dropped, unless it was refused or is being saved."""
        if not (self._taking or (self._refused and self.changed)):
            self._drop()
        super().give_up()

    def _drop(self) -> None:
        self._draft.drop()
        self._forget_left()

    def on_unmount(self) -> None:
        """Leave behind what was not saved, to be put back when the dialog is opened again; not what is being saved."""
        if not self._taking:
            self._draft.leave()


def _put_back(left: Left, value: str) -> str:
    said = f"As you typed it at {form.moment(left.time, clock.now())} and did not save it."
    return said if left.seen == value else f"{said} It was changed since, and is now: {shown(value, 200)}"
