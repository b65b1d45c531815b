"""Tasks for the screens, made in a real store the way the recorder makes them."""

from __future__ import annotations

import math
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from store import commands
from store.engine import Store, open_store
from store.ingest import ingest
from store.records import Line, Plot, Points
from store.sample_records import Sample
from tests.support import Script, points
from tui.app import LabtopApp
from tui.look import Look
from tui.screens.task import TaskScreen
from tui.settings import Settings

BY = "ada@testhost"
T = TypeVar("T")


class Run:
    """A task that a script has started: everything it reports is in the store when the call returns."""

    def __init__(self, store: Store, name: str = "resnet lr=3e-5", parameters: Mapping[str, str] | None = None,
                 project: str = "vision/resnet") -> None:  # fmt: skip
        self.store = store
        self.script = Script()
        events = [self.script.start(project=project, name=name, time=time.time() - 300)]
        if parameters:
            values = {
                key: {"value": value, "type": _type(value), "description": ""} for key, value in parameters.items()
            }
            events.append({"e": "parameters", "values": values})
        self._take(self.script.batch(events=events))
        self._iteration: dict[tuple[str, str], int] = {}

    def _take(self, batch: object) -> None:
        taken = ingest(self.store, [batch], BY)  # type: ignore[list-item]
        assert taken[0].outcome == "stored", taken
        self.script.execution = taken[0].execution

    @property
    def id(self) -> str:
        return self.script.task

    def report(self, title: str, series: str, *values: float) -> None:
        self.report_together((title, series), values=values)

    def report_together(self, *keys: tuple[str, str], values: Sequence[float]) -> None:
        """Report the same values of several series, in one transaction."""
        scalars: dict[tuple[str, str], Points] = {}
        for key in keys:
            first = self._iteration.get(key, 0)
            self._iteration[key] = first + len(values)
            scalars[key] = points(values, first=first, at=time.time() - 300 + first)
        self._take(self.script.batch(scalars=scalars))

    def report_at(self, title: str, series: str, values: Mapping[int, float]) -> None:
        """Report values of the iterations given."""
        times = array("d", [time.time() - 300 + at for at in values])
        made = Points(array("q", values), times, array("d", values.values()))
        self._take(self.script.batch(scalars={(title, series): made}))

    def draw(self, *plots: Plot) -> None:
        self._take(self.script.batch(plots=plots))

    def show(self, *samples: Sample) -> None:
        self._take(self.script.batch(samples=samples))

    def say(self, *texts: str, stream: str = "out") -> None:
        self._take(self.script.batch(lines=[Line(time.time(), stream, 0, text) for text in texts]))

    def tell(self, **event: object) -> None:
        self._take(self.script.batch(events=[dict(event)]))

    def again(self) -> None:
        """Have the script run once more: its last task is used again, without what it had left."""
        execution, self.script = self.script.execution, Script(self.id)
        self._iteration.clear()
        self._take(self.script.batch(events=[self.script.start(mode="reuse", execution=execution, time=time.time())]))

    def end(self, status: str = "completed", reason: str = "") -> None:
        self.tell(e="end", status=status, reason=reason, time=time.time())


def _type(value: str) -> str:
    for kind, read in (("int", int), ("float", float)):
        try:
            read(value)
        except ValueError:
            continue
        return kind
    return "bool" if value in ("True", "False") else "str"


def draft(store: Store, name: str = "a draft", **parameters: str) -> str:
    """Return the id of a Draft with parameters of the section Args."""
    values = {f"Args/{key}": (value, _type(value)) for key, value in parameters.items()}
    return commands.create(store, by=BY, project="vision/resnet", name=name, parameters=values)


def curve(n: int, start: float = 2.0, end: float = 0.2) -> list[float]:
    """Return n values falling from start to end."""
    shares = [math.exp(-4 * i / max(1, n - 1)) for i in range(n)]
    return [end + (start - end) * (share - shares[-1]) / (1 - shares[-1]) for share in shares]


def new_store(folder: Path) -> Store:
    """Return a new store of its own."""
    return open_store(folder / "store")


class Opened:
    """The app on a task's screen, driven by a pilot."""

    def __init__(self, pilot: Pilot[None], app: LabtopApp) -> None:
        self.pilot = pilot
        self.app = app

    @property
    def screen(self) -> TaskScreen:
        """The task's screen, also under a dialog."""
        screens = [screen for screen in self.app.screen_stack if isinstance(screen, TaskScreen)]
        assert screens, self.app.screen_stack
        return screens[-1]

    async def until(self, predicate: Callable[[], T], what: str = "", timeout: float = 15.0) -> T:
        """Let the app run until the predicate's answer is truthy, and return it."""
        deadline = time.monotonic() + timeout
        while True:
            await self.pilot.pause()
            if self.app._exception is not None:
                raise self.app._exception
            answer = predicate()
            if answer:
                return answer
            assert time.monotonic() < deadline, f"still not: {what or predicate}\n{self.text()}"

    async def sees(self, *texts: str) -> str:
        """Wait until every text is on the screen; return the screen."""
        await self.until(lambda: all(text in self.text() for text in texts), f"{texts} on the screen")
        return self.text()

    async def press(self, *keys: str) -> None:
        """Press keys one after another; a text is typed into its line at once."""
        for part in self.parts(keys):
            await self.press_at_once(part)

    def parts(self, keys: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield keys one by one, but all characters together that a line takes, if one has the keys by then."""
        while keys:
            typing = isinstance(self.app.focused, Input | TextArea)
            names = (at for at, key in enumerate(keys) if len(key) > 1)
            end = max(1, next(names, len(keys)) if typing else 1)
            yield keys[:end]
            keys = keys[end:]

    async def press_at_once(self, keys: Sequence[str]) -> None:
        """Press a key, or type a text."""
        if len(keys) == 1:
            await self.pilot.press(*keys)
            return
        for character in keys:
            self.app.post_message(Key(_character_to_key(character), character))
        await self.until(lambda: self.app._typed._under_way is None, "what is typed to be there")

    def text(self) -> str:
        """Return what is on the screen, a line of text a row."""
        width = self.app.size.width
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width].rstrip() for strip in strips)


class OnTask:
    """``async with OnTask(store, task) as opened``: the app over a store, on one task's screen."""

    def __init__(self, store: Store, task: str, tab: str | None = None, size: tuple[int, int] = (100, 32), *,
                 look: Look | None = None, read_only: bool = False) -> None:  # fmt: skip
        self._app = LabtopApp(store.location, read_only, task=task, screen=tab, settings=Settings(),
                              look=look or Look(), take_in=False)  # fmt: skip
        self._running = self._app.run_test(size=size)

    async def __aenter__(self) -> Opened:
        pilot = await self._running.__aenter__()
        opened = Opened(pilot, self._app)
        await opened.until(lambda: any(isinstance(s, TaskScreen) for s in self._app.screen_stack), "the task screen")
        await opened.until(lambda: opened.screen.detail is not None, "the task's details")
        return opened

    async def __aexit__(self, *error: object) -> None:
        await self._running.__aexit__(*error)  # type: ignore[arg-type]
