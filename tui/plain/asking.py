"""Dialogs as questions: each is told, answered by a line, and the answer given to the dialog's own widgets.

What is asked, refused and confirmed is therefore the dialog's; an empty line, or the end of the input, leaves it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual.widgets import Input, TextArea

from tui.dialogs.base import Dialog
from tui.dialogs.clash import ClashDialog
from tui.dialogs.confirm import ConfirmDialog
from tui.dialogs.editor import EditorDialog
from tui.dialogs.enter import EnterDialog
from tui.dialogs.palette import PaletteDialog
from tui.dialogs.pick import PickDialog

Ask = Callable[[str], Awaitable[str | None]]
"""Says what to type and returns the line, None at the end of the input."""
Tell = Callable[[str], None]
END = "."


async def answer(dialog: Dialog[Any], ask: Ask, tell: Tell) -> None:
    """Have a dialog answered; it may stay open, with what is wrong with the answer, or ask the next thing."""
    if isinstance(dialog, (ConfirmDialog, ClashDialog, EnterDialog)):
        await _yes(dialog, ask)
    elif isinstance(dialog, PickDialog):
        await _pick(dialog, ask, tell)
    elif isinstance(dialog, EditorDialog):
        await _edit(dialog, ask)
    elif isinstance(dialog, PaletteDialog) or not dialog.query(".problem"):
        dialog.action_cancel()  # it only shows
    else:
        await _fill_in(dialog, ask)


async def _yes(dialog: ConfirmDialog | ClashDialog | EnterDialog, ask: Ask) -> None:
    words = {"n Esc": "n", "Enter": "y", "Esc": "nothing"}
    said = "; ".join(f"{words.get(key, key)}: {what}" for key, what in dialog.keys)
    line = (await ask(said) or "").lower()
    if line == "y" and isinstance(dialog, EnterDialog):
        dialog.action_go_on()
    elif line in ("y", "n") and not isinstance(dialog, EnterDialog):
        dialog.action_answer(line == "y")
    else:
        dialog.action_cancel()


async def _pick(dialog: PickDialog, ask: Ask, tell: Tell) -> None:
    names = [name for name, _ in dialog.rows]
    line = await ask("Number or name; nothing leaves it")
    if line and line.isascii() and line.isdigit() and 0 < int(line) <= len(names):
        dialog.dismiss(names[int(line) - 1])
    elif line in names:
        dialog.dismiss(line)
    else:
        if line:
            tell(f"There is no {line!r}.")
        dialog.action_cancel()


async def _edit(dialog: EditorDialog, ask: Ask) -> None:
    lines: list[str] = []
    while (line := await ask(f"Line {len(lines) + 1}; {END} alone ends the text" if not lines else "")) is not None:
        if line == END:
            dialog.query_one(TextArea).text = "\n".join(lines)
            dialog.action_save()
            return
        lines.append(line)
    dialog.dismiss(None)


async def _fill_in(dialog: Dialog[Any], ask: Ask) -> None:
    inputs = list(dialog.query(Input))
    labels = [label for label, _ in getattr(dialog, "fields", ())] or [""]
    for label, line in zip(labels, inputs, strict=True):
        now = f" (now {line.value!r}, nothing keeps it)" if line.value and label else ""
        given = await ask(f"{label}{now}" if label else "The line; nothing leaves it")
        if given is None or not (given or label):
            dialog.dismiss(None)
            return
        line.value = given or line.value
    await inputs[-1].action_submit()
