"""What a script can read: a task's state, what it reported, and which tasks there are.

A read never shows less than what a finished script recorded: the store is opened behind ``door.opened``, which first
has this host's journals taken in.
"""

from __future__ import annotations

from time import monotonic, sleep

from . import guard, opening, state
from .door import error, opened, store_module
from .task_base import TaskBase, tag_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

_MOST = 500
_FILTERS = ("filter", "status", "type", "user", "parent", "search_text", "order_by", "system_tags", "tags", "page",
            "page_size")  # fmt: skip


class ReadingMixin(TaskBase):
    """State, results, finding tasks."""

    # State

    def get_status(self) -> str:
        """Return the state in ClearML's words: ``created queued in_progress completed failed stopped published``."""
        if self._live is not None:
            return "in_progress"
        lifecycle = store_module("lifecycle")
        return str(lifecycle.SDK_WORDS[lifecycle.Status(self._row().status)])

    @property
    def status(self) -> str:
        """The state in ClearML's words."""
        return self.get_status()

    def get_status_message(self) -> str:
        """Return why the task is in its state."""
        return "" if self._live is not None else str(self._row().status_reason)

    def reload(self) -> None:
        """Do nothing: whatever is read of a task is read anew."""

    def wait_for_status(
        self,
        status: Any = ("completed", "stopped", "closed"),
        raise_on_status: Any = ("failed",),
        check_interval_sec: float = 60.0,
        timeout: float | None = None,
    ) -> None:
        """Return when the task is in one of the states; looks at least every two seconds.

        Raises:
            RuntimeError: it came to one of ``raise_on_status`` instead.
            TimeoutError: it did not within ``timeout`` seconds.
        """
        wanted, unwanted = _words(status), _words(raise_on_status)
        deadline = None if timeout is None else monotonic() + timeout
        while (found := self.get_status()) not in wanted:
            if found in unwanted:
                raise RuntimeError(f"Task {self.id} is {found}: {self.get_status_message()}")
            if deadline is not None and monotonic() > deadline:
                raise TimeoutError(f"Task {self.id} is still {found}.")
            sleep(min(check_interval_sec, 2.0))

    @property
    def parent(self) -> str | None:
        """The id of the task this one was cloned from."""
        found: str | None = self._row().parent
        return found

    @property
    def project(self) -> str:
        """The project's id."""
        projects = store_module("queries.projects")
        name = self._row().project
        with opened().read() as connection:
            return next(str(row.id) for row in projects.listing(connection) if row.path == name)

    @property
    def last_worker(self) -> str:
        """The agent that ran the task last."""
        return str(self._row().worker)

    def is_current_task(self) -> bool:
        """Return whether this process records the task."""
        return self._live is not None

    def is_main_task(self) -> bool:
        """Return whether this process records the task and is not a child of the one that began it."""
        return self._live is not None and not self._live.is_child

    @staticmethod
    def running_locally() -> bool:
        """Return False under an agent."""
        return not state.truth("CAPTURE_TASK_ID")

    def get_output_log_web_page(self) -> str:
        """Return what to type to look at the task: there is no web page."""
        return f"tui --task {self.id}"

    # Iterations

    def get_initial_iteration(self) -> int:
        """Return what is added to every iteration the script reports."""
        if self._live is not None:
            return self._live.facts.offset or 0
        return int(self._detail().iteration_offset)

    def set_initial_iteration(self, offset: int = 0) -> int:
        """Set what is added to every iteration reported from now on; return it."""
        if self._live is None:
            raise error("UsageError", "Only a task's own script can set its first iteration.")
        self._live.facts.offset = int(offset)
        self._live.journal.event(e="offset", value=int(offset))
        return int(offset)

    def get_last_iteration(self) -> int:
        """Return the last iteration reported, 0 if there is none."""
        return int(self._row().last_iteration or 0)

    # Results

    def get_last_scalar_metrics(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """Return ``{title: {series: {"last", "min", "max"}}}``."""
        found: dict[str, dict[str, dict[str, float | None]]] = {}
        for row in self._detail().metrics:
            found.setdefault(row.title, {})[row.series] = {"last": row.last, "min": row.min, "max": row.max}
        return found

    def get_reported_scalars(self, max_samples: int = 0, x_axis: str = "iter") -> dict[str, dict[str, dict[str, Any]]]:
        """Return ``{title: {series: {"name", "x", "y"}}}``.

        Args:
            max_samples: at most so many points a series, thinned by the store; 0: about 5,000.
            x_axis: ``iter``, ``timestamp`` (ms from the first point) or ``iso_time`` (ms since 1970).
        """
        scalars = store_module("queries.scalars")
        found: dict[str, dict[str, dict[str, Any]]] = {}
        with opened().read() as connection:
            for row in scalars.metrics(connection, self.id):
                points = scalars.points(connection, self.id, row.number, limit=max_samples or 5000)
                x = _axis(points, x_axis)
                found.setdefault(row.title, {})[row.series] = {"name": row.series, "x": x, "y": list(points.values)}
        return found

    def get_reported_single_value(self, name: str) -> float | None:
        """Return a value of ``report_single_value``, None if there is none of that name."""
        return self.get_reported_single_values().get(name)

    def get_reported_single_values(self) -> dict[str, float]:
        """Return the values of ``report_single_value``."""
        scalars = store_module("queries.scalars")
        with opened().read() as connection:
            return dict(scalars.single_values(connection, self.id))

    def get_reported_console_output(self, number_of_reports: int = 1) -> list[str]:
        """Return the last console lines, a hundred for each report asked for, as one text each."""
        console = store_module("queries.console")
        with opened().read() as connection:
            lines = [line.text for line in console.tail(connection, self.id, 100 * number_of_reports)]
        return ["\n".join(lines[start : start + 100]) for start in range(0, len(lines), 100)]

    # Finding

    @classmethod
    def _found(cls, task: str) -> Self:
        raise NotImplementedError

    @classmethod
    def get_task(
        cls,
        task_id: str | None = None,
        project_name: str | None = None,
        task_name: str | None = None,
        tags: Any = None,
        allow_archived: bool = True,
        task_filter: dict[str, Any] | str | None = None,
    ) -> Self | None:
        """Return a task by its id (or a unique start of it), or the newest of a project, name and tags.

        ``task_filter`` as for ``get_tasks``.

        Returns:
            The task; None if none fits the names. Of several, unarchived ones come first.

        Raises:
            NotFound: no task has this id.
        """
        if task_id:
            if state.session is not None and str(task_id) == state.session.task_id:
                return cls._found(str(task_id))
            with opened().read() as connection:
                return cls._found(store_module("queries.tasks").resolve(connection, str(task_id)))
        rows = _select(project_name, None, tags, task_filter)
        rows = [row for row in rows if task_name is None or row.name == task_name]
        rows = [row for row in rows if allow_archived or not row.archived]
        rows.sort(key=lambda row: row.archived)
        return cls._found(rows[0].id) if rows else None

    @classmethod
    def get_tasks(
        cls,
        task_ids: Any = None,
        project_name: Any = None,
        task_name: str | None = None,
        tags: Any = None,
        allow_archived: bool = True,
        task_filter: dict[str, Any] | str | None = None,
    ) -> list[Self]:
        """Return tasks, newest first: of a project (or several), whose name matches a regular expression, with tags.

        ``task_filter`` as in ClearML, or a filter as tables and ``capture list`` take it: ``"status:failed lr<0.01"``
        (in a dict: its ``filter``). Of more than 500 the newest come, with a warning; ``query_tasks`` returns all.

        Raises:
            ValueError: the filter cannot be read, or a name in it is nobody's; the message names the word.
        """
        if task_ids:
            return [task for task in map(cls.get_task, [task_ids] if isinstance(task_ids, str) else task_ids) if task]
        rows = _rows_of(project_name, task_name, tags, task_filter)
        rows = [row for row in rows if allow_archived or not row.archived]
        if len(rows) > _MOST:
            guard.warn(f"get_tasks returns the newest {_MOST} of {len(rows)} tasks; query_tasks returns all their ids.")
        return [cls._found(row.id) for row in rows[:_MOST]]

    @classmethod
    def query_tasks(
        cls,
        project_name: Any = None,
        task_name: str | None = None,
        tags: Any = None,
        additional_return_fields: Any = None,
        task_filter: dict[str, Any] | str | None = None,
    ) -> list[Any]:
        """Return the ids of the tasks, or dicts of id and the fields asked for; else as ``get_tasks``."""
        rows = _rows_of(project_name, task_name, tags, task_filter)
        if not additional_return_fields:
            return [row.id for row in rows]
        return [{name: getattr(row, name, None) for name in ("id", *additional_return_fields)} for row in rows]


def _words(status: Any) -> list[str]:
    lifecycle = store_module("lifecycle")
    words = [status] if isinstance(status, str) or not hasattr(status, "__iter__") else list(status)
    known = {word.value: sdk for word, sdk in lifecycle.SDK_WORDS.items()}
    return [known.get(str(word), str(word)) for word in words]


def _axis(points: Any, kind: str) -> list[Any]:
    if kind == "iter":
        return list(points.iterations)
    first = points.times[0] if len(points) and kind == "timestamp" else 0.0
    return [int((time - first) * 1000) for time in points.times]


def _rows_of(projects: Any, name: str | None, tags: Any, wanted: dict[str, Any] | str | None) -> list[Any]:
    several = [projects] if isinstance(projects, str) or projects is None else list(projects)
    return [row for project in several for row in _select(project, name, tags, wanted)]


def _select(project: str | None, name: str | None, tags: Any, asked: dict[str, Any] | str | None) -> list[Any]:
    """Return the rows of a project's own tasks that fit, newest first."""
    if not isinstance(asked, (dict, str, type(None))):
        raise error("UsageError", f"Invalid task_filter {asked!r}. Give a filter as text, or a dict.")
    wanted = {"filter": asked} if isinstance(asked, str) else asked or {}
    tasks = store_module("queries.tasks")
    query, parent = _query(tasks, project, wanted)
    with opened().read() as connection:
        rows = tasks.page(connection, query, 0, None)
    fits = _tag_rule(tags if tags is not None else wanted.get("tags"))
    pattern = _pattern(name) if name else None
    path = opening.checked_project(project) if project else None
    return [
        row
        for row in rows
        if fits(set(row.tags))
        and (pattern is None or pattern.search(row.name))
        and (path is None or row.project == path)
        and (parent is None or row.parent == parent)
    ]


def _pattern(name: str) -> Any:
    import re

    return re.compile(name)


def _query(tasks: Any, project: str | None, wanted: dict[str, Any]) -> tuple[Any, Any]:
    unknown = sorted(set(wanted) - set(_FILTERS))
    if unknown:
        raise error("UsageError", f"Unknown task_filter {unknown[0]!r}. Known: {', '.join(_FILTERS)}.")
    lifecycle = store_module("lifecycle")
    order = next(iter(wanted.get("order_by") or ["-last_update"]))
    sorts = {"last_update": "last_seen", "created": "created", "started": "started", "name": "name"}
    sort = "activity" if order.lstrip("-") == "last_update" else sorts.get(order.lstrip("-"), order.lstrip("-"))
    users = wanted.get("user") or [None]
    text = str(wanted.get("filter") or "")
    return tasks.TaskQuery(
        where=store_module("filters").parse(text) if text else None,
        project=opening.checked_project(project) if project else None, archived=None,
        text=str(wanted.get("search_text") or ""), types=tuple(map(str, wanted.get("type") or ())),
        statuses=tuple(lifecycle.parse_status(str(word)).value for word in wanted.get("status") or ()),
        user=users if isinstance(users, str) else users[0], sort=sort, descending=order.startswith("-"),
    ), wanted.get("parent")  # fmt: skip


def _tag_rule(tags: Any) -> Any:
    """Return what decides by a task's tags: any of the list, all of it after ``__$all``, none of ``-tag``."""
    words = tag_list(tags)
    all_of = any(word in ("__$all", "__$and") for word in words)
    named = [word for word in words if not word.startswith("__$")]
    wanted = {word for word in named if not word.startswith("-")}
    unwanted = {word[1:] for word in named if word.startswith("-")}

    def fits(found: set[str]) -> bool:
        if unwanted & found:
            return False
        return not wanted or (wanted <= found if all_of else bool(wanted & found))

    return fits
