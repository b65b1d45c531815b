"""Stored arguments as words: what argparse reads of them is what was stored."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from capture import parameters
from store.passing import arguments
from store.records import ParameterRow

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--lr", type=float)
PARSER.add_argument("--name", default="")
PARSER.add_argument("-n", type=int)
PARSER.add_argument("--learning-rate", type=float)
PARSER.add_argument("--layers", type=int, nargs="*")
PARSER.add_argument("--deep", action="store_true")
PARSER.add_argument("--maybe")


def rows(values: dict[str, Any], section: str = "Args") -> list[ParameterRow]:
    """Return parameters as the recorder keeps them."""
    made = {name: parameters.stored(value) or {} for name, value in values.items()}
    return [ParameterRow(section, name, kept["value"], kept["type"], "") for name, kept in made.items()]


@pytest.mark.parametrize("words", [
    [], ["--lr", "0.5"], ["--name", "resnet oom"], ["--name=-x"], ["-n", "-3"], ["--layers", "1", "2"], ["--deep"],
    ["--lr", "1e-5", "--learning-rate", "0.1", "--name", "it's $(here)", "--deep", "-n", "4"],
], ids=" ".join)  # fmt: skip
def test_what_was_parsed_is_parsed_again(words: list[str]) -> None:
    before = PARSER.parse_args(words)
    assert PARSER.parse_args(arguments(rows(vars(before)), words)) == before


def test_an_edited_value_is_passed_as_the_option_is_spelled() -> None:
    edited = rows({"learning_rate": 0.3})
    assert arguments(edited, ["--learning-rate=0.1"]) == ["--learning-rate", "0.3"]
    assert arguments(edited) == ["--learning_rate", "0.3"]


def test_only_what_can_be_an_argument_is_passed() -> None:
    assert arguments([*rows({"depth": 3}, "General"), *rows({"model/depth": 3, "a; rm": 1})]) == []
