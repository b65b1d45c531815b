"""Queues, the agents that work on them, and the claim.

A claim is one transaction: the first entry of the first queue that has one (rows somebody else holds are skipped on
PostgreSQL), a compare-and-swap of the task to Running, and the worker's row. The execution number it returns fences
everything the agent writes. ``by`` (``user@host``) stands in the history.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock, tables, transitions
from .engine import Store, Transaction
from .errors import InvalidValue, NotFound, StateError, nearest
from .lifecycle import Action, Status, label
from .records import LEASE as LEASE
from .records import Claim, QueueRow, WorkerRow
from .text import checked_name, json_list, shown, storable

DEFAULT = "default"
"""The queue that always exists."""
_ASKED = ("draining", "stopping")
_Q, _E, _W, _T = tables.queue.c, tables.queue_entry.c, tables.worker.c, tables.task.c


def ensure_default(tx: Transaction) -> str:
    """Return the id of the queue ``default``, making it if it is missing."""
    found = tx.execute(sa.select(_Q.id).where(_Q.name == DEFAULT)).scalar_one_or_none()
    return str(found) if found is not None else _make(tx, DEFAULT)


def _make(tx: Transaction, name: str) -> str:
    made = clock.new_id()
    tx.execute(sa.insert(tables.queue), {"id": made, "name": name, "created": tx.now})
    tx.notify()
    return made


def find(tx: Transaction, name: str | None) -> tuple[str, str]:
    """Return id and name of a queue, of ``default`` for None.

    Raises:
        NotFound: no such queue; the message names the nearest.
    """
    wanted = DEFAULT if name is None else storable(name.strip())
    if wanted == DEFAULT:
        return ensure_default(tx), DEFAULT
    found = tx.execute(sa.select(_Q.id).where(_Q.name == wanted)).scalar_one_or_none()
    if found is None:
        known = [DEFAULT, *tx.execute(sa.select(_Q.name)).scalars()]
        raise NotFound(f"There is no queue {shown(name)}.{nearest(wanted, known)} `capture queue create` makes one.")
    return str(found), wanted


def listing(c: Connection) -> list[QueueRow]:
    """Return all queues by name, each with its tasks in the order they will be claimed."""
    waiting: dict[str, list[str]] = {}
    for queue, task in c.execute(sa.select(_E.queue_id, _E.task_id).order_by(_E.position, _E.task_id)):
        waiting.setdefault(queue, []).append(task)
    found = c.execute(sa.select(_Q.id, _Q.name, _Q.created).order_by(_Q.name)).all()
    rows = [QueueRow(row.id, row.name, waiting.get(row.id, []), row.created) for row in found]
    has_default = any(row.name == DEFAULT for row in rows)
    return rows if has_default else [QueueRow("", DEFAULT, [], 0.0), *rows]


def enter(tx: Transaction, tasks: Sequence[str], queue: str | None) -> str:
    """Make Drafts Pending at the end of a queue, in their order, and return the queue's id.

    Raises:
        NotFound: no such queue or task.
        StateError: not possible in a task's state.
    """
    queue_id, name = find(tx, queue)
    for task in tasks:
        transitions.change(tx, task, Action.ENQUEUE, reason=f"enqueued in {name}", queue_id=queue_id)
    entry = {"queue_id": queue_id, "added": tx.now, "added_by": tx.by}
    entries = [entry | {"task_id": task, "position": at} for at, task in enumerate(tasks, _last(tx, queue_id) + 1)]
    tx.execute(sa.insert(tables.queue_entry), entries)
    return queue_id


def enter_at(tx: Transaction, task: str, queue: str | None, place: int) -> None:
    """Make a Draft Pending at a place of a queue, from 0; refused as by ``enter``."""
    _put(tx, task, enter(tx, [task], queue), place)


def _last(tx: Transaction, queue_id: str) -> int:
    newest = sa.select(sa.func.coalesce(sa.func.max(_E.position), 0)).where(_E.queue_id == queue_id)
    return int(tx.execute(newest).scalar_one())


def create(store: Store, name: str, by: str = "") -> str:
    """Make a queue and return its id.

    Raises:
        InvalidValue: the name breaks a rule, or is taken.
    """
    checked = checked_name(name, "queue name")
    with store.write(by) as tx:
        _refuse_taken(tx, checked)
        return _make(tx, checked)


def _refuse_taken(tx: Transaction, name: str) -> None:
    if name == DEFAULT or tx.execute(sa.select(_Q.id).where(_Q.name == name)).first() is not None:
        raise InvalidValue(f'There is a queue "{name}" already. Choose another name.')


def rename(store: Store, name: str, new: str, by: str = "") -> None:
    """Rename a queue; agents that were started with the old name no longer get its tasks.

    Raises:
        NotFound: no such queue.
        InvalidValue: the new name breaks a rule or is taken, or the queue is ``default``.
    """
    checked = checked_name(new, "queue name")
    with store.write(by) as tx:
        queue_id, _ = find(tx, _not_default(name, "rename"))
        _refuse_taken(tx, checked)
        tx.execute(sa.update(tables.queue).where(_Q.id == queue_id).values(name=checked))
        tx.notify()


def _not_default(name: str, verb: str) -> str:
    if name.strip() == DEFAULT:
        raise InvalidValue(f'Cannot {verb} the queue "{DEFAULT}": it always exists. Make another queue instead.')
    return name


def delete(store: Store, name: str, by: str = "") -> None:
    """Delete an empty queue.

    Raises:
        NotFound: no such queue.
        InvalidValue: it is ``default``.
        StateError: tasks wait in it.
    """
    with store.write(by) as tx:
        queue_id, found = find(tx, _not_default(name, "delete"))
        waiting = len(_waiting(tx, queue_id))
        if waiting:
            count = f"{waiting} task waits" if waiting == 1 else f"{waiting} tasks wait"
            raise StateError(f'Cannot delete the queue "{found}": {count} in it. Clear it or move them first.')
        tx.execute(sa.delete(tables.queue).where(_Q.id == queue_id))
        tx.notify()


def clear(store: Store, name: str, by: str = "") -> list[str]:
    """Dequeue every task of a queue and return their ids.

    Raises:
        NotFound: no such queue.
    """
    with store.write(by) as tx:
        queue_id, found = find(tx, name)
        tasks = _waiting(tx, queue_id)
        for task in tasks:
            transitions.change(tx, task, Action.DEQUEUE, reason=f"the queue {found} was cleared")
    return tasks


def _waiting(tx: Transaction, queue_id: str) -> list[str]:
    wanted = sa.select(_E.task_id).where(_E.queue_id == queue_id).order_by(_E.position, _E.task_id)
    return list(tx.execute(wanted).scalars())


def move(store: Store, task: str, position: int, by: str = "", queue: str | None = None) -> int:
    """Move a Pending task to a place of its queue, or of another, and return the place it has now.

    Args:
        store: where.
        task: the whole id.
        position: from 0, the first to be claimed; too large means last.
        by: who.
        queue: the other queue's name, None for the one it waits in.

    Raises:
        NotFound: no such task or queue.
        StateError: the task is not Pending.
    """
    with store.write(by) as tx:
        return shift(tx, task, position, queue)


def shift(tx: Transaction, task: str, position: int, queue: str | None = None) -> int:
    """Do what ``move`` does, inside somebody's transaction."""
    found = transitions.subject(tx, task)
    old = tx.execute(sa.select(_E.queue_id).where(_E.task_id == task)).scalar_one_or_none()
    if old is None:
        state = label(found.status)
        raise StateError(f'Cannot move "{found.name}" ({found.id[:8]}): it is {state}, so it is in no queue.')
    queue_id, name = (str(old), "") if queue is None else find(tx, queue)
    place = _put(tx, task, queue_id, position)
    tx.execute(sa.update(tables.task).where(_T.id == task).values(queue_id=queue_id, rev=tx.rev))
    if queue_id != old:
        transitions.explain(tx, found, "requeue", f"moved to {name}")
    return place


def _put(tx: Transaction, task: str, queue_id: str, position: int) -> int:
    """Give an entry a place in a queue, its own or another, and return the place it has now."""
    order = [other for other in _waiting(tx, queue_id) if other != task]
    place = max(0, min(position, len(order)))
    order.insert(place, task)
    tx.execute(sa.update(tables.queue_entry).where(_E.task_id == task).values(queue_id=queue_id))
    _renumber(tx, order)
    return place


def _renumber(tx: Transaction, order: Sequence[str]) -> None:
    statement = sa.update(tables.queue_entry).where(_E.task_id == sa.bindparam("which"))
    numbered = [{"which": task, "place": number} for number, task in enumerate(order, 1)]
    tx.execute(statement.values(position=sa.bindparam("place")), numbered)


def claim(store: Store, worker: str, queues: Sequence[str], by: str = "") -> Claim | None:
    """Take the next task: the first of the first queue named that has one; None if all are empty.

    The task is Running from now on, in a new execution. A worker that was asked to drain or stop gets nothing.

    Args:
        store: where.
        worker: the worker's id (see ``register``).
        queues: names in order of priority; names that are no queue are passed over.
        by: who.
    """
    with store.read() as c:
        if c.execute(sa.select(_E.task_id).join(tables.queue).where(_Q.name.in_(list(queues)))).first() is None:
            return None  # nothing there: no write transaction, so that waiting agents cost nothing
    with store.write(by) as tx:
        agent = tx.execute(sa.select(_W.name, _W.host, _W.state).where(_W.id == worker)).first()
        if agent is not None and agent.state in _ASKED:
            return None
        name, host = (agent.name, agent.host) if agent is not None else (worker, "")
        for queue in queues:
            task = _first(tx, queue)
            if task is not None:
                execution = _take(tx, task, worker, name, host, queue)
                return Claim(task, execution, queue)
    return None


def _first(tx: Transaction, queue: str) -> str | None:
    wanted = (
        sa.select(_E.task_id)
        .join(tables.queue)
        .where(_Q.name == queue)
        .order_by(_E.position, _E.task_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=tables.queue_entry)
    )
    found = tx.execute(wanted).scalar_one_or_none()
    return None if found is None else str(found)


def _take(tx: Transaction, task: str, worker: str, name: str, host: str, queue: str) -> int:
    reason = f"claimed by {name} from {queue}"
    execution = transitions.start(tx, task, mode="claimed", host=host, reason=reason, worker=name)
    state = {"task_id": task, "state": "running", "heartbeat": tx.now}
    tx.execute(sa.update(tables.worker).where(_W.id == worker).values(**state))
    return execution


def register(store: Store, row: WorkerRow) -> None:
    """Make an agent known, or anew after it was counted as lost."""
    values = {
        "id": row.id, "name": row.name, "host": row.host, "user": row.user, "pid": row.pid, "task_id": row.task,
        "queues": json.dumps(row.queues), "state": row.state, "started": row.started, "heartbeat": row.heartbeat,
        "process": row.process,
    }  # fmt: skip
    with store.write() as tx:
        tx.execute(tables.upsert(tables.worker, tx.connection.dialect.name), values)
        tx.notify()


def beat(store: Store, worker: str, held: tuple[str, int] | None, state: str) -> list[str]:
    """Renew a worker's lease and return what is asked of it; ``held`` is the task it runs and in which execution.

    Returns:
        Any of ``abort`` (end the task it named: asked for, or taken from it), ``drain`` (claim no more), ``stop``
        (end now) and ``lost`` (its lease had run out and others have settled its task: register again).
    """
    task = held[0] if held is not None else None
    with store.write() as tx:
        asked = tx.execute(sa.select(_W.state).where(_W.id == worker)).scalar_one_or_none()
        kept = asked if asked in _ASKED else state
        tx.execute(sa.update(tables.worker).where(_W.id == worker).values(heartbeat=tx.now, task_id=task, state=kept))
        requests = {"draining": ["drain"], "stopping": ["stop"]}.get(str(asked), ["lost"] if asked is None else [])
        return (["abort"] if held is not None and to_be_ended(tx, *held) else []) + requests


def to_be_ended(c: tables.Executes, task: str, execution: int) -> bool:
    """Whether an abort was asked for, or the task is no longer its worker's; one that ended by itself is let be.

    One that has been started anew since ``execution`` is somebody else's: their claim, or a script by hand.
    """
    found = c.execute(sa.select(_T.status, _T.execution, _T.abort_requested).where(_T.id == task)).first()
    if found is None or found.execution != execution or found.status in (Status.DRAFT, Status.PENDING, Status.ABORTED):
        return True
    return bool(found.status == Status.RUNNING and found.abort_requested is not None)


def unregister(store: Store, worker: str) -> None:
    """Forget an agent that has ended."""
    with store.write() as tx:
        tx.execute(sa.delete(tables.worker).where(_W.id == worker))
        tx.notify()


def workers(c: tables.Executes) -> list[WorkerRow]:
    """Return the agents by name."""
    found = c.execute(sa.select(tables.worker).order_by(_W.name, _W.id)).all()
    return [
        WorkerRow(
            row.id, row.name, row.host, row.user, row.pid, json_list(row.queues), row.task_id, row.state, row.started,
            row.heartbeat, row.process,
        )
        for row in found
    ]  # fmt: skip


def ask(store: Store, worker: str, state: str) -> None:
    """Ask an agent to drain (``draining``) or stop (``stopping``), or take that back (``idle``).

    Raises:
        NotFound: no such agent; the message names the nearest.
    """
    with store.write() as tx:
        changed = tx.execute(
            sa.update(tables.worker).where(sa.or_(_W.id == worker, _W.name == worker)).values(state=state)
        )
        if changed.rowcount == 0:
            known = tx.execute(sa.select(_W.name)).scalars()
            raise NotFound(f"There is no worker {shown(worker)}.{nearest(worker, known)} See `capture agent list`.")
        tx.notify()


def living(tx: Transaction, task: str) -> bool:
    """Whether a task is held by an agent that is not lost."""
    return any(worker.task == task and not worker.lost(tx.now) for worker in workers(tx))


def lost(store: Store, now: float | None = None) -> list[str]:
    """Settle the tasks of agents that are lost and whose task shows no sign of life either; return the tasks.

    They are Failed (Aborted if that was asked for): whether the work was done is not known, and a task is never run
    twice without anybody asking for it.
    """
    now = clock.now() if now is None else now
    with store.read() as c:
        if not any(worker.lost(now) for worker in workers(c)):
            return []
    settled = []
    with store.write() as tx:
        for worker in workers(tx):
            if not worker.lost(now) or (worker.task is not None and _still_writes(tx, worker, now)):
                continue
            if worker.task is not None and _settle(tx, worker):
                settled.append(worker.task)
            tx.execute(sa.delete(tables.worker).where(_W.id == worker.id))
            tx.notify()
    return settled


def _still_writes(tx: Transaction, worker: WorkerRow, now: float) -> bool:
    """Whether a lost agent's task shows life: its runner ends it, in the journal. Without one nobody ever will."""
    running = (_T.id == worker.task, _T.status == Status.RUNNING)
    w = tables.writer.c
    written = sa.exists().where(w.task_id == _T.id, w.execution == _T.execution, w.ended.is_(None))
    wanted = sa.select(_T.id).where(*running, *([written] if worker.gone() else []))
    lives = worker.task is not None and transitions.last_sign(tx, worker.task) > now - LEASE
    return lives and tx.execute(wanted).first() is not None


def _settle(tx: Transaction, worker: WorkerRow) -> bool:
    found = tx.execute(sa.select(_T.execution, _T.worker).where(_T.id == worker.task)).first()
    if found is None or found.worker != worker.name:  # somebody else has started it since
        return False
    why = "died" if worker.gone() else f"lost: no sign of life for {LEASE:.0f} s"
    assert worker.task is not None
    return transitions.finish(tx, worker.task, found.execution, Status.FAILED, f"worker {worker.name} {why}")
