"""A private store for each test of the command line, and the command called in this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capture.cli.__main__ import main
from store.engine import Store, open_store
from tests.cli.calling import Answer, Capture
from tests.support import private_environment


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home and store below the test's own folder; the store does not exist yet."""
    for name in list(os.environ):
        if name.startswith(("CAPTURE_", "XDG_", "LABTOP_")):
            monkeypatch.delenv(name)
    for name, value in private_environment(tmp_path, {}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(home: Path) -> Store:
    with open_store(home / "store") as opened:
        pass
    return opened


@pytest.fixture
def capture(home: Path, capsys: pytest.CaptureFixture[str]) -> Capture:
    """Call the command in this process."""

    def call(*words: str) -> Answer:
        capsys.readouterr()
        return Answer(main(words), *capsys.readouterr())

    return call
