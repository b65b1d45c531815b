"""The stage in a process of its own, on a real pseudo-terminal: slow ones, growing ones, and what is left behind."""

from __future__ import annotations

import fcntl
import logging
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor, CompositorUpdate
from textual.events import Key

from store.engine import Store
from tests.support import eventually
from tests.tui.at_home import OnHome, running
from tests.tui.both import Both, both  # noqa: F401 - the fixture
from tests.tui.terminals import Terminal, differences
from tui.output import internals
from tui.output.keys import Parser

TUI = [sys.executable, "-m", "tui.cli"]
TICKING = [sys.executable, str(Path(__file__).with_name("ticking.py"))]


class Session:
    """A program on a pseudo-terminal that is read at ``rate`` bytes a second and answers like one.

    Args:
        command: what runs.
        size: columns and lines.
        rate: bytes a second; None for as fast as they come.
        environ: added to the environment.
    """

    def __init__(self, command: list[str], size: tuple[int, int], rate: float | None = None, **environ: str) -> None:
        self.rate = rate
        self.terminal = Terminal(*size)
        self.terminal.screen.write_process_input = self._answer  # type: ignore[method-assign]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes the program
            time.sleep(0.05)
            colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": os.getcwd()}
            os.execvpe(command[0], command, {**os.environ, **colours, **environ})
        self.resize(*size)

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.terminal.resize(width, height)

    def _answer(self, data: str) -> None:
        os.write(self.fd, data.encode())

    def read(self, seconds: float) -> int:
        """Show what comes within ``seconds``; return how many bytes that were."""
        end, before = time.monotonic() + seconds, self.terminal.size
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                data = os.read(self.fd, 500 if self.rate else 65536)
            except OSError:
                break
            self.terminal.feed_bytes(data)
            if self.rate:
                time.sleep(len(data) / self.rate)
        return self.terminal.size - before

    def text(self) -> str:
        return "\n".join(self.terminal.screen.display)

    def until(self, wanted: Callable[[], object], timeout: float = 20) -> float:
        """Read until it is so; return how long that took."""
        start = time.monotonic()
        while not wanted():
            self.read(0.02)
            assert time.monotonic() - start < timeout, self.text()
        return time.monotonic() - start

    def sees(self, text: str, timeout: float = 20) -> float:
        return self.until(lambda: text in self.text(), timeout)

    def press(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def ended(self) -> bool:
        self.read(0.01)
        return os.waitpid(self.pid, os.WNOHANG)[0] != 0


@contextmanager
def session(*arguments: Any, **options: Any) -> Iterator[Session]:
    opened = Session(*arguments, **options)
    try:
        yield opened
    finally:
        try:
            os.kill(opened.pid, 9)
            os.waitpid(opened.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(opened.fd)


def settled(opened: Session) -> None:
    opened.until(lambda: opened.read(0.4) == 0)


@pytest.mark.slow
def test_the_whole_dashboard_is_the_same_with_the_stage_switched_off(store: Store, tmp_path: Path) -> None:
    running(store, [f"resnet seed {n}" for n in range(60)])
    shown = []
    for switch in ("", "stock"):
        places = str(tmp_path / f"state {switch}")  # or the second would stand where the first stood
        with session(TUI, (100, 30), CAPTURE_TUI_OUTPUT=switch, XDG_STATE_HOME=places) as opened:
            opened.sees("resnet seed 59")
            for keys in ("jjj", "G", "?", "\x1b", "g"):
                opened.press(keys)
                settled(opened)
            shown.append(opened.terminal)
    staged, stock = shown
    assert [*differences(staged, stock)] == []
    assert staged.size < stock.size / 8


def test_a_byte_that_is_no_text_is_one_odd_character(store: Store) -> None:
    running(store, ["one task"])
    with session(TUI, (80, 24)) as opened:
        opened.sees("one task")
        opened.press("/")
        os.write(opened.fd, b"caf\xe9 x")
        opened.sees("caf\ufffd x")


def test_an_esc_that_tmux_sent_together_with_the_next_key_is_both(store: Store) -> None:
    running(store, ["older", "newer"])
    with session(TUI, (80, 24)) as opened:
        opened.sees("▌ ▶R newer")
        opened.press("/old")
        opened.sees("1 of 2 tasks")
        os.write(opened.fd, b"\x1bj")
        opened.sees("▌ ▶R older")
        opened.sees("▶R newer")
        opened.press("\r")
        opened.sees("1 over")
        os.write(opened.fd, b"\x1b:")
        opened.press("archived\r")
        opened.sees("archived")


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1bj", ["escape", "j"]),
        ("\x1bJ", ["escape", "J"]),
        ("\x1b5", ["escape", "5"]),
        ("\x1b/x", ["escape", "slash", "x"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b\x06", ["escape", "ctrl+f"]),
        ("\x1b[", ["escape", "left_square_bracket"]),
        ("\x1b\x1bj", ["escape", "escape", "j"]),
        ("\x1bjj\x1bk", ["escape", "j", "j", "escape", "k"]),
        ("\x1b[A\x1bOB", ["up", "down"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b[106;3u", ["alt+j"]),
        ("\x1bb\x1bf\x1b\x7f", ["ctrl+left", "ctrl+right", "ctrl+w"]),
    ],
)
def test_keys_behind_an_esc_are_keys_and_what_terminals_send_for_one_is_one(
    monkeypatch: pytest.MonkeyPatch, sent: str, keys: list[str]
) -> None:
    assert keys_of(Parser(False, lambda: False), sent, monkeypatch) == keys


def test_who_has_moved_a_key_to_alt_has_alt(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys_of(Parser(False, lambda: True), "\x1bj", monkeypatch) == ["alt+j"]


def keys_of(parser: Parser, sent: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the keys of what was sent, with nothing behind it."""
    monkeypatch.setattr("textual._xterm_parser.constants.ESCAPE_DELAY", 0.0)
    return [event.key for event in (*parser.feed(sent), *parser.tick()) if isinstance(event, Key)]


def test_an_idle_screen_sends_nothing(store: Store) -> None:
    running(store, ["one task"])
    with session(TUI, (80, 24)) as opened:
        opened.sees("one task")
        settled(opened)
        assert opened.read(2) == 0


SHADES = {"3a3a3a", "262626", "121212"}
"""The greys of the cursor, of dialogs and of the background among 256 colours."""


@pytest.mark.parametrize("term", ["xterm-256color", "alacritty"])
def test_a_terminal_of_256_colours_gets_greys_that_are_among_them(store: Store, term: str) -> None:
    running(store, ["one task", "another"])
    with session(TUI, (80, 24), TERM=term, COLORTERM="") as opened:
        opened.sees("one task")
        opened.press("?")
        settled(opened)
        assert not re.search(r"[34]8;2;", "".join(opened.terminal.fed)), "no colour of another kind was sent"
        assert {cell[1] for row in opened.terminal.cells() for cell in row} >= SHADES - {"3a3a3a"}
        opened.press("\x1b")
        settled(opened)
        [under] = [row for row in opened.terminal.cells() if "".join(str(cell[0]) for cell in row).startswith("▌")]
        assert {cell[1] for cell in under} <= SHADES and under[8][1] == "3a3a3a"


def test_a_terminal_of_sixteen_colours_gets_its_own(store: Store) -> None:
    running(store, ["one task"])
    with session(TUI, (80, 24), TERM="linux", COLORTERM="") as opened:
        opened.sees("one task")
        settled(opened)
        assert not re.search(r"[34]8;[25];", "".join(opened.terminal.fed))


def test_ctrl_l_sends_the_whole_picture_again(store: Store) -> None:
    running(store, ["one task"])
    with session(TUI, (80, 24)) as opened:
        opened.sees("one task")
        settled(opened)
        opened.terminal.feed("\x1b[m\x1b[2J\x1b[Hsomebody else writes here")
        opened.press("\x0c")
        opened.sees("one task")
        assert "somebody else" not in opened.text()


@pytest.mark.slow
def test_keys_are_answered_on_a_slow_terminal() -> None:
    with session([*TICKING, "0.03"], (200, 50), rate=20_000) as opened:
        opened.sees("keys 0")
        opened.read(1.5)
        waits = []
        for count in range(1, 9):
            opened.press("j")
            waits.append(opened.sees(f"keys {count} "))
            opened.read(0.2)
        # A quarter of a second on a quiet machine. Textual by itself stops: thirty frames of 10 kB stand in its queue.
        assert sorted(waits)[4] < 1.0, waits


def test_the_event_loop_goes_on_while_the_terminal_does_not_read() -> None:
    with session([*TICKING, "0.02"], (200, 50)) as opened:
        opened.sees("ticks 1")
        time.sleep(3)
        opened.press("j")
        opened.sees("keys 1 ")
        found = re.search(r"ticks (\d+)", opened.text())
        assert found is not None and int(found.group(1)) > 50


def test_giving_the_terminal_away_while_everything_changes_does_not_hang() -> None:
    with session([*TICKING, "0.01"], (80, 24)) as opened:
        opened.sees("keys 0")
        opened.press("s")
        opened.sees("somebody else's screen")
        opened.sees("keys 0")
        assert "somebody" not in opened.text()
        opened.press("j")
        opened.sees("keys 1 ")
        opened.press("q")
        eventually(opened.ended, 10, "it leaves")
        assert "keys" not in opened.text()
        assert not {25, 7} - {mode >> 5 for mode in opened.terminal.screen.mode}, "cursor and wrapping are back"


def test_the_shell_has_the_terminal_until_it_says_fg(store: Store) -> None:
    def stopped_again() -> bool:
        opened.press("jobs\n")
        opened.read(0.3)
        return opened.text().count("Stopped") > 1

    running(store, ["one task"])
    with session(["bash", "--norc", "-i"], (80, 40), PS1="prompt> ") as opened:
        opened.sees("prompt>")
        opened.press(f"{' '.join(TUI)}\n")
        opened.sees("one task")
        for _ in range(2):
            opened.press("\x1a")
            opened.sees("Stopped")
            sent = "".join(opened.terminal.fed)
            assert "one task" not in opened.text()
            assert sent.rfind("[?1049l") > sent.rfind("[?1049h") and sent.rfind("[?1003l") > sent.rfind("[?1003h")
            opened.press("bg\n")
            opened.until(stopped_again)
            opened.press("fg\n")
            opened.sees("one task")
            assert "Stopped" not in opened.text()
        opened.press("\x03")
        opened.sees("Press ctrl+c again")
        opened.press("\x03")
        opened.sees("prompt>")
        opened.press("echo ended=$?\n")
        opened.sees("ended=0")


def child(opened: Session) -> int:
    """Return the id of what the shell in a session runs."""
    return int(Path(f"/proc/{opened.pid}/task/{opened.pid}/children").read_text())


@pytest.mark.parametrize(("number", "program", "seen", "key"), [
    (signal.SIGTERM, TUI, "one task", "j"), (signal.SIGHUP, [*TICKING, "0.01"], "keys 0", "h"),
])  # fmt: skip
def test_a_signal_that_ends_it_gives_the_terminal_back_hung_or_not(
    store: Store, number: int, program: list[str], seen: str, key: str
) -> None:
    running(store, ["one task"])
    shell = ["sh", "-c", f"{' '.join(program)}; echo ended=$?; read rest"]
    with session(shell, (80, 24)) as opened:
        modes = termios.tcgetattr(opened.fd)
        opened.sees(seen)
        assert termios.tcgetattr(opened.fd) != modes
        opened.press(key)
        opened.read(0.3)
        os.kill(child(opened), number)
        opened.sees(f"ended={128 + number}")
        assert termios.tcgetattr(opened.fd) == modes
        sent = "".join(opened.terminal.fed)
        for mode in ("1049", "1003", "1006", "2004", "1004"):
            assert sent.rfind(f"[?{mode}l") > sent.rfind(f"[?{mode}h"), mode
        assert not {25, 7} - {mode >> 5 for mode in opened.terminal.screen.mode}, "cursor and wrapping are back"
        assert seen not in opened.text() and "Traceback" not in sent


def test_a_terminal_that_is_gone_ends_it(store: Store) -> None:
    running(store, ["one task"])
    opened = Session(TUI, (80, 24))
    opened.sees("one task")
    os.close(opened.fd)
    ended = eventually(lambda: [end for pid, end in (os.waitpid(opened.pid, os.WNOHANG),) if pid], 10, "it ends")
    assert os.WTERMSIG(ended[0]) == signal.SIGHUP


@pytest.mark.slow
def test_after_growing_in_tmux_no_remains_are_left(store: Store, tmp_path: Path) -> None:
    running(store, [f"resnet seed {n}" for n in range(60)])
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(tmp_path)}
    environ["PYTHONPATH"] = os.getcwd()

    def tmux(*command: str) -> str:
        done = subprocess.run(["tmux", "-f", "/dev/null", *command], env=environ, capture_output=True, text=True)
        return done.stdout

    tmux("new-session", "-d", "-x", "80", "-y", "24", "sh", ";", "set", "-g", "window-size", "manual", ";",
         "set", "-g", "status", "off")  # fmt: skip
    try:
        tmux("send-keys", f"seq 40; {' '.join(TUI)}; echo left=$?", "Enter")
        eventually(lambda: "resnet seed 59" in tmux("capture-pane", "-p"), 20)
        for width, height in ((100, 30), (140, 40), (90, 35), (150, 48)):
            tmux("resize-window", "-x", str(width), "-y", str(height))
            eventually(lambda: "enter open" in tmux("capture-pane", "-p").split("\n")[height - 1], 20)  # noqa: B023
        tmux("send-keys", "q")
        eventually(lambda: "left=0" in tmux("capture-pane", "-p"), 20)
        screen = tmux("capture-pane", "-p")
    finally:
        tmux("kill-server")
    assert "resnet" not in screen and "all projects" not in screen
    assert "39\n40\n" in screen


# Stepping back ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both")
async def test_what_textual_lacks_is_said_once_and_textual_draws(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running(store, ["one task"])
    monkeypatch.setattr("tui.output.internals.problem", internals.problem.__wrapped__)  # a process looks once
    monkeypatch.delattr("rich.cells.split_graphemes")
    monkeypatch.setattr(Both, "must_stage", False)
    async with OnHome(store) as home:
        await home.keys("j", "question_mark")
        assert isinstance(home.app, Both)
        assert home.app.differs() == []
    assert _said(caplog) == ["drawing as Textual does, not only what changed: rich.cells has no split_graphemes"]


class Renamed(CompositorUpdate):
    """An update as a later Textual might make it: the same on the terminal, with other insides."""

    def __init__(self, update: CompositorUpdate) -> None:
        self.inside = update

    def render_segments(self, console: Any) -> str:
        return self.inside.render_segments(console)


@pytest.mark.usefixtures("both")
async def test_a_stage_that_cannot_go_on_leaves_the_drawing_to_textual(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running(store, ["one task", "two tasks"])
    full = Compositor.render_full_update
    monkeypatch.setattr(Both, "must_stage", False)
    async with OnHome(store) as home:
        monkeypatch.setattr(Compositor, "render_full_update", lambda self, **how: Renamed(full(self, **how)))
        await home.keys("j", "k", "question_mark", "escape", "j")
        assert isinstance(home.app, Both)
        assert home.app.differs() == []
    assert len(_said(caplog)) == 1


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
