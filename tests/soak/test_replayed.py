"""Every scene through the output stage and as Textual draws it, replayed in pyte and in tmux: the same in each cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from screenshots import scenes
from screenshots.scenes import LOOKS, SCENES, Scene, Seeded, played
from tests.system.seeded import noon, seeded  # noqa: F401 - fixtures
from tests.tui.both import Both, both  # noqa: F401 - the fixture
from tests.tui.terminals import Terminal, in_tmux, told

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("both", "noon")]


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_scene_is_as_textual_draws_it(
    seeded: Seeded,  # noqa: F811 - the fixture
    scene: Scene,
    size: tuple[int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scenes, "LabtopApp", Both)
    async with played(seeded, scene, LOOKS[""], size) as (app, _):
        assert isinstance(app, Both)
        assert app.differs() == []

        def shown(name: str, terminal: Terminal) -> list[object]:
            return [*map(told, in_tmux(tmp_path / name, "".join(terminal.fed), *size).cells())]

        assert shown("staged", app.staged) == shown("stock", app.stock)
        assert app.staged.size < app.stock.size
