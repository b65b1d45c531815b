"""Every setting of the settings file, in one table, and changing one of them.

The table feeds ``docs/settings.md`` (``python -m store.settings`` prints it), the check for mistyped names and the
dashboard's settings screen. Who uses a setting reads it through ``paths.settings``; scripts never load this module.
Standard library only, until a setting is written: comments and order of the file are kept by tomlkit.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from .errors import InvalidValue, StoreUnusable, nearest
from .paths import config_file
from .paths import settings as read

THEMES = {
    "dark": "light on dark",
    "light": "dark on light",
    "colour-blind": "light on dark, in hues everybody can tell apart",
    "16": "the terminal's own sixteen colours; taken by itself where there are no more",
    "none": "no colour at all",
}
"""The themes of the dashboard, with what each is for."""


class Setting(NamedTuple):
    """A setting.

    Attributes:
        key: its name; a dot stands for a table.
        default: its value when it is not set.
        help: what it is, without a full stop.
        choices: the values it takes, if they are few.
        env: the environment variable that comes before it.
        command: it is a command, in words as a shell parts them.
    """

    key: str
    default: str | float
    help: str
    choices: tuple[str, ...] = ()
    env: str = ""
    command: bool = False

    @property
    def takes(self) -> str:
        """What it takes, in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.command:
            return "a command in words, quoted as for a shell"
        return "a number from 0 on" if isinstance(self.default, float) else "text"

    def checked(self, text: str) -> str | float:
        """Return the value that a text means.

        Raises:
            InvalidValue: it is none this setting takes.
        """
        if self.choices and text not in self.choices:
            raise InvalidValue(f"{self.key} cannot be {text!r}.{nearest(text, self.choices)} Valid: {self.takes}.")
        if self.command:
            self._check_words(text)
        if not isinstance(self.default, float):
            return text
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number < float("inf"):
            raise InvalidValue(f"{self.key} cannot be {text!r}: it takes {self.takes}.")
        return number

    def _check_words(self, text: str) -> None:
        try:
            shlex.split(text)
        except ValueError as error:
            raise InvalidValue(f"{self.key} cannot be {text!r}: {error}. It takes {self.takes}.") from error


SETTINGS = (
    Setting("store", "", "a folder, a `.db` file or a PostgreSQL URL; empty: the user-data folder",
            env="CAPTURE_STORE"),
    Setting("abort_grace", 30.0, "seconds between SIGTERM and SIGKILL when a script started by hand is aborted"),
    Setting("spool.limit_gib", 10.0, "what one process may leave in the spool while nobody takes it in; beyond it "
            "console and then more and more scalars are left out and counted"),
    Setting("plots.history", 100.0, "iterations of each plot that are kept, the newest ones; at least one"),
    Setting("samples.history", 100.0, "iterations of each debug sample that are kept, the newest ones; at least one; "
            "`max_image_history` of a call comes first"),
    Setting("development.task_reuse_time_window_in_hours", 72.0,
            "how old a task may be for its script to use it again"),
    Setting("agent.queue", "default", "the queue that `capture enqueue` takes when none is named"),
    Setting("agent.abort_grace", 30.0, "seconds between SIGTERM and SIGKILL when a task that an agent runs is aborted"),
    Setting("tui.theme", "dark", "the dashboard's colours; `NO_COLOR` comes before it", tuple(THEMES)),
    Setting("tui.symbols", "auto", "the dashboard's marks, bars and lines; auto: ASCII where the terminal has no UTF-8 "
            "or `LC_ALL`, else `LC_CTYPE`, else `LANG` is C or POSIX", ("auto", "ascii")),
    Setting("tui.tree", "shown", "the project tree beside the table, on screens of 100 columns or more; `+` turns it",
            ("shown", "hidden")),
    Setting("tui.preview", "shown", "the main metric's course and the last console line below the table; `p` turns it",
            ("shown", "hidden")),
    Setting("tui.graphics", "auto", "the terminal's graphics, by which `v` shows a debug sample; auto: those that the "
            "environment says it has, and none inside tmux and screen", ("auto", "kitty", "iterm", "sixel", "none")),
    Setting("tui.notices", "line", "how it is told that a task of yours has ended or turned NaN: in a sentence (line), "
            "and by the bell or a desktop notification; off: not at all", ("line", "bell", "desktop", "off")),
    Setting("tui.notice_command", "", "what each open dashboard runs for such a notice, without a shell; "
            "`LABTOP_MESSAGE` holds the sentence, `LABTOP_TASK_ID` the task", command=True),
)  # fmt: skip
BY_KEY = {setting.key: setting for setting in SETTINGS}
KEYS_TABLE = "tui.keys"
"""The table of remapped keys: its names are ids of the dashboard's key table, each with keys joined by commas."""


def flat(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return a settings file as ``{"table.name": value}``; what is in ``tui.keys`` keeps its own dots."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{above}{name}"
        found |= flat(value, f"{key}.") if isinstance(value, dict) else {key: value}
    return found


def unknown(table: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each name of a settings file that is none of a setting, with the nearest that is."""
    names = [key for key in flat(table) if key not in BY_KEY and not key.startswith(f"{KEYS_TABLE}.")]
    return [_wrong(name) for name in names]


def _wrong(name: str) -> str:
    if any(key.startswith(f"{name}.") for key in (*BY_KEY, f"{KEYS_TABLE}.")):
        return f"{name} is a table of the settings file: write [{name}] and what is in it below."
    return f"The settings file has an unknown setting {name!r}.{nearest(name, BY_KEY)}"


def write(key: str, value: str | float | None, environ: Mapping[str, str] = os.environ) -> None:
    """Set one setting in the user's file, or take it out (None); everything else in it stays as it was written.

    Args:
        key: a key of ``SETTINGS``, or ``tui.keys.`` and the id of a key.
        value: its value; checked by the caller.
        environ: says which file it is.

    Raises:
        StoreUnusable: the file cannot be read or written.
    """
    import tomlkit

    read(environ)  # says what is wrong with a file that is no TOML
    path = os.path.realpath(config_file(environ))
    try:
        with open(path, encoding="utf-8") as file:
            document = tomlkit.parse(file.read())
    except FileNotFoundError:
        document = tomlkit.document()
    _put(path, document, _parts(document, key), value)
    try:
        _replace(path, tomlkit.dumps(document).rstrip("\n") + "\n")
    except OSError as error:
        raise StoreUnusable(
            f"Cannot write the settings {path}: {error.strerror}. Change the file by hand, or set CAPTURE_CONFIG to "
            f"one you can write."
        ) from error


def _parts(document: Mapping[str, Any], key: str) -> list[str]:
    """Return the tables and the name a key stands under; an id of a key is one name, unless written without quotes."""
    inside = key.removeprefix(f"{KEYS_TABLE}.")
    if inside == key or _is_there(document, key.split(".")):
        return key.split(".")
    return [*KEYS_TABLE.split("."), inside]


def _is_there(document: Any, parts: list[str]) -> bool:
    for name in parts:
        if not isinstance(document, Mapping) or name not in document:
            return False
        document = document[name]
    return True


def _put(path: str, document: Any, parts: list[str], value: str | float | None) -> None:
    import tomlkit

    table = document
    for name in parts[:-1]:
        if name not in table:
            if value is None:
                return
            table[name] = tomlkit.table()
        table = table[name]
        if not isinstance(table, Mapping):
            raise StoreUnusable(
                f"Cannot write the settings {path}: {name} is no table in it. Correct the file by hand."
            )
    if value is None:
        table.pop(parts[-1], None)
    else:
        table[parts[-1]] = int(value) if isinstance(value, float) and value.is_integer() else value


def _replace(path: str, text: str) -> None:
    """Write a file whole or not at all, with the rights it had."""
    import tempfile

    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".config-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(temporary, os.stat(path).st_mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


REMAP = '"task.clone" = "V"'
"""How a key is given to another row of the dashboard's key table: one that is free everywhere."""
EXAMPLE = f"""```toml
store = "/data/me/labtop"

[tui]
theme = "light"

[tui.keys]
{REMAP}
```

`CAPTURE_TUI_OUTPUT=stock` in the environment has the dashboard drawn by Textual alone, every changed region whole: for
terminals on which sending only what changed leaves something wrong."""


def markdown() -> str:
    """Return the whole table as the text of ``docs/settings.md``."""
    lines = ["# Settings", "", "Made from `store/settings.py` by `python -m store.settings`; do not edit by hand.", ""]
    lines += [
        "One TOML file: `CAPTURE_CONFIG`, else `labtop/config.toml` in the user's config folder (`~/.config` on",
        "Linux). Everything has a default; a file that cannot be read is an error that says which line. In the",
        "dashboard `,` lists all of them and changes them in place; comments in the file stay. Names it does not know",
        "are said when it starts.",
        "", "| key | default | takes | what |", "|---|---|---|---|",
    ]  # fmt: skip
    for setting in SETTINGS:
        default = "" if setting.default == "" else f"`{setting.default:g}`" if isinstance(setting.default, float) else (
            f"`{setting.default}`")  # fmt: skip
        before = f"; `{setting.env}` comes first" if setting.env else ""
        lines.append(f"| `{setting.key}` | {default} | {setting.takes} | {setting.help}{before} |")
    keys = "keys by id, as [Keys](keys.md) lists them, several joined by commas"
    lines += [f"| `{KEYS_TABLE}` | | a table | {keys}: `{REMAP}` |", "", "Themes:", ""]
    lines += [f"- `{name}`: {about}" for name, about in THEMES.items()]
    return "\n".join([*lines, "", EXAMPLE, ""])


if __name__ == "__main__":
    print(markdown(), end="")
