"""The stage: takes the compositor's updates, keeps what the terminal shows, and sends the difference.

``Staged`` is the part of the app: it stands in for the method of Textual's that sends updates. Whatever goes wrong in
here is said once in the log, and Textual draws by itself from then on. ``CAPTURE_TUI_OUTPUT=stock`` does so from the
start.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.events import Resize
from textual.geometry import Offset, Size

from . import internals
from .compose import Changes

if TYPE_CHECKING:
    from textual.screen import Screen

    from .picture import Picture, Row

log = logging.getLogger("tui.output")
Show = Callable[[str, Callable[[], None]], bool]


class Stage:
    """Knows what the terminal shows and what it should show; sends one frame at a time.

    Args:
        show: gives a frame to the terminal; the callable given with it is to be called when it was taken.
        system: the colours the terminal can show.
        colour: whether colours may be sent at all.
        erases: whether the terminal erases in the background colour.
    """

    def __init__(self, show: Show, system: ColorSystem, *, colour: bool = True, erases: bool = True) -> None:
        self._show = show
        self._system = system
        self._colour = colour
        self._erases = erases
        self.busy = False
        """Whether the terminal has not taken the last frame yet."""
        self._given = 0
        self._begin()

    def _begin(self) -> None:
        from .encode import Encoder
        from .glyphs import Glyphs
        from .pens import Pens

        self._glyphs = Glyphs()
        self._pens = Pens(self._colour)
        self._encoder = Encoder(self._glyphs, self._pens, self._erases)
        self.picture: Picture | None = None
        self._shown: list[Row] | None = None
        self._cursor = Offset(0, 0)
        self._wanted_cursor = Offset(0, 0)

    @property
    def fits(self) -> bool:
        """Whether glyphs and pens can still be told apart."""
        return not (self._glyphs.full or self._pens.full)

    def forget(self) -> None:
        """The terminal may show anything: the next frame begins with an empty screen."""
        self._shown = None

    def restart(self) -> None:
        """There is a new writer: nothing is on its way."""
        self.forget()
        self._given += 1
        self.busy = False

    def needs_all(self, size: Size) -> bool:
        """Whether only an update of the whole screen will do."""
        return self.picture is None or self.picture.size != size or not self.fits

    def take(self, update: LayoutUpdate | Changes, size: Size, cursor: Offset) -> None:
        """Note what the compositor wants to be shown."""
        from .picture import Picture

        if not self.fits:
            self._begin()
        if self.picture is None or self.picture.size != size:
            self.picture = Picture(size, self._system, self._glyphs, self._pens)
            self._shown = None
        self.picture.take(update)
        self._wanted_cursor = cursor

    def send(self, before: str = "", after: str = "") -> None:
        """Send what differs, unless the terminal is still busy: then it gets the newest picture once it is free."""
        if self.busy or self.picture is None:
            return
        rows, cursor = list(self.picture.rows), self._wanted_cursor
        if rows == self._shown and cursor == self._cursor:
            return
        frame = self._encoder.frame(self._shown, rows, self._cursor, cursor)
        self._given += 1
        number, self.busy = self._given, True
        if self._show(before + frame + after, lambda: self._taken(number)):
            self._shown, self._cursor = rows, cursor
        else:
            self.restart()

    def _taken(self, number: int) -> None:
        if number == self._given:
            self.busy = False


class Staged(App[None], inherit_bindings=False):
    """An app whose output goes through a stage, where the terminal and Textual's internals allow it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._stage: Stage | None = None
        self._staged = internals.wanted() and _possible()
        super().__init__(*arguments, **options)
        if self._staged:
            self.driver_class = internals.staged(self.driver_class)

    def restart_stage(self) -> None:
        """The terminal was taken (again): nothing is known of what it shows."""
        if self._stage is not None:
            self._stage.restart()

    def repaint(self) -> None:
        """The terminal may show anything: send all that it should show."""
        if self._stage is not None:
            self._stage.forget()
            self._flush_stage()

    def on_resize(self, event: Resize) -> None:
        """A terminal that was resized may show anything, even if it has its old size again."""
        if self._stage is not None and self._stage.picture is not None:
            self._stage.forget()
            if self._stage.picture.size == event.size:
                self._flush_stage()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if not self._draws():
            super()._display(screen, renderable.whole() if isinstance(renderable, Changes) else renderable)
            return
        try:
            if renderable is not None and self._running and not (self._batch_count or self._closed):
                self._send(screen, renderable)
            self.post_display_hook()
        except Exception as error:  # whatever Textual changed: the dashboard goes on
            self._stage, self._staged = None, False
            if self._driver is not None:
                self._driver.write("\x1b[m")  # the pen of the last frame
            _say(f"{type(error).__name__}: {error}")
            super()._display(screen, screen._compositor.render_full_update())

    def _draws(self) -> bool:
        """Whether the stage draws; it is made with the first frame, when the driver is there."""
        if self._stage is None and self._staged and (show := getattr(self._driver, "show", None)) is not None:
            system = self.console._color_system or ColorSystem.TRUECOLOR
            colour = not os.environ.get("NO_COLOR")
            self._stage = Stage(self._shower(show), system, colour=colour, erases=internals.erases())
        return self._stage is not None

    def _shower(self, show: Show) -> Show:
        """Return ``show`` with the answer handed to the event loop, which then sends what came meanwhile."""
        loop = asyncio.get_running_loop()

        def shown(taken: Callable[[], None]) -> None:
            taken()
            self._flush_stage()

        def answer(taken: Callable[[], None]) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(shown, taken)

        return lambda frame, taken: show(frame, lambda: answer(taken))

    def _send(self, screen: Screen[Any], update: Any) -> None:
        stage, size = self._stage, screen._compositor.size
        assert stage is not None
        if stage.needs_all(size) or not isinstance(update, LayoutUpdate | Changes):
            update = screen._compositor.render_full_update()
        stage.take(update, size, screen.outer_size.clamp_offset(self.cursor_position))
        self._flush_stage()

    def _flush_stage(self) -> None:
        if self._stage is not None:
            self._stage.send(*((SYNC_START, SYNC_END) if self._sync_available else ("", "")))


def _possible() -> bool:
    found = internals.problem()
    if found:
        _say(found)
    return not found


def _say(why: str) -> None:
    log.warning("drawing as Textual does, not only what changed: %s", why)
