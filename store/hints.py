"""The keys that sentences name: the same words in SDK, CLI and dashboard, with the letters of whoever reads them.

A sentence that says what to do instead names the dashboard's key for it: ``Clone it (c)``. Whoever has moved a key is
told the one of now: the dashboard says once which keys are moved, for all sentences of its process. Plain floor.
"""

from __future__ import annotations

from collections.abc import Mapping

KEYS = {"clone": "c", "edit": "e", "enqueue": "Q", "abort": "A", "reset": "R", "archive": "a"}
"""Verb -> its key, where nobody has moved it; those of the dashboard's table are the same, which a test sees to."""
_moved: dict[str, str] = {}


def use(moved: Mapping[str, str]) -> None:
    """Name other keys from now on: id in the dashboard's table -> the keys it is on now, parted by commas."""
    _moved.clear()
    _moved.update(moved)


def moved() -> Mapping[str, str]:
    """Return the keys that are moved, by their ids."""
    return _moved


def key(verb: str) -> str:
    """Return the key of a verb as sentences name it: the first one it is on."""
    return _moved.get(f"task.{verb}", KEYS[verb]).partition(",")[0]


def filled(sentence: str, **values: str) -> str:
    """Return a sentence with the keys of its verbs (``Clone it ({clone})``) and other values put in."""
    return sentence.format(**{verb: key(verb) for verb in KEYS}, **values)
