"""Entry of the ``capture`` command.

Errors become one sentence and an exit code; a broken pipe and Ctrl-C are quiet; output that cannot be written is said.
What a verb does is not known here.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from .parsing import Usage, function, parse
from .table import Command

INTERRUPTED, BROKEN_PIPE = 130, 141


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused, unknown or failed, 2 usage, 3 store unusable."""
    _open_what_is_closed()
    code = _ended(sys.argv[1:] if words is None else words)
    try:
        sys.stdout.flush()
    except OSError as error:
        return _given_up(error)
    return code


def _ended(words: Sequence[str]) -> int:
    try:
        return _answered(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _failed(error)


def _open_what_is_closed() -> None:
    """Put something behind a standard stream that was closed, or the store would be opened in its place.

    Ours only: what this process executes finds it closed again.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number < 2 else os.O_WRONLY)  # stdout: whoever writes there is told so
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _given_up(error: OSError) -> int:
    """Say that output is lost, unless its reader just had enough; nothing is written at exit any more."""
    from .output import abandon_stdout

    abandon_stdout()
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    print(f"capture: Cannot write the output: {error.strerror}. Send it somewhere else.", file=sys.stderr)
    return 1


def _run(command: Command, arguments: Namespace) -> int:
    from .context import Context
    from .output import make_robust

    make_robust()
    _collect_less()
    sys.unraisablehook = _interrupted_in_passing
    return int(function(command.function)(Context(arguments)) or 0)


def _collect_less() -> None:
    """Look for garbage more seldom: what a verb loads is none, and looking through it costs a fifth of its time."""
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)  # nor once more when the process ends


def _interrupted_in_passing(unraisable: Any) -> None:
    """Ctrl-C struck while an object was being cleaned up, where nothing can be raised: leave all the same, quietly."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(unraisable)


def _answered(words: Sequence[str]) -> int:
    try:
        command, arguments = parse(words)
    except Usage as usage:
        return _told(usage.text, usage.code)
    except SystemExit as told:  # argparse has said what is wrong
        return int(told.code or 0)
    return _run(command, arguments)


def _told(text: str, code: int) -> int:
    from .output import Output

    if code:
        Output().say(text)
    else:
        Output().lines([text])
    return code


def _failed(error: Exception) -> int:
    """Say what was refused, or show a mistake of ours with its traceback."""
    from store.errors import LabtopError

    from .output import Unwritten, traceback

    if isinstance(error, Unwritten):
        return _given_up(error.reason)
    if isinstance(error, LabtopError):
        from store.safe import safe_text

        print(f"capture: {safe_text(str(error), one_line=True)}", file=sys.stderr)
        return error.exit_code
    traceback(error)
    print("capture: that is a mistake of ours, see above. `capture doctor` tells more.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
