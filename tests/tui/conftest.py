"""Screens on stores of their own: nothing here may find the user's store, settings or colours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import Store, open_store
from tests.support import private_environment


@pytest.fixture(autouse=True)
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a home, settings and a store of its own, and a terminal as most people have it."""
    mine = private_environment(tmp_path, os.environ)
    for name in set(os.environ) - set(mine):
        monkeypatch.delenv(name)
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    with open_store(tmp_path / "store") as opened:
        yield opened
