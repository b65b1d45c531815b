"""Console bytes become the lines a terminal would show in the end, however they were cut on the way."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.recorder.console import LONGEST, Tail


def lines_of(*pieces: bytes) -> list[str]:
    tail = Tail()
    found = [line for piece in pieces for line in tail.feed(piece)]
    return found + tail.flush()


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"o", b"ne", b"\n", b"two"], ["one", "two"]),
        ([b"\n\n"], ["", ""]),
        ([b"windows\r\nlines\r\n"], ["windows", "lines"]),
        ([b" 10%\r 50%\r100%\n"], ["100%"]),
        ([b"10%\r", b"50%\r", b"99%"], ["99%"]),
        ([b"loading...\rdone\n"], ["doneing..."]),
        ([b"loading...\r\x1b[Kdone\n"], ["\x1b[Kdone"]),
        ([b"50%\r", b"\n"], ["50%"]),
        ([b"caf\xc3", b"\xa9\n"], ["café"]),
        ([b"\xe9t\xe9\n"], ["\\xe9t\\xe9"]),
        (["größer\rklein\n".encode()], ["kleinr"]),
    ],
)
def test_lines(pieces: list[bytes], expected: list[str]) -> None:
    assert lines_of(*pieces) == expected


def test_ten_thousand_redraws_are_one_line() -> None:
    pieces = [f"\r{n:5d}/10000 [{'#' * (n // 500):20}]".encode() for n in range(10_001)]
    assert lines_of(*pieces, b"\n") == ["10000/10000 [####################]"]


def test_a_line_without_end_is_cut_and_nothing_of_it_lost() -> None:
    tail = Tail()
    found = [line for _ in range(300) for line in tail.feed(b"x" * 1000)]
    assert max(map(len, found)) <= LONGEST
    assert len(tail.held) <= LONGEST
    assert sum(map(len, found + tail.flush())) == 300_000


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=10))
def test_where_the_pieces_are_cut_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut <= len(data))})
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert lines_of(*pieces) == lines_of(data)


@given(st.text(st.characters(blacklist_characters="\r", blacklist_categories=["Cs"]), max_size=200))
def test_plain_text_is_kept_as_it_is(text: str) -> None:
    assert "\n".join(lines_of(text.encode(), b"\n")) == text
