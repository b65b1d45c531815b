"""``capture list``, ``show`` and ``diff``: looking at tasks. Nothing here changes anything."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from store.errors import InvalidValue, NotFound, nearest
from store.lifecycle import Status, label, parse_status
from store.output_records import ArtifactRow, ModelRow
from store.records import EventRow, ParameterRow, SeriesKey, TaskDetail

from . import shapes
from .context import Context
from .output import Column
from .words import counted, local_time, number, percent

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.queries.tasks import TaskQuery

_UPWARDS = frozenset(("name", "project", "status", "type", "user", "host", "worker", "queue"))
"""Fields whose natural order is from A to Z; all others begin with the greatest."""


def list_tasks(context: Context) -> int:
    """Print the tasks that fit."""
    from store.queries import tasks

    args = context.args
    if args.limit is not None and args.limit < 0:
        raise InvalidValue(f"Invalid limit: {args.limit}. Give a number from 0 on.")
    with context.store() as store, store.read() as connection:
        query = _query(connection, context)
        found = tasks.page(connection, query, 0, args.limit)
    if context.out.json:
        context.out.object([shapes.task(row) for row in found])
    else:
        context.out.table(shapes.columns(query.metric), shapes.rows(found, query.metric))
        if not found:
            context.out.say("No task fits." if _narrowed(context) else "No tasks yet: start a script with Task.init.")
    return 0


def _narrowed(context: Context) -> bool:
    args = context.args
    return bool(args.filter or args.project or args.status or args.archived or args.limit == 0)


def _query(connection: Connection, context: Context) -> TaskQuery:
    from store.filters import parse
    from store.queries.tasks import TaskQuery

    args = context.args
    _known_project(connection, args.project)
    sort, descending, metric = _order(connection, args.sort or "created")
    return TaskQuery(
        project=args.project,
        statuses=_statuses(args.status),
        archived=bool(args.archived),
        where=parse(" ".join(args.filter)) if args.filter else None,
        sort=sort,
        descending=descending,
        metric=metric,
    )


def _statuses(given: str | None) -> tuple[Status, ...]:
    return tuple(parse_status(word) for word in (given or "").replace(",", " ").split())


def _known_project(connection: Connection, path: str | None) -> None:
    from store.queries import projects

    if path is None:
        return
    known = [row.path for row in projects.listing(connection)]
    if path.strip("/ ") not in known:
        raise NotFound(f'There is no project "{path}".{nearest(path, known)} `capture list` shows all tasks.')


def _order(connection: Connection, given: str) -> tuple[str, bool, SeriesKey | None]:
    turned, field = given.startswith("-"), given.lstrip("-")
    metric: SeriesKey | None = None
    if field.startswith("metric:"):
        metric, field = _metric(connection, field.removeprefix("metric:")), "metric"
    return field, (field not in _UPWARDS) != turned, metric


def _metric(connection: Connection, name: str) -> SeriesKey:
    from store.queries import names

    known = names.metrics(connection)
    for key in known:
        if shapes.series_name(key) == name.strip('"'):
            return key
    raise NotFound(f'No task has the metric "{name}".{nearest(name, map(shapes.series_name, known))}')


def show(context: Context) -> int:
    """Print everything about a task."""
    from store.queries import details

    with context.store() as store:
        task = context.resolve(store, [context.args.id])[0]
        with store.read() as connection:
            found = details.detail(connection, task)
            parent = _parent(connection, found.row.parent)
    if context.out.json:
        context.out.object(shapes.detail(found))
    else:
        _print(context, found, parent)
    return 0


def _parent(connection: Connection, task: str | None) -> str:
    from store.queries import tasks

    if task is None:
        return ""
    return task if tasks.rows(connection, [task]) else f"{task} (deleted)"


def _print(context: Context, found: TaskDetail, parent: str) -> None:
    row, code, out = found.row, found.code, context.out
    out.facts([
        ("id", row.id), ("name", row.name), ("project", row.project), ("type", row.type),
        ("status", label(row.status)), ("reason", row.status_reason), ("tags", " ".join(row.tags)),
        ("comment", row.comment), ("progress", percent(row.progress)),
        ("iteration", "" if row.last_iteration is None else str(row.last_iteration)),
        ("created", local_time(row.created)), ("started", local_time(row.started)),
        ("completed", local_time(row.completed)), ("user", row.user), ("host", row.host), ("queue", row.queue),
        ("worker", row.worker), ("parent", parent), ("archived", "yes" if row.archived else ""),
        ("baseline of", ", ".join(found.baseline_of)),
        ("script", code.entry_point), ("folder", code.working_dir), ("interpreter", code.binary),
        ("arguments", " ".join(code.argv)), ("repository", code.repository), ("branch", code.branch),
        ("commit", code.commit), ("changes", f"{len(code.diff):,} bytes of diff" if code.diff else ""),
        ("console", counted(found.lines, "line") if found.lines else ""),
        ("refused", counted(found.refused, "value") if found.refused else ""),
        ("dropped", counted(found.dropped, "record") + " not kept" if found.dropped else ""),
        ("packages", " ".join(f"{name}=={version}" for name, version in code.packages.items())),
    ])  # fmt: skip
    for title, lines in _sections(found):
        if lines:
            out.lines(["", f"{title}:", *(f"  {line}".rstrip() for line in lines)])


def _sections(found: TaskDetail) -> Iterator[tuple[str, list[str]]]:
    yield "notes", [_one(str(note)) for note in found.code.environment.get("notes") or ()]
    yield "hyperparameters", [f"{p.key} = {_value(p)}" for p in found.parameters]
    for name, text in found.configuration.items():
        yield f"configuration {_one(name)}", text.splitlines()
    yield "single values", [f"{_one(name)} = {number(value)}" for name, value in found.single_values.items()]
    yield (
        "scalars",
        [
            f"{_one(shapes.series_name((m.title, m.series)))} = {number(m.last)}  (min {number(m.min)}, "
            f"max {number(m.max)}, {counted(m.n, 'point')})"
            for m in found.metrics
        ],
    )
    yield "models", [f"{_one(m.name)}  {m.mode}  {m.id[:8]}  {_file(m)}" for m in found.models]
    yield "artifacts", [f"{_one(a.name)}  {_one(a.type)}  {_file(a)}" for a in found.artifacts]
    yield (
        "history",
        [f"{local_time(e.time)}  {e.action:<9} {_change(e)}  {e.by}  {_one(e.reason)}" for e in found.events],
    )


def _file(row: ArtifactRow | ModelRow) -> str:
    return f"{'-' if row.size is None else counted(row.size, 'byte')}  {_one(row.uri)}"


def _change(event: EventRow) -> str:
    if event.status_from == event.status_to:
        return ""
    return f"{event.status_from} -> {event.status_to}" if event.status_from else event.status_to


def _value(parameter: ParameterRow) -> str:
    """Return a value on one line: nothing, an empty text and the text "None" look different."""
    if not parameter.value and not parameter.type:
        return "(none)"
    text = _one(parameter.value)
    quoted = parameter.type == "str" and (text != text.strip() or text in ("", "None", "(none)"))
    return f'"{text}"' if quoted else text


def _one(text: str) -> str:
    return " ".join(text.split("\n"))


def diff(context: Context) -> int:
    """Print what differs between two tasks' configuration and code."""
    from store.queries import details

    with context.store() as store:
        words = [word for word in (context.args.id, context.args.other) if word]
        tasks = [context.resolve(store, [word])[0] for word in words]
        with store.read() as connection:
            first = details.detail(connection, tasks[0])
            other = tasks[1] if len(tasks) > 1 else first.row.parent
            if other is None:
                raise NotFound(f'"{first.row.name}" was not cloned from a task. Name the other one.')
            second = details.detail(connection, other)
    found = [(key, a, b) for key, a, b in _compared(first, second) if a != b]
    if context.out.json:
        context.out.object([{"key": key, "a": a, "b": b} for key, a, b in found])
    else:
        head = (Column("KEY"), Column(first.row.id[:8], ratio=1), Column(second.row.id[:8], ratio=1))
        long = [change for change in found if any("\n" in (value or "") for value in change[1:])]
        context.out.table(head, [(key, a or "", b or "") for key, a, b in found if (key, a, b) not in long])
        for key, a, b in long:
            sides = ((a or "").splitlines(), (b or "").splitlines())
            changes = difflib.unified_diff(*sides, first.row.id[:8], second.row.id[:8], n=1, lineterm="")
            context.out.lines(["", f"{key}:", *changes])
        if not found:
            context.out.say("Nothing differs.")
    return 0


def _compared(a: TaskDetail, b: TaskDetail) -> Iterator[tuple[str, str | None, str | None]]:
    left, right = _facts(a), _facts(b)
    for key in dict.fromkeys([*left, *right]):
        yield key, left.get(key), right.get(key)


def _facts(found: TaskDetail) -> dict[str, str]:
    facts = {f"script/{name}": str(value) for name, value in shapes.script(found.code).items() if name != "argv"}
    facts["script/argv"] = " ".join(found.code.argv)
    facts |= {f"packages/{name}": version for name, version in found.code.packages.items()}
    facts |= {f"configuration/{name}": text for name, text in found.configuration.items()}
    return facts | {p.key: p.value for p in found.parameters}
