"""Git, packages and machine of a script, from real repositories: what is stored must bring a checkout to what ran."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.environment import Captured, capture, packages, repository
from capture.process import container

SCRIPT = "import json\nimport helper\nprint(helper.value)\n"


def git(folder: Path, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    settings = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "replace").strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_text(SCRIPT)
    (folder / "helper.py").write_text("value = 1\n")
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 20)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "remote", "add", "origin", "https://ada:hunter2@example.org/ada/checkout.git")
    return folder


def start(folder: Path, script: str = "train.py", **fields: Any) -> dict[str, Any]:
    event: dict[str, Any] = {
        "e": "start", "mode": "new", "script": str(folder / script), "module": "", "cwd": str(folder),
        "argv": ["--lr", "0.1"], "python": sys.executable, "path": [str(folder), *sys.path], "env": {}, "pid": 1,
        "time": time.time(),
    }  # fmt: skip
    return event | fields


def brought_to(folder: Path, found: Captured, tmp_path: Path) -> Path:
    """Check out the commit anew, apply the diff, and return the folder: what an agent elsewhere would do."""
    copy = tmp_path / "elsewhere"
    if found.code["commit"]:
        git(tmp_path, "clone", "-q", str(folder), str(copy))
        git(copy, "checkout", "-q", found.code["commit"])
    else:
        copy.mkdir()
        git(copy, "init", "-q")
    if found.code["diff"]:
        patch = tmp_path / "patch"
        patch.write_bytes(found.code["diff"])
        git(copy, "apply", "--binary", str(patch))
    return copy


def same(a: Path, b: Path, *names: str) -> bool:
    return all((a / name).read_bytes() == (b / name).read_bytes() for name in names)


def test_a_clean_checkout(checkout: Path) -> None:
    found = capture(start(checkout))
    assert found.code["commit"] == git(checkout, "rev-parse", "HEAD")
    assert (found.code["branch"], found.code["diff"]) == ("main", b"")
    assert found.code["repository"] == "https://example.org/ada/checkout.git"
    assert found.code["entry_point"] == "train.py"
    assert found.code["working_dir"] == str(checkout)
    assert found.code["argv"] == ["--lr", "0.1"]
    assert any("not in any branch of a remote" in note for note in found.notes)


def test_a_pushed_commit_needs_no_note(checkout: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    git(checkout, "remote", "set-url", "origin", str(bare))
    git(checkout, "push", "-q", "origin", "main")
    assert capture(start(checkout)).notes == []


Change = Callable[[Path], list[str]]


def _binary(folder: Path) -> list[str]:
    (folder / "weights.bin").write_bytes(bytes(reversed(range(256))) * 30)
    return ["weights.bin"]


def _untracked(folder: Path) -> list[str]:
    (folder / "new dir").mkdir()
    (folder / "new dir" / 'ünïcode "name".py').write_text("x = 1\n")
    (folder / "new dir" / "picture.png").write_bytes(os.urandom(3000))
    (folder / "tool.sh").write_text("#!/bin/sh\n")
    (folder / "tool.sh").chmod(0o755)
    return ['new dir/ünïcode "name".py', "new dir/picture.png", "tool.sh"]


def _crlf(folder: Path) -> list[str]:
    (folder / "helper.py").write_bytes(b"value = 2\r\nother = 3\r\n")
    git(folder, "config", "core.autocrlf", "false")
    return ["helper.py"]


def _latin1(folder: Path) -> list[str]:
    (folder / "helper.py").write_bytes("value = 2  # caf\u00e9\n".encode("latin-1"))
    return ["helper.py"]


def _deleted(folder: Path) -> list[str]:
    (folder / "helper.py").unlink()
    return []


def _staged(folder: Path) -> list[str]:
    (folder / "helper.py").write_text("value = 5\n")
    git(folder, "add", "helper.py")
    (folder / "helper.py").write_text("value = 6\n")
    return ["helper.py"]


def _link(folder: Path) -> list[str]:
    (folder / "link.py").symlink_to("helper.py")
    return ["link.py"]


@pytest.mark.parametrize("change", [_binary, _untracked, _crlf, _latin1, _deleted, _staged, _link])
def test_the_diff_brings_a_fresh_checkout_to_what_ran(checkout: Path, tmp_path: Path, change: Change) -> None:
    names = change(checkout)
    before = git(checkout, "status", "--porcelain")
    found = capture(start(checkout))
    assert same(checkout, brought_to(checkout, found, tmp_path), "train.py", *names)
    assert git(checkout, "status", "--porcelain") == before, "the repository was changed"


def test_an_untracked_entry_script_comes_before_everything_else(checkout: Path, tmp_path: Path) -> None:
    for number in range(6):
        (checkout / f"a{number}.py").write_bytes(b"#" * (250 << 10))
    (checkout / "zz_new.py").write_text("import zz_helper\n")
    (checkout / "zz_helper.py").write_text("x = 1\n")
    (checkout / "huge.txt").write_bytes(b"x" * (repository.UNTRACKED_EACH + 1))
    found = capture(start(checkout, "zz_new.py"))
    copy = brought_to(checkout, found, tmp_path)
    assert same(checkout, copy, "zz_new.py", "zz_helper.py")
    assert any("huge.txt" in note and "256 KiB" in note for note in found.notes)
    assert not (copy / "huge.txt").exists()


def test_files_of_an_environment_in_the_folder_are_no_sources(checkout: Path) -> None:
    (checkout / "env").mkdir()
    (checkout / "env" / "pyvenv.cfg").write_text("home = /usr\n")
    (checkout / "env" / "thing.py").write_text("x = 1\n")
    assert capture(start(checkout)).code["diff"] == b""


def test_a_detached_head(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "--detach")
    found = capture(start(checkout))
    assert (found.code["branch"], found.code["commit"]) == ("", git(checkout, "rev-parse", "HEAD"))


def test_no_commit_yet(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "train.py").write_text(SCRIPT)
    (folder / "helper.py").write_text("value = 1\n")
    found = capture(start(folder))
    assert found.code["commit"] == ""
    assert same(folder, brought_to(folder, found, tmp_path), "train.py", "helper.py")
    assert any("no commit yet" in note for note in found.notes)


def test_no_repository_keeps_the_script_itself(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    found = capture(start(tmp_path))
    assert found.code["diff"] == SCRIPT.encode()
    assert (found.code["repository"], found.code["commit"]) == ("", "")


def test_a_stray_git_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "train.py").write_text(SCRIPT)
    found = capture(start(tmp_path))
    assert found.code["diff"] == SCRIPT.encode()
    assert any("not a repository that git can read" in note for note in found.notes)


def test_a_submodule(checkout: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    (inner / "lib.py").write_text("x = 1\n")
    git(inner, "add", "-A")
    git(inner, "commit", "-q", "-m", "inner")
    git(checkout, "submodule", "add", "-q", str(inner), "inner")
    git(checkout, "commit", "-q", "-m", "with a submodule")
    (checkout / "helper.py").write_text("value = 7\n")
    (checkout / "inner" / "lib.py").write_text("x = 2\n")
    found = capture(start(checkout))
    assert b"-dirty" not in found.code["diff"]
    assert same(checkout, brought_to(checkout, found, tmp_path), "helper.py")
    assert any("inner" in note and "changes of their own" in note for note in found.notes)


def test_git_missing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = capture(start(checkout))
    assert found.code["commit"] == ""
    assert found.code["diff"] == SCRIPT.encode(), "at least the script itself"
    assert any("no git" in note for note in found.notes)


def test_a_diff_over_500_kb_is_kept_and_one_over_the_limit_is_said(checkout: Path, tmp_path: Path) -> None:
    (checkout / "helper.py").write_text("".join(f"value_{n} = {n}\n" for n in range(40_000)))
    found = capture(start(checkout))
    assert len(found.code["diff"]) > 500_000
    assert same(checkout, brought_to(checkout, found, tmp_path), "helper.py")
    (checkout / "helper.py").write_text("#" * (repository.DIFF_LIMIT + 1))
    found = capture(start(checkout))
    assert found.code["diff"] == b""
    assert any("larger than 8 MiB" in note for note in found.notes)


@pytest.mark.parametrize("name", ["train.py", "helper.py"])
def test_a_file_edited_after_init_is_named(checkout: Path, name: str) -> None:
    event = start(checkout)
    (checkout / name).write_text("value = 3\n")
    os.utime(checkout / name, (event["time"] + 1, event["time"] + 1))
    assert any(name in note and "changed after Task.init" in note for note in capture(event).notes)


def test_a_change_of_the_same_size_within_a_tick_of_the_clock_is_in_the_diff(checkout: Path) -> None:
    helper, index, tick = checkout / "helper.py", checkout / ".git" / "index", (10**9, 10**9)
    git(checkout, "config", "core.trustctime", "false")  # the one time that cannot be set
    os.utime(helper, tick)
    git(checkout, "update-index", "--refresh")
    helper.write_text("value = 8\n")
    os.utime(helper, tick)
    os.utime(index, tick)
    assert b"value = 8" in capture(start(checkout)).code["diff"]


def test_a_hostile_configuration_runs_nothing(checkout: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    (checkout / ".gitattributes").write_text("*.py diff=evil\n")
    for key in ("diff.external", "diff.evil.textconv", "core.fsmonitor", "core.pager"):
        git(checkout, "config", key, str(trap))
    (checkout / "helper.py").write_text("value = 8\n")
    found = capture(start(checkout))
    assert b"value = 8" in found.code["diff"]
    assert not (tmp_path / "sprung").exists()


def test_secrets_leave_the_diff(checkout: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    (checkout / "helper.py").write_text(f"value = '{secret}'\n")
    found = capture(start(checkout))
    assert secret.encode() not in found.code["diff"]
    assert b"<redacted:github-token>" in found.code["diff"]


def test_a_claimed_execution_keeps_what_its_draft_says(checkout: Path) -> None:
    found = capture(start(checkout, mode="claimed", argv=[]))
    assert not {"argv", "entry_point", "working_dir"} & set(found.code)
    assert found.code["commit"]


# Packages


def _installed(site: Path, name: str, version: str, *files: str) -> None:
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text("")
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_packages_are_those_imported_with_the_versions_of_the_scripts_own_interpreter(tmp_path: Path) -> None:
    site, code = tmp_path / "lib/python3.12/site-packages", tmp_path / "code"
    _installed(site, "numpy", "9.9.9", "numpy/__init__.py")
    _installed(site, "Pillow", "11.0", "PIL/__init__.py", "PIL/Image.py")
    _installed(site, "PyYAML", "6.0", "yaml/__init__.py")
    _installed(site, "google-cloud-storage", "2.0", "google/cloud/storage/__init__.py")
    _installed(site, "google-cloud-bigquery", "3.0", "google/cloud/bigquery/__init__.py")
    _installed(site, "not-imported", "1.0", "not_imported/__init__.py")
    (code / "pkg" / "sub").mkdir(parents=True)
    (code / "train.py").write_text("import os, numpy as np\nfrom pkg import model\nfrom google.cloud import storage\n")
    (code / "pkg" / "__init__.py").write_text("")
    (code / "pkg" / "model.py").write_text("from . import other\nfrom .sub.deep import f\n")
    (code / "pkg" / "other.py").write_text("def late():\n    import yaml\n")
    (code / "pkg" / "sub" / "__init__.py").write_text("")
    (code / "pkg" / "sub" / "deep.py").write_text("from PIL import Image\nfrom ..other import late\n")
    (code / "unrelated.py").write_text("import not_imported\n")
    found = packages.scan(str(code / "train.py"), str(code), [str(code), "/usr/lib/python3.12", str(site)])
    expected = {"numpy": "9.9.9", "Pillow": "11.0", "PyYAML": "6.0", "google-cloud-storage": "2.0"}
    assert found.versions == expected
    assert {Path(name).name for name in found.files} == {"train.py", "__init__.py", "model.py", "other.py", "deep.py"}


def test_a_script_that_cannot_be_parsed_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import numpy\nprint 'python 2'\n")
    found = capture(start(tmp_path))
    assert any("SyntaxError" in note for note in found.notes)
    assert found.code["packages"] == {}


def test_a_module_keeps_its_name_as_the_way_to_start_it(checkout: Path) -> None:
    assert capture(start(checkout, module="pkg.train")).code["entry_point"] == "-m pkg.train"


def test_a_prompt_has_neither_script_nor_diff(tmp_path: Path) -> None:
    found = capture(start(tmp_path) | {"script": "", "cwd": str(tmp_path)})
    assert (found.code["entry_point"], found.code["diff"]) == ("", b"")
    assert found.code["environment"]["python"].startswith("3.")


def test_the_container_is_told_by_what_its_runtime_leaves_inside(tmp_path: Path) -> None:
    root = str(tmp_path)
    assert container({}, root) == ""
    assert container({"APPTAINER_CONTAINER": "/images/torch.sif"}, root) == "apptainer /images/torch.sif"
    assert container({"SINGULARITY_CONTAINER": "old.sif"}, root) == "apptainer old.sif"
    (tmp_path / ".dockerenv").touch()
    assert container({}, root) == "docker"
    assert container({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, root) == "kubernetes"
    told = tmp_path / "run" / ".containerenv"
    told.parent.mkdir()
    told.touch()
    assert container({}, root) == "podman"
    told.write_text('engine="podman-4.9"\nimage="registry/torch:2.4"\n')
    assert container({}, root) == "podman registry/torch:2.4"
