"""A private store and folder for each test of the agent; everything in these tests is a real process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.place import Place
from tests.support import private_environment


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A store of the test's own, with a folder for scripts; whatever was started is ended."""
    yield from _place(tmp_path)


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A store for the tests of a file whose tasks one agent runs one after another."""
    yield from _place(tmp_path_factory.mktemp("shared"))


def _place(folder: Path) -> Iterator[Place]:
    environ = private_environment(folder, os.environ)
    for name in ("CUDA_VISIBLE_DEVICES", "PYTHONSAFEPATH"):
        environ.pop(name, None)
    found = Place(folder, environ)
    yield found
    found.end()
