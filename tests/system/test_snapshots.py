"""Every screen as a picture, at every size, from the seeded store: a snapshot that changed is a change users see."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.screen import Screen

import tui
from screenshots.scenes import SCENES, Scene, Seeded, pictures
from tests.system.seeded import noon, seeded  # noqa: F401 - fixtures

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("seeded")]


SHOWN: dict[str, set[type]] = {}
"""The screens and dialogs of each scene that was looked at."""


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_screen_looks_as_it_did(
    seeded: Seeded,  # noqa: F811 - the fixture
    noon: None,  # noqa: F811 - the fixture
    snapshot: SnapshotAssertion,
    tmp_path: Path,
    scene: Scene,
) -> None:
    """One app for all sizes and looks: what it shows after they have changed is what a new one would show."""
    wrong = []
    async for name, svg, screens in pictures(seeded, scene):
        SHOWN.setdefault(scene.name, set()).update(map(type, screens))
        if snapshot(name=name.removeprefix(f"{scene.name}-"), extension_class=SVGImageExtension) != svg:
            wrong.append(tmp_path / f"{name}.svg")
            wrong[-1].write_text(svg)
    assert not wrong, f"other pictures than in __snapshots__: {', '.join(map(str, wrong))}"


def test_there_is_a_scene_of_every_screen_and_dialog() -> None:
    if len(SHOWN) < len(SCENES):
        pytest.skip(f"only {len(SHOWN)} of {len(SCENES)} scenes were looked at")
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        importlib.import_module(module.name)
    known = {kind for kind in _below(Screen) if kind.__module__.startswith("tui.") and not _below(kind)}
    assert known - set().union(*SHOWN.values()) == set()


def _below(kind: type) -> set[type]:
    below: list[type] = kind.__subclasses__()
    return {*below, *(found for one in below for found in _below(one))}
