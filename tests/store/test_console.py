"""The console: pages, tail and search, over chunks and what came since."""

from __future__ import annotations

import time

import pytest

from store.compact import compact
from store.engine import Store
from store.errors import InvalidValue
from store.ingest import ingest
from store.queries import console
from store.records import ConsoleLine, Line
from tests.support import Script, counted, line

BY = "ada@host"
TOTAL = 10_000


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all: nothing here changes a task."""
    return shared_store


@pytest.fixture(scope="module")
def script(store: Store) -> Script:
    """A task with 10,000 lines, most in chunks, the newest in the journal."""
    made = Script()
    ingest(store, [made.batch(events=[made.start()])], BY)
    given = [Line(1000.0 + i, "err" if i % 7 == 0 else "out", i % 3, f"step {i:05} loss {1 / (i + 1):.6f}")
             for i in range(TOTAL)]  # fmt: skip
    for start in range(0, TOTAL, 1000):
        ingest(store, [made.batch(lines=given[start : start + 1000])], BY)
        if start == 7000:
            compact(store, made.task, everything=True)
    return made


def numbers(found: list[ConsoleLine]) -> list[int]:
    assert all(item.text.startswith(f"step {item.n:05} ") for item in found)
    return [item.n for item in found]


def search(store: Store, script: Script, pattern: str, **wanted: object) -> list[int]:
    with store.read() as c:
        return [item.n for item in console.search(c, script.task, pattern, **wanted)]  # type: ignore[arg-type]


def test_a_line_has_its_time_stream_and_rank(store: Store, script: Script) -> None:
    with store.read() as c:
        (found,) = console.lines(c, script.task, 14, 1)
    assert found == ConsoleLine(14, 1014.0, "err", 2, "step 00014 loss 0.066667")


@pytest.mark.parametrize("first", [0, 1, 500, 2500, 7990, 7999, 8000, 8999, 9950])
def test_any_page_is_the_lines_asked_for(store: Store, script: Script, first: int) -> None:
    with store.read() as c:
        assert numbers(console.lines(c, script.task, first, 60)) == list(range(first, min(first + 60, TOTAL)))


@pytest.mark.parametrize(
    ("time", "first"),
    [(0.0, 0), (1000.0, 0), (1000.5, 1), (1500.0, 500), (8999.5, 8000), (9000.0, 8000), (10_999.0, 9999), (2e9, TOTAL)],
)
def test_the_first_line_from_a_time_on(store: Store, script: Script, time: float, first: int) -> None:
    with store.read() as c:
        assert console.line_at(c, script.task, time) == first
        assert console.line_at(c, "no such task", time) == 0


def test_a_time_is_found_by_bisection(store: Store, script: Script) -> None:
    with store.read() as c, counted(c.engine) as seen:
        console.line_at(c, script.task, 9500.0)
    assert len(seen.statements) <= 14


def test_pages_outside_are_empty(store: Store, script: Script) -> None:
    with store.read() as c:
        assert console.lines(c, script.task, TOTAL, 10) == []
        assert console.lines(c, script.task, 5, 0) == []
        assert numbers(console.lines(c, script.task, -5, 10)) == list(range(5))


def test_a_page_is_two_statements(store: Store, script: Script) -> None:
    with counted(store.reader) as seen, store.read() as c:
        console.lines(c, script.task, 4000, 60)
    assert len(seen.statements) == 2


def test_the_tail_is_the_end(store: Store, script: Script) -> None:
    with store.read() as c:
        assert numbers(console.tail(c, script.task, 20)) == list(range(TOTAL - 20, TOTAL))
        assert len(console.tail(c, script.task, 10 * TOTAL)) == TOTAL
        assert console.count(c, script.task) == TOTAL


def test_a_task_without_lines_has_none(store: Store) -> None:
    with store.read() as c:
        assert console.count(c, "0" * 32) == 0 and console.tail(c, "0" * 32, 5) == []
        assert list(console.search(c, "0" * 32, "x")) == []


def test_a_plain_text_is_found_everywhere_in_order(store: Store, script: Script) -> None:
    assert search(store, script, "step 0001") == list(range(10, 20))
    assert search(store, script, "00 loss") == list(range(0, TOTAL, 100))
    assert search(store, script, "no such line") == []


def test_an_expression_is_found_line_by_line(store: Store, script: Script) -> None:
    assert search(store, script, r"^step 0\d999 ") == [i for i in range(TOTAL) if i % 1000 == 999]
    assert search(store, script, r"\s$") == [], "a line's end is no white space of the next one"
    assert search(store, script, r"STEP 09\d99", ignore_case=True) == list(range(9099, TOTAL, 100))
    assert search(store, script, "STEP 09099") == []


def test_a_search_begins_and_ends_where_told(store: Store, script: Script) -> None:
    assert search(store, script, "00 loss", first=7950, limit=3) == [8000, 8100, 8200]
    assert search(store, script, "00 loss", first=9901) == []
    assert search(store, script, "loss", limit=0) == []


def test_upper_and_lower_case_of_other_scripts(store: Store) -> None:
    made = Script()
    ingest(store, [made.batch(events=[made.start()], lines=[line("GRÜSSE"), line("ПРИВЕТ")])], BY)
    assert search(store, made, "grüsse", ignore_case=True) == [0]
    assert search(store, made, "привет", ignore_case=True) == [1]


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{5,1}", "(?P<x>", "\\"])
def test_what_is_no_expression_is_told(store: Store, script: Script, pattern: str) -> None:
    with pytest.raises(InvalidValue, match="Invalid search"):
        search(store, script, pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*b", "((ab)+c)+", r"(?:\w+\s*){2,}x", "([a-z]+)*!"])
def test_an_expression_that_can_take_forever_is_refused(store: Store, script: Script, pattern: str) -> None:
    with pytest.raises(InvalidValue, match="repeat inside a repeat"):
        search(store, script, pattern)


@pytest.mark.parametrize("pattern", ["(ab)+", "a+b+", r"[(a+)]+", r"\(a+\)+", "(a|b)*", "(a+)b", "(a+){2}", "a{2,}"])
def test_harmless_repeats_are_allowed(store: Store, script: Script, pattern: str) -> None:
    assert search(store, script, pattern) in ([], list(range(TOTAL)))


def test_a_long_line_takes_no_square_of_its_length(store: Store) -> None:
    made = Script()
    ingest(store, [made.batch(events=[made.start()], lines=[line("a" * 400_000 + "!")])], BY)
    began = time.monotonic()
    assert search(store, made, "a+b") == []
    assert time.monotonic() - began < 30, "in one piece it takes minutes"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("x{5}!", [0]), ("^ax", [0]), ("^x", []), ("x$", []), ("!$", [0]), ("a$", []), ("a+", [0]), ("x+", [0])],
)
def test_long_lines_are_searched_to_their_end(store: Store, pattern: str, expected: list[int]) -> None:
    made = Script()
    ingest(store, [made.batch(events=[made.start()], lines=[line("a" + "x" * 20_000 + "!")])], BY)
    assert search(store, made, pattern) == expected
