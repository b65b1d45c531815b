"""A whole figure as rows: its parts below each other, then in sentences what is not drawn of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from store import figures
from tui.charts.adapter import AXIS, Run

from . import chart, heat
from .cells import Cells, Terminal
from .figure import Chart, Drawing, Heat, Part, Sheet, read
from .sheet import BOLD, SheetRows
from .words import told

Row = tuple[Run, ...]
LEAST = 9
"""Rows a part of a figure of several gets at least; what has no room is scrolled to."""


@dataclass(frozen=True)
class Drawn:
    """A drawn figure: rows that stay at the top, and those below them, which may be more than there is room for."""

    head: tuple[Row, ...]
    rows: Sequence[Row]
    words: tuple[str, ...] = ()
    """What is read out instead of the rows, where they are no text; a sentence in their place as it is, not wrapped."""


def drawn(payload: bytes | None, width: int, height: int, terminal: Terminal) -> Drawn:
    """Return a stored figure drawn for ``width`` x ``height`` cells."""
    if payload is None:
        return said("This iteration of the plot is not kept any more.", width)
    try:
        drawing = read(figures.unpack(payload))
    except (ValueError, RecursionError) as error:
        return said(f"This plot cannot be read: {error}.", width)
    return _laid(drawing, width, height, terminal)


def said(sentence: str, width: int, head: tuple[Row, ...] = ()) -> Drawn:
    """Return a sentence in the place of a figure."""
    return Drawn(head, _sentences([sentence], width), (sentence,))


def _laid(drawing: Drawing, width: int, height: int, terminal: Terminal) -> Drawn:
    title: list[Row] = [(Run(drawing.title, BOLD),)] if drawing.title else []
    notes = _sentences(drawing.notes or ([] if drawing.parts else ["There is nothing in this plot."]), width)
    room = height - len(title) - len(notes)
    if len(drawing.parts) == 1 and not notes and isinstance(sheet := drawing.parts[0], Sheet):
        body = SheetRows(sheet, terminal)
        return Drawn((*title, *body.heading), body if len(body) else _sentences(["The table has no rows."], width))
    rows: Cells = []
    for part in drawing.parts:
        rows += _part(part, width, max(LEAST, room // len(drawing.parts)) if len(drawing.parts) > 1 else room, terminal)
    words = tuple(told(drawing.parts))
    return Drawn(tuple(title), [*rows, *notes], (*words, *("".join(run.text for run in row) for row in notes if words)))


def _part(part: Part, width: int, height: int, terminal: Terminal) -> Cells:
    if isinstance(part, Chart):
        return chart.draw(part, width, height, terminal)
    if isinstance(part, Heat):
        return heat.draw(part, width, height, terminal)
    body = SheetRows(part, terminal)
    return [*body.heading, *body]


def _sentences(texts: Sequence[str], width: int) -> list[Row]:
    return [(Run(line, AXIS),) for text in texts for line in textwrap.wrap(text, max(20, width - 1))]
