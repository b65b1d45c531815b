"""``capture run``: a script as a task, unchanged.

This process becomes the script: signals and the exit code are its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from store.errors import UsageError

from .context import Context

LAUNCHER = Path(__file__).resolve().parents[1] / "launch" / "boot.py"
_WITH_VALUE = ("--project", "--name", "--store")


def split_words(words: list[str]) -> list[str]:
    """Put ``--`` where the script or module begins, so that its own options stay its own."""
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            return words
        if word == "-m":
            module = words[position + 1 : position + 2]
            return [*words[:position], *(["-m", *module] if module else ["-m"]), "--", *words[position + 2 :]]
        if word == "--tags":
            position = _after_tags(words, position + 1)
        elif not word.startswith("-"):
            return [*words[:position], "--", *words[position:]]
        else:
            position += 2 if word in _WITH_VALUE else 1
    return words


def _after_tags(words: list[str], position: int) -> int:
    """Return where the tags end: at an option, or at what is there as a file or looks like a script."""
    first = position
    while position < len(words) and not words[position].startswith("-"):
        if position > first and (words[position].endswith(".py") or Path(words[position]).exists()):
            break
        position += 1
    return position


def run(context: Context) -> int:
    """Become the script, started through ``capture.launch``."""
    args = context.args
    if not args.module and not args.command:
        raise UsageError("No script was named. Write `capture run SCRIPT ARGS…` or `capture run -m MODULE ARGS…`.")
    if not args.module and not Path(args.command[0]).exists():
        raise UsageError(f"There is no script {args.command[0]!r} here. Check the path.")
    what = ["-m", args.module] if args.module else []
    environment = os.environ | _chosen(context)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, str(LAUNCHER), *what, *args.command], environment)


def _chosen(context: Context) -> dict[str, str]:
    args = context.args
    given = {
        "CAPTURE_RUN_PROJECT": args.project, "CAPTURE_RUN_NAME": args.name, "CAPTURE_RUN_TAGS": "\n".join(args.tags),
        "CAPTURE_STORE": args.store,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}
