"""``capture create``: a Draft from a script, for an agent to run. The flags are those of ClearML's ``clearml-task``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import InvalidValue, UsageError

from .changing import made
from .context import Context

if TYPE_CHECKING:
    from store.engine import Store


def create(context: Context) -> int:
    """Make a Draft; with ``--queue``, enqueue it."""
    from store import commands

    args = context.args
    parameters = dict(map(_argument, args.args))
    with context.store(create=True) as store:
        if args.queue:
            _known_queue(store, context)
        if args.base_task_id:
            base = context.resolve(store, [args.base_task_id])[0]
            task = commands.clone(
                store, base, by=context.by, name=args.name, project=args.project, comment=args.comment or None,
                tags=args.tags, parameters=parameters,
            )  # fmt: skip
        else:
            task = commands.create(
                store, by=context.by, project=_needed(args.project, "--project"), name=_needed(args.name, "--name"),
                type=args.task_type, comment=args.comment, tags=args.tags, parameters=parameters, code=_code(context),
            )  # fmt: skip
        if args.queue:
            commands.enqueue(store, task, by=context.by, queue=args.queue)
        where = f'It waits in the queue "{args.queue}".' if args.queue else "It is a Draft: no queue was given."
        return made(context, store, task, f"Made {{task}}. {where}")


def _known_queue(store: Store, context: Context) -> None:
    """Refuse a queue that is not there before anything is made for it."""
    from store import queues

    with store.write(context.by) as tx:
        queues.find(tx, context.args.queue)


def _needed(value: str | None, flag: str) -> str:
    if not value:
        raise UsageError(f"{flag} is missing. `capture create --help` shows what it takes.")
    return value


def _argument(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or not name:
        raise InvalidValue(f"Cannot read {word!r} as an argument: there is no name and =. Write NAME=VALUE.")
    return (name if "/" in name else f"Args/{name}"), value


def _code(context: Context) -> dict[str, Any]:
    """Return the columns of ``TaskCode`` for what is to be run."""
    args = context.args
    if bool(args.script) == bool(args.module):
        raise UsageError("Give either --script or --module.")
    folder = Path(args.folder or ".").expanduser().resolve()
    working = (folder / (args.cwd or ".")).resolve()
    if not working.is_dir():
        raise InvalidValue(f"There is no folder {working}. Check --folder and --cwd.")
    entry = f"-m {args.module}" if args.module else _entry(args.script, folder, working)
    code: dict[str, Any] = {
        "entry_point": entry,
        "working_dir": str(working),
        "binary": _interpreter(args.binary),
        "environment": {"launcher": "none"} if args.skip_task_init else {},
    }
    if args.packages or args.requirements:
        code["packages"] = _packages(args.packages, args.requirements)
    return code if args.skip_repo_detection else _detected(working, entry) | code


def _entry(script: str, folder: Path, working: Path) -> str:
    """Return the script's path, relative to the working folder where it is below it."""
    given = Path(script).expanduser()
    found = next((base / given for base in (folder, working, Path.cwd()) if (base / given).is_file()), None)
    if found is None:
        raise InvalidValue(f"There is no script {script!r} in {folder}. Check the path.")
    path = found.resolve()
    return str(path.relative_to(working)) if path.is_relative_to(working) else os.path.relpath(path, working)


def _interpreter(given: str | None) -> str:
    from shutil import which

    if given is None:
        return sys.executable
    found = which(given)
    if found is None:
        raise InvalidValue(f"There is no interpreter {given!r}. Give its path.")
    return found


def _packages(given: list[str], requirements: str | None) -> dict[str, str]:
    words = list(given)
    if requirements:
        try:
            lines = Path(requirements).read_text("utf-8").splitlines()
        except OSError as error:
            raise InvalidValue(f"Cannot read {requirements}: {error.strerror}. Check --requirements.") from error
        words += [line.partition("#")[0].strip() for line in lines]
    pairs = [word.partition("==") for word in words if word and not word.startswith("-")]
    return {name.strip(): version.strip() for name, _, version in pairs}


def _detected(working: Path, entry: str) -> dict[str, Any]:
    """Return repository, commit, changes and packages, as a script's own start would have them."""
    from .. import environment

    module = entry[3:] if entry.startswith("-m ") else ""
    script = "" if module else str(working / entry)
    start = {"script": script, "cwd": str(working), "module": module, "path": [str(working), *sys.path]}
    found = environment.capture(start).code
    return {name: found[name] for name in ("repository", "branch", "commit", "diff", "packages")}
