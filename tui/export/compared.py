"""Tasks side by side: a table with a column a task, and a hyperparameter against a metric. The store is not asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from store.errors import InvalidValue

from .what import Export, Row

if TYPE_CHECKING:
    from tui.compare.points import Sight
    from tui.compare.source import Member

Lines = Sequence[tuple[Sequence[str], Sequence[object]]]
"""What stands at the left of each line, and what each task has."""


def side_by_side(
    name: str, keys: Sequence[str], members: Sequence[Member], lines: Callable[[], Lines], none: str
) -> Export:
    """Return a table with a column a task, headed by its letter, its name and the beginning of its id.

    Args:
        name: what the table is called.
        keys: the headings of what stands at the left.
        members: the tasks.
        lines: returns the lines.
        none: what is said where there is none.
    """

    def rows(connection: Any) -> Iterator[Row]:
        found = lines()
        if not found:
            raise InvalidValue(none)
        yield [*keys, *(f"{member.letter} {member.row.name} ({member.row.id[:8]})" for member in members)]
        yield from ([*key, *values] for key, values in found)

    return Export(f"compare-{name}", "line", rows)


def of_scatter(sight: Sight, given: str, reached: str, inks: tuple[str, ...]) -> Export:
    """Return a hyperparameter and a metric of each task, and the picture of the points."""

    def rows(connection: Any) -> Iterator[Row]:
        yield ["task", "name", given, reached]
        for point in sight.points:
            yield [point.member.row.id, point.member.row.name, point.given, point.reached]

    return Export(f"{reached}-{given}", "task", rows, partial(_scatter, sight, given, reached, inks))


def _scatter(sight: Sight, given: str, reached: str, inks: tuple[str, ...], connection: Any) -> str:
    from tui.charts import adapter, svg
    from tui.compare.points import NONE_HAS_BOTH, placed

    scale, plot = placed(sight)
    laid = adapter.laid(plot, svg.ACROSS, svg.DOWN)
    if isinstance(laid, str):
        raise InvalidValue(NONE_HAS_BOTH if not any(curve.x for curve in plot.curves) else f"Nothing to draw: {laid}.")
    along = tuple(((at - scale.low) / (scale.high - scale.low), label) for at, label in scale.ticks)
    entries = tuple(svg.Entry(n, f"{point.member.letter} {point.member.row.name}", point.member.letter, "markers")
                    for n, point in enumerate(sight.points) if plot.curves[n].x)  # fmt: skip
    head = svg.Head(f"{reached} over {given}", entries, inks, x=given, y=reached)
    return svg.document(svg.drawn(head, replace(laid.axes, x_ticks=along), laid.paint))
