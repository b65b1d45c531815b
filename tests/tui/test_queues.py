"""Queues, workers and machines by keys: what is shown, why a task waits, and what is done to them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from textual.strip import Strip

from store import alive, commands, hosts, queues, who
from store.engine import Store
from store.lifecycle import Status
from store.models import metadata
from store.queries import tasks
from store.records import GpuRow, Holder, HostRow, Load, TaskRow, WorkerRow
from tests.tui.at_home import Home, OnHome, in_state
from tests.tui.made import BY, Run, draft
from tui.look import Look
from tui.queues_data import Floor
from tui.screens.queues import QueuesScreen
from tui.widgets.board import Board


def pending(store: Store, name: str, queue: str | None = None) -> str:
    task = draft(store, name)
    commands.enqueue(store, task, by=BY, queue=queue)
    return task


def order(store: Store, name: str = "default") -> list[str]:
    with store.read() as c:
        return next((queue.tasks for queue in queues.listing(c) if queue.name == name), [])


def row(store: Store, task: str) -> TaskRow:
    with store.read() as c:
        return tasks.rows(c, [task])[0]


def agent(store: Store, name: str = "gpu1", task: str | None = None, **fields: object) -> WorkerRow:
    now = time.time()
    made = WorkerRow(f"{name:0<32}", name, "lab", "ada", 42, ["default"], task, "idle", now, now)
    made = replace(made, **fields)  # type: ignore[arg-type]
    queues.register(store, made)
    return made


def workers(store: Store) -> dict[str, str]:
    with store.read() as c:
        return {worker.name: worker.state for worker in queues.workers(c)}


@asynccontextmanager
async def on_queues(
    store: Store, size: tuple[int, int] = (100, 30), look: Look | None = None, read_only: bool = False
) -> AsyncIterator[Home]:
    async with OnHome(store, size, look=look, read_only=read_only) as home:
        await home.press("W")
        await home.until(lambda: isinstance(home.app.screen, QueuesScreen), "the screen")
        await home.until(lambda: all(board.known for board in home.app.screen.query(Board)), "what there is")
        yield home


def floor(home: Home) -> Floor:
    assert isinstance(home.app.screen, QueuesScreen)
    return home.app.screen.floor


def watch_lines(board: Board, drawn: list[int]) -> None:
    """Note every line that a board draws from now on."""
    render = board.render_line

    def noted(y: int) -> Strip:
        drawn.append(y)
        return render(y)

    board.render_line = noted  # type: ignore[method-assign]


def heartbeat(store: Store) -> float:
    with store.read() as c:
        return queues.workers(c)[0].heartbeat


async def to_line(home: Home, text: str) -> None:
    """Move down to the line with a text."""
    await home.press("g")
    for _ in range(40):
        if text in at_cursor(home):
            return
        await home.press("j")
    raise AssertionError(f"no line with {text!r}\n{home.text()}")


def at_cursor(home: Home) -> str:
    focused = home.app.screen.focused
    assert isinstance(focused, Board)
    return focused.draw(focused.cursor - focused.top + focused.HEAD).text


# What is shown ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_queues_with_their_tasks_in_order_workers_and_machine_stand_together(
    store: Store, size: tuple[int, int]
) -> None:
    run = Run(store, "resnet34")
    run.tell(e="progress", value=61)
    queues.create(store, "nightly", BY)
    for name in ("first one", "second one"):
        pending(store, name)
    agent(store, task=run.id)
    async with on_queues(store, size) as home:
        text = await home.sees("Queues", "Workers", "Machine", "61%", "cpu", "memory")
        lines = [line for line in text.splitlines() if "one" in line]
        assert ["1 first one" in lines[0], "2 second one" in lines[1]] == [True, True]
        assert "default  2 waiting  agents: gpu1" in text
        assert "nightly  empty" in text
        assert "2 waiting  1 worker" in text.splitlines()[0]


async def test_a_new_store_says_what_would_be_here(store: Store) -> None:
    async with on_queues(store, (80, 24)) as home:
        text = await home.sees("capture agent --queue default", "No GPU here: they are looked for while a task runs.")
        assert "default  empty" in text and "no worker" in text


async def test_why_a_task_waits_is_said_below(store: Store) -> None:
    for name in ("first one", "second one"):
        pending(store, name)
    async with on_queues(store) as home:
        await to_line(home, "first one")
        await home.sees("No agent serves this queue: `capture agent --queue default` starts one.")
        run = Run(store, "resnet34")
        agent(store, task=run.id)
        await home.sees(f'Its agent is busy: gpu1 with "resnet34" ({run.id[:8]}); it is the next.')
        await home.press("j")
        await home.sees('it is 2nd, behind "first one"')
        queues.ask(store, "gpu1", "draining")
        await home.sees("Its agent gpu1 is draining and takes no more tasks")


async def test_what_others_do_appears_and_what_changes_nothing_draws_nothing(store: Store) -> None:
    worker = agent(store)
    async with on_queues(store) as home:
        task = pending(store, "from elsewhere")
        await home.sees("1 from elsewhere", "1 waiting")
        commands.describe(store, task, by=BY, name="renamed elsewhere")
        await home.sees("1 renamed elsewhere")
        queues.create(store, "nightly", BY)
        await home.sees("nightly  empty")
        drawn: list[int] = []
        for board in list(home.app.screen.query(Board))[:2]:
            watch_lines(board, drawn)
        queues.beat(store, worker.id, None, "idle")
        seen_at = heartbeat(store)
        await home.until(lambda: floor(home).workers[0].heartbeat == seen_at, "the sign of life was read")
        assert drawn == []
        queues.unregister(store, worker.id)
        await home.sees("no worker")
        assert drawn


async def test_a_lost_worker_says_so(store: Store) -> None:
    task = pending(store, "waits for it")
    agent(store, "gpu7", heartbeat=time.time() - 300)
    async with on_queues(store) as home:
        await home.sees("lost", "1 lost")
        await to_line(home, "waits for it")
        await home.sees("Its agent gpu7 was lost: `capture agent --queue default` starts another.")
        await home.press("tab")
        await home.sees("It was lost: no sign of life for 5m.")
        await home.press("d")
        await home.sees("Cannot drain gpu7: it was lost, there is nobody to ask.")
        ended = f"{alive.boot_id()} {alive.pid_namespace()} 1"  # of another process that had this number before
        agent(store, "gpu7", heartbeat=time.time() - 2, pid=os.getpid(), process=ended)
        await home.sees("It ended without saying so, last seen ")
    assert row(store, task).status == Status.PENDING


# Tasks in their queues ----------------------------------------------------------------------------------------------


async def test_a_task_is_moved_and_the_cursor_stays_on_it(store: Store) -> None:
    a, b, c = (pending(store, name) for name in ("task a", "task b", "task c"))
    async with on_queues(store) as home:
        await to_line(home, "task c")
        await home.press("K", "K")
        await home.until(lambda: order(store) == [c, a, b], "first by two steps")
        await home.until(lambda: "1 task c" in at_cursor(home), "the cursor went with it")
        await home.press("K")  # there is no higher place
        await home.press("J")
        await home.until(lambda: order(store) == [a, c, b], "one down")
        await to_line(home, "task b")
        await home.press("T")
        await home.until(lambda: order(store) == [b, a, c], "to the top")


async def test_a_task_is_moved_to_another_queue(store: Store) -> None:
    task = pending(store, "the moved one")
    async with on_queues(store) as home:
        await to_line(home, "the moved one")
        await home.press("o")
        await home.sees("There is no other queue. Make one first (n).")
        queues.create(store, "nightly", BY)
        there = pending(store, "was there", "nightly")
        await home.sees("was there")
        await home.press("o")
        await home.sees("To the end of which queue?", "nightly")
        await home.press("enter")
        await home.sees('Moved "the moved one"')
        await home.keys("q")
        await home.sees("Pending: moved to nightly")
    assert (order(store), order(store, "nightly")) == ([], [there, task])


async def test_tasks_of_the_same_name_are_told_apart_by_their_ids(store: Store) -> None:
    one, other, third = (pending(store, name) for name in ("twin", "twin", "alone"))
    async with on_queues(store) as home:
        shown = await home.sees(one[:8], other[:8], "alone")
        assert third[:8] not in shown


SAID = ("rev", "status_reason", "status_by")


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, without the revisions and what is said of the moves."""
    with store.read() as c:
        found = {}
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in SAID]
            found[table.name] = sorted(tuple(row) for row in c.execute(sa.select(*columns)))
    return found | {"meta": [], "task_event": []}


async def test_moves_are_undone_and_the_store_is_as_it_was(store: Store) -> None:
    queues.create(store, "nightly", BY)
    a, b, c = (pending(store, name) for name in ("task a", "task b", "task c"))
    night = pending(store, "was there", "nightly")
    before = everything(store)
    async with on_queues(store) as home:
        await to_line(home, "task c")
        await home.press("T")
        await home.until(lambda: order(store) == [c, a, b], "to the top")
        await to_line(home, "task a")
        await home.press("o")
        await home.sees("To the end of which queue?")
        await home.press("enter")
        await home.sees('Moved "task a"')
        after = everything(store)
        assert (order(store), order(store, "nightly")) == ([c, b], [night, a])
        await home.press("z")
        await home.sees(f'Undone: moved in the queue "task a" ({a[:8]}).')
        await home.until(lambda: order(store) == [c, a, b], "back in its queue, at its place")
        await home.press("z")
        await home.until(lambda: order(store) == [a, b, c], "all where they were")
        assert everything(store) == before
        await home.press("Z", "Z")
        await home.until(lambda: order(store, "nightly") == [night, a], "done again")
        assert everything(store) == after
        commands.describe(store, a, by=BY, name="task d")
        await home.press("z")
        await home.sees("was changed since")
        assert order(store, "nightly") == [night, a]
        await home.press("z")
        await home.until(lambda: order(store) == [b, c], "the last place there is")


async def test_q_dequeues_enter_opens_and_z_takes_back(store: Store) -> None:
    first, second = pending(store, "first one"), pending(store, "second one")
    async with on_queues(store) as home:
        await to_line(home, "first one")
        await home.sees("Q dequeue")
        await home.press("Q")
        await home.sees("Dequeued")
        assert row(store, first).status == Status.DRAFT
        await home.press("z")
        await home.until(lambda: order(store) == [first, second], "in its old place")
        await to_line(home, "second one")
        await home.press("enter")
        await home.until(lambda: home.screen.task_id == second, "its screen")
        await home.press("q")
        await home.until(lambda: isinstance(home.app.screen, QueuesScreen), "back")
        await home.press("q")
        await home.until(lambda: home.app.screen is home.home, "home again")


async def test_a_claimed_task_goes_from_the_queue_to_its_worker(store: Store) -> None:
    task = pending(store, "the claimed one")
    worker = agent(store)
    async with on_queues(store) as home:
        await home.sees("1 the claimed one")
        queues.claim(store, worker.id, ["default"], BY)
        text = await home.sees("default  empty", "running")
        assert "the claimed one" in next(line for line in text.splitlines() if "running" in line)
        await home.press("tab", "enter")
        await home.until(lambda: home.screen.task_id == task, "its screen")


# Queues -------------------------------------------------------------------------------------------------------------


async def test_queues_are_made_renamed_and_deleted_with_the_stores_refusals(store: Store) -> None:
    async with on_queues(store) as home:
        await home.press("n")
        await home.sees("New queue")
        await home.press(*"ab", "enter")
        await home.sees("Invalid queue name")
        await home.press(*"c", "enter")
        await home.sees('Made the queue "abc".', "abc  empty")
        await to_line(home, "abc")
        await home.press("r")
        await home.sees('Rename the queue "abc"')
        await home.press("ctrl+u", *"default", "enter")
        await home.sees('There is a queue "default" already.')
        await home.press("ctrl+u", *"nightly", "enter")
        await home.sees('The queue "abc" is "nightly" now.', "nightly  empty")
        pending(store, "waits there", "nightly")
        await home.sees("waits there")
        await to_line(home, "nightly")
        await home.press("D")
        await home.sees('Cannot delete the queue "nightly": 1 task waits in it. Clear it or move them first.')
        await to_line(home, "default")
        await home.press("D")
        await home.sees('Cannot delete the queue "default": it always exists.')
        commands.dequeue(store, order(store, "nightly")[0], by=BY)
        await home.sees("nightly  empty")
        await to_line(home, "nightly")
        await home.press("D")
        await home.sees('Delete the queue "nightly"?')
        await home.press("y")
        await home.sees('Deleted the queue "nightly".')
        await home.until(lambda: "nightly  empty" not in home.text(), "gone")


async def test_a_queue_is_cleared_and_that_is_undone(store: Store) -> None:
    both = [pending(store, "first one"), pending(store, "second one")]
    async with on_queues(store) as home:
        await to_line(home, "default")
        await home.press("Q")
        await home.sees("Dequeue 2 tasks?", "first one", "They become Drafts again.")
        await home.press("y")
        await home.sees("Dequeued 2 of 2 tasks.", "default  empty")
        assert order(store) == []
        await home.press("z")
        await home.until(lambda: order(store) == both, "both again, in their order")
        await home.sees("default  2 waiting")


# Workers ------------------------------------------------------------------------------------------------------------


async def test_an_agent_is_drained_taken_back_and_stopped(store: Store) -> None:
    run = Run(store, "resnet34")
    agent(store, task=run.id)
    async with on_queues(store) as home:
        await home.press("tab", "d")
        await home.sees("Drain gpu1?", 'It takes no more tasks, and ends after "resnet34"')
        await home.press("n")
        await home.until(lambda: isinstance(home.app.screen, QueuesScreen), "left")
        assert workers(store) == {"gpu1": "idle"}
        await home.press("d")
        await home.sees("Drain gpu1?")
        await home.press("y")
        await home.sees("Asked gpu1 to drain.", "draining")
        assert workers(store) == {"gpu1": "draining"}
        await home.press("d")
        await home.sees("gpu1 takes tasks again.")
        assert workers(store) == {"gpu1": "idle"}
        await home.press("S")
        await home.sees("Stop gpu1?", f'"resnet34" ({run.id[:8]}) is aborted')
        await home.press("y")
        await home.sees("Asked gpu1 to stop.", "stopping")
        await home.press("d")
        await home.sees("Cannot drain gpu1: it is stopping already.")
    assert workers(store) == {"gpu1": "stopping"}


# GPUs ---------------------------------------------------------------------------------------------------------------


def seen(host: str, age: float, *gpus: GpuRow, problem: str = "") -> HostRow:
    return HostRow(host, time.time() - age, Load(35.0, 40e9, 128e9, 212e9, 500e9), gpus, problem)


async def test_each_gpu_says_who_holds_it_and_what_is_free(store: Store) -> None:
    run = Run(store, "resnet34")
    ended = in_state(store, Status.COMPLETED, "the ended one")
    a100 = GpuRow(0, "NVIDIA A100-SXM4-80GB", 97.0, 40000.0, 81920.0)
    gpus = [
        replace(a100, holders=(Holder(1, "ada", run.id, 20000.0), Holder(2, "ada", run.id, 20000.0))),
        replace(a100, index=1, holders=(Holder(3, "bob", "", 60000.0), Holder(4, "", "", 10.0))),
        replace(a100, index=2, memory_used=4.0, utilization=0.0),
        replace(a100, index=3, utilization=None),
        replace(a100, index=4, holders=(Holder(5, "ada", ended, 1.0), Holder(6, "cy", "f" * 32, 1.0))),
    ]
    hosts.note(store, seen(who.host(), 0, *gpus))
    async with on_queues(store, (240, 48)) as home:
        await home.sees("resnet34 (ada)", "bob (pid 3); pid 4, out of sight")
        text = await home.sees("the ended one (ada, Completed)", "a task that was deleted, ffffffff (cy)")
        lines = {line.split("A100")[0].split()[-2]: line for line in text.splitlines() if "A100" in line}
        assert lines["2"].endswith("0/80 GiB  free")
        assert "in use, by whom cannot be seen" in lines["3"]
        await home.press("tab", "tab", "j")
        await home.sees("GPU 0, NVIDIA A100-SXM4-80GB. resnet34 (ada): 39 GiB.")
        await home.press("enter")
        await home.until(lambda: home.screen.task_id == run.id, "the task that holds it")


async def test_a_workers_line_says_how_busy_its_machine_and_the_gpus_of_its_task_are(store: Store) -> None:
    run, other = Run(store, "resnet34"), Run(store, "resnet50")
    agent(store, "one", run.id, host="lab7")
    agent(store, "two", other.id, host="lab8")
    agent(store, "three", host="lab7")
    free = GpuRow(0, "A100", 4.0, 4.0, 81920.0)
    held = [
        GpuRow(n, "A100", busy, 9.0, 81920.0, (Holder(5, "ada", run.id, 1.0),)) for n, busy in ((1, 90.0), (2, 70.0))
    ]
    for name, age in (("lab7", 0), ("lab8", 600)):
        hosts.note(store, seen(name, age, free, *held))
    async with on_queues(store, (80, 24)) as home:
        text = await home.sees("one", "two", "three")
        lines = {line.lstrip("▌ ").partition(" ")[0]: line for line in text.splitlines()}
        assert "resnet34" in lines["one"] and "cpu █   35% gpu ██▍ 80%" in lines["one"]
        assert "resnet50" in lines["two"] and "cpu" not in lines["two"], "its machine has not been seen for long"
        assert "cpu" not in lines["three"], "it keeps nothing busy"


async def test_an_old_sample_says_how_old_it_is_and_no_gpu_is_one_sentence(store: Store) -> None:
    hosts.note(store, seen("lab7", 600, GpuRow(0, "A100", 5.0, 4.0, 81920.0)))
    hosts.note(store, seen("lab8", 0, problem="there is no nvidia-smi"))
    hosts.note(store, seen("long-gone", 30 * 86400.0))
    async with on_queues(store, (160, 48)) as home:
        text = await home.sees("No GPU here: there is no nvidia-smi.")
        lab7, lab8 = (next(line for line in text.splitlines() if name in line) for name in ("lab7", "lab8"))
        assert "lab7  as of 10m ago  cpu" in lab7 and "ago" not in lab8
        assert "long-gone" not in text


# Elsewhere ----------------------------------------------------------------------------------------------------------


async def test_a_dashboard_that_only_looks_refuses_every_change(store: Store) -> None:
    task = pending(store, "the waiting one")
    agent(store)
    async with on_queues(store, read_only=True) as home:
        await to_line(home, "the waiting one")
        for key in ("K", "o", "Q", "n"):
            await home.press(key)
            await home.sees("Cannot change anything: this dashboard is open read-only.")
            await home.press("g")
            await to_line(home, "the waiting one")
        await home.press("tab", "S")
        await home.sees("Cannot change anything")
    assert (order(store), workers(store)) == ([task], {"gpu1": "idle"})


async def test_the_ascii_form_has_ascii_only(store: Store) -> None:
    run = Run(store, "resnet34")
    run.tell(e="progress", value=61)
    agent(store, task=run.id)
    hosts.note(store, seen(who.host(), 0, GpuRow(0, "A100", 50.0, 4.0, 81920.0)))
    async with on_queues(store, (80, 24), look=Look(ascii=True)) as home:
        text = await home.sees("61%", "cpu")
        assert text.isascii()


def test_one_picture_of_it(store: Store) -> None:
    pending(store, "the waiting one")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tui.cli", "--once", "--screen", "queues"], capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": os.getcwd(), "COLUMNS": "90", "LINES": "24"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert all(text in done.stdout for text in ("1 the waiting one", "Workers", "Machine", "cpu"))
