"""The console of a task: a view over pages of its lines, fetched as they come in sight.

Ten million lines cost no more than a page: nothing but the pages in sight (and a few kept) is ever read. It follows
the end of a live task until one scrolls up. What scripts printed is shown through ``ansi.parse`` alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive
from textual.strip import Strip

from store import clock
from store.errors import StoreUnusable
from store.records import ConsoleLine
from tui.keymap import bindings
from tui.later import later

from . import ansi, goto
from .linepages import PAGE, LinePages, Source
from .lines import Piece, Row
from .searching import ERRORS, Matches, SearchedLines

FOUND_AT_ONCE = 2000
PATIENCE = 0.05
"""Seconds after which lines that are still being read are drawn as such."""


class Console(SearchedLines):
    """Lines of a task's console. ``printed`` is told how many there are; the pane fetches the rest itself."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("console")]
    following: reactive[bool] = reactive(True, repaint=False)
    times: reactive[bool] = reactive(False)

    def __init__(self, source: Source, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source = source
        self._total = self._execution = 0
        self.pages = LinePages()
        self.only_matches = False
        self._searching = False
        self._sought: int | None = None
        """The line from which on a search that has not come to it yet is to find something."""
        self._unfiltered = (0, 0)
        """The place in the whole console from which one went to the matching lines."""
        self._ranked = False

    # -- lines ----------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """Lines of the task."""
        return self._total

    def printed(self, total: int, execution: int) -> None:
        """Take note of how many lines there are; of another execution's, or after a reset, none is the same."""
        if execution != self._execution or total < self._total:
            self.pages.clear()
            self._forget_matches()
        elif total == self._total:
            return
        self._total, self._execution = total, execution
        self.pages.grow()
        self._rescan()
        self._settle()

    def next_pages(self, total: int, execution: int) -> range:
        """Return the pages of the lines that are new where the end is followed, of many the last two."""
        more, last = execution == self._execution and total > self._total > 0, (total - 1) // PAGE
        wanted = more and self.following and not self.only_matches
        return range(max(self._total // PAGE, last - 1), last + 1) if wanted else range(0)

    async def read_on(self, total: int, execution: int, read: Mapping[int, Sequence[ConsoleLine]]) -> None:
        """Where the end is followed, have the new lines here before ``printed`` tells of them; pages may be read."""
        for page in self.next_pages(total, execution):
            if page in read:
                self._keep(page, read[page], self._total)
            else:
                await self._fetch(page)

    @property
    def count(self) -> int:
        """Lines of the view: all, or the matching ones."""
        return len(self.matches) if self.only_matches and self.matches is not None else self._total

    def why_blank(self) -> str:
        """What is said in place of lines."""
        return "No line matches. Esc shows all of them." if self.only_matches else self.blank

    def line_number(self, index: int) -> int:
        """Return the number of the line at a place of the view."""
        return self.matches.lines[index] if self.only_matches and self.matches else index

    def place_of(self, number: int) -> int:
        """Return the place in the view of a line that is in it."""
        if self.only_matches and self.matches:
            return min(bisect_left(self.matches.lines, number), len(self.matches) - 1)
        return number

    def row(self, index: int) -> Row | None:
        """A line, from its page; asks for the page where it is not here."""
        line = self.line(self.line_number(index))
        return None if line is None else (*self._margin(line), *ansi.parse(line.text))

    def line(self, number: int) -> ConsoleLine | None:
        """Return a line if its page is here, else ask for it."""
        line = self.pages.find(number)
        if line is None:
            self._ask(number // PAGE)
        return line

    def _margin(self, line: ConsoleLine) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        if self.times:
            pieces.append((datetime.fromtimestamp(line.time).strftime("%H:%M:%S "), "dim"))
        if self._ranked:
            pieces.append((f"{line.rank:>2} ", "accent"))
        if line.stream != "out":
            mark = {"err": "!", "text": ">"}.get(line.stream, "·")
            pieces.append((f"{mark} ", "yellow" if mark == "!" else "accent" if mark == ">" else "dim"))
        return tuple(pieces)

    def strip(self, index: int) -> Strip:
        """A line's cells; the line of the match one stands on is marked."""
        strip = super().strip(index)
        here = self.matches is not None and self.line_number(index) == self.matches.current
        return strip.apply_style(self.style("bold on cursor")) if here else strip

    # -- fetching -------------------------------------------------------------------------------------------------

    def _ask(self, page: int) -> None:
        if self.is_attached and self.pages.ask(page):
            self.run_worker(self._fetch(page), group="pages")

    async def _fetch(self, page: int) -> None:
        wanted, execution = self._total, self._execution
        try:
            lines = await self._source.lines(page * PAGE, PAGE)
        except StoreUnusable:
            self.pages.miss(page)
            return
        if execution == self._execution:
            self._keep(page, lines, wanted)

    def _keep(self, page: int, lines: Sequence[ConsoleLine], wanted: int) -> None:
        """Show a page, asked for when there were ``wanted`` lines."""
        stood = self.standing
        self.pages.keep(page, lines)
        if not self._ranked and any(line.rank for line in lines):
            self._ranked = True  # from now on every line says whose it is
            self._strips.clear()
        if len(lines) < PAGE and wanted != self._total:
            self.pages.miss(page)
        self._settle()
        if stood is not None and not self.following:  # wrapped lines above it may be longer than they seemed
            self.reveal(self.place_of(stood))

    def read_again(self) -> None:
        """Ask for the lines in sight that are not here, and go on searching."""
        self.refresh()
        self._rescan()

    def _settle(self) -> None:
        """After a change of lines: stay at the end if following, else stay. The caption waits for those in sight."""
        if self.following:
            self.top, self.sub = self.end()
        self.changed()
        if self._all_read():
            self.note()

    def changed(self) -> None:
        """Lines never change, so their cells are kept, unless the view shows others at the same places."""
        if self.only_matches:
            self._strips.clear()
        self._laid = ((), [])
        self._hold()
        self.scrolled()

    # -- following ------------------------------------------------------------------------------------------------

    def go(self, top: int, sub: int = 0) -> None:
        """Put a line at the top, and tell the caption."""
        super().go(top, sub)
        if not self.following:
            self.note()

    def scrolled(self) -> None:
        """Draw the lines in sight; where some are still to be read, once they are, or have not come for a moment."""
        if self._all_read():
            self.refresh()
        else:
            later(self, PATIENCE, self._draw_unread)

    def _draw_unread(self) -> None:
        if not self._all_read():
            self.refresh()
            self.note()

    def _all_read(self) -> bool:
        """Whether the lines in sight are here; asks for those that are not."""
        ends = (self.top, min(self.top + self.height, self.count) - 1)
        return not self.count or None not in [self.line(self.line_number(index)) for index in ends]

    def scroll_rows(self, by: int) -> None:
        """Scrolling up stops following; reaching the end starts it again."""
        super().scroll_rows(by)
        self.following = (self.top, self.sub) >= self.end() if by > 0 else False

    def action_cursor_top(self) -> None:
        """The first line; stops following."""
        self.following = False
        super().action_cursor_top()

    def action_cursor_bottom(self) -> None:
        """The last line; follows from there."""
        super().action_cursor_bottom()
        self.following = True

    def action_follow(self) -> None:
        """Follow the end, or stop following."""
        self.following = not self.following
        if self.following:
            self.go(*self.end())

    def action_times(self) -> None:
        """Show or hide the time of each line."""
        self.times = not self.times

    def watch_following(self) -> None:
        """Tell the caption."""
        self.note()

    def watch_times(self) -> None:
        """Lines have to be made again."""
        self._strips.clear()
        self._settle()

    def watch_wrap(self) -> None:
        """Stay at the end if following."""
        super().watch_wrap()
        self._settle()

    def on_resize(self) -> None:
        """Stay at the end if following."""
        self._settle()

    def go_to(self, text: str) -> str | None:
        """Go to the line of a number, or to the first one from a time on; return what is to be said of it.

        Raises:
            InvalidValue: it is neither.
        """
        here = self.line(self.line_number(self.top)) if self.count else None
        place = goto.place(text, here.time if here is not None else clock.now())
        if isinstance(place, float):
            self.run_worker(self._go_to_time(place), group="pages")
            return None
        self._go_to_line(place)
        return None if place < self._total else f"There are {self._total:,} lines: this is the last one."

    async def _go_to_time(self, time: float) -> None:
        wanted, execution = self._total, self._execution
        try:
            line, lines = await self._source.page_at(time, PAGE)
        except StoreUnusable as error:
            self.post_message(self.Refused(str(error)))
            return
        if execution == self._execution:
            self.pages.ask(line // PAGE)
            self._keep(line // PAGE, lines, wanted)
        self._go_to_line(line)
        if line >= self._total:
            self.post_message(self.Refused("Nothing was printed from then on: this is the last line."))

    def _go_to_line(self, number: int) -> None:
        """Put a line at the top, as far as the last page allows; it is where one looks. Stops following."""
        self.following, self._sought = False, None
        if self.matches is not None:
            self.matches.current = None
        if self.count:
            self.go(self.place_of(min(number, self._total - 1)))
            self.scrolled()

    # -- searching ------------------------------------------------------------------------------------------------

    def look_for(self, matches: Matches | None, *, only: bool) -> None:
        """Have the store search, from where one looks on; ``only`` keeps only matching lines."""
        here, filtered = self.here, self.only_matches
        self._forget_matches()
        if filtered and not self.following:
            self.go(*self._unfiltered)
            self.reveal(here)
        if matches is not None:
            self.matches, self.only_matches = matches, only
            self._unfiltered = (self.top, self.sub)
            self._sought = None if only and self.following else here
            self._rescan()
        self._settle()

    def _forget_matches(self) -> None:
        self.matches, self.only_matches, self._sought = None, False, None
        self._strips.clear()
        self._laid = ((), [])

    def _rescan(self) -> None:
        if self.matches is not None and not self._searching and self.is_attached:
            self._searching = True
            self.run_worker(self._scan(self.matches), group="search")

    async def _scan(self, matches: Matches) -> None:
        try:
            while matches is self.matches and matches.searched < self._total:
                total = self._total
                found = await self._source.search(matches.wanted, matches.searched, FOUND_AT_ONCE)
                matches.lines.extend(n for n in found if n >= matches.searched)
                matches.searched = found[-1] + 1 if len(found) == FOUND_AT_ONCE else max(total, *found[-1:], 0)
                self._found(matches)
        except StoreUnusable:
            return
        finally:
            self._searching = False
        if self.matches is not None and self.matches is not matches:
            self._rescan()

    def _found(self, matches: Matches) -> None:
        if matches is not self.matches:
            return
        sought, whole = self._sought, matches.searched >= self._total
        if sought is not None and (whole or (matches.lines and matches.lines[-1] >= sought)):
            self._sought = None
            self.jump(matches.nearest(sought) if self.only_matches else matches.after(sought - 1))
        self._settle()

    def jump(self, number: int | None) -> None:
        """Go to a match; stops following."""
        if number is None or self.matches is None:
            return
        self.matches.current = number
        self.following = False
        self.reveal(self.place_of(number))
        self._laid = ((), [])
        self.refresh()
        self.note()

    def stand_on(self, number: int) -> None:
        """Stand on a line that was found elsewhere, whether the search here has come to it or not."""
        self._sought = None
        self.jump(number)

    def action_next_error(self) -> None:
        """The next line that looks like an error."""
        if self.matches is None or self.matches.text != ERRORS:
            self.search(ERRORS)
        else:
            self.action_next_match()

    # -- caption --------------------------------------------------------------------------------------------------

    def caption(self) -> str:
        """What the tab line says at its right: where one is, lines, matches, modes."""
        parts = [f"{self._where()}{self._total:,} line{'s' if self._total != 1 else ''}"]
        if self.matches is not None:
            sign = "&" if self.only_matches else "/"
            what = "errors" if self.matches.text == ERRORS else sign + self.matches.text
            parts.append(f"{what[:24]} {self.matches.caption()}")
        parts += ["wrap"] if self.wrap else []
        parts += ["follow"] if self.following else []
        return "  ".join(parts)

    def _where(self) -> str:
        """Return the number of the match one stands on, else of the lines in sight, if those are not all or the end."""
        if self.standing is not None:
            return f"{self.standing + 1:,} of "
        seen = [self.line_number(index) for index, _ in self._layout()]
        known = self.following or not seen or (seen[0], seen[-1]) == (0, self._total - 1)
        return "" if known else f"{seen[0] + 1:,}-{seen[-1] + 1:,} of "
