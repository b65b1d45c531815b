"""What text may enter the store, and the rules for names."""

from __future__ import annotations

import pytest

from store.engine import Store
from store.errors import InvalidValue, nearest
from store.text import checked_name, checked_project, natural, shown, storable
from tests.store.states import draft, row


def test_names_are_stripped_and_anything_readable_is_one() -> None:
    for name in ("abc", "  a b  ", "naïve 模型 🚀", "x" * 512, "100% 'quoted' \"name\""):
        assert checked_name(name) == name.strip()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ab", "'ab' is too short. Give at least 3 characters."),
        ("   a   ", "is too short"),
        ("", "is too short"),
        (None, "None is not text"),
        (5, "5 is not text"),
        ("x" * 513, "is too long. Give at most 512"),
        ("a\x1b[31mb", r"holds the control character '\x1b'. Remove it."),
        ("a\nb c", "holds the control character"),
        ("abc\ud800", "holds the control character"),
    ],
)
def test_bad_names_say_the_rule(name: object, why: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked_name(name)
    assert str(refused.value).startswith("Invalid task name: ")
    assert why in str(refused.value)
    assert isinstance(refused.value, ValueError)


def test_projects_are_paths() -> None:
    assert checked_project(" vision / deep/ nets ") == "vision/deep/nets"
    assert checked_project("a/b") == "a/b", "three characters are asked of the whole path"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/vision", "part 1 of '/vision' is empty"),
        ("vision/", "part 2 of 'vision/' is empty"),
        ("a//b", "part 2 of 'a//b' is empty"),
        ("a/ /b", "part 2 of 'a/ /b' is empty"),
        ("a/../b", "part 2 of 'a/../b' is '..'"),
        ("./abc", "part 1 of './abc' is '.'"),
        ("ab", "is too short"),
        ("/", "is too short"),
        (None, "is not text"),
        ("a/\x07/b", "control character"),
    ],
)
def test_bad_paths_name_the_part(path: object, why: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked_project(path)
    assert str(refused.value).startswith("Invalid project: ")
    assert why in str(refused.value)


def test_texts_that_databases_refuse_come_in_changed_and_others_untouched(store: Store) -> None:
    for given, kept in (
        ("plain\n\x1b[31mred\t", "plain\n\x1b[31mred\t"),
        ("nul\0here", "nul␀here"),
        ("half \ud83d here", "half \\ud83d here"),
        ("both \0 \udcff", "both ␀ \\udcff"),
        ("ünïcödé 🚀", "ünïcödé 🚀"),
    ):
        assert storable(given) == kept
        assert row(store, draft(store, comment=given))["comment"] == kept


def test_a_shown_value_is_short_and_one_line() -> None:
    assert shown("a\nb") == r"'a\nb'"
    assert len(shown("x" * 1000)) == 60


def test_the_nearest_word() -> None:
    assert nearest("runing", ["draft", "running"]) == ' Did you mean "running"?'
    assert nearest("zzz", ["draft", "running"]) == ""
    assert nearest("zzz", []) == ""


def test_numbers_in_texts_sort_by_their_values() -> None:
    wanted = ["", "10", "b", "loss/2", "loss/2a", "loss/10", "loss/x", "loss" + "9" * 5000]
    assert sorted([*wanted[1:], wanted[0]], key=natural)[-4:] == ["loss/2", "loss/2a", "loss/10", "loss/x"]
