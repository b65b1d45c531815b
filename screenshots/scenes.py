"""What is photographed: the screens, and the keys that lead to each. Snapshot tests and pictures share this list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from screenshots.circumstances import Circumstance, Deed, afterwards, baseline, edited, typed_and_left
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


LOOKS = {"": Look(), "light": Look(dark=False), "plain": Look(colour=False)}
"""What a scene is shown in: the dark theme, the light one, and without colours."""


@dataclass(frozen=True)
class Scene:
    """A screen: opened on a task's tab (None: home), then some keys, which change nothing in the store."""

    name: str
    task: str | None = None
    tab: str | None = None
    keys: tuple[str | Deed, ...] = ()
    during: Circumstance = nullcontext
    """What is so as long as the scene is looked at."""
    store: str = ""
    """Another store than the seeded one, that cannot be used."""
    asks: bool = False
    """Whether the screen may ask by itself what it does not when it is only looked at."""


class Picture(NamedTuple):
    """A scene in one size and look."""

    name: str
    svg: str
    screens: tuple[Screen[Any], ...]
    """What lies over each other in it."""


DRAFT = "resnet18 lr=0.01"
DELTAS = (
    "|", "u", *(key for word in ("status", "name", "age") for key in ("/", "ctrl+u", *word, "enter", "space")),
    "/", "ctrl+u", *"loss/val", "enter", "space", "g", "left", "enter",
)  # fmt: skip
"""Chooses columns, the last of them how far a metric is from the baseline's."""
LR = ("j", "j", "j", "j", "enter", "ctrl+u")
"""Leads to the line for a Draft's learning rate."""
SCENES = (
    Scene("home"),
    Scene("tree", keys=("tab", "j", "j")),
    Scene("filter", keys=("/", *"status:failed", "enter")),
    Scene("columns", keys=("|", "j", "j")),
    Scene("deltas", keys=("j", *DELTAS), during=baseline("resnet18 baseline")),
    Scene("deltas-tree", keys=("tab", "j", "j", "j", "j", "j", "j"), during=baseline("resnet18 baseline")),
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
    Scene("clash", DRAFT, "configuration", (*LR, *"0.05", edited(DRAFT, "Args/lr=0.02"), "enter"),
          during=afterwards(edited(DRAFT, "Args/lr=0.01"))),
    Scene("unsaved", DRAFT, "configuration", during=typed_and_left(DRAFT, "Args/lr", "0.01", "0.005"), asks=True),
    Scene("no-store", store="/home/ada/lab"),
    Scene("away", store="postgresql://ada@127.0.0.1:1/lab"),
)  # fmt: skip


def application(seeded: Seeded, scene: Scene, look: Look) -> LabtopApp:
    """Return the app that shows a scene, without the user's own settings, and not where the last one stood."""
    store, task = scene.store or str(seeded.home), None if scene.task is None else seeded.id(scene.task)
    app = LabtopApp(store, read_only=False, task=task, screen=scene.tab, settings=Settings(), look=look, take_in=False)
    app.asks = scene.asks or bool(scene.store)
    return app


@asynccontextmanager
async def played(
    seeded: Seeded, scene: Scene, look: Look, size: tuple[int, int]
) -> AsyncIterator[tuple[LabtopApp, Pilot[None]]]:
    """Open the app, wait for the screen, press the scene's keys, and wait again."""
    with scene.during(seeded):
        app = application(seeded, scene, look)
        async with app.run_test(size=size) as pilot:
            await settled(pilot, app)
            for key in scene.keys:
                await (pilot.press(key) if isinstance(key, str) else asyncio.to_thread(key, seeded))
            await settled(pilot, app)
            yield app, pilot


async def pictures(
    seeded: Seeded, scene: Scene, sizes: Sequence[tuple[int, int]] = SIZES, looks: Mapping[str, Look] = LOOKS
) -> AsyncIterator[Picture]:
    """Yield a scene in each look and size.

    By one app that changes as people change it: its terminal grows, and it takes another look, where nothing is asked
    meanwhile. The other looks of a dialog are of apps of their own.
    """
    left = dict(looks)
    while left:
        async with played(seeded, scene, next(iter(left.values())), sizes[0]) as (app, pilot):
            alone = isinstance(app.screen, ModalScreen)
            for name in [*left][: 1 if alone else None]:
                app.show_look(left.pop(name))
                for size in sizes:
                    await pilot.resize_terminal(*size)
                    await settled(pilot, app)
                    yield _picture(app, scene, name)


def _picture(app: LabtopApp, scene: Scene, look: str) -> Picture:
    name = "-".join(filter(None, (scene.name, look, f"{app.size.width}x{app.size.height}")))
    return Picture(name, app.export_screenshot(title="labtop"), tuple(app.screen_stack))


__all__ = ["LOOKS", "NOW", "SCENES", "Picture", "Scene", "Seeded", "pictures"]
