"""How tasks end under an agent: exit codes, aborts of whole trees, stopped and killed agents."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sqlite3
import subprocess
from pathlib import Path

import psutil
import pytest

from store import clock, commands, queues
from store.engine import open_store
from tests.agent.place import Place, gone, kill
from tests.support import alive, eventually

pytestmark = pytest.mark.slow


ENDS = {
    "": ("completed", ""),
    "sys.exit(3)": ("failed", "exit code 3"),
    "raise ValueError('no')": ("failed", "ValueError: no"),
    "sys.exit('no data')": ("failed", "no data"),
    "os.system(f\"{sys.executable} -c 'from capture import Task; Task.init(); 1/0'\"); sys.exit(4)":
        ("failed", "exit code 4"),
    "os._exit(0)": ("completed", ""),
    "os._exit(7)": ("failed", "exit code 7"),
    "os.kill(os.getpid(), 9)": ("failed", "process died (signal 9)"),
    "os.kill(os.getpid(), 15)": ("aborted", "SIGTERM"),
    "os.abort()": ("failed", "killed by SIGABRT"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ended(shared_place: Place) -> dict[str, str]:
    """Have one agent run a script for each way to end, one after another; return their tasks."""
    head = "import os, sys\nfrom capture import Task\nTask.init('tests/agent', 'end')\nprint('here')\n"
    tasks = {}
    for number, body in enumerate(ENDS):
        script = shared_place.script(f"{head}{body}\n", f"end{number}.py")
        tasks[body] = shared_place.draft(script.name)
    shared_place.work()
    return tasks


@pytest.mark.parametrize("body", ENDS)
def test_the_exit_code_decides(shared_place: Place, ended: dict[str, str], body: str) -> None:
    shown = shared_place.task(ended[body])
    assert (shown["status"], shown["status_reason"]) == ENDS[body]
    assert "here" in shared_place.lines(ended[body])


TREE = """
import os, signal, subprocess, sys, time
from capture import Task
Task.init("tests/agent", "tree")
pids = open(sys.path[0] + "/pids", "a", buffering=1)
def note():
    print(os.getpid(), file=pids, flush=True)
STUBBORN
note()
sleeper = "import os, sys, time; print(os.getpid(), file=open(sys.argv[1], 'a')); time.sleep(300)"
child = [sys.executable, "-c", sleeper, sys.path[0] + "/pids"]
subprocess.Popen(child)
subprocess.Popen(child, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve(sys.executable, child, {"PATH": os.environ["PATH"]})
    os._exit(0)
time.sleep(300)
"""


@pytest.mark.parametrize("stubborn", [False, True])
def test_an_abort_ends_the_whole_tree(place: Place, stubborn: bool) -> None:
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if stubborn else ""
    place.script(TREE.replace("STUBBORN", ignore))
    settings = place.store.parent / "config" / "labtop" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[agent]\nabort_grace = 1.0\n")
    task = place.draft()
    agent = place.agent()
    pids = place.running(place.code / "pids", 4)
    assert all(map(alive, pids))
    assert "Asked" in place.called("abort", task)[2]
    gone(pids)
    place.capture("wait", task, "--status", "aborted", "--timeout", "20")
    shown = place.task(task)
    assert shown["status"] == "aborted"
    assert shown["status_reason"].startswith("aborted by ")
    eventually(lambda: [row["task"] for row in place.json("agent", "list")] == [None], what="the agent is free again")
    assert agent.poll() is None


def test_the_recorder_outlives_the_end_of_a_tree(place: Place) -> None:
    """A script may have started it; it is everybody's."""
    place.script(
        "import glob, os, signal, time\nfrom capture import Task\nTask.init('tests/agent', 'recorder')\n"
        "print('here', flush=True)\ntime.sleep(300)\n"
    )
    task = place.draft()
    place.agent()
    eventually(lambda: "here" in place.lines(task), 30)
    lock = next(place.store.glob("recorder-*.lock"))
    recorder = json.loads(lock.read_bytes()[:512])["pid"]
    kill(recorder)  # the script's own watch, or the runner's, starts the next one, as a descendant of the runner
    eventually(lambda: (found := json.loads(lock.read_bytes()[:512])["pid"]) != recorder and alive(found), 20)
    successor = json.loads(lock.read_bytes()[:512])["pid"]
    place.capture("abort", task)
    place.capture("wait", task, "--status", "aborted", "--timeout", "20")
    assert alive(successor)


def test_processes_that_outlive_their_script_are_ended_and_said(place: Place) -> None:
    place.script(
        "import os, subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], "
        "start_new_session=True)\nprint(child.pid, file=open('pids', 'w'))\n"
    )
    task = place.draft()
    place.work()
    gone(place.running(place.code / "pids"))
    assert "ended 1 process that the script had left behind" in place.lines(task)
    assert place.task(task)["status"] == "completed"


SLEEPER = """
import os, time
from capture import Task
Task.init("tests/agent", "sleeper")
print(os.getpid(), file=open("pids", "a"), flush=True)
time.sleep(300)
"""


def sleeping(place: Place) -> tuple[str, subprocess.Popen[str], list[int]]:
    """Return a task that an agent runs, the agent, and the processes of the script."""
    place.script(SLEEPER)
    return place.draft(), place.agent(), place.running(place.code / "pids")


@pytest.mark.parametrize("how", ["ctrl-c", "stop"])
def test_a_stopped_agent_aborts_its_task_and_leaves(place: Place, how: str) -> None:
    place.script(SLEEPER)
    task, waiting = place.draft(), place.draft()
    agent = place.agent()
    pids = place.running(place.code / "pids")
    if how == "stop":
        place.capture("agent", "stop")
    else:
        os.killpg(agent.pid, signal.SIGINT)
    assert agent.wait(timeout=30) == 0
    gone(pids)
    place.capture("wait", task, "--status", "aborted", "--timeout", "20")
    assert place.task(task)["status_reason"] == "the agent was stopped"
    assert place.task(waiting)["status"] == "pending"
    assert place.json("agent", "list") == []


def test_a_drained_agent_ends_after_its_task(place: Place) -> None:
    place.script("import os, time\nprint(os.getpid(), file=open('pids', 'a'), flush=True)\n"
                 "while not os.path.exists('go'):\n    time.sleep(0.02)\n")  # fmt: skip
    task, waiting = place.draft(), place.draft()
    agent = place.agent()
    place.running(place.code / "pids")
    place.capture("agent", "drain")
    (place.code / "go").touch()
    assert agent.wait(timeout=30) == 0
    assert place.task(task)["status"] == "completed"
    assert place.task(waiting)["status"] == "pending"


def test_a_drained_agent_that_is_taken_back_goes_on(place: Place) -> None:
    place.script("import os, time\nprint(os.getpid(), file=open('pids', 'a'), flush=True)\n"
                 "while not os.path.exists('go'):\n    time.sleep(0.02)\n")  # fmt: skip
    tasks = [place.draft(), place.draft()]
    agent = place.agent()
    place.running(place.code / "pids")
    place.capture("agent", "drain")
    [before] = place.json("agent", "list")
    eventually(lambda: place.json("agent", "list")[0]["heartbeat"] > before["heartbeat"], 20, "it has heard")
    with open_store(place.environ["CAPTURE_STORE"]) as store:
        queues.ask(store, before["id"], "idle")
    (place.code / "go").touch()
    place.capture("wait", *tasks, "--timeout", "60")
    assert [place.task(task)["status"] for task in tasks] == ["completed"] * 2
    assert agent.poll() is None


def test_of_a_store_that_is_away_an_agent_tells_once_and_when_it_is_back(place: Place) -> None:
    said = place.agent().stderr
    assert said is not None
    eventually(lambda: place.called("agent", "list").out, 20, "it is known")
    elsewhere = place.store.with_name("elsewhere")
    place.store.rename(elsewhere)
    eventually(lambda: "It is tried again until it can be." in said.readline(), 20, "it says so")
    assert not select.select([said], [], [], 2.5)[0], "it says so again"
    elsewhere.rename(place.store)
    assert "The store can be used again." in said.readline()
    place.script("print('it runs')")
    task = place.draft()
    place.capture("wait", task, "--timeout", "60")
    assert place.task(task)["status"] == "completed"


def test_a_store_that_cannot_be_used_under_a_running_task_is_told_of_once_too(place: Place) -> None:
    place.script("import os, time\nprint(os.getpid(), file=open('pids', 'a'), flush=True)\n"
                 "while not os.path.exists('go'):\n    time.sleep(0.02)\n")  # fmt: skip
    task = place.draft()
    said = place.agent().stderr
    assert said is not None
    place.running(place.code / "pids")
    with contextlib.closing(sqlite3.connect(place.store / "store.db", isolation_level=None)) as database:
        [schema] = database.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        database.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        eventually(lambda: "It is tried again until it can be." in said.readline(), 20, "it says so")
        assert not select.select([said], [], [], 2.5)[0], "it says so again"
        database.execute("UPDATE meta SET value = ? WHERE key = 'schema'", [schema])
    assert "The store can be used again." in said.readline()
    (place.code / "go").touch()
    place.capture("wait", task, "--timeout", "60")
    assert place.task(task)["status"] == "completed"


def test_a_killed_agent_leaves_no_task_alive_and_the_task_fails_once(place: Place) -> None:
    task, agent, pids = sleeping(place)
    kill(agent.pid)
    agent.wait()
    found = {worker["state"] for worker in place.json("agent", "list")}
    assert found <= {"lost"}, "it is known at once, not when its lease ends, and settled soon"
    gone(pids)
    place.capture("wait", task, "--status", "failed", "--timeout", "30")
    shown = place.task(task)
    assert shown["status_reason"] == "the agent died"
    assert [event["to"] for event in shown["history"]].count("failed") == 1


def test_a_killed_runner_takes_its_script_with_it(place: Place) -> None:
    task, _, pids = sleeping(place)
    fields = Path(f"/proc/{pids[0]}/stat").read_text()
    kill(int(fields[fields.rindex(")") + 2 :].split()[1]))
    gone(pids)
    place.capture("wait", task, "--status", "failed", "--timeout", "30")


def test_a_killed_runner_leaves_nobody_of_its_tree(place: Place) -> None:
    """The kernel kills the script; its forks, and what left its session, are ended by the agent."""
    place.script(TREE.replace("STUBBORN", "os.fork() or (note(), signal.pause())").replace(
        'child, {"PATH": os.environ["PATH"]}', "child, os.environ"))  # fmt: skip
    task = place.draft()
    agent = place.agent()
    pids = place.running(place.code / "pids", 5)
    assert all(map(alive, pids))
    kill(next(child.pid for child in psutil.Process(agent.pid).children() if "order.json" in child.cmdline()[-1]))
    gone(pids)
    place.capture("wait", task, "--status", "failed", "--timeout", "30")
    assert agent.poll() is None


def test_an_agent_that_was_suspended_ends_what_another_runs_by_now(place: Place) -> None:
    task, agent, pids = sleeping(place)
    agent.send_signal(signal.SIGSTOP)
    try:
        with open_store(place.environ["CAPTURE_STORE"]) as store:
            assert queues.lost(store, clock.now() + 10 * queues.LEASE) == [task]
            commands.retry(store, task, by="ada@lab")
            claim = queues.claim(store, "another", ["default"])
        assert claim is not None and claim.execution == 2
        assert all(map(alive, pids))
    finally:
        agent.send_signal(signal.SIGCONT)
    gone(pids)
    assert (place.task(task)["status"], place.task(task)["worker"]) == ("running", "another")


def test_code_that_is_not_there_fails_the_task_with_a_sentence(place: Place) -> None:
    tasks = {}
    for missing in ("folder", "script", "unknown"):
        script = place.script("print('x')", f"{missing}/train.py")
        words = ["create", "--project", "tests/agent", "--name", "gone", "--folder", missing, "--script", "train.py"]
        tasks[missing] = place.capture(*words, "--queue", "default").strip()
        script.unlink()
    (place.code / "folder").rmdir()
    with sqlite3.connect(place.store / "store.db") as connection:
        connection.execute("DELETE FROM task_code WHERE task_id = ?", [tasks["unknown"]])
    place.work()
    shown = {missing: place.task(task) for missing, task in tasks.items()}
    assert {task["status"] for task in shown.values()} == {"failed"}
    reasons = {missing: task["status_reason"] for missing, task in shown.items()}
    assert f"its folder {place.code / 'folder'} is not on this machine" in reasons["folder"]
    assert f"its script {place.code / 'script' / 'train.py'} is not there" in reasons["script"]
    assert reasons["unknown"].startswith("cannot be run: the folder of its code is not known")


def test_execute_runs_one_task_and_ends_as_it_did(place: Place) -> None:
    place.script("import sys; sys.exit(5)", "bad.py")
    place.script("print('fine')", "good.py")
    good, bad = place.draft("good.py", queue=False), place.draft("bad.py")
    execute = ("-m", "capture.cli", "agent", "execute", "--id")
    codes = [place.python(*execute, task).returncode for task in (good[:10], bad)]
    assert codes == [0, 1]
    assert [place.task(task)["status"] for task in (good, bad)] == ["completed", "failed"]
    assert place.lines(good) == ["fine"]
    refused = place.python("-m", "capture.cli", "agent", "execute", "--id", good)
    assert refused.returncode == 1
    assert refused.stderr.startswith('capture: Cannot start "a task"')


def test_queues_are_served_in_the_order_given(place: Place) -> None:
    place.script("import os; print(os.environ['CAPTURE_TASK_ID'], file=open('order', 'a'))")
    place.capture("queue", "create", "urgent")
    slow = [place.draft() for _ in range(2)]
    fast = [place.draft(queue=False) for _ in range(2)]
    place.capture("enqueue", *fast, "--queue", "urgent")
    place.work("--queue", "urgent", "default")
    assert (place.code / "order").read_text().split() == [*fast, *slow]
    unknown = place.python("-m", "capture.cli", "agent", "--queue", "urgnt", "--once")
    assert unknown.returncode == 1
    assert 'Did you mean "urgent"?' in unknown.stderr


def test_two_agents_run_every_task_once(place: Place) -> None:
    place.script("import os; print(os.environ['CAPTURE_TASK_ID'], file=open('order', 'a'))")
    tasks = [place.draft() for _ in range(6)]
    agents = [place.agent("--once") for _ in range(2)]
    for agent in agents:
        agent.communicate(timeout=120)
    assert sorted((place.code / "order").read_text().split()) == sorted(tasks)
    assert {place.task(task)["status"] for task in tasks} == {"completed"}


def test_names_beside_the_script_and_on_the_path_hurt_nobody(place: Place) -> None:
    """What the user calls ``store`` or ``psutil`` is theirs in the script, and nothing to the agent."""
    for name in ("store", "tui", "queue_", "psutil"):
        place.script(f"mine = '{name}'\n", f"{name}.py")
    place.script("import store, tui, psutil\nprint(store.mine, tui.mine, psutil.mine)\n")
    task = place.draft()
    said = place.agent("--once", PYTHONPATH=f"{place.environ['PYTHONPATH']}:{place.code}").communicate(timeout=60)[1]
    assert place.task(task)["status"] == "completed", (said, place.lines(task))
    assert "store tui psutil" in place.lines(task)
