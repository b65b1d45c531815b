"""What goes to standard output as text (one picture, lines, the version), and how its loss is told.

The sentence and the exit codes are those of the ``capture`` command. Nothing of the dashboard is known here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

BROKEN_PIPE = 141


class Unwritten(Exception):
    """Standard output did not take what was written to it; ``reason`` is why."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def put(text: str) -> None:
    """Print a text as it is.

    Raises:
        Unwritten: it cannot be written: the disk is full, the reader has gone.
    """
    try:
        print(text, end="", flush=True)
    except OSError as error:
        raise Unwritten(error) from error


def guarded(command: Callable[[], int]) -> int:
    """Run a command; return its exit code, or that of output which is lost."""
    try:
        code = _ended(command)
        put("")
    except Unwritten as lost:
        return _given_up(lost.reason)
    return code


def _ended(command: Callable[[], int]) -> int:
    try:
        return command()
    except SystemExit as told:  # argparse has said what is wrong
        return int(told.code or 0)


def _given_up(error: OSError) -> int:
    """Say that output is lost, unless its reader just had enough; nothing is written at exit any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    print(f"tui: Cannot write the output: {error.strerror}. Send it somewhere else.", file=sys.stderr)
    return 1
