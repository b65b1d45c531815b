"""``Task.init`` and what stands around it: which task it records, what it says, what it refuses."""

from __future__ import annotations

import ast
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from capture import Task, lookup, plainjson
from store import commands
from store.engine import open_store
from store.queries import details
from store.queries import tasks as task_queries
from store.records import TaskDetail
from tests.capture.conftest import ROOT, Bench
from tests.store.processes import as_nobody
from tests.support import eventually


def _all(bench: Bench) -> list[TaskDetail]:
    """Return all tasks in the store, oldest first."""
    with open_store(bench.home) as store, store.read() as connection:
        rows = task_queries.page(connection, task_queries.TaskQuery(sort="created", descending=False), 0, None)
        return [details.detail(connection, row.id) for row in rows]


def _settled(bench: Bench, task: str) -> TaskDetail:
    """Return a task once it has ended."""

    def ended() -> TaskDetail | None:
        over = ("completed", "failed", "aborted")
        return next((found for found in _all(bench) if found.row.id == task and found.row.status in over), None)

    found = eventually(ended, 15)
    assert found is not None
    return found


def test_one_line_on_stderr_and_none_on_stdout(bench: Bench) -> None:
    done = bench.run('print(Task.init("tests/task", "talk").id)')
    task = done.stdout.strip()
    assert done.stderr == f"labtop: task {task} · watch it: tui --task {task[:8]}\n"
    bench.environ["CAPTURE_LOG_LEVEL"] = "warning"
    assert bench.run('Task.init("tests/task", "talk")').stderr == ""


def test_names_default_to_the_script_and_its_repository(bench: Bench) -> None:
    (bench.folder / ".git").mkdir()
    (bench.folder / ".git" / "config").write_text('[remote "origin"]\n\turl = git@host:group/digits.git\n')
    bench.run("task = Task.init(None, None, None, None, None, None)\nprint(task.name, task.get_project_name())")
    start = bench.journal().event("start")
    assert (start["project"], start["name"], start["type"], start["mode"]) == ("digits", "train", "training", "new")
    assert start["argv"] == []
    assert start["script"] == str(bench.folder / "train.py")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('"ab", "long enough"', ("Invalid project", "too short", "at least 3")),
        ('"a//b", "long enough"', ("part 2", "empty")),
        ('"/abc", "long enough"', ("part 1", "empty")),
        ('"a/../b", "long enough"', ("part 2", "'..'")),
        ('"project", "  x "', ("Invalid task name", "too short")),
        ('"project", "esc\\x1b[31m"', ("control character",)),
        ('"project", "sur\\udcffrogate"', ("control character",)),
        ('"project", 5', ("Invalid task name", "5 is not text")),
        ('"project", "name", "trainig"', ('Did you mean "training"?',)),
        ('"project", "name", continue_last_task="0" * 32', ("No task", "to continue")),
    ],
)
def test_init_refuses_in_one_sentence(bench: Bench, arguments: str, words: tuple[str, ...]) -> None:
    done = bench.run(f"""
        try:
            Task.init({arguments})
        except (ValueError, LookupError) as error:
            print(type(error).__name__, error)
    """)
    assert all(word in done.stdout for word in words), done.stdout
    assert done.stdout.count("\n") == 1
    assert not list(bench.spool.glob("*")) if bench.spool.exists() else True


def test_a_second_init_returns_the_task_or_names_close(bench: Bench) -> None:
    done = bench.run("""
        from capture import UsageError
        one = Task.init("tests/task", "first")
        assert Task.init("tests/task", "first").id == Task.init().id == Task.current_task().id == one.id
        try:
            Task.init("tests/task", "second")
        except UsageError as error:
            print(error)
        one.close(); one.close()
        assert Task.current_task() is None and Logger.current_logger() is None
        two = Task.init("tests/task", "second")
        assert two.id != one.id
    """)
    assert "task.close()" in done.stdout
    assert [written.event("end")["status"] for written in bench.journals()] == ["completed", "exit"]


def test_a_task_is_not_made_by_hand(bench: Bench) -> None:
    assert "Task.get_task" in bench.run("try: Task()\nexcept RuntimeError as e: print(e)").stdout


def test_what_waits_for_a_later_version_is_said_once(bench: Bench) -> None:
    done = bench.run("""
        Task.init("tests/task", "later", output_uri="s3://x", auto_connect_frameworks={"pytorch": False})
        from capture import StorageManager, Dataset
        for use in (lambda: StorageManager.get_local_copy("x"), lambda: Dataset.create()):
            try: use()
            except RuntimeError as error: print(error)
    """)
    assert done.stderr.count("output_uri") == done.stderr.count("auto_connect_frameworks") == 1
    assert done.stdout.splitlines()[0].startswith("StorageManager.get_local_copy is not in this version")


def test_disabled_records_nothing_and_everything_works(bench: Bench) -> None:
    bench.environ["CAPTURE_DISABLED"] = "1"
    done = bench.run("""
        task = Task.init("tests/task", "disabled")
        task.get_logger().report_scalar("a", "b", 1, 1)
        task.connect({"a": 1})["a"] = 2
        task.set_progress(5); task.add_tags(["x"])
        assert Task.current_task().id == task.id and task.get_progress() == 5
        pid = os.fork()
        if pid == 0: task.get_logger().report_scalar("a", "b", 1, 1); os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        task.close()
    """)
    assert (done.stdout, done.stderr) == ("", "")
    assert not bench.home.exists()


def test_a_stderr_that_raises_whatever_it_likes_stops_no_script(bench: Bench) -> None:
    done = bench.run("""
        import sys
        task = Task.init("tests/task", "bad stderr", auto_connect_streams=False)
        class Bad:
            def write(self, text): raise KeyError(text)
            def flush(self): pass
        sys.stderr = Bad()
        task.get_logger().report_scalar("a", "b", "no number", 1)
        print("went on")
    """)
    assert (done.returncode, done.stdout) == (0, "went on\n")


SETTERS = {
    "add_tags": "5", "remove_tags": "5", "set_tags": "5", "set_parameters": "5", "update_parameters": "5",
    "set_parameter": "5, 5", "set_parameters_as_dict": "5", "set_user_properties": "5",
}  # fmt: skip


def test_what_a_setter_cannot_take_is_said_once_and_raised_only_for_a_task_of_others(bench: Bench) -> None:
    calls = "\n".join(f"task.{name}({given}); task.{name}({given})" for name, given in SETTERS.items())
    done = bench.run(
        f'task = Task.init("tests/task", "setters", auto_connect_streams=False)\n{calls}\n'
        'task.set_parameters({"a": 1}); task.add_tags(["good"]); print("went on")'
    )
    assert done.stdout == "went on\n"
    said = [row.split()[1] for row in done.stderr.splitlines() if " failed (" in row]
    assert said == list(SETTERS)
    assert bench.journal().parameters()["General/a"]["value"] == "1"
    other = bench.run('Task.create("tests/task", "of others").add_tags(5)', check=False)
    assert other.returncode == 1 and "TypeError" in other.stderr


def test_nothing_after_init_raises(bench: Bench) -> None:
    done = bench.run("""
        task = Task.init("tests/task", "nonsense", auto_connect_streams=False)
        log = task.get_logger()
        class Bad:
            def __float__(self): raise RuntimeError("no")
            def __repr__(self): raise RuntimeError("no")
            def __lt__(self, other): return self
            def __bool__(self): raise RuntimeError("more than one value")
            @property
            def ndim(self): raise RuntimeError("no")
        for value in ("x", None, [1, 2], 1 + 2j, Bad(), b"1", 10 ** 400):
            log.report_scalar("bad", "value", value, 1)
        for iteration in (-1, 1.5, "3", None, 2 ** 63, float("nan"), Bad()):
            log.report_scalar("bad", "iteration", 1.0, iteration)
        for value in (True, 5, 2 ** 70, float("nan"), float("inf"), -0.0):
            log.report_scalar("good", "value", value, 1)
        for iteration in (True, 3.0, 2 ** 63 - 1):
            log.report_scalar("good", "iteration", 1.0, iteration)
        log.report_scalar(["odd"], None, 1.0, 1)
        for title, series in (("", "of nothing"), ("nothing of", " "), ("", "of nothing")):
            log.report_scalar(title, series, 1.0, 1)
        log.report_single_value("", 1)
        log.report_single_value("single", "x"); log.report_single_value("single", 2)
        log.report_text(Bad()); log.report_text("%d", 20, True, "x")
        for progress in (-1, 101, "x", float("nan"), None, Bad()):
            task.set_progress(progress)
        task.connect(5)
        task.set_progress(7.5)
        assert task.get_progress() == 7.5
        task.close()
        log.report_scalar("good", "value", 1.0, 1); log.report_text("late", print_console=False); task.set_progress(1)
    """)
    written = bench.journal()
    assert ("bad", "value") not in written.scalars
    assert [at for at, _ in written.scalars[("good", "iteration")]] == [1, 3, 2**63 - 1]
    assert [str(value) for _, value in written.scalars[("good", "value")]] == [
        "1.0", "5.0", "1.1805916207174113e+21", "nan", "inf", "-0.0",
    ]  # fmt: skip
    assert written.scalars[("['odd']", "None")] == [(1, 1.0)]
    assert sum(event["count"] for event in written.events if event["e"] == "refused") == 19
    assert [event["value"] for event in written.events if event["e"] == "progress"] == [7.5]
    for key in (
        "bad/value",
        "bad/iteration",
        "/of nothing: a scalar needs names",
        "nothing of/ : a scalar",
        "single",
        "report_text",
        "progress goes from 0 to 100; -1 is not kept",
        "progress goes from 0 to 100; 'x' is not kept",
        "or an ArgumentParser, no int.",
        "after its task was closed",
    ):
        assert done.stderr.count(key) == 1, (key, done.stderr)
    assert done.stderr.count("progress goes") == 2


def test_scripts_and_commands_read_the_same_settings_file(bench: Bench) -> None:
    (bench.folder / "mine.toml").write_text(f'store = "{bench.folder}/chosen"')
    environ = bench.environ | {"HOME": str(bench.folder), "CAPTURE_CONFIG": "~/mine.toml", "CAPTURE_STORE": ""}
    (bench.folder / "data/labtop/spool").mkdir(parents=True)  # a store at the default place that was used before
    bench.run(NAMED.format(more=""), env=environ | {"XDG_DATA_HOME": str(bench.folder / "data")})
    assert list((bench.folder / "chosen/spool").glob("*.seg"))


def test_a_script_may_run_where_its_folder_is_gone(bench: Bench) -> None:
    done = bench.run("""
        os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")
        sys.path.insert(0, "")
        Task.init("tests/task").get_logger().report_scalar("a", "b", 1.0, 0)
    """)
    assert "cannot record" not in done.stderr
    assert bench.journal().scalars == {("a", "b"): [(0, 1.0)]}
    assert bench.journal().event("start")["cwd"] == ""


def test_numpy_and_tensors_of_one_number_are_accepted(bench: Bench) -> None:
    pytest.importorskip("numpy")
    bench.run("""
        import numpy as np
        log = Task.init("tests/task", "numpy").get_logger()
        for i, value in enumerate([np.float32(0.5), np.float64(0.25), np.int8(3), np.array(2.0), np.bool_(True)]):
            log.report_scalar("a", "b", value, np.int64(i))
        log.report_scalar("a", "b", np.array([1.0]), 1)
    """)
    assert bench.journal().scalars[("a", "b")] == [(0, 0.5), (1, 0.25), (2, 3.0), (3, 2.0), (4, 1.0)]


def test_a_failure_of_ours_is_said_once_and_counted(bench: Bench) -> None:
    done = bench.run("""
        from capture import connected
        task = Task.init("tests/task", "broken")
        connected.connect = lambda *_: 1 / 0
        assert task.connect({"a": 1}) == {"a": 1} and task.connect({"a": 1}) == {"a": 1}
    """)
    assert done.stderr.count("connect failed (ZeroDivisionError") == 1
    assert bench.journal().console("labtop") == "labtop: 2 failures while recording\n"


# Which task


NAMED = (
    'task = Task.init("tests/task", "again"{more})\nprint(task.id)\ntask.get_logger().report_scalar("a", "b", 1, 5)\n'
)


def _ids(bench: Bench, *more: str, **environ: str) -> list[str]:
    """Run the named script once for each set of further arguments, each after the one before is settled."""
    ids = []
    for arguments in more:
        ids.append(bench.run(NAMED.format(more=arguments), env=bench.environ | environ).stdout.strip())
        _settled(bench, ids[-1])
    return ids


def test_the_last_run_is_used_again_emptied(bench: Bench) -> None:
    bench.online()
    one = bench.run(NAMED.format(more="") + 'task.connect({"lr": 1}); task.set_comment("note")').stdout.strip()
    _settled(bench, one)
    again = bench.run(NAMED.format(more=""))
    assert again.stdout.strip() == one
    note = "used again: its last outputs are replaced; reuse_last_task_id=False keeps both"
    assert again.stderr == f"labtop: task {one} ({note}) · watch it: tui --task {one[:8]}\n"
    eventually(lambda: _all(bench)[0].execution == 2)
    found = _settled(bench, one)
    assert [metric.n for metric in found.metrics] == [1]
    assert (found.parameters, found.row.comment) == ([], "")


def test_a_new_task_where_reuse_is_not_wanted(bench: Bench) -> None:
    bench.online()
    assert len(set(_ids(bench, "", ", reuse_last_task_id=False"))) == 2
    assert len(set(_ids(bench, ", task_type='testing'", ", task_type='testing'", CAPTURE_TASK_NO_REUSE="1"))) == 2


def test_an_old_run_is_left_alone(bench: Bench) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    config = bench.folder / "config.toml"
    config.write_text("[development]\ntask_reuse_time_window_in_hours = 0\n")
    assert _ids(bench, "", CAPTURE_CONFIG=str(config)) != [one]


def test_a_baseline_is_left_alone(bench: Bench) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    with open_store(bench.home) as store:
        commands.set_baseline(store, _all(bench)[0].row.project, one, by="ada@h")
    two = bench.run(NAMED.format(more=""))
    assert two.stdout.strip() != one and "again" not in two.stderr
    asked = bench.run(NAMED.format(more=f", reuse_last_task_id='{one}'"))
    assert asked.stdout.strip() != one and "it has artifacts or models, or is a baseline" in asked.stderr


def test_where_the_last_run_is_not_used_again_no_older_one_is_in_its_place(bench: Bench) -> None:
    bench.online()
    one, two = _ids(bench, "", ", reuse_last_task_id=False")
    path = bench.script(NAMED.format(more=", reuse_last_task_id=False") + "print(flush=True)\ninput()")
    pipe = subprocess.PIPE
    going = subprocess.Popen([sys.executable, str(path)], cwd=bench.folder, env=bench.environ, stdin=pipe, stdout=pipe)
    bench.children.append(going)
    assert going.stdout is not None
    running = going.stdout.readline().decode().strip()
    eventually(lambda: {row.row.id: row.row.status for row in _all(bench)}.get(running) == "running")
    [beside] = _ids(bench, "")
    going.communicate(b"\n")
    _settled(bench, running)
    assert len({one, two, running, beside}) == 4
    [used] = _ids(bench, "")
    assert used == beside, "which began last"
    bench.run(f'Task.get_task("{beside}").set_archived(True)')
    assert _ids(bench, "")[0] not in (one, two, running, beside)


@pytest.mark.parametrize("act", ["publish()", "set_archived(True)"])
def test_what_was_put_away_is_left_alone(bench: Bench, act: str) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    bench.run(f'Task.get_task("{one}").{act}')
    two = bench.run(NAMED.format(more="")).stdout.strip()
    assert two != one


def test_a_task_goes_on_where_it_stopped(bench: Bench) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    done = bench.run(NAMED.format(more=", continue_last_task=True") + "print(task.get_initial_iteration())")
    assert done.stdout.split() == [one, "6"]
    eventually(lambda: _all(bench)[0].execution == 2 and _all(bench)[0].row.last_iteration == 11)
    by_id = bench.run(NAMED.format(more=f", continue_last_task='{one}'") + "print(task.get_initial_iteration())")
    assert by_id.stdout.split() == [one, "12"]
    eventually(lambda: _all(bench)[0].row.last_iteration == 17)
    forced = {"CAPTURE_SET_ITERATION_OFFSET": "99"}
    for resume, environ, expected in (("0", {}, "0"), ("40", {}, "40"), ("True", forced, "99")):
        more = f", continue_last_task={resume}"
        eventually(lambda: _all(bench)[0].row.status == "completed")
        done = bench.run(NAMED.format(more=more) + "print(task.get_initial_iteration())", env=bench.environ | environ)
        assert done.stdout.split() == [one, expected]
    assert len(_all(bench)) == 1


@pytest.mark.parametrize("recorder", [True, False])
def test_a_task_begun_again_reads_what_the_store_has(bench: Bench, recorder: bool) -> None:
    """Asked of the recorder, and looked up where none answers."""
    bench.online()
    say = """
print((task.name, task.get_project_name(), sorted(task.tags), task.comment, task.get_progress(), task.get_parameters(),
    task.get_configuration_objects()))
"""
    fill = """
task.add_tags(["blue"]); task.set_comment("a note"); task.set_progress(40); task.connect({"lr": 1})
task.set_configuration_object("net", "deep"); task.set_name("renamed")
"""
    one = bench.run(NAMED.format(more="") + fill).stdout.strip()

    def again(more: str, *new: str) -> Any:
        _settled(bench, one)
        if not recorder:
            bench.close()
        done = bench.run(NAMED.format(more=f", tags={list(new)}, {more}='{one}'") + say)
        found, read = done.stdout.splitlines()
        assert found == one
        eventually(lambda: _all(bench)[0].row.tags == ("blue", *new))
        return ast.literal_eval(read)

    kept = ("a note", 40, {"General/lr": "1"}, {"net": "deep"})
    assert again("continue_last_task", "one") == ("renamed", "tests/task", ["blue", "one"], *kept)
    reused = again("reuse_last_task_id", "one", "two")
    assert reused == ("renamed", "tests/task", ["blue", "one", "two"], "", None, {}, {})


@pytest.mark.parametrize("more", ["", ", continue_last_task=True"])
def test_of_starts_at_one_instant_one_alone_uses_the_task_again(bench: Bench, more: str) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    os.mkfifo(bench.folder / "gun")
    gun = os.open(bench.folder / "gun", os.O_RDWR)
    wait = 'gun = open("gun"); print("ready", flush=True); gun.read()\n'
    until_all_have_begun = 'print(end="", flush=True); input(); '
    script = bench.script(f"{wait}{NAMED.format(more=more)}{until_all_have_begun}task.set_comment(task.id)")
    for _ in range(6):
        command, pipe = [sys.executable, str(script)], subprocess.PIPE
        bench.children.append(subprocess.Popen(command, cwd=bench.folder, env=bench.environ, stdin=pipe, stdout=pipe))
    outputs = [child.stdout for child in bench.children if child.stdout is not None]
    assert [output.readline() for output in outputs] == [b"ready\n"] * 6
    os.close(gun)
    ids = [output.readline().decode().strip() for output in outputs]
    assert [child.communicate(b"\n")[0] for child in bench.children] == [b""] * 6
    assert len(set(ids)) == 6 and one in ids, ids
    assert {task: _settled(bench, task).row.comment for task in ids} == {task: task for task in ids}
    left = list(bench.spool.glob("*.again"))
    assert [path.name for path in left if one in path.name and ".1." in path.name] == [f"{one}.1.again"]


def test_who_asks_to_go_on_empties_no_task_that_others_begin_and_end_meanwhile(bench: Bench) -> None:
    bench.online()
    _ids(bench, "")
    path = bench.script(NAMED.format(more=", continue_last_task=True"))
    command, pipe, said = [sys.executable, str(path)], subprocess.PIPE, ""
    for _ in range(8):  # one start in ten looked while another began and ended
        scripts = [
            subprocess.Popen(command, cwd=bench.folder, env=bench.environ, stdout=pipe, stderr=pipe) for _ in range(6)
        ]
        bench.children += scripts
        said += "".join(script.communicate()[1].decode() for script in scripts)
    assert said.count("labtop: task ") == 48 and "used again" not in said, said


def test_what_reserved_a_task_goes_once_its_start_is_taken_in(bench: Bench) -> None:
    """It stays while its journal is there to be taken in, and a minute in any case."""
    bench.online()
    one = _ids(bench, "")[0]
    bench.close()
    mine = {name: bench.spool / f"{'a' * 32}.{number}.again" for number, name in enumerate(("gone", "here", "new"))}
    for name, path in mine.items():
        path.write_text("1" * 16 if name == "here" else "2" * 16)
        os.utime(path, (time.time() - (0 if name == "new" else 100),) * 2)
    (bench.spool / f"{'1' * 16}.w").touch()
    assert _ids(bench, "") == [one]
    eventually(lambda: not mine["gone"].exists())
    assert mine["here"].exists() and mine["new"].exists()


def test_a_published_task_cannot_be_continued(bench: Bench) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    bench.run(f'Task.get_task("{one}").publish()')
    done = bench.run(NAMED.format(more=f", continue_last_task='{one}'"), check=False)
    assert "published tasks are read-only" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        ("publish()", "it is Published, and published tasks are read-only. Clone it (c) to get an editable Draft."),
        ("reset(); Task.enqueue(task)", "it is Pending. Dequeue it (Q) first."),
        ("reset(); task.mark_started()", "it is Running. Abort it (A) first."),
    ],
)
def test_a_task_that_cannot_be_used_again_says_why_and_gives_way_to_a_new_one(
    bench: Bench, act: str, refused: str
) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    bench.run(f'task = Task.get_task("{one}"); task.{act}')
    done = bench.run(NAMED.format(more=f", reuse_last_task_id='{one}'"))
    assert done.stderr.splitlines()[0] == f'labtop: Cannot reset "again" ({one[:8]}): {refused} Made a new task.'
    assert done.stdout.strip() != one


def test_an_archived_task_is_not_used_again_and_the_script_knows_its_own(bench: Bench) -> None:
    bench.online()
    one = _ids(bench, "")[0]
    bench.run(f'task = Task.get_task("{one}"); task.set_archived(True)')
    done = bench.run(NAMED.format(more=f", reuse_last_task_id='{one}'"))
    why = f'Cannot reuse "again" ({one[:8]}): it is archived. Restore it (a) first.'
    assert done.stderr.splitlines()[0] == f"labtop: {why} Made a new task."
    assert _settled(bench, done.stdout.strip()).row.id != one
    refused = bench.run(NAMED.format(more=f", continue_last_task='{one}'"), check=False)
    assert f"StateError: {why.replace('reuse', 'continue')}" in refused.stderr.splitlines()[-1]


def test_a_draft_and_an_ended_task_are_used_again_by_their_id(bench: Bench) -> None:
    bench.online()
    one, two = _ids(bench, "", ", reuse_last_task_id=False")
    bench.run(f'Task.get_task("{one}").reset()')
    again = [f", reuse_last_task_id='{task}'" for task in (one, two)]
    assert _ids(bench, *again) == [one, two]
    assert (
        "No task 'nope' to use again in the store" in bench.run(NAMED.format(more=", reuse_last_task_id='nope'")).stderr
    )


def test_children_attach_to_the_task(bench: Bench) -> None:
    done = bench.run("""
        import subprocess, multiprocessing
        def work():
            Task.current_task().get_logger().report_scalar("worker", "b", 1.0, 0)
        def report(number):
            Logger.current_logger().report_scalar("pool", "b", 1.0, number)
            return Task.current_task().id
        if __name__ == "__main__":
            task = Task.init("tests/task", "parent")
            print(task.id)
            child = "from capture import Task; t = Task.init('else', 'else'); print(t.id)"
            subprocess.run([sys.executable, "-c", child], check=True)
            for method in ("fork", "spawn", "forkserver"):
                p = multiprocessing.get_context(method).Process(target=work)
                p.start(); p.join(); assert p.exitcode == 0
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                print(*pool.map(report, range(8)))
    """)
    assert len(set(done.stdout.split())) == 1
    first, *others = bench.journals()
    joined = f"labtop: joined task {done.stdout.split()[0]} of process {first.identity['pid']}, which started this one."
    assert done.stderr.count("labtop:") == 2 and done.stderr.count(joined) == 1, done.stderr
    assert {written.identity["task"] for written in others} == {first.identity["task"]}
    assert [written.identity["primary"] for written in (first, *others)] == [True] + [False] * len(others)
    starts = [written.event("start") for written in others]
    assert {(start["mode"], start["parent"]) for start in starts} == {("attach", first.identity["writer"])}
    points = [written.scalars for written in others]
    assert sum(len(found.get(("worker", "b"), [])) for found in points) == 3
    assert sorted(i for found in points for i, _ in found.get(("pool", "b"), [])) == list(range(8))


def test_an_orphan_is_a_task_of_its_own(bench: Bench) -> None:
    environ = bench.environ | {"CAPTURE_PROC_MASTER_ID": f"999999999:{'a' * 32}"}
    assert bench.run(NAMED.format(more=""), env=environ).stdout.strip() != "a" * 32


def test_the_rank_is_kept(bench: Bench) -> None:
    bench.run(NAMED.format(more=""), env=bench.environ | {"RANK": "3"})
    assert bench.journal().identity["rank"] == 3


# The floor


HEAVY = """
typing re json dataclasses pathlib inspect logging socket subprocess threading argparse tomllib uuid hashlib datetime
sqlite3 ctypes tempfile contextlib
"""


def _modules(bench: Bench, code: str) -> set[str]:
    shown = "\nsys.stderr.write('|' + ' '.join(sys.modules))"
    return set(bench.run(code + shown).stderr.rpartition("|")[2].split())


@pytest.mark.parametrize("place", ["store", "own.db", ""], ids=["folder", "file", "default"])
def test_import_and_init_load_little(bench: Bench, place: str) -> None:
    """The expensive modules of the standard library stay out of a script, also when its init makes the store."""
    bench.environ["CAPTURE_STORE"] = place and str(bench.folder / place)
    settings = Path(bench.environ["XDG_CONFIG_HOME"]) / "labtop/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('# store = "elsewhere"\n[tui]\ntheme = "light"\n')
    code = """
task = Task.init("tests/task", "light")
task.get_logger().report_scalar("a", "b", 1.0, 1)
task.set_progress(1)
print("hello")
"""
    for loaded in (_modules(bench, code), _modules(bench, code)):
        assert not loaded & set(HEAVY.split())
        assert not {name for name in loaded if name.split(".")[0] in ("store", "tui", "sqlmodel", "numpy")}


def test_json_through_the_c_module_is_what_the_standard_module_makes() -> None:
    import json

    values: list[Any] = [
        {}, [], "", 0, -1.5, True, None, {"a": [1, {"b": None}], "é\n\udc80\0": "\u2028"},
        [1e300, 10**30, "x" * 100_000],
    ]  # fmt: skip
    for value in values:
        assert plainjson.dumps(value) == json.dumps(value)
        assert plainjson.loads(json.dumps(value, indent=1)) == value
    for bad in ("", "{", "[1,]", "1 2", "nope"):
        with pytest.raises(ValueError):
            plainjson.loads(bad)


def _unusable(bench: Bench, what: str) -> str:
    """Make what is no store and return what an init there must say."""
    place = bench.folder / "place.db"
    bench.environ["CAPTURE_STORE"] = str(place)
    if what == "junk":
        place.write_bytes(b"no database, but long enough for a header")
        return f"Cannot open the store {place}: it is not a labtop store. Give another path, or move that file away."
    if what == "not ours":
        bench.environ["CAPTURE_STORE"] = str(place / "below")
        place.mkdir()
        (place / "below").write_text("a file")
        return f"Cannot use the store {place}/below: it is a file. Give a folder, a .db file or postgresql://…"
    (bench.folder / "mounts").write_text(f"30 22 0:50 / {bench.folder} rw - nfs4 server:/export rw\n")
    bench.environ["CAPTURE_MOUNTINFO"] = str(bench.folder / "mounts")
    return f"Cannot keep a SQLite store in {place}.d: it is on a network file system (nfs4), where SQLite loses data. "


@pytest.mark.parametrize("what", ["junk", "not ours", "network"])
def test_a_store_that_cannot_be_one_is_refused_in_a_sentence(bench: Bench, what: str) -> None:
    expected = _unusable(bench, what)
    done = bench.run('Task.init("tests/task", "nowhere")', check=False)
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[-1].startswith(f"capture.errors.StoreUnusable: {expected}")
    assert [line for line in lines if line.startswith("  File")] == [
        f'  File "{bench.folder}/train.py", line 4, in <module>', lines[-3],
    ]  # fmt: skip


def test_an_error_of_the_stores_is_told_without_the_stores_insides(bench: Bench) -> None:
    (bench.folder / "place.db").write_bytes(b"SQLite format 3\0" + bytes(4096))
    bench.environ["CAPTURE_STORE"] = str(bench.folder / "place.db")
    done = bench.run('Task.get_task("abc")', check=False)
    assert done.stderr.count("File ") <= 3
    assert "During handling" not in done.stderr and "direct cause" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("capture.errors.StoreUnusable: Cannot open the store ")


def test_errors_have_public_names_that_survive_a_pickle(bench: Bench) -> None:
    done = bench.run("""
        import pickle
        from capture import UsageError, errors
        for make in (lambda: Task("x"), lambda: Task.init("tests/task", "x"), lambda: Task.init("a//b", "name")):
            try: make()
            except errors.LabtopError as error: found = error
            again = pickle.loads(pickle.dumps(found))
            print(type(again) is type(found), type(found) in (UsageError, errors.InvalidValue), again)
    """)
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["True", "True"]] * 3


def test_tests_do_not_touch_the_users_store() -> None:
    assert "CAPTURE_STORE" not in os.environ
    assert "capture" in sys.modules


@pytest.mark.parametrize("made", [True, False], ids=["another user's", "in a folder nobody may write to"])
def test_a_store_one_may_not_write_to_is_refused_at_init(monkeypatch: pytest.MonkeyPatch, made: bool) -> None:
    public = Path(tempfile.mkdtemp(prefix="ltinit"))
    try:
        public.chmod(0o755)
        if made:
            for folder in (public / "store", public / "store/spool"):
                folder.mkdir(mode=0o755)
        monkeypatch.setenv("CAPTURE_STORE", str(public / "store"))
        refused = as_nobody(lambda: Task.init("tests/task", "of another user", auto_connect_arg_parser=False))
        place = public / "store" if made else public
        me = pwd.getpwuid(os.getuid()).pw_name
        assert refused == (
            f"StoreUnusable: Cannot record into the store {public / 'store'}: you may not write to {place} (it belongs "
            f"to {me}). Set CAPTURE_STORE to a folder you can write to."
        )
        assert not made or not list((public / "store/spool").iterdir())
    finally:
        shutil.rmtree(public)


@pytest.mark.skipif(os.getuid() != 0, reason="mounts a file system")
def test_a_read_only_file_system_is_named_as_the_cause(tmp_path: Path) -> None:
    python = "from capture import Task; Task.init('tests/task', 'on a read-only disk')"
    init = f'mount -t tmpfs -o ro none . || exit 77; exec {sys.executable} -c "{python}"'
    environ = os.environ | {"CAPTURE_STORE": str(tmp_path / "store"), "PYTHONPATH": str(ROOT)}
    words = ["unshare", "--mount", "sh", "-c", init]
    done = subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip(f"may not mount here: {done.stderr}")
    assert done.stderr.splitlines()[-1] == (
        f"capture.errors.StoreUnusable: Cannot record into the store {tmp_path / 'store'}: {tmp_path} is on a "
        f"read-only file system. Set CAPTURE_STORE to a folder you can write to."
    )


@pytest.mark.parametrize("alive", [False, True], ids=["nobody records", "a recorder that cannot"])
def test_a_store_of_a_newer_version_is_named_at_init(bench: Bench, alive: bool) -> None:
    with open_store(bench.home) as store, store.write("ada@h") as tx:
        tx.connection.exec_driver_sql("UPDATE meta SET value = '99' WHERE key = 'schema'")
    if alive:
        bench.online().run("Task.init('tests/task', 'first')")
        eventually(lambda: lookup.ask(str(bench.home), {"op": "ping"}))
    done = bench.run("Task.init('tests/task', 'newer')")
    assert f"labtop: Cannot use the store {bench.home}: its schema is version 99, this program knows" in done.stderr
    assert f"What this script reports waits in {bench.spool} until then.\n" in done.stderr
    assert done.stderr.count("labtop:") == 2, "and which task it is"
