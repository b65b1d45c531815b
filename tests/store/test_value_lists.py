"""Lists of values: what is written is read as the same values, counted without being made, refused in a sentence."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store.errors import InvalidValue
from store.value_lists import count, expanded, words, written

READ = {
    "0.1,0.01": ["0.1", "0.01"],
    "1..5": ["1", "2", "3", "4", "5"],
    "1..3,10": ["1", "2", "3", "10"],
    "1..10..3": ["1", "4", "7", "10"],
    "3..1": ["3", "2", "1"],
    "10..1..4": ["10", "6", "2"],
    "-1..1": ["-1", "0", "1"],
    "7..7": ["7"],
    "adam , sgd": ["adam", "sgd"],
    '"a, b",c': ["a, b", "c"],
    '"say ""hi""", ""': ['say "hi"', ""],
    '"1..5"': ["1..5"],
    '{"a": 1}': ['{"a": 1}'],
    "../data,..": ["../data", ".."],
    "a=b,c=d": ["a=b", "c=d"],
    "\x1b]31m[,[/foo]": ["\x1b]31m[", "[/foo]"],
    "[1],(2),{}": ["[1]", "(2)", "{}"],
}
REFUSED = {
    "": "a value is missing in ''. Write \"\" for an empty one.",
    "1,": "a value is missing in '1,'.",
    "[0.9, 0.99],[1,2]": "'[0.9' is a part of something in brackets",
    "(1,2)": "'(1' is a part of something in brackets",
    "1,,2": "a value is missing",
    '"open': "a double quote is out of place",
    '"a"b': "a double quote is out of place",
    "1..": "'1..' is no range of whole numbers, 1..5 or 1..10..3.",
    "1..5..0": "is no range",
    "0.1..0.5": "is no range",
    "1...5": "is no range",
    "1..5..-1": "is no range",
    "1..99999999999999999999": "is no range",
}


@pytest.mark.parametrize("text", READ)
def test_a_list_is_read(text: str) -> None:
    assert expanded(text) == READ[text]
    assert count(text) == len(READ[text])


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_list_is_refused(text: str) -> None:
    for read in (count, expanded):
        with pytest.raises(InvalidValue) as refused:
            read(text)
        assert REFUSED[text] in str(refused.value)


def test_a_range_of_any_length_is_counted_without_being_made() -> None:
    assert count("1..1000000000,5,0..999999999999999999..2") == 10**9 + 1 + 5 * 10**17


numbers = st.integers(-(10**16), 10**16)
steps = st.builds(lambda first, step, n: [str(first + step * k) for k in range(n)], numbers, numbers, st.integers(1, 9))
texts = st.text(st.characters() | st.sampled_from(' ,".=0123456789\n\t'), max_size=12)


@given(st.lists(texts, min_size=1, max_size=6) | steps)
@example(["1", "2", "1000000000000000"])
@example(["01", "02", "03"])
@example(["1", "1", "1"])
@example(["\x1c", " ", '"', ""])
def test_what_is_written_is_read_as_the_same_values(values: list[str]) -> None:
    text = written(values)
    assert expanded(text) == values
    assert count(text) == len(values)
    assert words(f" a={text}  b={text} ") == [f"a={text}", f"b={text}"], "one word of a line"


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 9))
def test_a_range_goes_from_its_first_to_its_last_number(first: int, last: int, step: int) -> None:
    values = list(map(int, expanded(f"{first}..{last}..{step}")))
    assert values[0] == first
    assert all(abs(after - before) == step for before, after in itertools.pairwise(values))
    assert abs(last - values[-1]) < step and min(first, last) <= values[-1] <= max(first, last)


def test_equal_steps_are_written_as_a_range() -> None:
    assert written(["1", "2", "3", "4"]) == "1..4"
    assert written(["10", "7", "4"]) == "10..4..3"
    assert written(["1", "2"]) == "1,2"
