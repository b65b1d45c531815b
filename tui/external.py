"""The user's own editor on a file, a picture, or the shell: the terminal is given to it and taken back.

The event loop stands still meanwhile, inside ``batch_update``: a repaint while the terminal is another program's would
wait for a writer that is not there. What the store tells in between is taken note of afterwards.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from store.errors import UsageError

if TYPE_CHECKING:
    from textual.app import App


EDITORS = ("VISUAL", "EDITOR")
READERS = (*EDITORS, "PAGER")


def command(environ: Mapping[str, str] = os.environ, names: Sequence[str] = EDITORS) -> list[str]:
    """Return the words of the user's editor: ``VISUAL``, else ``EDITOR``; of what only reads: the first that is set.

    Raises:
        UsageError: neither is set, or there is no such program.
    """
    name = next((name for name in names if environ.get(name, "").strip()), "EDITOR")
    try:
        words = shlex.split(environ.get(name, ""))
    except ValueError as error:
        raise UsageError(f"Cannot read {name}: {error}. Set it to a command, such as vim.") from error
    if not words:
        raise UsageError("No editor is set. Leave, say `export EDITOR=vim` (or another one), and come back.")
    if shutil.which(words[0]) is None:
        raise UsageError(f"Cannot find the editor {words[0]} that {name} names. Set {name} to one that is installed.")
    return words


def run(app: App[Any], words: list[str], file: Path) -> None:
    """Run an editor on a file and wait for its end.

    Raises:
        UsageError: the terminal cannot be given to it, or it failed.
    """
    problem = ""
    try:
        with app.batch_update(), app.suspend(), _deaf():
            problem = _run([*words, str(file)])
    except SuspendNotSupported as error:
        raise UsageError("Cannot open an editor: this is no terminal that could be given to it.") from error
    if problem:
        raise UsageError(problem)


def pause(app: App[Any]) -> None:
    """Stop, with the terminal given back to the shell, until the shell says ``fg``; where there is none, go on at once.

    Raises:
        UsageError: this is no terminal.
    """
    try:
        with app.batch_update(), app.suspend():
            before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(0, signal.SIGTSTP)  # the whole job, as the terminal itself would
            signal.signal(signal.SIGTSTP, before)
    except SuspendNotSupported as error:
        raise UsageError("Cannot suspend: there is no shell behind this screen.") from error


def terminal(app: App[Any]) -> int:
    """Return the file descriptor of the terminal that shows the dashboard.

    Raises:
        UsageError: it is none: a browser.
    """
    if app._driver is None or not app._driver.can_suspend or sys.__stderr__ is None:
        raise UsageError("Only a terminal with graphics of its own shows a picture in its own pixels; this is none.")
    return sys.__stderr__.fileno()


def show(app: App[Any], shown: bytes, gone: bytes) -> None:
    """Show a picture over the whole of a terminal until the next key; see ``output.still``."""
    from .output import still

    with app.batch_update(), app.suspend(), _deaf():
        still.show(shown, gone)


def _run(words: list[str]) -> str:
    """Run a program; return what went wrong. It must not raise: ``suspend`` would never take the terminal back."""
    try:
        code = subprocess.run(words, check=False).returncode
    except OSError as error:
        return f"Cannot start the editor {words[0]}: {error.strerror}."
    return f"The editor {words[0]} ended with {code}, so nothing was saved." if code else ""


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl+c is the editor's, or any key: a handler that does nothing, because a child would inherit being ignored."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
