"""The charts that stand before the others, by project, as a person has pinned them.

Those of a project hold for the projects below it until they have their own. Standard library only; ``keep`` belongs in
a thread.
"""

from __future__ import annotations

from .remembered import Remembered, nearest


class Pins:
    """The pinned charts of one store.

    Args:
        file: where they are remembered.
    """

    def __init__(self, file: Remembered) -> None:
        self._file = file
        self._known: dict[str, tuple[str, ...]] | None = None

    def of(self, project: str) -> tuple[str, ...]:
        """Return the titles of a project's pinned charts, the one pinned first at the beginning."""
        if self._known is None:
            self._known = self._file.pins()
        return nearest(self._known, project, ())

    def turn(self, project: str, title: str) -> bool:
        """Pin a chart, or no longer; return whether it is pinned now."""
        pinned = self.of(project)
        there = title in pinned
        mine = tuple(t for t in pinned if t != title) if there else (*pinned, title)
        self._known = {**(self._known or {}), project: mine}
        return not there

    def keep(self, project: str) -> None:
        """Write those of a project down."""
        self._file.keep_pins(project, self.of(project))
