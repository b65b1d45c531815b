"""A small app for a terminal of its own: everything on it changes all the time, and keys are counted.

Run as a program: ``python ticking.py SECONDS_BETWEEN_CHANGES``. ``s`` gives the terminal away for a moment, ``h``
hangs, ``q`` quits.
"""

from __future__ import annotations

import asyncio
import random
import sys

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.events import Key
from textual.strip import Strip
from textual.widget import Widget

from tui.output.ending import leave_clean
from tui.output.stage import Staged

STYLES = [Style.parse(f"{ink} on #13161b") for ink in ("#c3c9d4", "#f2f4f8", "#7b8494")]


class Noise(Widget):
    """The keys counted on the first line, random digits below."""

    keys = 0
    ticks = 0

    def render_line(self, y: int) -> Strip:
        said = f"keys {self.keys} ticks {self.ticks} " if y == 0 else ""
        digits = random.Random(self.ticks * 1000 + y).getrandbits(240)
        text = f"{said}{digits:060x}"[: self.size.width]
        return Strip([Segment(text.ljust(self.size.width), STYLES[y % 3])])


class Ticking(Staged):
    """The app."""

    def compose(self) -> ComposeResult:
        yield Noise()

    def on_mount(self) -> None:
        self.set_interval(float(sys.argv[1]), self.tick)

    def tick(self) -> None:
        noise = self.query_one(Noise)
        noise.ticks += 1
        noise.refresh()

    async def on_key(self, event: Key) -> None:
        if event.key == "q":
            self.exit()
        elif event.key == "h":
            while True:
                pass
        elif event.key == "s":
            with self.suspend():
                print("somebody else's screen", flush=True)
                await asyncio.sleep(0.5)
        else:
            self.query_one(Noise).keys += 1
            self.query_one(Noise).refresh()


if __name__ == "__main__":
    app = Ticking()
    leave_clean(app, lambda: None)
    app.run()
