"""Diffs of two texts as rows. Pure, and bounded in what it costs.

Consoles are full of lines that look alike. Python's own matcher leaves lines out that come often, and then finds two
consoles different from the first line on that differs; so Myers' algorithm comes first, which is quick where texts are
alike, and Python's serves where they have little in common.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Sequence

from tui.charts.cache import Kept
from tui.widgets.lines import Row, shown

LONGEST = 2000
"""Lines of each text that are compared."""
MOST_EDITS = 800
"""Lines left out and put in, beyond which texts have little in common; the cost grows with its square."""
CONTEXT = 3
WAIT: Row = (("comparing…", "dim"),)
"""Stands where a diff is still being made."""
_NUMBER = re.compile(r"[-+]?(?:\d[\d,_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def without_numbers(line: str) -> str:
    """Return a line with ``#`` for each number in it, so that lines that only count look the same."""
    return _NUMBER.sub("#", line)


class _Matcher(difflib.SequenceMatcher[str]):
    """Python's matcher, with blocks by Myers where those are found."""

    def __init__(self, a: Sequence[str], b: Sequence[str]) -> None:
        super().__init__(None, a, b)
        self._pair = (a, b)

    def get_matching_blocks(self) -> list[difflib.Match]:
        """Return the blocks of equal lines, the last of them empty."""
        pairs = matched(*self._pair)
        if pairs is None:
            return super().get_matching_blocks()
        blocks: list[difflib.Match] = []
        for x, y in pairs:
            last = blocks[-1] if blocks else difflib.Match(0, 0, 0)
            if blocks and (x, y) == (last.a + last.size, last.b + last.size):
                blocks[-1] = difflib.Match(last.a, last.b, last.size + 1)
            else:
                blocks.append(difflib.Match(x, y, 1))
        return [*blocks, difflib.Match(len(self._pair[0]), len(self._pair[1]), 0)]


def matched(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return which lines of two texts are the same, as few left out as can be; None for more than ``MOST_EDITS``."""
    trace: list[dict[int, int]] = []
    ends = {1: 0}
    for edits in range(MOST_EDITS + 1):
        trace.append(ends.copy())
        for diagonal in range(-edits, edits + 1, 2):
            x = _start(ends, diagonal, edits)
            while x < len(a) and x - diagonal < len(b) and a[x] == b[x - diagonal]:
                x += 1
            ends[diagonal] = x
            if x >= len(a) and x - diagonal >= len(b):
                return _traced(trace, len(a), len(b))
    return None


def _start(ends: dict[int, int], diagonal: int, edits: int) -> int:
    """Where a path on a diagonal begins: one line further down, or to the right, than the better of its neighbours."""
    down = diagonal == -edits or (diagonal != edits and ends[diagonal - 1] < ends[diagonal + 1])
    return ends[diagonal + 1] if down else ends[diagonal - 1] + 1


def _traced(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """Go back along the path that came to (x, y), noting the equal lines on it."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        ends, diagonal = trace[edits], x - y
        start = _start(ends, diagonal, edits)
        while x > start:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        came_down = start == ends.get(diagonal + 1)
        x, y = (x, y - 1) if came_down else (x - 1, y)
    return pairs[::-1]


def changed(a: Sequence[str], b: Sequence[str], *, numbers: bool = True) -> list[tuple[str, str]]:
    """Return the differences with some lines around each, as (sign, line); ``@`` parts them.

    Args:
        a: lines of the first text; those beyond ``LONGEST`` are left out.
        b: lines of the second.
        numbers: whether lines that differ in numbers only are different.
    """
    a, b = a[:LONGEST], b[:LONGEST]
    left, right = (a, b) if numbers else ([*map(without_numbers, a)], [*map(without_numbers, b)])
    found: list[tuple[str, str]] = []
    for group in _Matcher(left, right).get_grouped_opcodes(CONTEXT):
        found.append(("@", f"lines {group[0][1] + 1}-{group[-1][2]} and {group[0][3] + 1}-{group[-1][4]}"))
        for kind, start, stop, other, end in group:
            if kind == "equal":
                found += [(" ", line) for line in b[other:end]]
            else:
                found += [*(("-", line) for line in a[start:stop]), *(("+", line) for line in b[other:end])]
    return found


_ROLES = {"@": "accent", "-": "removed", "+": "added", " ": "dim"}


def rows(found: Sequence[tuple[str, str]]) -> list[Row]:
    """Return a diff as rows: a sign, then the line."""
    return [((f"{sign} ", _ROLES[sign]), shown(line.expandtabs(4), _ROLES[sign])) for sign, line in found]


class Differ:
    """Diffs made in a thread, kept until a text changes."""

    def __init__(self) -> None:
        self._kept: Kept[list[tuple[str, str]]] = Kept(32)

    async def of(self, a: Sequence[str], b: Sequence[str], *, numbers: bool = True) -> list[tuple[str, str]]:
        """Return the differences of two texts, as ``changed`` does."""
        key = (tuple(a), tuple(b), numbers)
        found = self._kept.find(key)
        return (
            found if found is not None else self._kept.put(key, await asyncio.to_thread(changed, a, b, numbers=numbers))
        )


def cut_note(a: Sequence[str], b: Sequence[str]) -> str:
    """Return what to say where a text was too long to be compared whole."""
    return f"the first {LONGEST:,} lines of each" if max(len(a), len(b)) > LONGEST else ""
