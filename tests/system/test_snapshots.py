"""Every screen as a picture, at every size, from the seeded store: a snapshot that changed is a change users see."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion

from screenshots.scenes import NOW, SCENES, Scene, Seeded, pictures
from store import clock

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("seeded")]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """The seeded store, made once for all pictures."""
    made = Seeded(tmp_path_factory.mktemp("seeded") / "seed")
    try:
        yield made.fill()
    finally:
        made.close()


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The moment at which the store is looked at, in UTC, without the user's own settings."""
    moment = datetime.fromisoformat(NOW).replace(tzinfo=UTC).timestamp()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("CAPTURE_CONFIG", "/home/ada/config.toml")
    for name in ("CAPTURE_STORE", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_screen_looks_as_it_did(
    seeded: Seeded, noon: None, snapshot: SnapshotAssertion, tmp_path: Path, scene: Scene
) -> None:
    """One app for all sizes and looks: what it shows after they have changed is what a new one would show."""
    wrong = []
    async for name, svg in pictures(seeded, scene):
        if snapshot(name=name.removeprefix(f"{scene.name}-"), extension_class=SVGImageExtension) != svg:
            wrong.append(tmp_path / f"{name}.svg")
            wrong[-1].write_text(svg)
    assert not wrong, f"other pictures than in __snapshots__: {', '.join(map(str, wrong))}"
