"""Taking journals in: every record once, on the right task, or counted as dropped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from store import commands, tables, transitions
from store.engine import Store, current_rev, open_store
from store.errors import StoreUnusable
from store.ingest import ingest
from store.lifecycle import Status
from store.queries import console, details, scalars
from store.records import MetricRow, Points, Taken
from store.transitions import create, delete
from tests.support import Script, counted, line, points

BY = "ada@host"
LOSS = ("loss", "train")


def take(store: Store, *batches: Any) -> list[str]:
    return [taken.outcome for taken in ingest(store, batches, BY)]


def started(store: Store, **fields: Any) -> Script:
    """A script whose start has been taken in."""
    script = Script()
    taken = ingest(store, [script.batch(events=[script.start(**fields)])], BY)[0]
    assert taken.outcome == "stored"
    script.execution = taken.execution
    return script


def column(store: Store, task: str, name: str) -> Any:
    with store.read() as c:
        return c.execute(sa.select(tables.task.c[name]).where(tables.task.c.id == task)).scalar_one()


def metric(store: Store, task: str, key: tuple[str, str] = LOSS) -> MetricRow:
    with store.read() as c:
        return next(row for row in scalars.metrics(c, task) if (row.title, row.series) == key)


def kept(store: Store, task: str, key: tuple[str, str] = LOSS) -> Points:
    with store.read() as c:
        return scalars.points(c, task, metric(store, task, key).number)


def texts(store: Store, task: str) -> list[str]:
    with store.read() as c:
        return [found.text for found in console.lines(c, task, 0, 1_000_000)]


def end(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"e": "end", "status": status, "reason": "", "time": 2000.0} | fields


# --- one writer ---


def test_a_first_batch_makes_the_task_and_all_it_holds(store: Store) -> None:
    script = Script()
    events = [
        script.start(project="vision/resnet", name="first", tags=["good"], comment="why not"),
        {"e": "parameters", "values": {"Args/lr": {"value": "0.1", "type": "float", "description": "rate"}}},
        {"e": "configuration", "name": "model", "text": "layers: 3", "type": "yaml", "description": ""},
        {"e": "progress", "value": 12.5}, {"e": "single", "name": "best", "value": 0.9},
        {"e": "single", "name": "broken", "value": "NaN"}, {"e": "refused", "count": 2},
    ]  # fmt: skip
    batch = script.batch(events=events, scalars={LOSS: points([3.0, 2.0])}, lines=[line("hello"), line("there")])
    assert ingest(store, [batch], BY) == [Taken(script.writer, script.task, 1, "stored")]
    with store.read() as c:
        found = details.detail(c, script.task)
    row = found.row
    assert (row.project, row.name, row.status, row.tags) == ("vision/resnet", "first", "running", ("good",))
    assert (row.progress, row.last_iteration, row.comment, found.lines, found.refused) == (12.5, 1, "why not", 2, 2)
    assert [(p.key, p.value, p.type) for p in found.parameters] == [("Args/lr", "0.1", "float")]
    assert found.configuration == {"model": "layers: 3"}
    assert found.single_values["best"] == 0.9 and math.isnan(found.single_values["broken"])
    assert list(kept(store, script.task).values) == [3.0, 2.0] and texts(store, script.task) == ["hello", "there"]


def test_the_same_batch_again_is_lost_and_changes_nothing(store: Store) -> None:
    script = started(store)
    batch = script.batch(scalars={LOSS: points([1.0])}, lines=[line("once")])
    assert take(store, batch) == ["stored"]
    rev = column(store, script.task, "rev")
    assert take(store, batch) == ["lost"]
    assert list(kept(store, script.task).values) == [1.0] and texts(store, script.task) == ["once"]
    assert column(store, script.task, "rev") == rev


def test_a_batch_in_the_same_call_may_follow_another(store: Store) -> None:
    script = Script()
    first = script.batch(events=[script.start()], lines=[line("one")])
    second = script.batch(lines=[line("two")], scalars={LOSS: points([5.0])})
    assert take(store, first, second) == ["stored", "stored"]
    assert texts(store, script.task) == ["one", "two"]


def test_sixteen_recorders_with_the_same_batches_store_each_once(store: Store) -> None:
    script = started(store)
    batches = [script.batch(scalars={LOSS: points([float(i)], first=i)}, lines=[line(str(i))]) for i in range(20)]
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: [take(store, batch)[0] for batch in batches], range(16)))
    won = [[run[i] for run in outcomes].count("stored") for i in range(20)]
    assert won == [1] * 20
    assert texts(store, script.task) == [str(i) for i in range(20)]
    assert list(kept(store, script.task).values) == [float(i) for i in range(20)]


def test_the_positions_and_the_readers_memory_are_kept(store: Store) -> None:
    script = started(store)
    batch = script.batch(state={"series": {"1": ["a", "b"]}}, lines=[line("x")])
    take(store, batch)
    with store.read() as c:
        row = c.execute(sa.select(tables.writer).where(tables.writer.c.id == script.writer)).one()
    assert (row.segment, row.offset, row.state) == (*batch.new, '{"series": {"1": ["a", "b"]}}')


def test_a_failing_transaction_moves_nothing(store: Store) -> None:
    script = started(store)
    batch = script.batch(lines=[line("kept after all")])

    def full_disk(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO console_journal"):
            raise OSError(28, "No space left on device")

    sa.event.listen(store._writer, "before_cursor_execute", full_disk)
    with pytest.raises(StoreUnusable, match="No space left"):
        take(store, batch)
    sa.event.remove(store._writer, "before_cursor_execute", full_disk)
    assert take(store, batch) == ["stored"] and texts(store, script.task) == ["kept after all"]


def test_no_batches_are_no_transaction(store: Store) -> None:
    with counted(store.reader) as seen:
        assert ingest(store, [], BY) == []
    assert seen.statements == []
    with store.read() as c:
        assert current_rev(c) == 0


def test_many_tasks_come_in_one_revision(store: Store) -> None:
    scripts = [Script() for _ in range(5)]
    take(store, *(script.batch(events=[script.start()], lines=[line("x")]) for script in scripts))
    assert len({column(store, script.task, "rev") for script in scripts}) == 1


# --- starts ---


def test_a_reused_task_loses_outputs_and_inputs(store: Store) -> None:
    script = started(store)
    parameters = {"e": "parameters", "values": {"Args/lr": {"value": "1", "type": "int", "description": ""}}}
    take(store, script.batch(events=[parameters, end()], scalars={LOSS: points([1.0])}, lines=[line("old")]))
    again = Script(script.task)
    taken = ingest(store, [again.batch(events=[again.start(mode="reuse", execution=1)], lines=[line("new")])], BY)[0]
    assert (taken.task, taken.execution, taken.outcome) == (script.task, 2, "stored")
    assert texts(store, script.task) == ["new"]
    with store.read() as c:
        assert scalars.metrics(c, script.task) == [] and details.detail(c, script.task).parameters == []


@pytest.mark.parametrize("mode", ["reuse", "continue"])
def test_a_task_that_cannot_be_taken_again_gives_way_to_the_fallback(store: Store, mode: str) -> None:
    script = started(store)
    take(store, script.batch(events=[end()]))
    commands.publish(store, script.task, by=BY)
    again = Script(script.task)
    fallback = "f" * 32
    batch = again.batch(events=[again.start(mode=mode, fallback=fallback)], lines=[line("kept")])
    assert ingest(store, [batch], BY)[0].task == fallback
    # The script goes on writing under the id it asked for; its writer's row knows better.
    assert ingest(store, [again.batch(lines=[line("and more")])], BY)[0].task == fallback
    assert texts(store, fallback) == ["kept", "and more"] and texts(store, script.task) == []
    assert column(store, script.task, "status") == "published"


def test_a_task_started_meanwhile_is_not_reused(store: Store) -> None:
    script = started(store)
    take(store, script.batch(events=[end()]))
    again = Script(script.task)
    batch = again.batch(events=[again.start(mode="reuse", execution=0, fallback="e" * 32)])
    assert ingest(store, [batch], BY)[0].task == "e" * 32
    assert column(store, script.task, "status") == "completed"


def test_a_continued_task_goes_on_behind_its_last_iteration(store: Store) -> None:
    script = started(store)
    take(store, script.batch(events=[end("failed")], scalars={LOSS: points([1.0, 2.0])}))
    again = Script(script.task)
    take(store, again.batch(events=[again.start(mode="continue")], scalars={LOSS: points([3.0])}))
    take(store, again.batch(scalars={LOSS: points([4.0], first=1)}))
    assert list(kept(store, script.task).iterations) == [0, 1, 2, 3]
    assert (metric(store, script.task).last_iteration, column(store, script.task, "last_iteration")) == (3, 3)


def test_a_start_may_name_the_offset(store: Store) -> None:
    script = started(store)
    take(store, script.batch(events=[end()], scalars={LOSS: points([1.0])}))
    again = Script(script.task)
    take(store, again.batch(events=[again.start(mode="continue", offset=100)], scalars={LOSS: points([2.0], first=5)}))
    assert list(kept(store, script.task).iterations) == [0, 105]


@pytest.mark.parametrize("sign", [1, -1])
def test_an_offset_beyond_64_bits_keeps_no_record_out(store: Store, sign: int) -> None:
    script = started(store, offset=sign * 10**30)
    take(store, script.batch(scalars={LOSS: points([1.0])}))
    take(store, script.batch(events=[{"e": "offset", "value": sign * 10**30}], scalars={LOSS: points([2.0], first=5)}))
    take(store, script.batch(events=[end()]))
    again = Script(script.task)
    take(store, again.batch(events=[again.start(mode="continue")], scalars={LOSS: points([3.0], first=7)}))
    assert list(kept(store, script.task).values) == [1.0, 2.0, 3.0]


def claimed(store: Store) -> str:
    task = commands.create(store, by=BY, project="tests/agent", name="queued")
    commands.enqueue(store, task, by=BY)
    from store import queues

    claim = queues.claim(store, "worker", ["default"], BY)
    assert claim is not None and claim.task == task
    return task


def test_a_claimed_task_is_joined_by_its_script(store: Store) -> None:
    task = claimed(store)
    script = Script(task, primary=False)
    taken = ingest(store, [script.batch(events=[script.start(mode="claimed", execution=1)], lines=[line("x")])], BY)[0]
    assert (taken.execution, taken.outcome) == (1, "stored")
    take(store, script.batch(events=[end("failed")]))
    assert column(store, task, "status") == "running", "a secondary writer does not end the task"


def test_a_short_script_is_kept_though_its_agent_ended_it_first(store: Store) -> None:
    task = claimed(store)
    agent, script = Script(task), Script(task, primary=False)
    first = agent.batch(events=[agent.start(mode="attach", execution=1), end()])
    second = script.batch(events=[script.start(mode="claimed", execution=1)], scalars={LOSS: points([1.0])})
    assert take(store, first, second) == ["stored", "stored"]
    assert column(store, task, "status") == "completed" and list(kept(store, task).values) == [1.0]


def test_a_script_of_an_older_claim_is_dropped(store: Store) -> None:
    task = claimed(store)
    script = Script(task, primary=False)
    batch = script.batch(events=[script.start(mode="claimed", execution=7)], lines=[line("late")])
    assert take(store, batch) == ["dropped"]
    assert texts(store, task) == []


def test_a_forked_child_joins_the_execution(store: Store) -> None:
    script = started(store)
    child = Script(script.task, primary=False)
    take(store, child.batch(events=[child.start(mode="attach")], lines=[line("child")]))
    silent = Script(script.task, primary=False)
    take(store, silent.batch(lines=[line("without a start")]))
    assert texts(store, script.task) == ["child", "without a start"]
    assert column(store, script.task, "execution") == 1


def test_a_forked_child_joins_what_its_parent_really_started(store: Store) -> None:
    old = started(store, name="again")
    take(store, old.batch(events=[end()]))
    again, refused = Script(old.task), Script(old.task)
    take(store, again.batch(events=[again.start(mode="reuse", execution=1, fallback="f" * 32)]))
    take(store, refused.batch(events=[refused.start(mode="reuse", execution=1, fallback="e" * 32)]))
    for parent, task in ((again, old.task), (refused, "e" * 32)):
        child = Script(old.task, primary=False)
        event = child.start(mode="attach", execution=1, parent=parent.writer)
        assert take(store, child.batch(events=[event], lines=[line("child")])) == ["stored"]
        assert texts(store, task) == ["child"]


def test_a_process_may_run_one_task_after_another(store: Store) -> None:
    script = started(store, name="first")
    take(store, script.batch(events=[end()]))
    script.task = "d" * 32
    take(store, script.batch(events=[script.start(name="second")], lines=[line("second")]))
    assert texts(store, "d" * 32) == ["second"] and column(store, "d" * 32, "status") == "running"


def test_names_nobody_may_give_do_not_lose_the_records(store: Store) -> None:
    script = Script()
    batch = script.batch(events=[script.start(project="a//b", name="x", type="nonsense", tags=[""])], lines=[line("k")])
    assert take(store, batch) == ["stored"]
    assert texts(store, script.task) == ["k"]
    assert column(store, script.task, "name") == f"task {script.task[:8]}"


# --- ends and resets ---


@pytest.mark.parametrize("status", ["completed", "failed", "aborted"])
def test_an_end_ends_the_task(store: Store, status: str) -> None:
    script = started(store)
    take(store, script.batch(events=[end(status, reason="so it was")], lines=[line("last words")]))
    assert column(store, script.task, "status") == status
    assert column(store, script.task, "status_reason") == "so it was"
    assert column(store, script.task, "completed") == 2000.0
    assert texts(store, script.task) == ["last words"]


def test_an_exit_is_left_to_the_recorder(store: Store) -> None:
    script = started(store)
    take(store, script.batch(events=[end("exit")]))
    assert column(store, script.task, "status") == "running"


def test_records_after_the_end_of_their_execution_are_kept(store: Store) -> None:
    script = started(store)
    child = Script(script.task, primary=False)
    take(store, child.batch(events=[child.start(mode="attach")]))
    take(store, script.batch(events=[end()]))
    assert take(store, child.batch(lines=[line("a child's last line")])) == ["stored"]
    assert texts(store, script.task) == ["a child's last line"]


LATE: list[dict[str, Any]] = [
    {"e": "parameters", "values": {"Args/late": {"value": "1"}, "properties/late": {"value": "1"}}},
    {"e": "configuration", "name": "late", "text": "x"}, {"e": "rename", "name": "renamed late"},
    {"e": "progress", "value": 7}, {"e": "single", "name": "late", "value": 1.0},
]  # fmt: skip


def with_a_fork(store: Store, *last: dict[str, Any]) -> tuple[Script, Script]:
    """A script that has ended, and a fork of it that has not; ``last`` comes with the end, but from the fork."""
    script = started(store)
    child = Script(script.task, primary=False)
    attach = child.start(mode="attach", parent=script.writer)
    assert take(store, script.batch(events=[end()]), child.batch(events=[attach, *last])) == ["stored"] * 2
    return script, child


def test_a_published_task_does_not_change_any_more(store: Store) -> None:
    script, child = with_a_fork(store)
    commands.publish(store, script.task, by=BY)
    with store.read() as c:
        before = details.detail(c, script.task)
    late = child.batch(events=LATE, scalars={LOSS: points([9.0])}, lines=[line("late")])
    assert take(store, late) == ["dropped"]
    with store.read() as c:
        after = details.detail(c, script.task)
        assert scalars.metrics(c, script.task) == []
    assert (after.row.name, after.row.progress) == (before.row.name, None) and texts(store, script.task) == []
    assert after.parameters == [] and after.configuration == {} == after.single_values
    assert column(store, script.task, "dropped") == late.records


def test_late_records_of_an_ended_task_are_kept_but_its_hyperparameters_are_not_edited(store: Store) -> None:
    script, child = with_a_fork(store, {"e": "parameters", "values": {"Args/in_time": {"value": "1"}}})
    assert take(store, child.batch(events=LATE, scalars={LOSS: points([9.0])}, lines=[line("late")])) == ["stored"]
    with store.read() as c:
        found = details.detail(c, script.task)
    assert [row.key for row in found.parameters] == ["Args/in_time", "properties/late"] and found.configuration == {}
    assert (found.row.name, found.row.progress, found.refused) == ("renamed late", 7.0, 2)
    assert list(kept(store, script.task).values) == [9.0] and texts(store, script.task) == ["late"]


def test_what_a_script_wrote_before_somebody_else_ended_its_task_is_kept(store: Store) -> None:
    script = started(store)
    commands.finish(store, script.task, by="ada@elsewhere", status=Status.FAILED)
    assert take(store, script.batch(events=LATE[:2])) == ["stored"]
    assert column(store, script.task, "refused") == 0


def test_records_of_an_execution_that_was_reset_are_counted_and_dropped(store: Store) -> None:
    script = started(store)
    take(store, script.batch(events=[end()], scalars={LOSS: points([1.0])}))
    commands.reset(store, script.task, by=BY)
    late = script.batch(
        scalars={LOSS: points([2.0, 3.0])}, lines=[line("late")], events=[{"e": "progress", "value": 9}]
    )
    assert take(store, late) == ["dropped"]
    with store.read() as c:
        assert scalars.metrics(c, script.task) == []
    assert texts(store, script.task) == [] and column(store, script.task, "progress") is None
    assert column(store, script.task, "dropped") == 4
    assert take(store, late) == ["lost"], "the position has moved all the same"


def test_records_of_a_deleted_task_are_dropped(store: Store) -> None:
    script = started(store)
    take(store, script.batch(events=[end()]))
    with store.write(BY) as tx:
        delete(tx, script.task)
    assert take(store, script.batch(lines=[line("late")])) == ["dropped"]


def test_a_journal_of_a_task_nobody_knows_is_dropped(store: Store) -> None:
    assert take(store, Script().batch(lines=[line("lost and found")])) == ["dropped"]


def test_the_recorder_learns_that_an_abort_was_asked_for(store: Store) -> None:
    script = started(store)
    assert commands.abort(store, script.task, by=BY) is False
    assert ingest(store, [script.batch(lines=[line("x")])], BY)[0].abort_requested is True


# --- values ---


def test_nan_and_infinities_are_kept_and_counted(store: Store) -> None:
    script = started(store)
    take(store, script.batch(scalars={LOSS: points([math.nan, 1.0, math.inf, -math.inf, math.nan])}))
    found = metric(store, script.task)
    assert (found.n, found.nan_count, found.first, found.min, found.max) == (5, 2, 1.0, -math.inf, math.inf)
    assert math.isnan(found.last)
    values = list(kept(store, script.task).values)
    assert values[1:4] == [1.0, math.inf, -math.inf] and math.isnan(values[0]) and math.isnan(values[4])


def test_a_series_of_nothing_but_nan_has_no_extremes(store: Store) -> None:
    script = started(store)
    take(store, script.batch(scalars={LOSS: points([math.nan] * 3)}))
    found = metric(store, script.task)
    assert (found.n, found.nan_count, found.first, found.min, found.max) == (3, 3, None, None, None)


def test_summaries_go_on_over_batches(store: Store) -> None:
    script = started(store)
    for start, values in enumerate([[5.0, 1.0], [math.nan], [9.0], [2.0]]):
        take(store, script.batch(scalars={LOSS: points(values, first=10 * start, at=1000.0 + start)}))
    with store.read() as c:
        row = c.execute(sa.select(tables.task_metric).where(tables.task_metric.c.task_id == script.task)).one()
    assert (row.n, row.nan_count, row.first, row.last, row.min, row.max) == (5, 1, 5.0, 2.0, 1.0, 9.0)
    assert (row.min_iteration, row.max_iteration, row.last_iteration, row.last_time) == (1, 20, 30, 1003.0)


def test_samples_of_the_machine_are_no_iterations(store: Store) -> None:
    script = started(store)
    take(store, script.batch(scalars={(":monitor:machine", "cpu"): points([50.0], first=9000), LOSS: points([1.0])}))
    assert column(store, script.task, "last_iteration") == 0


def test_iterations_of_all_sizes_are_kept(store: Store) -> None:
    script = started(store)
    given = points([1.0, 2.0, 3.0])
    given.iterations[0], given.iterations[1], given.iterations[2] = -(2**63), 2**63 - 1, -7
    take(store, script.batch(scalars={LOSS: given}))
    assert list(kept(store, script.task).iterations) == [-(2**63), 2**63 - 1, -7]


def test_impossible_times_are_mended(store: Store) -> None:
    script = started(store)
    given = points([1.0, 2.0, 3.0])
    given.times[1] = math.nan
    given.times[2] = 1e300
    take(store, script.batch(scalars={LOSS: given}, lines=[line("x", at=math.inf)]))
    assert list(kept(store, script.task).times) == [1000.0, 1000.0, 1000.0]


HOSTILE = ["nul \0 byte", "stray \udc80 surrogate", "\x1b]0;title\x07", "quote ' \" ; --", "ﷺ" * 40, "x" * 5000]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_everywhere_a_script_can_put_it(store: Store, text: str) -> None:
    script = Script()
    events = [
        script.start(comment=text, user=text, host=text),
        {"e": "parameters", "values": {f"Args/{text}": {"value": text, "type": "str", "description": text}}},
        {"e": "configuration", "name": text, "text": text, "type": text, "description": text},
        {"e": "single", "name": text, "value": 1}, {"e": "comment", "text": text},
    ]  # fmt: skip
    batch = script.batch(events=events, scalars={(text, text): points([1.0])}, lines=[line(text)], state={"x": text})
    assert take(store, batch) == ["stored"]
    assert len(texts(store, script.task)) == 1
    with store.read() as c:
        found = details.detail(c, script.task)
    assert len(found.parameters) == len(found.configuration) == len(found.metrics) == len(found.single_values) == 1


def test_long_names_that_differ_late_stay_apart(store: Store) -> None:
    script = started(store)
    names = ["x" * 3000 + "a", "x" * 3000 + "b"]
    take(store, script.batch(scalars={(name, name): points([1.0]) for name in names}))
    with store.read() as c:
        assert len(scalars.metrics(c, script.task)) == 2


STRANGE: list[dict[str, Any]] = [
    {"e": "parameters"}, {"e": "parameters", "values": {"a": 3}}, {"e": "single"}, {"e": "tags", "add": ["", 3]},
    {"e": "rename", "name": "x"}, {"e": "offset", "value": "many"},
    {"e": "offset", "value": float("inf")}, {"e": "refused", "count": None},
]  # fmt: skip


@pytest.mark.parametrize("event", STRANGE, ids=str)
def test_one_strange_record_keeps_no_other_out(store: Store, event: dict[str, Any]) -> None:
    script = started(store)
    other = started(store)
    batches = [script.batch(events=[event], lines=[line("mine")]), other.batch(lines=[line("other")])]
    assert take(store, *batches) == ["stored", "stored"]
    assert texts(store, script.task) == ["mine"] and texts(store, other.task) == ["other"]
    assert column(store, script.task, "refused") == 1


def test_a_tag_that_no_database_takes_is_taken_off_without_harm(store: Store) -> None:
    script = started(store, tags=["one"])
    events = [{"e": "tags", "remove": ["a\0b", "\ud800", "one"]}]
    assert take(store, script.batch(events=events, lines=[line("x")])) == ["stored"]
    with store.read() as c:
        assert (details.detail(c, script.task).row.tags, column(store, script.task, "refused")) == ((), 0)


def test_an_unknown_event_is_passed_over(store: Store) -> None:
    script = started(store)
    assert take(store, script.batch(events=[{"e": "from a later version"}], lines=[line("x")])) == ["stored"]


def test_tags_names_and_progress_follow_the_script(store: Store) -> None:
    script = started(store, tags=["one", "two"])
    events: list[dict[str, Any]] = [
        {"e": "tags", "add": ["three"], "remove": ["one"]},
        {"e": "rename", "name": "new name"},
        {"e": "progress", "value": 40},
        {"e": "progress", "value": 41.5},
    ]
    take(store, script.batch(events=events))
    with store.read() as c:
        row = details.detail(c, script.task).row
    assert (row.tags, row.name, row.progress) == (("three", "two"), "new name", 41.5)


def test_a_live_task_costs_few_statements_a_flush(store: Store, statements: list[str]) -> None:
    script = started(store)
    batches = [script.batch(scalars={("m", str(i)): points([1.0]) for i in range(20)}, lines=[line("x")])]
    take(store, *batches)
    statements.clear()
    take(store, script.batch(scalars={("m", str(i)): points([1.0]) for i in range(20)}, lines=[line("x")]))
    assert len(statements) <= 12, statements


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    writer = store._writer
    assert writer is not None
    with counted(writer) as seen:
        yield seen.statements


def test_a_store_opened_again_goes_on(store: Store, setting: str) -> None:
    script = started(store)
    take(store, script.batch(scalars={LOSS: points([1.0])}))
    with open_store(setting) as second:
        take(second, script.batch(scalars={LOSS: points([2.0])}))
    assert list(kept(store, script.task).values) == [1.0, 2.0]


def test_a_task_made_by_hand_can_be_written_to(store: Store) -> None:
    with store.write(BY) as tx:
        task = create(tx, project="tests/x", name="by hand")
    script = Script(task)
    assert take(store, script.batch(events=[script.start(mode="new")], lines=[line("x")])) == ["stored"]


def test_samples_of_the_machine_are_no_sign_of_life_of_the_script_but_of_its_process(store: Store) -> None:
    script = Script()
    take(store, script.batch(events=[script.start()], scalars={LOSS: points([1.0], at=1000.0)}))
    take(store, script.batch(lines=[line("hello", at=1100.0)]))
    take(store, script.batch(scalars={(":monitor:machine", "cpu"): points([50.0], at=5000.0)}))
    with store.read() as c:
        assert details.detail(c, script.task).row.last_seen == 1100.0
        assert transitions.last_sign(c, script.task) == 5000.0
