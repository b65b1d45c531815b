"""The console pane: pages, following, searching, colours, and what never gets through."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from store.engine import Store
from store.records import Line
from tests.tui.made import OnTask, Opened, Run, draft, new_store
from tui.widgets import ansi
from tui.widgets.console import Console
from tui.widgets.linepages import PAGE
from tui.widgets.tabs import SearchInput


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def console(opened: Opened) -> Console:
    return opened.screen.query_one(Console)


async def test_it_opens_at_the_end_and_follows(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n}" for n in range(1000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 999", "1,000 lines", "follow")
        run.say("a new line")
        await opened.sees("a new line", "1,001 lines")


async def test_followed_lines_are_there_before_the_pane_is_told_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store)
    there: list[bool] = []

    def scrolled(pane: Console) -> None:
        there.append(pane._all_read())
        pane.refresh()

    run.say(*(f"line {n}" for n in range(300)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 299", "300 lines")
        reads = console(opened).pages.reads
        monkeypatch.setattr(Console, "scrolled", scrolled)
        run.say("a new line")
        await opened.sees("a new line", "301 lines")
        assert there and all(there)
        assert console(opened).pages.reads == reads + 1


async def test_no_frame_has_a_gap_where_new_lines_begin_a_page(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n}" for n in range(PAGE - 6)))
    async with OnTask(store, run.id, "console", (80, 30)) as opened:
        await opened.sees(f"line {PAGE - 7}")
        frames: list[str] = []
        opened.app.drawn = lambda: frames.append(opened.text())
        run.say(*(f"line {n}" for n in range(PAGE - 6, PAGE + 6)))
        await opened.sees(f"line {PAGE + 5}")
        grown = [frame for frame in frames if f"line {PAGE + 5}" in frame]
        assert grown and all(f"line {n}" in frame for frame in grown for n in range(PAGE - 6, PAGE + 6)), grown[0]


async def test_only_the_pages_in_sight_are_read(store: Store) -> None:
    run = Run(store)
    for start in range(0, 40_000, 10_000):
        run.say(*(f"line {n}" for n in range(start, start + 10_000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 39999")
        assert console(opened).pages.reads <= 2
        await opened.press("g")
        await opened.sees("line 1\n")
        assert console(opened).pages.reads <= 4


async def test_scrolling_up_stops_following_and_the_end_starts_it_again(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n}" for n in range(500)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 499")
        await opened.press("k")
        assert not console(opened).following
        run.say("later")
        await opened.sees("501 lines")
        assert "later" not in opened.text()
        await opened.press("G")
        await opened.sees("later", "follow")
        await opened.press("f")
        assert not console(opened).following


async def test_a_jump_is_drawn_once_with_the_lines_it_leads_to(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.widgets.console.PATIENCE", 60.0)
    run = Run(store)
    run.say(*(f"line {n}" for n in range(5000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 4999")
        drawn: list[str] = []
        draw = console(opened).render_line

        def noted(y: int) -> Strip:
            drawn.append(draw(y).text)
            return draw(y)

        monkeypatch.setattr(console(opened), "render_line", noted)
        await opened.press("g")
        await opened.sees("line 1\n")
        assert drawn and not [text for text in drawn if text.startswith("…")]


async def test_ctrl_g_goes_to_a_line_or_a_time(store: Store) -> None:
    run = Run(store)
    noon = datetime(2026, 3, 4, 12, 0).timestamp()
    run._take(run.script.batch(lines=[Line(noon + n, "out", 0, f"line {n}") for n in range(5000)]))
    async with OnTask(store, run.id, "console") as opened:

        def top() -> str:
            return opened.text().splitlines()[3].strip()

        async def go(text: str) -> None:
            await opened.press("ctrl+g")
            await opened.sees("line or time:")
            await opened.press(*text, "enter")

        await opened.sees("line 4999")
        await go("1201")
        await opened.until(lambda: top() == "line 1200")
        assert not console(opened).following and console(opened).pages.reads <= 4
        for moment, wanted in (("12:10", 600), ("12:10:01", 601), ("03-04 12:20", 1200), ("2026-03-04 12:30:00", 1800)):
            await go(moment)
            await opened.until(lambda wanted=wanted: top() == f"line {wanted}")  # type: ignore[misc]
        assert console(opened).pages.reads <= 8
        await go("9,999")
        await opened.sees("There are 5,000 lines: this is the last one.", "line 4998")
        await go("23:00")
        await opened.sees("Nothing was printed from then on")
        await go("soon")
        await opened.sees("Cannot go to 'soon'. Write a line's number, or a time")
        assert opened.screen.query_one(SearchInput).value == "soon", "it stands there to be mended"
        await opened.press("end", *["backspace"] * 4, *"2001", "enter")
        await opened.until(lambda: top() == "line 2000")
        await opened.press("1", "ctrl+g")
        await opened.sees("Lines and times to go to are the console's")


async def test_with_several_ranks_every_line_says_whose_it_is(store: Store) -> None:
    run = Run(store)
    run.say("alone")
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("alone")
        assert opened.text().splitlines()[3].strip() == "alone"
        run._take(run.script.batch(lines=[Line(time.time(), "out", rank, f"of {rank}") for rank in (0, 1, 11)]))
        await opened.sees(" 0 alone", " 0 of 0", " 1 of 1", "11 of 11")


async def test_long_lines_are_cut_or_wrapped(store: Store) -> None:
    run = Run(store)
    run.say("start " + "x" * 300 + " finish")
    async with OnTask(store, run.id, "console") as opened:
        assert "finish" not in await opened.sees("start", "…")
        await opened.press("w")
        await opened.sees("start", "finish", "wrap")
        await opened.press("w")
        for _ in range(40):
            await opened.press("right")
        await opened.sees("finish")


async def test_the_end_of_wrapped_lines_is_in_sight(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{n} " + "word " * 60 for n in range(100)), "the very end")
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("w")
        await opened.sees("the very end", "99 word")
        run.say("still at the end")
        await opened.sees("still at the end")


async def test_times_and_streams_in_the_margin(store: Store) -> None:
    run = Run(store)
    run.say("to stdout")
    run.say("to stderr", stream="err")
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("! to stderr")
        await opened.press("T")
        await opened.until(lambda: any(row[2:3] == ":" for row in opened.text().replace(" ", "\n").splitlines()))


async def test_search_jumps_from_match_to_match(store: Store) -> None:
    run = Run(store)
    run.say(*(f"needle {n}" if n % 700 == 5 else f"hay {n}" for n in range(3000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("g", "slash", *"needle")
        await opened.sees("\n /needle")
        await opened.press("enter")
        await opened.sees("needle 5\n", "1 of 5")
        await opened.press("n")
        await opened.sees("needle 705", "2 of 5")
        await opened.press("N", "N")
        await opened.sees("needle 2805", "5 of 5")
        await opened.press("escape")
        await opened.until(lambda: console(opened).matches is None)


async def test_only_matching_lines_live(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'keep' if n % 100 == 0 else 'hay'} {n}" for n in range(1000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("ampersand", *"keep", "enter")
        text = await opened.sees("keep 0\n", "keep 900", "10 matches")
        assert "hay" not in text
        run.say("hay again", "keep this too")
        text = await opened.sees("keep this too")
        assert "hay again" not in text


def in_sight(opened: Opened) -> list[str]:
    return [line.strip(" ┃") for line in opened.text().splitlines()[3:-1]]


async def test_a_line_found_among_the_matching_ones_stays_in_sight_with_those_around_it(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'keep' if n % 100 == 50 else 'hay'} {n}" for n in range(10_000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("ampersand", *"keep", "enter")
        await opened.sees("keep 9950", "100 matches", "follow")
        await opened.press("g")
        for _ in range(41):
            await opened.press("j")
        await opened.until(lambda: in_sight(opened)[0] == "keep 4150")
        await opened.press("escape")
        await opened.sees("hay 4149", "keep 4150", "hay 4151")
        await opened.press("ampersand", *"keep", "enter")
        await opened.sees("keep 4050", "keep 4150", "keep 4250", "4,151 of 10,000 lines  &keep 42 of 100")
        await opened.press("n", "n", "n", "escape")
        await opened.sees("hay 4449", "keep 4450", "hay 4451")


async def test_looking_at_the_matching_lines_alone_keeps_the_place(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'keep' if n % 100 == 50 else 'hay'} {n}" for n in range(3000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("g", "pagedown", "pagedown", "j")
        await opened.until(lambda: in_sight(opened)[0] == "hay 55")
        await opened.press("ampersand", *"keep", "enter")
        await opened.sees("keep 50", "&keep 1 of 30")
        await opened.press("ampersand", *"hay", "enter")
        await opened.until(lambda: "hay 55" in in_sight(opened) and "keep" not in "".join(in_sight(opened)))
        await opened.press("slash", *"keep", "enter")
        await opened.sees("hay 49", "keep 50", "hay 51", "hay 55", "/keep 1 of 30")
        await opened.press("escape")
        await opened.until(lambda: console(opened).matches is None)
        assert "keep 50" in in_sight(opened)


async def test_behind_a_sign_the_lines_that_do_not_match_are_found(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'keep' if n % 100 == 50 else 'hay'} {n}" for n in range(1000)), "!bang")
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("ampersand", *"!HAY", "enter")
        await opened.sees("&!HAY", "1,001 matches")
        await opened.press("ampersand", "ctrl+u", *"!hay", "enter")
        await opened.sees("keep 50", "keep 950", "!bang", "&!hay 11 matches")
        run.say("hay and more", "another")
        await opened.sees("another", "12 matches")
        assert "hay" not in "".join(in_sight(opened))
        await opened.press("slash", "ctrl+u", *"[!]b", "enter")
        await opened.sees("!bang", "1 of 1")
        await opened.press("3", "slash", *"!Code", "enter")
        await opened.until(lambda: "/!Code 1 of " in opened.text())
        await opened.press("slash", "ctrl+u", *"!.", "enter")
        assert "no match" in await opened.sees("/!.")


async def test_the_end_that_is_followed_is_followed_on_when_all_lines_are_back(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'keep' if n % 9 == 0 else 'hay'} {n}" for n in range(1000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("ampersand", *"keep", "enter")
        await opened.sees("keep 999", "112 matches  follow")
        run.say("keep on")
        await opened.sees("keep on")
        await opened.press("escape")
        await opened.sees("hay 998", "keep on", "1,001 lines  follow")
        run.say("the end")
        await opened.sees("the end")


async def test_a_wrapped_line_found_among_the_matching_ones_is_in_sight_too(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'keep' if n % 100 == 50 else 'hay'} {n} " + "word " * 90 for n in range(1000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("w", "g", "ampersand", *"keep", "enter")
        await opened.sees("keep 50 ", "1 of 10")
        await opened.press("n", "n", "n", "n", "escape")
        await opened.sees("hay 449 ", "keep 450 ", "hay 451 ")
        await opened.press("g", "slash", *"keep", "enter", "n", "n", "n", "n", "n", "n", "n")
        await opened.sees("keep 750 ", "751 of 1,000 lines")


async def test_the_caption_says_which_lines_are_in_sight(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n}" for n in range(1, 10_001)))
    async with OnTask(store, run.id, "console", (80, 24)) as opened:
        await opened.sees("line 10000", " 10,000 lines  follow")
        await opened.press("k")
        await opened.sees("9,980-9,999 of 10,000 lines")
        await opened.press("ctrl+g", *"251", "enter")
        await opened.sees("251-270 of 10,000 lines")
        await opened.press("slash", *"e 260$", "enter")
        await opened.sees("260 of 10,000 lines  /e 260$ 1 of 1")
        await opened.press("pagedown")
        await opened.sees("270-289 of 10,000 lines  /e 260$ 1 of 1")
        await opened.press("slash", "ctrl+u", *"line 9*8$", "enter")
        await opened.press("ctrl+g", *"6", "enter")
        await opened.sees("6-25 of 10,000 lines  /line 9*8$ 4 matches")
        await opened.press("n")
        await opened.sees("8 of 10,000 lines  /line 9*8$ 1 of 4")


async def test_a_bad_expression_is_refused_with_a_sentence(store: Store) -> None:
    run = Run(store)
    run.say("something")
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("slash", *"(a", "enter")
        await opened.sees("Escape special characters")
        await opened.press("slash", "ctrl+u", *"(a+)+b", "enter")
        await opened.sees("a repeat inside a repeat")


async def test_the_next_error(store: Store) -> None:
    run = Run(store)
    run.say(*(f"hay {n}" for n in range(300)), "Traceback (most recent call last):", *(f"hay {n}" for n in range(300)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("g", "exclamation_mark")
        await opened.sees("Traceback", "errors 1 of 1")


async def test_errors_and_matches_are_counted_from_where_one_looks(store: Store) -> None:
    run = Run(store)
    run.say(*(f"{'Error' if n % 100 == 50 else 'hay'} {n}" for n in range(1000)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("g", "exclamation_mark", "exclamation_mark", "exclamation_mark")
        await opened.sees("Error 250", "errors 3 of 10")
        await opened.press("j", "exclamation_mark")
        await opened.sees("Error 350", "errors 4 of 10")
        await opened.press("g", "exclamation_mark")
        await opened.sees("Error 50", "errors 1 of 10")
        await opened.press("ctrl+g", *"651", "enter", "n")
        await opened.sees("651 of 1,000 lines", "errors 7 of 10")
        await opened.press("ctrl+g", *"551", "enter", "N")
        await opened.sees("Error 450", "errors 5 of 10")
        await opened.press("G", "N")
        await opened.sees("Error 950", "errors 10 of 10")


async def test_a_reset_empties_it(store: Store) -> None:
    from store import commands

    run = Run(store)
    run.say(*(f"line {n}" for n in range(600)))
    run.end()
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 599")
        commands.reset(store, run.id, by="ada@testhost")
        await opened.sees(" 0 lines")
        await opened.until(lambda: "line 5" not in opened.text(), "the old lines are gone")
        run.again()
        run.say(*(f"anew {n}" for n in range(600)))
        await opened.sees("anew 599")
        await opened.press("g")
        await opened.sees("anew 0", "anew 9")


async def test_lines_of_another_execution_take_the_place_of_those_one_looks_at(store: Store) -> None:
    from store import commands

    run = Run(store)
    run.say(*(f"line {n}" for n in range(600)))
    run.end()
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("g")
        await opened.sees("line 0")
        opened.app.data._pace = 5.0
        commands.describe(store, run.id, by="ada@testhost", comment="the next look is in five seconds")
        await opened.until(lambda: opened.screen.detail and opened.screen.detail.row.comment, "the last look before it")
        run.again()
        run.say(*(f"anew {n}" for n in range(800)))
        await opened.sees("anew 0", "of 800")


async def test_many_pages_are_kept_within_bounds(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n}" for n in range(60 * PAGE)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.press("g")
        for _ in range(60):
            console(opened).go(console(opened).top + PAGE)
            await opened.pilot.pause()
        await opened.until(lambda: console(opened).pages.reads > 50)
        assert len(console(opened).pages) <= 48


# What scripts print -------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    return "".join(piece for piece, _ in ansi.parse(text))


@pytest.mark.parametrize(("text", "left"), [
    ("\x1b]0;title\x07after", "after"), ("\x1b]52;c;ZXZpbA==\x1b\\after", "after"), ("\x9d0;t\x9cafter", "after"),
    ("\x1b[2J\x1b[Hafter", "after"), ("\x9b2Jafter", "after"), ("\x1bP1$r\x1b\\x", "x"), ("\x1b(Bafter", "after"),
    ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"), ("a\x1b[", "a"), ("a\x1b", "a"), ("a\x07\x08b\x7f", "ab"),
    ("\u202eevil", "evil"), ("a\tb", "a       b"), ("\x1b[31mab\x1b[0m\tc", "ab      c"), ("[/oops]", "[/oops]"),
    ("\x1b]never ends", ""),
])  # fmt: skip
def test_only_text_is_left(text: str, left: str) -> None:
    assert plain(text) == left


@given(st.text(st.characters(), max_size=60))
def test_nothing_that_acts_on_a_terminal_ever_gets_through(text: str) -> None:
    wild = f"\x1b[3{text}\x9b{text}\x1b]{text}"
    assert not [c for c in plain(text) + plain(wild) if ord(c) < 32 or 127 <= ord(c) < 160 or "\u202a" <= c <= "\u202e"]


def styles(text: str) -> list[Style | str]:
    return [style for _, style in ansi.parse(text)]


def test_colours_are_understood() -> None:
    red = styles("\x1b[31mred\x1b[0m plain")
    assert isinstance(red[0], Style) and red[0].color is not None and red[0].color.number == 1
    assert red[1] == ""
    bright = styles("\x1b[1;91mx")[0]
    assert isinstance(bright, Style) and bright.bold and bright.color is not None and bright.color.number == 9
    deep = styles("\x1b[38;5;200;48;2;1;2;3mx")[0]
    assert isinstance(deep, Style) and deep.color is not None and deep.color.number == 200
    assert deep.bgcolor is not None and deep.bgcolor.get_truecolor() == (1, 2, 3)
    assert styles("\x1b[31mx\x1b[39my")[1] == ""
    assert styles("\x1b[1mx\x1b[22my")[1] == ""


def test_broken_colours_do_no_harm() -> None:
    assert plain("\x1b[38;5mx\x1b[38;2;1mx\x1b[;;mx\x1b[999mx") == "xxxx"


async def test_without_lines_it_says_what_would_be_here(store: Store) -> None:
    async with OnTask(store, draft(store), "console", (40, 20)) as opened:
        await opened.sees("Nothing printed yet. What the script", "enqueues a Draft.")
    run = Run(store)
    run.say("hello")
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("hello")
        await opened.press("ampersand", *"nowhere", "enter")
        await opened.sees("No line matches. Esc shows all of them.")
        await opened.press("escape")
        await opened.sees("hello")


async def test_an_ended_task_without_output_is_not_waited_for(store: Store) -> None:
    run = Run(store)
    async with OnTask(store, run.id, "console", (80, 24)) as opened:
        await opened.sees("Nothing printed yet.")
        run.end()
        assert "while it runs" not in await opened.sees("Nothing printed: the task ended")
        await opened.press("8")
        assert "while the task runs" not in await opened.sees("No samples of the machine: the task ended")
        await opened.press("1")
        await opened.sees("Nothing printed: the task ended")
