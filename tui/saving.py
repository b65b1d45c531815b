"""Saving what a person has changed in a task's configuration, without losing what somebody else changed meanwhile.

A change says what was seen when it began. Where the store has something else by now, both are shown and the person
decides. Knows neither panes nor files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from store.errors import Conflict
from store.records import TaskDetail
from tui.dialogs.clash import ClashDialog

if TYPE_CHECKING:
    from tui.app import LabtopApp
    from tui.task_data import TaskSource

Texts = Mapping[str, str | None]


class Kind(Protocol):
    """Parameters or configuration objects."""

    async def send(self, source: TaskSource, wanted: Texts, seen: Texts) -> None:
        """Make a task what is wanted, if it still is what was seen."""
        ...

    def now(self, detail: TaskDetail) -> Texts:
        """Return what there is."""
        ...


@dataclass(frozen=True)
class Parameters:
    """Parameters by ``Section/name``; ``types`` for those that are new."""

    types: Mapping[str, str] = field(default_factory=dict)

    async def send(self, source: TaskSource, wanted: Texts, seen: Texts) -> None:
        """See ``Kind``."""
        values = {key: (value, self.types.get(key, "")) for key, value in wanted.items() if value is not None}
        gone = [key for key, value in wanted.items() if value is None and seen[key] is not None]
        await source.edit(values, gone, seen)

    def now(self, detail: TaskDetail) -> Texts:
        """See ``Kind``."""
        return {parameter.key: parameter.value for parameter in detail.parameters}


class Objects:
    """Configuration objects by name."""

    async def send(self, source: TaskSource, wanted: Texts, seen: Texts) -> None:
        """See ``Kind``."""
        for name, text in wanted.items():
            await source.configure(name, text, seen[name])

    def now(self, detail: TaskDetail) -> Texts:
        """See ``Kind``."""
        return detail.configuration


@dataclass(frozen=True)
class Change:
    """What shall be, and what was seen before; None stands for nothing in both."""

    kind: Kind
    wanted: Texts
    seen: Texts


async def save(app: LabtopApp, source: TaskSource, change: Change) -> bool:
    """Save a change; ask where somebody else was faster.

    Returns:
        False if the person goes on typing; True if there is nothing left to do.

    Raises:
        LabtopError: why it cannot be saved.
    """
    while change.wanted:
        try:
            await change.kind.send(source, change.wanted, change.seen)
        except Conflict:
            now = change.kind.now(await source.detail())
            there = {key: now.get(key) for key in change.wanted}
            both = [key for key, value in there.items() if value not in (change.seen[key], change.wanted[key])]
            mine = await app.push_screen_wait(ClashDialog(both, change.wanted, there, change.seen)) if both else True
            if mine is None:
                return False
            left_out = () if mine else both
            change = replace(change, wanted={k: v for k, v in change.wanted.items() if k not in left_out}, seen=there)
        else:
            return True
    return True
