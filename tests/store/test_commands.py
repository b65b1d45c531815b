"""Every verb in every state, and what each verb does beyond the state; on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from store import commands, lifecycle, tables, transitions
from store.engine import Store
from store.errors import Conflict, InvalidValue, NotFound, StateError
from store.lifecycle import Action, Status
from store.queries import details, tasks
from store.values import checked, choices
from tests.store.states import BY, draft, ended, in_state, put_model, row, rows_of, running, status_of, waiting

Verb = Callable[[Store, str], object]


def start(mode: str) -> Verb:
    def verb(store: Store, task: str) -> object:
        with store.write(BY) as tx:
            return transitions.start(tx, task, mode=mode)

    return verb


VERBS: dict[Action, Verb] = {
    Action.EDIT: lambda store, task: commands.edit(store, task, {"Args/lr": "0.2"}, by=BY),
    Action.DESCRIBE: lambda store, task: commands.describe(store, task, by=BY, comment="noted"),
    Action.RENAME: lambda store, task: commands.describe(store, task, by=BY, name="renamed"),
    Action.PROPERTY: lambda store, task: commands.edit(store, task, {"properties/seen": "yes"}, by=BY, add=True),
    Action.ENQUEUE: lambda store, task: commands.enqueue(store, task, by=BY),
    Action.RETRY: lambda store, task: commands.retry(store, task, by=BY),
    Action.DEQUEUE: lambda store, task: commands.dequeue(store, task, by=BY),
    Action.START: start("new"),
    Action.CONTINUE: start("continue"),
    Action.COMPLETE: lambda store, task: commands.finish(store, task, by=BY, status=Status.COMPLETED),
    Action.FAIL: lambda store, task: commands.finish(store, task, by=BY, status=Status.FAILED, reason="no"),
    Action.ABORT: lambda store, task: commands.abort(store, task, by=BY),
    Action.RESET: lambda store, task: commands.reset(store, task, by=BY),
    Action.PUBLISH: lambda store, task: commands.publish(store, task, by=BY),
    Action.CLONE: lambda store, task: commands.clone(store, task, by=BY),
    Action.ARCHIVE: lambda store, task: commands.archive(store, task, by=BY),
    Action.RESTORE: lambda store, task: commands.restore(store, task, by=BY),
    Action.DELETE: lambda store, task: commands.delete(store, task, by=BY, archived_only=False),
}

OTHER_EDITS: dict[str, Verb] = {
    "a new hyperparameter": lambda store, task: commands.edit(store, task, {"Args/new": "1"}, by=BY, add=True),
    "one hyperparameter less": lambda store, task: commands.edit(store, task, {}, by=BY, remove=["Args/lr"]),
    "a configuration object": lambda store, task: commands.configure(store, task, "net", "{}", by=BY),
    "one configuration object less": lambda store, task: commands.configure(store, task, "net", None, by=BY),
}


def archived(store: Store, status: Status) -> str:
    """Return an archived task in this state (a Running one cannot be archived)."""
    if status in (Status.PENDING, Status.RUNNING):
        task = draft(store)
        commands.archive(store, task, by=BY)
        if status is Status.PENDING:
            commands.enqueue(store, task, by=BY)
        else:
            start("new")(store, task)
        return task
    task = in_state(store, status)
    commands.archive(store, task, by=BY)
    return task


@pytest.mark.parametrize(
    ("action", "verb"),
    [*VERBS.items(), *((Action.EDIT, verb) for verb in OTHER_EDITS.values())],
    ids=[*VERBS, *OTHER_EDITS],
)
def test_every_verb_in_every_state(shared_store: Store, action: Action, verb: Verb) -> None:
    store = shared_store
    for status in Status:
        task = archived(store, status) if action is Action.RESTORE else in_state(store, status)
        before, history, queued = row(store, task), rows_of(store, tables.task_event, task), waiting(store)
        given = [rows_of(store, table, task) for table in tables.INPUTS]
        subject = lifecycle.Subject(task, before["name"], status.value)
        expected = lifecycle.target(action, status)
        if expected is None:
            with pytest.raises(StateError) as refused:
                verb(store, task)
            assert str(refused.value) == lifecycle.refusal(action, subject)
            assert row(store, task) == before, "a refused action changes nothing"
            assert rows_of(store, tables.task_event, task) == history
            assert [rows_of(store, table, task) for table in tables.INPUTS] == given
            assert waiting(store) == queued
            continue
        verb(store, task)
        if action is Action.DELETE:
            assert row(store, task) == {}
            continue
        assert status_of(store, task) is expected
        assert (task in waiting(store)) is (expected is Status.PENDING)
        if action is not Action.CLONE:
            assert row(store, task)["rev"] > before["rev"], "every reader must notice"


def test_a_change_writes_who_when_and_why(store: Store) -> None:
    task = ended(store, Status.FAILED)
    commands.retry(store, task, by="grace@box")
    now = row(store, task)
    assert (now["status_by"], now["status_reason"]) == ("grace@box", "enqueued in default")
    assert now["status_time"] == now["activity"] > now["created"]
    events = rows_of(store, tables.task_event, task)
    told = [
        (e["action"], e["status_from"], e["status_to"], e["by"], e["execution"])
        for e in sorted(events, key=lambda event: str(event["id"]))
    ]
    assert told == [
        ("create", "", "draft", BY, 0),
        ("start", "draft", "running", BY, 1),
        ("fail", "running", "failed", BY, 1),
        ("reset", "failed", "draft", "grace@box", 1),
        ("enqueue", "draft", "pending", "grace@box", 1),
    ]


def test_create_keeps_everything_it_is_given(store: Store) -> None:
    parent = draft(store)
    task = commands.create(
        store, by=BY, project=" vision / deep ", name=" net ", type="testing", comment="a\0b", tags=["b", "a", "b"],
        parameters={"Args/lr": ("0.1", "float", "rate"), "Args/on": ("True", "bool"), "loose": "x/y"},
        code={"entry_point": "train.py", "argv": ["--lr", "0.1"], "packages": {"numpy": "2.0"}}, parent=parent,
    )  # fmt: skip
    with store.read() as c:
        (found,) = tasks.rows(c, [task])
    assert (found.project, found.name, found.type, found.user) == ("vision/deep", "net", "testing", "ada")
    assert (found.tags, found.comment, found.parent, found.status) == (("a", "b"), "a␀b", parent, "draft")
    parameters = {(p["section"], p["name"]): p for p in rows_of(store, tables.parameter, task)}
    assert parameters["Args", "lr"]["number"] == 0.1
    assert parameters["Args", "on"]["number"] == 1.0
    assert parameters["General", "loose"]["number"] is None
    (code,) = rows_of(store, tables.task_code, task)
    assert (code["argv"], code["packages"]) == ('["--lr", "0.1"]', '{"numpy": "2.0"}')


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " a "}, "too short"),
        ({"project": "a//b"}, "part 2"),
        ({"type": "trainin"}, 'Did you mean "training"'),
        ({"tags": [""]}, "Invalid tag"),
        ({"code": {"entrypoint": "x"}}, "Unknown column"),
    ],
)
def test_create_refuses_what_breaks_a_rule_and_leaves_nothing(
    store: Store, fields: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        draft(store, **fields)
    with store.read() as c:
        assert tasks.count(c, tasks.TaskQuery(archived=None)) == 0


def test_a_clone_has_the_configuration_and_none_of_the_outputs(store: Store) -> None:
    source = draft(store, tags=["base"], comment="first", type="testing", code={"entry_point": "train.py"})
    commands.configure(store, source, "net", "{layers: 3}", by=BY)
    with store.write(BY) as tx:
        transitions.start(tx, source)
        tx.execute(tables.task.update().values(progress=40.0, last_iteration=9).where(tables.task.c.id == source))
        put_model(tx, "a model", used_by=source)
    clone = commands.clone(store, source, by="grace@box")
    original, made = row(store, source), row(store, clone)
    for name in ("name", "project_id", "type", "comment"):
        assert made[name] == original[name]
    assert (made["status"], made["parent_id"], made["user"]) == ("draft", source, "grace")
    assert (made["progress"], made["last_iteration"], made["execution"]) == (None, None, 0)
    for table in (*tables.INPUTS, tables.task_tag):
        copies = [found | {"task_id": source} for found in rows_of(store, table, clone)]
        assert copies == rows_of(store, table, source) != []


def test_a_clone_of_a_clone_comes_from_the_clone(store: Store) -> None:
    first = draft(store)
    second = commands.clone(store, first, by=BY, name="second", project="other/place", comment="")
    third = commands.clone(store, second, by=BY)
    assert row(store, third)["parent_id"] == second
    assert row(store, second)["parent_id"] == first
    with store.read() as c:
        assert [(r.name, r.project) for r in tasks.rows(c, [third])] == [("second", "other/place")]


def parameter(store: Store, task: str, key: str) -> str:
    found = {f"{p['section']}/{p['name']}": str(p["value"]) for p in rows_of(store, tables.parameter, task)}
    return found[key]


def test_editing(store: Store) -> None:
    task = draft(store, parameters={"Args/lr": ("0.1", "float", "rate"), "Args/a/b": "1", "Net/deep": "1"})
    commands.edit(store, task, {"lr": "1e-3", "Args/a/b": "2", "deep": "x=y"}, by=BY)
    assert [parameter(store, task, key) for key in ("Args/lr", "Args/a/b", "Net/deep")] == ["1e-3", "2", "x=y"]
    (lr,) = [p for p in rows_of(store, tables.parameter, task) if p["name"] == "lr"]
    assert (lr["number"], lr["type"], lr["description"]) == (0.001, "float", "rate")
    commands.edit(store, task, {"Args/new": "1", "fresh": "2"}, by=BY, add=True, remove=["Net/deep"])
    keys = {(p["section"], p["name"]) for p in rows_of(store, tables.parameter, task)}
    assert keys == {("Args", "lr"), ("Args", "a/b"), ("Args", "new"), ("General", "fresh")}


def test_a_new_parameter_may_have_a_type_of_its_own(store: Store) -> None:
    task = draft(store, parameters={"Args/lr": ("0.1", "float", "rate")})
    commands.edit(store, task, {"Args/seed": ("3", "int"), "lr": "0.2"}, by=BY, add=True)
    found = {p["name"]: (p["value"], p["type"], p["description"]) for p in rows_of(store, tables.parameter, task)}
    assert found == {"lr": ("0.2", "float", "rate"), "seed": ("3", "int", "")}
    with pytest.raises(InvalidValue, match="is not a whole number"):
        commands.edit(store, task, {"Args/other": ("x", "int")}, by=BY, add=True)


def test_a_save_over_what_somebody_else_has_changed_is_refused(store: Store) -> None:
    task = draft(store, parameters={"Args/lr": "0.1", "Args/seed": "3"})
    commands.edit(store, task, {"Args/lr": "0.2"}, by="bob@lab", expected={"Args/lr": "0.1"})
    with pytest.raises(Conflict, match=r"Cannot save Args/lr: it was '0.1' and is '0.2' now\."):
        commands.edit(store, task, {"Args/lr": "0.3", "seed": "4"}, by=BY, expected={"Args/lr": "0.1"})
    assert [parameter(store, task, key) for key in ("Args/lr", "Args/seed")] == ["0.2", "3"], "all or nothing"
    with pytest.raises(Conflict, match=r"it was not there and is '0.2' now"):
        commands.edit(store, task, {"Args/lr": "0.3"}, by=BY, add=True, expected={"Args/lr": None})
    commands.edit(store, task, {}, by="bob@lab", remove=["Args/lr"])
    with pytest.raises(Conflict, match=r"it was '0.2' and is not there now"):
        commands.edit(store, task, {"Args/lr": "0.3"}, by=BY, expected={"Args/lr": "0.2"})
    commands.enqueue(store, task, by="bob@lab")
    with pytest.raises(StateError, match="Dequeue"):
        commands.edit(store, task, {"Args/lr": "0.3"}, by=BY, expected={"Args/lr": "0.2"})


def test_configuration_objects(store: Store) -> None:
    def objects() -> list[tuple[str, str, str, str]]:
        rows = rows_of(store, tables.configuration, task)
        return [(row["name"], row["text"], row["type"], row["description"]) for row in rows]

    task = draft(store)
    commands.configure(store, task, "net", "{}", by=BY, type="dictionary", description="layers", expected=None)
    commands.configure(store, task, "net", "[]", by=BY, expected="{}")
    assert objects() == [("net", "[]", "dictionary", "layers")]
    with pytest.raises(Conflict, match=r"Cannot save net: it was '\{\}' and is '\[\]' now"):
        commands.configure(store, task, "net", None, by=BY, expected="{}")
    commands.configure(store, task, "net", None, by=BY, expected="[]")
    assert objects() == []
    with pytest.raises(InvalidValue, match="needs a name"):
        commands.configure(store, task, " ", "text", by=BY)


def test_a_parameter_takes_only_what_its_description_lists(store: Store) -> None:
    described = "which one\nValues:\nADAM,\nSGD,\nLION"
    task = draft(store, parameters={"Args/optimizer": ("ADAM", "enum", described), "Args/free": ("x", "enum")})
    assert choices("enum", described) == ["ADAM", "SGD", "LION"]
    with pytest.raises(InvalidValue, match=r"'adam' is none of its values\. Write ADAM, SGD or LION\."):
        commands.edit(store, task, {"optimizer": "adam"}, by=BY)
    with pytest.raises(InvalidValue, match=r"Write ADAM, SGD or LION\. Did you mean \"LION\"\?$"):
        commands.edit(store, task, {"optimizer": "LIONS"}, by=BY)
    commands.edit(store, task, {"optimizer": "SGD", "free": "anything"}, by=BY)
    assert parameter(store, task, "Args/optimizer") == "SGD"


def test_a_text_or_number_takes_only_what_its_description_lists(store: Store) -> None:
    task = draft(
        store, parameters={"Args/mode": ("a", "str", "Values:\na,\nb"), "Args/n": ("1", "int", "Values:\n1,\n2")}
    )
    for key, wrong, right in (("mode", "c", "b"), ("n", "3", "2")):
        with pytest.raises(InvalidValue, match="is none of its values"):
            commands.edit(store, task, {key: wrong}, by=BY)
        commands.edit(store, task, {key: right}, by=BY)
        commands.edit(store, task, {key: ""}, by=BY)


def test_yes_and_no_are_truths_in_other_words(store: Store) -> None:
    task = draft(store, parameters={"Args/on": ("True", "bool")})
    for word, truth in (("no", "False"), ("YES", "True"), ("Off", "False"), ("on", "True")):
        commands.edit(store, task, {"on": word}, by=BY)
        assert parameter(store, task, "Args/on") == truth


def test_editing_an_unknown_or_ambiguous_key(store: Store) -> None:
    task = draft(store, parameters={"Args/lr": "1", "Net/lr": "1", "Args/epochs": "3"})
    with pytest.raises(NotFound, match=r"no parameter 'Args/epoch'\. Did you mean \"Args/epochs\"\?"):
        commands.edit(store, task, {"Args/epoch": "4"}, by=BY)
    with pytest.raises(InvalidValue, match="several sections: Args/lr, Net/lr"):
        commands.edit(store, task, {"lr": "4"}, by=BY)
    with pytest.raises(NotFound):
        commands.edit(store, task, {"Args/lr": "9", "Args/nothing": "1"}, by=BY)
    assert parameter(store, task, "Args/lr") == "1", "all or nothing"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("int", ["3", "-1", ""], ["3.5", "x", "1e3"]),
        ("float", ["3", "1e-3", "inf", "-Infinity", "nan", "1e308", ""], ["x", "0,1", "1e400", "-1e309"]),
        ("bool", ["True", "false", "1", "0", ""], ["maybe", "2"]),
        ("list", ["[1, 2]", "['a']", "[]"], ["1, 2", "{}", "x"]),
        ("list/int", ["[1, 2]"], ["['a']", "[1.5]"]),
        ("tuple/float", ["[1, 2.5]", "(1, 2.5)"], ["[true, 'x']"]),
        ("dict", ['{"a": 1}', "{'a': 1}"], ["[1]", "{"]),
        ("str", ["anything"], []),
        ("Path", ["anything"], []),
        ("", ["anything"], []),
    ],
)
def test_a_value_must_be_of_its_type(kind: str, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert checked("Args/x", text, kind) == text
    for text in bad:
        with pytest.raises(InvalidValue, match=r"^Invalid value for Args/x: .* is not .*\. Write "):
            checked("Args/x", text, kind)


def test_tags_and_projects_change_in_every_state(store: Store) -> None:
    for status in Status:
        task = in_state(store, status, tags=["old", "kept"])
        commands.tag(store, task, by=BY, add=["new", "kept"], remove=["old", "never"])
        commands.move(store, task, "else/where", by=BY)
        with store.read() as c:
            (found,) = tasks.rows(c, [task])
        assert (found.tags, found.project, found.status) == (("kept", "new"), "else/where", status.value)


def test_describing_the_name_of_a_published_task_changes_nothing_of_it(store: Store) -> None:
    task = in_state(store, Status.PUBLISHED)
    before = row(store, task)
    with pytest.raises(StateError, match="Cannot rename"):
        commands.describe(store, task, by=BY, name="other", comment="also")
    assert row(store, task) == before


def test_a_name_and_a_comment_are_not_written_over_anothers(store: Store) -> None:
    task = draft(store)
    name = row(store, task)["name"]
    commands.describe(store, task, by=BY, name="mine", comment="my own", seen={"name": name, "comment": ""})
    for what in ("name", "comment"):
        with pytest.raises(Conflict, match=f'change the {what} of "mine" .*: somebody else has changed it meanwhile'):
            commands.describe(store, task, by="bob@lab", name="theirs", comment="other", seen={what: "as it was"})
    now = row(store, task)
    assert (now["name"], now["comment"]) == ("mine", "my own")
    commands.describe(store, task, by="bob@lab", name="theirs", comment="other")
    now = row(store, task)
    assert (now["name"], now["comment"]) == ("theirs", "other"), "nobody looked at what was there"


def test_enqueue_in_a_queue_that_is_not_there_names_the_nearest(store: Store) -> None:
    task = draft(store)
    with pytest.raises(NotFound, match=r"no queue 'defalt'\. Did you mean \"default\"\?"):
        commands.enqueue(store, task, by=BY, queue="defalt")
    assert status_of(store, task) is Status.DRAFT


def test_abort_of_a_task_that_nothing_runs_is_done_at_once(store: Store) -> None:
    task = running(store)
    assert commands.abort(store, task, by="grace@box") is True
    now = row(store, task)
    assert (now["status"], now["status_reason"]) == ("aborted", "aborted by grace@box")
    assert now["completed"] == now["status_time"]


def write_as(store: Store, task: str, execution: int, *, ended: float | None = None, ago: float = 0.0) -> None:
    with store.write() as tx:
        values = {"task_id": task, "execution": execution, "started": tx.now - ago, "ended": ended}
        tx.execute(tables.writer.insert().values(id=f"w{task[:8]}{execution}{ended}", **values))


def test_abort_of_a_live_task_is_asked_for_and_decides_its_end(store: Store) -> None:
    task = running(store)
    write_as(store, task, 1)
    assert commands.abort(store, task, by="grace@box") is False
    assert commands.abort(store, task, by="other@box") is False
    asked = row(store, task)
    assert (asked["status"], asked["abort_by"]) == ("running", "other@box")
    requests = [e for e in rows_of(store, tables.task_event, task) if e["action"] == "abort"]
    assert len(requests) == 1
    with store.write(BY) as tx:
        assert transitions.finish(tx, task, 1, Status.COMPLETED)
    assert status_of(store, task) is Status.ABORTED


@pytest.mark.parametrize(("execution", "ended", "ago"), [(1, 5.0, 0.0), (0, None, 0.0), (1, None, 3600.0)])
def test_an_ended_an_older_or_a_long_silent_writer_cannot_carry_out_an_abort(
    store: Store, execution: int, ended: float | None, ago: float
) -> None:
    task = running(store)
    write_as(store, task, execution, ended=ended, ago=ago)
    assert commands.abort(store, task, by=BY) is True


def test_archiving_twice_and_restoring_what_is_not_archived(store: Store) -> None:
    task = draft(store)
    commands.archive(store, task, by=BY)
    before = row(store, task)
    assert before["archived"] is True
    commands.archive(store, task, by=BY)
    assert row(store, task) == before
    commands.restore(store, task, by=BY)
    assert row(store, task)["archived"] is False
    pending = in_state(store, Status.PENDING)
    commands.restore(store, pending, by=BY)
    assert status_of(store, pending) is Status.PENDING


def test_archiving_keeps_why_a_task_failed(store: Store) -> None:
    task = ended(store, Status.FAILED)
    commands.archive(store, task, by=BY)
    assert row(store, task)["status_reason"] == "it was so"


def test_only_archived_tasks_are_deleted_and_nothing_of_them_stays(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, tags=["x"], code={"entry_point": "train.py"})
    with pytest.raises(StateError, match=r"it is not archived\. Archive it \(a\) first\."):
        commands.delete(store, task, by=BY)
    commands.archive(store, task, by=BY)
    commands.delete(store, task, by=BY)
    assert row(store, task) == {}
    for table in tables.OWNED:
        assert rows_of(store, table, task) == []
    (tombstone,) = rows_of(store, tables.tombstone, task)
    assert tombstone["rev"] > 0


def test_no_verb_invents_a_task(store: Store) -> None:
    for action in set(Action) - {Action.CLONE}:
        with pytest.raises(NotFound, match="There is no task"):
            VERBS[action](store, "f" * 32)


def test_the_environment_is_kept_for_its_own_execution_only(store: Store) -> None:
    task = running(store)
    code = {"commit": "abc", "diff": b"\xff\x00", "environment": {"os": "linux"}}
    assert commands.set_environment(store, task, 1, code, {"git": "too large"}) is True
    (kept,) = rows_of(store, tables.task_code, task)
    assert (kept["commit"], bytes(kept["diff"])) == ("abc", b"\xff\x00")
    assert kept["environment"] == '{"os": "linux", "git": "too large"}'
    assert commands.set_environment(store, task, 1, {"branch": "main"}) is True
    (kept,) = rows_of(store, tables.task_code, task)
    assert (kept["commit"], kept["branch"]) == ("abc", "main")
    assert commands.set_environment(store, task, 2, code) is False
    assert commands.set_environment(store, "f" * 32, 1, code) is False
    with store.write(BY) as tx:
        transitions.finish(tx, task, 1, Status.COMPLETED)
    commands.reset(store, task, by=BY)
    assert commands.set_environment(store, task, 1, {"branch": "late"}) is False


def test_a_clone_did_not_run_where_its_source_did(shared_store: Store) -> None:
    told = {"launcher": "none", "notes": ["big.dat left out"], "host": "gpu1", "pid": 7, "env": {"A": "b"}}
    task = commands.create(
        shared_store, by=BY, project="vision", name="the task", code={"environment": told, "commit": "abc"}
    )
    clone = commands.clone(shared_store, task, by=BY)
    with shared_store.read() as c:
        found, source = details.code(c, clone), details.code(c, task)
    assert (found.environment, found.commit) == ({"launcher": "none", "notes": ["big.dat left out"]}, "abc")
    assert source.environment == told
    bare = commands.clone(shared_store, commands.create(shared_store, by=BY, project="vision", name="bare"), by=BY)
    with shared_store.read() as c:
        assert details.code(c, bare).environment == {}
