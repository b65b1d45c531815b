"""From a task as stored to a command that can be started here: folder, script, interpreter, values in a file.

First form: the code is where it was recorded, on this machine. Whatever is missing is said in one sentence, which
becomes the reason why the task failed. Nothing here starts or claims anything.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from store import redact
from store.errors import InvalidValue
from store.paths import Location
from store.records import CodeRow, ParameterRow, TaskDetail

from ..environment import repository
from .order import Order, private

LAUNCHER = Path(__file__).resolve().parents[1] / "launch" / "boot.py"
_YOUNG = 60.0
"""Seconds in which a runner has made its journal."""


def prepare(location: Location, found: TaskDetail, execution: int, grace: float, environment: dict[str, str]) -> Order:
    """Write what the runner and the script need, and return the order.

    Raises:
        InvalidValue: it cannot be run here; the message says why.
    """
    code, notes = found.code, []
    folder = _folder(code)
    interpreter, note = _interpreter(code)
    notes += [note] if note else []
    notes += [*_unused(found), *_elsewhere(code, folder)]
    command = _command(code, folder, interpreter)
    writer = os.urandom(8).hex()
    ours = _place(location)
    ours.mkdir(mode=0o700, exist_ok=True)  # in the store's, which is not made here: it may just be away
    base = ours / f"{found.row.id}-{execution}-{writer}"
    values, taken = _values(found.parameters)
    handover = base.with_name(base.name + ".values.json")
    private(handover, _handover(found, execution, values))
    return Order(
        task=found.row.id, execution=execution, home=str(location.home), setting=location.setting, command=command,
        folder=str(folder), handover=str(handover), log=str(base.with_name(base.name + ".log")), grace=grace,
        environment=environment, notes=notes + taken, writer=writer,
    )  # fmt: skip


def _place(location: Location) -> Path:
    return location.home / "labtop-agent"


def _folder(code: CodeRow) -> Path:
    if not code.working_dir:
        raise InvalidValue(
            "cannot be run: the folder of its code is not known. Run its script once by hand, or make a Draft of it "
            "with `capture create`"
        )
    folder = Path(code.working_dir).expanduser()
    if not folder.is_dir():
        raise InvalidValue(
            f"cannot be run: its folder {folder} is not on this machine. Bring it back, or run it where it is"
        )
    return folder


def _interpreter(code: CodeRow) -> tuple[str, str]:
    """Return the interpreter and a note if it is not the recorded one."""
    recorded = code.binary
    if recorded and os.access(recorded, os.X_OK) and Path(recorded).is_file():
        return recorded, ""
    if not recorded:
        return sys.executable, ""
    return sys.executable, f"the recorded interpreter {recorded} is not here; running with {sys.executable}"


def _unused(found: TaskDetail) -> list[str]:
    """Return a note where arguments were recorded that cannot come back as values."""
    if not found.code.argv or any(parameter.section == "Args" for parameter in found.parameters):
        return []
    return [
        f"not passed: {shlex.join(found.code.argv)}. An agent passes no arguments; values come back through argparse "
        f"and task.connect, and this script read its arguments by itself"
    ]


def _elsewhere(code: CodeRow, folder: Path) -> list[str]:
    """Return a note where the folder's repository has moved on: the agent runs what is there."""
    here = repository.commit_at(str(folder)) if code.commit else ""
    if here in ("", code.commit):
        return []
    was = code.commit[:8]
    return [f"the code in {folder} is at commit {here[:8]}, the task was recorded at {was}; running what is there"]


def _command(code: CodeRow, folder: Path, interpreter: str) -> list[str]:
    entry = code.entry_point
    if entry.startswith("-m "):
        module = shlex.split(entry[3:])[:1]
        return [*_python(code, interpreter, _module(folder, "".join(module))), "-m", *module]
    script = folder / entry if entry else folder
    if not entry or not script.is_file():
        what = f"its script {script}" if entry else "its script"
        raise InvalidValue(f"cannot be run: {what} is not there any more. Bring it back, or make a new Draft")
    if script.suffix == ".sh":
        return ["bash" if "python" in Path(interpreter).name else interpreter, str(entry)]
    return [*_python(code, interpreter, script), entry]


def _python(code: CodeRow, interpreter: str, script: Path | None) -> list[str]:
    """Return how to start Python: through the launcher, if the script does not call ``Task.init`` itself."""
    by_itself = code.environment.get("launcher") == "none" or (script is not None and b"Task.init" in _text(script))
    return [interpreter, "-u", *([] if by_itself else [str(LAUNCHER)])]


def _module(folder: Path, module: str) -> Path | None:
    """Return the file of a module below the folder, None for one that is installed elsewhere."""
    base = folder.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__main__.py") if path.is_file()), None)


def _text(script: Path) -> bytes:
    try:
        return script.read_bytes()
    except OSError:
        return b""


def _values(parameters: list[ParameterRow]) -> tuple[dict[str, ParameterRow], list[str]]:
    """Return the values to give back, and a note for each that came from our environment.

    Raises:
        InvalidValue: a value was removed as a secret before it was stored, and our environment has none of that name.
    """
    found: dict[str, ParameterRow] = {}
    notes: list[str] = []
    for row in parameters:
        hidden = redact.redacted_key(row.value)
        if hidden is not None:
            row, note = _secret(row, hidden)
            notes.append(note)
        found[row.key] = row
    return found, notes


def _secret(row: ParameterRow, hidden: str) -> tuple[ParameterRow, str]:
    """Return a parameter with its secret from our environment, and a note that says so."""
    name = re.sub(r"\W", "_", hidden.rpartition("/")[2]).upper()
    if name not in os.environ:
        raise InvalidValue(
            f"cannot be run: the value of {row.key} was removed as a secret. Set {name} in the agent's environment"
        )
    taken = ParameterRow(row.section, row.name, os.environ[name], row.type, row.description)
    return taken, f"{row.key} is taken from {name} in the agent's environment"


def _handover(found: TaskDetail, execution: int, values: dict[str, ParameterRow]) -> dict[str, Any]:
    """Return what the script's init is to know, as ``Facts`` takes it."""
    row = found.row
    return {
        "task": row.id, "execution": execution, "project": row.project, "name": row.name, "type": row.type,
        "tags": row.tags, "comment": row.comment, "offset": found.iteration_offset,
        "parameters": {
            key: {"value": value.value, "type": value.type, "description": value.description}
            for key, value in values.items()
        },
        "configuration": found.configuration,
    }  # fmt: skip


def order_path(order: Order) -> str:
    """Return where an order is kept for its runner."""
    return order.log.removesuffix(".log") + ".order.json"


def sweep(location: Location, ended: Collection[str] = ()) -> int:
    """Remove the files of runners that the recorder is done with; return how many of ``ended`` it is not done with.

    Args:
        location: the store.
        ended: writers of runners that are known to have ended; others may be about to make their journal.
    """
    needed: set[str] = set()
    for path in _place(location).glob("*"):
        writer = path.name.partition(".")[0].rpartition("-")[2]
        if (location.spool / f"{writer}.w").exists():
            needed.add(writer)
        elif writer in ended or time.time() - path.stat().st_mtime > _YOUNG:
            path.unlink(missing_ok=True)
    return len(needed.intersection(ended))
