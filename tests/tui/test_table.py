"""The rows in memory: a page that a change may have shifted is right or forgotten, never wrong."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from store.records import TaskRow
from tui import columns as cols
from tui.pages import PAGE, Pages

BASE = TaskRow(
    id="", name="", status="running", type="training", project="lab/x", tags=(), progress=None, last_iteration=None,
    metric=None, created=0, started=None, completed=None, activity=0, last_seen=None, status_reason="", user="",
    host="", worker="", queue="", parent=None, comment="", archived=False, rev=0,
)  # fmt: skip


def row(number: int, activity: float) -> TaskRow:
    return replace(BASE, id=f"{number:032x}", name=f"task {number}", activity=activity)


def in_order(rows: list[TaskRow]) -> list[TaskRow]:
    return sorted(rows, key=attrgetter("activity", "id"), reverse=True)


def filled(rows: list[TaskRow], *numbers: int) -> Pages:
    pages = Pages()
    pages.clear(len(rows))
    for number in numbers:
        pages.put(number, rows[number * PAGE : (number + 1) * PAGE])
    return pages


def test_pages_that_a_view_needs_are_two_at_most() -> None:
    pages = Pages()
    pages.clear(100_000)
    assert all(len(pages.missing(top, top + 60)) <= 2 for top in range(0, 5000, 13))
    assert pages.missing(99_990, 100_050) == [99_990 // PAGE]
    assert Pages().missing(0, 50) == []


def test_a_row_that_comes_to_the_top_shifts_the_others_without_asking() -> None:
    rows = in_order([row(n, n) for n in range(200)])
    pages = filled(rows, 0, 1)
    moved = replace(rows[100], activity=1000.0)
    pages.settle([moved], [], 200, cols.before(cols.AGE, True))
    expected = in_order([moved if r.id == moved.id else r for r in rows])
    assert [pages.get(n) for n in range(2 * PAGE)] == expected[: 2 * PAGE]
    assert pages.missing(0, 2 * PAGE - 1) == []


@given(
    start=st.integers(0, 150),
    loaded=st.sets(st.integers(0, 2), max_size=3),
    changes=st.lists(st.tuples(st.integers(0, 170), st.integers(0, 400)), min_size=1, max_size=6),
    gone=st.sets(st.integers(0, 170), max_size=3),
)
def test_whatever_changes_a_row_in_memory_is_the_one_that_belongs_there(
    start: int, loaded: set[int], changes: list[tuple[int, int]], gone: set[int]
) -> None:
    rows = in_order([row(n, n) for n in range(start)])
    pages = filled(rows, *(n for n in loaded if n * PAGE < max(start, 1)))
    new = {number: row(number, activity) for number, activity in changes if number not in gone}
    kept = [r for r in rows if int(r.id, 16) not in gone and int(r.id, 16) not in new]
    expected = in_order([*kept, *new.values()])
    gone_ids = [f"{n:032x}" for n in gone if n < start]
    pages.settle(list(new.values()), gone_ids, len(expected), cols.before(cols.AGE, True))
    assert pages.total == len(expected)
    for index, right in enumerate(expected):
        assert pages.get(index) in (None, right)
        if pages.get(index) is not None:
            assert pages.place(right.id) == index
