"""Runs a user's script with ``Task.init`` before its first line, and otherwise as plain Python would.

The script is ``__main__``, with its own ``sys.argv`` and ``sys.path[0]``, its tracebacks without our frames, its exit
code its own. A script that calls ``Task.init`` itself is not started as a task before that; what ``capture run`` was
told (project, name, tags) then stands in place of what the script says. Standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_GIVEN = ("CAPTURE_RUN_PROJECT", "CAPTURE_RUN_NAME", "CAPTURE_RUN_TAGS")


class Chosen:
    """What ``capture run`` was told; taken out of the environment, so that the script's own children do not see it."""

    def __init__(self) -> None:
        project, name, tags = (os.environ.pop(variable, "") for variable in _GIVEN)
        self.project = project or None
        self.name = name or None
        self.tags = [tag for tag in tags.split("\n") if tag]

    def check(self) -> None:
        """Refuse names that ``Task.init`` would refuse, before a script that calls it has begun.

        Raises:
            InvalidValue: a name breaks a rule.
        """
        from ..opening import checked_name, checked_project

        if self.project is not None:
            checked_project(self.project)
        if self.name is not None:
            checked_name(self.name)


def main(launcher: str) -> None:
    """Run what the words after the launcher's own name say: ``-m MODULE ARGS…`` or ``SCRIPT ARGS…``."""
    own = os.path.dirname(os.path.abspath(launcher))
    if sys.path and os.path.abspath(sys.path[0]) == own:
        del sys.path[0]
    words = sys.argv[1:]
    chosen = Chosen()
    if words[0] == "-m":
        _run_module(words[1], words[2:], chosen)
    else:
        _run_script(words[0], words[1:], chosen)


# A script


def _run_script(script: str, arguments: list[str], chosen: Chosen) -> None:
    sys.argv[:] = [script, *arguments]
    _front(os.path.dirname(os.path.realpath(script)))
    try:
        with open(script, "rb") as file:
            text = file.read()
    except OSError as error:
        print(f"{sys.executable}: can't open file {os.path.abspath(script)!r}: {error}", file=sys.stderr)
        sys.exit(2)
    namespace = sys.modules["__main__"].__dict__
    _become(namespace, os.path.abspath(script))
    _begin(chosen, text)
    _as_plain_python(_executed, text, os.path.abspath(script), namespace)


def _executed(text: bytes, path: str, namespace: dict[str, Any]) -> None:
    exec(compile(text, path, "exec", dont_inherit=True), namespace)


def _become(namespace: dict[str, Any], path: str) -> None:
    """Give ``__main__`` the names that plain Python gives a script."""
    from importlib.machinery import SourceFileLoader

    builtins = namespace["__builtins__"]
    namespace.clear()
    namespace.update(
        __name__="__main__", __doc__=None, __package__=None, __loader__=SourceFileLoader("__main__", path),
        __spec__=None, __annotations__={}, __builtins__=builtins, __file__=path, __cached__=None,
    )  # fmt: skip


def _front(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)


def _as_plain_python(run: Any, *arguments: Any) -> None:
    """Run it; an exception is shown as Python shows it, without the frames of ours above the script's."""
    try:
        run(*arguments)
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename in (__file__, _runpy()):
            trace = trace.tb_next
        error.__traceback__ = trace
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
        sys.excepthook(type(error), error, trace)
        sys.exit(1)


def _runpy() -> str:
    """Return the name that frames of ``runpy`` carry, which is frozen into the interpreter since Python 3.11."""
    return "<frozen runpy>"


# A module


def _run_module(module: str, arguments: list[str], chosen: Chosen) -> None:
    import runpy

    sys.argv[:] = ["-m", *arguments]
    _front(os.getcwd())
    path = _module_file(module)
    os.environ["CAPTURE_RUN_MODULE"] = module
    if path:
        os.environ["CAPTURE_RUN_SCRIPT"] = path
    try:
        _begin(chosen, _text(path))
    finally:
        os.environ.pop("CAPTURE_RUN_MODULE", None)
        os.environ.pop("CAPTURE_RUN_SCRIPT", None)
    _become(sys.modules["__main__"].__dict__, path)
    _as_plain_python(runpy._run_module_as_main, module)  # type: ignore[attr-defined]


def _module_file(module: str) -> str:
    """Return the file that ``-m`` would run, empty if there is none; whatever is wrong is for ``runpy`` to say."""
    from importlib.util import find_spec

    try:
        spec = find_spec(module)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = find_spec(f"{module}.__main__")
    except (ImportError, ValueError, AttributeError):
        return ""
    return (spec.origin or "") if spec is not None else ""


def _text(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


# Task.init


def _begin(chosen: Chosen, text: bytes) -> None:
    """Start the task now, unless the script does so itself; its own call then gets what was chosen."""
    from ..door import refusal, store_module
    from ..task import Task

    original = Task.init
    names = original.__func__.__code__.co_varnames[1 : original.__func__.__code__.co_argcount]  # type: ignore[attr-defined]
    launched: list[Task] = []

    def init(*given: Any, **named: Any) -> Task:
        """Stands in for ``Task.init``: what the command line chose wins over what the script says."""
        asked = {**dict(zip(names, given, strict=False)), **named}
        if launched and Task.current_task() is not None:
            launched[0].add_tags(_tags(asked.get("tags")))
            return launched[0]
        asked["project_name"] = chosen.project or asked.get("project_name")
        asked["task_name"] = chosen.name or asked.get("task_name")
        asked["tags"] = [*_tags(asked.get("tags")), *chosen.tags]
        return original(**asked)

    try:
        chosen.check()
        if b"Task.init" not in text:
            launched.append(original(chosen.project, chosen.name, tags=chosen.tags or None))
    except refusal() as refused:
        print(f"capture: {store_module('safe').safe_text(str(refused), one_line=True)}", file=sys.stderr)
        sys.exit(refused.exit_code)  # type: ignore[attr-defined]
    Task.init = init  # type: ignore[method-assign]


def _tags(given: Any) -> list[str]:
    if given is None:
        return []
    return given.split() if isinstance(given, str) else [str(tag) for tag in given]
