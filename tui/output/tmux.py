"""tmux between the dashboard and the terminal: whether it is there, and how a sequence gets past it.

It keeps to itself what it does not know, unless that is wrapped and its own option `allow-passthrough` says so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_WHOLE = re.compile(rb"\x1b[_\]][^\x07\x1b]*(?:\x07|\x1b\\)")


def is_between(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether tmux stands between; behind ssh ``TERM`` alone tells."""
    return bool(environ.get("TMUX")) or environ.get("TERM", "").startswith("tmux")


def passed_on(sequences: bytes, environ: Mapping[str, str] = os.environ) -> bytes:
    """Return sequences as tmux hands them to the terminal around it: those that begin as kitty's or an OSC does.

    Sixel stays as it is: tmux reads that itself.
    """
    return _WHOLE.sub(_wrapped, sequences) if is_between(environ) else sequences


def _wrapped(sequence: re.Match[bytes]) -> bytes:
    return b"\x1bPtmux;" + sequence[0].replace(b"\x1b", b"\x1b\x1b") + b"\x1b\\"
