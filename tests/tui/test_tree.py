"""The project tree beside the table: what a project is for, written and read, and how many tasks it has by state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.segment import Segment
from textual.widgets import TextArea

from store import commands
from store.engine import Store
from store.lifecycle import Status
from store.queries import projects
from store.records import ProjectRow
from tests.tui.at_home import Home, OnHome, in_state, running
from tests.tui.made import BY, OnTask, Run
from tests.tui.test_commands import listed, typed
from tests.tui.test_once import once
from tests.tui.test_plain import plain
from tests.tui.test_preview import preview
from tui.dialogs.base import Dialog
from tui.format import GLYPHS
from tui.look import Look
from tui.widgets.bar import Notice, StatusLine
from tui.widgets.preview import Preview
from tui.widgets.tree import ProjectTree

WHAT = "which network, before the larger data set"


def said(store: Store, path: str = "vision/resnet") -> str:
    with store.read() as c:
        return next(row.description for row in projects.listing(c) if row.path == path)


async def command(home: Home, line: str) -> str:
    """Type a command line; return what the screen shows then."""
    return await home.keys("colon", *typed(line), "enter")


# What it is for -----------------------------------------------------------------------------------------------------


async def test_a_project_is_described_by_a_word_and_z_takes_it_back(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store, project="vision/resnet") as home:
        await command(home, f"describe {WHAT}")
        shown = await home.sees('Described the project "vision/resnet".', WHAT)
        assert WHAT in shown.splitlines()[0] and said(store) == WHAT
        await home.keys("z")
        await home.sees('Undone: described the project "vision/resnet".')
        await home.until(lambda: WHAT not in home.text().splitlines()[0], "the top line without it")
        assert said(store) == ""
        await home.keys("Z")
        await home.until(lambda: WHAT in home.text().splitlines()[0], "the top line with it again")
        commands.describe_project(store, "vision/resnet", "theirs", by="bob@lab")
        assert "was described anew since, by somebody else" in await home.keys("z")
        assert said(store) == "theirs"


async def test_alone_it_opens_what_is_written_and_an_empty_text_takes_it_away(store: Store) -> None:
    running(store, ["the task"])
    commands.describe_project(store, "vision/resnet", WHAT, by=BY)
    async with OnHome(store, (80, 24), project="vision/resnet") as home:
        shown = await command(home, "describe")
        assert 'Description of "vision/resnet"' in shown and home.app.screen.query_one(TextArea).text == WHAT
        await home.keys("enter", *"x", "ctrl+o")
        await home.until(lambda: said(store) == f"{WHAT}\nx", "a second line")
        await home.until(lambda: home.tree.current.description == f"{WHAT}\nx", "it in the tree")
        await command(home, "describe")
        area = home.app.screen.query_one(TextArea)
        area.text = "x" * 2001
        await home.keys("ctrl+o")
        await home.sees("2,001 characters are too many.")
        assert isinstance(home.app.screen, Dialog)
        area.text = ""
        await home.keys("ctrl+o")
        await home.sees('The project "vision/resnet" has no description any more.')
        assert said(store) == ""


async def test_what_somebody_else_wrote_meanwhile_is_not_written_over(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store, (80, 24), project="vision/resnet") as home:
        await command(home, "describe")
        commands.describe_project(store, "vision/resnet", "theirs", by="bob@lab")
        await home.keys(*"mine", "ctrl+o")
        await home.sees("meanwhile. Look at theirs", "mine")
        assert said(store) == "theirs"


async def test_all_projects_cannot_be_described_nor_any_from_elsewhere_or_read_only(store: Store) -> None:
    [task] = running(store, ["the task"])
    sentence = "All projects are shown, and one is described at a time: choose it in the tree (Tab), or by :project."
    async with OnHome(store) as home:
        await command(home, f"describe {WHAT}")
        assert home.app.screen.query_one(Notice).sentence == sentence
        await home.keys("ctrl+p", *"descr")
        assert listed(home)["describe"].why == sentence
    async with OnTask(store, task) as opened:
        await opened.press("colon", *typed(f"describe {WHAT}"), "enter")
        await opened.sees("This is for the tasks of the home screen. Go back")
    async with OnHome(store, project="vision/resnet", read_only=True) as home:
        await command(home, f"describe {WHAT}")
        assert "open read-only" in home.app.screen.query_one(Notice).sentence
    assert said(store) == said(store, "vision") == ""


async def test_what_another_dashboard_writes_is_shown_at_once_also_of_a_project_without_tasks(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store, project="vision/resnet") as home:
        commands.describe_project(store, "vision/resnet", WHAT, by=BY)
        await home.until(lambda: WHAT in home.text().splitlines()[0], "the top line")
        await home.keys("tab", "k")
        commands.describe_project(store, "vision", "all that sees", by=BY)
        await home.until(lambda: "vision · all that sees" in preview(home)[0], "the line below the tree")
        assert "all that sees" in home.text().splitlines()[0]


async def test_a_project_in_which_only_something_went_on_is_not_summed_up_anew(store: Store) -> None:
    running(store, ["the task"])
    async with OnHome(store) as home:
        tree = home.home.projects
        nodes, row = tree.nodes, next(row for row in tree.rows.values() if row.path == "vision/resnet")
        tree.change([replace(row, activity=row.activity + 1)])
        assert tree.nodes is nodes
        tree.change([replace(row, counts={"running": 2})])
        assert tree.nodes[0].total == 2


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_it_can_be_read_whole_while_the_keys_go_to_the_tree(store: Store, size: tuple[int, int]) -> None:
    running(store, ["the task"])
    commands.describe_project(store, "vision/resnet", " ".join(f"word{n}" for n in range(200)), by=BY)
    async with OnHome(store, size) as home:
        below = preview(home)
        await home.keys("tab")
        assert preview(home)[0].strip() == "all projects · Each project says here what it is for."
        await home.keys("j")
        assert preview(home)[0].strip() == "vision · No description yet: :describe TEXT says what it is for."
        await home.keys("j")
        lines = [line.strip() for line in preview(home)]
        assert lines[0].startswith("vision/resnet · word0 ") and lines[-1].endswith("…")
        assert len(lines) == (5 if size == (160, 48) else 2) and all(lines)
        await home.keys("colon", "escape")
        assert [line.strip() for line in preview(home)] == lines, "it stays when a command was typed"
        await home.keys("tab")
        await home.until(lambda: preview(home) == below, "the task again")


async def test_a_hostile_description_is_text(store: Store) -> None:
    running(store, ["the task"])
    with store.write() as tx:
        evil = "[/oops] \x1b]0;HACKED\x07 \x9b2J \u202eevil"
        tx.connection.exec_driver_sql("UPDATE project SET description = ?", (evil,))
    async with OnHome(store, (160, 48), project="vision/resnet") as home:
        for keys in ((), ("tab",), ("colon", *"describe", "enter")):
            shown = await home.keys(*keys)
            assert "[/oops]" in shown
            shown += home.home.query_one(StatusLine).text().plain + home.home.query_one(Preview).text().plain
            assert not [c for c in shown if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c == "\u202e"]


def test_without_a_screen_it_is_written_and_told_with_the_project(store: Store) -> None:
    running(store, ["the task"])
    with plain("--project", "vision/resnet") as said_to:
        said_to.type("describe")
        said_to.hears("Line 1")
        said_to.type("which network,")
        said_to.type("and why\x1b]0;HACKED\x07")
        said_to.type(".")
        said_to.hears("holds the control character")
        said_to.type("which network,")
        said_to.type("and why")
        said_to.type(".")
        said_to.hears('Described the project "vision/resnet".')
        assert said(store) == "which network,\nand why"
    with plain() as said_to:
        said_to.type("projects")
        said_to.hears("vision/resnet: 1 Running. which network, and why")
        said_to.type("describe it")
        said_to.hears("All projects are shown, and one is described at a time")


# How many tasks -----------------------------------------------------------------------------------------------------


def drawn(tree: ProjectTree, line: int) -> list[Segment]:
    return list(tree.draw(line))


def text(tree: ProjectTree, line: int) -> str:
    return "".join(segment.text for segment in drawn(tree, line))


async def test_a_broad_screen_counts_the_states_each_in_its_glyph_and_hue_below_each_other(store: Store) -> None:
    for status in (*Status, Status.COMPLETED, Status.COMPLETED):
        in_state(store, status)
    in_state(store, Status.FAILED, project="language")
    async with OnHome(store, (160, 48)) as home:
        tree, look = home.tree, home.app.look
        assert text(tree, 1).endswith(" ▶1 ◷1 ✖2 ■1 ○1 ✔3 ★1 10 ")
        assert text(tree, 2).endswith("       ✖1              1 "), "what there is none of is left out"
        assert text(tree, 4).endswith(" ▶1 ◷1 ✖1 ■1 ○1 ✔3 ★1  9 ")
        hues = {part.text.strip()[:1]: part.style for part in drawn(tree, 4)}
        for status in Status:
            style = hues[GLYPHS[status][0]]
            assert style is not None and style.color == look.style(status).color, status
        assert "▶1 ◷1 ✖2" in home.text().splitlines()[2]


async def test_a_roomy_tree_leaves_the_table_of_all_projects_what_a_narrower_one_does(store: Store) -> None:
    running(store, ["the task"])
    Run(store, "another").report("loss", "train", 0.5)
    async with OnHome(store, (159, 48)) as home:
        await home.sees("loss/train")
        narrower = [column.key for column, _ in home.table.in_columns]
        await home.pilot.resize_terminal(160, 48)
        await home.until(lambda: home.tree.size.width == 46, "the roomy tree")
        assert [column.key for column, _ in home.table.in_columns] == narrower
        assert "where" in narrower and "ada@" in home.text()


@pytest.mark.parametrize("size", [(100, 30), (159, 40)])
async def test_a_narrower_tree_counts_what_runs_and_all_of_them(store: Store, size: tuple[int, int]) -> None:
    for status in Status:
        in_state(store, status)
    async with OnHome(store, size) as home:
        assert home.tree.size.width == 25
        assert text(home.tree, 3).rstrip().endswith("resnet         ▶1 7")
        await home.pilot.resize_terminal(160, 48)
        await home.until(lambda: text(home.tree, 3).endswith(" ▶1 ◷1 ✖1 ■1 ○1 ✔1 ★1 7 "), "every state")
        await home.pilot.resize_terminal(*size)
        await home.until(lambda: home.tree.size.width == 25, "the narrower tree")


async def test_a_tree_that_has_the_screen_counts_the_states_too_in_ascii_by_their_letters(store: Store) -> None:
    for status in Status:
        in_state(store, status)
    async with OnHome(store, (80, 24), look=Look(ascii=True, colour=False)) as home:
        shown = await home.keys("tab")
        assert " ".join(shown.splitlines()[4].split()) == "resnet R1 Q1 F1 A1 D1 C1 P1 7"


@pytest.mark.parametrize(("number", "told"), [(9, "▶◷✖■○✔★"), (999, "▶◷✖"), (99_999, "▶◷")])
async def test_large_counts_leave_names_their_room_and_nothing_is_cut(store: Store, number: int, told: str) -> None:
    running(store, ["the task"])
    rows = [ProjectRow(str(n), path, "", {status.value: number for status in Status}, 0.0)
            for n, path in enumerate(("a project with a long name", "another/and/one/below/it"))]  # fmt: skip
    async with OnHome(store, (160, 48)) as home:
        home.tree.show(rows)
        lines = [text(home.tree, line) for line in range(1, 7)]
        assert {len(line) for line in lines} == {46}
        assert all("".join(c for c in line if c in "▶◷✖■○✔★") == told for line in lines)
        assert lines[0].rstrip().endswith(f"{number * 14:,}") and f"▶{number * 2:,} ◷{number * 2:,}" in lines[0]
        assert all(line[:14].strip() for line in lines)


def test_a_printed_picture_counts_them_too(store: Store) -> None:
    for status in Status:
        in_state(store, status)
    for columns, told in (("160", " ▶1 ◷1 ✖1 ■1 ○1 ✔1 ★1 7 "), ("120", " ▶1 7 ")):
        line = once(COLUMNS=columns).stdout.splitlines()[4]
        assert "resnet" in line and told in line
