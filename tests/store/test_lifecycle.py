"""The table of states, held against a second copy of it written as people read it."""

from __future__ import annotations

import pytest

from store import hints
from store.errors import InvalidValue, StateError
from store.lifecycle import (
    SDK_WORDS,
    TABLE,
    TYPES,
    Action,
    Status,
    Subject,
    check,
    checked_type,
    parse_status,
    refusal,
    sources,
    target,
)

# One letter a state in the order Draft, pending (Q), Running, Completed, Failed, Aborted, Published: the letter of the
# state the action leads to, "=" if it stays, "." if it is refused.
LETTERS = dict(zip("DQRCFAP", Status, strict=True))
EXPECTED = """
edit      = . . . . . .
describe  = = = = = = =
rename    = = = = = = .
property  = = = = = = .
enqueue   Q . . . . . .
retry     . . . . Q Q .
dequeue   . D . . . . .
start     R R . . . . .
continue  R . . R R R .
complete  . . C . . . .
fail      . . F . . . .
abort     . . A . . . .
reset     . . . D D D .
publish   . . . P P P .
clone     = = = = = = =
archive   = D . = = = =
restore   = D . = = = =
delete    = . . = = = .
"""
CELLS = [
    (Action(row.split()[0]), status, mark)
    for row in EXPECTED.strip().splitlines()
    for status, mark in zip(Status, row.split()[1:], strict=True)
]


def task(status: Status) -> Subject:
    return Subject("a3f1" + "0" * 28, "resnet", status.value)


def test_the_copy_names_every_action_and_state() -> None:
    assert {action for action, _, _ in CELLS} == set(Action) == set(TABLE)
    assert len(CELLS) == len(Action) * 7


@pytest.mark.parametrize(("action", "status", "mark"), CELLS, ids=lambda value: str(value))
def test_each_cell(action: Action, status: Status, mark: str) -> None:
    if mark == ".":
        assert target(action, status) is None
        with pytest.raises(StateError) as refused:
            check(action, task(status))
        assert str(refused.value) == refusal(action, task(status))
    else:
        expected = status if mark == "=" else LETTERS[mark]
        assert target(action, status) is expected
        assert check(action, task(status)) is expected
        assert refusal(action, task(status)) is None


@pytest.mark.parametrize(("action", "status"), [(a, s) for a, s, mark in CELLS if mark == "."])
def test_a_refusal_says_what_why_and_what_next(action: Action, status: Status) -> None:
    sentence = refusal(action, task(status))
    assert sentence is not None
    assert sentence.startswith("Cannot ")
    assert '"resnet" (a3f10000): it ' in sentence
    assert status.label in sentence
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert "\n" not in sentence


def test_the_promised_sentence() -> None:
    assert refusal(Action.RESET, task(Status.PUBLISHED)) == (
        'Cannot reset "resnet" (a3f10000): it is Published, and published tasks are read-only. '
        "Clone it (c) to get an editable Draft."
    )


def test_a_sentence_names_the_keys_that_are_moved() -> None:
    try:
        hints.use({"task.clone": "x,ctrl+k", "task.abort": "K", "home.filter": "f"})
        assert "Clone it (x) to get" in str(refusal(Action.RESET, task(Status.PUBLISHED)))
        assert "Abort it (K) first" in str(refusal(Action.ARCHIVE, task(Status.RUNNING)))
        assert "Reset it (R), or clone it (x)" in str(refusal(Action.ENQUEUE, task(Status.COMPLETED)))
    finally:
        hints.use({})
    assert "Clone it (c)" in str(refusal(Action.EDIT, task(Status.RUNNING)))


def test_sources_are_the_states_an_action_is_possible_in() -> None:
    assert sources(Action.PUBLISH) == [Status.COMPLETED, Status.FAILED, Status.ABORTED]
    assert sources(Action.START) == [Status.DRAFT, Status.PENDING]


@pytest.mark.parametrize("status", Status)
def test_both_vocabularies_are_read(status: Status) -> None:
    assert parse_status(status.value) is status
    assert parse_status(status.label) is status
    assert parse_status(f" {SDK_WORDS[status].upper()} ") is status


def test_the_words_of_the_sdk() -> None:
    words = "created queued in_progress completed failed stopped published"
    assert [SDK_WORDS[status] for status in Status] == words.split()


def test_an_unknown_status_or_type_names_the_nearest() -> None:
    with pytest.raises(InvalidValue, match=r"Unknown status 'runing'\. Did you mean \"running\"\?"):
        parse_status("runing")
    with pytest.raises(InvalidValue, match=r"Unknown task type 'trainin'\. Did you mean \"training\"\?"):
        checked_type("trainin")


def test_types() -> None:
    assert TYPES[0] == "training"
    assert [checked_type(kind) for kind in TYPES] == list(TYPES)
