"""A chart as a picture for papers: SVG with real lines and text, of nothing but its own elements.

``Picture`` is a board as ``canvas`` is one: what draws cells draws this too. White paper, any sans-serif font, every
text made safe; nothing is fetched, no script, no style sheet. Series differ by dash or by the shape of their points as
well as by colour. No Textual.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from rich.cells import cell_len

from store.safe import safe_text

from .adapter import BAD, BEHIND, SERIES, Axes
from .clip import Point

WIDTH, HEIGHT = 720, 360
"""Of the whole picture, and of what lies within the axes, in pixels; titles, legend and labels come on top of that."""
ACROSS, DOWN = 72, 22
"""The cells that ticks are counted for."""
INK, DIM, RULE, RED, PAPER = "#1a1d21", "#5c6370", "#d9dbdf", "#b3261e", "#ffffff"
DASHES = ("none", "7 3", "2 2.5", "10 3 2 3", "14 4", "6 2 1.5 2 1.5 2", "1 5", "12 3 6 3")
"""One series after the other, then the same as broader lines: sixteen differ, on a printer without colours too."""
_DOT = "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0"
_SQUARE = "m-2.7,-2.7h5.4v5.4h-5.4z"
_UP, _DOWN = "m0,-3.4l3.2,5.6h-6.4z", "m0,3.4l3.2,-5.6h-6.4z"
_DIAMOND = "m0,-3.6l3.2,3.6l-3.2,3.6l-3.2,-3.6z"
_CROSS, _PLUS = "m-2.8,-2.8l5.6,5.6m0,-5.6l-5.6,5.6", "m-3.4,0h6.8m-3.4,-3.4v6.8"
SHAPES = (_DOT, _SQUARE, _UP, _DIAMOND, _CROSS, _PLUS)
_MARKS = {"×": _CROSS, "▲": _UP, "▼": _DOWN}
_CELL = 6.4
"""About how wide a cell of small text is."""
_LINE = 17
_RIGHT = 20
_LONGEST, _LABEL = 60, 30
_MANY = 4000
"""From so many points on a stroke keeps four in each column of pixels."""
_NOT_IN_XML = {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True)
class Entry:
    """A series in the legend: its number, its name, the letter where its line ends, what it is drawn as."""

    number: int
    name: str
    letter: str = ""
    kind: str = "lines"
    """``lines``, ``markers``, ``lines+markers`` or ``bar``."""


@dataclass(frozen=True)
class Head:
    """What stands around the axes; ``inks`` are the colours of the series, ``ruled``: lines go through the y ticks."""

    title: str
    entries: tuple[Entry, ...]
    inks: tuple[str, ...]
    note: str = ""
    x: str = ""
    y: str = ""
    ruled: bool = True


@dataclass(frozen=True)
class Box:
    """Where the board lies, in pixels."""

    left: float
    top: float
    width: float
    height: float

    def place(self, x: float, y: float) -> Point:
        """Return where a place of the board is: parts of its width and, from below, of its height."""
        return self.left + x * self.width, self.top + (1 - y) * self.height


def document(*pictures: Picture) -> str:
    """Return pictures, one below the other, as the text of a file."""
    whole = _root(sum(picture.height for picture in pictures))
    above = 0.0
    for picture in pictures:
        picture.root.set("y", _number(above))
        whole.append(picture.root)
        above += picture.height
    root = whole if len(pictures) > 1 else pictures[0].root
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _root(height: float) -> Element:
    size = {"width": _number(WIDTH), "height": _number(height), "viewBox": f"0 0 {WIDTH} {_number(height)}"}
    return Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "font-family": "sans-serif"})


def drawn(head: Head, axes: Axes, paint: Callable[[Picture], None]) -> Picture:
    """Return a picture in whose middle ``paint`` draws."""
    axes = replace(axes, y_ticks=tuple((at, _line(label.strip(), _LABEL)) for at, label in axes.y_ticks))
    left = 14 + _LINE * bool(head.y) + _CELL * max((cell_len(label) for _, label in axes.y_ticks), default=0)
    rows = list(_rows(head.entries, WIDTH - left - _RIGHT))
    top = 36 + _LINE * (bool(head.note) + len(rows))
    height = top + HEIGHT + 26 + _LINE * bool(head.x)
    picture = Picture(Box(left, top, WIDTH - left - _RIGHT, HEIGHT), height, head.inks)
    picture.around(head)
    for number, row in enumerate(reversed(rows)):
        for at, entry in row:
            picture.entry(left + at, top - 12 - _LINE * number, entry)
    picture.axes(axes, ruled=head.ruled)
    paint(picture)
    picture.letters({entry.number: entry.letter for entry in head.entries})
    return picture


def _rows(entries: Sequence[Entry], room: float) -> Iterator[list[tuple[float, Entry]]]:
    """Yield the rows of the legend: each entry with its place from the left."""
    row: list[tuple[float, Entry]] = []
    at = 0.0
    for entry in entries:
        wide = 44 + _CELL * cell_len(_line(entry.name, _LONGEST))
        if row and at + wide > room:
            yield row
            row, at = [], 0.0
        row.append((at, entry))
        at += wide
    if row:
        yield row


def _line(text: str, limit: int) -> str:
    """Return a stored text as one line that XML can hold."""
    return safe_text(text.translate(_NOT_IN_XML), limit, one_line=True)


class Picture:
    """The picture as it is drawn: what comes later lies above."""

    def __init__(self, box: Box, height: float, inks: Sequence[str]) -> None:
        self.root, self.height = _root(height), height
        self._box, self._inks = box, inks
        self._ends: dict[int, Point] = {}

    # What is drawn within the axes ------------------------------------------------------------------------------

    def stroke(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Draw a line through points; one that has none beside it is a dot."""
        places = zip(xs, ys, strict=True)
        for there, run in groupby(places, key=lambda place: math.isfinite(place[0]) and math.isfinite(place[1])):
            points = [self._box.place(*place) for place in run] if there else []
            if len(points) == 1:
                self._marks(points, role, _shape_of(role))
            elif points:
                self._polyline(points if len(points) < _MANY else _thinned(points), role)
            if points and SERIES <= role < BEHIND:
                self._ends[role - SERIES] = points[-1]

    def points(self, xs: Sequence[float], ys: Sequence[float], role: int, marker: str) -> None:
        """Draw a mark at each point: a series has its own."""
        places = [self._box.place(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
        self._marks(places, role, _MARKS[marker] if role < SERIES else _shape_of(role))

    def bar(self, start: float, stop: float, base: float, tip: float, role: int) -> None:
        """Fill from ``start`` to ``stop`` of the width and from ``base`` to ``tip`` of the height."""
        base, tip = (min(max(end, 0.0), 1.0) for end in (base, tip))
        (left, bottom), (right, top) = self._box.place(start, base), self._box.place(stop, tip)
        self._rect(min(left, right), min(top, bottom), abs(right - left), abs(bottom - top), self._colour(role))

    def cell(self, start: float, stop: float, base: float, tip: float, share: float, text: str) -> None:
        """Fill a cell with a share of the first colour (NaN: none of it), and write into it what has room."""
        (left, bottom), (right, top) = self._box.place(start, base), self._box.place(stop, tip)
        known = math.isfinite(share)
        filled = self._rect(left, top, right - left, bottom - top, self._inks[0] if known else RULE)
        filled.set("fill-opacity", _number(share) if known else "1")
        if right - left > _CELL * len(text) + 2 and bottom - top > 12:
            ink = PAPER if known and share > 0.5 else INK
            self._text((left + right) / 2, (top + bottom) / 2 + 4, text, fill=ink, text_anchor="middle")

    def _polyline(self, points: Sequence[Point], role: int) -> None:
        line = self._shape("polyline", points=" ".join(f"{_number(x)},{_number(y)}" for x, y in points), fill="none",
                           stroke=self._colour(role), stroke_linejoin="round")  # fmt: skip
        line.attrib |= _inked(role)

    def _marks(self, places: Sequence[Point], role: int, shape: str) -> None:
        drawn = dict.fromkeys(f"M{_number(x)},{_number(y)}{shape}" for x, y in places)
        if drawn:
            colour = self._colour(role)
            self._shape("path", d="".join(drawn), fill=colour, stroke=colour)

    def _colour(self, role: int) -> str:
        if role < SERIES:
            return RED if role == BAD else DIM
        return self._inks[(role - BEHIND if role >= BEHIND else role - SERIES) % len(self._inks)]

    def letters(self, letters: Mapping[int, str]) -> None:
        """Write the letter of each series where its line ends."""
        for number, (x, y) in self._ends.items():
            if letters.get(number):
                self._text(x + 5, y + 4, letters[number], fill=self._colour(SERIES + number), font_weight="bold")

    # What stands around it --------------------------------------------------------------------------------------

    def around(self, head: Head) -> None:
        """Write titles and what the axes are."""
        box = self._box
        SubElement(self.root, "title").text = _line(head.title, 200)
        self._shape("rect", width="100%", height="100%", fill=PAPER)
        self._text(box.left, 22, _line(head.title, 80), font_size="15", font_weight="bold")
        self._text(box.left, 22 + _LINE, _line(head.note, 100), fill=DIM)
        self._text(box.left + box.width / 2, box.top + box.height + 36, _line(head.x, 80), text_anchor="middle")
        middle = box.top + box.height / 2
        self._text(14, middle, _line(head.y, 60), text_anchor="middle", transform=f"rotate(-90 14 {_number(middle)})")

    def entry(self, x: float, y: float, entry: Entry) -> None:
        """Write a series of the legend, behind a piece of what it is drawn with."""
        role = SERIES + entry.number
        if entry.kind == "bar":
            self._rect(x + 6, y - 9, 12, 9, self._colour(role))
        if "lines" in entry.kind:
            line = self._ruled((x, y - 4), (x + 26, y - 4), self._colour(role))
            line.attrib |= _inked(role)
        if "markers" in entry.kind:
            self._marks([(x + 13, y - 4)], role, _shape_of(role))
        self._text(x + 31, y, _line(entry.name, _LONGEST))

    def axes(self, axes: Axes, *, ruled: bool) -> None:
        """Draw the axes with their ticks."""
        box = self._box
        for at, label in axes.y_ticks:
            _, y = box.place(0, at)
            self._ruled((box.left - 4, y), (box.left, y), DIM)
            if ruled:
                self._ruled((box.left, y), (box.left + box.width, y), RULE)
            self._text(box.left - 7, y + 4, label, fill=DIM, text_anchor="end")
        for at, label in axes.x_ticks:
            x, bottom = box.place(at, 0)
            self._ruled((x, bottom), (x, bottom + 4), DIM)
            self._text(x, bottom + 17, _line(label, 40), fill=DIM, text_anchor="middle")
        self._ruled(box.place(0, 1), box.place(0, 0), DIM)
        self._ruled(box.place(0, 0), box.place(1, 0), DIM)

    def _ruled(self, start: Point, end: Point, colour: str) -> Element:
        (x1, y1), (x2, y2) = start, end
        return self._shape("line", x1=_number(x1), y1=_number(y1), x2=_number(x2), y2=_number(y2), stroke=colour)

    def _rect(self, x: float, y: float, width: float, height: float, colour: str) -> Element:
        size = {"width": _number(width), "height": _number(height)}
        return self._shape("rect", x=_number(x), y=_number(y), **size, fill=colour)

    def _text(self, x: float, y: float, text: str, **looks: str) -> None:
        if text:
            looks = {"font_size": "11", "fill": INK} | looks
            self._shape("text", x=_number(x), y=_number(y), **looks).text = text

    def _shape(self, tag: str, **looks: str) -> Element:
        return SubElement(self.root, tag, {name.replace("_", "-"): value for name, value in looks.items() if value})


def _inked(role: int) -> dict[str, str]:
    """Return how the line of a series looks beside its colour: faint behind the others, else with its own dash."""
    if role >= BEHIND:
        return {"stroke-opacity": "0.35"}
    turn, number = divmod(role - SERIES, len(DASHES))
    return {"stroke-width": "1.6" if turn % 2 == 0 else "3", "stroke-dasharray": DASHES[number]}


def _shape_of(role: int) -> str:
    return SHAPES[(role - SERIES) % len(SHAPES)] if role < BEHIND else _DOT


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Return of neighbours in one column of pixels the first, the lowest, the highest and the last."""
    kept: list[Point] = []
    for _, run in groupby(points, key=lambda point: int(point[0])):
        near = list(run)
        ends = {0, len(near) - 1, *(pick(range(len(near)), key=lambda n: near[n][1]) for pick in (min, max))}
        kept += [near[n] for n in sorted(ends)]
    return kept


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
