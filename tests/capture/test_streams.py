"""What a script prints reaches its terminal as without us, and the journal as it was printed."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

from tests.capture.conftest import Bench

TALK = r"""
import logging, time
logging.basicConfig(level="INFO", format="%(message)s")
if "bare" not in sys.argv:
    Task.init("tests/streams", "talk")
print("plain"); print("two", "words", sep="\t", end="!\n")
sys.stdout.write("half "); sys.stdout.write("and half\n")
print("error", file=sys.stderr)
logging.info("through a handler made before")
for i in range(5):
    print(f"\r{i}/4", end="", flush=True)
print()
print("\x1b[31mred\x1b[0m é \u4e2d \udcff", file=open(1, "w", errors="surrogateescape", closefd=False))
sys.stdout.writelines(["one\n", "more\n"])
os.write(1, b"raw\n")
print(sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.fileno(), sys.stdout is sys.__stdout__)
sys.stdout.buffer.write(b"bytes\n")
sys.stdout.flush()
print("an end without a newline", end="")
"""


def _in_a_terminal(bench: Bench, *arguments: str) -> bytes:
    script = bench.script(TALK)
    child, controller = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, str(script), *arguments], bench.environ)
    output = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:
            break
        if not part:
            break
        output += part
    os.close(controller)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, output
    return output


def test_a_terminal_gets_the_same_bytes(bench: Bench) -> None:
    bench.environ["CAPTURE_LOG_LEVEL"] = "warning"
    assert _in_a_terminal(bench) == _in_a_terminal(bench, "bare")
    written = bench.journal()
    assert written.console("out").startswith("plain\ntwo\twords!\nhalf and half\n\r0/4\r1/4\r2/4\r3/4\r4/4\n")
    assert written.console("out").endswith("one\nmore\nTrue utf-8 1 True\nan end without a newline")
    assert written.console("err") == "error\nthrough a handler made before\n"
    assert not [event for event in written.events if event["e"] == "follow"]


def test_a_file_is_followed_in_place_of_listening(bench: Bench) -> None:
    with (bench.folder / "out.log").open("ab") as out, (bench.folder / "err.log").open("wb") as err:
        out.write(b"before\n")
        out.flush()
        bench.run(TALK, capture_output=False, text=None, stdout=out, stderr=err)
    written = bench.journal()
    assert not written.texts
    follows = {event["stream"]: event for event in written.events if event["e"] == "follow"}
    ends = {event["stream"]: event["offset"] for event in written.events if event["e"] == "follow_end"}
    text = (bench.folder / "out.log").read_bytes()
    assert follows["out"]["path"] == str(bench.folder / "out.log")
    assert follows["out"]["inode"] == (bench.folder / "out.log").stat().st_ino
    assert text[follows["out"]["offset"] :].startswith(b"plain\n")
    assert ends["out"] == len(text)
    assert (bench.folder / "err.log").read_bytes()[follows["err"]["offset"] :].startswith(b"error\n")


def test_a_stream_of_the_scripts_own_gives_no_cause_for_complaint_at_the_end(bench: Bench) -> None:
    bench.environ["CAPTURE_LOG_LEVEL"] = "warning"
    with (bench.folder / "out.log").open("wb") as out, (bench.folder / "err.log").open("wb") as err:
        bench.run(
            """
            Task.init("tests/streams", "its own stream")
            class Mine:
                __slots__ = ()
                def write(self, text): return sys.__stdout__.write(text)
                def flush(self): sys.__stdout__.flush()
            sys.stdout = Mine()
            print("through it")
            """,
            capture_output=False, text=None, stdout=out, stderr=err,
        )  # fmt: skip
    ends = {event["stream"]: event["offset"] for event in bench.journal().events if event["e"] == "follow_end"}
    assert ends == {"out": len("through it\n"), "err": 0}
    assert (bench.folder / "err.log").read_bytes() == b""


def test_one_file_for_both_is_followed_once(bench: Bench) -> None:
    with (bench.folder / "both.log").open("wb") as both:
        bench.run(TALK, capture_output=False, text=None, stdout=both, stderr=both)
    assert bench.journal().event("follow")["stream"] == "out"


@pytest.mark.parametrize(
    ("wanted", "out", "err"),
    [("False", False, False), ('{"stderr": True}', False, True), ('{"stdout": True, "logging": True}', True, False)],
)
def test_streams_are_chosen(bench: Bench, wanted: str, out: bool, err: bool) -> None:
    bench.run(f"""
        Task.init("tests/streams", "chosen", auto_connect_streams={wanted})
        print("out"); print("err", file=sys.stderr)
    """)
    written = bench.journal()
    assert (written.console("out"), written.console("err")) == ("out\n" * out, "err\n" * err)


def test_after_close_the_streams_are_as_they_were(bench: Bench) -> None:
    done = bench.run("""
        task = Task.init("tests/streams", "closed")
        print("in")
        task.close()
        assert not set(vars(sys.stdout)) & {"write", "flush", "labtop_plain_write"}, vars(sys.stdout)
        print("out")
    """)
    assert done.stdout == "in\nout\n"
    assert bench.journal().console("out") == "in\n"


@pytest.mark.parametrize("tee", [False, True])
def test_text_is_printed_and_kept_once(bench: Bench, tee: bool) -> None:
    done = bench.run(f"""
        class Tee:
            def __init__(self, below): self.below = below
            def write(self, text): return self.below.write(text)
            def flush(self): self.below.flush()
        log = Task.init("tests/streams", "text").get_logger()
        if {tee}: sys.stdout = Tee(sys.stdout)
        log.report_text("shown")
        log.report_text("only kept", print_console=False)
        log.report_text("%d of %s", 20, True, 3, "five")
    """)
    assert done.stdout == "shown\n3 of five\n"
    assert bench.journal().console("text") == "shown\nonly kept\n3 of five\n"
    assert bench.journal().console("out") == ""


def test_a_closed_stdout_is_the_users_own_trouble(bench: Bench) -> None:
    done = bench.run("""
        Task.init("tests/streams", "gone")
        sys.stdout = None
        sys.stderr.close()
    """, check=False)  # fmt: skip
    assert done.returncode == 0


def test_a_child_in_the_same_file_is_not_followed_twice(bench: Bench) -> None:
    child = bench.folder / "child.py"
    child.write_text("from capture import Task\nTask.init('tests/streams', 'parent')\nprint('child')\n")
    with Path(bench.folder / "out.log").open("wb") as out:
        bench.run(
            """
            import subprocess
            Task.init("tests/streams", "parent")
            subprocess.run([sys.executable, "child.py"], check=True)
            subprocess.run([sys.executable, "child.py"], check=True, stdout=open("other.log", "wb"))
            """,
            capture_output=False, text=None, stdout=out,
        )  # fmt: skip
    follows = [event["path"] for written in bench.journals() for event in written.events if event["e"] == "follow"]
    assert [path for path in follows if path.endswith("out.log")] == [str(bench.folder / "out.log")]
    assert [path for path in follows if path.endswith("other.log")] == [str(bench.folder / "other.log")]
