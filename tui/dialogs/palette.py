"""The palette: every command, found by any part of its name or of what it does, with the key that does the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from tui.commands import COMMANDS, listed, run_command
from tui.widgets.candidates import Candidate, Candidates
from tui.widgets.inputs import OrderedInput

from .base import Dialog

if TYPE_CHECKING:
    from tui.screens.base import LabtopScreen


class PaletteDialog(Dialog[str]):
    """Runs the chosen command on the screen below at Enter; one that takes something is put on the command line.

    Args:
        screen: the screen below.
    """

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[Any] = [
        Binding("down,ctrl+n", "move(1)", "down", show=False),
        Binding("up,ctrl+p", "move(-1)", "up", show=False),
        Binding("pagedown", "move(10)", "page down", show=False),
        Binding("pageup", "move(-10)", "page up", show=False),
    ]

    def __init__(self, screen: LabtopScreen) -> None:
        super().__init__("Find a command", "", (("Enter", "do it"), ("Esc", "leave it")))
        self.below = screen
        self.rows: list[Candidate] = []

    def answer(self) -> ComposeResult:
        """Yield the line and the list."""
        yield OrderedInput()
        yield Candidates()

    def on_mount(self) -> None:
        """List everything."""
        self._list("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, text: str) -> None:
        named, others = found(text)
        self.rows = [*listed(self.below, named), *listed(self.below, others)]
        self.query_one(Candidates).show(self.rows, 0 if self.rows else None)

    def action_move(self, by: int) -> None:
        """Choose another one."""
        if self.rows:
            place = self.query_one(Candidates).cursor + by
            self.query_one(Candidates).show(self.rows, min(max(0, place), len(self.rows) - 1))

    def on_input_submitted(self) -> None:
        """Do it: on the screen below, once the dialog has gone."""
        if self.rows:
            name = self.rows[self.query_one(Candidates).cursor].line.strip()
            self.dismiss(name)
            self.below.call_later(_run, self.below, name)


def _run(screen: LabtopScreen, name: str) -> None:
    command = COMMANDS[name]
    if command.needs and not command.refused(screen):
        screen.ask_command(f"{name} ")
    else:
        run_command(screen, name)


def found(text: str) -> tuple[list[str], list[str]]:
    """Return the commands a text means, those by their word, then by what they do or by scattered letters; best first.

    Who types ``del`` means ``delete``, be it refused now, and nothing that deletes on its way.
    """
    wanted = text.lower().split()
    rated = [(_rating(wanted, name, command.help.lower()), name) for name, command in COMMANDS.items()]
    ordered = sorted((r for r in rated if r[0]), key=lambda r: -r[0])
    return [name for rating, name in ordered if rating >= 3], [name for rating, name in ordered if rating < 3]


def _rating(wanted: list[str], name: str, about: str) -> int:
    """4 to 1, 0 for not at all; the worst of the typed words decides."""
    return min((_fit(word, name, about) for word in wanted), default=1)


def _fit(word: str, name: str, about: str) -> int:
    if name.startswith(word):
        return 4
    if word in name:
        return 3
    if word in about:
        return 2
    rest = iter(name)
    return int(all(letter in rest for letter in word))
