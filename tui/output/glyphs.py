"""Text as cells: exactly one character a cell, so that rows can be compared, cut and joined by plain string operations.

The second cell of a wide character is ``TAIL``; a cluster of several code points is stood for by a private one. No
control character gets through: what comes out of here may be written to a terminal.
"""

from __future__ import annotations

import re

from rich.cells import split_graphemes

from store.safe import safe_text

TAIL = "\0"
"""Stands in the second cell of a wide character."""
_FIRST = 0x100000
"""From here on a code point stands for a cluster (plane 16: private use)."""
_LIMIT = 0xFFFD
_KNOWN = 8192

_SURE = (
    # Scripts without joining or combining, punctuation, arrows, boxes, blocks and braille: one cell everywhere …
    "\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0587\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2319"
    "\u231c-\u23e8\u23ed-\u23ef\u23f1-\u23f2\u23f4-\u25fc\u25ff-\u2613\u2800-\u28ff"
    "\u2714\u2716\u2717\u2718"
    # … and ideographs, kana and Hangul syllables: two.
    "\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
DOUBTFUL = re.compile(f"[^{_SURE}\0]\0?")
"""Cells of which terminals do not agree how wide they are."""
WIDE = re.compile("[^\0]\0")
"""Characters of two cells."""


class Glyphs:
    """Turns text into cells and back, remembering clusters."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._clusters: list[str] = []
        self._codes: dict[str, str] = {}

    @property
    def full(self) -> bool:
        """Whether no more clusters can be told apart: time to begin anew."""
        return len(self._clusters) >= _LIMIT

    def cells(self, text: str) -> str:
        """Return the text with one character a cell."""
        if text.isascii() and text.isprintable():
            return text
        found = self._known.get(text)
        if found is None:
            if len(self._known) > _KNOWN:
                self._known.clear()
            found = self._known[text] = self._split(text)
        return found

    def _split(self, text: str) -> str:
        text = safe_text(text).replace("\t", "").replace("\n", "")
        spans, _ = split_graphemes(text)
        return "".join(self._cell(text[start:end]) + TAIL * (width - 1) for start, end, width in spans if width)

    def _cell(self, cluster: str) -> str:
        if len(cluster) == 1 and ord(cluster) < _FIRST:
            return cluster
        code = self._codes.get(cluster)
        if code is None:
            if self.full:
                return "?"
            code = self._codes[cluster] = chr(_FIRST + len(self._clusters))
            self._clusters.append(cluster)
        return code

    def text(self, cells: str) -> str:
        """Return what to write for the cells."""
        if cells.isascii() and TAIL not in cells:
            return cells
        if max(cells) >= chr(_FIRST):
            cells = "".join(self._clusters[ord(c) - _FIRST] if ord(c) >= _FIRST else c for c in cells)
        return cells.replace(TAIL, "")
