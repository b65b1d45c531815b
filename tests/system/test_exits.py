"""Every way a script can end: the status its task gets, and the exit code, which is the one it has without capture."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from capture.recorder.settle import UNKNOWN
from tests.support import alive, eventually
from tests.system.conftest import Lab

START = """
import os, signal, sys, time
if "bare" not in sys.argv:
    from capture import Task
    task = Task.init(project_name="tests/exits", task_name="an ending")
    task.get_logger().report_scalar("loss", "train", 0.5, 1)
"""


class Ending(NamedTuple):
    """A script's last lines, what must become of it, and the lines ahead of ``Task.init``."""

    name: str
    code: str
    returncode: int
    status: str
    reason: str = ""
    ahead: str = ""


HANDLER = "import os, signal, sys\nsignal.signal(signal.{0}, lambda *_: (print('stopping', flush=True), {1}))\n"
EATER = """
import resource
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + (32 << 20), resource.RLIM_INFINITY))
kept = []
while True:
    kept.append(bytearray(4096))
"""

ENDINGS = [
    Ending("normal", "print('done')", 0, "completed"),
    Ending("exception", "raise ValueError('bad luck')", 1, "failed", "ValueError: bad luck"),
    Ending(
        "exception without words", "class Mute(Exception):\n    def __str__(self): raise RuntimeError\nraise Mute()",
        1, "failed", "Mute",
    ),
    Ending("SIGUSR1", "os.kill(os.getpid(), signal.SIGUSR1)", -10, "failed", "killed by"),
    Ending("sys.exit 0", "sys.exit(0)", 0, "completed"),
    Ending("sys.exit 7", "sys.exit(7)", 7, "failed", "exit code 7"),
    Ending("sys.exit text", "sys.exit('no data\\nin a line of its own')", 1, "failed", "no data"),
    Ending(
        "caught exit text, then code 1",
        "try:\n    sys.exit('no')\nexcept SystemExit:\n    sys.exit(1)", 1, "failed", "exit code 1",
    ),
    Ending(
        "caught exit text, then a code", "try:\n    sys.exit('no')\nexcept SystemExit:\n    sys.exit(3)",
        3, "failed", "exit code 3",
    ),
    Ending(
        "sys.exit text in a thread",
        "import threading\nt = threading.Thread(target=lambda: sys.exit('no'))\nt.start()\nt.join()\nsys.exit(5)",
        5, "failed", "exit code 5",
    ),
    Ending(
        "an argument that is refused",
        "import argparse\np = argparse.ArgumentParser(prog='train')\np.add_argument('--lr', type=float)\n"
        "p.parse_args(['--lr', 'x'])",
        2, "failed", "train: error: argument --lr: invalid float value: 'x'",
    ),
    Ending("SystemExit", "raise SystemExit(3)", 3, "failed", "exit code 3"),
    Ending("SystemExit without code", "raise SystemExit", 0, "completed"),
    Ending("caught exit", "try:\n    sys.exit(3)\nexcept SystemExit:\n    pass", 0, "completed"),
    Ending("KeyboardInterrupt", "raise KeyboardInterrupt", -2, "aborted"),
    Ending("os._exit", "os._exit(5)", 5, "failed"),
    Ending("os.abort", "os.abort()", -6, "failed", "SIGABRT"),
    Ending("segfault", "import ctypes; ctypes.string_at(0)", -11, "failed", "SIGSEGV"),
    Ending("kill -9", "os.kill(os.getpid(), signal.SIGKILL)", -9, "failed", "signal"),
    Ending("SIGTERM", "os.kill(os.getpid(), signal.SIGTERM)", -15, "aborted", "SIGTERM"),
    Ending("SIGHUP", "os.kill(os.getpid(), signal.SIGHUP)", -1, "aborted", "terminal hung up"),
    Ending(
        "own SIGTERM handler, exit 0",
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(5)",
        0, "completed",
    ),
    Ending(
        "own SIGTERM handler, exit 4",
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(5)",
        4, "failed", "exit code 4",
    ),
    Ending(
        "own SIGTERM handler that goes on",
        "calls = []\nsignal.signal(signal.SIGTERM, lambda *_: calls.append(1))\n"
        "os.kill(os.getpid(), signal.SIGTERM)\nassert calls == [1]",
        0, "completed",
    ),
    Ending(
        "earlier SIGTERM handler, exit 0", "os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(5)",
        0, "completed", "", HANDLER.format("SIGTERM", "sys.exit(0)"),
    ),
    Ending(
        "earlier SIGTERM handler, exit 4", "os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(5)",
        4, "failed", "exit code 4", HANDLER.format("SIGTERM", "sys.exit(4)"),
    ),
    Ending(
        "earlier SIGTERM handler that goes on", "os.kill(os.getpid(), signal.SIGTERM)",
        0, "completed", "", HANDLER.format("SIGTERM", "None"),
    ),
    Ending(
        "own SIGHUP handler, exit 4", HANDLER.format("SIGHUP", "sys.exit(4)") + "os.kill(os.getpid(), signal.SIGHUP)",
        4, "failed", "exit code 4",
    ),
    Ending(
        "earlier SIGHUP handler that goes on", "os.kill(os.getpid(), signal.SIGHUP)",
        0, "completed", "", HANDLER.format("SIGHUP", "None"),
    ),
    Ending("no memory left", EATER, 1, "failed", "MemoryError"),
    Ending(
        "forked child fails",
        "pid = os.fork()\nif pid == 0:\n    raise RuntimeError('child')\nos.waitpid(pid, 0)",
        0, "completed",
    ),
    Ending(
        "forked child gets SIGTERM, parent kill -9",
        "pid = os.fork()\nif pid == 0:\n    os.kill(os.getpid(), signal.SIGTERM)\nos.waitpid(pid, 0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)",
        -9, "failed", "signal",
    ),
    Ending(
        "close, then an exception",
        "if 'bare' not in sys.argv: task.close()\nraise ValueError('late')",
        1, "completed",
    ),
    Ending("exception in a thread", "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()",
           0, "completed"),
]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.name)
def test_an_ending_gets_its_status_and_keeps_its_exit_code(lab: Lab, ending: Ending) -> None:
    script = lab.write("ending.py", ending.ahead + START + ending.code)
    bare = lab.run(script, "bare")
    assert bare.returncode == ending.returncode, "the table is wrong: this is without capture"
    done = lab.run(script)
    assert (done.returncode, done.stdout) == (ending.returncode, bare.stdout), done.stderr.decode()
    assert done.stdout.count(b"stopping") == ("stopping" in ending.ahead + ending.code), "a handler is called once"
    task = lab.settled()
    assert (task["status"], ending.reason in task["status_reason"]) == (ending.status, True), task["status_reason"]
    assert task["scalars"]["loss/train"]["n"] == 1


DAEMON = """
if os.fork():
    sys.exit(0)
os.setsid()
"""
TWICE = """
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.closerange(3, 4096)
"""
GO = """
open("pid", "w").write(str(os.getpid()))
print("going on", flush=True)
open("go").read()
"""


@pytest.mark.parametrize(
    ("before", "after", "status", "reason"),
    [
        (DAEMON, "raise RuntimeError('diverged')", "failed", "RuntimeError: diverged"),
        (DAEMON, "task.get_logger().report_scalar('loss', 'train', 0.1, 2)", "completed", ""),
        (TWICE, "sys.exit(3)", "failed", "exit code 3"),
        (TWICE, "task.mark_failed(status_reason='no good')", "failed", "no good"),
        (TWICE, "task.set_progress(9)\nos.kill(os.getpid(), signal.SIGTERM)", "aborted", "SIGTERM"),
        (TWICE, "os.kill(os.getpid(), signal.SIGKILL)", "failed", "signal"),
    ],
)
def test_a_daemon_is_the_script_it_was_made_by(lab: Lab, before: str, after: str, status: str, reason: str) -> None:
    script = lab.write("daemon.py", START + before + GO + f"print('last words', flush=True)\n{after}")
    os.mkfifo(script.parent / "go")
    with (lab.folder / "log").open("w") as log:
        assert lab.start(script, stdout=log, stderr=log).wait(60) == 0
    pid = int(eventually(lambda: (script.parent / "pid").read_text() if (script.parent / "pid").exists() else ""))
    eventually(lambda: f"[{pid}] behind" in lab.log(), what="the recorder sees it")
    assert lab.only()["status"] == "running"
    (script.parent / "go").write_text("on")
    task = lab.settled()
    assert (task["status"], reason in task["status_reason"]) == (status, True), task["status_reason"]
    assert "going on\nlast words\n" in lab.called("logs", task["id"])


def test_a_daemon_ends_when_its_task_is_aborted(lab: Lab) -> None:
    script = lab.write("daemon.py", START + DAEMON + GO)
    os.mkfifo(script.parent / "go")
    assert lab.start(script, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60) == 0
    eventually(lambda: "behind" in lab.log())
    pid = int((script.parent / "pid").read_text())
    lab.called("abort", lab.only()["id"])
    eventually(lambda: not alive(pid))
    assert lab.settled()["status"] == "aborted"


def test_a_worker_that_outlives_its_script_keeps_nothing_running(lab: Lab) -> None:
    worker = "if os.fork():\n    sys.exit(0)\n" + GO + "task.get_logger().report_scalar('loss', 'train', 0.1, 2)"
    script = lab.write("outlived.py", START + worker)
    os.mkfifo(script.parent / "go")
    with (lab.folder / "log").open("w") as log:
        assert lab.start(script, stdout=log, stderr=log).wait(60) == 0
    assert lab.settled()["status"] == "completed"
    (script.parent / "go").write_text("on")
    eventually(lambda: lab.only()["scalars"]["loss/train"]["n"] == 2)
    assert lab.only()["status"] == "completed"


def test_the_output_of_a_script_is_what_it_is_without_capture(lab: Lab) -> None:
    script = lab.write("talk.py", START + "print('out')\nprint('err', file=sys.stderr)\nos.write(1, b'raw\\n')")
    bare, ours = lab.run(script, "bare"), lab.run(script)
    assert (ours.stdout, ours.stderr) == (bare.stdout, bare.stderr)


@pytest.mark.parametrize(
    "code",
    ["sys.stdout.close()", "sys.stderr.close()", "os.close(1)", "os.close(2)", "os.close(1); os.close(2)",
     "sys.stdout = sys.stderr = None", "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)"],
)  # fmt: skip
def test_a_script_may_close_its_output_before_it_ends(lab: Lab, code: str) -> None:
    script = lab.write("closing.py", START + f"print('said', flush=True)\n{code}")
    log, errors = lab.folder / "log", lab.folder / "errors"
    with log.open("w") as out, errors.open("w") as err:
        assert lab.start(script, stdout=out, stderr=err).wait(60) == 0
    task = lab.settled()
    assert (task["status"], task["status_reason"]) == ("completed", "")
    assert "said" in lab.called("logs", task["id"])
    assert errors.read_text() == ""


LATE = """
import atexit, logging, logging.handlers
atexit.register(lambda: os.system("echo a process of it"))
atexit.register(lambda: print("as it ends", end="", file=sys.stderr))
held = logging.handlers.MemoryHandler(99, target=logging.StreamHandler(sys.stdout))
logging.getLogger().addHandler(held)
logging.warning("held back")
"""


def test_what_is_printed_as_python_ends_is_in_the_console_and_the_next_commands_lines_are_not(lab: Lab) -> None:
    lab.write("late.py", "import os, sys" + LATE + START + "print('said')")
    command = f"({sys.executable} late.py; echo of another; {sys.executable} late.py bare) >> log 2>&1"
    assert lab.spawn(["/bin/sh", "-c", command]).wait(60) == 0
    mine, next_one = (lab.folder / "work" / "log").read_text().split("of another\n")
    assert mine == next_one, "the output is what it is without capture"
    shown = lab.capture("logs", lab.only()["id"]).stdout
    assert shown.splitlines() == mine.splitlines()


def test_a_dropped_terminal_aborts_and_nohup_does_not(lab: Lab) -> None:
    script = lab.write("hup.py", START + "print('ready', flush=True)\nopen('go').read()")
    fifo = lab.folder / "work" / "go"
    os.mkfifo(fifo)
    for nohup in (False, True):
        child, controller = _on_a_terminal(lab, script, nohup=nohup)
        eventually(lambda: _running(lab))
        os.close(controller)
        if nohup:
            fifo.write_text("on")
        _, waited = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(waited) == (0 if nohup else -signal.SIGHUP)
        expected = "completed" if nohup else "aborted"
        eventually(lambda: lab.tasks()[0]["status"] == expected, what=expected)  # noqa: B023


def _on_a_terminal(lab: Lab, script: Path, *, nohup: bool) -> tuple[int, int]:
    child, controller = pty.fork()
    if child == 0:
        os.chdir(script.parent)
        if nohup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
        os.execvpe(sys.executable, [sys.executable, str(script)], lab.environ)
    return child, controller


def _running(lab: Lab) -> bool:
    tasks = lab.tasks() if lab.recorder() else []
    return bool(tasks) and tasks[0]["status"] == "running"


LEAVING = "import atexit\natexit.register(lambda: (print('leaving', flush=True), time.sleep(60)))\n"


@pytest.mark.parametrize("slow_to_leave", [False, True])
def test_ctrl_c_typed_on_a_terminal_aborts_and_a_second_one_ends_at_once(lab: Lab, slow_to_leave: bool) -> None:
    code = START + LEAVING * slow_to_leave + "print('ready', flush=True)\ntime.sleep(60)"
    child, controller = _on_a_terminal(lab, lab.write("typed.py", code), nohup=False)
    _shown(controller, b"ready")
    recorder = eventually(lab.recorder)
    os.write(controller, b"\x03")
    if slow_to_leave:
        _shown(controller, b"leaving")
        os.write(controller, b"\x03")
    _, waited = eventually(lambda: _waited(child), 20, "it has ended")
    os.close(controller)
    assert os.waitstatus_to_exitcode(waited) == -signal.SIGINT
    task = lab.settled()
    assert (task["status"], task["status_reason"]) == ("aborted", "interrupted (Ctrl-C)")
    assert lab.recorder() == recorder, "what is typed is not for the recorder"


def _shown(controller: int, text: bytes) -> None:
    """Read what a terminal shows until a text is in it."""
    shown = b""
    while text not in shown:
        shown += os.read(controller, 4096)


def _waited(child: int) -> tuple[int, int] | None:
    pid, status = os.waitpid(child, os.WNOHANG)
    return (pid, status) if pid else None


def test_sigterm_ends_a_script_in_the_middle_of_c_code(lab: Lab) -> None:
    child = lab.start(lab.write("deep.py", START + "print('ready', flush=True)\nsum(range(10**12))"))
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    began = psutil.Process(child.pid).cpu_times().user
    eventually(lambda: psutil.Process(child.pid).cpu_times().user > began + 0.1, what="it adds up")
    child.terminate()
    assert child.wait(timeout=5) == -signal.SIGTERM
    task = lab.settled()
    assert (task["status"], task["status_reason"]) == ("aborted", "SIGTERM")


HANDED_BACK = """
def stop(*_):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print("stopping", flush=True)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while True:
    time.sleep(60)
"""


def test_the_second_sigterm_kills_where_the_scripts_handler_takes_one_only(lab: Lab) -> None:
    child = lab.start(lab.write("once.py", START + HANDED_BACK))
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    eventually(lambda: _running(lab))
    child.terminate()
    assert child.stdout.readline() == b"stopping\n"
    child.terminate()
    assert child.wait(timeout=5) == -signal.SIGTERM
    task = lab.settled()
    if tuple(map(int, os.uname().release.split("-")[0].split(".")[:2])) >= (6, 15):  # the kernel tells
        assert (task["status"], task["status_reason"]) == ("aborted", "SIGTERM")
    else:
        assert (task["status"], task["status_reason"]) == ("failed", UNKNOWN)


def test_progress_stays_where_a_failure_left_it(lab: Lab) -> None:
    lab.run(lab.write("half.py", START + "task.set_progress(40)\nraise ValueError"))
    task = lab.settled()
    assert (task["status"], task["progress"]) == ("failed", 40)
