"""The frame of every dialog: a raised box without a border, a title, an answer, the keys that give it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from store.safe import safe_text
from tui import keymap
from tui.output.compose import Composed
from tui.output.internals import let_go
from tui.verbs import VERB_WORK
from tui.widgets.bar import labtop_of, look_of

Answer = TypeVar("Answer")


def plain(text: str, limit: int = 1200) -> Text:
    """Return a text for a dialog: safe, never markup, and never so long that it pushes the keys off the screen."""
    return Text(safe_text(text, limit))


class Dialog(Composed, ModalScreen[Answer | None], inherit_bindings=False):
    """A question over the screen. ``Esc`` dismisses it with None."""

    carrying = False
    """Whether what was answered is being carried out: keys that follow are meant for what comes then."""

    BINDINGS: ClassVar[Any] = [
        Binding("escape", "cancel", "cancel", show=False),
        *keymap.first_bindings("dialog"),
    ]

    def __init__(self, title: str, text: str = "", keys: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__()
        self.heading = title
        self.text = text
        self.keys = keys

    def compose(self) -> ComposeResult:
        """Lay out title, text, the answer and the keys."""
        with Vertical(classes="box"):
            yield Static(plain(self.heading, 240), classes="title")
            if self.text:
                yield Static(plain(self.text), classes="text")
            yield from self.answer()
            yield Static(self._key_line(), classes="keys")

    def on_unmount(self) -> None:
        """Let go of what was shown."""
        let_go()

    def answer(self) -> ComposeResult:
        """Yield what takes the answer."""
        yield from ()

    @property
    def changed(self) -> bool:
        """Whether something was typed that nobody has taken."""
        return False

    @property
    def at_stake(self) -> str:
        """What is typed and not saved, and what becomes of it if the dashboard is left now; empty if nothing is."""
        return f'What you typed into "{self.heading}" is not saved, and is lost.' if self.changed else ""

    def carry_out(self, work: Awaitable[str], answer: Answer) -> None:
        """Have done what was answered, to its end: also when this is left meanwhile.

        Args:
            work: does it; returns why it cannot be done, which is said here or else on the screen, or an empty text.
            answer: what this is left with when it is done.
        """
        self.carrying = True
        self.app.run_worker(self._carry_out(work, answer), group=VERB_WORK)

    async def _carry_out(self, work: Awaitable[str], answer: Answer) -> None:
        problem = await work
        self.carrying = False
        if not problem:
            self.taken()
            if self.is_attached:
                self.dismiss(answer)
        elif self.is_attached:
            self.refused(problem)
        else:
            self.failed(problem)

    def refused(self, sentence: str) -> None:
        """Hear why what was answered is not done."""
        self.problem(sentence)

    def failed(self, sentence: str) -> None:
        """Hear the same after this was left."""
        labtop_of(self).say(sentence, "error")

    def problem(self, sentence: str) -> None:
        """Say what is wrong with what was typed, where there is a ``.problem`` for it."""
        self.query_one(".problem", Static).update(plain(sentence))

    def taken(self) -> None:
        """What was answered is done."""

    def give_way(self) -> None:
        """Leave, if what was answered is being done: it takes a while, and the screen says how far it is."""

    def say_keys(self, keys: tuple[tuple[str, str], ...]) -> None:
        """Say other keys than before."""
        self.keys = keys
        self.query_one(".keys", Static).update(self._key_line())

    def _key_line(self) -> Text:
        look = look_of(self)
        line = Text(no_wrap=True)
        for key, text in self.keys:
            line.append(key, look.style("accent"))
            line.append(f" {text}   ", look.style("dim"))
        return line

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


class TypedDialog(Dialog[Answer]):
    """A dialog in which more is typed than one line: ``Esc`` drops what was typed only when it is pressed again.

    A subclass yields a ``.problem`` for what is said, and tells of what is typed by ``went_on``.
    """

    def __init__(self, title: str, text: str, keys: tuple[tuple[str, str], ...]) -> None:
        super().__init__(title, text, keys)
        self._warned = False

    @property
    def warning(self) -> str:
        """What is said before what was typed is dropped."""
        return "Esc again drops what you typed."

    def went_on(self) -> None:
        """Going on is an answer to the warning."""
        if self._warned:
            self._warned = False
            self.problem("")

    def give_up(self) -> None:
        """Leave without an answer, for good."""
        self.dismiss(None)

    def action_cancel(self) -> None:
        """Leave it; with something typed, at the second time."""
        if self._warned or not self.changed:
            self.give_up()
        else:
            self._warned = True
            self.problem(self.warning)
