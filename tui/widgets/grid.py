"""Where charts stand: a grid of equal cells that fills the pane, scrolled by whole rows. Arithmetic only."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_WIDTH, LEAST_HEIGHT = 38, 10
WIDE = 50
GAP = 2


@dataclass(frozen=True)
class Grid:
    """Cells of ``width`` x ``height``, ``across`` in a row, ``down`` rows in sight."""

    across: int
    down: int
    width: int
    height: int
    rows: int

    def row_of(self, index: int) -> int:
        """Return the grid row of a chart."""
        return index // self.across

    def left_of(self, index: int) -> int:
        """Return the column where a chart's cell starts."""
        return index % self.across * (self.width + GAP)


def fitted(charts: int, width: int, height: int, *, single: bool = False) -> Grid:
    """Return the grid for a number of charts in a pane; ``single`` gives one chart all of it."""
    if single or charts <= 1:
        return Grid(1, 1, width, height, max(1, charts) if single else 1)
    across = max(1, min(charts, 4, max(width // (WIDE + GAP), 2 if width >= 2 * LEAST_WIDTH else 1)))
    rows = -(-charts // across)
    down = max(1, min(rows, height // LEAST_HEIGHT))
    return Grid(across, down, (width - (across - 1) * GAP) // across, height // down, rows)
