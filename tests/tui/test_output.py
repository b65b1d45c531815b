"""The stage by itself: whatever stands on the screen, what it sends makes it the picture that is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from tests.tui.terminals import Terminal, differences
from tui.output import pens
from tui.output.stage import Stage

WIDTH, HEIGHT = 24, 8
STYLES = [
    None,
    *map(Style.parse, ("white on black", "bold white on black", "dim red on #13161b", "#c3c9d4 on #13161b", "reverse",
                       "underline blue", "strike on #2b3646", "italic green on #13161b", "bold dim", "not bold")),
]  # fmt: skip
PIECES = ["a", "word", "  ", " " * 12, "│", "─" * 9, "名前", "한", "e\u0301", "\U0001f680", "⣿⡇", "0.213", "x" * 15]

segments = st.tuples(st.sampled_from(PIECES), st.sampled_from(STYLES))
lines = st.lists(segments, min_size=1, max_size=6)
screens = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT)


def strip(line: Sequence[tuple[str, Style | None]]) -> Strip:
    made = Strip([Segment(text, style) for text, style in line])
    return made.adjust_cell_length(WIDTH, STYLES[4])


def update(screen: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in screen], Size(WIDTH, HEIGHT).region)


class Drawn:
    """A stage and the terminal it draws on."""

    def __init__(self, *, colour: bool = True, erases: bool = True) -> None:
        self.terminal = Terminal(WIDTH, HEIGHT)
        self.waiting: list[Callable[[], None]] = []
        self.slow = False
        self.stage = Stage(self._show, ColorSystem.TRUECOLOR, colour=colour, erases=erases)

    def _show(self, frame: str, done: Callable[[], None]) -> bool:
        self.terminal.feed(frame)
        self.waiting.append(done)
        if not self.slow:
            self.read()
        return True

    def read(self) -> None:
        for done in self.waiting:
            done()
        self.waiting.clear()

    def draw(self, screen: list[Strip], cursor: tuple[int, int] = (0, 0)) -> int:
        """Return the number of bytes sent."""
        before = self.terminal.size
        self.stage.take(update(screen), Size(WIDTH, HEIGHT), Offset(*cursor))
        self.stage.send()
        return self.terminal.size - before

    def shows(self, screen: list[Strip]) -> list[str]:
        """Return where the terminal differs from one on which Textual drew the screen."""
        stock = Terminal(WIDTH, HEIGHT)
        stock.feed(update(screen).render_segments(Console(color_system="truecolor")))
        return [*differences(self.terminal, stock)]


@settings(max_examples=100, deadline=None)
@given(screens, screens, st.booleans(), st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)))
def test_any_screen_becomes_any_other(
    one: list[list[tuple[str, Style | None]]],
    two: list[list[tuple[str, Style | None]]],
    erases: bool,
    cursor: tuple[int, int],
) -> None:
    drawn = Drawn(erases=erases)
    for screen in ([strip(line) for line in one], [strip(line) for line in two]):
        drawn.draw(screen, cursor)
        assert drawn.shows(screen) == []
        assert drawn.terminal.cursor() == cursor
        assert drawn.draw(screen, cursor) == 0


@settings(max_examples=100, deadline=None)
@given(screens, st.integers(1, HEIGHT - 1), st.booleans(), st.integers(0, 3), st.integers(0, 3), lines)
def test_lines_that_moved(
    one: list[list[tuple[str, Style | None]]],
    by: int,
    up: bool,
    above: int,
    below: int,
    new: list[tuple[str, Style | None]],
) -> None:
    first = [strip(line) for line in one]
    part, blank = first[above : HEIGHT - below], [strip(new)] * by
    moved = (part[by:] + blank)[: len(part)] if up else (blank + part)[: len(part)]
    second = [*first[:above], *moved, *first[HEIGHT - below :]]
    drawn = Drawn()
    drawn.draw(first)
    drawn.draw(second)
    assert drawn.shows(second) == []


PAIRS = ["ab", "0.", "名", "前", "한", "e\u0301x", "\U0001f680", "\U0001f52d", "  ", "─│"]
"""Texts two cells wide."""
pair = st.tuples(st.sampled_from(PAIRS), st.sampled_from(STYLES[1:5]))
places = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH // 2 - 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(pair, min_size=5, max_size=7), st.lists(st.tuples(places, pair), min_size=1, max_size=6))
def test_a_few_cells_change(
    pattern: list[tuple[str, Style]], changes: list[tuple[tuple[int, int], tuple[str, Style]]]
) -> None:
    screen = [[pattern[(x + y) % len(pattern)] for x in range(WIDTH // 2)] for y in range(HEIGHT)]
    drawn = Drawn()
    drawn.draw([strip(line) for line in screen])
    for (y, x), change in changes:
        screen[y][x] = change
    drawn.draw([strip(line) for line in screen])
    assert drawn.shows([strip(line) for line in screen]) == []


def test_a_wide_character_takes_the_place_of_another() -> None:
    drawn = Drawn()
    for text in ("名 unchanged 1", "前 unchanged 2"):
        rows = [strip([(text, STYLES[4])])] * HEIGHT
        drawn.draw(rows)
        assert drawn.shows(rows) == []


def test_what_stands_behind_a_glyph_of_doubtful_width_stands_right() -> None:
    """The emulator takes a check mark with an emoji selector for one cell, the layout for two."""
    drawn = Drawn()
    rows = [strip([("\u2714\ufe0fab cd", STYLES[4])])] * HEIGHT
    drawn.draw(rows)
    assert drawn.terminal.screen.display[0][2:7] == "ab cd"
    rows[1:2] = [strip([("\u2714\ufe0fab ce", STYLES[4])])]
    drawn.draw(rows)
    assert drawn.terminal.screen.display[1][2:7] == "ab ce"


def test_half_a_wide_character_covered_by_another_widget_leaves_a_blank() -> None:
    drawn = Drawn()
    drawn.draw([strip([("名前", STYLES[4])])] * HEIGHT)
    over = LayoutUpdate([[Strip([Segment("ab")])]], Region(1, 2, 2, 1))
    drawn.stage.take(over, Size(WIDTH, HEIGHT), Offset(0, 0))
    drawn.stage.send()
    assert drawn.terminal.screen.display[1].startswith("名前")
    assert drawn.terminal.screen.display[2].startswith(" ab ")


def test_a_line_of_a_log_costs_little_more_than_its_text() -> None:
    drawn = Drawn()
    log = [strip([(f"line {n} with {n * 7919 % 1000}", STYLES[4])]) for n in range(HEIGHT + 1)]
    drawn.draw(log[:HEIGHT])
    assert drawn.draw(log[1:]) < 90
    assert "\x1b[r" in drawn.terminal.fed[-1]
    assert drawn.shows(log[1:]) == []
    drawn.draw(log[:HEIGHT])
    assert "\x1bM" in drawn.terminal.fed[-1]
    assert drawn.shows(log[:HEIGHT]) == []


def test_one_digit_costs_a_few_bytes() -> None:
    drawn = Drawn()
    rows = [strip([("value 1", STYLES[4])]) for _ in range(HEIGHT)]
    drawn.draw(rows)
    rows[3] = strip([("value 2", STYLES[4])])
    assert drawn.draw(rows) < 60
    assert drawn.shows(rows) == []


def test_a_slow_terminal_gets_the_newest_picture_only() -> None:
    drawn = Drawn()
    drawn.slow = True
    screens = [[strip([(f"frame {n}", STYLES[4])])] * HEIGHT for n in range(100)]
    sent = [drawn.draw(screen) for screen in screens]
    assert [count for count in sent if count] == sent[:1]
    drawn.read()
    drawn.stage.send()
    assert drawn.shows(screens[-1]) == []
    assert "frame 50" not in "".join(drawn.terminal.fed)


def test_after_forgetting_everything_is_drawn_anew() -> None:
    drawn = Drawn()
    rows = [strip([(f"row {n}", STYLES[4])]) for n in range(HEIGHT)]
    drawn.draw(rows)
    drawn.terminal.feed("\x1b[4;1Hsomebody else's words")
    assert drawn.shows(rows) != []
    drawn.stage.forget()
    drawn.draw(rows)
    assert drawn.shows(rows) == []


@given(st.text(max_size=30), st.sampled_from(STYLES))
def test_no_text_gets_a_control_character_out(text: str, style: Style | None) -> None:
    drawn = Drawn()
    drawn.draw([Strip([Segment(text + "\x1b]0;owned\x07\x9b2J\x85", style)], None)] * HEIGHT)
    sent = "".join(drawn.terminal.fed[1:])
    assert "\x1b]" not in sent and "\x07" not in sent
    assert not {chr(code) for code in range(0x7F, 0xA0)} & set(sent)
    sent.encode()


@given(screens)
def test_without_colour_none_is_sent(screen: list[list[tuple[str, Style | None]]]) -> None:
    drawn = Drawn(colour=False)
    drawn.draw([strip(line) for line in screen])
    codes = {code for text in drawn.terminal.fed for code in _sgr(text)}
    assert codes <= {"", "0", *map(str, pens.ON), *map(str, pens.ON.values())}


def _sgr(text: str) -> list[str]:
    return [code for found in re.findall(r"\x1b\[([0-9;]*)m", text) for code in found.split(";")]


ANSI = st.lists(
    st.sampled_from(["1", "2", "3", "4", "7", "9", "31", "97", "44", "38;5;7", "48;5;9", "38;2;1;2;3", "48;2;4;5;6"]),
    max_size=5,
).map(";".join)


@given(ANSI, ANSI)
def test_a_change_of_pens_is_right_and_never_longer_than_a_reset(old: str, new: str) -> None:
    before, after = pens.parse(old), pens.parse(new)
    step = pens.change(before, after)
    assert _applied(before, step) == after
    whole = ";".join(["0", *map(str, after.marks), *filter(None, (after.ink, after.paper))])
    assert len(step) <= len(f"\x1b[{whole}m")


@pytest.mark.parametrize(("count", "most"), [(20, 230), (600, 600)])
def test_many_pens_are_put_in_an_order_without_looking_at_each_pair(count: int, most: int) -> None:
    known = pens.Pens()
    used = [known.of(f"38;2;{n % 256};{n // 256};7;48;2;{n % 5};0;0") for n in range(count)]
    ranks = known.way(used[0], used)
    assert sorted(ranks.values()) == list(range(count)) and ranks.keys() == set(used)
    assert len(known._changes) <= most


def _applied(pen: pens.Pen, step: str) -> pens.Pen:
    """What a terminal makes of a change."""
    marks, ink, paper = set(pen.marks), pen.ink, pen.paper
    codes = iter(step[2:-1].split(";") if step else ())
    for code in codes:
        if code in ("38", "48"):
            kind = next(codes)
            value = ";".join([code, kind, *(next(codes) for _ in range(3 if kind == "2" else 1))])
            ink, paper = (value, paper) if code == "38" else (ink, value)
        elif code in ("", "0"):
            marks, ink, paper = set(), "", ""
        elif code in ("39", "49"):
            ink, paper = ("", paper) if code == "39" else (ink, "")
        elif int(code) in pens.ON:
            marks.add(int(code))
        elif int(code) in pens.ON.values():
            marks -= {mark for mark, off in pens.ON.items() if off == int(code)}
        else:
            ink, paper = (code, paper) if code[0] in "39" else (ink, code)
    return pens.Pen(tuple(sorted(marks)), ink, paper)
