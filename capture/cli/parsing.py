"""From words to a command: argparse and help texts, made from the table.

Only the parser of the one verb that was called is built. Usage errors end with exit code 2; nothing here knows what a
verb does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from .table import COMMANDS, COMMON, GROUPS, Command, below, closest, find


class Usage(Exception):
    """Nothing to run: ``text`` to print, on stdout if ``code`` is 0."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


def function(path: str) -> Callable[..., Any]:
    """Return the function of this package that ``module:name`` names."""
    module, _, name = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), name)
    return found


class _Parser(argparse.ArgumentParser):
    """Help is for us to print, as everything is."""

    def print_help(self, file: Any = None) -> None:
        raise Usage(self.format_help().rstrip("\n"), 0)


def parse(words: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """Return the command that is meant and its arguments.

    Raises:
        Usage: help was asked for, or no such command.
        SystemExit: argparse printed a usage error.
    """
    leading, words = _leading(list(words))
    if not words or words[0] in ("-h", "--help", "help"):
        raise Usage(overview(), 0 if words else 2)
    if words[0] == "--version":
        raise Usage(version(), 0)
    found = find(words)
    if found is None:
        raise Usage(_unknown(words), 0 if words[1:2] in (["-h"], ["--help"]) and below(words[0]) else 2)
    command, rest = found
    if command.rewrite:
        rest = function(command.rewrite)(rest)
    return command, parser(command).parse_args([*leading, *rest])


def _leading(words: list[str]) -> tuple[list[str], list[str]]:
    """Part the common options given before the verb from the rest."""
    taken: list[str] = []
    while words and (words[0] == "--json" or words[0].split("=")[0] == "--store"):
        count = 2 if words[0] == "--store" else 1
        taken, words = taken + words[:count], words[count:]
    return taken, words


def parser(command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command."""
    made = _Parser(
        prog=f"capture {command.name}", usage=command.usage_line.replace("%", "%%") + " [--json] [--store S]",
        description=f"{command.help[0].upper()}{command.help[1:]}. {command.about}".strip(), allow_abbrev=False,
    )  # fmt: skip
    for argument in (*command.arguments, *COMMON):
        made.add_argument(*argument.flags, help=argument.help.replace("%", "%%"), **argument.options)
    return made


def version() -> str:
    """Return the program's name and version."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return f"labtop {installed('labtop')}"
    except PackageNotFoundError:
        return "labtop (not installed: running from its source)"


def overview() -> str:
    """Return the help of the whole command."""
    lines = ["usage: capture COMMAND [ARGUMENTS…] [--json] [--store S]", "", "Records, shows and steers tasks."]
    for group in GROUPS:
        lines += ["", f"{group}:"]
        lines += [_entry(command) for command in COMMANDS if command.group == group]
    return "\n".join([*lines, "", "capture COMMAND --help tells more. The dashboard: tui"])


def _entry(command: Command) -> str:
    from textwrap import fill

    return fill(command.help, 79, initial_indent=f"  {command.name:<15}", subsequent_indent=" " * 17)


def _unknown(words: Sequence[str]) -> str:
    group = below(words[0])
    if group and (len(words) < 2 or words[1].startswith("-")):
        known = "\n".join(_entry(command) for command in group)
        return f"usage: capture {words[0]} COMMAND …\n\n{known}"
    if group:
        verbs = [command.name.split()[1] for command in group]
        near = closest(words[1], verbs)
        hint = f' Did you mean "{words[0]} {near}"?' if near else ""
        return f'capture: There is no command "{words[0]} {words[1]}".{hint} Valid: {", ".join(verbs)}.'
    near = closest(words[0], [command.name.split()[0] for command in COMMANDS])
    hint = f' Did you mean "{near}"?' if near else ""
    return f'capture: There is no command "{words[0]}".{hint} `capture --help` lists them.'
