"""The artifacts and models of a task: their list, and below it what is known of the chosen one and its beginning.

Draws what it is handed; the beginning of an artifact is asked for when it is chosen, and the file itself is never
opened here. Knows no tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from store.errors import StoreUnusable
from tui import format as form
from tui.keymap import bindings

from . import rows
from .lines import Row, shown
from .pane import Pane

LEAST = 3
_KIND, _SIZE, _AGE, _HASH = 12, 8, 5, 8


class Entry(NamedTuple):
    """A line of the list; ``facts`` stand below it, then ``text``, which of an artifact is still to be read (None)."""

    name: str
    kind: str
    uri: str
    size: int | None
    hash: str
    time: float
    facts: tuple[tuple[str, str], ...]
    text: str | None
    nothing: str
    """The sentence for a file of which nothing can be shown as text."""


Read = Callable[[str], Awaitable[str]]


class Files(Pane):
    """The list and the chosen file; ``read`` gives the beginning of an artifact by its name."""

    DEFAULT_CSS = "Files { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("files")]

    class Asked(Message):
        """Something is to be done with the chosen file: ``save`` or ``copy_path``."""

        def __init__(self, what: str, entry: Entry) -> None:
            super().__init__()
            self.what = what
            self.entry = entry

    def __init__(self, read: Read, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries: list[Entry] = []
        self.chosen = 0
        self.full = False
        self.now = 0.0
        self._read = read
        self._texts: dict[tuple[str, str], str] = {}
        self._reading = False
        self._first = self._top = 0

    # -- data -----------------------------------------------------------------------------------------------------

    def show_files(self, entries: Sequence[Entry], now: float) -> None:
        """Show these, the same one chosen as before as far as it is there; ``now`` is what ages count to."""
        here = self.entry
        self.entries, self.now = list(entries), now
        places = {(entry.kind, entry.name): n for n, entry in enumerate(self.entries)}
        before = (here.kind, here.name) if here is not None else None
        self.chosen = places.get(before, min(self.chosen, max(0, len(entries) - 1))) if before else 0
        self._changed()

    @property
    def entry(self) -> Entry | None:
        """The chosen one."""
        return self.entries[self.chosen] if self.entries else None

    @property
    def busy(self) -> bool:
        """Whether a beginning is being read."""
        return self._reading

    def _text(self, entry: Entry) -> str | None:
        """Return the beginning of a file, None while it is being read."""
        return self._texts.get((entry.name, entry.uri)) if entry.text is None else entry.text

    def _changed(self) -> None:
        entry = self.entry
        if entry is not None and self._text(entry) is None and not self._reading and self.is_attached:
            self._reading = True
            self.run_worker(self._fetch(), group="beginning")
        self.refresh()
        self.note()

    async def _fetch(self) -> None:
        try:
            while (entry := self.entry) is not None and self._text(entry) is None:
                self._texts[entry.name, entry.uri] = await self._read(entry.name)
                await asyncio.sleep(0)
        except StoreUnusable:
            return
        finally:
            self._reading = False
        self._changed()

    def read_again(self) -> None:
        """Read the beginning that could not be."""
        self._changed()

    # -- drawing --------------------------------------------------------------------------------------------------

    @property
    def listed(self) -> int:
        """Rows of the list without its heading, none where the file has the whole pane."""
        return 0 if self.full else min(len(self.entries), max(LEAST, self.size.height // 3))

    @property
    def above(self) -> int:
        """Rows above the file: the list, its heading and a blank one."""
        return self.listed + 2 if self.listed else 0

    @property
    def room(self) -> int:
        """Rows for the file below its title."""
        return max(1, self.size.height - self.above - 1)

    def render_line(self, y: int) -> Strip:
        """One row: of the list, or of the chosen file."""
        base, width, entry = self.base, self.size.width, self.entry
        if entry is None:
            return self.nothing(y).apply_style(base)
        if y < self.above:
            cells = self._list_row(y, width)
        elif y == self.above:
            cells = Strip([Segment(form.fit(entry.name, width - 1, ascii_only=self.look.ascii),
                                   self.style("accent bold"))])  # fmt: skip
        else:
            body, line = self._body(entry), self._top + y - self.above - 1
            row = body[line] if line < len(body) else ()
            cells = Strip([Segment(text, self.style(role)) for text, role in row]).crop(0, width)
        return Strip([*cells]).apply_style(base).adjust_cell_length(width, base)

    def _list_row(self, y: int, width: int) -> Strip:
        wide = max(8, width - _KIND - _SIZE - _AGE - _HASH - 11)
        if y == 0:
            head = f"  {'name':<{wide}}  {'kind':<{_KIND}}  {'size':>{_SIZE}}  {'age':>{_AGE}}  sha256"
            return Strip([Segment(head, self.style("dim"))])
        self._first = min(max(self._first, self.chosen - self.listed + 1), self.chosen)
        index = self._first + y - 1
        if y > self.listed or index >= len(self.entries):
            return Strip([])
        entry, here = self.entries[index], index == self.chosen
        mark = (">" if self.look.ascii else "▸") if here else " "
        size = "" if entry.size is None else form.size(entry.size) or "0 B"
        name, kind = (form.fit(text, room, ascii_only=self.look.ascii)
                      for text, room in ((entry.name, wide), (entry.kind, _KIND)))  # fmt: skip
        age, digest = form.age(self.now - entry.time), form.fit(entry.hash[:_HASH], _HASH)
        told = f"  {kind}  {size:>{_SIZE}}  {age:>{_AGE}}  {digest} "
        cells = Strip([Segment(f"{mark} {name}", self.style("bright bold" if here else "")), Segment(told)])
        return cells.apply_style(self.style("on cursor" if self.has_focus else "on idle_cursor")) if here else cells

    def _body(self, entry: Entry) -> list[Row]:
        """Return the rows about the chosen file: what is known, then how it begins."""
        width = max(20, self.size.width)
        facts = [row for label, text in entry.facts if text for row in rows.wrapped(label[:13], text, width)]
        text = self._text(entry)
        if text is None:
            return [*facts, rows.BLANK, (shown(self.away, "dim"),)]
        if not text.strip():
            return [*facts, rows.BLANK, (shown(entry.nothing, "dim"),)]
        return [*facts, rows.BLANK, *((shown(line.expandtabs(4)),) for line in text.splitlines())]

    # -- keys -----------------------------------------------------------------------------------------------------

    @property
    def beyond(self) -> int:
        """Rows of the file that are not in sight at once."""
        return max(0, len(self._body(self.entry)) - self.room) if self.entry is not None else 0

    def scroll_rows(self, by: int) -> None:
        """Scroll the file by rows."""
        self._top = min(max(0, self._top + by), self.beyond)
        self.refresh()
        self.note()

    def choose(self, index: int) -> None:
        """Choose a file."""
        index = min(max(0, index), len(self.entries) - 1)
        if self.entries and index != self.chosen:
            self.chosen, self._top = index, 0
            self._changed()

    def action_step(self, by: int) -> None:
        """Choose the file above or below; over the whole pane, scroll where there is something to scroll."""
        if self.full and self.beyond:
            self.scroll_rows(by)
        else:
            self.choose(self.chosen + by)

    def action_page(self, way: int) -> None:
        """Scroll by a screenful."""
        self.scroll_rows(way * max(1, self.room - 1))

    def action_end(self, way: int) -> None:
        """Go to the first or last file; over the whole pane, to the first or last row."""
        if self.full:
            self.scroll_rows(way * (self.beyond or 1))
        else:
            self.choose(way * len(self.entries))

    def action_full(self) -> None:
        """The file over the whole pane, or the list above it again."""
        self.full = bool(self.entries) and not self.full
        self.scroll_rows(0)

    def action_file(self, what: str) -> None:
        """Ask for something to be done with the chosen file."""
        if self.entry is None:
            self.post_message(self.Refused("There is no file here yet."))
        else:
            self.post_message(self.Asked(what, self.entry))

    def leave(self) -> bool:
        """Step back from the whole pane. False when there was nothing to leave."""
        if self.full:
            self.action_full()
            return True
        return False

    def caption(self) -> str:
        """What the tab line says at its right: which of how many, and the rows in sight of a longer one."""
        parts = [f"{self.chosen + 1}/{len(self.entries)}"] if len(self.entries) > self.listed else []
        if self.beyond:
            parts.append(f"rows {self._top + 1}-{self._top + self.room} of {self.beyond + self.room}")
        return "  ".join(parts)

    def on_mouse_scroll_down(self) -> None:
        """Three rows a notch."""
        self.scroll_rows(3)

    def on_mouse_scroll_up(self) -> None:
        """Three rows a notch."""
        self.scroll_rows(-3)

    def on_resize(self) -> None:
        """Another size, another place to stand."""
        self.scroll_rows(0)
