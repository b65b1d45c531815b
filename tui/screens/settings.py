"""Settings: every setting of the file with its value and where that comes from, changed in place and used at once."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from store import settings as table
from store.errors import LabtopError
from store.paths import config_file
from store.safe import safe_text
from tui import keymap
from tui.cli import SETTINGS
from tui.dialogs.base import plain
from tui.dialogs.prompt import PromptDialog
from tui.settings import checked_keys, load, origin
from tui.verbs import VERB_WORK
from tui.widgets.bar import KeyLine
from tui.widgets.settings import Entry, SettingsList

from .base import LabtopScreen

LATER = "Scripts, recorders, agents and commands take it when they start."


class SettingsScreen(LabtopScreen, inherit_bindings=False):
    """The list, and two lines about the setting under the cursor."""

    KEYS = "settings"
    BINDINGS: ClassVar[Any] = keymap.bindings("settings")
    AUTO_FOCUS = "SettingsList"

    def body(self) -> ComposeResult:
        """The list and what is known of one."""
        yield SettingsList()
        yield Static("", classes="about")

    def on_mount(self) -> None:
        """Show what there is."""
        self.query_one(KeyLine).use(self.help_screens())
        self._show()
        problems = load().problems
        if problems:
            self.say(" ".join(problems), "refused")

    def help_screens(self) -> tuple[str, ...]:
        """Keys of the screen and of its list."""
        return ("settings", "settings-list", "list", "app")

    @property
    def list(self) -> SettingsList:
        """The list."""
        return self.query_one(SettingsList)

    def _show(self) -> None:
        self.list.show([*map(self._setting, table.SETTINGS), *map(self._key, keymap.KEYS)])
        self.show_status()

    @property
    def stand(self) -> tuple[str, str]:
        """Itself."""
        return "", SETTINGS

    def show_status(self) -> None:
        """Show which file the settings are in."""
        line = Text("settings  ", style=self.look.style("bold bright"), end="")
        line.append(safe_text(str(config_file()), 200, one_line=True), self.look.style("dim"))
        self.status(line)

    def _setting(self, setting: table.Setting) -> Entry:
        value, source = origin(setting)
        given = self.labtop.given_theme
        if setting.key == "tui.theme" and given:
            value, source = given, "--theme"
        later = "" if setting.key.startswith("tui.") else f" {LATER}"
        return Entry(
            setting.key, value, source, setting.takes, f"{setting.help.replace('`', '')}.{later}", setting.choices
        )

    def _key(self, key: keymap.Key) -> Entry:
        own = self.labtop.user_settings.keys.get(key.id)
        takes = f"keys joined by commas ({key.keys} unless set)"
        return Entry(f"{table.KEYS_TABLE}.{key.id}", own or key.keys, "the file" if own else "default", takes, key.help)

    @on(SettingsList.Moved)
    def _about(self) -> None:
        entry = self.list.current
        if entry is not None:
            about = f"{entry.help[:1].upper()}{entry.help[1:]}\nTakes: {entry.takes}."
            self.query_one(".about", Static).update(plain(about))

    @on(SettingsList.Change)
    def _change(self, message: SettingsList.Change) -> None:
        self.run_worker(self._ask(message.entry, message.default), group=VERB_WORK)

    async def _ask(self, entry: Entry, default: bool) -> None:
        if default:
            self._tell(await self._set(entry, None))
        elif entry.choices:
            place = entry.choices.index(entry.value) if entry.value in entry.choices else -1
            self._tell(await self._set(entry, entry.choices[(place + 1) % len(entry.choices)]))
        else:
            await self.labtop.push_screen_wait(
                PromptDialog(entry.key, f"Takes: {entry.takes}.", entry.value, lambda line: self._set(entry, line))
            )

    def _tell(self, problem: str) -> None:
        if problem:
            self.say(problem, "refused")

    async def _set(self, entry: Entry, text: str | None) -> str:
        """Check, write and use a value, None for the default; return why not."""
        try:
            value = None if text is None else self._checked(entry.key, text)
            await asyncio.to_thread(table.write, entry.key, value)
            if entry.key == "tui.theme":
                self.labtop.given_theme = ""
            self.labtop.use_settings(load())
        except LabtopError as error:
            return str(error)
        self._show()
        self.say(self._said(entry, text))
        return ""

    def _checked(self, key: str, text: str) -> str | float:
        if key in table.BY_KEY:
            return table.BY_KEY[key].checked(text)
        checked_keys(_id(key), text, self.labtop.user_settings.keys)
        return ",".join(word.strip() for word in text.split(","))

    def _said(self, entry: Entry, text: str | None) -> str:
        now = next(known for known in self.list.entries if known.key == entry.key)
        if now.origin not in ("default", "the file"):
            return f"Written, but {now.origin} comes before it here: {now.value}."
        if entry.key == "tui.theme" and not self.look.colour and now.value != "none":
            return "Written; NO_COLOR is set, so no colour is sent."
        return (
            f"{entry.key} is {now.value} now." if text is not None else f"{entry.key} is {now.value or 'empty'} again."
        )


def _id(key: str) -> str:
    return key.removeprefix(f"{table.KEYS_TABLE}.")
