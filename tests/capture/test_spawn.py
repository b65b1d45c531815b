"""A recorder is at work whenever a script records: started at init, and again when it is gone or frozen."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from capture import address
from tests.capture.conftest import Bench
from tests.support import alive, eventually

WAITS = """
task = Task.init("tests/spawn", "waits")
print("ready", flush=True)
for i, _ in enumerate(iter(sys.stdin.readline, "")):
    task.get_logger().report_scalar("a", "b", i, i)
    print("reported", flush=True)
"""


def _begun(bench: Bench) -> int:
    child = bench.online().start(WAITS, stdin=-1)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return eventually(bench.recorder)


def test_the_recorder_is_nobodys_child(bench: Bench) -> None:
    recorder = psutil.Process(_begun(bench))
    script = psutil.Process(bench.children[0].pid)
    assert recorder.pid not in [child.pid for child in script.children(recursive=True)]
    assert "CAPTURE_PROC_MASTER_ID" not in recorder.environ()
    assert os.getsid(recorder.pid) != os.getsid(script.pid)


def test_a_users_wait_never_meets_it(bench: Bench) -> None:
    bench.online().run("""
        import time
        Task.init("tests/spawn", "wait")
        try: raise SystemExit(f"met {os.wait()}")
        except ChildProcessError: pass
    """)


def test_a_killed_recorder_is_replaced_while_the_script_does_nothing(bench: Bench) -> None:
    first = _begun(bench)
    os.kill(first, signal.SIGKILL)
    second = eventually(lambda: (pid := bench.recorder()) and pid != first and pid, 15)
    assert second


@pytest.mark.slow
def test_a_frozen_recorder_is_replaced(bench: Bench) -> None:
    first = _begun(bench)
    os.kill(first, signal.SIGSTOP)
    second = eventually(lambda: (pid := bench.recorder()) and pid != first and pid, 40)
    assert second
    assert not alive(first)


def test_a_recorder_that_cannot_start_is_said_once_and_tried_ever_more_rarely(bench: Bench) -> None:
    done = bench.run("""
        from capture import spawn, state
        Task.init("tests/spawn", "down")
        spawn._start = lambda *_: None
        for _ in range(50):
            spawn.watch_once(state.session.place.home, state.session.place.setting)
        print(spawn._failures)
    """)
    assert done.stdout == "4\n"
    assert done.stderr.count("the recorder does not stay up") == 1


@pytest.mark.parametrize("name", ["CAPTURE_OFFLINE", "CAPTURE_OFFLINE_MODE"])
def test_offline_starts_none_even_for_reading(bench: Bench, name: str) -> None:
    bench.online().environ[name] = "1"
    bench.run('Task.init("tests/spawn", "offline").get_logger().flush(wait=True); Task.get_tasks()')
    assert len(bench.journals()) == 1
    assert not Path(address.lock_path(bench.home)).exists()


def test_no_thread_of_ours_is_there_at_a_fork(bench: Bench) -> None:
    done = bench.online().run("""
        import time, warnings
        warnings.simplefilter("always")
        task = Task.init("tests/spawn", "forks")
        threads = lambda: len(os.listdir("/proc/self/task"))
        assert threads() == 2, "the watch"
        for _ in range(5):
            if os.fork() == 0:
                os._exit(threads() - 1)
            assert os.wait()[1] == 0 and threads() == 1
        task.get_logger().report_scalar("a", "b", 1, 1)
        assert threads() == 2, "the watch is back with the next record"
    """)
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("head", [b"x", b"[]", b"{}"])
def test_a_lock_file_that_says_nothing_does_not_raise_into_a_reader(bench: Bench, head: bytes) -> None:
    """Something holds the lock and answers nobody: a reader goes on without it."""
    done = bench.online().run(f"""
        import fcntl
        from capture import address, state
        path = address.lock_path(state.place().home)
        with open(path, "wb") as held:
            held.write({head!r}.ljust(512) + bytes(8)); held.flush()
            fcntl.flock(held, fcntl.LOCK_EX)
            open(state.place().spool + "/0000000000000000.w", "w").close()
            print(Task.get_tasks())
            os.truncate(path, 0)
    """)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("since", ["the beginning", "the end"])
def test_a_thread_that_cannot_be_started_costs_no_record(bench: Bench, since: str) -> None:
    """A script may be out of threads; and from Python 3.12 on none can be started while the interpreter ends."""
    done = bench.online().run(f"""
        from capture import spawn
        def refuse(*_):
            raise RuntimeError("can't create new thread at interpreter shutdown")
        spawn.ensure_recorder = lambda *_: False
        if "{since}" == "the beginning":
            spawn.start_new_thread = refuse
        Task.init("tests/spawn", "threads", auto_connect_streams=False)
        if os.fork() == 0:
            os._exit(0)
        os.wait()
        spawn.start_new_thread = refuse
    """)
    assert bench.journal().event("end")["status"] == "exit"
    assert ("can't create" in done.stderr) == (since == "the beginning"), done.stderr


def test_a_long_home_moves_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert address.socket_path("/short").startswith("/short/recorder-")
    moved = address.socket_path("/long/" + "x" * 100)
    assert moved.startswith(f"/run/user/1/labtop-{os.getuid()}/")
    assert moved != address.socket_path("/long/" + "y" * 100)
