from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from store.engine import Store, open_store
from tests.store.processes import as_nobody
from tests.support import eventually, private_environment
from tests.tui.at_home import OnHome, running
from tests.tui.made import Run
from tui.cli import main


def once(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tui.cli", "--once", *arguments], capture_output=True, text=True,
                          timeout=90, check=False, env=os.environ | {"PYTHONUTF8": "1"} | environ)  # fmt: skip


def test_home_is_printed_as_plain_text(store: Store) -> None:
    run = Run(store, "resnet lr=3e-5")
    run.report("loss", "val", 0.25)
    run.end()
    done = once()
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert "all projects  1 task" in lines[0]
    assert any("✔C resnet lr=3e-5" in line and "0.2500" in line for line in lines)
    assert "\x1b" not in done.stdout
    assert len(lines) == 40 and max(map(len, lines)) <= 120


@pytest.mark.parametrize("words", ["--once", "--plain", "--version"])
def test_output_that_is_lost_is_said_in_a_sentence_and_a_reader_that_had_enough_is_no_error(
    store: Store, words: str
) -> None:
    command = f"printf 'help\\nquit\\n' | {sys.executable} -m tui.cli {words}"
    told = "tui: Cannot write the output: No space left on device. Send it somewhere else.\n"
    for rest, code, said in (("> /dev/full", 1, told), ("| true; exit ${PIPESTATUS[1]}", 141, "")):
        for buffered in ("", "1"):
            environ = os.environ | {"PYTHONUNBUFFERED": buffered}
            done = subprocess.run(["bash", "-c", f"{command} {rest}"], capture_output=True, text=True, timeout=90,
                                  check=False, env=environ)  # fmt: skip
            assert (done.returncode, done.stderr) == (code, said)


def test_the_size_follows_the_environment_and_ascii_the_encoding(store: Store) -> None:
    running(store, ["会議 one"])
    done = once(COLUMNS="80", LINES="12", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done
    assert done.stdout.isascii()
    assert "R  ???? one" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert len(done.stdout.splitlines()) == 12


UNSET = {"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}


@pytest.mark.parametrize(("locale", "plain"), [
    ({"LC_ALL": "C"}, True), ({"LC_ALL": "C.UTF-8"}, False), ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, True),
    ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False), ({"LANG": "C"}, True), ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
    ({"LANG": "C.UTF-8", "LC_CTYPE": "POSIX"}, True), ({}, False),
], ids=str)  # fmt: skip
def test_a_locale_that_is_c_means_ascii_though_python_speaks_utf8(
    store: Store, locale: dict[str, str], plain: bool
) -> None:
    running(store, ["会議 one"])
    shown = once(**UNSET | locale).stdout
    assert ("R  ???? one" if plain else "▶R 会議 one") in shown
    assert shown.isascii() is plain


def test_a_tasks_screens_are_printed_too(store: Store) -> None:
    run = Run(store, "the run", {"Args/lr": "0.25"})
    run.say("epoch 1 of 3", "epoch 2 of 3")
    run.end()
    assert "epoch 2 of 3" in once("--task", "the run", "--screen", "console").stdout
    assert "0.25" in once("--task", run.id[:12], "--screen", "configuration").stdout
    assert "→ Running" in once("--task", run.id, "--screen", "history").stdout
    assert "No samples of the machine" in once("--task", run.id, "--screen", "system").stdout


def test_several_tasks_are_printed_side_by_side(store: Store) -> None:
    made = [Run(store, name, {"Args/lr": lr}) for name, lr in (("run one", "0.1"), ("run two", "0.2"))]
    shown = once("--task", f"{made[0].id},run two", "--screen", "compare").stdout
    assert "compare 2 tasks" in shown and "B ▶ run two" in shown
    both = f"{made[0].id},{made[1].id}"
    assert "0.1" in once("--task", both, "--screen", "compare-configuration").stdout
    assert "No scalars" in once("--task", both, "--screen", "compare-scalars").stdout
    assert "tui.theme" in once("--task", made[0].id, "--screen", "settings").stdout
    refused = once("--task", made[0].id, "--screen", "compare")
    assert refused.returncode == 1 and "was not cloned from a task" in refused.stderr and not refused.stdout


def test_the_search_and_the_dialogs_that_only_show_are_printed_too(store: Store) -> None:
    run = Run(store, "the run")
    run.say("epoch 1", "CUDA out of memory")
    run.end("failed", "boom")
    found = once("--screen", "search", "--filter", "out of mem").stdout
    assert "1 hit in 1 task  1 console searched" in found and "line 2" in found
    shown = once("--screen", "palette", "--filter", "status:failed", LINES="70").stdout
    assert "1 of 1 tasks  filter: status:failed" in shown and "Find a command" in shown
    reset, abort = (next(i for i, line in enumerate(shown.splitlines()) if f" {word} " in line)
                    for word in ("reset", "abort"))  # fmt: skip
    assert reset < abort, "what is not possible on the row below comes last"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--screen", "search"], "--screen search needs what to look for. Add --filter TEXT."),
        (["--screen", "queues", "--filter", "x"], "--filter is for the table of tasks and the search"),
        (["--screen", "console"], "--screen console needs a task. Add --task ID."),
    ],
)
def test_options_that_do_not_fit_are_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--once", *words]) == 2
    assert said in capsys.readouterr().err


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    assert "from capture import Task" in once().stdout


def test_a_newcomers_default_store_is_looked_at_without_being_made(tmp_path: Path) -> None:
    done = once(CAPTURE_STORE=str(tmp_path / "none"))
    assert done.returncode == 0, done
    assert "There is no store" in done.stdout and "from capture import Task" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that every user may look into (those of the tests are closed to others), and the user's home."""
    folder = Path(tempfile.mkdtemp(prefix="ltonce"))
    folder.chmod(0o755)
    for name, value in private_environment(folder, {}).items():
        monkeypatch.setenv(name, value)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("in_use", [False, True])
def test_a_store_that_an_unprivileged_user_may_only_read_is_shown_as_such(public: Path, in_use: bool) -> None:
    owner = open_store(public / "store")
    running(owner, ["of somebody else"])
    if not in_use:
        owner.close()
    assert "read-only" not in shown_here()[1], "and everything is loaded that the other user may not be able to read"
    if not in_use:  # its thread lets go of the store a moment after the picture
        eventually(lambda: not (public / "store" / "store.db-shm").exists())
    (public / "store").chmod(0o555)
    for path in (public / "store").glob("store.db*"):
        path.chmod(0o444)
    code, out, err = json.loads(as_nobody(lambda: json.dumps(shown_here())))
    (public / "store").chmod(0o755)
    owner.close()
    assert (code, err) == (0, "")
    assert "1 task" in out and "▶R of somebody else" in out
    assert out.splitlines()[0].endswith(" read-only")


def shown_here() -> tuple[int, str, str]:
    """Have the picture printed by this process."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")) as out, redirect_stderr(io.StringIO()) as err:
        code = main(["--once"])
        out.seek(0)
        return code, out.read(), err.getvalue()


async def test_columns_and_order_are_those_that_somebody_chose(store: Store) -> None:
    for name, values in (("falls", [2.0, 1.0, 0.0]), ("rises", [1.0, 3.0])):
        Run(store, name).report("loss", "val", *values)
    async with OnHome(store) as home:
        home.home.use_columns(("name", "metric:loss/val.sparkline"))
        await home.keys("colon", *"sort", "space", *"name", "enter")
        await home.sees("▁█")
        home.home.note()
        await home.calm()
        heading, *rows = (await asyncio.to_thread(once)).stdout.splitlines()[1:4]
        assert heading.endswith("loss/val")
        assert [row.split()[-2:] for row in rows] == [["falls", "█▅▁"], ["rises", "▁█"]]
        assert "▁█" in (await asyncio.to_thread(once, "--project", "vision")).stdout, "as in the project above it"


def test_the_project_narrows_it(store: Store) -> None:
    running(store, ["inside it"], "vision/vit")
    running(store, ["outside it"], "language")
    shown = once("--project", "vision").stdout
    assert "inside it" in shown and "outside it" not in shown


def test_a_project_that_is_not_there_is_refused(store: Store) -> None:
    running(store, ["inside it"], "vision/vit")
    done = once("--project", "vision/vi")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no project 'vision/vi'. Did you mean" in done.stderr
    done = once("--filter", "statsu:failed")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no key 'statsu'" in done.stderr
