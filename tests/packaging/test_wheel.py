"""What `pip install .` would give: every module and data file of the packages, and the two commands."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("store", "capture", "tui")
DATA = {".py", ".sql", ".tcss", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy so that no build folder is left in the working tree."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        *offline,
        "--wheel-dir",
        str(source / "dist"),
        str(source),
    ]
    subprocess.run(command, check=True)
    return zipfile.ZipFile(next((source / "dist").glob("labtop-*.whl")))


@pytest.mark.slow
def test_holds_every_module_and_data_file(wheel: zipfile.ZipFile) -> None:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.suffix in DATA)
    missing = {str(path.relative_to(ROOT)) for path in files} - set(wheel.namelist())
    assert not missing, "a folder without __init__.py, or data that pyproject.toml does not name"


@pytest.mark.slow
def test_installs_nothing_but_the_packages(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" not in name}
    assert top == set(PACKAGES)


@pytest.mark.slow
def test_gives_the_two_commands(wheel: zipfile.ZipFile) -> None:
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert wheel.read(points).decode().split() == [
        "[console_scripts]",
        "capture", "=", "capture.cli.__main__:main",
        "tui", "=", "tui.cli:main",
    ]  # fmt: skip
