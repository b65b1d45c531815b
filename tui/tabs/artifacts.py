"""The tab of artifacts and models: what the task kept, made and used; saving a copy of one, copying where it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from store import clock
from store.output_records import ArtifactRow, ModelRow
from store.records import TaskDetail
from store.safe import safe_text
from tui import format as form
from tui.task_data import TaskSource
from tui.verbs import VERB_WORK
from tui.widgets.files import Entry, Files

from .base import TaskPane

if TYPE_CHECKING:
    from tui.app import LabtopApp

NAME_WIDTH = 40
"""Columns of a name in a sentence that has more to say."""


def labels_of(row: ModelRow) -> str:
    """Return the name and number of each class of a model."""
    return ", ".join(f"{name} {number}" for name, number in row.labels.items())


class Pane(Files, TaskPane):
    """The artifacts and models of the task."""

    blank = (
        "No artifacts and no models yet. task.upload_artifact and OutputModel.update_weights keep files, objects and "
        "weights here as soon as the script calls them."
    )

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Files.__init__(self, source.beginning, id=id)
        self.source = source
        self._places: Mapping[str, str] = {}

    async def look_closer(self, detail: TaskDetail, beside: object = None) -> None:
        """Look which of the files are on this machine, and where."""
        uris = [*(row.uri for row in detail.models), *(row.uri for row in detail.artifacts)]
        self._places = await self.source.places(uris)

    def take(self, detail: TaskDetail) -> None:
        """Show what the task has."""
        models = [self._of_model(row) for row in detail.models]
        self.show_files([*models, *(self._of_artifact(row) for row in detail.artifacts)], clock.now())

    def aged(self) -> None:
        """Show the files' ages of now."""
        before, now = self.now, clock.now()
        if any(form.age(now - entry.time) != form.age(before - entry.time) for entry in self.entries):
            self.show_files(self.entries, now)

    def _of_artifact(self, row: ArtifactRow) -> Entry:
        facts = (*self._where(row), *((key, str(value)) for key, value in row.metadata.items()))
        nothing = f"{row.type}, {row.content_type or 'of unknown content'}: nothing of it can be shown as text."
        return Entry(row.name, row.type, row.uri, row.size, row.hash, row.time, facts, None, nothing)

    def _of_model(self, row: ModelRow) -> Entry:
        facts = (
            ("model", f"{row.id[:8]}{', published' if row.published else ''}"), ("framework", row.framework),
            ("made by", form.short_id(row.task or "") if row.mode == "input" else ""),
            ("iteration", "" if row.iteration is None else f"{row.iteration:,}"), ("labels", labels_of(row)),
            ("tags", "  ".join(row.tags)), ("comment", row.comment), *self._where(row),
        )  # fmt: skip
        kind = "input model" if row.mode == "input" else "model"
        nothing = "Weights are not shown as text." if row.uri else "It has no weights yet."
        return Entry(row.name or row.id, kind, row.uri, row.size, row.hash, row.time, facts, row.design, nothing)

    def _where(self, row: ArtifactRow | ModelRow) -> tuple[tuple[str, str], ...]:
        path = self._places.get(row.uri)
        return (
            ("file", row.uri if path is None else os.path.basename(path)),
            ("sha256", row.hash),
            ("kept", form.local_time(row.time)),
        )

    def on_files_asked(self, message: Files.Asked) -> None:
        """Save a copy of the file, or copy its path."""
        app, entry = cast("LabtopApp", self.app), message.entry
        path = self._places.get(entry.uri)
        if path is None:
            where = entry.uri or "nowhere yet"
            name = form.both_ends(form.one_line(entry.name), NAME_WIDTH)
            self.post_message(self.Refused(f"{name} has no file on this machine: it is {where}."))
        elif message.what == "save":
            from tui.savefile import save_copy

            self.run_worker(save_copy(app, entry.name, path), group=VERB_WORK)
        else:
            app.copy_to_clipboard(safe_text(path, one_line=True))
            app.say(f"Copied {path}")
