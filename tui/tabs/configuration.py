"""The configuration tab: hyperparameters, edited in place while the task is a Draft."""

from __future__ import annotations

from store.errors import LabtopError
from store.records import TaskDetail
from tui.task_data import TaskSource
from tui.widgets.configuration import Configuration

from .base import TaskPane


class Pane(Configuration, TaskPane):
    """The configuration of the task; what was typed is saved at once."""

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Configuration.__init__(self, id=id)
        self.source = source

    def take(self, detail: TaskDetail) -> None:
        """Show the task, unless a value is just being typed."""
        self.locked = self.source.locked
        if not self.editing:
            self.show_task(detail)

    def on_configuration_edited(self, message: Configuration.Edited) -> None:
        """Save a value."""
        message.stop()
        self.run_worker(self._save(message.key, message.value), group="edit")

    async def _save(self, key: str, value: str) -> None:
        try:
            await self.source.edit(key, value)
        except LabtopError as error:
            self.reject(str(error))
        else:
            self.accept()
            self.post_message(self.Changed())
