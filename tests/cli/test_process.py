"""The command as a real process: pipes, terminals, signals, stores that cannot be used, and what it loads."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.cli.__main__ import main
from store import tables
from store.engine import Store
from tests.cli.calling import Capture, command, environment, record, run
from tests.store.processes import as_nobody
from tests.support import eventually, points


def on_terminal(*words: str, columns: int = 200, **extra: str) -> bytes:
    """Run the command on a pseudo-terminal and return what came out of it."""
    own, its = pty.openpty()
    child = subprocess.Popen(
        command(*words), env=environment() | {"TERM": "xterm-256color", "COLUMNS": str(columns)} | extra,
        stdin=its, stdout=its, stderr=its, start_new_session=True,
    )  # fmt: skip
    os.close(its)
    data = bytearray()
    while True:
        try:
            part = os.read(own, 65536)
        except OSError:
            break
        if not part:
            break
        data += part
    os.close(own)
    child.wait()
    return bytes(data)


def test_a_terminal_gets_a_table_and_no_colour_where_none_is_wanted(store: Store) -> None:
    record(store, "resnet")
    shown = on_terminal("list").decode()
    assert "NAME" in shown
    assert "✔ Completed" in shown
    assert "\x1b[32m" in shown
    assert "\x1b[32m" not in on_terminal("list", NO_COLOR="1").decode()
    narrow = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("list", columns=80).decode())
    assert max(map(len, narrow.splitlines())) <= 80


def test_a_narrow_terminal_cuts_texts_and_never_a_number(store: Store) -> None:
    small, large = 1.89356e-05, 123_456_789_012_345
    name = "the name of a task that is longer than there is room for it"
    task = record(store, name, scalars={("loss", "a rather long series"): points([small, 1.0, small])})
    narrow = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("scalars", task, columns=60).decode())
    assert narrow.count("1.89356e-05") == 3 and max(map(len, narrow.splitlines())) <= 60
    tiny = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("scalars", task, columns=30).decode())
    assert tiny.count("1.89356e-05") == 3, "what does not fit is wrapped"
    with store.write("ada@lab") as tx:
        tx.execute(sa.update(tables.task).values(last_iteration=large))
    narrow = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("list", columns=80).decode())
    assert f"{large}  " in narrow and task[:8] in narrow and "the na" in narrow, narrow
    assert max(map(len, narrow.splitlines())) <= 80


def test_a_reader_that_has_seen_enough_ends_it_quietly(store: Store) -> None:
    task = record(store, lines=[f"line {number} {'x' * 100}" for number in range(20_000)])
    ended = subprocess.run(
        f"{' '.join(command('logs', task))} | head -n 1; echo ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash",
        env=environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.stdout.splitlines() == [f"line 0 {'x' * 100}", "141"]
    assert ended.stderr == ""


@pytest.mark.parametrize("words", ["list", "list --json", "logs TASK", "queue list", "store path", "--help", "list -h"])
def test_output_that_cannot_be_written_is_said_in_one_line(store: Store, words: str) -> None:
    task = record(store, lines=[f"line {number} {'x' * 100}" for number in range(2000)])
    line = " ".join(command(*words.replace("TASK", task).split()))
    for where, code, said in (
        (">/dev/full", 1, "capture: Cannot write the output: No space left on device. Send it somewhere else.\n"),
        (">&-", 1, "capture: Cannot write the output: Bad file descriptor. Send it somewhere else.\n"),
        (">&- 2>&-", 1, ""),
        ("| true; exit ${PIPESTATUS[0]}", 141, ""),
    ):
        ended = subprocess.run(
            f"{line} {where}", shell=True, executable="/bin/bash", env=environment(), capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", said), where


@pytest.mark.parametrize("words", [["wait"], ["logs", "-f"]])
def test_ctrl_c_is_quiet(store: Store, words: list[str]) -> None:
    task = record(store, status=None, lines=["first"])
    child = subprocess.Popen(
        command(*words, task), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    eventually(lambda: _watches(child.pid), what="it waits on the feed")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, err) == (130, "")


def _watches(pid: int) -> bool:
    """Whether a process follows the store: it holds an inotify descriptor."""
    try:
        return any("inotify" in os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def test_logs_follow_until_the_task_has_ended(store: Store) -> None:
    from store.ingest import ingest
    from store.records import Line
    from tests.support import Script

    script = Script("ab" * 16)
    ingest(store, [script.batch(events=[script.start()], lines=[Line(1.0, "out", 0, "first")])], "a@h")
    child = subprocess.Popen(
        command("logs", "-f", "--grep", "^[fsl]", script.task), env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "first\n"
    ingest(store, [script.batch(lines=[Line(2.0, "out", 0, "not this"), Line(2.0, "out", 0, "second")])], "a@h")
    assert child.stdout.readline() == "second\n"
    end = {"e": "end", "status": "completed", "reason": "", "time": 3.0}
    ingest(store, [script.batch(lines=[Line(3.0, "out", 0, "last")], events=[end])], "a@h")
    out, _ = child.communicate(timeout=20)
    assert (out, child.returncode) == ("last\n", 0)


def loaded(code: str, names: tuple[str, ...]) -> str:
    """Return which of the modules a program has loaded at its end."""
    script = f"import atexit, sys\natexit.register(lambda: print(sorted({set(names)!r} & set(sys.modules))))\n{code}"
    words = [sys.executable, "-c", f"from capture.cli.__main__ import main\n{script}"]
    found = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60)
    return found.stdout.splitlines()[-1]


def test_help_loads_no_sql_and_no_rich() -> None:
    heavy = ("sqlalchemy", "sqlmodel", "rich", "textual", "git", "psutil", "watchdog")
    assert loaded("main(['--help']); main(['list', '--help'])", heavy) == "[]"


def test_a_listing_in_a_pipe_loads_no_rich_no_recorder_and_no_other_database(store: Store) -> None:
    record(store)
    heavy = ("rich", "textual", "git", "watchdog", "capture.recorder.service", "sqlalchemy.dialects.postgresql")
    assert loaded("main(['list'])", heavy) == "[]"


def test_output_that_the_encoding_lacks_does_not_stop_it(store: Store) -> None:
    task = record(store, "naïve 漢字", lines=["ümlaut"])
    found = subprocess.run(
        command("logs", task), env=environment() | {"PYTHONIOENCODING": "ascii"}, capture_output=True, timeout=60
    )
    assert found.stdout == b"?mlaut\n"


# Stores that cannot be used


@pytest.mark.parametrize("verb", [["list"], ["show", "ab"], ["clone", "ab"], ["queue", "list"], ["agent", "list"]])
def test_no_store_yet_is_one_sentence_and_3(home: Path, capture: Capture, verb: list[str]) -> None:
    answer = capture(*verb)
    assert (answer.code, answer.out) == (3, "")
    assert re.fullmatch(r"capture: There is no store at .*\n", answer.err)
    assert not (home / "store").exists()


def test_what_is_no_store_is_one_sentence_and_3(home: Path, capture: Capture) -> None:
    (home / "text").write_text("hello")
    (home / "folder").mkdir()
    (home / "folder" / "thesis.tex").write_text("precious")
    (home / "junk.db").write_bytes(b"no database at all" * 100)
    for path in ("text", "folder", "junk.db", "mysql://host/db"):
        where = path if "://" in path else str(home / path)
        answer = capture("list", "--store", where)
        assert (answer.code, answer.out) == (3, ""), path
        assert answer.err.count("\n") == 1, path
        assert answer.err.startswith("capture: Cannot "), path
    assert os.listdir(home / "folder") == ["thesis.tex"]


def test_a_newer_store_is_refused_with_both_versions(store: Store, capture: Capture) -> None:
    with store.write("ada@h") as tx:
        tx.connection.exec_driver_sql("UPDATE meta SET value = '99' WHERE key = 'schema'")
    answer = capture("list")
    assert answer.code == 3
    assert "version 99" in answer.err


def test_a_damaged_store_is_named_by_doctor_too(home: Path, capture: Capture) -> None:
    (home / "junk.db").write_bytes(b"no database at all" * 100)
    answer = capture("doctor", "--store", str(home / "junk.db"), "--json")
    assert answer.code == 3
    assert answer.json["ok"] is False


# doctor


def test_doctor_finds_nothing_wrong_with_a_good_store(store: Store, capture: Capture) -> None:
    record(store)
    answer = capture("doctor", "--json")
    assert (answer.code, answer.json["ok"]) == (0, True)
    said = {check["about"]: check["text"] for check in answer.json["checks"]}
    assert "1 completed" in str([check["text"] for check in answer.json["checks"]])
    assert said["recorder"] == "none is running; nothing to do for one."


def test_doctor_names_a_folder_of_something_else(home: Path, capture: Capture) -> None:
    (home / "other").mkdir()
    (home / "other/notes.txt").write_text("mine")
    answer, refused = (capture(verb, "--store", str(home / "other")) for verb in ("doctor", "list"))
    assert answer.code == refused.code == 3
    assert refused.err.removeprefix("capture: ").strip()[:60] in answer.out


def test_doctor_names_files_that_take_our_names(store: Store, capture: Capture, home: Path) -> None:
    for name in ("capture.py", "store.py"):
        (home / name).write_text("")
    answer = capture("doctor", "--json")
    found = {
        check["text"].split(" ")[0]: check["state"] for check in answer.json["checks"] if check["about"] == "names"
    }
    assert found == {str(home / "capture.py"): "bad", str(home / "store.py"): "note"}
    assert answer.code == 1


def test_doctor_names_settings_that_cannot_be_read(store: Store, capture: Capture) -> None:
    from store.paths import config_file

    config_file().parent.mkdir(parents=True)
    config_file().write_text("= nonsense")
    answer = capture("doctor", "--json", "--store", str(store.location.home))
    assert answer.code == 1
    assert [check["about"] for check in answer.json["checks"] if check["state"] == "bad"] == ["settings"]


def test_doctor_names_who_holds_the_write_lock(store: Store) -> None:
    import fcntl

    with (store.location.home / "store.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = run("doctor", "--json")
    texts = [check["text"] for check in json.loads(answer.stdout)["checks"] if check["about"] == "lock"]
    assert [text.split(" ")[1] for text in texts] == [str(os.getpid())]


def test_doctor_says_that_a_store_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    readable = Path(tempfile.mkdtemp(prefix="ltdoctor"))
    try:
        readable.chmod(0o555)
        monkeypatch.setenv("CAPTURE_STORE", str(readable / "store"))
        assert as_nobody(lambda: main(["doctor"])) == "3"
        out = as_nobody(_doctors_words)
        assert f"Cannot record into the store {readable / 'store'}: you may not write to {readable}" in out
    finally:
        shutil.rmtree(readable)


def _doctors_words() -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main(["doctor", "--json"])
    return out.getvalue()
