"""What returned is on disk, whatever happens to the process; what is on disk can be read."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from capture import frames
from tests.capture.conftest import Bench
from tests.support import eventually

COUNTING = """
task = Task.init("tests/journal", "counting", auto_connect_streams=False)
log = task.get_logger()
acks = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
i = 0
while True:
    log.report_scalar("count", "own", float(i), i)
    os.pwrite(acks, b"%12d" % i, 0)
    i += 1
"""


@pytest.mark.parametrize("seed", range(4))
def test_every_report_that_returned_survives_kill_9(bench: Bench, seed: int) -> None:
    acks = bench.folder / "acks"
    child = bench.start(COUNTING, str(acks))
    wanted = random.Random(seed).randrange(1, 70_000)
    eventually(lambda: acks.exists() and int(acks.read_bytes() or b"0") > wanted, 30)
    child.kill()
    child.wait()
    kept = bench.journal().scalars[("count", "own")]
    assert len(kept) - (int(acks.read_bytes()) + 1) in (0, 1)
    assert kept == [(i, float(i)) for i in range(len(kept))]


def test_segments_follow_each_other_whatever_the_sizes(bench: Bench) -> None:
    bench.run("""
        task = Task.init("tests/journal", "sizes", auto_connect_streams=False)
        log = task.get_logger()
        for i in range(40_000):
            log.report_scalar("a", "b", 1.0, i)
            if i % 97 == 0:
                log.report_text("x" * (i % 1009), print_console=False)
        log.report_text("y" * 3_000_000, print_console=False)
        log.report_scalar("a", "b", 2.0, 1)
    """)
    written = bench.journal()
    assert written.segments > 3
    assert written.whole
    assert len(written.scalars[("a", "b")]) == 40_001
    assert [len(data) for _, data in written.texts] == [*(i % 1009 + 1 for i in range(0, 40_000, 97)), 3_000_001]


def test_a_segment_may_be_filled_to_its_last_byte(bench: Bench) -> None:
    """A rest too small for a frame head must not keep readers waiting: try every size of rest around it."""
    bench.run("""
        from capture import frames, state
        Task.init("tests/journal", "brim", auto_connect_streams=False)
        journal = state.session.journal
        for rest in range(0, 40):
            room = len(journal._map) - journal._map.tell() - frames.FRAME.size - frames.TEXT_HEAD.size
            journal.text(2, b"f" * (room - rest))
            assert len(journal._map) - journal._map.tell() == rest
            journal.text(2, b"n" * 50)
    """)
    written = bench.journal()
    assert written.segments == 41
    assert written.whole
    assert [data for _, data in written.texts if data[:1] == b"n"] == [b"n" * 50] * 40


def test_threads_and_a_signal_handler_report_at_once(bench: Bench) -> None:
    bench.run("""
        import itertools, signal, threading
        task = Task.init("tests/journal", "crowd", auto_connect_streams=False)
        log = task.get_logger()
        rings = itertools.count()
        def ring(*_):
            log.report_scalar("alarm", "bell", 1.0, next(rings))
            log.report_text("ring " * 1000, print_console=False)
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0007)
        def work(number):
            for i in range(20_000):
                log.report_scalar("thread", str(number), float(i), i)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        [t.start() for t in threads]
        for i in range(30_000):
            log.report_scalar(f"title {i % 50}", "main", float(i), i)
        [t.join() for t in threads]
        signal.setitimer(signal.ITIMER_REAL, 0)
        log.report_single_value("rings", next(rings))
    """)
    written = bench.journal()
    rings = int(written.event("single")["value"])
    assert rings > 10
    assert sorted(at for at, _ in written.scalars[("alarm", "bell")]) == list(range(rings))
    for number in range(4):
        assert written.scalars[("thread", str(number))] == [(i, float(i)) for i in range(20_000)]
    assert sum(len(points) for (title, _), points in written.scalars.items() if title.startswith("title")) == 30_000


def test_a_full_disk_is_said_once_and_recording_resumes(bench: Bench) -> None:
    done = bench.run("""
        from capture import journal, state
        task = Task.init("tests/journal", "full", auto_connect_streams=False)
        log = task.get_logger()
        made = journal._mapped
        def full(*_):
            raise OSError(28, "No space left on device")
        journal._mapped = full
        for i in range(60_000):
            log.report_scalar("a", "b", 1.0, i)
        journal._mapped = made
        state.session.journal._retry_at = 0
        log.report_scalar("a", "b", 2.0, 60_000)
    """)
    written = bench.journal()
    kept = written.scalars[("a", "b")]
    assert kept[-1] == (60_000, 2.0)
    (who,) = bench.spool.glob("*.w")
    assert int.from_bytes(who.read_bytes()[4112:4120], "little") == 60_001 - len(kept)
    assert done.stderr.count("No space left on device") == 1


def _bounded(bench: Bench, code: str) -> tuple[str, int]:
    """Run a script that may leave 20 MiB; return its stderr and how many records it says it left out."""
    (bench.folder / "config.toml").write_text("[spool]\nlimit_gib = 0.02\n")
    bench.environ["CAPTURE_CONFIG"] = str(bench.folder / "config.toml")
    done = bench.run(f"""
        task = Task.init("tests/journal", "bounded", auto_connect_streams=False)
        log = task.get_logger()
        {code}
    """)
    (who,) = bench.spool.glob("*.w")
    return done.stderr, int.from_bytes(who.read_bytes()[4112:4120], "little")


def test_a_spool_that_nobody_empties_keeps_scalars_longer_than_console(bench: Bench) -> None:
    said, left_out = _bounded(bench, """
        for i in range(30_000):
            log.report_text("x" * 1000, print_console=False)
        for i in range(500_000):
            log.report_scalar("a", "b", float(i), i)
        log.report_single_value("end", 1.0)
    """)  # fmt: skip
    written = bench.journal()
    points = written.scalars[("a", "b")]
    assert written.whole and written.event("single")["value"] == 1.0
    assert len(written.texts) + len(points) + left_out == 530_000
    assert 15_000 < len(written.texts) < 25_000
    assert points[:5000] == [(i, float(i)) for i in range(5000)], "the first after the console are whole"
    assert 20_000 < len(points) < 200_000 and points[-1][0] > 490_000, "then they are thinned"
    assert sum(path.stat().st_size for path in bench.spool.glob("*.seg")) < 30 << 20
    assert said.count("wait in") == 1


def test_everything_is_kept_again_once_the_spool_has_been_emptied(bench: Bench) -> None:
    _, left_out = _bounded(bench, """
        import struct
        for i in range(30_000):
            log.report_text("x" * 1000, print_console=False)
        from capture import state
        journal = state.session.journal
        with open(journal._path("w"), "r+b") as file:  # as a recorder that has taken in all segments but the last
            file.seek(4096)
            file.write(struct.pack("<QII", 1, journal._number - 1, 32))
        journal._look_at = 0
        log.report_text("the one that notices", print_console=False)
        log.report_text("kept", print_console=False)
    """)  # fmt: skip
    texts = [data for _, data in bench.journal().texts]
    assert texts[-1] == b"kept\n" and len(texts) + left_out == 30_002


def test_files_are_private_and_nothing_is_half_made(bench: Bench) -> None:
    bench.run('Task.init("tests/journal", "modes")', preexec_fn=lambda: os.umask(0))
    names = {path.suffix for path in bench.spool.iterdir()}
    assert names == {".w", ".seg", ".term", ".hup", ".fatal"}
    assert {path.stat().st_mode & 0o777 for path in bench.spool.iterdir()} == {0o600}
    assert bench.home.stat().st_mode & 0o777 == 0o700


def test_the_identity_says_who_writes(bench: Bench) -> None:
    done = bench.run('Task.init("tests/journal", "who"); print(os.getpid())')
    who = bench.journal().identity
    assert who["pid"] == int(done.stdout)
    assert (who["version"], who["primary"], who["rank"], who["host"]) == (1, True, 0, os.uname().nodename)
    assert who["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert who["pid_ns"] == os.stat("/proc/self/ns/pid").st_ino
    assert who["start_time"] > 0


def test_a_daemonizer_that_closes_every_descriptor_harms_nobody(bench: Bench) -> None:
    bench.run("""
        task = Task.init("tests/journal", "daemon", auto_connect_streams=False)
        log = task.get_logger()
        os.closerange(3, 65536)
        mine = [open(f"mine{i}", "wb", buffering=0) for i in range(300)]
        for i in range(60_000):
            log.report_scalar("a", "b", 1.0, i)
        for file in mine:
            file.write(b"mine")
            os.fstat(file.fileno())
    """)
    assert len(bench.journal().scalars[("a", "b")]) == 60_000
    assert {path.read_bytes() for path in bench.folder.glob("mine*")} == {b"mine"}


def test_a_fork_made_in_c_that_keeps_the_lock_does_not_stop_the_script(bench: Bench) -> None:
    """It lives until the script has reported through several segments: a script that waited would wait for ever."""
    done = bench.run(
        """
        import ctypes, fcntl, signal
        task = Task.init("tests/journal", "fork in C", auto_connect_streams=False)
        log = task.get_logger()
        journal = next(path for path in os.scandir(sys.argv[1]) if path.name.endswith(".w"))
        libc = ctypes.CDLL(None)
        child = libc.fork()
        if child == 0:
            os.close(0); os.close(1); os.close(2)
            libc.pause()
        os.closerange(3, 65536)
        for i in range(60_000):
            log.report_scalar("a", "b", 1.0, i)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for i in range(60_000):
            log.report_scalar("a", "b", 1.0, i)
        with open(journal.path, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                print("locked again")
    """,
        str(bench.spool),
    )
    assert done.stdout == "locked again\n"
    assert len(bench.journal().scalars[("a", "b")]) == 120_000


def test_a_fork_has_a_journal_of_its_own_that_opens_with_its_first_record(bench: Bench) -> None:
    bench.run("""
        task = Task.init("tests/journal", "family", auto_connect_streams=False)
        log = task.get_logger()
        log.report_scalar("a", "b", 1.0, 0)
        for child in range(3):
            if os.fork() == 0:
                if child:
                    for i in range(50_000):
                        log.report_scalar("child", str(child), float(i), i)
                os._exit(0)
        for _ in range(3):
            os.wait()
        log.report_scalar("a", "b", 2.0, 1)
    """)
    journals = bench.journals()
    assert [written.identity["primary"] for written in journals] == [True, False, False]
    assert journals[0].scalars == {("a", "b"): [(0, 1.0), (1, 2.0)]}
    points = {key: series for written in journals[1:] for key, series in written.scalars.items()}
    expected = [(i, float(i)) for i in range(50_000)]
    assert points == {("child", "1"): expected, ("child", "2"): expected}
    for written in journals[1:]:
        assert written.event("start")["mode"] == "attach"
        assert written.identity["task"] == journals[0].identity["task"]
        assert not [event for event in written.events if event["e"] == "end"]


def test_nothing_is_locked_that_is_not_ours_any_more(bench: Bench) -> None:
    """The lock tells the recorder who lives: a forked worker that goes on must not hold the script's."""
    child = bench.start("""
        task = Task.init("tests/journal", "locks", auto_connect_streams=False)
        if os.fork() == 0:
            os.close(1); os.close(2)
            sys.stdin.read()
            os._exit(0)
        print("ready", flush=True)
        os.kill(os.getpid(), 9)
    """, stdin=-1)  # fmt: skip
    assert child.stdout is not None
    child.stdout.read()
    child.wait()
    import fcntl

    with next(bench.spool.glob("*.w")).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert child.returncode == -signal.SIGKILL


def test_bytes_of_another_segment_do_not_pass_for_records() -> None:
    payload = bytes((frames.TEXT,)) + b"x" * 20
    data = frames.frame(payload, 1)
    assert [bytes(found) for _, found in frames.frames(memoryview(data), 0, 1)] == [payload]
    assert not list(frames.frames(memoryview(data), 0, 2))
