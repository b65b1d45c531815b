"""The app drawing twice: through the stage onto one terminal, as Textual does by itself onto another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.control import Control
from textual._compositor import CompositorUpdate
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size

from tests.tui import at_home, made
from tests.tui.terminals import Terminal, differences
from tui.app import LabtopApp
from tui.output.stage import Staged


class OntoTerminal(HeadlessDriver):
    """A driver whose terminal is an emulator; like the real one it takes frames."""

    terminal: Terminal

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.terminal.feed(data)

    def show(self, frame: str, done: Callable[[], None]) -> bool:
        self.terminal.feed(frame)
        done()
        return True


class TwoTerminals(Staged):
    """Every update goes to ``stock`` as Textual would write it, and through the stage to ``staged``."""

    must_stage = True
    staged: Terminal
    stock: Terminal

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Any:
        assert size is not None
        self.staged, self.stock = Terminal(*size), Terminal(*size)
        driver = OntoTerminal(self, size=size)
        driver.terminal = self.staged
        self._driver = driver
        return driver

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and self._running and not (self._batch_count or self._closed):
            size = screen._compositor.size
            self._fit(size)
            x, y = screen.outer_size.clamp_offset(self.cursor_position)
            self.stock.feed(renderable.render_segments(self.console) + Control.move_to(x, y).segment.text)
        super()._display(screen, renderable)
        assert self._stage is not None or not (self._running and self.must_stage), "the stage has stepped back"

    def _fit(self, size: Size) -> None:
        """Give both terminals the size drawn for; what stood on the old ones is as good as lost."""
        if (self.stock.screen.columns, self.stock.screen.lines) != tuple(size):
            self.stock.resize(*size)
            self.staged.resize(*size)

    def differs(self) -> list[str]:
        """Return what the two terminals show differently (the first few)."""
        found = [*differences(self.staged, self.stock)]
        cursors = [f"cursor {self.staged.cursor()} is not {self.stock.cursor()}"]
        return found[:10] if found else cursors if self.staged.cursor() != self.stock.cursor() else []


class Both(TwoTerminals, LabtopApp):
    """The dashboard on two terminals."""


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    """``OnHome`` and ``OnTask`` open an app that draws twice."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr(at_home, "LabtopApp", Both)
    monkeypatch.setattr(made, "LabtopApp", Both)
