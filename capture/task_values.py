"""The parameters and configuration of a task: connecting a script's own, reading and changing any task's.

On the task this process records, changes are records in the journal; on any other they are edits, which the store
allows for Drafts only.
"""

from __future__ import annotations

import sys

from . import connected, guard, parameters
from .door import error
from .task_base import TaskBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PROPERTIES = "properties"


class ValuesMixin(TaskBase):
    """``connect``, parameters, user properties, configuration objects."""

    def connect(self, mutable: Any, name: str | None = None, ignore_remote_overrides: bool = False) -> Any:
        """Record the values of a dict, a class, an object or an ArgumentParser as hyperparameters.

        Args:
            mutable: what to record. A dict comes back as one whose later changes are recorded too: use that one.
            name: the section. Default: ``General`` (``Args`` for an ArgumentParser).
            ignore_remote_overrides: under an agent, keep the script's own values.

        Returns:
            What to go on with; under an agent it holds the values edited in the task.
        """
        session = self._live
        if session is None:
            if self._session is None:
                raise error("UsageError", "Only a task's own script connects values. Use set_parameters on a Draft.")
            guard.warn("something was connected after its task was closed; it is not kept.", once="closed")
            return mutable
        with guard.Shield("connect"):
            if (model := sys.modules.get(f"{__package__}.model")) is not None and isinstance(mutable, model.BaseModel):
                mutable.connect(self, name)
                return mutable
            return connected.connect(session, mutable, name, ignore_remote_overrides)
        return mutable

    # Reading

    def _known(self) -> dict[str, dict[str, str]]:
        if self._live is not None:
            return self._live.facts.parameters
        rows = self._detail().parameters
        return {row.key: {"value": row.value, "type": row.type, "description": row.description} for row in rows}

    def get_parameters(self, backwards_compatibility: bool = True, cast: bool = False) -> dict[str, Any]:
        """Return all hyperparameters as ``{"Section/name": text}``, with ``cast`` as values of their types."""
        return {
            key: _cast(known) if cast else known["value"]
            for key, known in self._known().items()
            if not key.startswith(f"{_PROPERTIES}/")
        }

    def get_parameter(self, name: str, default: Any = None, cast: bool = False) -> Any:
        """Return one hyperparameter, ``default`` if there is none."""
        known = self._known().get(_key(name))
        if known is None:
            return default
        return _cast(known) if cast else known["value"]

    def get_parameters_as_dict(self, cast: bool = False) -> dict[str, Any]:
        """Return all hyperparameters as nested dicts."""
        found: dict[str, Any] = {}
        for key, value in self.get_parameters(cast=cast).items():
            *path, last = key.split("/")
            place = found
            for part in path:
                place = place.setdefault(part, {})
            place[last] = value
        return found

    # Changing

    @guard.guarded_while_live
    def set_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Replace all hyperparameters: dicts of ``Section/name`` to value. On the running task they are merged."""
        values = _merged(args, kwargs)
        gone = [] if self._live is not None else [key for key in self.get_parameters() if key not in values]
        self._put(values, gone)

    @guard.guarded_while_live
    def update_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Set some hyperparameters, leaving the others."""
        self._put(_merged(args, kwargs), [])

    @guard.guarded_while_live
    def set_parameter(self, name: str, value: Any, description: str | None = None, value_type: Any = None) -> None:
        """Set one hyperparameter."""
        self._put({_key(name): value}, [], description or "")

    @guard.guarded_while_live
    def set_parameters_as_dict(self, dictionary: dict[str, Any]) -> None:
        """Replace all hyperparameters by nested dicts, the first level being the sections."""
        self.set_parameters(dict(parameters.flat(dictionary)))

    def delete_parameter(self, name: str, force: bool = False) -> bool:
        """Take away a hyperparameter of a Draft; return True."""
        self._check("edit")
        self._command("edit", {}, remove=[_key(name)])
        return True

    def _put(self, values: dict[str, Any], gone: list[str], description: str = "") -> None:
        made = {key: parameters.stored(value, description) for key, value in values.items()}
        known = {key: value for key, value in made.items() if value is not None}
        for key in made.keys() - known.keys():
            guard.warn(f"{key}: {parameters.why_not(values[key])}; not kept.")
        if self._live is not None:
            connected.send(self._live, known)
        else:
            typed = {key for key, kept in self._known().items() if kept["type"]}  # an edit is checked against these
            given = {key: value | {"type": "" if key in typed else value["type"]} for key, value in known.items()}
            self._command("edit", given, add=True, remove=gone)

    # User properties

    @guard.guarded_while_live
    def set_user_properties(self, *iterables: Any, **properties: Any) -> bool:
        """Set user properties: facts about the task that may change in every state but Published; return True."""
        values = {f"{_PROPERTIES}/{name}": value for name, value in _pairs(iterables, properties).items()}
        self._put(values, [])
        return True

    def get_user_properties(self, value_only: bool = False) -> dict[str, Any]:
        """Return the user properties: name to text, or to its value, type and description."""
        prefix = f"{_PROPERTIES}/"
        found = {key[len(prefix) :]: known for key, known in self._known().items() if key.startswith(prefix)}
        return {name: known["value"] for name, known in found.items()} if value_only else dict(found)

    def delete_user_properties(self, *iterables: Any) -> bool:
        """Take away user properties, given by name or as ``(section, name)``; return True."""
        names = [name[1] if isinstance(name, tuple) else str(name) for names in iterables for name in names]
        if self._live is not None:
            raise error("UsageError", "User properties of the running task cannot be taken away by its own script.")
        self._command("edit", {}, remove=[f"{_PROPERTIES}/{name}" for name in names])
        return True


def _key(name: str) -> str:
    return name if "/" in name else f"{parameters.GENERAL}/{name}"


def _cast(known: dict[str, str]) -> Any:
    try:
        return parameters.cast(known["value"], known["type"])
    except parameters.Unfit:
        return known["value"]


def _merged(dicts: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Return flat parameters; of two that come to the same name the later one counts."""
    values: dict[str, Any] = {}
    for given in (*dicts, named):
        for name, value in given.items():
            key = _key(str(name))
            values.pop(key, None)
            values[key] = value
    return values


def _pairs(iterables: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for given in iterables:
        if isinstance(given, dict) and "name" in given:
            given = {given["name"]: given.get("value")}
        for name, value in dict(given).items():
            found[str(name)] = value.get("value") if isinstance(value, dict) else value
    return found | named
