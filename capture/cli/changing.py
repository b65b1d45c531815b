"""The verbs that change tasks, from clone to baseline.

Each is one call of ``store.commands`` a task; whether it is allowed, and the sentence if not, is the lifecycle's. All
tasks are found before the first is changed; one that refuses does not keep the others from being done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from store.errors import Conflict, InvalidValue, NotFound, StateError, UsageError
from store.records import TaskRow

from . import shapes
from .context import Context
from .words import counted, short

if TYPE_CHECKING:
    from store.engine import Store

Act = Callable[["Store", str], str]
"""Does it to one task and returns what to say, with ``{task}`` where the task is named."""


def each(context: Context, act: Act) -> int:
    """Do ``act`` to every task that was named; return 1 if any refused."""
    code = 0
    with context.store() as store:
        ids = context.resolve(store, context.args.ids)
        before = {row.id: row for row in _rows(store, ids)}
        done: list[str] = []
        for task in ids:
            try:
                sentence = act(store, task)
            except (StateError, Conflict, InvalidValue, NotFound) as error:
                context.out.say(f"capture: {error}")
                code = 1
            else:
                done.append(task)
                context.out.say(sentence.replace("{task}", named(before[task])))
        after = {row.id: row for row in _rows(store, done)}
    changed = [after.get(task, before[task]) for task in done]
    if context.out.json:
        print_tasks(context, changed, many=len(context.args.ids) > 1)
    return code


def _rows(store: Store, ids: list[str]) -> list[TaskRow]:
    from store.queries import tasks

    with store.read() as connection:
        return tasks.rows(connection, ids)


def named(row: TaskRow) -> str:
    """Return how sentences name a task."""
    return f'"{row.name}" ({short(row.id)})'


def print_tasks(context: Context, rows: list[TaskRow], *, many: bool) -> None:
    """Print tasks as JSON: an array if several were named."""
    objects: list[dict[str, Any]] = [shapes.task(row) for row in rows]
    if many:
        context.out.object(objects)
    elif objects:
        context.out.object(objects[0])


def made(context: Context, store: Store, task: str, sentence: str) -> int:
    """Tell about a task that was made: its id, or the whole object, is the data."""
    row = _rows(store, [task])[0]
    context.out.say(sentence.replace("{task}", named(row)))
    if context.out.json:
        context.out.object(shapes.task(row))
    else:
        context.out.lines([task])
    return 0


def clone(context: Context) -> int:
    """Make a new Draft of a task."""
    from store import commands

    args = context.args
    with context.store() as store:
        source = context.resolve(store, [args.id])[0]
        task = commands.clone(store, source, by=context.by, name=args.name, project=args.project)
        return made(context, store, task, f"Made the Draft {{task}}, a clone of {named(_rows(store, [source])[0])}.")


def edit(context: Context) -> int:
    """Set hyperparameters of a Draft."""
    from store import commands, editing

    args = context.args
    with context.store() as store:
        task = context.resolve(store, [args.id])[0]
        with store.read() as connection:
            known = editing.known(connection, task)
        values = dict(editing.assignment(known, word) for word in args.values)
        commands.edit(store, task, values, by=context.by, add=args.add)
        row, keys = _rows(store, [task])[0], _keys(store, task, values)
    context.out.say(f"Edited {named(row)}: {', '.join(keys)}.")
    if context.out.json:
        context.out.object(shapes.task(row))
    return 0


def _keys(store: Store, task: str, given: Iterable[str]) -> list[str]:
    """Return the whole keys of edited values: where one was named without its section, which it went to."""
    from store.queries import details

    with store.read() as connection:
        known = [row.key for row in details.parameters(connection, task)]
    return [key if key in known else next((k for k in known if k.partition("/")[2] == key), key) for key in given]


def sweep(context: Context) -> int:
    """Make a Draft for each combination of values; with ``--queue``, enqueue them."""
    from store import commands, sweeps

    args = context.args
    with context.store() as store:
        source = context.resolve(store, [args.id])[0]
        parent = _rows(store, [source])[0]
        made = commands.sweep(
            store, source, args.values, by=context.by, add=args.add, name=args.name, project=args.project,
            queue=args.queue, most=sweeps.MOST if args.yes else sweeps.MANY,
        )  # fmt: skip
        rows = _rows(store, made)
    names = " to ".join(f'"{name}"' for name in dict.fromkeys((rows[0].name, rows[-1].name)))
    context.out.say(f"Made {counted(len(made), 'Draft')} of {named(parent)}: {names}.")
    if context.out.json:
        print_tasks(context, rows, many=True)
    else:
        context.out.lines(made)
    context.out.say(
        f'Enqueued in "{args.queue}", in this order.' if args.queue
        else f"Enqueue with: capture enqueue {' '.join(map(short, made))}"
    )  # fmt: skip
    return 0


def enqueue(context: Context) -> int:
    """Put Drafts (with ``--retry``: Failed or Aborted tasks, reset first) into a queue."""
    from store import commands

    queue, retry = context.args.queue or default_queue(), context.args.retry

    def act(store: Store, task: str) -> str:
        commands.enqueue(store, task, by=context.by, queue=queue, retry=retry)
        return f'{"Reset and enqueued" if retry else "Enqueued"} {{task}} in "{queue or "default"}".'

    return each(context, act)


def default_queue() -> str | None:
    """Return the queue of the settings, None if there is none."""
    from store.paths import settings

    agent = settings().get("agent", {})
    queue = agent.get("queue") if isinstance(agent, dict) else None
    return str(queue) if queue else None


def _verb(command: str, sentence: str) -> Callable[[Context], int]:
    """Return the verb that has the store do one thing to every task named, and says so."""

    def verb(context: Context) -> int:
        from store import commands

        def act(store: Store, task: str) -> str:
            getattr(commands, command)(store, task, by=context.by)
            return sentence

        return each(context, act)

    return verb


dequeue = _verb("dequeue", "Dequeued {task}: it is a Draft.")
reset = _verb("reset", "Reset {task}: it is a Draft, its logs and outputs are gone.")
publish = _verb("publish", "Published {task}: it is read-only from now on.")
delete = _verb("delete", "Deleted {task}.")


def archive(context: Context) -> int:
    """Archive tasks; one that is Pending leaves its queue, which is said."""
    from store import commands
    from store.lifecycle import Action, leaves_queue, leaving

    def act(store: Store, task: str) -> str:
        rows = _rows(store, [task])
        if not commands.archive(store, task, by=context.by):
            return "{task} is archived already. Nothing to do."
        left = [leaving(row.queue, done=True) for row in rows if leaves_queue(Action.ARCHIVE, row.status)]
        return ". ".join(["Archived {task}", *left]) + "."

    return each(context, act)


def restore(context: Context) -> int:
    """Bring archived tasks back."""
    from store import commands

    def act(store: Store, task: str) -> str:
        done = commands.restore(store, task, by=context.by)
        return "Restored {task}." if done else "{task} is not archived. Nothing to do."

    return each(context, act)


def abort(context: Context) -> int:
    """Ask Running tasks to end."""
    from store import commands

    def act(store: Store, task: str) -> str:
        if commands.abort(store, task, by=context.by):
            return "Aborted {task}."
        return "Asked {task} to end; whoever runs it ends it within its grace time (`capture wait` waits for that)."

    return each(context, act)


def tag(context: Context) -> int:
    """Add and remove tags."""
    from store import commands

    args = context.args
    if not args.add and not args.remove:
        raise InvalidValue("No tag was given. Write +TAG to add one, -TAG to remove one.")

    def act(store: Store, task: str) -> str:
        commands.tag(store, task, by=context.by, add=args.add, remove=args.remove)
        return "Tagged {task}: " + " ".join([*(f"+{tag}" for tag in args.add), *(f"-{tag}" for tag in args.remove)])

    return each(context, act)


def move(context: Context) -> int:
    """Move tasks to another project."""
    from store import commands

    def act(store: Store, task: str) -> str:
        commands.move(store, task, context.args.project, by=context.by)
        return f'Moved {{task}} to "{context.args.project}".'

    return each(context, act)


def baseline(context: Context) -> int:
    """Pin a task as the baseline of a project, or take the one of a project away."""
    from store import commands

    args = context.args
    if bool(args.id) == bool(args.clear) or (args.clear and args.project):
        raise UsageError("Name the task to pin, or the project whose baseline goes: --clear P.")
    with context.store() as store:
        rows = _rows(store, context.resolve(store, [args.id]) if args.id else _pinned(store, args.clear))
        project = (args.clear or args.project or rows[0].project).strip("/ ")
        commands.set_baseline(store, project, "" if args.clear else rows[0].id, by=context.by)
    if args.clear:
        context.out.say(f'The project "{project}" has no baseline of its own any more.')
    else:
        context.out.say(f'Pinned {named(rows[0])} as the baseline of "{project}".')
    if context.out.json:
        print_tasks(context, rows, many=False)
    return 0


def _pinned(store: Store, project: str) -> list[str]:
    """Return the baseline of a project, if it has one."""
    from store import baselines

    with store.read() as connection:
        return [task for path, task in baselines.pinned(connection).items() if path == project.strip("/ ")]
