"""What is drawn for a change: what Textual would show, and no more than was asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.both import TwoTerminals
from tui.output.compose import Changes, Composed

WIDTH, HEIGHT = 30, 10
TEXTS = ("abcdefgh", "─│é…", "⣿⡇⠁", "  x  ")
"""No wide characters: Textual cuts one in two where a widget ends that lies behind it."""


class Card(Widget):
    """A widget anywhere, over or under others, that repeats a text in each row."""

    DEFAULT_CSS = "Card { position: absolute; background: #13161b; }"

    def __init__(self, place: Region, text: str, layer: str) -> None:
        super().__init__()
        self.rows, self.asked = [text] * place.height, list[Region]()
        self.styles.layer, self.styles.offset = layer, (place.x, place.y)
        self.styles.width, self.styles.height = place.width, place.height

    def change(self, text: str, rows: set[int]) -> None:
        """Show a text in some rows; in all if none is there."""
        there = rows & set(range(len(self.rows)))
        self.rows = [text if y in there or not there else row for y, row in enumerate(self.rows)]
        self.refresh(*(Region(0, y, self.size.width, 1) for y in there))

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked.append(crop)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(self.rows[y][y % 3 :] * WIDTH, Style.parse("green"))]).adjust_cell_length(self.size.width)


class Table(Composed, Screen[None]):
    DEFAULT_CSS = "Table { layers: low high; }"

    def __init__(self, cards: list[Card]) -> None:
        super().__init__()
        self.cards = cards

    def compose(self) -> ComposeResult:
        yield from self.cards


class Game(TwoTerminals):
    """Shows cards that lie one over another."""

    def __init__(self, cards: list[Card]) -> None:
        super().__init__()
        self.cards = cards

    def get_default_screen(self) -> Screen[None]:
        return Table(self.cards)


places = st.builds(Region, st.integers(-3, WIDTH), st.integers(-2, HEIGHT), st.integers(1, 18), st.integers(1, 6))
cards = st.lists(st.tuples(places, st.sampled_from(TEXTS), st.sampled_from(("low", "high"))), min_size=1, max_size=5)
changes = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(TEXTS), st.sets(st.integers(0, 6), max_size=3)), max_size=4
)


@settings(max_examples=60, deadline=None)
@given(cards, changes)
async def test_whatever_lies_over_what_the_terminal_shows_what_textual_would(
    dealt: list[tuple[Region, str, str]], steps: list[tuple[int, str, set[int]]]
) -> None:
    app = Game([Card(*each) for each in dealt])
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        for index, text, where in steps:
            app.cards[index % len(app.cards)].change(text, where)
            await pilot.pause()
        await pilot.pause()
        assert app.differs() == []


async def test_of_each_widget_the_lines_that_changed_are_drawn_and_of_one_behind_nothing() -> None:
    behind, front, aside = (
        Card(Region(0, 0, 20, 8), TEXTS[0], "low"), Card(Region(2, 1, 12, 5), TEXTS[2], "high"),
        Card(Region(22, 0, 8, 8), TEXTS[0], "low"),
    )  # fmt: skip
    app = Game([behind, front, aside])
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause()
        for card in app.cards:
            card.asked.clear()
        screen: Any = app.screen
        screen._compositor._dirty_regions.update({Region(2, 2, 4, 1), Region(26, 6, 2, 1)})
        changed = screen._compositor.render_partial_update()
        assert isinstance(changed, Changes)
        assert [(y, x, strip.cell_length) for y, x, strip in changed.pieces()] == [(2, 2, 4), (6, 26, 2)]
        assert (behind.asked, front.asked, aside.asked) == ([], [Region(0, 1, 12, 1)], [Region(0, 6, 8, 1)])
