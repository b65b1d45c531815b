"""What is told of a user's tasks: each end once, and metrics that turned NaN or infinite."""

from __future__ import annotations

import math

from store import commands
from store.engine import Store, current_rev
from store.ingest import ingest
from store.lifecycle import Status
from store.news_records import Ended, NotFinite
from store.queries import news
from tests.support import Script, counted, points

BY = "ada@host"
MANY = 300


def begun(store: Store, name: str = "a task", user: str = "ada") -> Script:
    script = Script()
    event = script.start(project="vision/resnet", name=name, user=user)
    [taken] = ingest(store, [script.batch(events=[event])], BY)
    script.execution = taken.execution
    return script


def end(store: Store, script: Script, status: str = "completed", reason: str = "") -> None:
    ingest(store, [script.batch(events=[{"e": "end", "status": status, "reason": reason, "time": 2000.0}])], BY)


def report(store: Store, script: Script, title: str, *values: float) -> None:
    ingest(store, [script.batch(scalars={(title, "train"): points(values, first=1)})], BY)


def again(store: Store, script: Script) -> Script:
    """Run the script once more on the same task."""
    other = Script(script.task)
    event = other.start(mode="reuse", execution=script.execution, user="ada")
    [taken] = ingest(store, [other.batch(events=[event])], BY)
    other.execution = taken.execution
    return other


def rev(store: Store) -> int:
    with store.read() as c:
        return current_rev(c)


def ended(store: Store, since: int, user: str = "ada") -> list[Ended]:
    with store.read() as c:
        return news.ended(c, user, since)


def odd(store: Store, since: int | None = None, user: str = "ada") -> list[NotFinite]:
    with store.read() as c:
        return news.not_finite(c, user, since)


def test_each_end_is_told_once_with_its_reason_and_nothing_that_was_before(store: Store) -> None:
    end(store, begun(store, "long ago"))
    scripts = [begun(store, name) for name in ("one", "two", "three")]
    before = rev(store)
    end(store, scripts[1], "failed", "CUDA out of memory")
    middle = rev(store)
    commands.finish(store, scripts[0].task, by=BY, status=Status.ABORTED, reason="enough")
    two, one = (
        Ended(scripts[1].task, "two", "vision/resnet", "failed", "CUDA out of memory"),
        Ended(scripts[0].task, "one", "vision/resnet", "aborted", "enough"),
    )
    assert ended(store, before) == [two, one], "in the order in which they ended"
    assert (ended(store, middle), ended(store, rev(store))) == ([one], [])
    commands.tag(store, scripts[1].task, add=["kept"], by=BY)
    commands.publish(store, scripts[0].task, by=BY)
    assert ended(store, before) == [two, one], "what was done to them since changes nothing"


def test_a_task_that_starts_and_ends_between_two_looks_is_told_and_a_second_run_of_it_again(store: Store) -> None:
    before = rev(store)
    script = begun(store, "quick")
    end(store, script, "failed", "ImportError")
    first = rev(store)
    assert [found.status for found in ended(store, before)] == ["failed"]
    end(store, again(store, script))
    assert [found.status for found in ended(store, first)] == ["completed"]
    assert [found.status for found in ended(store, before)] == ["failed", "completed"]


def test_what_was_reset_since_and_what_is_somebody_elses_is_no_news(store: Store) -> None:
    before = rev(store)
    mine, hers = begun(store, "mine"), begun(store, "hers", "eve")
    for script in (mine, hers):
        report(store, script, "loss", math.nan)
    assert [found.task for found in odd(store)] == [mine.task]
    assert [found.task for found in odd(store, before, "eve")] == [hers.task]
    for script in (mine, hers):
        end(store, script, "failed")
    commands.reset(store, mine.task, by=BY)
    assert ended(store, before) == []
    assert [found.name for found in ended(store, before, "eve")] == ["hers"]


def test_metrics_are_told_by_their_last_value_and_only_while_the_task_runs(store: Store) -> None:
    script = begun(store)
    before = rev(store)
    report(store, script, "loss", 1.0, math.nan)
    report(store, script, "up", math.inf)
    report(store, script, "down", 3.0, -math.inf)
    report(store, script, "recovered", math.nan, math.inf, 0.5)
    report(store, script, "largest", 1.7976931348623157e308)
    report(store, script, ":monitor:gpu", math.nan)
    found = odd(store)
    assert [(one.title, one.iteration, one.execution) for one in found] == [
        ("loss", 2, 1),
        ("up", 1, 1),
        ("down", 2, 1),
    ]
    assert math.isnan(found[0].value) and [one.value for one in found[1:]] == [math.inf, -math.inf]
    assert [one[:6] for one in odd(store, before)] == [one[:6] for one in found]
    assert odd(store, rev(store)) == []
    end(store, script)
    assert odd(store) == []


def test_each_question_is_one_statement_and_finds_its_tasks_by_an_index(store: Store) -> None:
    script = begun(store)
    for number in range(MANY):
        commands.create(store, by=BY, project="tests/many", name=f"draft {number}")
    before = rev(store)
    report(store, script, "loss", math.nan)
    with counted(store.reader) as asked:
        odd(store, before)
        odd(store)
    end(store, script)
    with counted(store.reader) as asked_of_ends:
        ended(store, before)
    mine = [text for text in asked.statements + asked_of_ends.statements if "FROM task" in text]
    assert len(mine) == 3
    if store.location.is_sqlite:
        plans = [_plan(store, text) for text in mine]
        assert all("SCAN" not in plan for plan in plans), plans
        assert ["ix_task_rev" in plan for plan in plans] == [True, False, True] and "ix_task_" in plans[1]


def _plan(store: Store, statement: str) -> str:
    with store.read() as c:
        rows = c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("ada",) * statement.count("?"))
        return "\n".join(str(row[-1]) for row in rows)
