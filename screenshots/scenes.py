"""What is photographed: the screens, and the keys that lead to each. Snapshot tests and pictures share this list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from textual.pilot import Pilot

from screenshots.seed import NOW, RUNNING, Seeded
from tui.app import LabtopApp
from tui.look import Look
from tui.once import settled
from tui.settings import Settings

SIZES = ((80, 24), (100, 30), (160, 48))
DONE = "resnet18 lr=0.03"
FOUR = ("space",) * 4


@dataclass(frozen=True)
class Scene:
    """A screen: opened on a task's tab (None: home), then some keys, which change nothing in the store."""

    name: str
    task: str | None = None
    tab: str | None = None
    keys: tuple[str, ...] = ()
    dark: bool = True
    colour: bool = True
    sizes: tuple[tuple[int, int], ...] = SIZES


_MAIN = (
    Scene("home"),
    Scene("filter", keys=("/", *"status:failed", "enter")),
    Scene("columns", keys=("|", "j", "j")),
    Scene("help", keys=("?",)),
    Scene("command", keys=(":", "s")),
    Scene("palette", keys=("ctrl+p", *"arch")),
    Scene("several", keys=("space", "G", "v", "A")),
    Scene("settings", keys=(",", "j")),
    Scene("overview", DONE, "overview"),
    Scene("configuration", "resnet18 lr=0.01", "configuration"),
    Scene("editing", "resnet18 lr=0.01", "configuration", ("j", "enter")),
    Scene("adding", "resnet18 lr=0.01", "configuration", ("+",)),
    Scene("execution", DONE, "execution"),
    Scene("console", "conformer large", "console"),
    Scene("scalars", DONE, "scalars"),
    Scene("scalars-live", RUNNING, "scalars"),
    Scene("plots", DONE, "plots", ("j",)),
    Scene("plots-histogram", DONE, "plots", ("G", "k", "enter")),
    Scene("samples", DONE, "samples", ("j",)),
    Scene("artifacts", DONE, "artifacts", ("j",)),
    Scene("queues", keys=("W", "j")),
    Scene("history", "resnet18 baseline", "overview", ("9",)),
    Scene("compare", keys=("j", *FOUR, "C")),
    Scene("compare-configuration", keys=("j", *FOUR, "C", "2", ">")),
    Scene("compare-scalars", keys=("j", *FOUR, "C", "5")),
    Scene("compare-figures", keys=("j", *FOUR, "C", "6")),
    Scene("compare-scatter", keys=("j", *FOUR, "C", "7")),
    Scene("search", keys=("ctrl+f", *"memory", "enter")),
    Scene("system", DONE, "system"),
    Scene("enqueue", "resnet18 lr=0.01", "overview", ("Q",)),
    Scene("publish", DONE, "overview", ("P",)),
    Scene("copy", DONE, "overview", ("Y",)),
    Scene("comment", DONE, "overview", (":", *"comment", "enter")),
)
_OTHER_LOOKS = ("home", "overview", "scalars", "console", "compare-figures")
SCENES = (
    *_MAIN,
    *(replace(scene, name=f"{scene.name}-light", dark=False, sizes=SIZES[:1]) for scene in _MAIN
      if scene.name in _OTHER_LOOKS),
    *(replace(scene, name=f"{scene.name}-plain", colour=False, sizes=SIZES[:1]) for scene in _MAIN
      if scene.name in _OTHER_LOOKS),
)  # fmt: skip
"""The main screens are there in the light theme and without colours, too, at one size."""


def application(seeded: Seeded, scene: Scene) -> LabtopApp:
    """Return the app that shows a scene, without the user's own settings."""
    task = None if scene.task is None else seeded.id(scene.task)
    look = Look(ascii=False, colour=scene.colour, dark=scene.dark)
    return LabtopApp(
        str(seeded.home), read_only=False, task=task, screen=scene.tab, settings=Settings(), look=look, take_in=False
    )


async def play(pilot: Pilot[None], scene: Scene) -> None:
    """Wait for the screen, press the scene's keys, and wait again."""
    app = pilot.app
    assert isinstance(app, LabtopApp)
    await settled(pilot, app)
    for key in scene.keys:
        await pilot.press(key)
    await settled(pilot, app)


async def pictures(seeded: Seeded, scene: Scene) -> AsyncIterator[tuple[str, str]]:
    """Yield a name and an SVG for each size of a scene: one app, whose terminal grows."""
    app = application(seeded, scene)
    async with app.run_test(size=scene.sizes[0]) as pilot:
        await play(pilot, scene)
        for width, height in scene.sizes:
            if (width, height) != app.size:
                await pilot.resize_terminal(width, height)
                await settled(pilot, app)
            yield f"{scene.name}-{width}x{height}", app.export_screenshot(title="labtop")


__all__ = ["NOW", "SCENES", "Scene", "Seeded", "pictures"]
