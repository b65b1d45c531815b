"""The verbs that change tasks: every cell of the state table with the lifecycle's own sentence, and their forms."""

from __future__ import annotations

import re

import pytest

from store import commands, queues
from store.engine import Store
from store.lifecycle import Action, Status, Subject, refusal, target
from store.queries import details, tasks
from store.records import TaskRow
from tests.cli.calling import Capture, record

VERBS = {
    "edit": Action.EDIT,
    "edit properties": Action.PROPERTY,
    "enqueue": Action.ENQUEUE,
    "enqueue --retry": Action.RETRY,
    "dequeue": Action.DEQUEUE,
    "abort": Action.ABORT,
    "reset": Action.RESET,
    "publish": Action.PUBLISH,
    "clone": Action.CLONE,
    "archive": Action.ARCHIVE,
    "delete": Action.DELETE,
    "tag": Action.DESCRIBE,
    "move": Action.DESCRIBE,
}
WORDS = {"edit": ["Args/lr=0.5"], "edit properties": ["properties/note=good", "--add"], "tag": ["+new"],
         "move": ["other/place"], "enqueue --retry": ["--retry"]}  # fmt: skip


def make(store: Store, status: Status) -> str:
    """Return a task in a state, come to as a user would."""
    by = "ada@h"
    if status in (Status.DRAFT, Status.PENDING):
        task = commands.create(
            store, by=by, project="tests/cli", name="a task", parameters={"Args/lr": ("0.1", "float")}
        )
        if status is Status.PENDING:
            commands.enqueue(store, task, by=by)
        return task
    values = {"Args/lr": {"value": "0.1", "type": "float", "description": ""}}
    ended = {Status.RUNNING: None, Status.PUBLISHED: "completed"}.get(status, status.value)
    task = record(store, status=ended, events=[{"e": "parameters", "values": values}])
    if status is Status.PUBLISHED:
        commands.publish(store, task, by=by)
    return task


def row(store: Store, task: str) -> TaskRow:
    with store.read() as connection:
        return tasks.rows(connection, [task])[0]


def values(store: Store, task: str) -> dict[str, str]:
    with store.read() as connection:
        return {parameter.key: parameter.value for parameter in details.parameters(connection, task)}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", VERBS)
def test_every_state_and_verb_ends_as_the_table_says(store: Store, capture: Capture, verb: str, status: Status) -> None:
    action, task = VERBS[verb], make(store, status)
    if verb == "delete":
        with store.write("ada@h") as tx:  # only archived ones may be deleted here; every state is to be seen
            tx.connection.exec_driver_sql(f"UPDATE task SET archived = 1 WHERE id = '{task}'")
    answer = capture(verb.split()[0], task, *WORDS.get(verb, []), "--json")
    sentence = refusal(action, Subject(task, "a task", status.value))
    if sentence is not None:
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.strip() == f"capture: {sentence}"
        assert row(store, task).status == status
        assert values(store, task) == {"Args/lr": "0.1"}
        return
    assert answer.code == 0
    if verb == "delete":
        assert capture("show", task).code == 1
    elif verb == "clone":
        assert answer.json["status"] == "draft"
        assert answer.json["parent"] == task
    else:
        after = target(action, status)
        assert answer.json["status"] == row(store, task).status
        # A Running task that something may still be running is asked to end, not ended.
        assert row(store, task).status == (status if verb == "abort" else after)
        changed = {"edit": {"Args/lr": "0.5"}, "edit properties": {"properties/note": "good"}}.get(verb, {})
        assert values(store, task) == {"Args/lr": "0.1"} | changed


@pytest.mark.parametrize("status", Status)
def test_restore_brings_back_whatever_could_be_archived(store: Store, capture: Capture, status: Status) -> None:
    task = make(store, status)
    archived = capture("archive", task, "--json")
    if target(Action.ARCHIVE, status) is None:
        assert capture("restore", task).err == f"capture: {refusal(Action.RESTORE, Subject(task, 'a task', status))}\n"
        return
    assert archived.json["archived"] is True
    answer = capture("restore", task, "--json")
    assert (answer.code, answer.json["archived"]) == (0, False)
    assert answer.json["status"] == target(Action.ARCHIVE, status)


@pytest.mark.parametrize("status", Status)
def test_what_cannot_start_is_not_executed(store: Store, capture: Capture, status: Status) -> None:
    task = make(store, status)
    sentence = refusal(Action.START, Subject(task, "a task", status))
    if sentence is None:
        return  # tests/agent runs these
    answer = capture("agent", "execute", "--id", task)
    assert (answer.code, answer.out, answer.err) == (1, "", f"capture: {sentence}\n")
    assert row(store, task).status == status


def test_filing_away_what_is_filed_away_says_that_there_is_nothing_to_do(store: Store, capture: Capture) -> None:
    task = make(store, Status.COMPLETED)
    assert "is not archived. Nothing to do." in capture("restore", task).err
    assert "Archived" in capture("archive", task).err
    again = capture("archive", task)
    assert again.code == 0 and "is archived already. Nothing to do." in again.err
    assert "Restored" in capture("restore", task).err


def test_delete_wants_the_task_archived_first(store: Store, capture: Capture) -> None:
    task = record(store)
    refused = capture("delete", task)
    assert refused.code == 1
    assert "not archived" in refused.err


def test_one_refusal_does_not_keep_the_others_from_being_done(store: Store, capture: Capture) -> None:
    done, draft, other = record(store), make(store, Status.DRAFT), record(store)
    answer = capture("publish", done, draft, other, "--json")
    assert answer.code == 1
    assert [task["id"] for task in answer.json] == [done, other]
    assert [row(store, task).status for task in (done, draft, other)] == ["published", "draft", "published"]


def test_an_unknown_id_among_several_changes_nothing(store: Store, capture: Capture) -> None:
    done = record(store)
    assert capture("publish", done, "nosuchtask").code == 1
    assert row(store, done).status == "completed"


def test_a_task_named_twice_is_changed_once(store: Store, capture: Capture) -> None:
    done = record(store)
    answer = capture("publish", done, done[:10], "--json")
    assert (answer.code, len(answer.json)) == (0, 1)


def test_edit_splits_at_the_first_sign_and_checks_the_type(store: Store, capture: Capture) -> None:
    task = make(store, Status.DRAFT)
    assert capture("edit", task, "lr=-1e-3").code == 0
    assert capture("edit", task, "Args/note=a=b", "--add").code == 0
    assert values(store, task) == {"Args/lr": "-1e-3", "Args/note": "a=b"}
    assert capture("edit", task, "lr=2", "fresh=1", "--add").err.endswith(": Args/lr, General/fresh.\n")
    assert "is not a number" in capture("edit", task, "lr=fast").err
    assert 'Did you mean "lr"' in capture("edit", task, "lrr=1").err
    assert 'Did you mean "Args/lr"' in capture("edit", task, "General/lr=1").err, "the name, in another section"
    assert capture("edit", task, "lr").code == 1


def test_edit_finds_a_key_that_has_the_sign_in_it(store: Store, capture: Capture) -> None:
    task = make(store, Status.DRAFT)
    commands.edit(store, task, {"cfg/a=b": "4", "cfg/cmd": "run"}, by="ada@h", add=True)
    assert capture("edit", task, "cfg/a=b=5", "cmd=x=y").code == 0
    found = values(store, task)
    assert (found["cfg/a=b"], found["cfg/cmd"]) == ("5", "x=y")


def test_tags_come_and_go(store: Store, capture: Capture) -> None:
    first, second = record(store, tags=["old"]), record(store)
    assert capture("tag", first, second, "+new", "-old", "+2nd").code == 0
    assert [row(store, task).tags for task in (first, second)] == [("2nd", "new"), ("2nd", "new")]
    assert capture("tag", first).code == 1


def test_move_takes_several_tasks_to_a_new_project(store: Store, capture: Capture) -> None:
    found = [record(store), record(store)]
    assert capture("move", *found, "vision/new").code == 0
    assert {row(store, task).project for task in found} == {"vision/new"}
    assert capture("move", found[0], "vision//new").code == 1


def test_clone_prints_the_new_id_alone_on_stdout(store: Store, capture: Capture) -> None:
    task = record(store)
    answer = capture("clone", task, "--name", "again", "--project", "else/where")
    made = row(store, answer.out.strip())
    assert (made.name, made.project, made.parent, made.status) == ("again", "else/where", task, "draft")
    assert answer.err == f'Made the Draft "again" ({made.id[:8]}), a clone of "a task" ({task[:8]}).\n'
    assert capture("clone", task, "--name", "x").code == 1


def test_a_parent_that_was_deleted_is_said(store: Store, capture: Capture) -> None:
    task = record(store)
    clone = capture("clone", task).out.strip()
    assert re.search(rf"^parent: +{task}$", capture("show", clone).out, re.M)
    assert (capture("archive", task).code, capture("delete", task).code) == (0, 0)
    assert re.search(rf"^parent: +{task} \(deleted\)$", capture("show", clone).out, re.M)
    assert capture("show", clone, "--json").json["parent"] == task


def test_queues_from_first_to_last(store: Store, capture: Capture) -> None:
    drafts = [make(store, Status.DRAFT) for _ in range(3)]
    assert capture("queue", "create", "fast", "--json").json["name"] == "fast"
    assert capture("enqueue", *drafts, "--queue", "fast").code == 0
    assert [task["id"] for task in capture("queue", "show", "fast", "--json").json["tasks"]] == drafts
    assert capture("queue", "move", drafts[2], "top").code == 0
    assert capture("queue", "move", drafts[0], "3").code == 0
    assert [r[0] for r in capture("queue", "show", "fast").rows] == [drafts[2], drafts[1], drafts[0]]
    assert capture("queue", "move", drafts[0], "4").code == 1
    assert capture("queue", "rename", "fast", "faster").code == 0
    assert [r[:2] for r in capture("queue", "list").rows] == [["default", "0"], ["faster", "3"]]
    made = {found["name"]: (found["id"], found["created"]) for found in capture("queue", "list", "--json").json}
    assert made["default"] == (None, None) and None not in made["faster"]
    assert capture("queue", "delete", "faster").code == 1
    assert capture("queue", "clear", "faster").code == 0
    assert {row(store, task).status for task in drafts} == {"draft"}
    assert capture("queue", "delete", "faster").code == 0
    assert 'Did you mean "default"?' in capture("enqueue", drafts[0], "--queue", "defualt").err
    for words in (("enqueue", drafts[0], "--queue"), ("queue", "clear"), ("agent", "--once", "--queue")):
        refused = capture(*words, "q\udcff")  # a byte that is no UTF-8, as Python reads it
        assert (refused.code, refused.err.split(".")[0]) == (1, "capture: There is no queue 'q\\udcff'"), words
    assert capture("agent", "--once", "--name", "w\udcff").code == 0


def test_enqueue_takes_the_queue_of_the_settings(store: Store, capture: Capture) -> None:
    from store.paths import config_file

    queues.create(store, "night", by="ada@h")
    config_file().parent.mkdir(parents=True)
    config_file().write_text('[agent]\nqueue = "night"\n')
    task = make(store, Status.DRAFT)
    assert capture("enqueue", task, "--json").json["queue"] == "night"


def test_a_baseline_is_pinned_shown_and_taken_away(store: Store, capture: Capture) -> None:
    task, other = (record(store, name, project="vision/deep") for name in ("first", "second"))
    answer = capture("baseline", task)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f'Pinned "first" ({task[:8]}) as the baseline of "vision/deep".\n'
    assert capture("baseline", task, "--project", "/vision/", "--json").json["id"] == task
    assert re.search("^baseline of: +vision, vision/deep$", capture("show", task).out, re.M)
    assert capture("show", task, "--json").json["baseline_of"] == ["vision", "vision/deep"]
    assert capture("baseline", other).code == 0
    assert (capture("show", task, "--json").json["baseline_of"], "baseline" in capture("show", task).out) == (
        ["vision"], True,
    )  # fmt: skip
    taken = capture("baseline", "--clear", "vision", "--json")
    assert (taken.code, taken.json["id"], taken.err) == (
        0,
        task,
        'The project "vision" has no baseline of its own any more.\n',
    )
    assert "baseline" not in capture("show", task).out and capture("show", task, "--json").json["baseline_of"] == []


def test_a_baseline_that_cannot_be_is_refused(store: Store, capture: Capture) -> None:
    task = record(store, project="vision/deep")
    record(store, project="language")
    refusals = {
        (task, "--project", "language"): (1, 'as the baseline of "language": it is in "vision/deep".'),
        (task, "--project", "langage"): (1, "There is no project 'langage'. Did you mean \"language\"?"),
        ("nosuch",): (1, "There is no task 'nosuch'"),
        ("--clear", "vision"): (1, 'Cannot take the baseline of "vision" away: it has none of its own.'),
        ("--clear", "visio"): (1, "There is no project 'visio'. Did you mean \"vision\"?"),
        (): (2, "Name the task to pin, or the project whose baseline goes: --clear P."),
        (task, "--clear", "vision"): (2, "Name the task to pin"),
        ("--clear", "vision", "--project", "vision"): (2, "Name the task to pin"),
    }
    for words, (code, sentence) in refusals.items():
        answer = capture("baseline", *words)
        assert (answer.code, answer.out) == (code, "") and sentence in answer.err, words


def test_wait_ends_by_what_became_of_the_tasks(store: Store, capture: Capture) -> None:
    good, bad, live = record(store), record(store, status="failed"), record(store, status=None)
    assert capture("wait", good).code == 0
    assert capture("wait", good, bad).code == 1
    assert capture("wait", bad, "--status", "failed").code == 0
    assert capture("wait", live, "--status", "running").code == 0
    late = capture("wait", live, "--timeout", "0.2", "--json")
    assert (late.code, late.json["status"]) == (1, "running")
    assert "time is up" in late.err
    at_once = capture("wait", good, "--timeout", "0")
    assert (at_once.code, at_once.err) == (0, "")
    for wrong in ("-1", "nan"):
        answer = capture("wait", live, "--timeout", wrong)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"capture: Invalid time: --timeout {wrong}.")


def test_archiving_a_pending_task_says_which_queue_it_leaves(store: Store, capture: Capture) -> None:
    task = commands.create(store, by="ada@h", project="vision", name="resnet")
    commands.enqueue(store, task, by="ada@h")
    said = capture("archive", task).err
    assert f'Archived "resnet" ({task[:8]}). It was Pending: it left the queue default.' in said
