"""What is so while a scene is looked at, and is not any more afterwards: the other scenes have the store as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from screenshots.seed import DAY, Seeded
from tui.unsaved import Unsaved, forget

Circumstance = Callable[[Seeded], AbstractContextManager[None]]
Deed = Callable[[Seeded], object]
"""What somebody else does, between two keys."""


def baseline(name: str) -> Circumstance:
    """A task is the baseline of its project."""
    return lambda seeded: seeded.pinned(name)


def typed_and_left(name: str, key: str, seen: str, text: str) -> Circumstance:
    """A value was typed into a Draft, and the link dropped before it was saved."""

    @contextmanager
    def left(seeded: Seeded) -> Iterator[None]:
        unsaved = Unsaved(str(seeded.home), seeded.id(name))
        _forget(unsaved)
        draft = unsaved.draft("value", key, seen)
        at = datetime.fromisoformat(f"{DAY}T11:52:00").replace(tzinfo=UTC).timestamp()
        draft.left = replace(draft.left, text=text, time=at)
        draft.leave()
        try:
            yield
        finally:
            _forget(unsaved)

    return left


def _forget(unsaved: Unsaved) -> None:
    for left, path in unsaved.left():
        forget(left, path)


def edited(name: str, edit: str) -> Deed:
    """Somebody else edits a Draft."""
    return lambda seeded: seeded.capture("11:40", "edit", seeded.id(name), edit)


def afterwards(deed: Deed) -> Circumstance:
    """Something is done when the scene was looked at."""

    @contextmanager
    def done(seeded: Seeded) -> Iterator[None]:
        try:
            yield
        finally:
            deed(seeded)

    return done
