"""The app on its home screen, driven by keys, over a real store."""

from __future__ import annotations

import time
from collections.abc import Sequence

from store import commands
from store.engine import Store
from store.ingest import ingest
from store.lifecycle import Status
from store.records import Batch
from tests.support import Script
from tests.tui.made import BY, Opened
from tui.app import LabtopApp
from tui.look import Look
from tui.screens.home import HomeScreen
from tui.settings import Settings
from tui.widgets.table import TaskTable
from tui.widgets.tree import ProjectTree


class Home(Opened):
    """The opened app with shortcuts to the home screen's parts."""

    @property
    def home(self) -> HomeScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, HomeScreen)
        return screen

    @property
    def table(self) -> TaskTable:
        return self.home.table

    @property
    def tree(self) -> ProjectTree:
        return self.home.projects

    @property
    def names(self) -> list[str]:
        """Names in the order of the table, as far as they are in memory."""
        rows = [self.table.pages.get(index) for index in range(self.table.pages.total)]
        return [row.name for row in rows if row is not None]

    async def lists(self, *names: str) -> None:
        """Wait until the table has tasks of these names, in this order."""
        await self.until(lambda: self.names == list(names), f"a table of {names}")

    async def calm(self) -> None:
        """Wait until nothing is fetched any more."""
        await self.until(lambda: self.app.is_calm and not self.table.pages.missing(*self.table.in_sight), "a calm app")

    async def keys(self, *keys: str) -> str:
        """Press keys one after another, letting the app come to rest after each, or a text; return the screen."""
        for part in self.parts(keys):
            await self.press_at_once(part)
            await self.calm()
        return self.text()


class OnHome:
    """``async with OnHome(store) as home``: the app on its home screen, once its rows are there if it ``waits``."""

    _waits = True

    def __init__(
        self, store: Store, size: tuple[int, int] = (120, 30), *, look: Look | None = None, read_only: bool = False,
        project: str | None = None, task: str | None = None, text: str = "", waits: bool = True,
    ) -> None:  # fmt: skip
        self._waits = waits
        self._app = LabtopApp(store.location, read_only, project, task, settings=Settings(), look=look or Look(),
                              take_in=False, text=text)  # fmt: skip
        self._running = self._app.run_test(size=size)

    async def __aenter__(self) -> Home:
        home = Home(await self._running.__aenter__(), self._app)
        if self._waits:
            await home.until(lambda: len(self._app.screen_stack) > 0 and home.table.loaded, "the first rows")
            await home.calm()
        return home

    async def __aexit__(self, *error: object) -> None:
        await self._running.__aexit__(*error)  # type: ignore[arg-type]


def started(name: str, project: str = "vision/resnet", at: float | None = None) -> Batch:
    """Return the first batch of a script that runs."""
    script = Script()
    return script.batch(events=[script.start(project=project, name=name, time=at or time.time())])


def running(store: Store, names: Sequence[str], project: str = "vision/resnet") -> list[str]:
    """Start tasks; the last of them is the newest. Return their ids."""
    now = time.time() - len(names)
    batches = [started(name, project, now + number) for number, name in enumerate(names)]
    for start in range(0, len(batches), 50):
        assert {taken.outcome for taken in ingest(store, batches[start : start + 50], BY)} == {"stored"}
    return [batch.task for batch in batches]


def in_state(store: Store, status: Status, name: str = "", project: str = "vision/resnet") -> str:
    """Return the id of a task brought into a state by the commands that lead there."""
    name = name or f"the {status.value} one"
    if status in (Status.DRAFT, Status.PENDING):
        task = commands.create(store, by=BY, project=project, name=name)
        if status is Status.PENDING:
            commands.enqueue(store, task, by=BY)
        return task
    [task] = running(store, [name], project)
    if status is Status.RUNNING:
        return task
    ends = {Status.FAILED: Status.FAILED, Status.ABORTED: Status.ABORTED}
    commands.finish(store, task, by=BY, status=ends.get(status, Status.COMPLETED), reason="")
    if status is Status.PUBLISHED:
        commands.publish(store, task, by=BY)
    return task
