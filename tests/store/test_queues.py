"""Queues, claims and agents' leases; claims by many processes at once, on both engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from store import alive, clock, commands, queues, tables, transitions
from store.engine import Store, open_store
from store.errors import InvalidValue, NotFound, StateError
from store.lifecycle import Status
from store.records import Claim, WorkerRow
from tests.store.processes import at_once
from tests.store.states import BY, draft, in_state, row, rows_of, running, status_of, waiting


def pending(store: Store, queue: str | None = None) -> str:
    task = draft(store)
    commands.enqueue(store, task, by=BY, queue=queue)
    return task


def worker(name: str = "w1", **fields: object) -> WorkerRow:
    now = clock.now()
    made = WorkerRow(name * 4, name, "lab", "ada", 42, ["default"], None, "idle", now, now)
    return replace(made, **fields)  # type: ignore[arg-type]


def known(store: Store) -> dict[str, WorkerRow]:
    with store.read() as c:
        return {found.name: found for found in queues.workers(c)}


def names(store: Store) -> list[str]:
    with store.read() as c:
        return [found.name for found in queues.listing(c)]


def test_default_always_exists(store: Store) -> None:
    assert names(store) == ["default"]
    task = pending(store)
    assert waiting(store) == [task]
    with pytest.raises(InvalidValue, match='Cannot delete the queue "default": it always exists'):
        queues.delete(store, "default", BY)
    with pytest.raises(InvalidValue, match='Cannot rename the queue "default": it always exists'):
        queues.rename(store, "default", "other", BY)


def test_no_queue_takes_the_place_of_default(store: Store) -> None:
    queues.create(store, "other", BY)
    for change in (lambda: queues.rename(store, "other", "default", BY), lambda: queues.create(store, "default", BY)):
        with pytest.raises(InvalidValue, match='There is a queue "default" already'):
            change()
    assert names(store) == ["default", "other"]


def test_making_renaming_and_deleting_queues(store: Store) -> None:
    queues.create(store, " gpu big ", BY)
    assert names(store) == ["default", "gpu big"]
    with pytest.raises(InvalidValue, match="already"):
        queues.create(store, "gpu big", BY)
    with pytest.raises(InvalidValue, match="Invalid queue name"):
        queues.create(store, "ab", BY)
    queues.rename(store, "gpu big", "gpus", BY)
    task = pending(store, "gpus")
    with pytest.raises(StateError, match=r'Cannot delete the queue "gpus": 1 task waits in it'):
        queues.delete(store, "gpus", BY)
    assert queues.clear(store, "gpus", BY) == [task]
    assert status_of(store, task) is Status.DRAFT
    queues.delete(store, "gpus", BY)
    with pytest.raises(NotFound, match="There is no queue 'gpus'"):
        queues.delete(store, "gpus", BY)
    assert names(store) == ["default"]


def test_tasks_wait_in_the_order_they_came_and_can_be_moved(store: Store) -> None:
    first, second, third = pending(store), pending(store), pending(store)
    assert waiting(store) == [first, second, third]
    assert queues.move(store, third, 0, BY) == 0
    assert waiting(store) == [third, first, second]
    assert queues.move(store, third, 99, BY) == 2
    assert waiting(store) == [first, second, third]
    queues.create(store, "gpus", BY)
    queues.move(store, second, 0, BY, queue="gpus")
    assert (waiting(store), waiting(store, "gpus")) == ([first, third], [second])
    fourth = pending(store)
    assert waiting(store) == [first, third, fourth]
    with pytest.raises(StateError, match="it is Draft, so it is in no queue"):
        queues.move(store, draft(store), 0, BY)


def test_a_task_that_was_moved_says_in_which_queue_it_waits_and_its_history_too(store: Store) -> None:
    queues.create(store, "gpus", BY)
    task = pending(store)
    queues.move(store, task, 0, BY)
    assert row(store, task)["status_reason"] == "enqueued in default"
    queues.move(store, task, 0, "eve@lab", queue="gpus")
    now = row(store, task)
    assert (now["status"], now["status_reason"], now["status_by"]) == ("pending", "moved to gpus", "eve@lab")
    said = [(e["action"], e["reason"], e["by"]) for e in rows_of(store, tables.task_event, task)]
    assert said[-2:] == [("enqueue", "enqueued in default", BY), ("requeue", "moved to gpus", "eve@lab")]


def test_a_claim_takes_queues_in_the_order_named_and_tasks_in_the_order_they_came(store: Store) -> None:
    queues.create(store, "urgent", BY)
    slow = [pending(store), pending(store)]
    fast = pending(store, "urgent")
    queues.register(store, worker())
    claims = [queues.claim(store, "w1" * 4, ["nothing", "urgent", "default"], BY) for _ in range(4)]
    expected: list[Claim | None] = [Claim(fast, 1, "urgent"), *(Claim(task, 1, "default") for task in slow), None]
    assert claims == expected
    now = row(store, fast)
    assert (now["status"], now["worker"], now["host"], now["user"]) == ("running", "w1", "lab", "ada")
    assert now["status_reason"] == "claimed by w1 from urgent"
    assert (known(store)["w1"].task, known(store)["w1"].state) == (slow[1], "running")


def test_waiting_for_a_task_writes_nothing(store: Store) -> None:
    queues.create(store, "urgent", BY)
    with store.read() as c:
        before = c.execute(tables.meta.select()).all()
    assert queues.claim(store, "w1", ["urgent", "default"], BY) is None
    with store.read() as c:
        assert c.execute(tables.meta.select()).all() == before


def test_a_claimed_task_that_ran_before_gets_the_next_execution(store: Store) -> None:
    task = in_state(store, Status.FAILED)
    commands.retry(store, task, by=BY)
    assert queues.claim(store, "w1", ["default"], BY) == Claim(task, 2, "default")
    assert row(store, task)["closed_execution"] == 1


def test_eight_agents_claim_each_task_once(store: Store) -> None:
    def claim_all(number: int) -> str:
        mine = []
        with open_store(store.location.setting) as own:
            while (claim := queues.claim(own, f"agent{number}", ["default"], BY)) is not None:
                mine.append([claim.task, claim.execution])
        return json.dumps(mine)

    tasks = [pending(store) for _ in range(60)]
    claimed = [tuple(claim) for mine in at_once(8, claim_all) for claim in json.loads(mine)]
    assert Counter(claimed) == Counter((task, 1) for task in tasks)
    starts = [e for task in tasks for e in rows_of(store, tables.task_event, task) if e["action"] == "start"]
    assert len(starts) == 60
    assert waiting(store) == []


def test_a_beat_renews_the_lease_and_tells_what_is_asked(store: Store) -> None:
    queues.register(store, worker(heartbeat=1.0))
    task = pending(store)
    queues.claim(store, "w1" * 4, ["default"], BY)
    assert queues.beat(store, "w1" * 4, (task, 1), "running") == []
    assert known(store)["w1"].heartbeat > 1.0
    assert commands.abort(store, task, by=BY) is False, "its agent is alive: it is asked"
    assert queues.beat(store, "w1" * 4, (task, 1), "running") == ["abort"]
    queues.ask(store, "w1", "draining")
    assert queues.beat(store, "w1" * 4, (task, 1), "running") == ["abort", "drain"]
    assert queues.beat(store, "w1" * 4, None, "idle") == ["drain"]
    assert known(store)["w1"].state == "draining", "a beat does not take the request back"
    queues.ask(store, "w1" * 4, "stopping")
    assert queues.beat(store, "w1" * 4, None, "idle") == ["stop"]
    with pytest.raises(NotFound, match=r'Did you mean "w1"\?'):
        queues.ask(store, "w11", "draining")


@pytest.mark.parametrize(
    ("status", "asked"),
    [(Status.COMPLETED, []), (Status.FAILED, []), (Status.ABORTED, ["abort"])],
)
def test_a_task_that_ended_by_itself_is_let_be(store: Store, status: Status, asked: list[str]) -> None:
    queues.register(store, worker())
    task = running(store)
    with store.write(BY) as tx:
        transitions.finish(tx, task, 1, status)
    assert queues.beat(store, "w1" * 4, (task, 1), "running") == asked


def test_a_worker_that_was_lost_and_comes_back_ends_what_another_runs_by_now(store: Store) -> None:
    task, later = claimed_by_one_that_died(store)
    queues.lost(store, later)
    commands.retry(store, task, by=BY)
    queues.register(store, worker("w2"))
    assert queues.claim(store, "w2" * 4, ["default"], BY) == Claim(task, 2, "default")
    assert queues.beat(store, "w1" * 4, (task, 1), "running") == ["abort", "lost"]
    assert queues.beat(store, "w2" * 4, (task, 2), "running") == []
    with store.read() as c:
        assert [queues.to_be_ended(c, task, execution) for execution in (1, 2)] == [True, False]


def test_a_draining_worker_gets_nothing(store: Store) -> None:
    queues.register(store, worker())
    task = pending(store)
    queues.ask(store, "w1", "draining")
    assert queues.claim(store, "w1" * 4, ["default"], BY) is None
    assert waiting(store) == [task]


def test_a_worker_can_leave(store: Store) -> None:
    queues.register(store, worker())
    queues.register(store, worker("w2"))
    queues.unregister(store, "w1" * 4)
    assert list(known(store)) == ["w2"]
    assert queues.beat(store, "w1" * 4, None, "idle") == ["lost"]


def claimed_by_one_that_died(store: Store) -> tuple[str, float]:
    """Return a task whose worker has not been heard of since the claim, and a time after its lease."""
    queues.register(store, worker())
    task = pending(store)
    queues.claim(store, "w1" * 4, ["default"], BY)
    return task, clock.now() + queues.LEASE + 1


def test_a_lost_workers_task_is_failed_once(store: Store) -> None:
    task, later = claimed_by_one_that_died(store)
    assert queues.lost(store) == []
    assert status_of(store, task) is Status.RUNNING
    assert queues.lost(store, later) == [task]
    now = row(store, task)
    assert (now["status"], now["status_reason"]) == ("failed", "worker w1 lost: no sign of life for 90 s")
    assert known(store) == {}
    assert queues.lost(store, later) == []


def test_a_worker_of_this_machine_whose_process_has_ended_is_lost_at_once(store: Store) -> None:
    child = subprocess.run(
        [sys.executable, "-c", "import os\nfrom store import alive\nprint(os.getpid(), alive.me(), sep=',')"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    pid, process = child.stdout.strip().split(",")
    queues.register(store, worker("w0", pid=os.getpid(), process=alive.me()))
    queues.register(store, worker("w2", pid=int(pid), process=f"another-boot {process}"))
    queues.register(store, worker(pid=int(pid), process=process))
    task = pending(store)
    queues.claim(store, "w1" * 4, ["default"], BY)
    assert [row.name for row in known(store).values() if row.lost(clock.now())] == ["w1"]
    assert queues.lost(store) == [task]
    assert (row(store, task)["status"], row(store, task)["status_reason"]) == ("failed", "worker w1 died")
    assert list(known(store)) == ["w0", "w2"]


_LOOK = """
import os, subprocess, sys
subprocess.run(["mount", "-t", "proc", "-o", f"hidepid={sys.argv[1]}", "proc", "/proc"], check=True)
from store import alive
pid, process = int(sys.argv[2]), sys.argv[3]
alive.me()
os.setgroups([]), os.setresgid(65534, 65534, 65534), os.setresuid(65534, 65534, 65534)
print(alive.start_time(pid), alive.gone(pid, process), alive.gone(2**22 + 1, process), alive.gone(2**70, process))
"""


@pytest.mark.skipif(os.getuid() != 0 or not sys.platform.startswith("linux"), reason="mounts a /proc that hides")
@pytest.mark.parametrize("hidden", ["1", "2"])
def test_a_process_that_proc_hides_from_other_users_is_not_taken_for_gone(hidden: str) -> None:
    words = [sys.executable, "-c", _LOOK, hidden, str(os.getpid()), alive.me()]
    looked = subprocess.run(
        ["unshare", "--mount", *words], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    if "mount" in looked.stderr:
        pytest.skip(f"may not mount here: {looked.stderr}")
    assert looked.stdout.split() == ["None", "False", "True", "True"], looked.stderr


def test_a_lost_workers_task_is_aborted_if_that_was_asked_for(store: Store) -> None:
    task, later = claimed_by_one_that_died(store)
    commands.abort(store, task, by="grace@box")
    assert queues.lost(store, later) == [task]
    assert (row(store, task)["status"], row(store, task)["status_reason"]) == ("aborted", "aborted by grace@box")


def test_a_task_that_still_writes_is_not_lost(store: Store) -> None:
    task, later = claimed_by_one_that_died(store)
    with store.write() as tx:
        tx.execute(tables.task.update().where(tables.task.c.id == task).values(last_seen=later - 5))
    assert queues.lost(store, later) == []
    assert status_of(store, task) is Status.RUNNING
    assert list(known(store)) == ["w1"]
    assert queues.lost(store, later + queues.LEASE) == [task]


def test_a_task_that_another_worker_has_by_now_is_not_the_lost_ones(store: Store) -> None:
    task, _ = claimed_by_one_that_died(store)
    with store.write(BY) as tx:
        transitions.finish(tx, task, 1, Status.FAILED)
    commands.retry(store, task, by=BY)
    queues.register(store, worker("w2"))
    queues.claim(store, "w2" * 4, ["default"], BY)
    queues.register(store, worker(task=task, state="running", heartbeat=clock.now() - queues.LEASE - 1))
    assert queues.lost(store) == []
    assert status_of(store, task) is Status.RUNNING
    assert list(known(store)) == ["w2"]
