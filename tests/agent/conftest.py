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
    environ = private_environment(tmp_path, os.environ)
    for name in ("CUDA_VISIBLE_DEVICES", "PYTHONSAFEPATH"):
        environ.pop(name, None)
    found = Place(tmp_path, environ)
    yield found
    found.end()
