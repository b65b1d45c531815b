"""What a verb prints: data on stdout, narration on stderr, JSON where asked.

Three forms of the same data: a rich table on a terminal, tab-separated lines in a pipe, JSON with ``--json``. All text
of scripts and users passes ``safe_text`` (JSON escapes instead). Verbs never print by themselves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from store.safe import safe_text, without_sequences

if TYPE_CHECKING:
    from rich.console import Console

_BLOCK = 1 << 16


_GAP, _FEWEST, _SHORT, _LONGEST = 2, 4, 10, 48
"""Cells between two columns; those that a text has at least, in a narrow terminal and else, and at most."""


class Column(NamedTuple):
    """A column of a table; ``on_terminal`` False: only in pipes. One of texts with a ``ratio`` is never very wide."""

    title: str
    right: bool = False
    ratio: int | None = None
    on_terminal: bool = True


class Cell(NamedTuple):
    """A cell that looks different on a terminal: ``plain`` goes into pipes."""

    shown: str
    plain: str
    style: str = ""


class Unwritten(Exception):
    """Stdout did not take what was written to it; ``reason`` is why."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Output:
    """Where a verb's words go. ``json`` is whether ``--json`` was given."""

    def __init__(self, *, json: bool = False, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.json = json
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr

    @property
    def on_terminal(self) -> bool:
        """Whether stdout is a terminal."""
        return self._stdout.isatty()

    def say(self, sentence: str) -> None:
        """Tell the person something; never data. Where nobody can be told, the verb goes on."""
        with suppress(OSError):
            self._stderr.write(safe_text(sentence) + "\n")
            self._stderr.flush()

    def object(self, value: Any) -> None:
        """Print one JSON value."""
        from store.shapes import as_json  # with what every row is made of: help and refusals need none of it

        self.raw([as_json(value, 2 if self.on_terminal else None) + "\n"])

    def lines(self, lines: Iterable[str]) -> None:
        """Print lines (or pieces of several), quickly: joined and made safe in blocks."""
        self.raw(map(_safe_lines, _blocks(lines)))

    def raw(self, pieces: Iterable[str]) -> None:
        """Print what is safe already, each piece with its newline.

        Raises:
            Unwritten: it cannot be written: the disk is full, the reader has gone.
        """
        for piece in pieces:
            self._put(piece)
        self._put("", flush=True)

    def _put(self, text: str, *, flush: bool = False) -> None:
        try:
            self._stdout.write(text)
            if flush:
                self._stdout.flush()
        except OSError as error:
            raise Unwritten(error) from error

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]]) -> None:
        """Print a table: rich on a terminal, tab-separated without a heading in a pipe."""
        if self.on_terminal:
            console = self._console()
            table = _rich_table(columns, [*rows], console.width)
            console.width = max(console.width, _wide(table))  # numbers that do not fit are wrapped by the terminal
            with console.capture() as drawn:
                console.print(table)
            self.raw([drawn.get()])
        else:
            self.lines("\t".join(_plain(cell) for cell in row) for row in rows)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Print named values, one a line; values of several lines are indented below their name."""
        pairs = [(name, value) for name, value in facts if value]
        width = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            if "\n" in value:
                self.lines([f"{name}:", *(f"  {line}" for line in value.splitlines())])
            else:
                self.lines([f"{name + ':':<{width + 1}} {value}"])

    def _console(self) -> Console:
        from rich.console import Console

        return Console(file=self._stdout, highlight=False, markup=False, emoji=False)


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size > _BLOCK:
            yield "\n".join(block)
            block, size = [], 0
    if block:
        yield "\n".join(block)


def _safe_lines(text: str) -> str:
    return safe_text(without_sequences(text + "\n"))


def _plain(cell: str | Cell) -> str:
    return safe_text(cell.plain if isinstance(cell, Cell) else cell, one_line=True)


def _rich_table(columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]], room: int) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    shown = [number for number, column in enumerate(columns) if column.on_terminal]
    cells = [[_rich_cell(Text, row[number]) for number in shown] for row in rows]
    widest = [max((row[place].cell_len for row in cells), default=0) for place in range(len(shown))]
    for number, width in zip(shown, _widths([columns[number] for number in shown], widest, room), strict=True):
        justify: Any = "right" if columns[number].right else "left"
        table.add_column(columns[number].title, justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for row in cells:
        table.add_row(*row)
    return table


def _wide(table: Any) -> int:
    """Return how many cells a table takes."""
    return sum(column.width or 0 for column in table.columns) + _GAP * len(table.columns)


def _widths(columns: Sequence[Column], widest: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns that fit beside each other, as far as they can.

    Texts are cut, the longest first; then headings; then short texts. A number never is: it would be another one.

    Args:
        columns: those of the terminal.
        widest: cells of the widest value in each.
        room: columns of the terminal.
    """
    pairs = [*zip(columns, widest, strict=True)]
    headed = [max(len(column.title), cells) for column, cells in pairs]
    widths = [min(width, _LONGEST) if column.ratio else width for (column, _), width in zip(pairs, headed, strict=True)]
    texts = [width if column.right else _SHORT for (column, _), width in zip(pairs, headed, strict=True)]
    headings = [max(cells, 1) if column.right else _SHORT for column, cells in pairs]
    for least in (texts, headings, [max(cells, 1) if column.right else _FEWEST for column, cells in pairs]):
        while sum(widths) + _GAP * len(widths) > room:
            spare = [place for place, width in enumerate(widths) if width > least[place]]
            if not spare:
                break
            widths[max(spare, key=lambda place: widths[place])] -= 1
    return widths


def _rich_cell(text: Any, cell: str | Cell) -> Any:
    shown, style = (cell.shown, cell.style) if isinstance(cell, Cell) else (cell, "")
    return text(safe_text(shown, 200, one_line=True), style=style)


def traceback(error: BaseException) -> None:
    """Print an error of ours with its traceback, safely, on stderr."""
    from rich.console import Console
    from rich.traceback import Traceback

    trace = Traceback.extract(type(error), error, error.__traceback__)
    for stack in trace.stacks:
        stack.exc_value = safe_text(stack.exc_value, 2000)
    Console(stderr=True, markup=False, emoji=False).print(Traceback(trace))


def make_robust() -> None:
    """Let no character of a task's stop a verb: what the terminal's encoding lacks is shown as ``?``."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def abandon_stdout() -> None:
    """After a broken pipe: nothing may be written at exit any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
