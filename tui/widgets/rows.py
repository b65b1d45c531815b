"""Small builders of rows, shared by the panes: headings, fields, columns. Pure; made safe where text is stored text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from store.safe import safe_text

from .lines import Piece, Row, shown

LABEL = 14
BLANK: Row = ()


def heading(text: str, note: str = "") -> Row:
    """Return a section's title, with a dim remark behind it."""
    return ((text, "accent bold"), (f"  {note}" if note else "", "dim"))


def field(label: str, value: object, role: str = "") -> Row:
    """Return a labelled value on one line."""
    return ((f"{label:<{LABEL}}", "dim"), shown(value, role))


def fields(pairs: Iterable[tuple[str, object]]) -> list[Row]:
    """Return a row for each pair whose value is not empty."""
    return [field(label, value) for label, value in pairs if value not in (None, "", [], ())]


def wrapped(label: str, text: str, width: int, role: str = "") -> list[Row]:
    """Return a labelled text over as many lines as it needs."""
    room = max(20, width - LABEL)
    lines = [part for line in safe_text(text, 20_000).splitlines() for part in textwrap.wrap(line, room) or [""]]
    return [((f"{label if n == 0 else '':<{LABEL}}", "dim"), shown(line, role)) for n, line in enumerate(lines)]


def cells(pieces: Sequence[tuple[object, int, str]], gap: int = 2) -> Row:
    """Return a table's row; a negative width aligns to the right. Text that does not fit ends with ``…``."""
    row: list[Piece] = []
    for value, width, role in pieces:
        row.append((sized(str(value), width) + " " * gap, role))
    return tuple(row)


def sized(text: str, width: int) -> str:
    """Return text made safe, cut and filled to a width in cells; a negative one aligns to the right."""
    room = abs(width)
    text = safe_text(text, room * 2 + 2, one_line=True)
    length = cell_len(text)
    if length > room:
        return set_cell_size(text, max(0, room - 1)) + "…"
    return " " * (room - length) + text if width < 0 else text + " " * (room - length)


def columns(texts: Sequence[str], width: int, role: str = "") -> list[Row]:
    """Return texts in as many equal columns as fit, filled downwards."""
    widest = max((cell_len(safe_text(t, one_line=True)) for t in texts), default=0) + 2
    across = max(1, width // max(1, widest))
    down = -(-len(texts) // across)
    return [tuple((sized(text, min(widest, width)), role) for text in texts[n::down]) for n in range(down)]
