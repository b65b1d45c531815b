"""A script reads back what it, or another one, has reported; what it does to its own running task."""

from __future__ import annotations

import sys

from tests.capture.conftest import Bench
from tests.support import eventually
from tests.system.terminals import Terminal


def test_results_are_read_back(bench: Bench) -> None:
    done = bench.online().run("""
        task = Task.init("tests/reading", "results", tags="one two")
        log = task.get_logger()
        for i in range(10):
            log.report_scalar("loss", "train", 1 / (i + 1), i)
        log.report_scalar("loss", "nan", float("nan"), 3)
        log.report_single_value("best", 0.5)
        print("line one"); print("line two")
        task.set_comment("words"); task.connect({"lr": 0.1}); task.set_progress(50)
        task.remove_tags("two"); task.rename("renamed")
        assert task.status == "in_progress" and task.get_tags() == ["one"] and task.name == "renamed"
        task.close()
        same = Task.get_task(task_id=task.id)
        assert same.get_status() == "completed" == task.status, same.get_status()
        assert same.get_last_scalar_metrics()["loss"]["train"] == {"last": 0.1, "min": 0.1, "max": 1.0}
        scalars = same.get_reported_scalars()["loss"]["train"]
        assert (scalars["x"][:3], scalars["y"][0]) == ([0, 1, 2], 1.0)
        assert same.get_reported_single_value("best") == 0.5 and same.get_last_iteration() == 9
        assert same.get_reported_console_output()[-1].splitlines()[-2:] == ["line one", "line two"]
        assert (same.name, same.comment, same.get_tags(), same.get_progress()) == ("renamed", "words", ["one"], 50)
        assert same.get_parameters() == {"General/lr": "0.1"}
        clone = Task.clone(same)
        assert clone.get_status() == "created" and clone.get_progress() is None and clone.parent == same.id
        print(same.project == clone.project, Task.running_locally())
    """)
    assert done.stdout.splitlines()[-1] == "True True"


def test_a_script_never_uses_a_task_of_its_own_again(bench: Bench) -> None:
    folds = """
        for fold in range(3):
            task = Task.init("tests/reading", "a fold")
            assert Task.current_task() is task is Task.init("tests/reading", "a fold") is Task.get_task(task_id=task.id)
            print(task.id)
            task.close()
            Task.get_task(task_id=task.id)  # all of it is in the store
    """
    first, second = bench.online().run(folds).stdout.split(), bench.run(folds).stdout.split()
    assert len({*first, *second}) == 5 and second[0] == first[-1]


def test_who_asks_for_help_keeps_the_last_runs_outputs(bench: Bench) -> None:
    code = """
        import argparse
        task = Task.init("tests/reading", "helpful")
        print(task.id, flush=True)
        task.get_logger().report_scalar("loss", "train", 1.0, 0)
        argparse.ArgumentParser().parse_args()
        task.close()
        Task.get_task(task_id=task.id)  # all of it is in the store
    """
    first = bench.online().run(code).stdout.split()[0]
    done = bench.run(code, "--help").stdout
    assert "usage:" in done and done.split()[0] != first
    assert bench.run(code, "--nosuch", check=False).stdout.split()[0] in (first, done.split()[0])


def test_a_tag_that_breaks_a_rule_is_said_and_keeps_no_other_out(bench: Bench) -> None:
    done = bench.run("""
        task = Task.init("tests/reading", "tagged")
        task.add_tags(["good", "x" * 300, "größe", "a\\x1bb"])
        print(*task.get_tags())
    """)
    assert done.stdout.split() == ["good", "größe"] and done.stderr.count("Invalid tag") == 2
    events = bench.journal().events
    assert [event["add"] for event in events if event["e"] == "tags"] == [["good", "größe"]]
    assert bench.journal().event("refused")["count"] == 2


def test_the_dashboard_opens_a_task_that_is_still_in_its_journal(bench: Bench) -> None:
    task = bench.run("""
        task = Task.init("tests/reading", "in a journal")
        print(task.id)
    """).stdout.strip()
    assert not (bench.home / "store.db").exists()
    bench.online()
    terminal = Terminal([sys.executable, "-P", "-m", "tui.cli", "--task", task], bench.environ, bench.folder)
    terminal.wait("in a journal")
    terminal.press("qq", lambda: True)
    assert terminal.ended() == 0
    terminal.close()


def test_a_reason_keeps_no_secret(bench: Bench) -> None:
    token = "ghp_" + "aB3dE6fH9j" * 4
    bench.online().run(
        f"""
        task = Task.init("tests/reading", "a secret reason", reuse_last_task_id=False)
        task.mark_failed(status_reason="{token} was refused")
        Task.init("tests/reading", "a secret error", reuse_last_task_id=False)
        raise ConnectionError("https://me:hunter2hunter2@host/x refused {token}")
    """,
        check=False,
    )
    eventually(lambda: not list(bench.spool.glob("*.seg")))
    held = b"".join(path.read_bytes() for path in bench.home.glob("store.db*"))
    assert token.encode() not in held and b"hunter2hunter2" not in held
    assert held.count(b"<redacted:github-token>") >= 2


def test_the_own_running_task_refuses_what_running_tasks_refuse(bench: Bench) -> None:
    done = bench.run("""
        task = Task.init("tests/reading", "own")
        for act in (task.reset, task.publish, lambda: task.set_archived(True), task.delete, lambda: Task.enqueue(task),
                    lambda: Task.dequeue(task), task.mark_started, lambda: task.delete_parameter("a/b")):
            try:
                act()
            except ValueError as error:
                print(error)
            else:
                raise SystemExit(f"{act} was done")
    """)
    assert done.stdout.count("it is Running") == 8
    assert bench.journal().event("end")["status"] == "exit"


def test_an_own_end_ends_the_recording(bench: Bench) -> None:
    for call, status, reason in (
        ('mark_completed(status_message="enough")', "completed", "enough"),
        ('mark_failed(status_reason="bad data")', "failed", "bad data"),
        ('mark_stopped(status_message="stop")', "aborted", "stop"),
    ):
        bench.run(f"""
            task = Task.init("tests/reading", "ended by itself", reuse_last_task_id=False)
            task.{call}
            assert Task.current_task() is None
            print("not recorded")
        """)
        end = bench.journals()[-1].event("end")
        assert (end["status"], end["reason"]) == (status, reason)
        assert not bench.journals()[-1].texts
