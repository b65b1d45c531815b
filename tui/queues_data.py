"""What the screen of queues, workers and machines asks of the store, and what it knows then: plain records.

``load`` runs in a query thread and imports the store there. Rows of tasks it has been told of already are not read
again: the feed brings what changes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from store import waiting
from store.records import STALE, HostRow, Load, QueueRow, TaskRow, WorkerRow

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

FORGOTTEN = 7 * 86400.0
"""Seconds after which a machine nobody has heard of is no longer shown."""


@dataclass(frozen=True)
class Floor:
    """Queues with their tasks in order, workers, machines, and the rows of all tasks these name."""

    queues: Sequence[QueueRow] = ()
    workers: Sequence[WorkerRow] = ()
    hosts: Sequence[HostRow] = ()
    rows: dict[str, TaskRow] = field(default_factory=dict)

    def tasks(self) -> set[str]:
        """Return the ids of every task that is named."""
        held = {holder.task for host in self.hosts for gpu in host.gpus for holder in gpu.holders}
        waits = {task for queue in self.queues for task in queue.tasks}
        return waits | {worker.task for worker in self.workers if worker.task} | (held - {""})

    def named(self, task: str) -> str:
        """Return a task as sentences name it."""
        row = self.rows.get(task)
        return f'"{row.name}" ({task[:8]})' if row is not None else task[:8]

    def queue_of(self, task: str) -> QueueRow | None:
        """Return the queue a task waits in."""
        return next((queue for queue in self.queues if task in queue.tasks), None)

    def why(self, task: str, queue: QueueRow, now: float) -> str:
        """Return why a task of a queue waits, in one sentence."""
        return waiting.why(queue.name, queue.tasks[: queue.tasks.index(task)], self.workers, self.named, now)

    def busy(self, worker: WorkerRow, now: float) -> tuple[float | None, float | None]:
        """Return how busy a worker's machine is, and the GPUs that its task holds: percent; None where nobody knows."""
        host = next((host for host in self.hosts if host.name == worker.host and now - host.time <= STALE), None)
        if host is None:
            return None, None
        held = [gpu for gpu in host.gpus if worker.task in {holder.task for holder in gpu.holders}]
        shares = [gpu.utilization for gpu in held if gpu.utilization is not None]
        return host.load.cpu if host.load is not None else None, sum(shares) / len(shares) if shares else None

    def with_load(self, host: str, load: Load, now: float) -> Floor:
        """Return the same with this machine's load of now, unless all tasks run on other machines."""
        if not self.hosts:
            return replace(self, hosts=[HostRow(host, now, load, problem="they are looked for while a task runs")])
        return replace(self, hosts=[replace(row, load=load) if row.name == host else row for row in self.hosts])


def load(c: Connection, known: Collection[str], now: float) -> Floor:
    """Return what there is, with the rows of the tasks that are not known yet."""
    from store import hosts, queues
    from store.queries import tasks

    machines = [row for row in hosts.listing(c) if now - row.time < FORGOTTEN]
    floor = Floor(queues.listing(c), queues.workers(c), machines)
    new = sorted(floor.tasks() - set(known))
    return replace(floor, rows={row.id: row for row in tasks.rows(c, new)} if new else {})
