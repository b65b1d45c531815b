"""``TaskParameters``: a class whose declared parameters are connected, checked and given back as attributes.

class Params(TaskParameters):
    lr = param(type=float, range=(0, 1), default=0.1)

params = Params()
task.connect(params)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


class Param:
    """A declared parameter; made by ``param``."""

    def __init__(self, default: Any, check: Callable[[Any], None], desc: str, metadata: Any) -> None:
        self.default = default
        self.check = check
        self.desc = desc
        self.metadata = metadata
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance.__dict__.get(self.name, self.default)

    def __set__(self, instance: Any, value: Any) -> None:
        self.check(value)
        instance.__dict__[self.name] = value


def param(
    validator: Callable[..., Any] | None = None,
    range: tuple[float, float] | None = None,
    type: type | tuple[type, ...] | None = None,
    desc: str = "",
    metadata: Any = None,
    default: Any = None,
    **_: Any,
) -> Any:
    """Declare a parameter of a ``TaskParameters`` class.

    Args:
        validator: called with ``(instance, attribute, value)``; raises where the value is wrong.
        range: lowest and highest value.
        type: what the value must be.
        desc: what it is for.
        metadata: anything, kept.
        default: its value unless set.
    """

    def check(value: Any) -> None:
        if value is None:
            return
        if type is not None and not isinstance(value, type):
            raise TypeError(f"A parameter must be {type}, not {value!r}.")
        if range is not None and not range[0] <= value <= range[1]:
            raise ValueError(f"A parameter must be between {range[0]} and {range[1]}, {value!r} is not.")
        if validator is not None:
            validator(None, None, value)

    return Param(default, check, desc, metadata)


def percent_param(desc: str = "", default: Any = None, **named: Any) -> Any:
    """Declare a parameter from 0 to 1."""
    return param(**named | {"desc": desc, "default": default, "range": (0.0, 1.0)})


class TaskParameters:
    """The base of classes of declared parameters."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        """Return the declared parameters and their values."""
        return {name: getattr(self, name) for name, _ in _declared(type(self))}

    def update_from_dict(self, source_dict: dict[str, Any]) -> None:
        """Set declared parameters; unknown names are refused.

        Raises:
            ValueError: a name that is not declared, or a value out of its range.
        """
        known = {name for name, _ in _declared(type(self))}
        for name, value in source_dict.items():
            if name not in known:
                raise ValueError(f"Unknown parameter {name!r}. Declared: {', '.join(sorted(known))}.")
            setattr(self, name, value)


def _declared(kind: type) -> Iterator[tuple[str, Param]]:
    for base in reversed(kind.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Param):
                yield name, value
