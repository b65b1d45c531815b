"""``SeriesInfo``: a named line of ``Logger.report_line_plot``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class SeriesInfo:
    """A line of a line plot.

    Attributes:
        name: what it is called.
        data: its points, rows of x and y.
        labels: a text for each point.
    """

    def __init__(self, name: str, data: Any, labels: Any = None) -> None:
        self.name = name
        self.data = data
        self.labels = labels
