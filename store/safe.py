"""Text of scripts and users, made harmless for a terminal. Standard library only.

Everything somebody stored is shown through ``safe_text``: no escape sequence, control character or direction trick of
theirs may reach the terminal. It must not be used on the way *into* the store (see ``store.text``): what a script
wrote is kept as it was written.
"""

from __future__ import annotations

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")
_UNSAFE_ONE_LINE = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff]")
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS and their like
    r"|\x1b[ -/]*[0-~]"
)
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]")


def without_sequences(text: str) -> str:
    """Return console text without whole escape sequences, so that colours leave no ``[32m`` behind.

    For reading only: what remains still has to go through ``safe_text``.
    """
    return _SEQUENCE.sub("", text) if "\x1b" in text or not text.isascii() else text


def safe_text(text: str, limit: int | None = None, *, one_line: bool = False) -> str:
    r"""Return ``text`` without anything a terminal would act on.

    Dropped are C0 controls but tab and newline, DEL, C1 controls and bidirectional controls and isolates; lone
    surrogates become U+FFFD.

    Args:
        text: what a script or a user stored.
        limit: the greatest length in characters; longer text ends with ``…``.
        one_line: turn tabs and line breaks into spaces, for table cells and messages.
    """
    reach = len(text) if limit is None else limit * 2 + 64  # a cell needs no megabytes read to be known as too long
    whole, text = len(text) <= reach, text[:reach]
    if not (text.isascii() and text.isprintable()):
        text = (_UNSAFE_ONE_LINE if one_line else _UNSAFE).sub(_one_line if one_line else _replace, text)
    if limit is None or (whole and len(text) <= limit):
        return text
    return text[: limit - 1] + "…" if limit > 0 else ""


def _replace(match: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= match.group() <= "\udfff" else ""


def _one_line(match: re.Match[str]) -> str:
    return " " if _BREAKS.match(match.group()) else _replace(match)
