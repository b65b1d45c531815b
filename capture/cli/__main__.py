"""Entry of the ``capture`` command.

Errors become one sentence and an exit code; a broken pipe and Ctrl-C are quiet. What a verb does is not known here.
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
    try:
        return _answered(sys.argv[1:] if words is None else words)
    except BrokenPipeError:
        from .output import abandon_stdout

        abandon_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _failed(error)


def _run(command: Command, arguments: Namespace) -> int:
    from .context import Context
    from .output import make_robust

    make_robust()
    _collect_less()
    sys.unraisablehook = _interrupted_in_passing
    code = function(command.function)(Context(arguments))
    sys.stdout.flush()
    return int(code or 0)


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
    return _run(command, arguments)


def _told(text: str, code: int) -> int:
    from store.safe import safe_text

    print(safe_text(text), file=sys.stderr if code else sys.stdout, flush=True)
    return code


def _failed(error: Exception) -> int:
    """Say what was refused, or show a mistake of ours with its traceback."""
    from store.errors import LabtopError

    if isinstance(error, LabtopError):
        from store.safe import safe_text

        print(f"capture: {safe_text(str(error), one_line=True)}", file=sys.stderr)
        return error.exit_code
    from .output import traceback

    traceback(error)
    print("capture: that is a mistake of ours, see above. `capture doctor` tells more.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
