"""What a task says of its code, for each kind of checkout: real scripts, the real recorder, ``capture show``.

That a diff brings a fresh checkout to what ran is shown in ``tests/recorder/test_environment.py``; here it is that the
whole way from the script to the verb keeps it, and that what could not be had is said in the task.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.recorder.client import sync
from store.engine import open_store
from store.queries import details, tasks
from store.records import CodeRow
from tests.recorder.test_environment import git
from tests.system.conftest import Lab

SCRIPT = """
import helper
from capture import Task
task = Task.init("tests/git", "a row")
{after}
"""


def _checkout(lab: Lab, *, commit: bool = True) -> Path:
    script = lab.write("train.py", SCRIPT.format(after=""))
    folder = script.parent
    (folder / "helper.py").write_text("value = 1\n")
    (folder / ".gitignore").write_text("__pycache__/\n")
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 20)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://ada:hunter2@example.org/ada/code.git")
    if commit:
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "first")
    return folder


Row = Callable[[Lab], str]
"""Brings a checkout to a state, and returns the name of the script to run."""


def _clean(lab: Lab) -> str:
    _checkout(lab)
    return "train.py"


def _changed(name: str, content: bytes) -> Row:
    def row(lab: Lab) -> str:
        (_checkout(lab) / name).write_bytes(content)
        return "train.py"

    return row


def _untracked(lab: Lab) -> str:
    folder = _checkout(lab)
    shutil.copy(folder / "train.py", folder / "new.py")
    return "new.py"


def _detached(lab: Lab) -> str:
    git(_checkout(lab), "checkout", "-q", "--detach")
    return "train.py"


def _no_commit(lab: Lab) -> str:
    _checkout(lab, commit=False)
    return "train.py"


def _no_repository(lab: Lab) -> str:
    shutil.rmtree(_checkout(lab) / ".git")
    return "train.py"


def _submodule(lab: Lab) -> str:
    folder, inner = _checkout(lab), lab.folder / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "lib.py").write_text("x = 1\n")
    git(inner, "add", "-A")
    git(inner, "commit", "-q", "-m", "inner")
    git(folder, "submodule", "add", "-q", str(inner), "inner")
    git(folder, "commit", "-q", "-m", "with a submodule")
    (folder / "inner" / "lib.py").write_text("x = 2\n")
    return "train.py"


def _git_missing(lab: Lab) -> str:
    _checkout(lab)
    lab.environ["PATH"] = str(lab.folder / "no programs")
    return "train.py"


def _edited(lab: Lab) -> str:
    _checkout(lab)
    lab.write("train.py", SCRIPT.format(after="open('helper.py', 'a').write('late = 1\\n')"))
    return "train.py"


BINARY, LATIN = bytes(reversed(range(256))) * 30, "value = 2  # caf\u00e9\n".encode("latin-1")
LARGE = b"".join(b"value_%d = %d\n" % (n, n) for n in range(40_000))

# name, checkout, whether there is a commit, a part of the stored diff (None: it is empty), a part of the task's notes
ROWS: list[tuple[str, Row, bool, bytes | None, str]] = [
    ("clean", _clean, True, None, "not in any branch of a remote"),
    ("binary change", _changed("weights.bin", BINARY), True, b"GIT binary patch", ""),
    ("untracked entry script", _untracked, True, b"+++ b/new.py", ""),
    ("CRLF", _changed("helper.py", b"value = 2\r\n"), True, b"+value = 2\r\n", ""),
    ("latin-1", _changed("helper.py", LATIN), True, b"+" + LATIN, ""),
    ("detached head", _detached, True, None, ""),
    ("no commit", _no_commit, False, b"+++ b/train.py", "no commit yet"),
    ("no repository", _no_repository, False, b"import helper", ""),
    ("submodule", _submodule, True, None, "changes of their own"),
    ("git missing", _git_missing, False, b"import helper", "no git on this machine"),
    ("over 500 kB", _changed("helper.py", LARGE), True, LARGE.splitlines()[-1], ""),
    ("edited right after init", _edited, True, b"late = 1", "changed after Task.init"),
]  # fmt: skip


def _recorded(lab: Lab) -> tuple[CodeRow, str]:
    """Return what is stored of the only task's code once it is known."""
    with open_store(lab.home) as store:
        assert sync(store.location, 20) == 0
        with store.read() as c:
            [row] = tasks.page(c, tasks.TaskQuery(), 0, 2)
            code = details.detail(c, row.id).code
    assert code.environment, "the environment is among what a finished script recorded"
    return code, " ".join(code.environment.get("notes", []))


@pytest.mark.parametrize(("row", "commit", "diff", "note"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_checkout_is_told_in_its_task(lab: Lab, row: Row, commit: bool, diff: bytes | None, note: str) -> None:
    script = row(lab)
    done = lab.run(lab.folder / "work" / script)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    code, notes = _recorded(lab)
    assert len(code.commit) == (40 if commit else 0)
    readable = row not in (_no_repository, _git_missing)
    assert code.branch == ("main" if readable and row is not _detached else "")
    assert code.repository == ("https://example.org/ada/code.git" if readable else ""), "no credentials"
    assert (code.entry_point, code.working_dir) == (script, str(lab.folder / "work"))
    assert diff in code.diff if diff is not None else code.diff == b""
    if diff == LARGE.splitlines()[-1]:
        assert len(code.diff) > 500_000
    assert note in notes, notes


def test_a_diff_that_is_no_utf8_is_in_the_json(lab: Lab) -> None:
    _changed("helper.py", LATIN)(lab)
    lab.run(lab.folder / "work" / "train.py")
    shown: dict[str, Any] = lab.only()["script"]
    assert "value = 2  # caf" in shown["diff"]
    assert shown["commit"] == git(lab.folder / "work", "rev-parse", "HEAD")


def test_each_task_tells_the_container_it_was_in_whoever_records_it(lab: Lab) -> None:
    script = lab.write("train.py", SCRIPT.format(after="").replace("import helper\n", ""))
    for image in ("", "/images/torch.sif"):
        lab.environ["APPTAINER_CONTAINER"] = image
        assert lab.run(script).returncode == 0
    inside, outside = (lab.json("show", task["id"])["environment"] for task in lab.tasks())
    assert inside["container"] == "apptainer /images/torch.sif"
    assert "torch.sif" not in outside.get("container", "")
