"""Notices: what ends or turns NaN is told once, in words, by the terminal, and by the user's own command."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from store import commands, tables
from store.engine import Store, current_rev
from store.lifecycle import Status
from store.news_records import Ended, NotFinite
from store.transitions import finish
from tests.support import Counted, alive, counted, eventually
from tests.system.hostile import CORPUS
from tests.tui.at_home import OnHome, running
from tests.tui.made import BY, Opened, Run, new_store
from tests.tui.test_output_pty import TUI, Session, session, settled
from tests.tui.test_plain import plain
from tests.tui.test_settings import given, go_to
from tui.notices import command, teller, words
from tui.notices.words import BELL
from tui.screens.task import TaskScreen
from tui.settings import Settings, load
from tui.widgets.bar import Notice

OSC = re.compile(r"\x1b\]9;[^\x07\x1b]*\x1b\\")
WRITES = """\
#!{python}
import json, os, sys
seen = {{name: text for name, text in os.environ.items() if name.startswith("LABTOP_")}}
seen |= {{"arguments": sys.argv[1:], "tasks": [json.loads(line) for line in sys.stdin]}}
with open({file!r}, "a") as file:
    file.write(json.dumps(seen) + "\\n")
"""


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks of these tests are the user's own."""
    monkeypatch.setenv("CAPTURE_USER", "ada")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told is gathered for a shorter moment."""
    monkeypatch.setattr(teller, "GATHERING", 0.3)


def with_settings(opened: OnHome, **settings: Any) -> OnHome:
    opened._app.user_settings = Settings(**settings)
    return opened


def said(opened: Opened) -> str:
    return opened.app.screen.query_one(Notice).sentence


async def told(opened: Opened, text: str) -> str:
    """Wait until a notice says something, and return it all."""
    await opened.until(lambda: text in said(opened), f"{text!r}, not {said(opened)!r}")
    return said(opened)


async def read(opened: Opened) -> None:
    """Wait until the feed has read what is committed."""
    with opened.app.data._opened().read() as connection:
        rev = current_rev(connection)
    await opened.until(lambda: opened.app.data.rev >= rev, "the feed has read it")


async def quiet(opened: Opened) -> None:
    """Wait until what was committed has been looked at, and what was found there would have been said."""
    await read(opened)
    await asyncio.sleep(teller.GATHERING + 0.3)
    await opened.pilot.pause()


def ends(store: Store, *tasks: str, status: Status = Status.COMPLETED, reason: str = "") -> None:
    for task in tasks:
        commands.finish(store, task, by=BY, status=status, reason=reason)


# In words -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hasty")
async def test_an_end_is_said_once_with_the_failures_reason_and_opened_by_a_word(store: Store) -> None:
    before, task, other = running(store, ["ended before", "resnet", "goes on"])
    ends(store, before)
    async with OnHome(store, read_only=True) as home:
        ends(store, task, status=Status.FAILED, reason="RuntimeError: CUDA\nout of memory.")
        assert await told(home, "resnet") == (
            f'"resnet" ({task[:8]}) is Failed: RuntimeError: CUDA out of memory. :notice opens it.'
        )
        assert home.app.screen.query_one(Notice).kind == "error"
        await home.keys("j")
        assert said(home) == ""
        commands.tag(store, task, add=["looked-at"], by=BY)
        await quiet(home)
        assert said(home) == ""
        await home.press(":", *"notice", "enter")
        await home.until(lambda: isinstance(home.app.screen, TaskScreen), "the task's screen")
        assert home.screen.task_id == task
        ends(store, other)
        assert "is Completed." in await told(home, "goes on"), "on every screen"
        assert home.app.screen.query_one(Notice).kind == "info"


@pytest.mark.usefixtures("hasty")
async def test_without_a_notice_there_is_nothing_to_open_and_a_task_that_went_is_said_to_be_gone(store: Store) -> None:
    [task] = running(store, ["resnet"])
    async with OnHome(store) as home:
        await home.press(":", *"notice", "enter")
        await told(home, "no task of yours has ended")
        ends(store, task)
        await told(home, "is Completed")
        commands.archive(store, task, by=BY)
        commands.delete(store, task, by=BY)
        await home.press(":", *"notice", "enter")
        await told(home, "There is no task")


@pytest.mark.usefixtures("hasty")
async def test_a_metric_is_told_once_in_each_execution_whatever_it_does_then(store: Store) -> None:
    known, run = Run(store, "known"), Run(store, "resnet")
    known.report("loss", "train", math.nan)
    async with OnHome(store) as home:
        known.report("loss", "train", math.nan)
        run.report("loss", "train", 1.0, math.nan)
        assert await told(home, "resnet") == (
            f'"resnet" ({run.id[:8]}) is Running, and loss/train is NaN by iteration 1. :notice opens it.'
        )
        assert home.app.screen.query_one(Notice).kind == "error"
        await home.keys("j")
        run.report("loss", "train", 1.0)
        run.report("loss", "train", math.inf)
        run.report(":monitor:gpu", "utilization", math.nan)
        await quiet(home)
        assert said(home) == ""
        run.report("norm", "grad", -math.inf)
        run.report("norm", "weights", math.nan)
        assert "norm/grad is -inf by iteration 0, 1 more is NaN or infinite." in await told(home, "resnet")
        await home.keys("j")
        run.end("failed", "diverged")
        await told(home, "is Failed: diverged")
        await home.keys("j")
        run.again()
        run.report("loss", "train", math.nan)
        await told(home, "loss/train is NaN by iteration 0")
        run.end()
        await told(home, "is Completed")


async def test_many_at_once_are_one_sentence_that_counts_them(store: Store) -> None:
    tasks = running(store, [f"seed {n:02}" for n in range(13)])
    async with OnHome(store) as home:
        ends(store, *tasks[:9])
        ends(store, *tasks[9:12], status=Status.FAILED, reason="no luck")
        Run(store, "another").report("loss", "train", math.nan)
        text = await told(home, "tasks ended")
        assert text.startswith('12 tasks ended: 9 Completed, 3 Failed. "another" (') and "is NaN" in text
        assert text.endswith(':notice opens "seed 09".'), "the first that failed"


async def test_what_comes_while_the_first_waits_is_told_with_it(store: Store) -> None:
    tasks = running(store, ["one", "two", "three"])
    async with OnHome(store) as home:
        for task in tasks:
            ends(store, task)
            await read(home)
        assert "3 tasks are Completed." in await told(home, "Completed")
        await home.keys("j")
        await asyncio.sleep(teller.GATHERING + 0.3)
        assert said(home) == ""


@pytest.mark.usefixtures("hasty")
async def test_what_is_somebody_elses_is_neither_asked_for_nor_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, [task] = Run(store, "odd"), running(store, ["ada's"])
    monkeypatch.setenv("CAPTURE_USER", "eve")
    async with OnHome(store) as home:
        with counted(home.app.data._opened().reader) as asked:
            ends(store, task, status=Status.FAILED)
            run.report("loss", "train", math.nan)
            await quiet(home)
        assert said(home) == "" and not questions(asked)


def questions(asked: Counted) -> list[str]:
    """What the notices have asked the store."""
    return [text for text in asked.statements if "task_event" in text or "BETWEEN" in text]


@pytest.mark.usefixtures("hasty")
async def test_off_asks_nothing_and_what_happened_meanwhile_is_no_news_afterwards(store: Store) -> None:
    run, [one, two] = Run(store, "odd"), running(store, ["one", "two"])
    async with OnHome(store) as home:
        await home.press("comma")
        await go_to(home, "tui.notices")
        for way in ("bell", "desktop", "off"):
            await home.press("enter")
            await told(home, f"tui.notices is {way} now.")
        await home.press("g")
        with counted(home.app.data._opened().reader) as asked:
            ends(store, one)
            run.report("loss", "train", math.nan)
            await quiet(home)
        assert said(home) == "" and not questions(asked)
        await go_to(home, "tui.notices")
        await home.press("enter")
        await told(home, "tui.notices is line now.")
        await home.press("g")
        run.report("loss", "train", math.nan)
        commands.tag(store, one, add=["looked-at"], by=BY)
        await quiet(home)
        assert said(home) == ""
        ends(store, two)
        await told(home, '"two"')


@pytest.mark.usefixtures("hasty")
async def test_what_ended_while_the_store_was_away_is_told_when_it_is_back(store: Store) -> None:
    run, [task] = Run(store, "odd"), running(store, ["resnet"])
    home_folder = store.location.home
    async with OnHome(store) as home:
        hidden = home_folder.with_name("elsewhere")
        home_folder.rename(hidden)
        await home.until(lambda: "not live" in home.text(), "the store is away")
        hidden.rename(home_folder)
        ends(store, task)
        run.report("loss", "train", math.nan)
        await told(home, "is Completed")
        assert "loss/train is NaN" in said(home)


@pytest.mark.usefixtures("hasty")
async def test_what_a_store_holds_that_was_put_in_the_place_of_another_is_no_news(store: Store, tmp_path: Path) -> None:
    running(store, ["first"])
    with new_store(tmp_path / "another") as other:
        for name in ("second", "third"):
            [task] = running(other, [name])
            ends(other, task)
    async with OnHome(store) as home:
        store.location.home.rename(tmp_path / "away")
        await home.until(lambda: "not live" in home.text(), "the store is away")
        other.location.home.rename(store.location.home)
        await home.until(lambda: sorted(home.names) == ["second", "third"], "the other one")
        await quiet(home)
        assert "Completed" not in said(home) and not home.app.notices.news


@pytest.mark.usefixtures("hasty")
async def test_over_a_task_that_changes_each_second_nothing_is_asked_but_of_its_metrics(store: Store) -> None:
    run = Run(store, "live")
    async with OnHome(store) as home:
        with counted(home.app.data._opened().reader) as asked:
            for value in (1.0, 0.5):
                run.report("loss", "train", value)
                await read(home)
        assert len(questions(asked)) == 2 and not [text for text in questions(asked) if "task_event" in text]


def test_hostile_texts_end_no_sequence_and_begin_none() -> None:
    for text in (*CORPUS, "".join(CORPUS), "4;1;50", "\x9c\x1b\\\x07" * 40):
        found: list[Ended | NotFinite] = [
            Ended("\x1b]0;x\x07" + text, text, text, "failed", text), Ended("b", text, text, "completed", text),
            NotFinite("c", text, text, 1, text, text, math.nan, 3),
        ]  # fmt: skip
        for news in (words.news_of(found), words.news_of(found[:1]), words.news_of(found[2:])):
            sentence = words.sentence(news)
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", sentence)
            assert re.fullmatch(OSC, words.signal("desktop", sentence, {}))
            wrapped = words.signal("desktop", sentence, {"TMUX": "/tmp/x"})
            assert re.fullmatch(r"\x1bPtmux;\x1b\x1b\]9;labtop: [^\x07\x1b]*\x1b\x1b\\\x1b\\", wrapped)
            handed = [*command.told(news).values(), *map(str, json.loads(command.lines(news).split(b"\n")[0]).values())]
            assert not [value for value in handed if re.search(r"[\x00-\x1f\x7f-\x9f]", value)]


# By the terminal ----------------------------------------------------------------------------------------------------


def sent(opened: Session) -> str:
    return "".join(opened.terminal.fed)


def bells(opened: Session) -> int:
    """How many bells came; those that end a sequence are none."""
    return re.sub(r"\x1b[\]P_^][^\x07\x1b]*(?:\x07|\x1b\\)", "", sent(opened)).count(BELL)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "in_tmux", "stage"),
    [("line", "", ""), ("bell", "", ""), ("bell", "", "stock"), ("desktop", "", ""), ("desktop", "/tmp/x,1,0", "")],
)
def test_two_hundred_ends_ring_once_and_then_the_terminal_is_sent_nothing(
    store: Store, way: str, in_tmux: str, stage: str
) -> None:
    tasks = running(store, [f"seed {n}" for n in range(200)])
    given(f'[tui]\nnotices = "{way}"\n')
    with session(TUI, (100, 30), TMUX=in_tmux, CAPTURE_TUI_OUTPUT=stage) as opened:
        opened.sees("seed 199")
        settled(opened)
        with store.write(BY) as tx:
            for task in tasks:
                finish(tx, task, 1, Status.COMPLETED)
        opened.sees("200 tasks are Completed.")
        settled(opened)
        assert bells(opened) == (way == "bell")
        shown = re.findall(r"\x1b\]9;([^\x07\x1b]*)", sent(opened))
        assert shown == (["labtop: 200 tasks are Completed."] if way == "desktop" else [])
        assert sent(opened).count("\x1bPtmux;\x1b\x1b]9;") == bool(in_tmux)
        assert opened.read(3) == 0, "nothing ticks"


def test_a_name_that_rings_and_notifies_is_only_read(store: Store) -> None:
    run = Run(store, "plain name")
    given('[tui]\nnotices = "desktop"\n')
    run.tell(e="comment", text="")
    with store.write(BY) as tx:
        name = "\x1b]9;EVIL\x07\x1b\\\x9c\x9d9;EVIL\x07hostile"
        tx.execute(sa.update(tables.task).where(tables.task.c.id == run.id).values(name=name, rev=tx.rev))
    with session(TUI, (100, 30)) as opened:
        opened.sees("hostile")
        settled(opened)
        run.end("failed", "\x07\x1b]9;EVIL\x07")
        opened.sees("is Failed")
        settled(opened)
        assert bells(opened) == 0
        assert len(re.findall(r"\x1b\]9;", sent(opened))) == 1 and OSC.search(sent(opened))


def test_plain_says_it_in_a_line_while_nothing_is_typed(store: Store) -> None:
    [task, other] = running(store, ["resnet", "other"])
    with plain() as typed:
        typed.hears("Type help")
        ends(store, task, status=Status.FAILED, reason="CUDA \x1b[31mout of memory")
        assert typed.hears("is Failed") == (
            f'"resnet" ({task[:8]}) is Failed: CUDA [31mout of memory. :notice opens it.'
        )
        typed.type("notice")
        assert typed.hears("Failed: resnet")
        typed.type("watch")
        typed.hears("Watching")
        ends(store, other)
        typed.hears("other: Running to Completed")
        Run(store, "odd").report("loss", "train", math.nan)
        typed.hears("loss/train is NaN")
        assert not [line for line in typed.said if '"other"' in line], "watch has told it already"


# By the user's command ----------------------------------------------------------------------------------------------


class Writer:
    """A program that writes down what it was told."""

    def __init__(self, folder: Path) -> None:
        program, self.file = folder / "a writer.py", folder / "calls"
        program.write_text(WRITES.format(python=sys.executable, file=str(self.file)))
        program.chmod(0o700)
        self.line = f"'{program}' --to \"me and $HOME; `ls`\""

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What it was told so far, a call each."""
        return [json.loads(text) for text in self.file.read_text().splitlines()] if self.file.exists() else []


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path)


@pytest.mark.usefixtures("hasty")
async def test_the_command_gets_what_happened_in_its_environment_and_as_lines(store: Store, writer: Writer) -> None:
    tasks = running(store, ['re$HOME`ls` "net"', "two", "three"], "vision/$(ls)")
    async with with_settings(OnHome(store), notice_command=writer.line) as home:
        ends(store, tasks[0], status=Status.FAILED, reason="no luck")
        sentence = f'"re$HOME`ls` "net"" ({tasks[0][:8]}) is Failed: no luck.'
        [call] = await home.until(lambda: writer.calls, "a call")
        task = {"id": tasks[0], "name": 're$HOME`ls` "net"', "project": "vision/$(ls)", "status": "failed"}
        assert call == {
            "arguments": ["--to", "me and $HOME; `ls`"], "LABTOP_MESSAGE": sentence, "LABTOP_TASKS": "1",
            "LABTOP_TASK_ID": task["id"], "LABTOP_TASK_NAME": task["name"], "LABTOP_TASK_PROJECT": task["project"],
            "LABTOP_TASK_STATUS": "failed", "tasks": [{**task, "message": sentence}],
        }  # fmt: skip
        ends(store, *tasks[1:])
        [_, call] = await home.until(lambda: writer.calls[1:] and writer.calls, "another call")
        assert (call["LABTOP_MESSAGE"], call["LABTOP_TASKS"]) == ("2 tasks are Completed.", "2")
        assert [one["id"] for one in call["tasks"]] == tasks[1:]
        assert "tasks are Completed" in said(home), "and the sentence is said as ever"


async def test_of_two_hundred_ends_there_are_few_calls_that_name_each_once(store: Store, writer: Writer) -> None:
    tasks = running(store, [f"seed {n}" for n in range(200)])
    async with with_settings(OnHome(store), notice_command=writer.line) as home:
        ends(store, *tasks)
        await home.until(lambda: len(names(writer)) >= len(tasks), "all are named", 40)
        assert sorted(names(writer)) == sorted(tasks)
        assert len(writer.calls) <= 10


def names(writer: Writer) -> list[str]:
    return [one["id"] for call in writer.calls for one in call["tasks"]]


@pytest.mark.usefixtures("hasty")
async def test_one_runs_at_a_time_and_what_comes_meanwhile_is_handed_over_together(
    store: Store, tmp_path: Path
) -> None:
    tasks = running(store, ["one", "two", "three"])
    out, go = tmp_path / "out", tmp_path / "go"
    os.mkfifo(go)
    script = 'echo "$LABTOP_TASKS" >> "$0"; read line < "$1"'
    line = f"sh -c '{script}' {out} {go}"
    async with with_settings(OnHome(store), notice_command=line) as home:
        for number, task in enumerate(tasks):
            ends(store, task)
            await told(home, f'"{["one", "two", "three"][number]}"')
            await home.until(out.exists, "the first call")
        assert out.read_text() == "1\n", "the first has not ended"
        go.write_text("go on\n")
        await home.until(lambda: out.read_text() == "1\n2\n", "the second call, for two tasks")
        go.write_text("go on\n")


@pytest.mark.usefixtures("hasty")
async def test_one_that_does_not_end_is_killed_with_what_it_started(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LONGEST", 0.5)
    tasks, pid = running(store, ["one", "two"]), tmp_path / "pid"
    async with with_settings(OnHome(store), notice_command=f"sh -c 'sleep 600 & echo $! > {pid}; wait'") as home:
        ends(store, tasks[0])
        assert "sh did not end within 0.5 seconds and was killed" in await told(home, "was killed")
        assert not alive(int(pid.read_text()))
        await home.keys("j")
        ends(store, tasks[1])
        await told(home, '"two"')
        await asyncio.sleep(1)
        assert '"two"' in said(home), "what is wrong is said once"


@pytest.mark.usefixtures("hasty")
async def test_leaving_ends_a_command_that_runs_and_waits_for_none(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LONGEST", 60.0)
    [task], pid = running(store, ["one"]), tmp_path / "pid"
    async with with_settings(OnHome(store), notice_command=f"sh -c 'echo $$ > {pid}; exec sleep 600'") as home:
        ends(store, task)
        await home.until(lambda: pid.exists() and pid.read_text(), "it runs")
        started = time.monotonic()
    assert time.monotonic() - started < 5
    await asyncio.to_thread(eventually, lambda: not alive(int(pid.read_text())))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_that_ends_the_dashboard_ends_a_command_that_runs(store: Store, tmp_path: Path, number: int) -> None:
    [task], pid = running(store, ["it goes on"]), tmp_path / "pid"
    given(f"[tui]\nnotice_command = \"sh -c 'echo $$ > {pid}; exec sleep 600'\"\n")
    with session(TUI, (100, 30)) as opened:
        opened.sees("it goes on")
        settled(opened)
        ends(store, task)
        opened.until(lambda: pid.exists() and pid.read_text().strip())
        os.kill(opened.pid, number)
        opened.until(opened.ended)
    eventually(lambda: not alive(int(pid.read_text())), what="the command has ended")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("line", "problem"), [
    ("/nowhere/notify --me", "Cannot start the command for notices /nowhere/notify: No such file or directory. It is "
                             "set as tui.notice_command (,): correct it, or take it away."),
    ("sh -c 'exit 3'", "The command for notices sh ended with 3. It is set as tui.notice_command (,): try it in a "
                       "shell."),
])  # fmt: skip
async def test_what_is_wrong_with_the_command_is_said_once(store: Store, line: str, problem: str) -> None:
    tasks = running(store, ["one", "two"])
    async with with_settings(OnHome(store), notice_command=line) as home:
        ends(store, tasks[0])
        text = await told(home, "command for notices")
        assert text.endswith(f" is Completed. :notice opens it. {problem}"), "the notice is not lost by it"
        await home.keys("j")
        ends(store, tasks[1])
        await told(home, '"two"')
        await asyncio.sleep(0.5)
        assert '"two"' in said(home)


@pytest.mark.usefixtures("hasty")
async def test_a_demo_runs_no_command(store: Store, writer: Writer) -> None:
    [task] = running(store, ["one"])
    opened = with_settings(OnHome(store), notice_command=writer.line)
    opened._app.demo = True
    async with opened as home:
        ends(store, task)
        await told(home, '"one"')
        await asyncio.sleep(0.5)
        assert not writer.calls


# Settings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "problem"), [
    ('notices = "bel"', "tui.notices cannot be 'bel'. Did you mean \"bell\"? Valid: line, bell, desktop, off."),
    ("notice_command = \"notify 'me\"", "tui.notice_command cannot be \"notify 'me\": No closing quotation. It takes a "
                                        "command in words, quoted as for a shell."),
    ('notice = "bell"', "unknown setting 'tui.notice'. Did you mean \"tui.notices\"?"),
])  # fmt: skip
def test_a_wrong_setting_is_said_and_the_default_holds(text: str, problem: str) -> None:
    given(f"[tui]\n{text}\n")
    found = load()
    assert (found.notices, found.notice_command) == ("line", "")
    assert [one for one in found.problems if problem in one], found.problems
