"""Every screen as a picture, at both sizes, from the seeded store: a snapshot that changed is a change users see."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.pilot import Pilot

from screenshots.scenes import NOW, SCENES, SIZES, Scene, Seeded, application, play
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


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_screen_looks_as_it_did(
    seeded: Seeded, noon: None, snap_compare: Callable[..., bool], scene: Scene, size: tuple[int, int]
) -> None:
    async def until_shown(pilot: Pilot[Any]) -> None:
        await play(pilot, scene)

    assert snap_compare(application(seeded, scene), terminal_size=size, run_before=until_shown)
