"""Every verb's key in every state: the same outcome and the same sentence as the lifecycle gives."""

from __future__ import annotations

import json

import pytest
from textual.widgets import Input

from store import commands, lifecycle, queues, transitions
from store.engine import Store
from store.lifecycle import Action, Status, Subject, refusal, target
from store.queries import details, tasks
from store.records import TaskRow
from tests.tui.at_home import OnHome, in_state
from tests.tui.made import BY
from tui.dialogs.base import Dialog
from tui.dialogs.prompt import PromptDialog
from tui.verbs.base import why_not
from tui.widgets.bar import Notice

VERBS = {"e": Action.EDIT, "Q": Action.ENQUEUE, "A": Action.ABORT, "R": Action.RESET, "P": Action.PUBLISH,
         "a": Action.ARCHIVE}  # fmt: skip


def row_of(store: Store, task: str) -> TaskRow:
    with store.read() as c:
        return details.detail(c, task).row


def only(store: Store) -> TaskRow:
    with store.read() as c:
        [row] = tasks.page(c, tasks.TaskQuery(archived=None), 0, 10)
    return row


@pytest.mark.parametrize("status", list(Status))
async def test_a_refused_key_shows_the_lifecycles_sentence_and_changes_nothing(store: Store, status: Status) -> None:
    task = in_state(store, status)
    before = row_of(store, task)
    async with OnHome(store) as home:
        for key, action in VERBS.items():
            sentence = refusal(action, Subject(task, before.name, status))
            offered = action is Action.ENQUEUE and status in (Status.PENDING, Status.FAILED, Status.ABORTED)
            if sentence is None or offered:
                continue
            await home.keys(key)
            assert home.app.screen.query_one(Notice).sentence == sentence, key
        sentence = why_not(Action.DELETE, before)
        assert sentence is not None
        await home.keys("D")
        assert home.app.screen.query_one(Notice).sentence == sentence
        assert row_of(store, task) == before


ANSWERS = {"A": ("y",), "R": ("y",), "Q": ("enter",), "a": ()}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("key", list(ANSWERS))
async def test_an_allowed_key_leads_to_the_lifecycles_state(store: Store, status: Status, key: str) -> None:
    after = target(VERBS[key], status)
    if after is None:
        return
    task = in_state(store, status)
    async with OnHome(store) as home:
        await home.keys(key)
        if key in "AR":
            assert isinstance(home.app.screen, Dialog)
            await home.keys("n")
            assert row_of(store, task).status == status
            await home.keys(key, "enter")  # Enter is no yes
            assert row_of(store, task).status == status
        await home.keys(*ANSWERS[key])
        await home.until(lambda: row_of(store, task).status == after or _asked(store, task), f"{key} on {status}")
        assert row_of(store, task).archived == (key == "a")


def _asked(store: Store, task: str) -> bool:
    with store.read() as c:
        return details.detail(c, task).abort_requested is not None


@pytest.mark.slow
async def test_tagging_moving_commenting_renaming_and_cloning_in_every_state(store: Store) -> None:
    made = {in_state(store, status, f"the {status} one"): status for status in Status}
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v")
        await home.keys("t")
        await home.press(*"hot", "enter")
        await home.until(lambda: all(row_of(store, task).tags == ("hot",) for task in made), "tagged")
        await home.keys("m")
        await home.press("ctrl+u", *"lab", "slash", *"two", "enter")
        await home.until(lambda: all(row_of(store, task).project == "lab/two" for task in made), "moved")
        await home.keys("colon", *"comment", "space", *"seen", "enter")
        await home.until(lambda: all(row_of(store, task).comment == "seen" for task in made), "commented on")
        totals = {"lab": 7, "lab/two": 7, "vision": 0, "vision/resnet": 0, None: 7}
        await home.until(lambda: {node.path: node.total for node in home.tree.nodes} == totals, "the tree's counts")
        await home.keys("c", "u")
        for task, status in made.items():
            await home.until(lambda: _clones(store, task), "a clone")  # noqa: B023
            [clone] = _clones(store, task)
            assert (clone.status, clone.tags, row_of(store, task).status) == ("draft", ("hot",), status)
        await home.until(lambda: home.tree.nodes[0].total == 14, "the tree's counts")
        for task, status in made.items():
            refused = refusal(Action.RENAME, Subject(task, f"the {status} one", status))
            at = next(n for n in range(14) if (row := home.table.pages.get(n)) is not None and row.id == task)
            await home.keys("g")
            await home.press(*["j"] * at)
            await home.keys("r")
            if refused is not None:
                assert home.app.screen.query_one(Notice).sentence == refused
                continue
            await home.press("ctrl+u", *f"ex{status}", "enter")
            await home.until(lambda: row_of(store, task).name == f"ex{status}", status)  # noqa: B023
    renamed = {status for task, status in made.items() if row_of(store, task).name != f"the {status} one"}
    assert renamed == {status for status in Status if target(Action.RENAME, status) is not None}


async def test_the_tags_of_several_tasks_are_those_of_all_and_those_of_some(store: Store) -> None:
    many = [f"tag{at:02}" for at in range(15)]
    for n, tags in enumerate([["old"], ["old", *many[:3]], many]):
        task = in_state(store, Status.COMPLETED, f"task {n}")
        commands.tag(store, task, by=BY, add=["baseline", *tags])
    async with OnHome(store, (120, 40)) as home:
        assert "Tags of 3 tasks" in await home.keys("g", "space", "G", "v", "t")
        dialog = home.app.screen
        assert isinstance(dialog, Dialog)
        some = ", ".join(f"{tag} (2)" for tag in ["old", *many[:3]]) + "".join(f", {tag} (1)" for tag in many[3:11])
        assert dialog.text.splitlines()[0] == f"Now: baseline; of some: {some} and 4 more."


def _clones(store: Store, task: str) -> list[TaskRow]:
    with store.read() as c:
        return [row for row in tasks.page(c, tasks.TaskQuery(), 0, 20) if row.parent == task]


async def test_archived_tasks_are_deleted_or_refused_with_the_lifecycles_sentence(store: Store) -> None:
    made = {s: in_state(store, s) for s in Status if target(Action.ARCHIVE, s) == s}  # no others can be archived
    for task in made.values():
        commands.archive(store, task, by=BY)
    async with OnHome(store) as home:
        await home.keys("colon", *"archived", "enter", "g")
        for _ in made:
            current, count = home.table.current, len(home.names)
            assert current is not None
            sentence = refusal(Action.DELETE, current)
            await home.keys("D")
            if sentence is None:
                await home.keys("y")
                await home.until(lambda: len(home.names) == count - 1, "one less")  # noqa: B023
            else:
                assert home.app.screen.query_one(Notice).sentence == sentence
                await home.keys("j")
    left = [status for status, task in made.items() if _there(store, task)]
    assert left == [Status.PUBLISHED]


async def test_archived_tasks_are_restored_or_refused_with_the_lifecycles_sentence(store: Store) -> None:
    made = {_archived(store, status): status for status in Status}
    async with OnHome(store) as home:
        await home.press("colon", *"archived", "enter")
        await home.until(lambda: len(home.names) == len(made), "all of them")
        await home.press("g", "space", "G", "v")
        shown = await home.keys("a")
        refused = [status for status in Status if target(Action.RESTORE, status) is None]
        assert f"Restore {len(made) - len(refused)} of {len(made)}?" in shown
        for status in refused:
            assert lifecycle.why_not(Action.RESTORE, status) in shown
        await home.press("y")
        await home.until(lambda: len(home.names) == len(refused), "the others are back")
    for task, status in made.items():
        after, now = target(Action.RESTORE, status), row_of(store, task)
        assert (now.status, now.archived) == (after or status, after is None)


def _archived(store: Store, status: Status) -> str:
    """An archived task; one that is Pending or Running was archived as a Draft."""
    if status not in (Status.PENDING, Status.RUNNING):
        task = in_state(store, status)
        commands.archive(store, task, by=BY)
        return task
    task = in_state(store, Status.DRAFT, f"the {status.value} one")
    commands.archive(store, task, by=BY)
    if status is Status.PENDING:
        commands.enqueue(store, task, by=BY)
    else:
        with store.write(BY) as tx:
            transitions.start(tx, task)
    return task


@pytest.mark.slow
async def test_a_user_property_is_changed_by_keys_in_every_state_but_published(store: Store) -> None:
    made = {}
    for status in Status:
        task = in_state(store, Status.COMPLETED if status is Status.PUBLISHED else status, f"the {status.value} one")
        commands.edit(store, task, {"properties/note": "old"}, by=BY, add=True)
        if status is Status.PUBLISHED:
            commands.publish(store, task, by=BY)
        made[task] = status
    async with OnHome(store) as home:
        for _ in made:
            current = home.table.current
            assert current is not None
            sentence = refusal(Action.PROPERTY, current)
            await home.press("enter", "2")
            await home.sees("user properties", "note")
            await home.press("enter")
            if sentence is None:
                await home.press("ctrl+u", *"new", "enter")
                await home.until(lambda: _note(store, current.id) == "new", "changed")  # noqa: B023
            else:
                await home.until(lambda: home.app.screen.query_one(Notice).sentence == sentence, "why not")  # noqa: B023
            await home.press("q")
            await home.until(lambda: len(home.app.screen_stack) == 1, "home")
            await home.press("j")
    assert {status for task, status in made.items() if _note(store, task) == "old"} == {Status.PUBLISHED}


def _note(store: Store, task: str) -> str:
    with store.read() as c:
        [found] = [p.value for p in details.parameters(c, task) if p.key == "properties/note"]
    return found


def _there(store: Store, task: str) -> bool:
    with store.read() as c:
        return bool(tasks.rows(c, [task]))


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABORTED])
async def test_what_failed_or_was_aborted_can_be_published(store: Store, status: Status) -> None:
    task = in_state(store, status, "abc")
    async with OnHome(store) as home:
        await home.keys("P", *"abc", "enter")
        await home.until(lambda: row_of(store, task).status == "published", "published")


async def test_publishing_asks_for_the_name(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "the model")
    async with OnHome(store) as home:
        assert "Publishing is final" in await home.keys("P")
        assert "That is not it" in await home.keys(*"no", "enter")
        assert row_of(store, task).status == "completed"
        await home.keys("ctrl+u", *"the", "space", *"model", "enter")
        await home.until(lambda: row_of(store, task).status == "published", "published")


async def test_publishing_several_says_that_it_is_final_and_asks_for_their_number(store: Store) -> None:
    made = [in_state(store, Status.COMPLETED, f"model {n}") for n in range(2)]
    draft = in_state(store, Status.DRAFT, "not yet")
    async with OnHome(store, (80, 24)) as home:
        await home.keys("g", "space", "G", "v")
        shown = await home.keys("P")
        for text in ("Publish 2 of 3?", "Publishing is final", "model 0", "model 1", "not yet", "Enter accept"):
            assert text in shown, text
        dialog = home.app.screen
        assert isinstance(dialog, PromptDialog)
        assert dialog.text == f'{lifecycle.PUBLISHING} Left out: 1 is Draft.\nType "publish 2" to confirm.'
        await home.keys("y", "enter")
        assert "That is not it; nothing was done." in home.text()
        await home.keys("ctrl+u", *"publish", "space", "2", "enter")
        await home.until(lambda: all(row_of(store, task).status == "published" for task in made), "both published")
        assert row_of(store, draft).status == "draft"


async def test_archiving_says_which_queue_a_pending_task_leaves(store: Store) -> None:
    queues.create(store, "gpu-a")
    in_state(store, Status.COMPLETED, "over")
    in_state(store, Status.RUNNING, "still running")
    drafts = {name: in_state(store, Status.DRAFT, name) for name in ("first", "second", "third")}
    for task in drafts.values():
        commands.enqueue(store, task, by=BY, queue="gpu-a")
    async with OnHome(store, (120, 30)) as home:
        await home.keys("g", "a")
        named = f'"third" ({drafts["third"][:8]})'
        await home.sees(f"Archived {named}. It was Pending: it left the queue gpu-a.")
        shown = await home.keys("g", "space", "G", "v", "a")
        assert "archive, out of the queue gpu-a" in shown
        dialog = home.app.screen
        assert isinstance(dialog, Dialog)
        assert dialog.text == "2 are Pending: they leave the queue gpu-a. Left out: 1 is Running."
        await home.keys("y")
        said = "Archived 3 of 4 tasks. 2 were Pending: they left the queue gpu-a. Left out: 1 is Running."
        await home.until(lambda: home.app.screen.query_one(Notice).sentence == said, said)
    assert {row_of(store, task).status for task in drafts.values()} == {"draft"}


async def test_a_pending_task_is_dequeued_by_the_same_key(store: Store) -> None:
    task = in_state(store, Status.PENDING)
    async with OnHome(store) as home:
        await home.keys("Q")
        await home.until(lambda: row_of(store, task).status == "draft", "a draft")


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABORTED])
async def test_enqueueing_a_failed_task_asks_for_a_retry(store: Store, status: Status) -> None:
    task = in_state(store, status)
    async with OnHome(store) as home:
        shown = await home.keys("Q")
        assert "Retry" in shown and "deleted" in shown
        await home.keys("n")
        assert row_of(store, task).status == status
        await home.keys("Q", "y", "enter")
        await home.until(lambda: row_of(store, task).status == "pending", "pending")


async def test_the_queue_picker_offers_every_queue_and_remembers(store: Store) -> None:
    queues.create(store, "gpu-large", BY)
    first, second = in_state(store, Status.DRAFT, "draft one"), in_state(store, Status.DRAFT, "draft two")
    async with OnHome(store) as home:
        assert "gpu-large" in await home.keys("Q")
        await home.keys("j", "enter")
        await home.until(lambda: row_of(store, second).queue == "gpu-large", "in the chosen queue")
        await home.until(lambda: home.names == ["draft two", "draft one"], "order")
        await home.keys("j", "Q", "enter")
        await home.until(lambda: row_of(store, first).queue == "gpu-large", "in the same queue")


async def test_cloning_opens_the_draft_on_its_configuration(store: Store) -> None:
    source = commands.create(store, by=BY, project="lab/x", name="the source", parameters={"Args/lr": ("0.1", "float")})
    async with OnHome(store) as home:
        await home.keys("c")
        await home.until(lambda: len(home.app.screen_stack) == 2, "the task screen")
        await home.sees("lr", "0.1")
        with store.read() as c:
            [clone] = [row for row in tasks.page(c, tasks.TaskQuery(), 0, 10) if row.parent == source]
        assert (clone.status, clone.name) == ("draft", "the source")
        await home.sees(f'Made "the source" ({clone.id[:8]}), a clone of "the source" ({source[:8]}).')
        await home.press("escape")
        await home.press("q")
        await home.until(lambda: len(home.app.screen_stack) == 1 and home.tree.nodes[0].total == 2, "home, two tasks")


async def test_archive_restore_and_delete(store: Store) -> None:
    in_state(store, Status.COMPLETED, "old one")
    async with OnHome(store) as home:
        await home.keys("a")
        await home.until(lambda: home.names == [], "an empty table")
        await home.keys("colon", *"archived", "enter")
        assert home.names == ["old one"]
        await home.keys("a")
        await home.until(lambda: home.names == [], "restored")
        await home.keys("escape")
        assert home.names == ["old one"]
        await home.keys("a", "colon", *"archived", "enter")
        assert "outputs are deleted" in await home.keys("D")
        await home.keys("y")
        await home.until(lambda: home.names == [], "deleted")
        with store.read() as c:
            assert tasks.count(c, tasks.TaskQuery(archived=None)) == 0


async def test_rename_tags_and_move(store: Store) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("r", "ctrl+u", *"defg", "enter")
        await home.until(lambda: only(store).name == "defg", "renamed")
        await home.keys("t", *"new", "space", *"hot", "enter")
        await home.until(lambda: only(store).tags == ("hot", "new"), "tagged")
        await home.keys("t", "minus", *"hot", "enter")
        await home.until(lambda: only(store).tags == ("new",), "untagged")
        await home.keys("t", *'+"two words" it\'s', "enter")
        await home.until(lambda: only(store).tags == ("it's", "new", "two words"), "a tag of two words")
        await home.keys("t", *'-"two', "enter")
        await home.sees("begins with a double quote does not end")
        await home.keys(*" words\" -it's", "enter")
        await home.until(lambda: only(store).tags == ("new",), "untagged again")
        await home.keys("m", "ctrl+u", *"lab", "slash", *"two", "enter")
        await home.until(lambda: only(store).project == "lab/two", "moved")


async def test_a_refused_line_stays_in_its_dialog_with_the_reason_below(store: Store) -> None:
    in_state(store, Status.COMPLETED, "defg")
    async with OnHome(store) as home:
        await home.keys("r", "ctrl+u", *"x", "enter")
        await home.sees("at least 3")
        assert isinstance(home.app.screen, PromptDialog)
        assert home.app.screen.query_one(Input).value == "x"
        assert only(store).name == "defg"
        await home.keys(*"yz", "enter")
        await home.until(lambda: only(store).name == "xyz", "renamed at last")
        assert not isinstance(home.app.screen, PromptDialog)


async def test_what_stands_after_a_verb_on_the_command_line_answers_it(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "defg")
    async with OnHome(store) as home:
        await home.keys("colon", *"rename", "space", *"new", "space", *"name", "enter")
        await home.sees(f'Renamed "defg" ({task[:8]}) to "new name".')
        await home.keys("colon", *"tags", "space", *"+hot", "enter")
        await home.until(lambda: only(store).tags == ("hot",), "tagged")
        await home.keys("colon", *"rename", "space", *"x", "enter")
        await home.sees("at least 3")
        assert only(store).name == "new name"


async def test_a_new_draft_is_made_in_the_project_on_screen(store: Store) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store, project="vision/resnet") as home:
        shown = await home.keys("colon", *"new", "enter")
        assert "New Draft" in shown and "vision/resnet" in shown and "Enter accept" in shown
        assert "Enter next line" in await home.keys("up")
        assert "Enter accept" in await home.keys("enter")
        await home.keys(*"xy", "enter")
        await home.sees("at least 3")
        await home.keys(*"z", "enter")
        await home.until(lambda: len(home.app.screen_stack) == 2, "the Draft's screen")
        await home.sees('Made the Draft "xyz"')
        with store.read() as c:
            [made] = [row for row in tasks.page(c, tasks.TaskQuery(), 0, 10) if row.name == "xyz"]
        assert (made.status, made.project) == ("draft", "vision/resnet")


async def test_the_first_draft_of_an_empty_store_asks_for_its_project(store: Store) -> None:
    async with OnHome(store) as home:
        await home.keys("colon", *"new", "space", *"first", "enter")
        await home.keys(*"lab", "enter", "enter")
        await home.sees('Made the Draft "first"')
        assert (only(store).name, only(store).project) == ("first", "lab")


async def test_a_comment_has_as_many_lines_as_it_needs_and_is_never_lost(store: Store) -> None:
    in_state(store, Status.PUBLISHED, "abc")
    async with OnHome(store) as home:
        shown = await home.keys("colon", *"comment", "enter")
        assert "ctrl+o save" in shown and "Enter new line" in shown
        await home.keys(*"one", "enter", *"two", "escape")
        await home.sees("This is not saved.")
        await home.keys("enter", *"three", "ctrl+o")
        await home.sees("Commented on")
        assert only(store).comment == "one\ntwo\nthree"
        await home.keys("colon", *"comment", "enter", "ctrl+e", *"!", "escape", "escape")
        assert only(store).comment == "one\ntwo\nthree" and not isinstance(home.app.screen, Dialog)
        await home.keys("colon", *"comment", "space", *"short", "enter")
        await home.until(lambda: only(store).comment == "short", "the comment of the command line")


async def test_a_comment_that_was_only_looked_at_stays_as_it_was_written(store: Store) -> None:
    kept = "one\r\ntwo\u2028three  \x1b[31m"
    commands.describe(store, in_state(store, Status.DRAFT, "abc"), by=BY, comment=kept)
    async with OnHome(store) as home:
        for leave in ("escape", "ctrl+o"):
            await home.keys("colon", *"comment", "enter", leave)
            assert not isinstance(home.app.screen, Dialog), leave
            assert only(store).comment == kept


async def test_a_name_and_a_comment_that_somebody_else_gave_meanwhile_are_not_written_over(store: Store) -> None:
    task = in_state(store, Status.DRAFT, "abc")
    async with OnHome(store) as home:
        await home.keys("colon", *"comment", "enter")
        commands.describe(store, task, by="bob@lab", comment="theirs")
        await home.keys(*"mine", "ctrl+o")
        await home.sees('Cannot change the comment of "abc"', "somebody else", "mine")
        await home.keys("escape", "escape", "r")
        commands.describe(store, task, by="bob@lab", name="their name")
        await home.keys("ctrl+u", *"mine", "enter")
        await home.sees('Cannot change the name of "their name"', "Look at theirs first.", "mine")
        assert (only(store).name, only(store).comment) == ("their name", "theirs")
        await home.keys("escape")
        await home.until(lambda: home.names == ["their name"], "it in the table")
        await home.keys("r", "ctrl+u", *"mine", "enter")
        await home.until(lambda: only(store).name == "mine", "a name given after a look at theirs")


async def test_a_comment_that_was_refused_is_put_back_when_its_dialog_is_opened_again(store: Store) -> None:
    task = in_state(store, Status.DRAFT, "abc")
    async with OnHome(store) as home:
        await home.keys("colon", *"comment", "enter")
        commands.describe(store, task, by="bob@lab", comment="theirs")
        await home.keys(*"mine", "ctrl+o")
        await home.sees("Look at theirs first.")
        await home.keys("escape")
        await home.sees("to be put back when this is opened again")
        await home.keys("escape")
        await home.until(lambda: home.table.current is not None and home.table.current.comment == "theirs", "theirs")
        await home.keys("colon", *"comment", "enter")
        await home.sees("mine", "theirs")
        await home.keys(*" and theirs", "ctrl+o")
        await home.until(lambda: only(store).comment == "mine and theirs", "it saved over what was seen")


async def test_of_several_comments_only_those_that_are_as_they_were_seen_are_written_over(store: Store) -> None:
    first, second = (in_state(store, Status.DRAFT, name) for name in ("first", "second"))
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v", "colon", *"comment", "enter")
        commands.describe(store, first, by="bob@lab", comment="theirs")
        await home.keys(*"mine", "ctrl+o")
        await home.sees(
            "Commented on 1 of 2 tasks.", 'the comment of "first"', "somebody else has changed it meanwhile"
        )
        assert (row_of(store, first).comment, row_of(store, second).comment) == ("theirs", "mine")


@pytest.mark.parametrize("status", list(Status))
async def test_retry_resets_and_enqueues_or_says_why_not(store: Store, status: Status) -> None:
    task = in_state(store, status)
    sentence = refusal(Action.RETRY, Subject(task, row_of(store, task).name, status))
    async with OnHome(store) as home:
        await home.keys("colon", *"retry", "enter")
        if sentence is not None:
            assert home.app.screen.query_one(Notice).sentence == sentence
            return
        await home.keys("y", "enter")
        await home.until(lambda: row_of(store, task).status == "pending", "pending again")


async def test_marked_tasks_are_listed_with_what_will_be_done_to_each(store: Store) -> None:
    running_one = in_state(store, Status.RUNNING, "the live one")
    for name in ("second", "third"):
        in_state(store, Status.COMPLETED, name)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v")
        shown = await home.keys("A")
        assert "Abort 1 of 3?" in shown and "Left out: 2 are Completed." in shown
        lines = [line.split() for line in shown.splitlines()]
        assert any("the live one" in line and line.rstrip().endswith("abort") for line in shown.splitlines()), shown
        assert sum("it is Completed, not Running." in " ".join(line) for line in lines) == 2
        await home.keys("n")
        shown = await home.keys("a")
        assert "Archive 2 of 3?" in shown and "it is Running. Abort it (A) first." in shown
        await home.keys("n")
        assert not row_of(store, running_one).archived and len(home.names) == 3
        await home.keys("a", "y")
        await home.until(lambda: home.names == ["the live one"], "two archived")
        await home.sees("Archived 2 of 3 tasks.")


@pytest.mark.parametrize("key", ["r", "e"])
async def test_what_takes_one_task_says_so_when_more_are_marked(store: Store, key: str) -> None:
    for name in ("second", "third"):
        in_state(store, Status.DRAFT, name)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v", key)
        await home.sees("2 tasks at once. Clear the marks (u)")


async def test_a_task_is_copied_as_what_starts_it_again_or_as_json(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "abc")
    code = {"working_dir": "/srv/my code", "binary": "/usr/bin/python3", "entry_point": "train.py",
            "argv": ["--lr", "0.1", "it's"]}  # fmt: skip
    assert commands.set_environment(store, task, 1, code)
    async with OnHome(store) as home:
        wanted = """cd '/srv/my code' && /usr/bin/python3 train.py --lr 0.1 'it'"'"'s'"""
        assert wanted in await home.keys("Y")
        await home.keys("enter")
        await home.sees("Copied the command line")
        assert home.app.clipboard == wanted
        shown = await home.keys("Y", "tab")
        assert f'"id": "{task}"' in shown
        await home.keys("enter")
        await home.sees("Copied the JSON")
        assert json.loads(home.app.clipboard)["script"]["argv"] == code["argv"]


async def test_a_command_line_says_that_edited_values_are_not_in_it_and_is_shown_whole(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "abc")
    code = {"working_dir": "/srv", "binary": "python3", "entry_point": "train.py", "argv": ["--lr", "0.1"] * 12}
    assert commands.set_environment(store, task, 1, code)
    commands.clone(store, task, by=BY, name="the clone")
    async with OnHome(store, (80, 24)) as home:
        shown = " ".join((await home.keys("Y")).split())
        assert "# As recorded: values that were edited since are not in it." in shown
        assert shown.count("--lr") == 12
        await home.keys("enter")
        assert home.app.clipboard.startswith("# As recorded")


async def test_a_command_line_of_what_an_agent_runs_has_the_values_it_hands_over(store: Store) -> None:
    given = {
        "Args/mode": ("fail", "str", ""),
        "Args/name": ("resnet oom", "str", ""),
        "General/depth": ("3", "int", ""),
    }
    code = {"working_dir": "/srv", "binary": "python3", "entry_point": "train.py", "argv": []}
    task = commands.create(store, by=BY, project="vision", name="agents", parameters=given, code=code)
    commands.enqueue(store, task, by=BY)
    claim = queues.claim(store, "worker", ["default"])
    assert claim is not None
    commands.finish(store, task, by=BY, status=Status.FAILED)
    async with OnHome(store) as home:
        await home.keys("Y", "enter")
        above, other, line = home.app.clipboard.splitlines()
        assert line == "cd /srv && python3 train.py --mode fail --name 'resnet oom'"
        assert above.startswith("# Its arguments are made from the values of Args")
        assert other == "# Not in it, only an agent hands it over: General."


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_however_much_there_is_to_copy_the_keys_of_the_dialog_stay_in_sight(
    store: Store, size: tuple[int, int]
) -> None:
    task = in_state(store, Status.COMPLETED, "long" * 100)
    code = {"working_dir": "/srv", "binary": "python3", "entry_point": "train.py", "argv": ["--lr", "0.1"] * 600}
    assert commands.set_environment(store, task, 1, code)
    async with OnHome(store, size) as home:
        assert "Enter copy" in await home.keys("Y")
        assert "Enter copy" in await home.keys("tab")


async def test_several_tasks_are_copied_as_one_list(store: Store) -> None:
    made = {in_state(store, Status.DRAFT, name) for name in ("second", "third")}
    async with OnHome(store, read_only=True) as home:
        shown = await home.keys("g", "space", "G", "v", "Y")
        assert "Copy 2 tasks" in shown and "command line" not in shown  # none is known of a Draft made by hand
        await home.keys("enter")
        assert {found["id"] for found in json.loads(home.app.clipboard)} == made
