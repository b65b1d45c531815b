"""What the user set for the dashboard, from the table ``[tui]`` of the settings file. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from store.paths import settings as settings_file


@dataclass(frozen=True)
class Settings:
    """Settings of the dashboard: ``theme`` (``dark`` or ``light``) and ``keys`` (key id -> keys)."""

    theme: str = "dark"
    keys: dict[str, str] = field(default_factory=dict)
    over_ssh: bool = False
    """The session comes over SSH: no mouse reports, which a slow link would choke on."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings file.

    Raises:
        StoreUnusable: it exists and cannot be read as TOML.
    """
    table = settings_file(environ).get("tui", {})
    keys = table.get("keys", {}) if isinstance(table, dict) else {}
    theme = str(table.get("theme", "dark")) if isinstance(table, dict) else "dark"
    return Settings(theme, {str(k): str(v) for k, v in keys.items()} if isinstance(keys, dict) else {}, _ssh(environ))


def _ssh(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
