"""``task.connect``: a script's values are recorded; under an agent the stored ones come back, typed, in their place.

Keys that are in the code and not yet in the task are added to it; keys that only the task has are left alone. A
connected dict comes back as one whose later changes are recorded too.
"""

from __future__ import annotations

from . import guard, parameters
from .parameters import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .session import Session

    Write = Callable[[str, Any], None]


class ConnectedDict(dict):  # type: ignore[type-arg]
    """A dict whose changes are recorded. Pickles and copies as a plain one."""

    def __init__(self, values: dict[Any, Any], write: Write, prefix: str = "") -> None:
        super().__init__()
        self._write = write
        self._prefix = prefix
        for key, value in values.items():
            super().__setitem__(key, self._wrapped(key, value))

    def _wrapped(self, key: Any, value: Any) -> Any:
        if isinstance(value, dict) and not isinstance(value, ConnectedDict):
            return ConnectedDict(value, self._write, f"{self._prefix}{key}/")
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self._wrapped(key, value))
        self._write(f"{self._prefix}{key}", value)

    def update(self, *others: Any, **named: Any) -> None:
        """As ``dict.update``, each value recorded."""
        for key, value in dict(*others, **named).items():
            self[key] = value

    def __ior__(self, other: Any) -> ConnectedDict:  # type: ignore[misc]
        self.update(other)
        return self

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """As ``dict.setdefault``, a new value recorded."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> dict[Any, Any]:
        """Return a plain dict."""
        return dict(self)

    def __reduce__(self) -> Any:
        return dict, (plain(self),)

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        from copy import deepcopy

        return deepcopy(plain(self), memo)


def plain(values: dict[Any, Any]) -> dict[Any, Any]:
    """Return nested connected dicts as plain ones."""
    return {key: plain(value) if isinstance(value, dict) else value for key, value in values.items()}


# Recording


def record(session: Session, section: str, values: dict[str, Any], descriptions: dict[str, str] | None = None) -> None:
    """Record flat values of a section; what cannot be a parameter is said and left out."""
    known: dict[str, dict[str, str]] = {}
    refused = 0
    for name, value in values.items():
        made = guard.attempt(f"reading {section}/{name}", parameters.stored, value, (descriptions or {}).get(name, ""))
        if made is None:
            why = guard.attempt(f"reading {section}/{name}", parameters.why_not, value)
            guard.warn(f"{section}/{name}: {why or 'it cannot be read'}; not recorded.")
            refused += 1
            continue
        known[f"{section}/{name}"] = made
    send(session, known)
    if refused and not session.ended:
        session.journal.event(e="refused", count=refused)


def send(session: Session, known: dict[str, dict[str, str]]) -> None:
    """Record parameters in their stored form, those that are news; an earlier type and description stay."""
    news: dict[str, dict[str, str]] = {}
    for key, made in known.items():
        old = session.facts.parameters.get(key)
        if old is not None:
            made = {
                **made,
                "type": old["type"] or made["type"],
                "description": made["description"] or old["description"],
            }
        if made != old:
            news[key] = session.facts.parameters[key] = made
    if news and not session.ended:
        session.journal.event(e="parameters", values=news)


def given_back(session: Session, section: str, name: str, default: Any) -> Any:
    """Return the value that the task has for a parameter, typed like the code's; the code's if it has none."""
    found = session.facts.parameters.get(f"{section}/{name}")
    if found is None:
        return default
    try:
        return parameters.fit(found["value"], default, found["type"])
    except Unfit as unfit:
        guard.warn(f"{section}/{name}: {unfit}; running with {default!r}, which is in the script.")
        return default


# Connecting


def connect(session: Session, target: Any, name: str | None, ignore_overrides: bool) -> Any:
    """Record ``target`` (and give stored values back into it under an agent); return what the script goes on with."""
    section = parameters.section_of(name)
    overrides = session.claimed and not ignore_overrides
    if isinstance(target, dict):
        return _connect_dict(session, target, section, overrides)
    if hasattr(target, "parse_known_args") and hasattr(target, "_actions"):
        from .hooks import argparse_

        argparse_.connect(session, target)
        return target
    if hasattr(target, "to_dict") and hasattr(target, "update_from_dict"):
        return _connect_declared(session, target, section, overrides)
    if hasattr(target, "__dict__") or isinstance(target, type):
        return _connect_object(session, target, section, overrides)
    guard.warn(f"connect() takes a dict, a class, an object or an ArgumentParser, no {type(target).__name__}.")
    return target


def _connect_dict(session: Session, target: dict[Any, Any], section: str, overrides: bool) -> Any:
    if overrides:
        _fill(session, section, target, "")
    record(session, section, dict(parameters.flat(target)))

    @guard.guarded
    def write(name: str, value: Any) -> None:
        values = dict(parameters.flat({name: value}))
        record(session, section, values)

    return ConnectedDict(target, write)


def _fill(session: Session, section: str, target: dict[Any, Any], prefix: str) -> None:
    """Put the stored values into a nested dict, in place."""
    for key, value in target.items():
        if isinstance(value, dict) and value:
            _fill(session, section, value, f"{prefix}{key}/")
        else:
            target[key] = given_back(session, section, f"{prefix}{key}", value)


def _connect_object(session: Session, target: Any, section: str, overrides: bool) -> Any:
    values = _attributes(target)
    if overrides:
        for name, value in list(values.items()):
            if isinstance(value, dict) and value:
                _fill(session, section, value, f"{name}/")
                continue
            found = given_back(session, section, name, value)
            if found is not value:
                guard.attempt(f"setting {name}", setattr, target, name, found)
                values[name] = found
    record(session, section, dict(parameters.flat(values)))
    return target


def _connect_declared(session: Session, target: Any, section: str, overrides: bool) -> Any:
    """Connect a ``TaskParameters``."""
    values = target.to_dict()
    if overrides:
        _fill(session, section, values, "")
        target.update_from_dict(values)
    record(session, section, dict(parameters.flat(values)))
    return target


def _attributes(target: Any) -> dict[str, Any]:
    """Return the public attributes that can be parameters, those of base classes too, nearest first."""
    kind = target if isinstance(target, type) else type(target)
    found: dict[str, Any] = {}
    for place in [*(() if isinstance(target, type) else (target,)), *kind.__mro__]:
        for name, value in getattr(place, "__dict__", {}).items():
            if not name.startswith("_") and name not in found and _may_be(value):
                found[name] = value
    return found


def _may_be(value: Any) -> bool:
    if callable(value) or isinstance(value, property | classmethod | staticmethod):
        return False
    return guard.quietly(parameters.stored, value) is not None
