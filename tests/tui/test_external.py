"""A section in the user's own editor, on a real terminal: what comes back is saved, nothing written is ever lost."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import commands
from store.engine import Store
from store.errors import InvalidValue, UsageError
from store.queries import details
from store.records import ParameterRow
from store.text import storable
from tests.tui.made import BY, new_store
from tests.tui.test_output_pty import TUI, session
from tui.external import command
from tui.sectionfile import text_of, values_of
from tui.tabs.outside import change_of, guessed, suffix_of
from tui.unsaved import folder

TEXTS = st.text(max_size=12).map(storable)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def a_draft(store: Store) -> str:
    given = {"Args/lr": ("0.1", "float", "peak rate"), "Args/seed": ("3", "int"), "Net/depth": ("50", "int")}
    task = commands.create(store, by=BY, project="vision/resnet", name="a draft", parameters=given)
    commands.configure(store, task, "net.json", '{"layers": 3}', by=BY)
    return task


def values(store: Store, task: str) -> dict[str, tuple[str, str]]:
    with store.read() as connection:
        return {p.key: (p.value, p.type) for p in details.parameters(connection, task)}


def text(store: Store, task: str) -> str:
    with store.read() as connection:
        return details.configuration(connection, task)["net.json"]


def editor(folder: Path, script: str) -> str:
    """Return a command that does something to the file it is given, and keeps a copy of how it was."""
    program = folder / "an editor"
    program.write_text(f'#!/bin/sh\ncp "$1" {folder}/given; echo "$1" > {folder}/name\n{script}\n')
    program.chmod(0o700)
    return f"'{program}'"


def test_the_section_under_the_cursor_is_edited_and_saved_at_once(store: Store, tmp_path: Path) -> None:
    task = a_draft(store)
    script = "sed -i -e 's/^lr = .*/lr = 0.5/' -e '/^seed/d' \"$1\"; echo 'warmup = 100' >> \"$1\""
    with session([*TUI, "--task", task], (100, 30), VISUAL=editor(tmp_path, script), EDITOR="false") as opened:
        opened.sees("a draft")
        opened.press("2")
        opened.sees("peak rate")
        before = termios.tcgetattr(opened.fd)
        opened.press("E")
        opened.sees("Saved Args.")
        opened.sees("warmup")
        wanted = {"Args/lr": ("0.5", "float"), "Args/warmup": ("100", "int"), "Net/depth": ("50", "int")}
        assert values(store, task) == wanted
        assert "# float, peak rate\nlr = 0.1\n" in (tmp_path / "given").read_text()
        assert termios.tcgetattr(opened.fd) == before, "the terminal is the dashboard's again"
        opened.press("z")
        opened.until(lambda: values(store, task).get("Args/seed") == ("3", "int"))
        assert not [*folder().iterdir()]
        opened.press("qq")
        opened.until(opened.ended)


def test_what_cannot_be_saved_is_said_and_opened_again_as_it_was_written(store: Store, tmp_path: Path) -> None:
    task = a_draft(store)
    script = f"""if test -e {tmp_path}/again; then sed -i 's/fast/0.5/' "$1"
else touch {tmp_path}/again; sed -i 's/^lr = .*/lr = fast/' "$1"; fi"""
    with session([*TUI, "--task", task], (100, 30), EDITOR=editor(tmp_path, script)) as opened:
        opened.sees("a draft")
        opened.press("2")
        opened.sees("peak rate")
        opened.press("E")
        opened.sees("'fast' is not a number")
        opened.press("\r")
        opened.sees("Saved Args.")
        assert "lr = fast" in (tmp_path / "given").read_text()
        assert values(store, task)["Args/lr"] == ("0.5", "float")


def test_a_text_that_is_left_is_offered_again_and_so_is_one_whose_link_dropped(store: Store, tmp_path: Path) -> None:
    task = a_draft(store)
    broken = editor(tmp_path, 'echo \'{"layers": \' > "$1"')
    with session([*TUI, "--task", task], (100, 30), EDITOR=broken) as opened:
        opened.sees("a draft")
        opened.press("2")
        opened.sees("net.json")
        opened.press("G")
        opened.press("E")
        opened.sees("it was JSON and would be none now")
        opened.press("\x1b")
        opened.sees("The text is kept and offered")
    assert (tmp_path / "name").read_text().strip().endswith(".json")
    hanging = editor(tmp_path, f"echo '[4]' > \"$1\"; touch {tmp_path}/written; sleep 600")
    with session([*TUI, "--task", task], (100, 30), EDITOR=hanging) as opened:
        opened.sees("Unsaved text of net.json from")
        opened.press("\r")
        opened.until(lambda: (tmp_path / "written").exists())
        assert (tmp_path / "given").read_text() == '{"layers": \n'
        os.kill(opened.pid, signal.SIGHUP)
        opened.until(opened.ended)
    with session([*TUI, "--task", task], (100, 30), EDITOR=editor(tmp_path, "true")) as opened:
        opened.sees("Unsaved text of net.json from")
        opened.press("\r")
        opened.sees("Saved net.json.")
    assert text(store, task) == "[4]"
    assert (tmp_path / "given").read_text() == "[4]\n"


def test_ctrl_c_in_the_editor_is_the_editors(store: Store, tmp_path: Path) -> None:
    task = a_draft(store)
    script = f'trap \'echo "lr = 0.7" > "$1"; exit 0\' INT; touch {tmp_path}/open; while :; do sleep 0.05; done'
    with session([*TUI, "--task", task], (100, 30), EDITOR=editor(tmp_path, script)) as opened:
        opened.sees("a draft")
        opened.press("2")
        opened.sees("peak rate")
        opened.press("E")
        opened.until(lambda: (tmp_path / "open").exists())
        opened.press("\x03")
        opened.sees("Saved Args.")
        assert values(store, task)["Args/lr"] == ("0.7", "float")


def test_a_value_that_is_typed_survives_the_kill_of_the_dashboard(store: Store) -> None:
    task = a_draft(store)
    with session([*TUI, "--task", task], (100, 30)) as opened:
        opened.sees("a draft")
        opened.press("e")
        opened.until(lambda: "net.json" in opened.text() and "float" not in opened.text())  # under the open line
        opened.press("\x15")
        opened.press("0.25")
        opened.until(lambda: any('"0.25"' in path.read_text() for path in folder().glob("*.unsaved")))
        os.kill(opened.pid, signal.SIGKILL)
        opened.until(opened.ended)
    with session([*TUI, "--task", task], (100, 30)) as opened:
        opened.sees("typed   '0.25'")
        opened.press("\r")
        opened.sees("as you typed it")
        opened.press("\r")
        opened.until(lambda: values(store, task)["Args/lr"] == ("0.25", "float"))
        opened.until(lambda: not [*folder().iterdir()])


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "No editor is set"),
        ({"EDITOR": " "}, "No editor is set"),
        ({"VISUAL": "no-such-editor -x", "EDITOR": "true"}, "Cannot find the editor no-such-editor that VISUAL names"),
        ({"EDITOR": "'"}, "Cannot read EDITOR"),
    ],
)
def test_no_editor_is_said(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        command(environ)
    assert command({"EDITOR": "true --wait", "VISUAL": ""}) == ["true", "--wait"]


def test_without_an_editor_the_dashboard_says_so(store: Store) -> None:
    task = a_draft(store)
    with session([*TUI, "--task", task], (100, 30), EDITOR="", VISUAL="") as opened:
        opened.sees("a draft")
        opened.press("2")
        opened.sees("peak rate")
        opened.press("E")
        opened.sees("No editor is set.")


@given(st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=5))
def test_a_section_as_text_gives_every_name_and_value_back(values: dict[str, str]) -> None:
    parameters = [ParameterRow("Args", name, value, "str", "one\ntwo") for name, value in values.items()]
    assert values_of(text_of("Args", parameters)) == values


def test_lines_that_cannot_be_read_are_named() -> None:
    with pytest.raises(InvalidValue, match=r"line 2: 'nothing'\. Write it as name = value"):
        values_of("# a remark\nnothing\n")
    with pytest.raises(InvalidValue, match=r"line 2: 'lr' stands here twice"):
        values_of("lr = 1\nlr=2")
    with pytest.raises(InvalidValue, match="begins with a quote"):
        values_of('lr = "1')


def test_only_what_was_changed_is_sent_with_what_was_seen() -> None:
    change = change_of("section", "Args", "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 5\nnew = True\n")
    assert change.wanted == {"Args/b": "5", "Args/c": None, "Args/new": "True"}
    assert change.seen == {"Args/b": "2", "Args/c": "3", "Args/new": None}
    assert [guessed(value) for value in ("true", "3", "1e-3", "x", "")] == ["bool", "int", "float", "str", "str"]
    assert [suffix_of("object", *pair) for pair in (("net.yaml", "a: 1"), ("net", "{}"), ("net", "a"))] == [
        ".yaml", ".json", ".conf",
    ]  # fmt: skip
    assert change_of("object", "net", "one", "one\n").wanted == {}, "an editor's last newline"


def test_how_a_task_was_run_is_read_whole_and_never_changed(store: Store, tmp_path: Path) -> None:
    diff = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+n\x1b[31mew\n"
    task = commands.create(store, by=BY, project="vision/resnet", name="a draft", code={
        "diff": diff, "entry_point": "train.py", "argv": ["--lr", "0.1"], "packages": {"numpy": "2.0"}})  # fmt: skip
    change = 'chmod u+w "$1"; echo changed >> "$1"'
    for name in ("VISUAL", "PAGER"):
        environment = {"VISUAL": "", "EDITOR": "", "PAGER": "", name: editor(tmp_path, change)}
        with session([*TUI, "--task", task], (100, 30), **environment) as opened:
            opened.sees("a draft")
            opened.press("3")
            opened.sees("train.py")
            opened.press("E")
            opened.sees("recorded, not edited")
        given = (tmp_path / "given").read_text("utf-8")
        assert "# script        train.py" in given and "--lr 0.1" in given and "numpy 2.0" in given
        assert "\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+n[31mew\n" in given
        assert not Path((tmp_path / "name").read_text("utf-8").strip()).parent.exists()
    with store.read() as connection:
        assert details.detail(connection, task).code.diff == diff
