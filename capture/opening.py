"""Which task an init records: a new one, one to use again or to go on with, the agent's, or that of the process above.

Decides from what the caller asked, the environment and a quick look at the store; never waits for the store, and in
doubt makes a new task. The store carries the decision out when it takes in the ``start`` event made here.
"""

from __future__ import annotations

import os
import sys

from . import guard, lookup, plainjson, process, state
from .address import host
from .facts import Facts
from .reserve import reserve
from .task_base import tag_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES = (
    "training", "testing", "inference", "controller", "optimizer", "monitor", "service", "application",
    "data_processing", "qc", "custom",
)  # fmt: skip
_ENVIRONMENT = (
    "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "RANK", "LOCAL_RANK", "WORLD_SIZE",
    "MASTER_ADDR", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONPATH", "PYTHONHASHSEED", "VIRTUAL_ENV",
    "CONDA_DEFAULT_ENV", "SLURM_JOB_ID", "SLURM_PROCID", "SLURM_NODELIST", "SLURM_NTASKS", "TF_CONFIG",
)  # fmt: skip


class Asked:
    """What the caller of ``Task.init`` asked for, checked; None is each argument's default."""

    def __init__(
        self, project: object, name: object, kind: object, tags: Any, reuse: Any, resume: Any, monitor: Any
    ) -> None:
        self.project = checked_project(project) if project is not None else _default_project()
        self.name = checked_name(name) if name is not None else _default_name()
        self.type = _type(kind) if kind is not None else "training"
        self.tags = tag_list(tags)
        self.reuse: bool | str = True if reuse is None else reuse
        self.resume: bool | str | int = False if resume is None else resume
        self.monitor = monitor is None or bool(monitor)

    def key(self) -> dict[str, str]:
        """Return what tells a task's runs from others': user, host, project, name and type."""
        return {
            "user": process.user(), "host": host(), "project": self.project, "name": self.name, "type": self.type,
        }  # fmt: skip

    def facts(self, task: str) -> Facts:
        """Return what is known of a task that is only asked for."""
        known = {"task": task, "project": self.project, "name": self.name, "type": self.type, "tags": self.tags}
        return Facts(known)


class Opening:
    """The decision: ``mode`` of the start event and what is known about the task."""

    def __init__(self, mode: str, facts: Facts) -> None:
        self.mode = mode
        self.facts = facts
        self.writer = os.urandom(8).hex()
        """The journal to be."""
        self.fallback: str | None = None
        self.master = 0
        """Of a process that joins a task: the one above that began it."""
        self.parent = ""
        """The journal of that one, which knows what became of its start."""
        self.note = ""

    @property
    def primary(self) -> bool:
        """Whether this process decides how the task ends."""
        return self.mode in ("new", "reuse", "continue")


# Names


def checked_name(value: object) -> str:
    """Return a task's name stripped; what breaks a rule is refused by the store's own check."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and 3 <= len(value.strip()) <= 512:
        return value.strip()
    from .door import store_module

    return str(store_module("text").checked_name(value))


def checked_project(value: object) -> str:
    """Return a project's path with each part stripped; refused as ``checked_name`` does."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and 3 <= len(value.strip()) <= 512:
        parts = [part.strip() for part in value.strip().split("/")]
        if not any(part in ("", ".", "..") for part in parts):
            return "/".join(parts)
    from .door import store_module

    return str(store_module("text").checked_project(value))


def _type(value: object) -> str:
    word = str(getattr(value, "value", value))
    if word in _TYPES:
        return word
    from .door import store_module

    return str(store_module("lifecycle").checked_type(value))


def _here() -> str:
    """Return the folder the script runs in, empty if it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def script() -> tuple[str, str]:
    """Return the running script's path and, if it was run with ``-m``, its module; both empty at a prompt."""
    main = sys.modules.get("__main__")
    path = os.environ.get("CAPTURE_RUN_SCRIPT") or getattr(main, "__file__", None) or ""
    spec = getattr(main, "__spec__", None)
    module = os.environ.get("CAPTURE_RUN_MODULE") or (spec.name if spec is not None else "")
    whole = os.path.normpath(os.path.join(_here(), path)) if path else ""
    return whole, module.removesuffix(".__main__")


def _default_name() -> str:
    path, module = script()
    base = os.path.basename(path) or "interactive"
    stem = base.rpartition(".")[0] or base
    chosen = next((word for word in (module, stem, base) if len(word.strip()) >= 3), f"script {base}")
    return "".join(c if c.isprintable() else "?" for c in chosen)[:512]


def _default_project() -> str:
    """Return the name of the repository that the script is in, by its remote or its folder; else ``Untitled``."""
    folder = os.path.dirname(script()[0]) or _here()
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            name = guard.attempt("reading the repository's name", _remote_name, folder) or os.path.basename(folder)
            return name if len(name) >= 3 and name.isprintable() else "Untitled"
        above = os.path.dirname(folder)
        if above == folder:
            return "Untitled"
        folder = above


def _remote_name(folder: str) -> str:
    path = os.path.join(folder, ".git", "config")
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        urls = [line.partition("=")[2].strip() for line in file if line.strip().startswith("url")]
    return urls[0].rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git") if urls else ""


# The decision


def decide(asked: Asked, place: state.Place) -> Opening:
    """Return which task to record, and how.

    Raises:
        NotFound: the task to continue does not exist.
        StateError: its state does not allow to continue it.
    """
    before = _reused if asked.resume is False else _resumed  # who asked to go on does not mean to empty anything
    return _of_agent(asked, place) or _of_master(asked) or before(asked, place) or new(asked)


def new(asked: Asked) -> Opening:
    """Return the opening of a new task."""
    return Opening("new", asked.facts(state.new_id()))


def _of_agent(asked: Asked, place: state.Place) -> Opening | None:
    """Return the task an agent started this script for; processes it starts itself attach to it instead.

    What the task is called and so on stands, whatever the script asks for.
    """
    task, path = os.environ.get("CAPTURE_TASK_ID"), os.environ.get("CAPTURE_TASK_FILE")
    if not task or _master(task):
        return None
    handed = guard.attempt("reading what the agent handed over", _handed, path) if path else None
    return Opening("claimed", handed or lookup.task(place, task) or asked.facts(task))


def _handed(path: str) -> Facts:
    with open(path, encoding="utf-8") as file:
        return Facts(plainjson.loads(file.read()))


def handed_parameters() -> dict[str, dict[str, str]]:
    """Return the parameters an agent handed over, for a script that parses its arguments before its init."""
    task, path = os.environ.get("CAPTURE_TASK_ID"), os.environ.get("CAPTURE_TASK_FILE")
    return _handed(path).parameters if task and path and not _master(task) else {}


def _of_master(asked: Asked) -> Opening | None:
    """Return the task of the process above that set CAPTURE_PROC_MASTER_ID, if it still is one of our ancestors."""
    found = _master()
    if found is None:
        return None
    opening = Opening("attach", asked.facts(found[1]))
    opening.master, opening.parent = found[0], found[2]
    return opening


def joins() -> bool:
    """Whether a process above ours records a task, which an init here would join."""
    return _master() is not None


def marker(writer: str, task: str) -> str:
    """Return the value of CAPTURE_PROC_MASTER_ID by which processes that this one starts find their task."""
    return f"{os.getpid()}:{task}:{writer}"


def _master(task: str = "") -> tuple[int, str, str] | None:
    pid, named, writer = (os.environ.get("CAPTURE_PROC_MASTER_ID", "") + "::").split(":")[:3]
    if not pid.isdecimal() or not named or (task and named != task) or int(pid) == _agent():
        return None
    return (int(pid), named, writer) if process.is_ancestor(int(pid)) else None


def _agent() -> int:
    word = os.environ.get("CAPTURE_AGENT_PID", "")
    return int(word) if word.isdecimal() else 0


def _resumed(asked: Asked, place: state.Place) -> Opening | None:
    """Return the task to go on with, as ``continue_last_task`` says: True, an id, or an int for the offset."""
    resume = asked.resume
    opening = _resumed_id(asked, place, resume) if isinstance(resume, str) else _resumed_last(asked, place)
    if opening is not None:
        opening.facts.offset = _offset(resume, opening.facts)
    return opening


def _resumed_id(asked: Asked, place: state.Place, task: str) -> Opening | None:
    from .door import error

    found = lookup.task(place, task)
    if found is None:
        if place.database is not None:
            raise error("NotFound", f"No task {task!r} to continue in the store {place.setting}. Check the id.")
        return _again("continue", asked.facts(task), asked, place)
    opening = _by_id("continue", found, asked, place)
    if isinstance(opening, str):
        raise error("StateError", opening)
    return opening


def _resumed_last(asked: Asked, place: state.Place) -> Opening | None:
    last = _last_run(asked, place)
    found = lookup.task(place, last.task) if last else None
    if last is None or found is None or found.execution != last.execution:  # begun by somebody else meanwhile
        return None
    return _again("continue", found, asked, place)


def _reused(asked: Asked, place: state.Place) -> Opening | None:
    """Return the task to use again, emptied: the last run of the same script, or the id the caller gave."""
    if not asked.reuse or state.truth("CAPTURE_TASK_NO_REUSE") or {"-h", "--help"}.intersection(sys.argv[1:]):
        return None  # who asks for help does not mean to replace the last run's outputs
    if isinstance(asked.reuse, str):
        return _reused_id(asked, place, asked.reuse)
    last = _last_run(asked, place)
    if last is None or last.task in state.recorded:  # the folds of one script are tasks of their own
        return None
    return _again("reuse", last, asked, place)


def _reused_id(asked: Asked, place: state.Place, task: str) -> Opening | None:
    found = lookup.task(place, task)
    missing = f"No task {task!r} to use again in the store {place.setting}. Check the id."
    opening = _by_id("reuse", found, asked, place) if found else missing
    if not isinstance(opening, str):
        return opening
    guard.warn(f"{opening} Made a new task.")
    return None


def _last_run(asked: Asked, place: state.Place) -> Facts | None:
    """Return the last run of the same script, if it may be used again."""
    return lookup.candidate(place, asked.key(), _hours())


def _by_id(mode: str, found: Facts, asked: Asked, place: state.Place) -> Opening | str:
    """Return an opening of a task that the caller chose, or the sentence why its state does not allow one."""
    if _refusal(mode, found) is None:
        opening = _again(mode, found, asked, place)
        if opening is not None:
            return opening
        found.status = "running"
    return str(_refusal(mode, found))


def _again(mode: str, found: Facts, asked: Asked, place: state.Place) -> Opening | None:
    """Return an opening of a task that was run before, None if another start, just now, was first."""
    opening = Opening(mode, found.emptied() if mode == "reuse" else found)
    if not reserve(place.spool, found, opening.writer):
        return None
    opening.note = _note(mode, found)
    opening.facts.add_tags(asked.tags)
    opening.fallback = state.new_id()
    return opening


def _note(mode: str, found: Facts) -> str:
    """Return what the line that names the task says of its last run; a Draft has had none."""
    if mode == "continue":
        return f"continuing task {found.task}; its earlier scalars and console stay"
    both = "CAPTURE_TASK_NO_REUSE=1" if "CAPTURE_RUN_SCRIPT" in os.environ else "reuse_last_task_id=False"
    used = f"used again: its last outputs are replaced; {both} keeps both"
    return "" if found.status == "draft" else used


def _refusal(verb: str, found: Facts) -> str | None:
    """Return the sentence why a task's state does not allow to ``reuse`` or ``continue`` it, None if it does."""
    from .door import store_module

    lifecycle = store_module("lifecycle")
    subject = lifecycle.Subject(found.task, found.name, found.status)
    if found.archived:  # the store would make a new task, of which nobody here knew
        return str(lifecycle.archived_refusal(subject, verb))
    if verb == "reuse" and found.keeps:
        return f'Cannot use "{found.name}" ({found.task[:8]}) again: it has artifacts or models, or is a baseline.'
    if verb == "reuse" and found.status == "draft":  # empty already, so there is no reset
        return None
    sentence: str | None = lifecycle.refusal(lifecycle.Action("reset" if verb == "reuse" else verb), subject)
    return sentence


def _hours() -> float:
    value = state.setting("development", "task_reuse_time_window_in_hours", 72)
    return float(value) if isinstance(value, (int, float)) else 72.0


def _offset(resume: bool | str | int, found: Facts) -> int:
    """Return what is added to the iterations of a task that goes on; by itself, one more than its last."""
    word = os.environ.get("CAPTURE_SET_ITERATION_OFFSET", "").strip()
    if word.lstrip("-").isdecimal():
        return int(word)
    if isinstance(resume, int) and not isinstance(resume, bool):
        return resume
    return 0 if found.last_iteration is None else int(found.last_iteration) + 1


def start_event(opening: Opening, asked: Asked) -> dict[str, Any]:
    """Return the ``start`` event: the decision and how the script was run."""
    path, module = script()
    facts = opening.facts
    return {
        "e": "start", "task": facts.task, "mode": opening.mode, "execution": facts.execution,
        "fallback": opening.fallback, "offset": facts.offset, "tags": asked.tags, "comment": "",
        **asked.key(), "time": state.clock()(),
        "argv": sys.argv[1:], "script": path, "module": module, "cwd": _here(), "python": sys.executable or "",
        "path": [entry or _here() for entry in sys.path], "env": _environment(), "pid": os.getpid(),
        "container": process.container(os.environ), "monitor": asked.monitor,
    }  # fmt: skip


def attach_event(task: str, parent: str, now: float) -> dict[str, Any]:
    """Return the ``start`` event of a fork of the writer ``parent``, or of a process that its script started."""
    return {
        "e": "start", "task": task, "mode": "attach", "execution": None, "parent": parent, "host": host(),
        "user": process.user(), "time": now, "pid": os.getpid(),
    }  # fmt: skip


def _environment() -> dict[str, str]:
    wanted = {*_ENVIRONMENT, *os.environ.get("CAPTURE_LOG_ENVIRONMENT", "").replace(",", " ").split()}
    return {name: value for name, value in os.environ.items() if name in wanted}
