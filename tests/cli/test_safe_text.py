"""What stored text may do to a terminal: nothing."""

from __future__ import annotations

import pytest

from store.safe import safe_text, without_sequences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ümläut, 漢字, 🙂", "plain text, ümläut, 漢字, 🙂"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b]52;c;ZXZpbA==\x07x", "]52;c;ZXZpbA==x"),
        ("\x9d52;c;ZXZpbA==\x9cx", "52;c;ZXZpbA==x"),
        ("\x1b[2J\x1b[H\x08\x7f\r\x00\x85", "[2J[H"),
        ("abc\u202edef\u2066\u2069\u200f\u061c", "abcdef"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("[bold][/foo]", "[bold][/foo]"),
    ],
)
def test_nothing_a_terminal_acts_on_is_left(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_one_line_turns_every_break_into_a_space() -> None:
    assert safe_text("a\tb\nc\rd\u2028e\x0bf\x1bg", one_line=True) == "a b c d e fg"


@pytest.mark.parametrize(("limit", "shown"), [(6, "abcdef"), (5, "abcd…"), (1, "…"), (0, "")])
def test_the_length_is_capped_with_an_ellipsis(limit: int, shown: str) -> None:
    assert safe_text("abcdef", limit) == shown


def test_text_of_dropped_characters_cut_early_still_says_that_it_was_cut() -> None:
    assert safe_text("\x1b" * 10_000 + "abc", 10) == "…"


def test_a_coloured_console_leaves_no_rests_of_its_colours() -> None:
    coloured = "\x1b[32mINFO\x1b[0m started\x1b[K \x1b]0;a title\x1b\\end\x1b]8;;x\x07"
    assert without_sequences(coloured) == "INFO started end"
