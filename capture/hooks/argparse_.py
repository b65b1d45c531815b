"""argparse: arguments are recorded with their types and helps; under an agent the stored values come back.

``ArgumentParser.parse_known_args`` is what every way of parsing goes through; only the outermost call counts. A parse
before ``Task.init`` is remembered and recorded then. Under an agent there is no argv at all: nothing is required, the
recorded subcommand is chosen again, and stored values replace what was parsed, through each argument's own ``type``.
"""

from __future__ import annotations

import sys
from enum import Enum
from functools import wraps

from .. import connected, guard, opening, parameters, state
from ..parameters import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any

    from ..session import Session

    Stored = dict[str, dict[str, str]]

SECTION = "Args"
_NAMELESS = "subcommand"  # where the choice of a subcommand without a dest is kept
_MANY = 100  # choices that a description does not list any more
_USAGE = 2  # the exit code of what argparse refuses
_depth = 0


def patch(library: ModuleType) -> None:
    """Listen to argparse."""
    for name in ("parse_known_args", "parse_known_intermixed_args"):
        original = getattr(library.ArgumentParser, name)
        if not hasattr(original, "labtop_original"):
            setattr(library.ArgumentParser, name, _listening(original))
    if not hasattr(library.ArgumentParser.error, "labtop_original"):
        library.ArgumentParser.error = _heard(library.ArgumentParser.error)


def _heard(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def error(self: Any, message: str) -> Any:
        words = state.session.last_words if state.session is not None else None
        if words is not None:
            words.announce(_USAGE, f"{self.prog}: error: {message}")
        return original(self, message)

    error.labtop_original = original  # type: ignore[attr-defined]
    return error


def _listening(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def parse(self: Any, args: Any = None, namespace: Any = None, **kwargs: Any) -> Any:
        global _depth
        if _depth or not _concerns_us():
            return original(self, args, namespace, **kwargs)
        _depth += 1
        try:
            return _parse(original, self, args, namespace, kwargs)
        finally:
            _depth -= 1

    parse.labtop_original = original  # type: ignore[attr-defined]
    return parse


def _concerns_us() -> bool:
    session = state.session
    return session is None or not (session.is_child or session.ended or session.opened.mode == "attach")


def _parse(original: Callable[..., Any], parser: Any, args: Any, namespace: Any, kwargs: Any) -> Any:
    """Parse as always, or, under an agent, with the stored values; remember what came of it."""
    handed = guard.attempt("reading stored arguments", _handed)
    if handed and (args is None or list(args) == sys.argv[1:]):
        with _Relaxed(parser):
            result = original(parser, _argv(parser, handed, args), namespace, **kwargs)
    else:
        result = original(parser, args, namespace, **kwargs)
    if handed:
        _give_back(parser, result[0], handed)
    guard.attempt("recording arguments", _remember, parser, result[0])
    return result


def _handed() -> Stored:
    """Return the arguments that the task has, if an agent runs this script; else nothing."""
    session = state.session
    if session is not None:
        return _of_section(session.facts.parameters) if session.claimed and session.record_arguments else {}
    return _of_section(opening.handed_parameters())


def _of_section(known: Stored) -> Stored:
    prefix = f"{SECTION}/"
    return {key[len(prefix) :]: value for key, value in known.items() if key.startswith(prefix)}


# Recording


class Parse:
    """One outermost parse: the parser and what came of it."""

    def __init__(self, parser: Any, namespace: Any) -> None:
        self.parser = parser
        self.namespace = namespace

    @guard.guarded
    def record(self, session: Session, only: Any = None) -> None:
        """Record the arguments with their values, unless the caller of init left them out."""
        wanted = session.record_arguments if only is None else only
        values: dict[str, Any] = {}
        described: dict[str, str] = {}
        for parser, action in _actions(self.parser, self.namespace):
            name = _name(action)
            if name is None or not _is_wanted(wanted, name):
                continue
            found = getattr(self.namespace, action.dest, _chosen(action, self.namespace))
            values[name] = _readable(found)
            described[name] = _description(parser, action)
        for name, value in vars(self.namespace).items():
            if name not in values and not name.startswith("_") and _is_wanted(wanted, name) and _simple(value):
                values[name] = value
        connected.record(session, SECTION, values, described)
        _correct_types(session, self.parser, self.namespace)


def _remember(parser: Any, namespace: Any) -> None:
    parse = Parse(parser, namespace)
    state.parses[:] = [*(old for old in state.parses if old.parser is not parser), parse]
    if state.session is not None:
        parse.record(state.session)


def connect(session: Session, parser: Any) -> None:
    """Record a parser that was given to ``task.connect``, whether it has parsed yet or not."""
    if session.record_arguments is False:
        session.record_arguments = True
    for parse in state.parses:
        if parse.parser is parser:
            parse.record(session, only=True)


def _actions(parser: Any, namespace: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (parser, action) of a parser and of the subcommands that were chosen."""
    for action in parser._actions:
        yield parser, action
        if _is_subcommand(action):
            chosen = action.choices.get(getattr(namespace, action.dest, None) or _chosen(action, namespace))
            if chosen is not None:
                yield from _actions(chosen, namespace)


def _is_subcommand(action: Any) -> bool:
    return isinstance(action.choices, dict) and hasattr(action, "_name_parser_map")


def _name(action: Any) -> str | None:
    """Return the name an action is recorded under, None if it is none (help, version)."""
    if _is_subcommand(action):
        return _NAMELESS if "SUPPRESS" in str(action.dest) else str(action.dest)
    if action.dest in (None, "==SUPPRESS==") or type(action).__name__ in ("_HelpAction", "_VersionAction"):
        return None
    return str(action.dest)


def _chosen(action: Any, namespace: Any) -> Any:
    """Return the subcommand that ran, for one without a dest: the one whose arguments are all there."""
    if not _is_subcommand(action):
        return None
    for name, parser in action.choices.items():
        own = [each.dest for each in parser._actions if _name(each) is not None]
        if own and all(hasattr(namespace, dest) for dest in own):
            return name
    return None


def _is_wanted(wanted: Any, name: str) -> bool:
    """Whether an argument is to be recorded: ``{"x": False}`` leaves one out, ``{"*": False, "x": True}`` takes one."""
    if not isinstance(wanted, dict):
        return bool(wanted)
    return bool(wanted) and bool(wanted.get(name, wanted.get("*", True)))


def _simple(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float | list | tuple)


def _readable(value: Any) -> Any:
    """Return a value as one that can be stored: what is none, such as an open file, as its text."""
    if guard.quietly(parameters.stored, value) is not None:
        return value
    return getattr(value, "name", None) if hasattr(value, "read") else str(value)


def _description(parser: Any, action: Any) -> str:
    """Return an argument's help, with its choices where they are few and plain."""
    choices = guard.quietly(list, action.choices) if action.choices is not None else None
    if not choices or len(choices) > _MANY or action.nargs or any(isinstance(each, Enum) for each in choices):
        return _help(parser, action)
    names = [str(each) for each in choices if isinstance(each, str | int | float)]
    plain = len(names) == len(choices) and not any(set(name) & set(",\n") or name != name.strip() for name in names)
    return parameters.with_values(_help(parser, action), names) if plain else _help(parser, action)


def _help(parser: Any, action: Any) -> str:
    if not isinstance(action.help, str) or action.help == "==SUPPRESS==":
        return ""
    expanded = guard.quietly(parser._get_formatter()._expand_help, action)
    return expanded if isinstance(expanded, str) else action.help


def _correct_types(session: Session, parser: Any, namespace: Any) -> None:
    """Give None values the type their argument converts to, so that an edit can be checked."""
    news: Stored = {}
    for _, action in _actions(parser, namespace):
        known = session.facts.parameters.get(f"{SECTION}/{_name(action)}")
        kind = action.type
        if known is not None and not known["type"] and kind in (int, float, str, bool) and not action.nargs:
            news[f"{SECTION}/{_name(action)}"] = {**known, "type": kind.__name__}
    connected.send(session, news)


# Giving back


class _Relaxed:
    """Nothing is required while the stored values are parsed in."""

    def __init__(self, parser: Any) -> None:
        self._kept: list[tuple[Any, bool]] = []
        self._collect(parser)

    def _collect(self, parser: Any) -> None:
        things = [*parser._actions, *parser._mutually_exclusive_groups]
        self._kept += [(thing, thing.required) for thing in things if hasattr(thing, "required")]
        for action in parser._actions:
            if _is_subcommand(action):
                for below in dict.fromkeys(action.choices.values()):
                    self._collect(below)

    def __enter__(self) -> None:
        for thing, _ in self._kept:
            thing.required = False

    def __exit__(self, *_: object) -> None:
        for thing, required in self._kept:
            thing.required = required


def _argv(parser: Any, handed: Stored, args: Any) -> list[str]:
    """Return the words to parse: those given, or, where a subcommand was chosen, the way to it again."""
    given = list(sys.argv[1:] if args is None else args)
    return given or _way(parser, handed)


def _way(parser: Any, handed: Stored) -> list[str]:
    words: list[str] = []
    for action in parser._actions:
        if action.option_strings:
            continue
        stored = handed.get(_name(action) or "")
        if _is_subcommand(action):
            if stored is None or stored["value"] not in action.choices:
                return []
            return [*words, stored["value"], *_way(action.choices[stored["value"]], handed)]
        words += _words(stored)
    return []


def _words(stored: dict[str, str] | None) -> list[str]:
    if stored is None or stored["value"] == "":
        return []
    several = parameters.literal(stored["value"]) if stored["type"].startswith("list") else None
    return [str(word) for word in several] if isinstance(several, list) else [stored["value"]]


def _give_back(parser: Any, namespace: Any, handed: Stored) -> None:
    for above, action in _actions(parser, namespace):
        stored = handed.get(_name(action) or "")
        if stored is None or _is_subcommand(action):
            continue
        try:
            value = _converted(action, stored)
        except (ValueError, TypeError, sys.modules["argparse"].ArgumentTypeError) as unfit:
            above.error(f"argument {action.dest}: {unfit}")
        setattr(namespace, action.dest, value)


def _converted(action: Any, stored: dict[str, str]) -> Any:
    """Return a stored text as what the argument would have parsed.

    Raises:
        Unfit: it cannot be that.
    """
    text, kind = stored["value"], stored["type"]
    if action.nargs == 0 or type(action).__name__ == "BooleanOptionalAction":
        return _flag(action, text, kind)
    if text == "" and not isinstance(action.default, str):
        return None
    if _takes_several(action):
        elements = [_element(action, value) for value in parameters.cast(text, "list")]
        return tuple(elements) if kind.startswith("tuple") else elements
    if kind.startswith(("list", "tuple", "dict")):
        return parameters.cast(text, kind)
    return _checked(action, _one(action, text))


def _takes_several(action: Any) -> bool:
    words = action.nargs in ("*", "+", "...", "A...") or isinstance(action.nargs, int)
    return words or type(action).__name__ in ("_AppendAction", "_ExtendAction")


def _flag(action: Any, text: str, kind: str) -> Any:
    """Return the value of an argument without words: a constant, its default, a count, a truth."""
    for value in (action.const, action.default):
        known = parameters.stored(value)
        if known is not None and known["value"] == text:
            return value
    if isinstance(action.const, bool) or isinstance(action.default, bool):
        return parameters.cast(text, "bool")
    return parameters.cast(text, kind)


def _element(action: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_element(action, each) for each in value]
    if action.type is None and not isinstance(value, str):
        return value
    return _checked(action, _one(action, str(value)))


def _one(action: Any, text: str) -> Any:
    """Return a text as one value of the argument."""
    default = action.default
    if action.type in (bool, int):
        return parameters.cast(text, action.type.__name__)
    if isinstance(default, Enum) and text in type(default).__members__:
        return type(default)[text]
    if action.type is not None:
        known = parameters.stored(default)
        same = default is not None and known is not None and known["value"] == text
        return default if same else action.type(text)
    if default is None or isinstance(default, str | list | tuple):
        return text
    return parameters.fit(text, default, "")


def _checked(action: Any, value: Any) -> Any:
    if action.choices is not None and value not in action.choices:
        raise Unfit(f"invalid choice: {value!r} (choose from {', '.join(map(repr, action.choices))})")
    return value
