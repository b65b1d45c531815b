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
