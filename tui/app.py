"""The dashboard's application: theme, screens, and the store behind them.

Imports neither SQL nor charts: the first picture is painted before they are loaded (by ``tui.following``, in a thread).
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.events import Event, Key
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widget import AwaitMount
from textual.worker import get_current_worker

from store import hints
from store.errors import LabtopError
from store.paths import Location, locate

from . import first, keymap, messages
from .cli import EXIT_UNUSABLE, QUEUES, SETTINGS
from .data import Data
from .following import PACE, PACE_OVER_SSH
from .harmless import filters
from .look import Look, detect
from .noticing import Noticing
from .pins import Pins
from .remembered import Remembered
from .settings import NO_NOTICES, Settings, load
from .sixteen import Sixteen
from .themes import theme_of, themes
from .typed import TypedAhead
from .verbs import LONG_WORK, VERB_WORK

if TYPE_CHECKING:
    from .screens.base import LabtopScreen

OPENING = "opening"
"""The group of the worker that opens the task of the command line; keys typed ahead are for that."""
DEMO = "A demo: everything here is made up, may be changed, and goes when you leave."
BACK = "This goes on by itself as soon as the store can be read."
STYLES = Path(__file__).parent / "styles"
MINUTE_TICK = 20.0
"""Seconds between two looks at whether an age on screen has changed; nothing is drawn if none has."""
INTERRUPT_WINDOW = 2.0
"""Seconds within which a second ctrl+c quits."""


def collect() -> None:
    """Have garbage looked for from now on, and not among what has been loaded: that stays."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


class LabtopApp(Noticing, inherit_bindings=False):
    """The dashboard.

    Args:
        store_setting: a ``CAPTURE_STORE`` value or a location; None for the default.
        read_only: refuse every change.
        project: show this project's tasks first.
        task: open this task first (an id or the beginning of one); several, parted by commas, to compare them.
        screen: what ``task`` is opened on: a tab's name, or one of those of ``tui.compare``.
        settings: the user's settings; read from the settings file if None.
        look: how things are shown; found out from the terminal if None.
        theme: a name of ``store.settings.THEMES``; None for the setting.
        take_in: ask the recorder to take in left-over journals.
        text: show only the tasks that fit this filter; with ``screen`` "search", what to look for.
        demo: the store is a made-up one, which every screen says.
    """

    CSS_PATH: ClassVar[Any] = [STYLES / "app.tcss", STYLES / "task.tcss", STYLES / "queues.tcss"]
    TITLE = "labtop"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[Any] = keymap.bindings("app")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - an instance variable of App

    banner = ""
    """What is wrong with the store at the moment, shown on every screen."""
    waits = ""
    """What is said while a change waits for somebody else's."""
    problem = ""
    """What was asked for on the command line (a store, a task) and was not there; said after leaving."""
    last_queue = ""
    """The queue chosen last, preselected next time."""

    def __init__(
        self,
        store_setting: str | Location | None = None,
        read_only: bool = False,
        project: str | None = None,
        task: str | None = None,
        *,
        screen: str | None = None,
        settings: Settings | None = None,
        look: Look | None = None,
        theme: str | None = None,
        take_in: bool = True,
        text: str = "",
        demo: bool = False,
    ) -> None:
        self.user_settings = settings if settings is not None else load()
        self.look = look if look is not None else self._detected(theme)
        super().__init__()
        self._use_theme()
        location = store_setting if isinstance(store_setting, Location) else locate(store_setting)
        pace = PACE_OVER_SSH if self.user_settings.over_ssh else PACE
        self.data = Data(location, read_only, self.post_message, lambda: self.is_running, pace)
        self.first_project = project
        self.first_task = task
        self.first_tab = screen
        self.first_text = text
        self.demo = demo
        self.typed: list[str] = []
        """The command lines entered, oldest first."""
        self.pins = Pins(Remembered(location.setting))
        self.searched: list[str] = []
        """What was searched for everywhere, oldest first."""
        self.asks = True
        """Whether screens may ask by themselves; a picture (``tui --once``) is to show what was asked for."""
        self.given_theme = theme or ""
        """The theme asked for on the command line; it comes before the settings."""
        self.drawn: Callable[[], object] = lambda: None
        """Called after each frame: whoever remembers where one stands looks again, since what has moved was drawn."""
        self._take_in = take_in
        self._typed = TypedAhead(self, super().on_event, self._settling)
        self._interrupted = 0.0
        self._sixteen = Sixteen()

    @property
    def way_back(self) -> str:
        """What leads back from a screen, as sentences name it."""
        return keymap.now("back")

    @property
    def read_only(self) -> bool:
        """Whether changes are refused."""
        return self.data.read_only

    def _use_theme(self) -> None:
        """Take our theme before the first style is computed, so that nothing is painted twice."""
        for made in themes():
            self.register_theme(made)
        self.set_reactive(App.theme, theme_of(self.look))
        self.stylesheet.set_variables(self.get_css_variables())

    # Life -------------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        """Return the home screen: pushed upon an empty one of Textual's, it would be laid out and painted twice."""
        from .screens.home import HomeScreen

        return HomeScreen()

    def on_mount(self) -> None:
        """Take the user's settings; the store is opened after the first paint."""
        self.animation_level = "none"
        self._use(self.user_settings)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self._typed.begin()
        if self._take_in:
            self.data.sync.start()
        first.narrow(self)
        if self.first_tab == QUEUES:
            self.open_queues()
        elif self.first_tab == SETTINGS:
            self.open_settings()
        self.data.start()
        self.set_interval(MINUTE_TICK, self._age)

    def _age(self) -> None:
        if (screen := self.in_front) is not None:
            screen.aged()

    def on_unmount(self) -> None:
        """Let go of the store, of the command for notices, and of the keys that sentences name."""
        self.data.close()
        self.notices.close()
        hints.use({})

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        # Textual takes the screen below for visible even under an opaque one, and draws the top one again, half of it,
        # whenever a row changes below: 28 kB/s on a task's screen while the table under it was live.
        return [] if self.screen.styles.background.a == 1 else super()._background_screens

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters and ours, ours last; without colour ours alone."""
        sixteen = [self._sixteen] if self.look.scheme == "16" and self.look.colour else []
        return [*(super().get_line_filters() if self.look.colour else ()), *sixteen, *filters(self.look)]

    def _settling(self) -> bool:
        """Whether a verb is under way that has not asked anything yet, or the rows a key asked for are."""
        from .screens.base import LabtopScreen

        if not self.is_running or self.waits:
            return False  # of screens that are left, widgets may be gone
        if isinstance(self.screen, ModalScreen):
            return bool(getattr(self.screen, "carrying", False))
        busy = any(worker.group in (VERB_WORK, OPENING) and not worker.is_finished for worker in self.workers)
        return busy or (isinstance(self.screen, LabtopScreen) and self.screen.settling)

    async def on_event(self, event: Event) -> None:
        """Hand keys on one at a time; everything else as it comes."""
        if isinstance(event, Key) and not event.is_forwarded:
            await self._typed.add(event)
        else:
            await super().on_event(event)

    def post_display_hook(self) -> None:
        """Tell of the frame."""
        self.drawn()

    # The store --------------------------------------------------------------------------------------------------

    def on_store_absent(self, message: messages.StoreAbsent) -> None:
        """Show how to make one; there is no task to open."""
        collect()
        if self.first_task is None:
            self._tell_screens(message)
            first.show(self)
        else:
            self.run_worker(first.await_store(self), exclusive=False)

    def on_store_lost(self, message: messages.StoreLost) -> None:
        """Keep what is on screen and say that it is no longer live; with nothing to show and nobody to wait, leave."""
        collect()
        if not (self.asks or self.data.opened):
            self.problem = message.sentence
            self.exit(return_code=EXIT_UNUSABLE)
            return
        self.banner = f"{message.sentence} {BACK}"
        if (screen := self.in_front) is not None and not screen.refuses:  # the next key has the banner shown
            self.say(self.banner, "error")
        for screen in self._own_screens():
            screen.lost()
        self._tell_screens(message)

    def on_store_opened(self, message: messages.StoreOpened) -> None:
        """The store is there, for the first time or again."""
        collect()
        if self.banner:
            self.banner = ""
            for screen in self._own_screens():
                screen.recovered()
            self.say("The store can be read again.")
        self._tell_screens(message)
        if self.demo:
            self.say(DEMO)
        self._say_problems()
        if self.first_task is not None:
            task, self.first_task = self.first_task, None
            self.run_worker(first.open_task(self, task, self.first_tab), group=OPENING)
        first.show(self)

    def on_store_waits(self, message: messages.StoreWaits) -> None:
        """Say what a change waits for, until it does no more."""
        said, self.waits = self.waits, message.sentence
        for screen in self._own_screens() if said != self.waits else ():
            screen.wait_for(said, self.waits)

    def _say_problems(self) -> None:
        """Say once what is wrong in the settings file."""
        problems = self.user_settings.problems
        if problems:
            more = f" ({len(problems) - 1} more in the settings, comma)" if len(problems) > 1 else ""
            self.say(problems[0] + more, "refused")
            self.user_settings = replace(self.user_settings, problems=())

    def on_store_changed(self, message: messages.StoreChanged) -> None:
        """Hand a change to every screen of the stack; the ones below take it in when they come up again."""
        if message.tells:
            self._tell_screens(message)
        for screen in self._own_screens():
            screen.on_commit()

    def _tell_screens(self, message: Message) -> None:
        screens = self._own_screens()
        for screen in screens:
            screen.hear(message, in_sight=screen is screens[-1])

    def _own_screens(self) -> list[LabtopScreen]:
        """The screens that hear of the store and say sentences, dialogs left out; the lowest first."""
        from .screens.base import LabtopScreen

        stack = self.screen_stack if self.is_running else []
        return [screen for screen in stack if isinstance(screen, LabtopScreen) and screen.is_mounted]

    @property
    def in_front(self) -> LabtopScreen | None:
        """The screen that is looked at, under whatever dialog; None while there is none."""
        return next(reversed(self._own_screens()), None)

    @property
    def is_calm(self) -> bool:
        """Whether the store is open and nothing is being fetched: what is on screen is what there is."""
        asking = isinstance(self.screen, ModalScreen)
        waiting = any(not (worker.is_finished or (asking and worker.group == VERB_WORK)) for worker in self.workers)
        known = self.data.opened or self.data.absent or bool(self.data.unusable)
        return known and not self.data.running and self.first_task is None and not waiting

    # What screens ask for ---------------------------------------------------------------------------------------

    def open_task(
        self, task: str, tab: str | None = None, edit: bool = False, found: tuple[str, int | None] | None = None
    ) -> AwaitMount:
        """Show a task's screen.

        Args:
            task: its whole id.
            tab: the name of the tab to open.
            edit: open it for editing a value of its configuration.
            found: an expression to search for on the tab, and the console line to stand on.
        """
        from .screens.task import TaskScreen

        screen = self.screen
        if isinstance(screen, TaskScreen) and screen.task_id == task and edit:
            screen.edit()
            return AwaitMount(screen, [])
        return self.push_screen(TaskScreen(task, tab=tab, edit=edit, found=found))

    def open_queues(self) -> None:
        """Show queues, workers and machines."""
        from .screens.queues import QueuesScreen

        self.push_screen(QueuesScreen())

    def open_settings(self) -> None:
        """Show the settings."""
        from .screens.settings import SettingsScreen

        self.push_screen(SettingsScreen())

    def say(self, sentence: str, kind: str = "info") -> None:
        """Show one sentence above the key line until the next key (``info``, ``refused`` or ``error``)."""
        if (screen := self.in_front) is not None:
            screen.say(sentence, kind)

    def say_so_far(self, sentence: str) -> None:
        """Say how far the verb is that this worker carries out: it takes a while, and no key waits for it any more."""
        from .dialogs.base import Dialog

        get_current_worker().group = LONG_WORK
        if isinstance(self.screen, Dialog):
            self.screen.give_way()
        self.say(sentence)

    def heard(self, sentence: str) -> None:
        """Hear what a screen says; where there is nothing to see (``tui --plain``), it is written."""

    def _detected(self, theme: str | None) -> Look:
        return detect(theme=theme or self.user_settings.theme, symbols=self.user_settings.symbols)

    def show_look(self, look: Look) -> None:
        """Draw everything again in another look."""
        self.look = look
        self.theme = theme_of(self.look)
        self._say_again()

    def use_settings(self, settings: Settings) -> None:
        """Take other settings at once."""
        self.user_settings = settings
        self._use(settings)
        self.show_look(self._detected(self.given_theme))

    def _use(self, settings: Settings) -> None:
        """Take the keys the user has moved, which sentences name too, and whether there are to be notices."""
        self.data.noticing = settings.notices != NO_NOTICES
        hints.use(settings.keys)
        self.set_keymap(settings.keys)

    def _say_again(self) -> None:
        from .widgets.pane import Pane

        for own in self._own_screens():
            own.show_status()
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.query("*"):
                widget.refresh()
            for pane in screen.query(Pane):
                pane.draw_anew()

    def action_suspend_process(self) -> None:
        """Stop until the shell says fg."""
        from .external import pause

        try:
            pause(self)
        except LabtopError as error:
            self.say(str(error), "refused")

    def action_interrupt(self) -> None:
        """Quit at the second ctrl+c."""
        now = time.monotonic()
        if now - self._interrupted < INTERRUPT_WINDOW:
            from .leaving import leave

            leave(self)
            return
        self._interrupted = now
        self.say("Press ctrl+c again to quit.")
