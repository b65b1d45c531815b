"""What the screen of a task asks of a pane. A pane shows; whether and when anything is read again, the screen says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message
from textual.reactive import reactive

from store.records import TaskDetail
from tui.task_data import TaskSource
from tui.widgets.lines import Row
from tui.widgets.pane import Pane
from tui.widgets.textpane import TextPane

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

PRINTED_NOTHING = "Nothing printed: the task ended without a line of output."
"""What is said of the console of a task that is over."""


class TaskPane(Pane):
    """A pane of the task's screen, made with the questions about the task and the widget's id.

    It stands last among the bases of a tab's ``Pane``, so that the widget's own answers come first.
    """

    known = reactive(False)

    class Changed(Message):
        """The pane has changed the task: it should be read again."""

    @property
    def at_stake(self) -> str:
        """What is typed here and not saved: a sentence; empty if nothing is."""
        return ""

    def take(self, detail: TaskDetail) -> None:
        """Show the task as it is now. Called when it changed, when the pane is opened and when it was resized."""
        raise NotImplementedError

    def aged(self) -> None:
        """Show ages as they are by now, and draw none that still reads the same."""

    def beside(self, connection: Connection, detail: TaskDetail) -> object:
        """Return, or keep, what would be read of a task that changed; runs in a thread, while the pane is open."""
        return None

    async def look_closer(self, detail: TaskDetail, beside: object = None) -> None:
        """Read what is shown beside the details, unless it was; called before ``take`` while the pane is open."""

    async def in_step(self) -> None:
        """Wait a moment for what is drawn of what was taken: what stands around it changes with it, in one frame."""


class TextTab(TextPane, TaskPane):
    """A tab of text, made anew whenever the task changed."""

    def __init__(self, source: TaskSource, *, id: str) -> None:
        TextPane.__init__(self, id=id)
        self.source = source

    def take(self, detail: TaskDetail) -> None:
        """Show the task."""
        self.show(self.text_of(detail))

    def text_of(self, detail: TaskDetail) -> Sequence[Row]:
        """Return the rows for the pane's present size."""
        raise NotImplementedError
