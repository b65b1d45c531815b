"""The execution, overview and history tabs: what they say, and that a big diff costs only what is in sight."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import commands
from store.engine import Store
from store.ingest import ingest
from store.queries import details
from tests.support import Script
from tests.tui.made import BY, OnTask, Run, curve, draft, new_store
from tui.tabs import execution
from tui.widgets.diff import diff_line, files

DIFF = b"diff --git a/t.py b/t.py\n--- a/t.py\n+++ b/t.py\n@@ -1 +1,2 @@\n-old = 1\n+new = 2\n+more = 3\n same\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def with_code(store: Store, diff: bytes = DIFF) -> str:
    run = Run(store)
    code = {"repository": "git@host:team/repo.git", "branch": "main", "commit": "9f8e7d6c" * 5, "diff": diff,
            "entry_point": "train.py", "working_dir": "src", "argv": ["--lr", "0.1", "--name", "two words"],
            "binary": "/opt/python", "packages": {"torch": "2.6.0", "numpy": "2.2.1"},
            "environment": {"python": "3.12.3", "notes": ["edited after the start"]}}  # fmt: skip
    commands.set_environment(store, run.id, run.script.execution, code, {})
    return run.id


async def test_everything_about_how_it_was_run(store: Store) -> None:
    async with OnTask(store, with_code(store), "execution", (120, 40)) as opened:
        await opened.sees("git@host:team/repo.git", "main", "9f8e7d6c", "train.py", "src", "--name 'two words'",
                          "/opt/python", "torch 2.6.0", "3.12.3", "Uncommitted changes", "+2", "-1", "+new = 2",
                          "edited after the start")  # fmt: skip


def test_a_diffs_lines_have_their_colours() -> None:
    marks = {line: diff_line(line)[0][1] for line in DIFF.decode().splitlines()}
    assert (marks["+new = 2"], marks["-old = 1"], marks[" same"]) == ("added", "removed", "")
    assert marks["@@ -1 +1,2 @@"] == "accent"
    assert diff_line("+\x1b[31mred\x1b]0;t\x07")[0][0] == "+[31mred]0;t"


SEVERAL = (
    DIFF
    + b"diff --git a/weights.bin b/weights.bin\nindex 1..2 100644\nGIT binary patch\nliteral 2048\nzcmV~$abcdefgh\n\n"
    + b"literal 0\nHcmV?d00001\n\n"
    + b"diff --git a/old name.py b/new name.py\nsimilarity index 90%\nrename from old name.py\nrename to new name.py\n"
    + b"--- a/old name.py\t\n+++ b/new name.py\t\n@@ -1 +1 @@\n--- dashes\n+++ pluses\n"
    + b"diff --git a/gone.py b/gone.py\ndeleted file mode 100644\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n"
    + b"diff --git a/pic.png b/pic.png\nnew file mode 100644\nBinary files /dev/null and b/pic.png differ\n"
    + b"diff --git a/empty b/empty\nnew file mode 100644\nindex 0000000..e69de29\n"
    + b"diff --git a/uv.lock b/uv.lock\n--- a/uv.lock\n+++ b/uv.lock\n@@ -0,0 +1,500 @@\n" + b"+locked\n" * 500
)  # fmt: skip


def test_the_files_of_a_diff() -> None:
    found = [(f.name, f.added, f.removed, f.note) for f in files(SEVERAL.decode().splitlines())]
    assert found == [
        ("t.py", 2, 1, ""),
        ("weights.bin", 0, 0, "binary, 2,048 bytes: not shown"),
        ("old name.py → new name.py", 1, 1, "renamed"),
        ("gone.py", 0, 1, "deleted"),
        ("pic.png", 0, 0, "new, binary: not shown"),
        ("empty", 0, 0, "new"),
        ("uv.lock", 500, 0, ""),
    ]


async def test_a_diff_folds_and_one_goes_from_file_to_file(store: Store) -> None:
    async with OnTask(store, with_code(store, SEVERAL), "execution", (100, 60)) as opened:
        text = await opened.sees("7 files  +503 -3", "▾ t.py  +2  -1", "+++ pluses", "▸ uv.lock  +500  501 lines")
        assert "zcmV" not in text and "locked\n" not in text
        await opened.press("}", "enter")
        await opened.sees("▸ t.py  +2  -1  5 lines")
        assert "+new = 2" not in opened.text()
        await opened.press("enter", "}", "}", "j", "j", "enter")
        await opened.sees("▾ t.py", "+new = 2", "▸ old name.py → new name.py")
        await opened.press("-")
        await opened.until(lambda: "▸" not in opened.text())
        await opened.press("-")
        await opened.until(lambda: "▾" not in opened.text())
        await opened.press("{", "{", "{", "{")
        await opened.sees("There is no other file")
        await opened.press("slash", *"^.bye", "enter")
        await opened.sees("-bye", "1 of 1")


async def test_code_that_is_no_diff_is_shown_as_it_is_and_arguments_that_were_not_passed_are_said(store: Store) -> None:
    run = Run(store)
    code = {"entry_point": "train.py", "diff": b"+x = 1\n-y = 2\n@decorated\n"}
    commands.set_environment(store, run.id, run.script.execution, code, {})
    async with OnTask(store, run.id, "execution") as opened:
        await opened.sees("Code not under version control", "+x = 1", "arguments     none")
        await opened.press("}")
        await opened.sees("There is no diff by files here.")
        with store.read() as connection:
            rows = execution.build(details.detail(connection, run.id), 80)
        assert [role for row in rows[-3:] for _, role in row] == ["", "", ""]


async def test_a_diff_of_half_a_megabyte_is_virtual(store: Store) -> None:
    body = b"".join(b"+line number %d of a big change\n" % n for n in range(16_000))
    assert len(body) > 500_000
    task = with_code(store, DIFF + body)
    with store.read() as connection:
        detail = details.detail(connection, task)
    started = time.perf_counter()
    rows = execution.build(detail, 100)
    assert time.perf_counter() - started < 1.0
    assert len(rows) > 16_000
    async with OnTask(store, task, "execution") as opened:
        await opened.sees("Code")
        await opened.press("G")
        await opened.sees("line number 15999 of a big change")
        pane = opened.screen.pane()
        assert len(pane._strips) < 200  # type: ignore[attr-defined]
        await opened.press("slash", *"number 8000 ", "enter")
        await opened.sees("line number 8000 of", "1 of 1")


async def test_a_diff_that_is_no_text_is_shown_all_the_same(store: Store) -> None:
    async with OnTask(
        store, with_code(store, b"diff --git a b\n+caf\xe9 \x9b2J \x1b[2J\n"), "execution", (100, 50)
    ) as opened:
        await opened.sees("+caf\ufffd")


async def test_without_code_it_says_so(store: Store) -> None:
    async with OnTask(store, draft(store), "execution") as opened:
        await opened.sees("How it was run is recorded when")


async def test_the_overview_of_a_running_task(store: Store) -> None:
    run = Run(store, parameters={"Args/lr": "0.1"})
    run.report("loss", "train", *curve(200))
    run.report(":monitor:machine", "cpu", 1.0, 2.0)
    run.tell(e="progress", value=42.0)
    run.tell(e="comment", text="compare with the baseline")
    run.tell(e="tags", add=["fp16"], remove=[])
    run.tell(e="single", name="params", value=25.6)
    run.say(*(f"line {n}" for n in range(100)))
    async with OnTask(store, run.id) as opened:
        text = await opened.sees("compare with the baseline", "fp16", "ada@testhost", "loss train", "0.2000", "params",
                                 "line 99", "42%", "iter 199", run.id[:8], "vision/resnet")  # fmt: skip
        assert "█" in text and "monitor" not in text
        run.say("and live")
        run.tell(e="progress", value=43.0)
        await opened.sees("and live", "43%")


async def test_the_overview_says_why_it_failed(store: Store) -> None:
    run = Run(store)
    run.end("failed", "RuntimeError: CUDA out of memory")
    async with OnTask(store, run.id, size=(80, 24)) as opened:
        await opened.sees("✖F", "Failed", "RuntimeError: CUDA out of memory")


async def test_the_history_tells_who_did_what(store: Store) -> None:
    task = draft(store, lr="0.1")
    commands.enqueue(store, task, by="grace@elsewhere")
    async with OnTask(store, task, "history", (120, 30)) as opened:
        await opened.sees("enqueue", "→ Pending", "grace@elsewhere", "create", BY)


async def test_a_task_that_ran_twice_tells_its_history_backwards(store: Store) -> None:
    """A start is written with the time of what came before it, and both runs may be taken in at once, later."""
    run, at = Run(store), time.time() - 290
    run.tell(e="end", status="completed", reason="", time=at)
    again = Script(run.id)
    ingest(store, [again.batch(events=[again.start(mode="reuse", execution=1, time=at + 5)])], BY)
    async with OnTask(store, run.id, "history", (80, 24)) as opened:
        text = await opened.sees("reset", "complete", "create")
        told = re.findall(r"^.*\d:\d\d:\d\d +(\w+)", text, re.MULTILINE)
        assert told == ["start", "reset", "complete", "start", "create"]


async def test_a_failed_task_shows_its_last_lines_first(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", *curve(50))
    run.say("Traceback (most recent call last):", "ValueError: no such file")
    run.end("failed", "ValueError: no such file")
    async with OnTask(store, run.id, size=(80, 24)) as opened:
        text = await opened.sees("Traceback", "Scalars")
        assert text.index("Traceback") < text.index("created") < text.index("Scalars")
