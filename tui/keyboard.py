"""Bytes from the terminal that are no UTF-8: a Latin-1 terminal's keys, a binary paste.

Textual decodes what it reads strictly, so that one such byte ends the app. Its decoder is replaced by one that shows
what cannot be read as the replacement character.
"""

from __future__ import annotations

import codecs
from functools import partial
from typing import Any


def forgive() -> None:
    """Have Textual's driver read any byte; nothing happens where it decodes in another way."""
    from textual.drivers import linux_driver

    module: Any = linux_driver
    if hasattr(module, "getincrementaldecoder"):
        module.getincrementaldecoder = _decoder


def _decoder(encoding: str) -> partial[codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
