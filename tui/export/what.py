"""What can be exported of what is shown: what screens and panes answer. Standard library only.

Nothing is read when an ``Export`` is made: its functions are called with a connection, in a query thread, and must not
touch what is on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from store.safe import safe_text

Row = Sequence[object]
"""Numbers, texts, or None for an empty cell."""

NOTHING = (
    "There is nothing to export here. The task table can be exported, a task's scalars (5), plots (6) and system (8), "
    "and of a comparison the configuration (2), scalars (5), figures and scatter (6) and artifacts (7)."
)
TABLE, PICTURE = ".csv", ".svg"
LONGEST = 60
"""Characters of a file's name that is proposed: of four bytes each they are as many as a name may have."""


class Export(NamedTuple):
    """A table, and what is drawn of it if anything is.

    Attributes:
        name: what it is called, as it is stored.
        counted: what a row is, in the singular: ``task``.
        rows: yields the heading, then the rows.
        draw: returns the picture; raises ``InvalidValue`` where there is nothing to draw.
    """

    name: str
    counted: str
    rows: Callable[[Any], Iterator[Row]]
    draw: Callable[[Any], str] | None = None

    @property
    def endings(self) -> tuple[str, ...]:
        """What the name of the file may end with."""
        return (TABLE, PICTURE) if self.draw is not None else (TABLE,)

    @property
    def proposals(self) -> tuple[str, ...]:
        """Names for the file, one for each ending."""
        return tuple(file_name(self.name) + ending for ending in self.endings)

    def refused(self, target: Path) -> str:
        """Return why a file of this name cannot be written, empty if it can."""
        if target.suffix.lower() in self.endings:
            return ""
        return f"Give it a name that ends with {' or '.join(self.endings)}: nothing else can be exported here."


def file_name(name: str) -> str:
    """Return a stored text as the harmless name of a file, in no folder and not hidden."""
    plain = re.sub(r"[^\w.]+", "-", safe_text(name, one_line=True)[:LONGEST])
    return plain.strip("-.") or "export"
