from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from textual.events import Key

from store import clock, commands
from store.engine import Store
from store.ingest import ingest
from store.lifecycle import Status
from store.queries import details
from store.records import Line
from tests.support import Script, counted, points
from tests.tui.at_home import OnHome, in_state, running
from tests.tui.made import BY, Run
from tui.look import Look
from tui.pages import PAGE
from tui.widgets.bar import Notice
from tui.widgets.prompt import Prompt


async def test_the_empty_store_shows_the_lines_to_add_to_a_script(store: Store) -> None:
    async with OnHome(store, (80, 24)) as home:
        shown = await home.sees("from capture import Task", "Task.init(", "report_scalar(")
        assert "0 tasks" in shown


async def test_rows_show_state_name_progress_iteration_metric_and_tags(store: Store) -> None:
    run = Run(store, "resnet lr=3e-5")
    run.report("loss", "train", 0.5, 0.25)
    run.tell(e="progress", value=61)
    commands.tag(store, run.id, by=BY, add=("baseline",))
    async with OnHome(store, (80, 24)) as home:
        line = next(line for line in home.text().splitlines() if "resnet lr" in line)
        assert all(part in line for part in ("▶R", "train", "61% quiet", "0.2500", "baseline")), line
        assert "loss" in home.text().splitlines()[1]


async def test_the_first_pages_cost_few_statements_and_the_table_fetches_at_most_two_pages(store: Store) -> None:
    running(store, [f"task {n:04}" for n in range(300)])
    async with OnHome(store, (80, 24)) as home:
        assert home.table.pages.missing(0, PAGE * 2 - 1) == [1]
        data_store = home.app.data._store
        assert data_store is not None
        with counted(data_store.reader) as seen:
            await home.keys("G")
        assert home.table.current is not None
        assert home.table.current.name == "task 0000"
        assert len(seen.statements) <= 4, seen.statements  # two statements a page, two pages at most


@pytest.mark.slow
async def test_one_changed_task_of_many_costs_three_statements_and_twenty_rows_and_draws_one_line(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = running(store, [f"task {n:04}" for n in range(5000)])
    now = time.time()
    monkeypatch.setattr(clock, "now", lambda: now)  # no other task becomes a minute old meanwhile
    async with OnHome(store, (80, 24)) as home:
        data_store = home.app.data._store
        assert data_store is not None
        script = _continued(store, ids[-5])
        table = home.table
        with counted(data_store.reader) as seen, fetched(data_store.reader) as rows:
            drawn: list[int] = []
            table.render_line, draw = lambda y: (drawn.append(y), draw(y))[1], table.render_line  # type: ignore[method-assign, func-returns-value]
            ingest(store, [script.batch(events=[{"e": "progress", "value": 44}])], BY)
            await home.sees("44%")
            await home.calm()
        assert 0 < len(rows) <= 20, f"{len(rows)} rows read"
        assert len(seen.statements) <= 3, seen.statements
        assert set(drawn) == {5}


async def test_a_live_task_stays_in_order_beside_infinite_values(store: Store) -> None:
    for name, loss in (("least", -math.inf), ("low", 0.5), ("most", math.inf), ("unknown", math.nan)):
        Run(store, name).report("loss", "val", loss)
    live = Run(store, "live")
    live.report("loss", "val", 0.7)
    async with OnHome(store) as home:
        for way, names in (("up", ["least", "low", "live", "most", "unknown"]),
                           ("down", ["most", "live", "low", "least", "unknown"])):  # fmt: skip
            await home.keys("colon", *f"sort metric {way}", "enter")
            await home.lists(*names)
            live.report("loss", "val", 0.6 if way == "up" else 0.75)
            await home.sees("0.6000" if way == "up" else "0.7500")
            assert home.names == names


@contextmanager
def fetched(engine: Engine) -> Iterator[list[object]]:
    """Note every row that comes out of a SQLite engine while the block runs."""
    rows: list[object] = []

    def note(_cursor: object, row: object) -> object:
        rows.append(row)
        return row

    def begin(raw: Any, *_: object) -> None:
        raw.row_factory = note

    def end(raw: Any, *_: object) -> None:
        raw.row_factory = None

    listeners = {"checkout": begin, "checkin": end}
    for name, listener in listeners.items():
        sa.event.listen(engine, name, listener)
    try:
        yield rows
    finally:
        for name, listener in listeners.items():
            sa.event.remove(engine, name, listener)


def _continued(store: Store, task: str) -> Script:
    """A second writer of a task that runs."""
    script = Script(task, primary=False)
    event = script.start(mode="attach", project="vision/resnet", name="task")
    script.execution = ingest(store, [script.batch(events=[event])], BY)[0].execution
    return script


async def test_nothing_is_asked_while_nothing_changes(store: Store) -> None:
    running(store, ["one task"])
    async with OnHome(store) as home:
        data_store = home.app.data._store
        assert data_store is not None
        with counted(data_store.reader) as seen:
            await asyncio.sleep(1.5)  # longer than the feed's wait and its polling
        assert seen.statements == []


async def test_a_new_task_and_one_that_ends_move_to_the_top(store: Store) -> None:
    old, *_ = running(store, ["the old one", "the middle one", "the new one"])
    async with OnHome(store) as home:
        assert home.names == ["the new one", "the middle one", "the old one"]
        commands.finish(store, old, by=BY, status=Status.FAILED, reason="RuntimeError: out of memory")
        await home.sees("✖F", "RuntimeError")
        assert home.names[0] == "the old one"
        commands.create(store, by=BY, project="vision/vit", name="a draft")
        await home.until(lambda: home.names[:2] == ["a draft", "the old one"], "the draft on top")
        assert home.tree.nodes[0].total == 4
        await home.sees("4 tasks")


async def test_the_cursor_stays_on_its_task_when_others_come_above_it(store: Store) -> None:
    running(store, ["first", "second"])
    async with OnHome(store) as home:
        await home.keys("j")
        running(store, ["third"])
        await home.until(lambda: home.names == ["third", "second", "first"], "three tasks")
        assert home.table.current is not None
        assert home.table.current.name == "first"


async def test_archiving_deleting_and_moving_change_table_and_counts(store: Store) -> None:
    ids = [in_state(store, Status.COMPLETED, f"task {n}", f"lab/p{n}") for n in range(3)]
    async with OnHome(store) as home:
        commands.archive(store, ids[0], by=BY)
        await home.until(lambda: sorted(home.names) == ["task 1", "task 2"], "one archived")
        commands.delete(store, ids[0], by=BY)
        commands.move(store, ids[1], "lab/p2", by=BY)
        await home.until(lambda: {n.path: n.total for n in home.tree.nodes}.get("lab/p2") == 2, "both in one project")
        assert {n.path: n.total for n in home.tree.nodes} == {None: 2, "lab": 2, "lab/p0": 0, "lab/p1": 0, "lab/p2": 2}
        await home.sees("2 tasks")


async def test_a_hidden_table_takes_in_at_once_what_changed_when_it_comes_up(store: Store) -> None:
    shown, renamed, removed = (in_state(store, Status.COMPLETED, name, "lab/a") for name in ("shown", "old", "removed"))
    async with OnHome(store) as home:
        await home.lists("removed", "old", "shown")
        await home.app.open_task(shown)
        await home.sees("shown")
        commands.describe(store, renamed, by=BY, name="new")
        await home.until(lambda: home.home._missed is not None, "the change told")
        commands.describe(store, shown, by=BY, name="alone")
        await home.sees("alone")
        assert home.names == ["removed", "old", "shown"]
        await home.keys("q")
        await home.lists("removed", "new", "alone")
        await home.app.open_task(shown)
        commands.archive(store, removed, by=BY)
        commands.delete(store, removed, by=BY)
        commands.create(store, by=BY, project="lab/b", name="made meanwhile")
        commands.describe(store, shown, by=BY, name="the last")
        await home.sees("the last")
        assert home.names == ["removed", "new", "alone"]
        await home.keys("q")
        await home.until(lambda: sorted(home.names) == ["made meanwhile", "new", "the last"], "all that changed")
        assert {node.path: node.total for node in home.tree.nodes} == {None: 3, "lab": 3, "lab/a": 2, "lab/b": 1}


async def test_a_task_moved_out_and_archived_while_the_table_is_hidden_is_counted_nowhere(store: Store) -> None:
    ids = [in_state(store, Status.COMPLETED, f"task {n}", "lab/a") for n in range(4)]
    async with OnHome(store, (120, 30)) as home:
        await home.keys("colon", *"project", "space", *"lab/a", "enter")
        await home.sees("4 tasks")
        await home.app.open_task(ids[3])
        await home.sees("task 3")
        commands.move(store, ids[0], "lab/b", by=BY)
        await home.until(lambda: home.tree.node("lab/b") is not None, "the tree hears at once")
        commands.archive(store, ids[0], by=BY)
        commands.archive(store, ids[3], by=BY)
        commands.restore(store, ids[3], by=BY)
        await home.until(lambda: (node := home.tree.node("lab/b")) is not None and not node.total, "both told")
        await home.keys("q")
        await home.sees("3 tasks")
        await home.until(lambda: sorted(home.names) == ["task 1", "task 2", "task 3"], f"three of {home.names}")
        assert {node.path: node.total for node in home.tree.nodes} == {None: 3, "lab": 3, "lab/a": 3, "lab/b": 0}


async def test_the_tree_narrows_the_table_to_a_project_and_those_below(store: Store) -> None:
    running(store, ["deep one"], "vision/resnet/ablations")
    running(store, ["near one"], "vision/resnet")
    running(store, ["other one"], "language")
    async with OnHome(store, (100, 30)) as home:
        assert [(n.path, n.total) for n in home.tree.nodes] == [
            (None, 3), ("language", 1), ("vision", 2), ("vision/resnet", 2), ("vision/resnet/ablations", 1),
        ]  # fmt: skip
        await home.keys("tab", "j", "j", "enter")
        assert sorted(home.names) == ["deep one", "near one"]
        assert home.table.has_focus
        assert "vision  2 tasks" in home.text()
        await home.keys("tab", "left")
        assert [n.path for n in home.tree.nodes] == [None, "language", "vision"]


async def test_a_narrow_screen_shows_one_pane_at_a_time(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store, (80, 24)) as home:
        assert "all projects" not in home.text().splitlines()[2]
        shown = await home.keys("tab")
        assert "the task" not in "\n".join(shown.splitlines()[1:-2])
        assert "all projects" in shown.splitlines()[2]
        assert "the task" in await home.keys("tab")
        assert "Tab goes to the projects" in await home.keys("plus")


async def test_plus_hides_the_tree_and_brings_it_back(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        assert "projects" not in (await home.keys("plus")).splitlines()[1]
        assert "projects" in (await home.keys("plus")).splitlines()[1]


async def test_verbs_do_nothing_while_the_keys_go_to_the_tree(store: Store) -> None:
    task = in_state(store, Status.COMPLETED)
    async with OnHome(store, (80, 24)) as home:
        shown = await home.keys("tab", "R")
        assert "Go to the tasks (Tab) first." in shown
        assert _status(store, task) == "completed"


def _status(store: Store, task: str) -> str:
    with store.read() as c:
        return details.detail(c, task).row.status


async def test_the_filter_works_as_it_is_typed_and_says_which_word_is_wrong(store: Store) -> None:
    in_state(store, Status.FAILED, "broken one")
    in_state(store, Status.COMPLETED, "fine one")
    async with OnHome(store) as home:
        await home.keys("slash", *"status:failed".replace(":", " ").split(" ")[0], "colon", *"failed")
        assert home.names == ["broken one"]
        assert "1 of 2 tasks" in home.text()
        await home.keys("enter")
        assert home.table.has_focus
        commands.finish(store, running(store, ["broken too"])[0], by=BY, status=Status.FAILED)
        await home.until(lambda: home.names == ["broken too", "broken one"], "the filter applied anew")
        await home.keys("escape")
        assert len(home.names) == 3
        await home.keys("slash", *"statu", "colon", "x")
        assert "statu" in home.app.screen.query_one(Notice).sentence
        await home.keys("escape")
        assert len(home.names) == 3
        await home.keys("slash", *"broken", "enter", "slash", *["backspace"] * 6, *"status", "colon", *"faile")
        assert home.names == []
        await home.keys("enter")
        assert home.names == ["broken too", "broken one"], "the rows of the filter that was entered"
        assert home.home.view.text == "broken"
        assert home.home.query_one(Prompt).text == "status:faile", "it can be mended"
        assert "faile" in home.app.screen.query_one(Notice).sentence
        await home.keys("d")
        assert home.app.screen.query_one(Notice).sentence == "", "what was wrong no longer is"
        assert home.names == ["broken too", "broken one"]


async def test_sorting_goes_through_the_columns_and_reverses(store: Store) -> None:
    running(store, ["bbb", "aaa", "ccc"])
    async with OnHome(store) as home:
        assert home.names == ["ccc", "aaa", "bbb"]
        await home.keys("colon", *"sort", "space", *"name", "enter")
        assert home.names == ["aaa", "bbb", "ccc"]
        await home.keys("S")
        assert home.names == ["ccc", "bbb", "aaa"]
        seen = set()
        for _ in range(12):
            await home.keys("s")
            seen.add(home.home.view.sort)
        assert {"status", "name", "progress", "last_iteration", "activity"} <= seen


@pytest.mark.parametrize("keys", ["jkj", "jjjk", "jk", "jjkk"])
async def test_keys_within_a_frame_leave_the_pointer_where_the_cursor_is(store: Store, keys: str) -> None:
    running(store, [f"task {n}" for n in range(8)])
    async with OnHome(store, (80, 24)) as home:
        await home.calm()
        for key in keys:
            home.app.post_message(Key(key, key))
        row = keys.count("j") - keys.count("k")
        await home.until(lambda: home.table.cursor == row and home.app.is_calm, "the cursor there")
        await home.until(lambda: not home.table._next, "all drawn")
        pointed = [line for line in home.text().splitlines() if line.startswith(("▌", " ▌"))]
        assert len(pointed) == 1 and home.names[row] in pointed[0], home.text()


async def test_marks_take_ranges_and_verbs_name_what_they_left_out(store: Store) -> None:
    for status in (Status.COMPLETED, Status.RUNNING, Status.FAILED, Status.ABORTED):
        in_state(store, status)
    async with OnHome(store) as home:
        await home.keys("space", "j", "j", "v")
        assert len(home.table.marks) == 4
        assert "4 marked" in home.text()
        shown = await home.keys("R")
        assert "Reset 3 of 4?" in shown
        assert "Left out: 1 is Running." in shown
        await home.keys("y")
        await home.sees("Reset 3 of 4 tasks. Left out: 1 is Running.")
        await home.until(lambda: home.tree.nodes[0].counts == {"draft": 3, "running": 1}, "three drafts")
        await home.keys("u")
        assert not home.table.marks


async def test_the_metric_column_appears_with_the_first_metric(store: Store) -> None:
    run = Run(store, "just started")
    async with OnHome(store) as home:
        assert home.table.metric is None
        run.report("loss", "loss", 0.125)
        await home.sees("0.1250")
        assert home.table.metric == ("loss", "loss")


async def test_a_silent_running_task_says_so(store: Store) -> None:
    script = Script()
    then = time.time() - 600
    event = script.start(project="lab/x", name="silent one", time=then)
    ingest(
        store, [script.batch(events=[event, {"e": "progress", "value": 30}], lines=[Line(then, "out", 0, "hm")])], BY
    )
    async with OnHome(store, (140, 30)) as home:
        await home.sees("quiet 10m")


async def test_ages_are_drawn_again_only_where_the_minute_changed(store: Store) -> None:
    running(store, ["a", "b"] if False else ["task a", "task b"])
    async with OnHome(store) as home:
        drawn: list[int] = []
        table = home.table
        table.render_line, draw = lambda y: (drawn.append(y), draw(y))[1], table.render_line  # type: ignore[method-assign, func-returns-value]
        home.home.aged()
        await home.pilot.pause(0.1)
        assert drawn == []


async def test_the_dashboard_lives_on_when_the_store_is_away_and_comes_back(store: Store) -> None:
    running(store, ["the task"])
    database = store.location.database
    async with OnHome(store) as home:
        hidden = database.with_name("away")
        database.rename(hidden)
        database.write_bytes(b"this is no database at all" * 100)
        home.app.data._store.reader.dispose()  # type: ignore[union-attr]
        await home.keys("tab", "j") if False else home.home.load(home.home.view)
        await home.sees("Cannot read the store")
        database.unlink()
        hidden.rename(database)
        home.home.load(home.home.view)
        await home.until(lambda: home.app.is_calm and home.names == ["the task"], "the task again")


async def test_read_only_is_shown_and_refuses_every_change(store: Store) -> None:
    task = in_state(store, Status.COMPLETED)
    async with OnHome(store, read_only=True) as home:
        assert "read-only" in home.text().splitlines()[0]
        for key in "ceQARPaDrtm":
            assert "open read-only" in await home.keys(key), key
        assert _status(store, task) == "completed"


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (50, 12), (40, 8)])
async def test_every_line_fits_the_screen(store: Store, size: tuple[int, int]) -> None:
    running(store, [f"会議モデル {n} with a long name that goes on and on" for n in range(60)], "vision/会議/深い")
    async with OnHome(store, size) as home:
        lines = home.text().splitlines()
        assert len(lines) <= size[1]
        assert "? help" in lines[-1]


async def test_a_verb_in_an_empty_view_says_what_the_view_says(store: Store) -> None:
    running(store, ["one task"])
    async with OnHome(store) as home:
        await home.keys("colon", *"archived", "enter")
        assert "Nothing is archived here. Back to the tasks with :archived" in home.text()
        assert home.text().count("Nothing is archived here.") == 1
        shown = await home.keys("D")
        assert shown.count("Nothing is archived here.") == 2


async def test_ascii_and_colourless_screens_hold_to_it(store: Store) -> None:
    Run(store, "a task").tell(e="progress", value=50)
    async with OnHome(store, (80, 24), look=Look(ascii=True, colour=False)) as home:
        shown = home.text()
        assert shown.isascii(), [c for c in shown if not c.isascii()]
        assert "age-" in shown
        assert "50% quiet" in shown
        strips = home.app.screen._compositor.render_strips()
        filters = home.app.get_line_filters()
        background = home.app.screen.styles.background
        for strip in strips:
            segments = list(strip)
            for filter_ in filters:
                segments = filter_.apply(segments, background)
            assert all(s.style is None or (s.style.color is None and s.style.bgcolor is None) for s in segments)


MARKUP = "[/oops] [bold \u202eevil\u2066 [@click=app.quit]x[/]"
HOSTILE = "\x1b]52;c;ZXZpbA==\x1b\\ \x9b2J \x07" + MARKUP


async def test_hostile_names_tags_and_reasons_reach_no_terminal(store: Store) -> None:
    script = Script()
    event = script.start(project="lab/" + MARKUP.replace("/", "|"), name=MARKUP, comment=HOSTILE, user=HOSTILE)
    end = {"e": "end", "status": "failed", "reason": HOSTILE, "time": time.time()}
    scalars = {("loss" + HOSTILE, "\x9d0;x\x9c"): points([1.0])}
    ingest(store, [script.batch(events=[event, end], scalars=scalars)], BY)
    async with OnHome(store, (160, 30)) as home:
        assert "[/oops]" in home.names[0]
        for keys in ([], ["P"], ["escape"], ["c"], ["escape"], ["tab"], ["j"]):
            shown = await home.keys(*keys)
            bad = [c for c in shown if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\u2066"]
            assert not bad, (keys, bad)


async def test_a_new_nested_project_appears_with_its_parents(store: Store) -> None:
    running(store, ["first one"], "vision")
    async with OnHome(store) as home:
        running(store, ["deep down"], "aa1/bb1/cc1")
        running(store, ["beside it"], "aa1/xx")
        paths = [None, "aa1", "aa1/bb1", "aa1/bb1/cc1", "aa1/xx", "vision"]
        await home.until(lambda: [n.path for n in home.tree.nodes] == paths, "every line of the tree")
        assert [(n.total, n.parent) for n in home.tree.nodes[1:4]] == [(2, True), (1, True), (1, False)]


async def test_the_key_line_follows_the_row_under_the_cursor(store: Store) -> None:
    for status in (Status.DRAFT, Status.PENDING):
        in_state(store, status)
    async with OnHome(store) as home:
        assert home.names[0] == "the pending one"
        await home.sees("Q dequeue")
        await home.keys("j")
        await home.sees("Q enqueue")
        await home.keys("k", "space", "space")
        await home.sees("2 marked", "Q enqueue")


async def test_sorting_goes_on_while_the_tree_hides_the_table(store: Store) -> None:
    running(store, ["one task"])
    async with OnHome(store, (80, 24)) as home:
        await home.keys("tab", "s")
        assert home.tree.has_focus
        assert "Sorted by" in home.app.screen.query_one(Notice).sentence


async def test_a_project_that_is_not_there_is_refused_with_the_nearest(store: Store) -> None:
    running(store, ["the task"], "vision/resnet")
    async with OnHome(store, project="vision/resne") as home:
        shown = await home.sees("There is no project 'vision/resne'. Did you mean", "the task")
        assert "all projects  1 task" in shown
        assert home.app.problem
    async with OnHome(store, project="vision/") as home:
        await home.sees("vision  1 task", "the task")
        assert not home.app.problem


async def test_tab_completes_a_filter_and_the_table_follows(store: Store) -> None:
    in_state(store, Status.FAILED, "broken one")
    in_state(store, Status.COMPLETED, "fine one")
    async with OnHome(store, (80, 24)) as home:
        await home.keys("slash")
        await home.sees("status:", "project:", "part of the name")
        await home.keys(*"stat")
        await home.keys("tab")
        await home.sees("/status:", "published", "aborted")
        await home.keys(*"fa", "tab")
        await home.until(lambda: home.names == ["broken one"], "the filter applied")
        await home.keys("enter")
        assert home.table.has_focus and home.home.view.text == "status:failed"
        await home.keys("escape", "slash", "up", "enter")
        assert home.home.view.text == "status:failed", "what was typed before"


async def test_a_filter_is_saved_under_a_name_and_offered_again(store: Store) -> None:
    in_state(store, Status.FAILED, "broken one")
    in_state(store, Status.COMPLETED, "fine one")
    async with OnHome(store) as home:
        await home.keys("colon", *"save", "space", *"mine", "enter")
        await home.sees("There is no filter to save")
        await home.keys("slash", *"status", "colon", *"failed", "enter")
        await home.keys("colon", *"save", "space", *"mine", "enter")
        await home.sees("Saved as mine")
        await home.keys("escape")
    async with OnHome(store) as home:
        assert len(home.names) == 2
        await home.keys("slash")
        await home.sees("saved as mine")
        await home.keys(*"min", "tab", "enter")
        assert home.names == ["broken one"]
        await home.keys("escape", "colon", *"save", "space", *"mine", "enter")
        await home.sees("The filter mine is forgotten")
        assert not home.home.memory.filters


async def test_the_cursor_stays_on_its_task_in_the_reversed_order_alone(store: Store) -> None:
    names = [f"task {n:03}" for n in range(PAGE * 3)]
    running(store, names)
    async with OnHome(store, (120, 20)) as home:
        await home.keys("j", "j")
        chosen = home.table.current
        assert chosen is not None and chosen.name == names[-3]
        await home.keys("S")
        assert home.names[-1] == names[-1] and home.table.current == chosen
        await home.keys("colon", *"sort", "space", *"name", "enter")
        assert home.table.current is not None and home.table.current.name == names[0] and home.table.cursor == 0


async def test_the_cursor_is_where_it_was_left_when_the_archived_tasks_are_left(store: Store) -> None:
    made = [in_state(store, Status.COMPLETED, f"task {n}") for n in range(6)]
    for task in made[:3]:
        commands.archive(store, task, by=BY)
    async with OnHome(store) as home:
        await home.keys("j", "colon", *"archived", "enter", "G")
        assert home.table.current is not None and home.table.current.id == made[0]
        await home.keys("colon", *"archived", "enter")
        assert home.table.current is not None and home.table.current.id == made[4]
        await home.keys("colon", *"archived", "enter")
        assert home.table.current is not None and home.table.current.id == made[0]
