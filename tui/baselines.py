"""Which task another one is compared with: the baseline of its project, or of the nearest one above it that has one.

Plain data: neither Textual nor the store. What the tasks have to be compared stands in the cells of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .remembered import nearest

if TYPE_CHECKING:
    from store.records import ProjectRow


@dataclass(frozen=True)
class Baselines:
    """The baselines of a store; ``pinned`` is the path of a project -> the id of its own."""

    pinned: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tasks(self) -> frozenset[str]:
        """Every task that is a baseline."""
        return frozenset(self.pinned.values())

    def of(self, project: str) -> str:
        """Return the task that counts for a project; empty if there is none."""
        return nearest(self.pinned, project, "")

    def projects_of(self, task: str) -> list[str]:
        """Return the projects whose own baseline a task is."""
        return [path for path, pinned in self.pinned.items() if pinned == task] if task in self.tasks else []


def baselines_of(projects: Iterable[ProjectRow]) -> Baselines:
    """Return the baselines of these projects, by their paths."""
    pinned = ((project.path, project.baseline) for project in projects if project.baseline)
    return Baselines(dict(sorted(pinned)))
