"""The states, driven from a script: the same outcome and the same sentence as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from capture import Task, door
from store import commands, transitions
from store.engine import Store, open_store
from store.lifecycle import SDK_WORDS, Action, Status, Subject, refusal, target
from store.queries import tasks as task_queries
from store.records import TaskRow
from store.values import Given

BY = "ada@host"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that scripts in this process use; nothing records here."""
    monkeypatch.setenv("CAPTURE_STORE", str(tmp_path / "store"))
    with open_store(tmp_path / "store") as opened:
        yield opened
    for (_, setting), made in list(door._opened.items()):
        if setting.startswith(str(tmp_path)):
            made.close()


def _row(store: Store, task: str) -> TaskRow:
    with store.read() as connection:
        return task_queries.rows(connection, [task])[0]


def _made(store: Store, status: Status, parameters: dict[str, Given] | None = None) -> Task:
    name = f"a {status} task"
    task = commands.create(
        store, by=BY, project="tests/commands", name=name, tags=["made"], parameters=parameters or {}
    )
    if status is Status.PENDING:
        commands.enqueue(store, task, by=BY)
    if status not in (Status.DRAFT, Status.PENDING):
        with store.write(BY) as tx:
            transitions.start(tx, task)
    ends = {Status.FAILED: Status.FAILED, Status.ABORTED: Status.ABORTED}
    if status in (Status.COMPLETED, Status.FAILED, Status.ABORTED, Status.PUBLISHED):
        commands.finish(store, task, by=BY, status=ends.get(status, Status.COMPLETED))
    if status is Status.PUBLISHED:
        commands.publish(store, task, by=BY)
    found = Task.get_task(task_id=task)
    assert found is not None
    return found


def _describe(task: Task) -> None:
    task.set_comment("words")
    task.add_tags("a b")
    task.move_to_project(None, "moved/to")


ACTIONS: dict[Action, Callable[[Task], Any]] = {
    Action.EDIT: lambda task: task.set_parameters({"Args/lr": 0.5}),
    Action.PROPERTY: lambda task: task.set_user_properties(note="x"),
    Action.DESCRIBE: lambda task: _describe(task),
    Action.RENAME: lambda task: task.rename("another name"),
    Action.ENQUEUE: lambda task: Task.enqueue(task),
    Action.RETRY: lambda task: Task.enqueue(task, force=True),
    Action.DEQUEUE: lambda task: Task.dequeue(task),
    Action.START: lambda task: task.mark_started(),
    Action.COMPLETE: lambda task: task.mark_completed(),
    Action.FAIL: lambda task: task.mark_failed(status_reason="no good"),
    Action.ABORT: lambda task: task.mark_stopped(),
    Action.RESET: lambda task: task.reset(force=True),
    Action.PUBLISH: lambda task: task.publish(),
    Action.CLONE: lambda task: Task.clone(task),
    Action.ARCHIVE: lambda task: task.set_archived(True),
    Action.RESTORE: lambda task: task.set_archived(False),
    Action.DELETE: lambda task: task.delete(),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_cell_of_the_states(store: Store, action: Action, status: Status) -> None:
    task = _made(store, status)
    if action is Action.RETRY and status not in (Status.FAILED, Status.ABORTED):
        action = Action.ENQUEUE
    expected = target(action, status)
    if (action, status) == (Action.RESTORE, Status.PENDING):
        expected = status  # what is Pending is not archived: there is nothing to restore
    said = refusal(action, Subject(task.id, task.name, status))
    if (action, status) == (Action.START, Status.PENDING):  # only an agent's claim starts what is in a queue
        expected, said = None, f'Cannot start "{task.name}" ({task.id[:8]}): it is Pending. Dequeue it (Q) first.'
    if expected is None:
        before = _row(store, task.id)
        with pytest.raises(ValueError) as refused:
            ACTIONS[action](task)
        assert str(refused.value) == said
        assert _row(store, task.id) == before
        return
    ACTIONS[action](task)
    if action is Action.DELETE:
        assert Task.get_tasks() == []
        return
    assert task.status == SDK_WORDS[expected]
    assert task.get_archived() is (action is Action.ARCHIVE)


EDITS: dict[str, Callable[[Task], Any]] = {
    "set_parameter": lambda task: task.set_parameter("Args/lr", 0.5),
    "update_parameters": lambda task: task.update_parameters({"Args/lr": 0.5}),
    "delete_parameter": lambda task: task.delete_parameter("Args/kept"),
    "set_configuration_object with a text": lambda task: task.set_configuration_object("net", "layers: 3"),
    "set_configuration_object with a dict": lambda task: task.set_configuration_object("net", config_dict={"a": 1}),
}


@pytest.mark.parametrize("status", Status)
def test_every_call_that_edits_does_so_on_a_draft_only(store: Store, status: Status) -> None:
    task = _made(store, status, {"Args/kept": "1"})
    said = refusal(Action.EDIT, Subject(task.id, task.name, status))
    for name, call in EDITS.items():
        before = _configured(task)
        if said is None:
            call(task)
            assert _configured(task) != before, name
            task.set_parameters({"Args/kept": "1"})
            continue
        with pytest.raises(ValueError) as refused:
            call(task)
        assert (str(refused.value), _configured(task)) == (said, before), name


def _configured(task: Task) -> tuple[object, object]:
    return task.get_parameters(), task.get_configuration_objects()


def test_a_clone_has_everything_but_outputs(store: Store) -> None:
    source = commands.create(
        store, by=BY, project="tests/commands", name="source", tags=["t"], comment="c", parameters={"Args/lr": "1"}
    )
    clone = Task.clone(source_task=source, name="copy")
    assert (clone.name, clone.comment, clone.get_tags(), clone.parent) == ("copy", "c", ["t"], source)
    assert clone.get_parameters() == {"Args/lr": "1"}
    assert clone.get_project_name() == "tests/commands"
    other = Task.clone(clone, project="other/place", comment="new", parent=source)
    assert (other.name, other.parent, other.get_project_name(), other.comment) == ("copy", source, "other/place", "new")


def test_a_draft_is_made_from_a_script(store: Store, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    task = Task.create(
        project_name="tests/commands", task_name="created", task_type=Task.TaskTypes.testing, script="train.py",
        working_directory=str(tmp_path), argparse_args=[("lr", 0.5), ("name", "x")], packages=["numpy==2.0"],
    )  # fmt: skip
    code = task._detail().code
    assert (code.entry_point, code.working_dir, code.packages) == ("train.py", str(tmp_path), {"numpy": "2.0"})
    assert task.get_parameters(cast=True) == {"Args/lr": 0.5, "Args/name": "x"}
    assert task.task_type == "testing"
    copy = Task.create(base_task_id=task, task_name="copied", argparse_args={"lr": 0.25})
    assert copy.get_parameter("Args/lr") == "0.25"
    with pytest.raises(ValueError, match="lr"):
        Task.create(base_task_id=task, task_name="left behind", argparse_args={"lr": "fast"})
    assert Task.get_task(project_name="tests/commands", task_name="left behind") is None
    with pytest.raises(ValueError, match="There is no script"):
        Task.create(project_name="tests/commands", script="none.py", working_directory=str(tmp_path))


def test_parameters_of_a_draft(store: Store) -> None:
    task = Task.create(project_name="tests/commands", task_name="values")
    task.set_parameters({"General/a": 1, "a": 2}, {"Args/b": [1, 2]}, c="x")
    assert task.get_parameters() == {"General/a": "2", "Args/b": "[1, 2]", "General/c": "x"}
    assert task.get_parameters(cast=True) == {"General/a": 2, "Args/b": [1, 2], "General/c": "x"}
    task.update_parameters({"Args/b": "[3]"})
    assert task.get_parameter("Args/b", cast=True) == [3]  # a text keeps the type
    task.set_parameter("rate", 0.5, description="of learning")
    row = next(row for row in task._detail().parameters if row.name == "rate")
    assert (row.type, row.description) == ("float", "of learning")
    task.set_parameter("deep/er/name", True)
    assert task.get_parameters_as_dict()["deep"] == {"er": {"name": "True"}}
    task.set_parameters({"only": 5})
    assert task.get_parameters() == {"General/only": "5"}
    assert task.get_parameter("only") == "5"
    assert task.get_parameter("none", default=7) == 7
    task.delete_parameter("only")
    task.set_user_properties({"name": "site", "value": "lab"}, owner="me")
    assert task.get_user_properties(value_only=True) == {"site": "lab", "owner": "me"}
    task.delete_user_properties(["owner", ("properties", "site")])
    assert (task.get_user_properties(), task.get_parameters()) == ({}, {})


def test_tasks_are_found(store: Store) -> None:
    names = {name: commands.create(store, by=BY, project=project, name=name, tags=tags) for project, name, tags in (
        ("find/one", "resnet 50", ["a"]), ("find/one", "resnet 18", ["a", "b"]), ("find/one/deep", "vit base", []),
        ("find/two", "resnet 50", ["b"]))}  # fmt: skip
    commands.archive(store, names["resnet 18"], by=BY)

    def found(**wanted: Any) -> list[str]:
        return sorted(f"{task.get_project_name()}:{task.name}" for task in Task.get_tasks(**wanted))

    assert found(project_name="find/one") == ["find/one:resnet 18", "find/one:resnet 50"]
    assert found(project_name="find/one", allow_archived=False) == ["find/one:resnet 50"]
    assert found(project_name=["find/one/deep", "find/two"]) == ["find/one/deep:vit base", "find/two:resnet 50"]
    assert found(task_name="^resnet") == ["find/one:resnet 18", "find/one:resnet 50", "find/two:resnet 50"]
    assert found(tags=["a", "b"]) == ["find/one:resnet 18", "find/one:resnet 50", "find/two:resnet 50"]
    assert found(tags=["__$all", "a", "b"]) == ["find/one:resnet 18"]
    assert found(tags=["b", "-a"]) == ["find/two:resnet 50"]
    assert found(task_filter={"status": ["created"], "search_text": "vit"}) == ["find/one/deep:vit base"]
    assert found(task_filter='name~"res.*50" -tag:a') == ["find/two:resnet 50"]
    assert found(task_filter={"filter": "tag:b", "status": ["created"]}, project_name="find/two") == [
        "find/two:resnet 50"]  # fmt: skip
    assert found(task_ids=[names["vit base"]]) == ["find/one/deep:vit base"]
    one = Task.get_task(project_name="find/two", task_name="resnet 50")
    assert one is not None
    assert Task.get_task(task_id=one.id[:12]).id == one.id  # type: ignore[union-attr]
    assert Task.get_task(project_name="find/two", task_name="resnet") is None
    assert set(Task.query_tasks(task_name="resnet")) == {task.id for task in Task.get_tasks(task_name="resnet")}
    with pytest.raises(LookupError, match="There is no task"):
        Task.get_task(task_id="f" * 32)
    with pytest.raises(RuntimeError, match="Unknown task_filter"):
        Task.get_tasks(task_filter={"colour": "red"})
    for nothing in (5, ["status:failed"]):
        with pytest.raises(RuntimeError, match="Invalid task_filter"):
            Task.get_tasks(task_filter=nothing)  # type: ignore[arg-type]
    for wrong, word in (("status:walking", "walking"), ("lr<0.1", "lr")):
        with pytest.raises(ValueError, match=word):
            Task.get_tasks(task_filter=wrong)


def test_queues(store: Store) -> None:
    task = Task.create(project_name="tests/commands", task_name="waits")
    with pytest.raises(LookupError, match="queue"):
        Task.enqueue(task, queue_name="defualt")
    assert Task.enqueue(task.id, queue_name="default")["fields"]["status"] == "queued"
    assert Task.get_num_enqueued_tasks("default") == 1
    assert Task.dequeue(task)["dequeued"] == 1
    assert task.get_status() == "created"


def test_what_only_its_script_can_do_says_so(store: Store) -> None:
    task = Task.create(project_name="tests/commands", task_name="foreign")
    for call in (
        task.get_logger,
        lambda: task.set_progress(5),
        lambda: task.connect({}),
        lambda: task.set_initial_iteration(1),
    ):
        with pytest.raises(RuntimeError):
            call()
    task.wait_for_status(("created",))
    with pytest.raises(TimeoutError):
        task.wait_for_status(timeout=0, check_interval_sec=0)
    assert task.get_output_log_web_page() == f"tui --task {task.id}"
    with pytest.raises(AttributeError):
        task.no_such_thing  # type: ignore[attr-defined]  # noqa: B018
