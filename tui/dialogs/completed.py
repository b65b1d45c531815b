"""One line of text that the store knows the beginning of: tags, a project."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.widgets import Input, Static

from tui.completing import Endings
from tui.widgets.candidates import Candidate
from tui.widgets.completed import CompletedLine

from .prompt import PromptDialog, Take


class CompletedDialog(PromptDialog):
    """Answers as ``PromptDialog``; Tab puts into the line what it could become, which is listed below.

    Args:
        complete: returns what a line could become.
    """

    def __init__(
        self, title: str, text: str, value: str, take: Take, complete: Callable[[str], Awaitable[Endings]]
    ) -> None:
        super().__init__(title, text, value, take)
        self.keys = (("Enter", "accept"), ("Tab", "complete"), ("Esc", "leave it"))
        self._complete = complete

    def answer(self) -> ComposeResult:
        """Yield the line with its list, and room for what is wrong with it."""
        yield CompletedLine(self.value)
        yield Static("", classes="problem")

    def on_mount(self) -> None:
        """List what there is."""
        self._look_up(self.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what the line could become now."""
        self.query_one(CompletedLine).unlist()
        self._look_up(event.value)

    def dismiss(self, result: str | None = None) -> AwaitComplete:
        """Leave; what is still looked for would find no line to be listed below."""
        self.workers.cancel_group(self, "suggest")
        return super().dismiss(result)

    def _look_up(self, text: str) -> None:
        # Not a coroutine: one that is replaced before it starts would warn that nobody awaited it.
        self.run_worker(partial(self._list, text), group="suggest", exclusive=True)  # type: ignore[arg-type]

    async def _list(self, text: str) -> None:
        found = [Candidate(ending, ending, note) for ending, note in await self._complete(text) if ending != text]
        self.query_one(CompletedLine).suggest(text, found)
