"""``Task.create``: a Draft for an agent to run, made by a script and never recorded by it."""

from __future__ import annotations

import os
import sys

from . import guard, parameters, state
from .door import error, opened, store_module
from .task_base import TaskBase, id_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class MakingMixin(TaskBase):
    """Making Drafts."""

    @classmethod
    def _found(cls, task: str) -> Self:
        raise NotImplementedError

    @classmethod
    def create(
        cls, project_name: str | None = None, task_name: str | None = None, task_type: Any = None,
        repo: str | None = None, branch: str | None = None, commit: str | None = None, script: str | None = None,
        working_directory: str | None = None, packages: Any = None, requirements_file: str | None = None,
        docker: str | None = None, docker_args: str | None = None, docker_bash_setup_script: str | None = None,
        argparse_args: Any = None, base_task_id: Any = None, add_task_init_call: bool = True,
        force_single_script_file: bool = False, binary: str | None = None, module: str | None = None,
        detect_repository: bool = True,
    ) -> Self:  # fmt: skip
        """Make a Draft and return it; it is always a new one and never the current task.

        Args:
            project_name: whole path. Default: the current task's.
            task_name: default: the script's or module's.
            task_type: default: training.
            script: path of the script to run, from ``working_directory``.
            working_directory: where it runs. Default: here.
            packages: ``name==version`` words.
            argparse_args: pairs or a dict; they become ``Args/…``.
            base_task_id: clone this task in place of describing a script.
            binary: the interpreter. Default: this one.
            module: the module to run with ``-m``.
            repo: for a later version, as the following are.
            branch: as ``repo``.
            commit: as ``repo``.
            requirements_file: as ``repo``.
            docker: as ``repo``.
            docker_args: as ``repo``.
            docker_bash_setup_script: as ``repo``.
            add_task_init_call: accepted; an agent starts a script without ``Task.init`` as a task anyway.
            force_single_script_file: accepted.
            detect_repository: accepted.

        Raises:
            InvalidValue: a name breaks a rule, or there is no such script.
            UsageError: neither a project nor a current task to take it from.
        """
        _say_what_waits(repo=repo, branch=branch, commit=commit, docker=docker, requirements_file=requirements_file)
        given = dict(argparse_args or {})
        if base_task_id:
            return cls._from_base(id_of(base_task_id), task_name, project_name, given)
        code = _code(script, module, working_directory, binary, packages)
        name = task_name or _named_after(script, module)
        return cls._described(_project(project_name), name, str(task_type or "training"), code, given)

    @classmethod
    def _from_base(cls, base: str, name: str | None, project: str | None, arguments: dict[str, Any]) -> Self:
        made = store_module("commands").clone(
            opened(), base, by=state.by(), name=name, project=project,
            parameters={f"Args/{key}": str(value) for key, value in arguments.items()},
        )  # fmt: skip
        return cls._found(made)

    @classmethod
    def _described(cls, project: str, name: str, kind: str, code: dict[str, Any], arguments: dict[str, Any]) -> Self:
        made = store_module("commands").create(
            opened(), by=state.by(), project=project, code=code, name=name, type=kind,
            parameters={f"Args/{key}": _stored(value) for key, value in arguments.items()},
        )  # fmt: skip
        return cls._found(made)


def _say_what_waits(**given: Any) -> None:
    for name, value in given.items():
        if value:
            guard.warn(f"Task.create({name}=…) is accepted but has no effect in this version.")


def _project(name: str | None) -> str:
    if name:
        return name
    if state.session is None:
        raise error("UsageError", "Task.create needs project_name: there is no current task to take it from.")
    return state.session.facts.project


def _named_after(script: str | None, module: str | None) -> str:
    return module or os.path.splitext(os.path.basename(script or ""))[0] or "created task"


def _code(script: Any, module: str | None, folder: Any, binary: str | None, packages: Any) -> dict[str, Any]:
    """Return the columns of ``TaskCode`` for what is to be run; nothing to run makes none."""
    if not script and not module:
        return {}
    working = os.path.abspath(os.path.expanduser(os.fspath(folder or ".")))
    entry = f"-m {module}" if module else os.fspath(script)
    if script and not os.path.isfile(os.path.join(working, entry)):
        raise error("InvalidValue", f"There is no script {entry!r} in {working}. Check the path.")
    if script and os.path.isabs(entry):
        entry = os.path.relpath(entry, working)
    words = [str(word).partition("==") for word in packages] if isinstance(packages, list | tuple) else []
    return {
        "entry_point": entry, "working_dir": working, "binary": binary or sys.executable,
        "packages": {name: version for name, _, version in words},
    }  # fmt: skip


def _stored(value: Any) -> dict[str, str]:
    return parameters.stored(value) or {"value": str(value), "type": "str", "description": ""}
