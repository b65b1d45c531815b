"""``capture agent …``: run an agent, and look at or steer the ones there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store import clock, who
from store.clock import iso
from store.errors import NotFound
from store.records import TaskRow, WorkerRow
from store.text import storable

from . import shapes
from .context import Context
from .output import Cell, Column
from .words import age

if TYPE_CHECKING:
    from store.engine import Store

    from ..agent.daemon import Settings

_COLUMNS = (
    Column("NAME"), Column("HOST"), Column("PID", right=True), Column("STATE"), Column("TASK"),
    Column("QUEUES", ratio=1), Column("SEEN", right=True), Column("ID", on_terminal=False),
)  # fmt: skip


def daemon(context: Context) -> int:
    """Run an agent until it is stopped."""
    from ..agent.daemon import Daemon

    with context.store(create=True) as store:
        names = _queues(store, context)
        worker = Daemon(store, _settings(context, names), context.out.say, _teller(context))
        worker.serve()
    return 0


def _teller(context: Context) -> Any:
    def ended(row: TaskRow) -> None:
        if context.out.json:
            context.out.object(shapes.task(row))

    return ended


def _settings(context: Context, names: list[str]) -> Settings:
    from store.paths import settings

    from ..agent.daemon import Settings

    args = context.args
    chosen = settings().get("agent", {})
    grace = chosen.get("abort_grace", 30.0) if isinstance(chosen, dict) else 30.0
    return Settings(
        queues=names,
        name=storable(getattr(args, "name", None) or who.host()),
        by=context.by,
        fair=bool(getattr(args, "order_fairness", False)),
        once=bool(getattr(args, "once", False)),
        grace=float(grace),
        environment=_gpus(args.gpus, cpu_only=args.cpu_only),
    )


def _gpus(chosen: str | None, *, cpu_only: bool) -> dict[str, str]:
    if cpu_only or chosen == "none":
        return {"CUDA_VISIBLE_DEVICES": "", "NVIDIA_VISIBLE_DEVICES": "none"}
    if chosen is None or chosen == "all":
        return {}
    return {"CUDA_VISIBLE_DEVICES": chosen, "NVIDIA_VISIBLE_DEVICES": chosen}


def _queues(store: Store, context: Context) -> list[str]:
    """Return the queues to serve, each once.

    Raises:
        NotFound: one does not exist, and making it was not asked for.
    """
    from store import queues

    from .changing import default_queue

    names = list(dict.fromkeys(context.args.queue)) or [default_queue() or queues.DEFAULT]
    with store.read() as connection:
        known = [row.name for row in queues.listing(connection)]
    for name in names:
        if name not in known and context.args.create_queue:
            queues.create(store, name, by=context.by)
        elif name not in known:
            with store.write(context.by) as tx:
                queues.find(tx, name)
    return names


def listing(context: Context) -> int:
    """Print the agents there are."""
    from store import queues

    with context.store() as store, store.read() as connection:
        found = queues.workers(connection)
    if context.out.json:
        context.out.object([_as_json(row) for row in found])
    else:
        context.out.table(_COLUMNS, [_cells(row) for row in found])
        if not found:
            context.out.say("No agent is running. `capture agent` starts one.")
    return 0


def _as_json(row: WorkerRow) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "host": row.host, "user": row.user, "pid": row.pid, "queues": row.queues,
        "task": row.task, "state": "lost" if row.lost(clock.now()) else row.state, "started": iso(row.started),
        "heartbeat": iso(row.heartbeat),
    }  # fmt: skip


def _cells(row: WorkerRow) -> list[str | Cell]:
    task = Cell((row.task or "")[:8], row.task or "")
    seen = Cell(age(clock.now() - row.heartbeat), iso(row.heartbeat) or "")
    state = "lost" if row.lost(clock.now()) else row.state
    return [row.name, row.host, str(row.pid), state, task, ",".join(row.queues), seen, row.id]


def stop(context: Context) -> int:
    """Ask agents to stop."""
    return _ask(context, "stopping", "Asked {name} to stop; the task it runs is aborted.")


def drain(context: Context) -> int:
    """Ask agents to end after the task they run."""
    return _ask(context, "draining", "Asked {name} to end after the task it runs.")


def _ask(context: Context, state: str, sentence: str) -> int:
    from store import queues

    with context.store() as store:
        chosen = _chosen(store, context.args.workers)
        for row in chosen:
            queues.ask(store, row.id, state)
            context.out.say(sentence.replace("{name}", row.name))
        with store.read() as connection:
            after = {row.id: row for row in queues.workers(connection)}
    if context.out.json:
        context.out.object([_as_json(after.get(row.id, row)) for row in chosen])
    return 0


def _chosen(store: Store, words: list[str]) -> list[WorkerRow]:
    from store import queues
    from store.errors import nearest

    with store.read() as connection:
        known = queues.workers(connection)
    if not words:
        here = [row for row in known if row.host == who.host() and not row.lost(clock.now())]
        if not here:
            raise NotFound("No agent is running on this host. `capture agent list` shows the others.")
        return here
    found = [[row for row in known if word == row.name or row.id.startswith(word)] for word in words]
    for word, rows in zip(words, found, strict=True):
        if not rows:
            hint = nearest(word, [row.name for row in known])
            raise NotFound(f'There is no worker "{word}".{hint} `capture agent list` shows them.')
    return list({row.id: row for rows in found for row in rows}.values())


def execute(context: Context) -> int:
    """Run one task here and now; end with 0 if it completed."""
    from ..agent.daemon import Daemon

    with context.store() as store:
        task = context.resolve(store, [context.args.id])[0]
        worker = Daemon(store, _settings(context, []), context.out.say, _teller(context))
        row = worker.run_one(task)
    return 0 if row is not None and row.status == "completed" else 1
