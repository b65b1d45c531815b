"""``python -m capture.cli.docs``: writes docs/cli.md from the table of commands. A test says when it is out of date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .table import COMMANDS, COMMON, GROUPS, Argument, Command

_HEAD = """# The `capture` command

<!-- Made by `python -m capture.cli.docs` from capture/cli/table.py. Change that, not this. -->

What a command prints on stdout is data, what it tells a person is on stderr. On a terminal, lists are tables; in a pipe
they are lines with tabs between the fields (whole ids, no heading); with `--json` they are JSON, with times in UTC and
NaN and infinities as the strings "NaN", "Infinity" and "-Infinity".

A task is named by its id, by any unique start of it, or by its name if only one task has it.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | refused, unknown or failed |
| 2 | the command line is wrong |
| 3 | the store cannot be used |

`capture run` ends with the script's own exit code.

Every command takes these:
"""


def text() -> str:
    """Return docs/cli.md."""
    parts = [_HEAD, *map(_option, COMMON)]
    for group in GROUPS:
        parts += ["", f"## {group}"]
        for command in COMMANDS:
            if command.group == group:
                parts += _section(command)
    return "\n".join(parts) + "\n"


def _section(command: Command) -> Iterator[str]:
    yield from ("", f"### capture {command.name}", "", f"{command.help[0].upper()}{command.help[1:]}.")
    if command.about:
        yield from ("", command.about)
    yield from ("", "```", command.usage_line, "```")
    if command.arguments:
        yield ""
        yield from map(_option, command.arguments)


def _option(argument: Argument) -> str:
    value = argument.options.get("metavar", "") if argument.options.get("action") != "store_true" else ""
    names = [str(value)] if argument.positional else [f"{flag} {value}".strip() for flag in argument.flags]
    return f"- `{', '.join(names)}`: {argument.help}"


def main() -> None:
    """Write the file (or to the path given)."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "docs" / "cli.md"
    target.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
