"""Lines in, lines out: the commands of the dashboard and the few words that only make sense without a screen."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, cast

from textual.app import ScreenStackError
from textual.screen import ModalScreen
from textual.widget import AwaitMount

from store.errors import LabtopError
from store.lifecycle import label
from store.paths import Location
from store.records import TaskRow
from tui import format as form
from tui import home_data, messages
from tui.commands import COMMANDS, listed, run_command
from tui.dialogs.base import Dialog
from tui.look import printed
from tui.notices import words
from tui.notices.words import News
from tui.pages import PAGE
from tui.screens.home import HomeScreen
from tui.screens.task import TaskScreen
from tui.settings import load
from tui.tabs import TABS
from tui.widgets.plots import Plots
from tui.widgets.prompt import Prompt

from . import asking, listening, telling
from .help import HELLO, OWN_HELP
from .speaking import Speaking

SIZE = (110, 300)
"""Of the screens that nobody sees: what stands in sight there is told."""
PAGE_LINES = 20
SETTLES = 30.0


def run_plain(location: Location, **asked: Any) -> int:
    """Read commands from standard input until its end; returns the exit code."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream
    settings = load()
    app = PlainApp(location, settings=settings, look=printed(settings.symbols), **asked)
    app.asks = False
    app.run(headless=True, size=SIZE, mouse=False)
    with suppress(asyncio.CancelledError):  # left by a word
        app.talk.result()
        if app.problem:
            app.write(app.problem)
    return app.return_code or (1 if app.problem else 0)


class PlainApp(Speaking, inherit_bindings=False):
    """The dashboard without a terminal, and somebody who types."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._changed = asyncio.Event()
        self._states: dict[str, str] | None = None
        """The states that are known while changes are to be told."""
        self._top = 0
        self._told: dict[int, str] = {}
        """The tasks of the list by their numbers in it, as they were told."""
        self._tail = telling.TAIL
        self._own: dict[str, Callable[[str], Awaitable[None]]] = {
            "show": self._show, "list": self._show, "more": self._more, "projects": self._projects, "pick": self._pick,
            "open": self._open, "back": self._back, "help": self._help, "console": self._console,
            "follow": self._follow, "watch": self._watch, "set": self._set, "unset": self._unset,
        }  # fmt: skip

    @property
    def way_back(self) -> str:
        """The command: there are no keys."""
        return "back"

    # In and out -------------------------------------------------------------------------------------------------

    def on_ready(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._lines.put_nowait, None)
        listening.begin(loop, self._lines.put_nowait)
        self.talk = asyncio.create_task(self._converse())

    def tell(self, news: Sequence[News]) -> None:
        """Write a notice, but what ``watch`` has told already."""
        news = [one for one in news if self._states is None or one.status == "running"]
        if news:
            self._break_in(words.line(news))

    def open_task(
        self, task: str, tab: str | None = None, edit: bool = False, found: tuple[str, int | None] | None = None
    ) -> AwaitMount:
        """Show a task's screen; what would be edited there is changed by words here."""
        return super().open_task(task, tab, found=found)

    # Commands ---------------------------------------------------------------------------------------------------

    async def _converse(self) -> None:
        try:
            await self._settle()
            if not self.problem:
                await self._show("")
                self.write(HELLO)
                while self.is_running and (line := await self._line()) is not None:
                    await self._obey(line)
        except ScreenStackError:  # left by a word: the screens have come apart before all was told of it
            pass
        finally:
            self.exit(return_code=self.return_code or 0)

    async def _obey(self, line: str) -> None:
        word, _, rest = line.removeprefix(":").partition(" ")
        before = self._seen()
        try:
            await self._do(word, rest.strip(), line)
            await self._settle()
        except LabtopError as error:
            self.write(str(error))
        while isinstance(self.screen, ModalScreen) and self.is_running:
            await self._question(cast("Dialog[Any]", self.screen))
        if self.is_running and self._seen() != before:
            await self._show("")

    async def _do(self, word: str, rest: str, line: str) -> None:
        if word in self._own:
            await self._own[word](rest)
        elif isinstance(self.screen, TaskScreen) and (tab := _tab(word)):
            self.screen.open_tab(tab)
        elif word:
            run_command(cast("Any", self.screen), line)

    async def _question(self, dialog: Dialog[Any]) -> None:
        """Tell a dialog and have it answered, until it has gone."""
        for line in telling.dialog_lines(dialog):
            self.write(line)
        await asking.answer(dialog, self._ask, self.write)
        await self._settle()
        while self.screen is dialog and (problem := telling.problem_of(dialog)):
            self.write(problem)
            await asking.answer(dialog, self._ask, self.write)
            await self._settle()

    async def _settle(self) -> None:
        """Wait until what was typed has been done, or asks something."""
        calm, deadline = 0, time.monotonic() + SETTLES
        while calm < 3 and self.is_running and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            calm = calm + 1 if self.is_calm else 0
        if self._said:
            self.write(self._said)
            self._said = ""
        for prompt in self.screen.query(Prompt):
            if prompt.asking:
                cast("Any", self.screen).close_prompt()

    def _seen(self) -> tuple[object, ...]:
        """What tells one screen from another."""
        screen = self.screen
        return (id(screen), getattr(screen, "tab", ""), screen.view if isinstance(screen, HomeScreen) else "")

    # Words of our own -------------------------------------------------------------------------------------------

    async def _show(self, rest: str) -> None:
        self._top = 0
        if isinstance(self.screen, HomeScreen):
            await self._tasks(self.screen)
            return
        for line in telling.screen_lines(self.screen):
            self.write(line)
        if isinstance(self.screen, TaskScreen) and self.screen.tab == "console":
            await self._console(rest)

    async def _tasks(self, home: HomeScreen) -> None:
        rows, cells = await self._rows(home, self._top)
        total, where = home.table.pages.total, home.view.project or "all projects"
        narrowed = f", filter {home.view.text}" if home.view.text else ""
        self.write(f"{where}: {form.counted(total, 'task')}{narrowed}")
        if not total:
            for text, _ in home.table.empty:
                self.write(text)
        if not self._top:
            self._told.clear()
        for number, row in enumerate(rows, self._top + 1):
            self._told[number] = row.id
            self.write(telling.task_line(number, row, home.view, cells, home.projects.baselines))
        if self._top + len(rows) < total:
            self.write(f"{total - self._top - len(rows)} more: type more.")

    async def _rows(self, home: HomeScreen, first: int) -> tuple[list[TaskRow], home_data.Cells]:
        """Return up to a page's lines of tasks from a place on, with what they have in the chosen columns."""
        last = min(first + PAGE_LINES, home.table.pages.total) - 1
        numbers = range(first // PAGE, last // PAGE + 1)
        pages = [await self.data.read(home_data.page, home.view, number) for number in numbers]
        rows = [row for found, _ in pages for row in found][first % PAGE :][:PAGE_LINES]
        more = await self.data.read(home_data.cells, [row.id for row in rows], telling.summaries(home.view.cells))
        return rows, {task: {**own, **more.get(task, {})} for _, cells in pages for task, own in cells.items()}

    async def _more(self, rest: str) -> None:
        if isinstance(self.screen, HomeScreen):
            self._top += PAGE_LINES
            await self._tasks(self.screen)

    async def _projects(self, rest: str) -> None:
        home = cast("HomeScreen", self.screen_stack[0])
        for node in home.projects.nodes:
            if node.path:
                self.write(telling.project_line(node))

    async def _numbered(self, word: str) -> TaskRow | None:
        """Return the task that was told with a number, whatever stands in its place by now."""
        task = self._told.get(int(word)) if word.isascii() and word.isdigit() and len(word) < 6 else None
        return None if task is None else next(iter(await self.data.read(home_data.rows, [task])), None)

    async def _pick(self, rest: str) -> None:
        home = self.screen
        if isinstance(home, TaskScreen) and isinstance(plots := home.pane(), Plots):
            await self._pick_plot(plots, rest)
            return
        if not isinstance(home, HomeScreen):
            self.write("Go back to the tasks first: back.")
            return
        found = [(word, await self._numbered(word)) for word in rest.split()]
        home.table.marks.clear()
        for word, row in found:
            if row is None:
                self.write(f"There is no number {word} in the list.")
            else:
                home.table.marks[row.id] = row
        names = ", ".join(row.name for row in home.table.marks.values())
        self.write(f"Commands act on: {names}" if names else "Nothing is picked.")

    async def _pick_plot(self, plots: Plots, rest: str) -> None:
        number = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 6 else 0
        if not 0 < number <= len(plots.plots):
            self.write(f"There is no number {rest or 0} among them.")
            return
        plots.choose(number - 1)
        await self._settle()
        await self._show("")

    async def _open(self, rest: str) -> None:
        row = await self._numbered(rest)
        run_command(cast("Any", self.screen), f"open {row.id if row is not None else rest}")

    async def _back(self, rest: str) -> None:
        if isinstance(self.screen, HomeScreen):
            self.screen.action_back()
        else:
            self.pop_screen()

    async def _help(self, rest: str) -> None:
        for word, what in OWN_HELP:
            self.write(f"{word}: {what}")
        for row in listed(cast("Any", self.screen), [name for name in COMMANDS if name not in self._own]):
            if not row.why:
                self.write(f"{row.shown}: {row.note}")

    # A task -----------------------------------------------------------------------------------------------------

    def _opened(self) -> TaskScreen | None:
        if isinstance(self.screen, TaskScreen) and self.screen.source is not None:
            return self.screen
        self.write("This is for a task that is open: open NAME.")
        return None

    async def _console(self, rest: str) -> None:
        """The console's end: told when its tab is opened, and again when it is asked for."""
        task = self._opened()
        if task is None or task.detail is None or task.source is None:
            return
        self._tail = int(rest) if rest.isascii() and rest.isdigit() else self._tail
        if task.tab != "console":
            task.open_tab("console")
            return
        first = max(task.detail.lines - self._tail, 0)
        lines = await task.source.lines(first, task.detail.lines - first)
        for line in lines:
            self.write(telling.console_line(line))
        if not lines:
            self.write("It has printed nothing yet.")

    async def _follow(self, rest: str) -> None:
        task = self._opened()
        if task is None or task.source is None:
            return
        at = (await task.source.detail()).lines
        self.write("Following the console. Enter ends it.")
        while True:
            ended = not await self._until_changed()
            detail = await task.source.detail()
            for line in await task.source.lines(at, max(detail.lines - at, 0)):
                self.write(telling.console_line(line))
            at = max(detail.lines, at)
            if ended or detail.row.status != "running":
                self.write(f"{label(detail.row.status)}.")
                return

    async def _set(self, rest: str) -> None:
        key, equals, value = rest.partition("=")
        if not equals:
            self.write("Which value? set Args/lr=0.1")
        else:
            await self._edit({key.strip(): value.strip()}, ())

    async def _unset(self, rest: str) -> None:
        await self._edit({}, (rest,))

    async def _edit(self, values: dict[str, str], remove: tuple[str, ...]) -> None:
        task = self._opened()
        if task is None:
            return
        try:
            await self.data.command("edit", task.task_id, values, remove=remove)
        except LabtopError as error:
            self.write(str(error))
        else:
            self.write("Saved.")
            task.reload()

    # Changes ----------------------------------------------------------------------------------------------------

    def on_store_changed(self, message: messages.StoreChanged) -> None:
        """Tell changes of state while that is asked for."""
        self._changed.set()
        for row in message.changes.tasks if self._states is not None else ():
            self._tell_state(row)

    def _tell_state(self, row: TaskRow) -> None:
        assert self._states is not None
        before, self._states[row.id] = self._states.get(row.id), row.status
        if before != row.status and (before or row.status in ("running", "pending")):
            self.write(telling.state_line(row, before))

    async def _until_changed(self) -> bool:
        """Wait for a change in the store; False if a line was typed, or the input ended, before it."""
        self._changed.clear()
        changed, typed = asyncio.create_task(self._changed.wait()), asyncio.create_task(self._lines.get())
        await asyncio.wait([changed, typed], return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()
        if not typed.done():
            typed.cancel()
            return True
        line = typed.result()
        if line:
            self._typed_meanwhile.append(line)
        elif line is None:
            self._lines.put_nowait(None)
        return False

    async def _watch(self, rest: str) -> None:
        view = home_data.View(text="status:running,pending")
        loaded = await self.data.read(home_data.load, view, range(64), False, False)
        self._states = {row.id: row.status for rows in loaded.pages.values() for row in rows}
        self.write("Watching. Enter ends it.")
        while await self._until_changed():
            pass
        self._states = None


def _tab(word: str) -> str:
    return next((tab.name for tab in TABS if word in (tab.name, tab.short, str(tab.digit))), "")
