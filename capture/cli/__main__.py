"""Entry of the ``capture`` command.

Errors become one sentence and an exit code; a broken pipe and Ctrl-C are quiet. What a verb does is not known here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from store.errors import LabtopError
from store.safe import safe_text

from .parsing import Usage, function, parse

INTERRUPTED, BROKEN_PIPE = 130, 141


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused, unknown or failed, 2 usage, 3 store unusable."""
    from . import output

    output.make_robust()
    try:
        code = _run(sys.argv[1:] if words is None else words)
        sys.stdout.flush()
        return code
    except Usage as usage:
        print(safe_text(usage.text), file=sys.stderr if usage.code else sys.stdout)
        return usage.code
    except LabtopError as error:
        print(f"capture: {safe_text(str(error), one_line=True)}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        output.abandon_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        output.traceback(error)
        print("capture: that is a mistake of ours, see above. `capture doctor` tells more.", file=sys.stderr)
        return 1


def _run(words: Sequence[str]) -> int:
    command, arguments = parse(words)
    from .context import Context

    code = function(command.function)(Context(arguments))
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
