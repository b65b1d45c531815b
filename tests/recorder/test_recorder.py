"""The recorder as a process: every record exactly once, whatever happens to it, to its store and to the scripts."""

from __future__ import annotations

import fcntl
import json
import os
import re
import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from capture import address, frames
from capture.recorder import backlog
from capture.recorder.client import ask, sync
from capture.recorder.election import holder
from store import files, going
from store.paths import Location
from tests.recorder.processes import BOOT, Start, Stored, Writing
from tests.recorder.spooled import Journal, start_time
from tests.support import eventually

GONE: dict[str, Any] = {"pid": 999_999_999, "start_time": 1}
"""The identity of a process that does not live."""


def filled(location: Location, count: int = 100, **identity: Any) -> Journal:
    journal = Journal(location.spool, **identity)
    journal.start()
    for number in range(count):
        journal.scalar(float(number), number)
    return journal


def empty(location: Location) -> bool:
    return not any(location.spool.iterdir())


def test_left_over_journals_are_taken_in_settled_and_cleared_away(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journals = [filled(location, 50, **GONE) for _ in range(3)]
    journals[1].text("no end of line")
    journals[1].event("end", status="exit", reason="ValueError: x", time=2000.0)
    journals[1].exit(1)
    journals[2].leave("term", b"Current thread\n")
    for journal in journals:
        journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert [stored.values(journal.task) for journal in journals] == [[float(n) for n in range(50)]] * 3
    assert stored.lines(journals[1].task) == ["no end of line"]
    assert stored.status(journals[0].task) == ("failed", "process died (killed by a signal, or os._exit)")
    assert stored.status(journals[1].task) == ("failed", "ValueError: x")
    assert stored.task(journals[1].task)["completed"] == 2000.0
    assert stored.status(journals[2].task) == ("aborted", "SIGTERM")


def test_a_torn_record_at_the_end_is_left_out_and_nothing_before_it(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10, **GONE)
    journal.raw(b"\x1d\0\0\0\x01\x02\x03\x04torn")
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert stored.values(journal.task) == [float(n) for n in range(10)]


def test_a_writer_killed_between_two_segments_loses_nothing(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10, segment=4096, **GONE)
    journal._rotate()  # the new segment is there, the end of the old one was not written any more
    journal.scalar(99.0, 99)
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert stored.values(journal.task) == [*map(float, range(10)), 99.0]


def test_a_live_journal_is_followed_and_acknowledged_over_many_segments(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10, segment=4096)
    recorder()
    for number in range(10, 3000):
        journal.scalar(float(number), number)
    eventually(lambda: len(stored.values(journal.task)) == 3000)
    assert stored.values(journal.task) == [float(n) for n in range(3000)]
    eventually(lambda: journal.acknowledged()[1] == journal.number)
    segments = [path.name for path in location.spool.glob("*.seg")]
    assert segments == [f"{journal.writer}.{journal.number}.seg"], "segments that are taken in are deleted"
    assert stored.status(journal.task)[0] == "running"
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    eventually(lambda: empty(location))
    assert stored.status(journal.task) == ("completed", "")


def test_a_live_journal_goes_on_though_its_next_segment_was_not_there_yet(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10, segment=4096)
    rest = 4096 - journal._offset - frames.FRAME.size
    journal.frame_at_the_end(bytes([frames.END]) + bytes(rest - 1))
    recorder()
    eventually(lambda: journal.acknowledged()[1:] == (0, 4096))  # all is taken in, the disk was full for a moment
    journal._rotate()
    journal.scalar(10.0, 10)
    eventually(lambda: len(stored.values(journal.task)) == 11)
    journal.close()


def test_a_record_larger_than_a_segment(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 1, **GONE)
    text = "x" * 60_000
    journal.text((text + "\n") * 50)
    journal.scalar(1.0, 1)
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert stored.lines(journal.task) == [text] * 50
    assert stored.values(journal.task) == [0.0, 1.0]


def test_two_recorders_at_once_count_every_record_once(
    location: Location, recorder: Start, stored: Stored, writing: Writing
) -> None:
    out = location.home / "out.txt"
    out.write_text("")
    journal = filled(location, 1, **writing(out))
    found = out.stat()
    journal.event("follow", stream="out", path=str(out), dev=found.st_dev, inode=found.st_ino, offset=0)
    first, second = recorder(lock="recorder-a.lock"), recorder(lock="recorder-b.lock")
    for number in range(1, 20_000):
        journal.scalar(float(number), number)
        if number % 100 == 0:
            with out.open("a") as file:
                file.write(f"line {number}\nrest {number}" + ("\n" if number % 200 else ""))
            time.sleep(0.005)  # spreads the stream over several ticks of both
    eventually(lambda: len(stored.values(journal.task)) >= 20_000, timeout=30)
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    eventually(lambda: empty(location))
    assert stored.values(journal.task) == [float(n) for n in range(20_000)]
    assert "\n".join(stored.lines(journal.task)) == out.read_text().rstrip("\n")
    assert first.poll() is None and second.poll() is None


@pytest.mark.slow
def test_a_recorder_killed_five_times_in_a_stream_loses_and_doubles_nothing(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 1, segment=64 << 10)
    total, kills = 60_000, 0
    process = recorder()
    for number in range(1, total):
        journal.scalar(float(number), number)
        if number % 10_000 == 0:
            seen = len(stored.values(journal.task))
            eventually(lambda seen=seen: len(stored.values(journal.task)) > seen, timeout=20)  # type: ignore[misc]
            process.kill()
            process.wait()
            kills += 1
            process = recorder()
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    eventually(lambda: empty(location), timeout=30)
    assert kills == 5
    assert stored.values(journal.task) == [float(n) for n in range(total)]


def test_the_end_of_a_process_settles_its_task_at_once(location: Location, recorder: Start, stored: Stored) -> None:
    recorder()
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    journal = filled(location, 5, **identity_of(sleeper.pid))
    eventually(lambda: stored.status(journal.task)[0] == "running")
    sleeper.kill()
    began = time.monotonic()
    sleeper.wait()
    eventually(lambda: stored.status(journal.task)[0] == "failed")
    assert time.monotonic() - began < 2.0
    if (os.uname().sysname, *map(int, os.uname().release.split("-")[0].split(".")[:2])) >= ("Linux", 6, 15):
        assert stored.status(journal.task)[1] == "process died (signal 9)"


def identity_of(pid: int) -> dict[str, int]:
    return {"pid": pid, "start_time": start_time(pid)}


def test_a_reused_pid_is_not_the_script(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 5, pid=os.getpid(), start_time=1)
    recorder()
    eventually(lambda: stored.status(journal.task)[0] == "failed")


def test_another_process_namespace_is_known_by_its_lock_alone(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 5, pid_ns=1, **GONE)
    recorder()
    eventually(lambda: len(stored.values(journal.task)) == 5)
    assert stored.status(journal.task)[0] == "running", "its lock is held"
    journal.close()
    eventually(lambda: stored.status(journal.task)[0] == "failed")


def test_a_restarted_machine_aborts_what_ran_on_it(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 5, boot="another")
    recorder()
    eventually(lambda: empty(location))
    assert stored.status(journal.task) == ("aborted", "the machine was restarted")


def test_journals_of_other_hosts_and_newer_versions_are_left_alone(
    location: Location, recorder: Start, stored: Stored
) -> None:
    other = filled(location, 5, host="elsewhere", boot="another")  # its lock is held
    newer, own = filled(location, 5, version=99), filled(location, 5)
    recorder()
    eventually(lambda: len(stored.values(own.task)) == 5)
    assert stored.task(other.task) == {} == stored.task(newer.task)
    assert (location.spool / f"{other.writer}.0.seg").exists()


def test_journals_of_this_machine_under_another_name_are_taken_in(
    location: Location, recorder: Start, stored: Stored
) -> None:
    """A renamed host, a container made again, one machine's volume on the next: nobody else would ever come."""
    live, died = filled(location, 5, host="box-a"), filled(location, 5, host="box-a", **GONE)
    contained = filled(location, 5, host="box-a", pid_ns=1, **GONE)
    lost = filled(location, 5, host="box-a", boot="another")
    lost.close()
    recorder()
    eventually(lambda: len(stored.values(live.task)) == 5 and stored.status(died.task)[0] == "failed")
    assert stored.status(live.task)[0] == "running"
    eventually(lambda: stored.status(lost.task) == ("aborted", "the machine was restarted"))
    assert stored.task(contained.task) == {}, "its container looks after itself as long as it lives"
    contained.close()
    assert sync(location, 10) == 0 and stored.status(contained.task)[0] == "failed"


@pytest.mark.parametrize("why", ["network", "recorder"])
def test_a_journal_that_another_hosts_recorder_takes_in_is_left_to_it(
    location: Location, recorder: Start, stored: Stored, tmp_path: Path, why: str
) -> None:
    mounts, network = tmp_path / "mounts", why == "network"
    mounts.write_text(f"1 1 0:1 / / rw - ext4 x rw\n2 1 0:2 / {location.spool} rw - nfs4 x rw\n")
    other, own = filled(location, 5, host="box-a", **({"boot": "another"} if network else {})), filled(location, 5)
    other.close()
    with Path(address.lock_path(location.home, "box-a")).open("w") as lock:
        if not network:
            fcntl.flock(lock, fcntl.LOCK_EX)
        recorder(**({"CAPTURE_MOUNTINFO": str(mounts)} if network else {}))
        eventually(lambda: len(stored.values(own.task)) == 5)
        assert stored.task(other.task) == {}


def test_a_locked_store_loses_nothing(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 10)
    recorder()
    eventually(lambda: len(stored.values(journal.task)) == 10)
    with sqlite3.connect(location.database, isolation_level=None) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        for number in range(10, 500):
            journal.scalar(float(number), number)
        assert len(stored.values(journal.task)) == 10
        blocker.execute("ROLLBACK")
    eventually(lambda: len(stored.values(journal.task)) == 500)
    assert stored.values(journal.task) == [float(n) for n in range(500)]


def test_a_store_that_cannot_be_opened_is_tried_until_it_can(location: Location, recorder: Start) -> None:
    journal = filled(location, 10, **GONE)
    location.database.write_bytes(b"this is no database, and long enough to be looked at as one" * 20)
    process = recorder()
    log = location.home / "recorder.log"
    eventually(lambda: log.exists() and "Everything stays in" in log.read_text())
    assert process.poll() is None
    location.database.unlink()
    eventually(lambda: empty(location))
    from store.engine import open_store

    with open_store(location) as store:
        assert len(Stored(store).values(journal.task)) == 10


def test_a_journal_without_sense_does_not_keep_the_others_out(
    location: Location, recorder: Start, stored: Stored
) -> None:
    mad, good = Journal(location.spool), filled(location, 10)
    mad.frame(bytes([4]) + b"{this is no JSON")
    mad.event("start", task=[1], mode={"x": 1}, project=3, name=None, type=7, tags=5)
    mad.frame(bytes([200]) + b"a kind of the future")
    mad.event("follow", stream="out", path=None)
    recorder()
    eventually(lambda: len(stored.values(good.task)) == 10)


def test_a_followed_file_is_in_once_up_to_where_the_script_said(
    location: Location, recorder: Start, stored: Stored, writing: Writing
) -> None:
    out = location.home / "out.txt"
    out.write_text("before\nfirst\nsecond\nunfini")
    journal = filled(location, 1, **writing(out))
    journal.follow(out, 7)
    process = recorder()
    eventually(lambda: stored.lines(journal.task) == ["first", "second"])
    process.kill()
    process.wait()
    with out.open("a") as file:
        file.write("shed\nlast")
    journal.event("follow_end", stream="out", offset=out.stat().st_size)
    with out.open("a") as file:
        file.write(" of somebody else\n")
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert stored.lines(journal.task) == ["first", "second", "unfinished", "last"]


def test_a_followed_file_is_read_to_where_its_script_died(location: Location, recorder: Start, stored: Stored) -> None:
    out = location.home / "out.txt"
    mine = [f"mine {number:040}" for number in range(120_000)]  # several passes: the next script comes in between
    out.write_text("\n".join(mine) + "\n")
    journal = filled(location, 1, **GONE)
    journal.follow(out)
    journal.close()
    recorder()
    eventually(lambda: stored.task(journal.task).get("lines"))
    with out.open("a") as file:
        file.write("of the next script\n" * 100)
    eventually(lambda: empty(location))
    assert stored.lines(journal.task) == mine


def test_a_followed_file_is_not_read_beyond_an_end_that_a_long_journal_says_late(
    location: Location, recorder: Start, stored: Stored, writing: Writing
) -> None:
    out = location.home / "out.txt"
    out.write_text("mine\nof the next task\n")
    journal = filled(location, 1, segment=4 << 20, **writing(out))
    journal.follow(out)
    for _ in range(10):  # several transactions, and only the last of them holds the end
        journal.frame(bytes([200]) + bytes(1 << 20))
    journal.event("follow_end", stream="out", offset=5)
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert stored.lines(journal.task) == ["mine"]


def test_a_journal_that_cannot_be_read_does_not_keep_the_others_out(
    location: Location, recorder: Start, stored: Stored
) -> None:
    bad, good = filled(location, 10), filled(location, 10)
    path = location.spool / f"{bad.writer}.0.seg"
    path.rename(location.home / "elsewhere")
    path.symlink_to(location.home / "elsewhere")  # no segment is ever read through a link
    recorder()
    eventually(lambda: len(stored.values(good.task)) == 10)
    assert stored.values(bad.task) == []


def test_secrets_do_not_reach_the_store(location: Location, recorder: Start, stored: Stored) -> None:
    secret = "hf_" + "aB3" * 12
    journal = Journal(location.spool, **GONE)
    journal.start(argv=["--hf_token", secret, "--lr", "0.1"], env={"API_KEY": secret}, cwd="/", script="")
    journal.event("parameters", values={"Args/hf_token": {"value": secret, "type": "str", "description": ""}})
    journal.event("configuration", name="c", text=f"password: {secret}", type="", description="")
    journal.text(f"using {secret} now\n")
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    assert stored.parameters(journal.task)["Args/hf_token"] == "<redacted:hf_token>"
    assert json.loads(stored.code(journal.task)["argv"]) == ["--hf_token", "<redacted:hf_token>", "--lr", "0.1"]
    held = b"".join(path.read_bytes() for path in location.home.glob("store.db*"))
    assert secret.encode() not in held
    assert b"redacted" in held


def test_the_environment_is_stored_and_outlives_a_killed_recorder(
    location: Location, recorder: Start, stored: Stored, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text("import sqlalchemy\n")
    journal = Journal(location.spool, **GONE)
    journal.start(argv=["--lr", "1"], script=str(tmp_path / "train.py"), cwd=str(tmp_path), path=sys.path, env={},
                  python=sys.executable, module="")  # fmt: skip
    journal.close()
    recorder()
    eventually(lambda: empty(location))
    code = stored.code(journal.task)
    assert (code["entry_point"], code["diff"]) == ("train.py", b"import sqlalchemy\n")
    assert "SQLAlchemy" in code["packages"] or "sqlalchemy" in code["packages"]
    assert json.loads(code["environment"])["host"] == address.host()


def test_it_reports_how_busy_the_machine_is(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 5)
    recorder()
    used = eventually(lambda: stored.values(journal.task, ":monitor:machine", "memory_used_gb"), timeout=20)
    assert 0.0 < used[0] < 1e5
    assert stored.task(journal.task)["last_iteration"] == 4


# The life of the process


def test_only_one_holds_the_lock_and_it_says_who(location: Location, recorder: Start) -> None:
    first = recorder()
    lock = Path(address.lock_path(location.home))
    eventually(lambda: (found := holder(lock)) is not None and found.pid == first.pid)
    assert recorder().wait(10) == 0, "the second goes at once"
    assert first.poll() is None


def test_it_goes_when_there_is_nothing_to_do_and_not_before(location: Location, recorder: Start) -> None:
    journal = filled(location, 5)
    process = recorder("--idle", "0.3")
    eventually(lambda: journal.acknowledged()[0] > 0)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)  # it would be gone, were there no live journal
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    assert process.wait(10) == 0


def test_it_removes_the_files_whose_removal_somebody_was_killed_before(location: Location, recorder: Start) -> None:
    path = Path(files.place(location.folder, "f" * 32, "artifacts", "left"))
    path.write_text("of a task that was deleted")
    left = going.note(location.folder, [files.uri(str(path))])
    os.utime(left, (time.time() - going.LEFT - 1,) * 2)
    recorder()
    eventually(lambda: not path.exists() and not os.path.exists(left))


def test_a_journal_that_appears_while_it_is_leaving_is_recorded(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journals = []
    for _ in range(5):
        process = recorder("--idle", "0.05")
        eventually(lambda: Path(address.socket_path(location.home)).exists() or process.poll() is not None)  # noqa: B023
        journals.append(filled(location, 3, **GONE))
        journals[-1].close()
        assert sync(location, 10) == 0
        process.wait(10)
    assert [len(stored.values(journal.task)) for journal in journals] == [3] * 5


def test_sigterm_finishes_and_a_terminals_signals_do_not_matter(location: Location, recorder: Start) -> None:
    process = recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGHUP)
    assert ask(location, {"op": "ping"}, 2.0) == {"pid": process.pid, "version": 1}
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not Path(address.socket_path(location.home)).exists()


def test_a_newer_version_takes_over_but_not_by_somebody_elses_request(location: Location, recorder: Start) -> None:
    process = recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    want = Path(address.lock_path(location.home)).with_suffix(".want")
    want.write_text(f"2 {process.pid + 1}")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    want.write_text(f"2 {process.pid}")
    assert process.wait(10) == 0


def test_it_goes_when_its_store_is_deleted(location: Location, recorder: Start) -> None:
    process = recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    location.home.rename(location.home.with_name("moved"))
    assert process.wait(10) == 0


def test_it_keeps_no_descriptor_of_the_script_that_started_it(location: Location, recorder: Start) -> None:
    kept, given = os.pipe()
    os.set_inheritable(given, True)
    command = [sys.executable, "-P", str(BOOT)]
    process = subprocess.Popen(command, close_fds=False, env=os.environ | {"CAPTURE_STORE": location.setting})
    try:
        os.close(given)
        assert os.read(kept, 1) == b"", "end of file: nobody holds the other end any more"
        eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    finally:
        process.terminate()
        process.wait(10)
        os.close(kept)


def test_hostile_modules_in_pythonpath_do_not_disturb_it(
    location: Location, recorder: Start, stored: Stored, tmp_path: Path
) -> None:
    for name in ("store", "tui", "queue", "logging", "select", "json", "capture"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is not the module you are looking for')\n")
    journal = filled(location, 5, **GONE)
    recorder(PYTHONPATH=str(tmp_path))
    eventually(lambda: len(stored.values(journal.task)) == 5)


def _beaten_long_ago(location: Location) -> None:
    with open(address.lock_path(location.home), "r+b") as lock:
        lock.seek(512)
        lock.write(struct.pack("<d", time.monotonic() - 60))


def test_a_frozen_recorder_is_replaced_and_a_slow_one_is_not(
    location: Location, recorder: Start, stored: Stored
) -> None:
    process = recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    journal = filled(location, 10)
    with sqlite3.connect(location.database, isolation_level=None) as blocker:
        eventually(lambda: len(stored.values(journal.task)) == 10)
        blocker.execute("BEGIN IMMEDIATE")
        journal.scalar(10.0, 10)
        assert sync(location, 0.5) == 1
        assert process.poll() is None, "it waits for the store, and answers"
        blocker.execute("ROLLBACK")
    process.send_signal(signal.SIGSTOP)
    journal.scalar(11.0, 11)
    _beaten_long_ago(location)
    assert sync(location, 15) == 0
    assert process.wait(5) == -signal.SIGKILL
    assert stored.values(journal.task) == [float(n) for n in range(12)]


def test_a_recorder_that_waits_for_the_stores_lock_is_not_frozen(location: Location, recorder: Start) -> None:
    process, ours = recorder(), Path(address.lock_path(location.home))
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    with (location.home / "store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        filled(location, 1)
        waiting = re.compile(rf"-> FLOCK +ADVISORY +WRITE {process.pid} ")
        eventually(lambda: waiting.search(Path("/proc/locks").read_text()))
        before = time.monotonic()
        eventually(lambda: (found := holder(ours)) and found.beat > before, what="it beats while it waits")
    assert process.poll() is None


def test_a_beat_that_finds_no_room_is_not_the_last(location: Location, recorder: Start) -> None:
    process, ours = recorder(), Path(address.lock_path(location.home))
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    eventually(lambda: (found := holder(ours)) and time.monotonic() - found.beat > 1.5, what="it cannot beat")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    before = time.monotonic()
    eventually(lambda: (found := holder(ours)) and found.beat > before, what="it beats again")
    assert process.poll() is None


# Sync


def test_sync_starts_a_recorder_and_waits_until_all_is_in(location: Location, recorder: Start, stored: Stored) -> None:
    assert sync(location) == 0
    assert not (location.home / "recorder.log").exists(), "an empty spool needs no recorder"
    journal = filled(location, 5000)
    assert sync(location, 10) == 0
    assert len(stored.values(journal.task)) == 5000


def test_sync_says_how_many_are_still_on_the_way(location: Location, recorder: Start) -> None:
    filled(location, 300)
    lock = os.open(address.lock_path(location.home), os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)  # a recorder that does not answer
    began = time.monotonic()
    assert sync(location, 0.5) == backlog.count(location.spool) == 302  # a start and a name beside the scalars
    assert time.monotonic() - began < 1.5
    os.close(lock)


def test_sync_says_that_an_end_is_still_on_the_way(location: Location, recorder: Start, stored: Stored) -> None:
    recorder()
    with subprocess.Popen(["sleep", "60"]) as script, (location.home / "store.lock").open("w") as lock:
        journal = filled(location, 5, pid=script.pid, start_time=start_time(script.pid))
        eventually(lambda: len(stored.values(journal.task)) == 5)
        assert sync(location, 5) == 0, "it runs, and all it has said is in the store"
        fcntl.flock(lock, fcntl.LOCK_EX)
        script.kill()
        script.wait()
        assert sync(location, 0.5) == 1, "a reader would show it Running"
    assert sync(location, 10) == 0
    assert stored.status(journal.task)[0] == "failed"


def test_the_command_prints_what_is_left(location: Location, recorder: Start) -> None:
    recorder()
    eventually(lambda: ask(location, {"op": "ping"}, 1.0))
    journal = filled(location, 5, **GONE)
    journal.close()
    done = subprocess.run([sys.executable, "-m", "capture.recorder", "sync"], capture_output=True, check=True,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    assert json.loads(done.stdout) == {"left": 0}
    assert empty(location)


def test_many_can_wait_at_once(location: Location, recorder: Start, stored: Stored) -> None:
    recorder()
    journal = filled(location, 2000)
    left: list[int] = []
    waits = [threading.Thread(target=lambda: left.append(sync(location, 10))) for _ in range(8)]
    for wait in waits:
        wait.start()
    for wait in waits:
        wait.join()
    assert left == [0] * 8
    assert len(stored.values(journal.task)) == 2000


def test_init_can_ask_for_a_task_to_use_again_and_for_its_parameters(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = Journal(location.spool, **GONE)
    journal.start(name="again", time=time.time())
    journal.event("parameters", values={"Args/lr": {"value": "0.1", "type": "float", "description": "rate"}})
    journal.event("end", status="completed", time=time.time())
    journal.close()
    recorder()
    eventually(lambda: stored.status(journal.task)[0] == "completed")
    who = {"project": "tests/recorder", "name": "again", "type": "training", "user": "ada", "host": address.host()}
    found = ask(location, {"op": "candidate", "hours": 72, **who}, 2.0)
    assert found is not None
    assert (found["task"], found["execution"], found["last_iteration"]) == (journal.task, 1, None)
    assert ask(location, {"op": "candidate", "hours": 72, **who, "name": "other"}, 2.0) == {}
    known = ask(location, {"op": "task", "id": journal.task}, 2.0)
    assert known is not None
    assert (known["status"], known["execution"]) == ("completed", 1)
    assert known["parameters"] == {"Args/lr": {"value": "0.1", "type": "float", "description": "rate"}}
    assert ask(location, {"op": "task", "id": "0" * 32}, 2.0) == {}
    assert ask(location, {"op": "nonsense"}, 2.0) == {}
