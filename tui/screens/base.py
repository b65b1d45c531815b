"""What every screen of the dashboard has: the lines around it, the keys of the table, and the verbs on tasks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from store.errors import LabtopError
from store.safe import safe_text
from tui import messages
from tui.compare import opening
from tui.data import READ_ONLY
from tui.export.what import NOTHING, Export
from tui.look import Look
from tui.output.compose import Composed
from tui.output.internals import let_go
from tui.verbs import VERB_WORK, VERBS
from tui.widgets.bar import KeyLine, Notice, StatusLine
from tui.widgets.pane import Pane
from tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.records import Changes, TaskRow
    from tui.app import LabtopApp
    from tui.data import Data
    from tui.undo import Tell


class LabtopScreen(Composed, Screen[None], inherit_bindings=False):
    """A screen: a status line, its own body, a key line, and a sentence above that when there is one to say.

    A subclass sets ``KEYS`` (its name in the key table) and ``BINDINGS = keymap.bindings(KEYS)``, yields its widgets
    from ``body`` and answers ``targets``; it hears of the store in ``on_store``.
    """

    _missed: messages.Missed | None = None
    """What has changed while this could not be seen."""
    KEYS: ClassVar[str] = "home"
    AUTO_FOCUS: ClassVar[str | None] = ""

    def compose(self) -> ComposeResult:
        """Lay out the lines around the body."""
        yield StatusLine()
        yield from self.body()
        yield Prompt()
        yield KeyLine(self.KEYS)
        yield Notice()

    def body(self) -> ComposeResult:
        """Yield the widgets between the status line and the key line."""
        yield Widget()

    @property
    def labtop(self) -> LabtopApp:
        """The app, typed."""
        return cast("LabtopApp", self.app)

    @property
    def data(self) -> Data:
        """The store, for queries and commands."""
        return self.labtop.data

    @property
    def look(self) -> Look:
        """How things are shown on this terminal."""
        return self.labtop.look

    def aged(self) -> None:
        """Show ages as they are by now, and draw none that still reads the same; called now and then."""

    def on_store(self, message: Message) -> None:
        """Hear of the store: ``StoreOpened``, ``StoreLost`` or ``StoreChanged``."""

    def hear(self, message: Message, *, in_sight: bool) -> None:
        """Hear of the store; of changes once they can be seen, all in one: a hidden table takes a third of the work."""
        if isinstance(message, messages.StoreChanged) and not (in_sight and self._missed is None):
            self._missed = self._missed or messages.Missed()
            self._missed.add(message.changes)
            if in_sight:
                self._catch_up()
        else:
            if isinstance(message, messages.StoreOpened):  # all is read anew, and newer than what was missed
                self._missed = None
            self.on_store(message)

    def _catch_up(self) -> None:
        missed, self._missed = self._missed, None
        if missed is not None:
            self.on_store(missed.told())

    def beside(self, connection: Connection, changes: Changes) -> object:
        """Return what is shown of something that changed, read with the change; runs in a thread, while in sight.

        That is until another screen is: below a dialog it may go on.
        """
        return None

    def on_screen_resume(self) -> None:
        """In sight again: take in what has changed meanwhile, before anything is drawn."""
        if self.is_current:  # not left already
            self.data.beside = self.beside
        self._catch_up()
        if self.is_attached:
            self.aged()

    def lost(self) -> None:
        """The store is away: panes say so in the place of what they have not got."""
        for pane in self.query(Pane):
            pane.refresh()

    def recovered(self) -> None:
        """The store is back: nobody says any more that it is away, and panes ask again for what they could not read."""
        self.close_notice()
        for pane in self.query(Pane):
            pane.read_again()

    def wait_for(self, said: str, sentence: str) -> None:
        """Say what a change waits for; nothing: it has stopped waiting, and what was said of it goes."""
        notice = self.query_one(Notice)
        if sentence:
            notice.show(sentence, "refused")
        else:
            notice.retract(said)
        self.show_status()

    def on_unmount(self) -> None:
        """Let go of what was shown."""
        let_go()

    def on_commit(self) -> None:
        """Hear that somebody committed something, be it no task."""

    @property
    def settling(self) -> bool:
        """Whether what the last key asked for is still on its way to the screen."""
        return False

    @property
    def at_stake(self) -> str:
        """What is typed here and not saved, and what becomes of it: a sentence; empty if nothing is."""
        return ""

    def targets(self) -> list[TaskRow]:
        """Return the tasks a verb acts on: the marked ones, else the one under the cursor or shown."""
        return []

    def looked_at(self) -> TaskRow | None:
        """Return the one task that is looked at: under the cursor, chosen or shown; whatever is marked."""
        return next(iter(self.targets()), None)

    @property
    def stand(self) -> tuple[str, str]:
        """Return where this is, as the command line would ask for it: tasks or a text, and the name of a screen."""
        return "", ""

    @property
    def unseen(self) -> frozenset[str]:
        """Return those of the tasks a verb acts on that this does not show."""
        return frozenset()

    def no_targets(self) -> str:
        """Return what to say when a verb has nothing to act on."""
        return self.labtop.banner or "There is no task here. Start a script with Task.init."

    def export(self) -> Export | str:
        """Return what can be exported of what is shown, or why nothing can."""
        return NOTHING

    # Lines ------------------------------------------------------------------------------------------------------

    def status(self, left: Text) -> None:
        """Show the status line; what always stays on the right is added."""
        if self.is_attached:
            self.query_one(StatusLine).show(left, self._standing())

    def show_status(self) -> None:
        """Show the status line anew, in the look of now."""

    def _standing(self) -> Text:
        if self.labtop.banner:
            return Text("not live", style=self.look.style("bold red"), end="")
        if self.labtop.waits:
            return Text("waiting", style=self.look.style("yellow"), end="")
        standing = (("demo", self.labtop.demo), ("read-only", self.data.opened and self.data.read_only))
        words = [word for word, there in standing if there]
        line = Text(" ".join(words), style=self.look.style("yellow"), end="")
        if not words and self.data.opened:
            line.append("live", self.look.style("dim"))
        return line

    def say(self, sentence: str, kind: str = "info") -> None:
        """Show one sentence until the next key; while the store is away, what went wrong is that."""
        if kind == "error":
            sentence = self.labtop.banner or sentence
        self.labtop.heard(sentence)
        self.query_one(Notice).show(sentence, kind)

    @property
    def refuses(self) -> bool:
        """Whether it is said why what a key asked for was not done."""
        notice = self.query_one(Notice)
        return bool(notice.sentence) and notice.kind == "refused"

    def close_notice(self) -> None:
        """Say no more what was said last."""
        self.query_one(Notice).clear()

    def on_key(self, event: events.Key) -> None:
        """A key answers a sentence: it goes, unless it tells that the store is away, or is waited for."""
        if self.labtop.banner:
            self.query_one(Notice).show(self.labtop.banner, "error")
        elif self.labtop.waits:
            self.query_one(Notice).show(self.labtop.waits, "refused")
        else:
            self.close_notice()

    # Verbs ------------------------------------------------------------------------------------------------------

    def action_verb(self, name: str, given: str = "") -> None:
        """Do something to the tasks: a verb of the table, with what was typed after it on the command line."""
        rows = self.targets()
        if not rows and not VERBS[name].alone:
            self.say(self.no_targets())
        elif self.labtop.read_only:
            self.say(READ_ONLY, "refused")
        else:
            self.carry_out(VERBS[name].run(self.labtop, rows, given))

    def carry_out(self, work: Awaitable[None]) -> None:
        """Carry something out, to its end: also when this screen is left meanwhile."""
        self.labtop.run_worker(work, group=VERB_WORK)

    def action_undo(self) -> None:
        """Take back what was done last."""
        self.carry_out(self._take_back(self.data.history.undo))

    def action_redo(self) -> None:
        """Do again what was taken back last."""
        self.carry_out(self._take_back(self.data.history.redo))

    async def _take_back(self, take: Callable[[Tell], Awaitable[str]]) -> None:
        try:
            self.labtop.say(await take(self.labtop.say_so_far))
        except LabtopError as error:
            self.labtop.say(str(error), "refused")

    def action_parent(self) -> None:
        """Compare a task with the one it was cloned from."""
        rows = self.targets()
        if len(rows) == 1:
            self.run_worker(opening.with_parent(self.labtop, rows[0]), group=VERB_WORK)
        else:
            self.say("C compares the marked tasks; d one task with the one it was cloned from." if rows else
                     self.no_targets())  # fmt: skip

    def action_console(self) -> None:
        """Open the console of the task."""
        row = self.looked_at()
        if row is not None:
            self.labtop.open_task(row.id, "console")
        else:
            self.say(self.no_targets())

    def action_queues(self) -> None:
        """Show queues, workers and machines."""
        self.labtop.open_queues()

    def action_copy_id(self) -> None:
        """Copy the ids, and show them: not every terminal takes a copy."""
        rows = self.targets()
        if rows:
            ids = safe_text(" ".join(row.id for row in rows), one_line=True)
            self.labtop.copy_to_clipboard(ids)
            self.say(f"Copied {ids}")

    def action_copy_as(self) -> None:
        """Copy as command line or JSON."""
        from tui.verbs.copying import copy_as

        rows = self.targets()
        if rows:
            self.run_worker(copy_as(self.labtop, rows), group=VERB_WORK)
        else:
            self.say(self.no_targets())

    # Everywhere -------------------------------------------------------------------------------------------------

    def help_screens(self) -> tuple[str, ...]:
        """Return the names under which this screen's keys stand in the table."""
        return (self.KEYS, "app")

    def action_help(self) -> None:
        """Show the keys of this screen."""
        from tui.dialogs.help import HelpDialog

        self.labtop.push_screen(HelpDialog(self.help_screens()))

    def action_command(self) -> None:
        """Type a command."""
        self.ask_command("")

    def ask_command(self, text: str) -> None:
        """Type a command that begins with a text."""
        self.query_one(Prompt).ask("command", ":", text, past=self.labtop.typed)

    def action_palette(self) -> None:
        """Find a command."""
        from tui.dialogs.palette import PaletteDialog

        self.labtop.push_screen(PaletteDialog(self))

    @property
    def keyed(self) -> Widget | None:
        """What has the keys, or has them again when the line to type into is closed."""
        prompt = self.query_one(Prompt)
        return prompt.had_keys if prompt.asking else self.focused

    @on(Prompt.Typed)
    def _command_typed(self, message: Prompt.Typed) -> None:
        if message.purpose == "command":
            work = partial(self._list_commands, message.text)
            self.run_worker(work, group="suggest", exclusive=True)  # type: ignore[arg-type]  # its result is None

    async def _list_commands(self, text: str) -> None:
        from tui.commands import suggest

        self.query_one(Prompt).suggest(text, await suggest(self, text))

    @on(Prompt.Entered)
    def _command_entered(self, message: Prompt.Entered) -> None:
        self.close_prompt()
        if message.purpose == "command":
            from tui.commands import run_command

            if message.text.strip() and message.text not in self.labtop.typed[-1:]:
                self.labtop.typed.append(message.text)
            run_command(self, message.text)

    @on(Prompt.Left)
    def _prompt_left(self) -> None:
        self.close_prompt()

    def close_prompt(self) -> None:
        """Hide the line to type into and what was said of it; what had the keys before has them again."""
        self.close_notice()
        self.query_one(Prompt).close()

    def action_settings(self) -> None:
        """Show the settings."""
        self.labtop.open_settings()

    def action_search_everywhere(self, text: str = "") -> None:
        """Search all tasks and all consoles, for a text if there is one."""
        from .search import SearchScreen

        self.labtop.push_screen(SearchScreen(text))

    def action_redraw(self) -> None:
        """Draw everything again, whatever the terminal shows."""
        self.labtop.repaint()
        self.refresh(repaint=True, layout=True)

    def action_full(self) -> None:
        """The pane that has the keys over the whole screen, below the status line; or what is around it again."""
        self.toggle_class("-full")

    @property
    def is_full(self) -> bool:
        """Whether one pane has the whole screen."""
        return self.has_class("-full")

    def action_back(self) -> None:
        """Leave the full screen, else the screen itself."""
        if self.is_full:
            self.action_full()
        else:
            self.dismiss()
