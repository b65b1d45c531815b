"""A key waits for the one before it, and what is to be done later is done: in an app of nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.events import Event, Key
from textual.message import Message
from textual.widget import Widget

import tui
from tui import typed
from tui.later import later
from tui.typed import TypedAhead


class Asked(Message):
    """What a line says to what holds it."""


class Given(Message):
    """What that says to what holds it in turn."""


class Taker(Widget, can_focus=True):
    """Notes the keys it gets; hangs at ``h`` until the end, and sends ``enter`` up the tree."""

    end: asyncio.Event

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.got: list[str] = []

    async def on_key(self, event: Key) -> None:
        """Take it."""
        event.stop()
        self.got.append(event.key)
        if event.key == "enter":
            self.post_message(Asked())
        elif event.key == "h":
            self.app.query_one("#behind").focus()
            await self.end.wait()


class Holder(Container):
    """Says in its own words what it is told."""

    def on_asked(self) -> None:
        """Pass it on."""
        self.post_message(Given())


class Typing(App[None]):
    """Two takers, the first with the focus."""

    def __init__(self) -> None:
        super().__init__()
        self._typed = TypedAhead(self, super().on_event)

    def on_mount(self) -> None:
        """Take keys from now on."""
        self._typed.begin()

    def compose(self) -> ComposeResult:
        """Both in holders."""
        yield Holder(Holder(Taker("first")))
        yield Taker("behind")

    async def on_event(self, event: Event) -> None:
        """One key at a time."""
        if isinstance(event, Key) and not event.is_forwarded:
            await self._typed.add(event)
        else:
            await super().on_event(event)

    def on_given(self) -> None:
        """The other one has the keys from now on."""
        self.query_one("#behind").focus()


async def _typed_at_once(*keys: str) -> list[list[str]]:
    """Return what each taker got."""
    app, Taker.end = Typing(), asyncio.Event()
    async with app.run_test() as pilot, asyncio.timeout(20):
        app.query_one("#first").focus()
        await pilot.pause()
        for key in keys:
            app.post_message(Key(key, None))
        takers = app.query(Taker)
        try:
            while sum(len(taker.got) for taker in takers) < len(keys):
                await asyncio.sleep(0.01)
        finally:
            Taker.end.set()
        return [taker.got for taker in takers]


async def test_a_key_waits_for_what_the_key_before_it_has_said() -> None:
    assert await _typed_at_once("a", "enter", "b") == [["a", "enter"], ["b"]]


async def test_keys_behind_one_that_hangs_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "PATIENCE", 0.05)
    assert await _typed_at_once("h", "b", "c") == [["h"], ["b", "c"]]


async def test_what_is_to_be_done_later_is_done_once_unless_cancelled_or_gone() -> None:
    app, called = Typing(), []
    async with app.run_test() as pilot, asyncio.timeout(20):
        first, behind = app.query(Taker)
        done = asyncio.Event()
        await first.remove()
        later(first, 0, lambda: called.append("gone"))
        later(behind, 0, lambda: called.append("cancelled")).cancel()
        later(behind, -1, lambda: called.append("late"))
        later(behind, 0.02, done.set)
        await done.wait()
        await pilot.pause()
    assert called == ["late"]


def test_nothing_relies_on_textuals_timers_of_one_tick() -> None:
    folder = Path(tui.__file__).parent
    used = [str(file.relative_to(folder)) for file in folder.rglob("*.py") if "set_timer(" in file.read_text()]
    assert used == [], "they are lost on a busy machine: see tui/later.py"
