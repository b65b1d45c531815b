"""Search everywhere: names, ids, parameters, tags and comments at once, then the consoles, one after another.

The consoles are searched in the background, some of them a question to the store, so that what was found is shown as
it comes, and Esc or leaving the screen ends the work at once.
"""

from __future__ import annotations

import re
import threading
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from store.errors import LabtopError, StoreUnusable
from tui import format as form
from tui import keymap, messages, search_data
from tui.first import SEARCH
from tui.search_data import Found
from tui.widgets.bar import KeyLine, StatusLine
from tui.widgets.lines import Row
from tui.widgets.prompt import Prompt
from tui.widgets.results import Results

from .base import LabtopScreen

if TYPE_CHECKING:
    from store.queries.search import Hit

MOST = 1000
"""Hits that are listed; a search that finds more says so and ends."""
FULL = f"first {MOST:,} hits"
AT_ONCE = 256
"""Consoles asked for at once; a question ends earlier when it has taken long enough."""
KEPT = 50
"""Searches that are remembered."""
UNREAD = "Not searched: the store cannot be read. It is searched as soon as it can."
ASK: tuple[Row, ...] = (
    (("Type what to look for in names, ids, parameters, tags, comments and consoles.", "dim"),),
    (("For consoles it is a regular expression. Upper and lower case are the same.", "dim"),),
)
TABS = {"comment": "overview", "reason": "overview", "tag": "overview", "name": "", "id": "", "console": "console"}
"""The tab on which a hit in a field is shown; parameters are on the configuration."""


class SearchScreen(LabtopScreen):
    """The search.

    Args:
        text: what to search for; asked for if empty.
    """

    KEYS: ClassVar[str] = "search"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings("search")]
    AUTO_FOCUS = "Results"

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.text = text
        self.searching = False
        self._stop = threading.Event()
        self._progress = ""
        self._unread = False
        """Whether the store could not be read while it was searched."""
        self._limits: list[str] = []
        """What is listed where not all of it is."""

    def body(self) -> ComposeResult:
        """The hits; the line to type into is every screen's."""
        yield Results()

    @property
    def results(self) -> Results:
        """The hits."""
        return self.query_one(Results)

    def on_mount(self) -> None:
        """Search, or ask what for."""
        self.results.say(ASK)
        self.show_status()
        self.query_one(KeyLine).use(("search", "results"))
        if self.text:
            self.search(self.text)
        else:
            self.action_edit_text()

    def on_unmount(self) -> None:
        """End the work."""
        self._stop.set()

    def on_store(self, message: Message) -> None:
        """Show whether the store can be read, and search again what could not be; what was found stays."""
        if isinstance(message, messages.StoreOpened) and self._unread:
            self.search(self.text)
        self.show_status()

    @property
    def settling(self) -> bool:
        """Whether the first hits are on their way: what is typed behind a search is meant for them."""
        return self.searching and not self.results.hits

    def help_screens(self) -> tuple[str, ...]:
        """Keys of the screen and of the hits."""
        return ("search", "list", "results", "app")

    # Searching --------------------------------------------------------------------------------------------------

    def search(self, text: str) -> None:
        """Search for a text, giving up the search under way."""
        past = self.labtop.searched
        self.labtop.searched = [*(line for line in past if line != text), text][-KEPT:]
        self._stop.set()
        self._stop = threading.Event()
        self.text, self.searching, self._limits, self._unread = text, True, [], False
        self.results.begin(text, _readable(text))
        self._tell("searching…")
        work = partial(self._search, text, self._stop)
        self.run_worker(work, group="search", exclusive=True)  # type: ignore[arg-type]  # its result is None

    async def _search(self, text: str, stop: threading.Event) -> None:
        try:
            self._add(await self.data.read(search_data.in_fields, text))
            await self._search_consoles(text, stop, await self.data.read(search_data.consoles, text))
        except LabtopError as error:
            self._unread = isinstance(error, StoreUnusable)
            self.say(str(error), "refused")
            self._tell("the consoles were not searched")
        if stop is self._stop:
            self.searching = False
            self.show_status()

    async def _search_consoles(self, text: str, stop: threading.Event, tasks: list[str]) -> None:
        done = 0
        while done < len(tasks) and len(self.results.hits) < MOST and not stop.is_set():
            self._tell(f"{done:,} of {len(tasks):,} consoles")
            found = await self.data.read(search_data.in_consoles, tasks[done : done + AT_ONCE], text, stop.is_set)
            done += found.searched
            self._add(found)
        self._tell(self._ended(done, len(tasks), stop.is_set()))

    def _ended(self, done: int, consoles: int, stopped: bool) -> str:
        """Return what was searched, and what of it is not listed."""
        said = [form.counted(done, "console")]
        if done < consoles:
            said = [f"{done:,} of {consoles:,} consoles", "stopped" if stopped else FULL]
        said += [limit for limit in self._limits if limit not in said]
        return ", ".join(said) if len(said) > 1 else f"{said[0]} searched"

    def _add(self, found: Found) -> None:
        room = MOST - len(self.results.hits)
        for limit in (found.limit, FULL if len(found.hits) > room else ""):
            if limit and limit not in self._limits:
                self._limits.append(limit)
        self.results.add(found.hits[:room], found.rows, found.more)

    def _tell(self, progress: str) -> None:
        self._progress = progress
        self.show_status()

    @property
    def stand(self) -> tuple[str, str]:
        """What is searched for."""
        return self.text, SEARCH

    def show_status(self) -> None:
        """What is searched for, what was found, how far it is."""
        if self.labtop.banner:
            self.say(self.labtop.banner, "error")
        line = Text("search ", style=self.look.style("bold bright"), no_wrap=True, end="")
        if self._progress:
            self._heading(line)
            nothing = UNREAD if self._unread else "Nothing found."
            self.results.say(((("Still searching." if self.searching else nothing, "dim"),),))
        self.status(line)

    def _heading(self, line: Text) -> None:
        look, hits = self.look, self.results.hits
        tasks = len({hit.task for hit in hits})
        number = f"{len(hits):,}{'+' if self._limits else ''} hit{'s' if len(hits) != 1 else ''}"
        count = f"{number} in {form.counted(tasks, 'task')}"
        said = f"{count if hits else 'no hits'}  {self._progress}{'  Esc stops' if self.searching else ''}"
        text = form.one_line(self.text)
        room = self.query_one(StatusLine).size.width - len(said) - 22
        line.append(form.fit(text, min(max(room, 8), cell_len(text)), ascii_only=look.ascii), look.style("accent"))
        line.append(f"  {said}", look.style("normal"))

    # Keys -------------------------------------------------------------------------------------------------------

    def action_edit_text(self) -> None:
        """Type what to search for; up and down bring the last searches."""
        prompt = self.query_one(Prompt)
        prompt.ask("search", "search ", past=self.labtop.searched)
        prompt.remove_class("-listing")  # there is nothing to list

    @on(Prompt.Entered)
    def _entered(self, message: Prompt.Entered) -> None:
        if message.purpose == "search" and message.text.strip():
            self.search(message.text.strip())

    @on(Prompt.Left)
    def _left(self, message: Prompt.Left) -> None:
        if message.purpose == "search" and not self._progress:
            self.dismiss()

    @on(Results.Opened)
    def _open(self, message: Results.Opened) -> None:
        hit = message.hit
        tab = TABS.get(hit.where, "configuration")
        text = self.text if hit.line is not None else re.escape(_shown(hit, self.text))
        self.labtop.open_task(hit.task, tab or None, found=(_readable(text), hit.line) if tab else None)

    def action_back(self) -> None:
        """Stop the search; when there is none, leave the full screen, then this one."""
        if self.searching:
            self._stop.set()
            self.searching = False
            self.show_status()
        else:
            super().action_back()


def _shown(hit: Hit, text: str) -> str:
    """Return what to look for on the hit's tab: the text; a parameter's name where section and name together fit."""
    name = hit.where.partition("/")[2]
    apart = name and all(text.lower() not in part.lower() for part in (name, hit.text))
    return name if apart else text


def _readable(pattern: str) -> str:
    """Return an expression that ignores case everywhere; one that is none as the text it is."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        pattern = re.escape(pattern)
    return pattern if pattern == pattern.lower() else f"(?i:{pattern})"
