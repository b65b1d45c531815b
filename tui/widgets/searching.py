"""Searching in a pane of lines: where the matches are, which one is the present one, and how they stand out.

Used by the console, whose lines are searched in the store, and by panes whose lines are all here. Patterns are regular
expressions; one in lower case ignores case, as in editors. ``SearchedLines`` is what both kinds have in common. Knows
neither the store nor the screen.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from .lines import LinesView, Row

ERRORS = r"Traceback|[Ee]rror|ERROR|[Ee]xception|CRITICAL|FATAL|[Oo]ut of memory|\bnan\b|\bNaN\b"
"""What ``!`` jumps to."""


class Wanted(NamedTuple):
    """What is searched for, as ``store.queries.console.search`` takes it."""

    pattern: str
    ignore_case: bool
    inverted: bool


def wanted_of(text: str) -> Wanted:
    """Return what a typed text searches for: behind ``!`` the lines without it; the sign itself is ``[!]``."""
    inverted = text.startswith("!") and len(text) > 1
    return Wanted(text[inverted:], text == text.lower(), inverted)


class Matches:
    """Numbers of the matching lines in ascending order, as found so far.

    Raises:
        re.error: the text is no regular expression.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.wanted = wanted_of(text)
        self.pattern = re.compile(self.wanted.pattern, re.IGNORECASE if self.wanted.ignore_case else 0)
        self.lines: array[int] = array("q")
        self.searched = 0
        """Lines below this number have been looked at."""
        self.current: int | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def fits(self, line: str) -> bool:
        """Whether a line is a match."""
        return (self.pattern.search(line) is None) == self.wanted.inverted

    def after(self, line: int) -> int | None:
        """Return the first match after a line; past the last one, the first of all."""
        place = bisect_left(self.lines, line + 1)
        return self.lines[place % len(self.lines)] if self.lines else None

    def before(self, line: int) -> int | None:
        """Return the last match before a line; before the first one, the last of all."""
        return self.lines[bisect_left(self.lines, line) - 1] if self.lines else None

    def nearest(self, line: int) -> int | None:
        """Return the match nearest to a line."""
        place = bisect_left(self.lines, line)
        return min(self.lines[max(0, place - 1) : place + 1], key=lambda match: abs(match - line), default=None)

    def caption(self) -> str:
        """``3 of 40``, ``40 matches`` or ``no match``."""
        if not self.lines:
            return "no match"
        if self.current is None:
            return f"{len(self.lines):,} match{'es' if len(self.lines) > 1 else ''}"
        return f"{bisect_left(self.lines, self.current) + 1:,} of {len(self.lines):,}"


def marked(strip: Strip, pattern: re.Pattern[str], style: Style) -> Strip:
    """Return a line's cells with every match in a style."""
    text = strip.text
    spots = [m.span() for m in pattern.finditer(text) if m.end() > m.start()]
    if not spots:
        return strip
    pieces: list[Segment] = []
    at = 0
    for segment in strip:
        pieces += _split(segment, at, spots, style)
        at += len(segment.text)
    return Strip(pieces)


def _split(segment: Segment, at: int, spots: list[tuple[int, int]], style: Style) -> list[Segment]:
    text, own = segment.text, segment.style or Style()
    cuts = sorted({0, len(text), *(min(max(0, edge - at), len(text)) for spot in spots for edge in spot)})
    return [
        Segment(text[a:b], own + style if any(s <= at + a < e for s, e in spots) else own) for a, b in pairwise(cuts)
    ]


class SearchedLines(LinesView):
    """Lines with ``/``, ``n`` and ``N``. A subclass says how it looks for matches, and from where."""

    def __init__(self, rows: Sequence[Row] = (), *, id: str | None = None) -> None:
        super().__init__(rows, id=id)
        self.matches: Matches | None = None

    def strip(self, index: int) -> Strip:
        """A row's cells; with what is searched for standing out."""
        strip = super().strip(index)
        if self.matches is None or self.matches.wanted.inverted:
            return strip
        return marked(strip, self.matches.pattern, self.style("reverse"))

    def search(self, text: str, *, only: bool = False) -> str | None:
        """Search for a regular expression, or for nothing; ``only`` keeps only matching lines in sight.

        Returns:
            Why it cannot be, None if it can.
        """
        try:
            matches = Matches(text) if text else None
        except re.error as error:
            return f"Cannot search for this: {error}. Write a regular expression, \\ before special characters."
        self.look_for(matches, only=only)
        return None

    def look_for(self, matches: Matches | None, *, only: bool) -> None:
        """Begin a search, or end the one there is."""
        raise NotImplementedError

    def line_number(self, index: int) -> int:
        """Return by which number matches know the line at a place of the view."""
        return index

    @property
    def standing(self) -> int | None:
        """The number of the match one stands on, None once it is out of sight."""
        current = None if self.matches is None else self.matches.current
        return current if current in [self.line_number(index) for index, _ in self._layout()] else None

    @property
    def here(self) -> int:
        """The number of the line one looks at: the match one stands on, else the cursor's, else the first in sight."""
        if self.standing is not None:
            return self.standing
        return self.line_number(self.top if self.cursor is None else self.cursor) if self.count else 0

    def jump(self, number: int | None) -> None:
        """Go to a match."""
        raise NotImplementedError

    def action_next_match(self) -> None:
        """The match after the one in sight, else the first from where one looks on; after the last one the first."""
        if self.matches is not None:
            stand = self.standing
            self.jump(self.matches.after(self.here - 1 if stand is None else stand))

    def action_previous_match(self) -> None:
        """The match before that, and before the first one the last."""
        if self.matches is not None:
            self.jump(self.matches.before(self.here))

    def leave(self) -> bool:
        """End the search, if there is one."""
        searched = self.matches is not None
        if searched:
            self.search("")
        return searched
