"""The seeded store of the pictures, looked at on the day it was made for: fixtures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screenshots.scenes import NOW, Seeded
from store import clock


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """The seeded store, made once for all pictures."""
    made = Seeded(tmp_path_factory.mktemp("seeded") / "seed")
    try:
        yield made.fill()
    finally:
        made.close()


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The moment at which the store is looked at, in UTC, without the user's own settings and unsaved texts."""
    moment = datetime.fromisoformat(NOW).replace(tzinfo=UTC).timestamp()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("CAPTURE_CONFIG", "/home/ada/config.toml")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("CAPTURE_STORE", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
