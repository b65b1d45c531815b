"""Two people have changed the same value: both are shown, and which one stays is asked. Nothing is lost by Esc."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding

from store.text import shown

from .base import Dialog

LINES = 14
"""Lines about one text."""


class ClashDialog(Dialog[bool]):
    """Answers True to save what was typed, False to take what is there, None to go on typing.

    Args:
        keys: what was changed by both.
        mine: what was typed; None: taken away.
        theirs: what is there now.
        seen: what was there before.
    """

    BINDINGS: ClassVar[Any] = [
        Binding("y", "answer(True)", "save mine", show=False),
        Binding("n", "answer(False)", "take theirs", show=False),
    ]

    def __init__(
        self,
        keys: Sequence[str],
        mine: Mapping[str, str | None],
        theirs: Mapping[str, str | None],
        seen: Mapping[str, str | None],
    ) -> None:
        text = "\n\n".join(_both(key, mine[key], theirs[key], seen[key]) for key in keys)
        title = f"{', '.join(keys)} {'was' if len(keys) == 1 else 'were'} changed by somebody else meanwhile"
        super().__init__(title, text, (("y", "save yours"), ("n", "take theirs"), ("Esc", "go on typing")))

    def action_answer(self, mine: bool) -> None:
        """Answer."""
        self.dismiss(mine)


def _both(key: str, mine: str | None, theirs: str | None, seen: str | None) -> str:
    if mine is not None and theirs is not None and "\n" in mine + theirs:
        found = difflib.unified_diff(theirs.splitlines(), mine.splitlines(), "theirs", "yours", n=0, lineterm="")
        return "\n".join([key, *(line[:100] for line in list(found)[2 : LINES + 2])])
    return "\n".join([key, f"  yours   {_said(mine)}", f"  theirs  {_said(theirs)}", f"  before  {_said(seen)}"])


def _said(value: str | None) -> str:
    return "taken away" if value is None else shown(value)
