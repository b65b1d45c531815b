"""What init knows of a task, from wherever it knows it: the store, an agent's file, or what the script asked for.

The questions init has about the store stand here once, for the recorder that answers them and for a script that has to
look for itself. Nothing here opens anything.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Read = Callable[[str, dict[str, Any]], Sequence[Any]]
    """Gives the rows of a statement with named values."""

_KEEPS = """(EXISTS (SELECT 1 FROM artifact a WHERE a.task_id = t.id)
OR EXISTS (SELECT 1 FROM model m WHERE m.task_id = t.id) OR EXISTS (SELECT 1 FROM project b WHERE b.baseline = t.id))"""
_TASK = f"""
SELECT t.id, t.status, t.execution, t.last_iteration, t.iteration_offset, t.name, p.path, t.type, t.comment, t.progress,
t.archived, {_KEEPS} FROM task t JOIN project p ON p.id = t.project_id WHERE """
_NAMES = (
    "task", "status", "execution", "last_iteration", "offset", "name", "project", "type", "comment", "progress",
    "archived", "keeps",
)  # fmt: skip
_BY_ID = f"{_TASK} t.id = :id"
_LAST = """SELECT l.id FROM task l JOIN project q ON q.id = l.project_id WHERE q.path = :project AND l.name = :name
AND l.type = :type AND l."user" = :user AND l.host = :host AND l.worker = ''
AND l.status IN ('running', 'completed', 'failed', 'aborted', 'published')
ORDER BY coalesce(l.started, l.created) DESC LIMIT 1"""
"""The run of a script that began last: where that may not be used again, none may in its place."""
_CANDIDATE = f"""{_TASK} t.id = ({_LAST}) AND t.status IN ('completed', 'failed', 'aborted') AND NOT t.archived
AND NOT {_KEEPS} AND t.activity >= :since"""
_TAGS = "SELECT tag FROM task_tag WHERE task_id = :task ORDER BY tag"
_PARAMETERS = "SELECT section, name, value, type, description FROM parameter WHERE task_id = :task"
_CONFIGURATION = "SELECT name, text FROM configuration WHERE task_id = :task"
SCHEMA = "SELECT value FROM meta WHERE key = 'schema'"


class Facts:
    """What is known of a task; the script's own changes are made here too, so that it reads what it wrote."""

    task = ""
    status = ""
    execution: int | None = None
    last_iteration: int | None = None
    offset: int | None = None
    """Added to every iteration that is reported; None leaves it to the store."""
    name = ""
    project = ""
    type = ""
    comment = ""
    progress: float | None = None
    archived = False
    keeps = False
    """Whether it has artifacts or models, or is the baseline of a project, for which it is not used again."""

    def __init__(self, known: dict[str, Any]) -> None:
        """Take what is known, by the names of the attributes."""
        vars(self).update(known)
        self.tags: list[str] = list(known.get("tags") or ())
        self.parameters: dict[str, dict[str, str]] = dict(known.get("parameters") or {})
        self.configuration: dict[str, str] = dict(known.get("configuration") or {})

    def emptied(self) -> Facts:
        """Return what is left when the task is used again."""
        kept = ("task", "execution", "name", "project", "type", "tags")
        return Facts({name: getattr(self, name) for name in kept})

    def add_tags(self, tags: list[str]) -> None:
        """Put on tags; those there are stay."""
        self.tags = list(dict.fromkeys([*self.tags, *tags]))


def answer(read: Read, question: dict[str, Any], now: float) -> dict[str, Any]:
    """Return what the store knows of the task that init asks for, empty if there is none.

    Args:
        read: asks the store.
        question: ``op`` ``task`` with its ``id``, or ``candidate``, the task that may be used again, with ``project``,
            ``name``, ``type``, ``user``, ``host`` (the machine's name) and ``hours``, the length of the reuse window.
        now: the time.
    """
    if question["op"] == "candidate":
        return _first(read, _CANDIDATE, question | {"since": now - float(question["hours"]) * 3600})
    found = _first(read, _BY_ID, question)
    if found:
        found["parameters"] = {
            f"{section}/{name}": {"value": value, "type": kind, "description": description}
            for section, name, value, kind, description in read(_PARAMETERS, found)
        }
        found["configuration"] = dict(read(_CONFIGURATION, found))
    return found


def whole(answered: dict[str, Any]) -> bool:
    """Whether an answer says all there is: that of an older recorder may not."""
    return not answered or answered.keys() >= set(_NAMES)


def _first(read: Read, statement: str, values: dict[str, Any]) -> dict[str, Any]:
    rows = read(statement, values)
    if not rows:
        return {}
    found = dict(zip(_NAMES, rows[0], strict=True))
    return found | {"tags": [tag for (tag,) in read(_TAGS, found)]}
