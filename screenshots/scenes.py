"""What is photographed: the screens, and the keys that lead to each. Snapshot tests and pictures share this list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.screen import ModalScreen

from screenshots.seed import NOW, RUNNING, Seeded
from tui.app import LabtopApp
from tui.look import Look
from tui.once import settled
from tui.settings import Settings

SIZES = ((80, 24), (100, 30), (160, 48))
DONE = "resnet18 lr=0.03"
FOUR = ("space",) * 4
ENDED = ("/", *"status:completed,published", "enter", *FOUR)
"""Marks the tasks that ended well, which kept something."""


LOOKS = {"light": Look(dark=False), "plain": Look(colour=False)}
"""What a scene is shown in besides, at the smallest size: the light theme, and without colours."""


@dataclass(frozen=True)
class Scene:
    """A screen: opened on a task's tab (None: home), then some keys, which change nothing in the store."""

    name: str
    task: str | None = None
    tab: str | None = None
    keys: tuple[str, ...] = ()
    baseline: str | None = None
    """The task that is its project's baseline as long as the scene is looked at."""


DRAFT = "resnet18 lr=0.01"
DELTAS = (
    "|", "u", *(key for word in ("status", "name", "age") for key in ("/", "ctrl+u", *word, "enter", "space")),
    "/", "ctrl+u", *"loss/val", "enter", "space", "g", "left", "enter",
)  # fmt: skip
"""Chooses columns, the last of them how far a metric is from the baseline's."""
SCENES = (
    Scene("home"),
    Scene("tree", keys=("tab", "j", "j")),
    Scene("filter", keys=("/", *"status:failed", "enter")),
    Scene("columns", keys=("|", "j", "j")),
    Scene("deltas", keys=("j", *DELTAS), baseline="resnet18 baseline"),
    Scene("deltas-tree", keys=("tab", "j", "j", "j", "j", "j", "j"), baseline="resnet18 baseline"),
    Scene("help", keys=("?",)),
    Scene("command", keys=(":", "s")),
    Scene("palette", keys=("ctrl+p", *"arch")),
    Scene("several", keys=("space", "G", "v", "A")),
    Scene("archive", keys=(":", *"archived", "enter")),
    Scene("settings", keys=(",", "j")),
    Scene("overview", DONE, "overview"),
    Scene("configuration", DRAFT, "configuration"),
    Scene("editing", DRAFT, "configuration", ("j", "enter")),
    Scene("adding", DRAFT, "configuration", ("+",)),
    Scene("execution", DONE, "execution"),
    Scene("console", "conformer large", "console"),
    Scene("console-full", "conformer large", "console", ("+",)),
    Scene("scalars", DONE, "scalars"),
    Scene("scalars-live", RUNNING, "scalars"),
    Scene("scalars-one", DONE, "scalars", ("j", "enter", *("left",) * 8)),
    Scene("scalars-table", DONE, "scalars", ("v",)),
    Scene("scalars-table-at", DONE, "scalars", ("v", "s", *("left",) * 8)),
    Scene("plots", DONE, "plots", ("j",)),
    Scene("plots-histogram", DONE, "plots", ("G", "k", "enter")),
    Scene("plots-boxes", DONE, "plots", ("j", "j")),
    Scene("plots-violins", DONE, "plots", ("j", "j", "j", "enter")),
    Scene("samples", DONE, "samples", ("j",)),
    Scene("artifacts", DONE, "artifacts", ("j",)),
    Scene("save", DONE, "artifacts", ("j", "s")),
    Scene("export", DONE, "scalars", ("j", ":", *"export", "enter")),
    Scene("queues", keys=("W", "j")),
    Scene("history", "resnet18 baseline", "overview", ("9",)),
    Scene("compare", keys=("j", *FOUR, "C")),
    Scene("compare-configuration", keys=("j", *FOUR, "C", "2", ">")),
    Scene("compare-code", keys=("j", "j", "j", "space", "j", "space", "C", "3")),
    Scene("compare-console", keys=("j", *FOUR, "C", "4")),
    Scene("compare-scalars", keys=("j", *FOUR, "C", "5")),
    Scene("compare-figures", keys=("j", *FOUR, "C", "6")),
    Scene("compare-scatter", keys=("j", *FOUR, "C", "6", "6")),
    Scene("compare-pick", keys=("j", *FOUR, "C", "6", "6", "x")),
    Scene("compare-artifacts", keys=(*ENDED, "C", "7", "=")),
    Scene("compare-samples", keys=(*ENDED, "C", "7", "7", "left")),
    Scene("search", keys=("ctrl+f", *"memory", "enter")),
    Scene("system", DONE, "system"),
    Scene("enqueue", DRAFT, "overview", ("Q",)),
    Scene("publish", DONE, "overview", ("P",)),
    Scene("publish-several", keys=("j", *FOUR, "P")),
    Scene("reset", DONE, "overview", ("R",)),
    Scene("sweep", DRAFT, "overview", (":", *"sweep lr=0.1,0.01 epochs=10..30..5", "enter")),
    Scene("sweeping", DRAFT, "overview", (":", *"sweep", "enter", *"lr=1,fast", "enter")),
    Scene("refused", "resnet18 baseline", "overview", ("R",)),
    Scene("rename", DONE, "overview", ("r",)),
    Scene("tags", DONE, "overview", ("t",)),
    Scene("tags-several", keys=("j", *FOUR, "t")),
    Scene("move", DONE, "overview", ("m",)),
    Scene("leaving", keys=(":", *"new", "enter", *"vision", "ctrl+c", "ctrl+c")),
    Scene("copy", DONE, "overview", ("Y",)),
    Scene("copy-draft", DRAFT, "overview", ("Y",)),
    Scene("comment", DONE, "overview", (":", *"comment", "enter")),
)


def application(seeded: Seeded, scene: Scene, look: Look) -> LabtopApp:
    """Return the app that shows a scene, without the user's own settings, and not where the last one stood."""
    task = None if scene.task is None else seeded.id(scene.task)
    app = LabtopApp(
        str(seeded.home), read_only=False, task=task, screen=scene.tab, settings=Settings(), look=look, take_in=False
    )
    app.asks = False
    return app


@asynccontextmanager
async def played(
    seeded: Seeded, scene: Scene, look: Look, size: tuple[int, int]
) -> AsyncIterator[tuple[LabtopApp, Pilot[None]]]:
    """Open the app, wait for the screen, press the scene's keys, and wait again."""
    app = application(seeded, scene, look)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app)
        for key in scene.keys:
            await pilot.press(key)
        await settled(pilot, app)
        yield app, pilot


async def pictures(
    seeded: Seeded, scene: Scene, sizes: Sequence[tuple[int, int]] = SIZES, looks: Mapping[str, Look] = LOOKS
) -> AsyncIterator[tuple[str, str]]:
    """Yield a name and an SVG for each size and each other look of a scene.

    By one app that changes as people change it: its terminal grows, and it takes another look, where nothing is asked
    meanwhile. The other looks of a dialog are of apps of their own.
    """
    first, usual = sizes[0], Look()
    with seeded.pinned(scene.baseline):
        async with played(seeded, scene, usual, first) as (app, pilot):
            asks = isinstance(app.screen, ModalScreen)
            turned = () if asks else [*looks.items(), ("", usual)]
            for name, look in turned:
                app.show_look(look)
                await settled(pilot, app)
                if name:
                    yield _picture(app, scene, name)
            for width, height in sizes:
                await pilot.resize_terminal(width, height)
                await settled(pilot, app)
                yield _picture(app, scene)
        for name, look in looks.items() if asks else ():
            async with played(seeded, scene, look, first) as (app, _):
                yield _picture(app, scene, name)


def _picture(app: LabtopApp, scene: Scene, look: str = "") -> tuple[str, str]:
    name = "-".join(filter(None, (scene.name, look, f"{app.size.width}x{app.size.height}")))
    return name, app.export_screenshot(title="labtop")


__all__ = ["LOOKS", "NOW", "SCENES", "Scene", "Seeded", "pictures"]
