"""What the user set for the dashboard, from the table ``[tui]`` of the settings file. Standard library only.

What is wrong in the file is no reason not to start: it is kept as sentences, and the default taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from store import settings as table
from store.errors import InvalidValue, nearest
from store.paths import settings as settings_file

CHOSEN = ("theme", "symbols", "tree", "preview", "graphics", "notices", "notice_command")
"""Names of settings below ``tui.`` that are one value each."""
NO_NOTICES = "off"
"""The value of ``tui.notices`` with which nothing is told."""


@dataclass(frozen=True)
class Settings:
    """Settings of the dashboard: those of ``tui.`` in ``store.settings``, and ``keys`` (key id -> keys)."""

    theme: str = "dark"
    keys: dict[str, str] = field(default_factory=dict)
    symbols: str = "auto"
    tree: str = "shown"
    preview: str = "shown"
    graphics: str = "auto"
    notices: str = "line"
    notice_command: str = ""
    over_ssh: bool = False
    """The session comes over SSH: no mouse reports, which a slow link would choke on."""
    problems: tuple[str, ...] = ()
    """What is wrong in the file, a sentence each."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings file.

    Raises:
        StoreUnusable: it exists and cannot be read as TOML.
    """
    found = settings_file(environ)
    problems = table.unknown(found)
    own = found.get("tui", {})
    if not isinstance(own, dict):
        return Settings(over_ssh=_ssh(environ), problems=tuple(problems))
    chosen = {name: _chosen(own, name, problems) for name in CHOSEN}
    keys = _keys(own, problems)
    return Settings(keys=keys, over_ssh=_ssh(environ), problems=tuple(problems), **chosen)


def _chosen(own: Mapping[str, Any], name: str, problems: list[str]) -> str:
    setting = table.BY_KEY[f"tui.{name}"]
    try:
        return str(setting.checked(str(own.get(name, setting.default))))
    except InvalidValue as error:
        problems.append(f"In the settings file: {error}")
        return str(setting.default)


def _keys(own: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    given = own.get("keys", {})
    if not isinstance(given, dict):
        return {}
    keys: dict[str, str] = {}
    moved = {name: str(value) for name, value in table.flat(given).items()}  # "task.clone" may stand without quotes
    for name, value in moved.items():
        try:
            checked_keys(name, value, moved)
            keys[name] = value
        except InvalidValue as error:
            problems.append(f"In the settings file: {error}")
    return keys


def checked_keys(name: str, keys: str, moved: Mapping[str, str]) -> None:
    """Refuse keys that cannot be those of a row of the key table.

    Args:
        name: the row's id.
        keys: Textual key names joined by commas.
        moved: the rows that are remapped already.

    Raises:
        InvalidValue: no such row, no key, or one that means something else in the same place.
    """
    from . import keymap

    rows = {key.id: key for key in keymap.KEYS}
    if name not in rows:
        raise InvalidValue(f"There is no key {name!r}.{nearest(name, rows)} Help (?) and docs/keys.md list the ids.")
    wanted = {key.strip() for key in keys.split(",")}
    if not all(wanted) or any(" " in key for key in wanted):
        raise InvalidValue(f"{name} cannot be {keys!r}: it takes key names joined by commas, as x, ctrl+e or f2.")
    for other in rows.values():
        new = wanted & set(moved.get(other.id, other.keys).split(",")) - set(rows[name].keys.split(","))
        if new and other.id != name and keymap.together(rows[name], other):
            taken = sorted(new)[0]
            raise InvalidValue(f"{name} cannot be {taken!r}: that is the key of {other.id}. Give that another first.")


def origin(setting: table.Setting, environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Return the value of a setting as text, and where it comes from."""
    if setting.env and environ.get(setting.env):
        return environ[setting.env], setting.env
    found = table.flat(settings_file(environ))
    if setting.key in found:
        return _text(found[setting.key]), "the file"
    return _text(setting.default), "default"


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ssh(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
