"""The secrets that a task's own arguments and parameters gave away, to be found where nothing else tells them.

``--api-key=XYZ`` names its value a secret; the same text in a console line, in another argument or in the diff looks
like any other. What is known here is never in the store: it is kept beside the journal, as private as the journal is,
so that the next recorder knows it too, and goes with it. All journals of a task share one ``Known``.
"""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path

from store import redact
from store.records import Event, Line

SUFFIX = "secrets"
_LEAST = 4
"""Characters of a secret at the end of an unfinished line by which it is known to be on its way."""
_CLEANED = ("argv", "env", "comment", "text", "values", "reason", "preview", "design", "metadata")
log = logging.getLogger("labtop.recorder")


class Known:
    """The secrets of one task: the value of each, and the name it had."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def load(self, folder: Path, writer: str) -> None:
        """Take over what an earlier recorder has learnt from a journal."""
        try:
            self._add(json.loads((folder / f"{writer}.{SUFFIX}").read_text("utf-8")))
        except (OSError, ValueError):
            return

    def learn(self, folder: Path, writer: str, event: Event) -> None:
        """Remember the secrets that an event, as the script wrote it, gives away."""
        found = redact.secrets(event)
        if found.keys() <= self.names.keys():
            return
        self._add(found)
        try:
            made = folder / f"{writer}.{SUFFIX}.tmp"
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(self.names, file)
            made.rename(folder / f"{writer}.{SUFFIX}")
        except OSError as error:
            log.warning("the next recorder will not know the secrets of %s: %s", writer, error)

    def text(self, text: str) -> str:
        """Return text without them."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: redact.placeholder(self.names[found[0]]), text)

    def bytes(self, data: bytes) -> bytes:
        """Return a diff without them."""
        if not any(value.encode() in data for value in self.names):
            return data
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def lines(self, lines: list[Line]) -> list[Line]:
        """Return console lines without them."""
        if self._pattern is None:
            return lines
        return [line._replace(text=self.text(line.text)) for line in lines]

    def event(self, event: Event) -> Event:
        """Return an event without them: only where a person's words are, never what tells which task it is."""
        if self._pattern is None:
            return event
        return event | {name: self._all(event[name]) for name in _CLEANED if name in event}

    def unfinished(self, text: str) -> str:
        """Return the start of a line without them, nor what may become one."""
        text = redact.unfinished(self.text(text))
        for value, name in self.names.items():
            for size in range(min(len(value) - 1, len(text)), _LEAST - 1, -1):
                if text.endswith(value[:size]):
                    return text[:-size] + redact.placeholder(name)
        return text

    def _add(self, found: dict[str, str]) -> None:
        self.names |= found
        longest_first = sorted(map(re.escape, self.names), key=len, reverse=True)
        whole = rf"(?<![A-Za-z0-9])(?:{'|'.join(longest_first)})(?![A-Za-z0-9])"
        self._pattern = re.compile(whole) if longest_first else None

    def _all(self, found: object) -> object:
        if isinstance(found, str):
            return self.text(found)
        if isinstance(found, list):
            return [self._all(item) for item in found]
        return {key: self._all(item) for key, item in found.items()} if isinstance(found, dict) else found
