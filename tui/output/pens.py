"""Styles as pens: one character each, so that a row's styles are a string as long as its text.

A pen is the meaning of one SGR sequence taken apart, so that going from one pen to the next costs the fewest bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ON = {1: 22, 2: 22, 3: 23, 4: 24, 21: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 51: 54, 52: 54, 53: 55}
"""SGR codes of the marks a pen can have, each with the code that ends it."""
_ON_BLANKS = frozenset({4, 21, 5, 6, 7, 9, 51, 52, 53})
"""Marks that show on a space too."""
DEFAULT = "\0"
"""The pen after a reset."""
_LIMIT = 50_000
_MANY = 24


class Pen(NamedTuple):
    """Marks by their SGR code, colours as the parameters that choose them (empty: the terminal's own)."""

    marks: tuple[int, ...] = ()
    ink: str = ""
    paper: str = ""


class Pens:
    """Knows every pen in use by a character.

    Args:
        colour: whether any colour may be sent at all.
    """

    def __init__(self, colour: bool = True) -> None:
        self._colour = colour
        self.by_ansi: dict[str | None, str] = {}
        """The pens that ``of`` has returned."""
        self._by_pen: dict[Pen, str] = {}
        self._pens: list[Pen] = []
        self._blanks: list[str] = []
        self._families: dict[str, str] = {}
        self._changes: dict[str, str] = {}
        self.of("")

    @property
    def full(self) -> bool:
        """Whether there are too many pens to go on: time to begin anew."""
        return len(self._pens) >= _LIMIT

    def of(self, ansi: str) -> str:
        """Return the pen for the parameters of an SGR sequence."""
        found = self.by_ansi.get(ansi)
        if found is None:
            found = self.by_ansi[ansi] = self._named(parse(ansi, self._colour))
        return found

    def _named(self, pen: Pen) -> str:
        found = self._by_pen.get(pen)
        if found is not None:
            return found
        found = self._by_pen[pen] = chr(len(self._pens))
        self._pens.append(pen)
        self._blanks.append(found)
        if not _ON_BLANKS.intersection(pen.marks):
            blank = self._named(Pen(paper=pen.paper))
            self._blanks[ord(found)] = blank
            self._families[blank] = self._families.get(blank, "") + found
        return found

    def blank(self, pen: str) -> str:
        """Return the simplest pen with which a space looks the same."""
        return self._blanks[ord(pen)]

    def family(self, pen: str) -> str:
        """Return all pens with which a space looks the same."""
        return self._families.get(self.blank(pen), pen)

    def erases(self, pen: str) -> bool:
        """Whether an erased cell looks like a space written with this pen."""
        return self.blank(pen) in self._families

    def has_paper(self, pen: str) -> bool:
        """Whether the pen has a background of its own."""
        return bool(self._pens[ord(pen)].paper)

    def change(self, old: str, new: str) -> str:
        """Return the shortest sequence that turns one pen into another."""
        found = self._changes.get(old + new)
        if found is None:
            if len(self._changes) > _LIMIT:
                self._changes.clear()
            found = self._changes[old + new] = change(self._pens[ord(old)], self._pens[ord(new)])
        return found

    def way(self, start: str, pens: Iterable[str]) -> dict[str, int]:
        """Return a rank for each pen, so that taking them in this order costs few bytes: the nearest comes next.

        Of many, as a picture has them, each against each would take longer than to send it: they come by their paper.
        """
        left, ranks, at = set(pens), dict[str, int](), start
        if len(left) > _MANY:
            return {pen: rank for rank, pen in enumerate(sorted(left, key=lambda pen: (self.blank(pen), pen)))}
        while left:
            costs = {pen: 0 if pen == self.blank(at) else len(self.change(at, pen)) for pen in left}
            pen = min(left, key=lambda pen: (costs[pen], pen))
            ranks[pen] = len(ranks)
            at = pen if pen != self.blank(at) else at  # a space looks the same: the pen that is taken stays
            left.remove(pen)
        return ranks


def parse(ansi: str, colour: bool = True) -> Pen:
    """Take the parameters of an SGR sequence apart; what is not known is left out."""
    marks: set[int] = set()
    ink = paper = ""
    codes = iter(ansi.split(";"))
    for code in codes:
        number = int(code) if code.isdecimal() else -1
        if number in (38, 48):
            colours = _extended(code, codes)
            ink, paper = (colours, paper) if number == 38 else (ink, colours)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            ink = code
        elif 40 <= number <= 47 or 100 <= number <= 107:
            paper = code
        elif number in ON:
            marks.add(number)
    return Pen(tuple(sorted(marks)), ink, paper) if colour else Pen(tuple(sorted(marks)))


def _extended(code: str, codes: Iterable[str]) -> str:
    rest = iter(codes)
    kind = next(rest, "")
    values = [next(rest, "0") for _ in range(3 if kind == "2" else 1)]
    return ";".join([code, kind, *values])


def change(old: Pen, new: Pen) -> str:
    """Return the shorter of changing what differs and of beginning with a reset; nothing between equal pens."""
    if old == new:
        return ""
    ended = {ON[mark] for mark in old.marks if mark not in new.marks}
    codes = [str(code) for code in sorted(ended)]
    codes += [str(mark) for mark in new.marks if mark not in old.marks or ON[mark] in ended]
    codes += [new.ink or "39"] if new.ink != old.ink else []
    codes += [new.paper or "49"] if new.paper != old.paper else []
    anew = [str(mark) for mark in new.marks] + [part for part in (new.ink, new.paper) if part]
    step, reset = ";".join(codes), ";".join(["0", *anew]) if anew else ""
    return f"\x1b[{min(step, reset, key=len)}m"
