"""Configuration objects: named texts, connected by a script or set on a Draft.

A dict is kept as indented JSON, a file as its text. Under an agent the stored text comes back: the same dict refilled,
or a file with the text in it.
"""

from __future__ import annotations

import os

from . import guard, parameters
from .door import error
from .task_base import TaskBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .session import Session


class ConfigurationMixin(TaskBase):
    """``connect_configuration`` and what reads and sets configuration objects."""

    def connect_configuration(
        self,
        configuration: Any,
        name: str | None = None,
        description: str | None = None,
        ignore_remote_overrides: bool = False,
    ) -> Any:
        """Record a configuration: a dict, a list, or the path of a file.

        Args:
            configuration: what to record.
            name: default: ``General``.
            description: what it is for.
            ignore_remote_overrides: under an agent, keep the script's own.

        Returns:
            What to go on with: the dict or list, or the path; under an agent with what the task has.
        """
        session = self._live
        if session is None:
            if self._session is None:
                raise error("UsageError", "Only a task's own script connects. Use set_configuration_object on a Draft.")
            guard.warn("something was connected after its task was closed; it is not kept.", once="closed")
            return configuration
        with guard.Shield("connect_configuration"):
            known = session.facts.configuration.get(name or parameters.GENERAL) if session.claimed else None
            if known is not None and not ignore_remote_overrides:
                return _given_back(configuration, known)
            text = _text(configuration)
            if text is not None:
                self._keep(session, name, text, description, _kind(configuration))
        return configuration

    def set_configuration_object(
        self,
        name: str,
        config_text: str | None = None,
        description: str | None = None,
        config_type: str | None = None,
        config_dict: dict[str, Any] | None = None,
    ) -> None:
        """Set a configuration object: a text or a dict."""
        text = config_text if config_text is not None else _text(config_dict or {}) or ""
        kind = config_type or ("dictionary" if config_text is None else "")
        if self._live is not None:
            self._keep(self._live, name, text, description, kind)
        else:
            self._command("configure", name, text, type=kind, description=description or "")

    def get_configuration_objects(self) -> dict[str, str]:
        """Return all configuration objects: name to text."""
        return dict(self._live.facts.configuration if self._live is not None else self._detail().configuration)

    def get_configuration_object(self, name: str) -> str | None:
        """Return a configuration object's text, None if there is none of that name."""
        return self.get_configuration_objects().get(name)

    def get_configuration_object_as_dict(self, name: str) -> Any:
        """Return a configuration object that was recorded from a dict or list, None if it is none."""
        text = self.get_configuration_object(name)
        return None if text is None else parameters.literal(text)

    def _keep(self, session: Session, name: str | None, text: str, description: str | None, kind: str) -> None:
        session.facts.configuration[name or parameters.GENERAL] = text
        session.journal.event(
            e="configuration", name=name or parameters.GENERAL, text=text, type=kind, description=description or ""
        )


def _is_path(configuration: Any) -> bool:
    return isinstance(configuration, str | os.PathLike)


def _kind(configuration: Any) -> str:
    return os.path.splitext(configuration)[1].lstrip(".") if _is_path(configuration) else "dictionary"


def _text(configuration: Any) -> str | None:
    """Return what is kept of a configuration, None (and a warning) if it cannot be read."""
    if isinstance(configuration, dict | list | tuple):
        import json

        return json.dumps(configuration, indent=4, ensure_ascii=False, default=str)
    if not _is_path(configuration):
        guard.warn(f"connect_configuration() takes a dict, a list or a path, no {type(configuration).__name__}.")
        return None
    try:
        with open(configuration, encoding="utf-8", errors="backslashreplace") as file:
            return file.read()
    except OSError as failure:
        guard.warn(f"the configuration {os.fspath(configuration)} cannot be read ({failure.strerror}); it is not kept.")
        return None


def _given_back(configuration: Any, text: str) -> Any:
    if _is_path(configuration):
        from tempfile import mkstemp

        descriptor, path = mkstemp(suffix=os.path.splitext(configuration)[1])
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return type(configuration)(path) if not isinstance(configuration, str) else path
    values = parameters.literal(text)
    if isinstance(configuration, dict) and isinstance(values, dict):
        configuration.clear()
        configuration.update(values)
        return configuration
    return values if isinstance(values, list) else configuration
