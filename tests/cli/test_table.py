"""The table of commands: everything made from it is current, and every verb in it exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from capture.cli import docs
from capture.cli.parsing import Usage, function, overview, parse, parser
from capture.cli.table import COMMANDS, GROUPS, Command, find


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_verb_has_its_function_and_its_help(command: Command) -> None:
    assert callable(function(command.function))
    assert command.group in GROUPS
    assert command.name in overview()
    with pytest.raises(Usage) as usage:
        parser(command).parse_args(["--help"])
    assert usage.value.code == 0
    printed = usage.value.text
    assert printed.startswith(f"usage: {command.usage_line} [--json] [--store S]")
    assert all(argument.flags[-1] in printed for argument in command.arguments if not argument.positional)


def test_the_docs_are_current() -> None:
    assert (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8") == docs.text(), (
        "docs/cli.md is out of date: run `python -m capture.cli.docs`"
    )


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        (["list", "-tag:old", "status:failed"], "list", {"filter": ["!tag:old", "status:failed"]}),
        (["--json", "list"], "list", {"json": True}),
        (["--store", "/x", "list", "--limit", "3"], "list", {"store": "/x", "limit": 3}),
        (["tag", "ab12", "cd34", "+good", "-bad", "--json"], "tag",
         {"ids": ["ab12", "cd34"], "add": ["good"], "remove": ["bad"], "json": True}),
        (["edit", "ab12", "Args/lr=-0.1", "a=b=c", "--add"], "edit",
         {"values": ["Args/lr=-0.1", "a=b=c"], "add": True}),
        (["move", "ab", "cd", "vision/resnet"], "move", {"ids": ["ab", "cd"], "project": "vision/resnet"}),
        (["queue", "rename", "old", "new"], "queue rename", {"name": "old", "new": "new"}),
        (["agent", "--queue", "one", "two"], "agent", {"queue": ["one", "two"]}),
        (["agent", "execute", "--id", "ab"], "agent execute", {"id": "ab"}),
        (["wait", "ab", "--timeout", "1.5"], "wait", {"ids": ["ab"], "timeout": 1.5}),
    ],
)  # fmt: skip
def test_the_promised_forms_are_understood(words: list[str], name: str, expected: dict[str, object]) -> None:
    command, arguments = parse(words)
    assert command.name == name
    assert {key: getattr(arguments, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ([], 2, "usage: capture COMMAND"),
        (["--help"], 0, "list tasks"),
        (["--version"], 0, "labtop"),
        (["lst"], 2, 'Did you mean "list"?'),
        (["queue"], 2, "queue rename"),
        (
            ["queue", "lits"],
            2,
            'no command "queue lits". Did you mean "queue list"? Valid: list, show, create, rename,',
        ),
        (["queue", "--help"], 0, "queue rename"),
    ],
)
def test_what_is_no_command_is_answered(words: list[str], code: int, part: str) -> None:
    with pytest.raises(Usage) as usage:
        parse(words)
    assert usage.value.code == code
    assert part in usage.value.text


@pytest.mark.parametrize(
    "words", [["list", "--lim", "3"], ["show"], ["show", "a", "b"], ["wait", "ab", "--timeout", "soon"], ["logs", "-x"]]
)
def test_a_wrong_command_line_ends_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(words)
    assert exit_.value.code == 2


def test_names_of_two_words_win_over_names_of_one() -> None:
    found = find(["agent", "list", "x"])
    assert found is not None
    assert (found[0].name, found[1]) == ("agent list", ["x"])
