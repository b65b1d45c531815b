"""``capture queue …``: queues and the order of the tasks in them, through ``store.queues``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.errors import InvalidValue, NotFound, nearest
from store.records import QueueRow

from . import shapes
from .context import Context
from .output import Column
from .words import counted

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_COLUMNS = (Column("NAME", ratio=1), Column("TASKS", right=True), Column("NEXT"), Column("WORKERS", ratio=1))


def listing(context: Context) -> int:
    """Print every queue with how many tasks wait in it and who serves it."""
    from store import queues

    with context.store() as store, store.read() as connection:
        rows = queues.listing(connection)
        workers = queues.workers(connection)
    serving = {row.name: [w.name for w in workers if row.name in w.queues] for row in rows}
    if context.out.json:
        context.out.object([_as_json(row) | {"workers": serving[row.name]} for row in rows])
    else:
        cells = [
            (r.name, str(len(r.tasks)), r.tasks[0][:8] if r.tasks else "", ",".join(serving[r.name])) for r in rows
        ]
        context.out.table(_COLUMNS, cells)
    return 0


def _as_json(row: QueueRow) -> dict[str, object]:
    from store.clock import iso

    there = bool(row.id)  # ``default`` is listed also before its first use makes it
    return {
        "id": row.id if there else None, "name": row.name, "tasks": row.tasks,
        "created": iso(row.created) if there else None,
    }  # fmt: skip


def _named(connection: Connection, name: str) -> QueueRow:
    from store import queues

    rows = queues.listing(connection)
    for row in rows:
        if row.name == name.strip():
            return row
    known = [row.name for row in rows]
    raise NotFound(f'There is no queue "{name}".{nearest(name, known)} `capture queue list` shows them.')


def show(context: Context) -> int:
    """Print the tasks of a queue, the next one first."""
    from store.queries import tasks

    with context.store() as store, store.read() as connection:
        queue = _named(connection, context.args.name)
        rows = tasks.rows(connection, queue.tasks)
    if context.out.json:
        context.out.object(_as_json(queue) | {"tasks": [shapes.task(row) for row in rows]})
    else:
        context.out.table(shapes.columns(), shapes.rows(rows))
    return 0


def _print(context: Context, name: str) -> int:
    with context.store() as store, store.read() as connection:
        row = _named(connection, name)
    if context.out.json:
        context.out.object(_as_json(row))
    return 0


def create(context: Context) -> int:
    """Make a queue."""
    from store import queues

    with context.store(create=True) as store:
        queues.create(store, context.args.name, by=context.by)
    context.out.say(f'Made the queue "{context.args.name.strip()}".')
    return _print(context, context.args.name.strip())


def rename(context: Context) -> int:
    """Rename a queue."""
    from store import queues

    with context.store() as store:
        queues.rename(store, context.args.name, context.args.new, by=context.by)
    context.out.say(f'The queue "{context.args.name}" is "{context.args.new.strip()}" now.')
    return _print(context, context.args.new.strip())


def delete(context: Context) -> int:
    """Delete an empty queue."""
    from store import queues

    with context.store() as store:
        with store.read() as connection:
            row = _named(connection, context.args.name)
        queues.delete(store, context.args.name, by=context.by)
    context.out.say(f'Deleted the queue "{row.name}".')
    if context.out.json:
        context.out.object(_as_json(row))
    return 0


def clear(context: Context) -> int:
    """Take every task out of a queue."""
    from store import queues

    with context.store() as store:
        tasks = queues.clear(store, context.args.name, by=context.by)
    name = context.args.name.strip()
    context.out.say(f'The queue "{name}" is empty; {counted(len(tasks), "task")} went back to Draft.')
    return _print(context, name)


def move(context: Context) -> int:
    """Move a Pending task within its queue."""
    from store import queues

    with context.store() as store:
        task = context.resolve(store, [context.args.id])[0]
        with store.read() as connection:
            queue = next((row for row in queues.listing(connection) if task in row.tasks), None)
        if queue is None:
            raise NotFound(f"{task[:8]} waits in no queue. Enqueue it first.")
        queues.move(store, task, _place(context.args.position, len(queue.tasks)), by=context.by)
    context.out.say(f'Moved {task[:8]} in "{queue.name}".')
    return _print(context, queue.name)


def _place(word: str, count: int) -> int:
    """Return a position from 0 on."""
    named = {"top": 0, "bottom": count - 1}
    if word in named:
        return named[word]
    if not word.isdigit() or not 1 <= int(word) <= count:
        raise InvalidValue(f"Invalid position {word!r}. Give a number from 1 to {count}, top or bottom.")
    return int(word) - 1
