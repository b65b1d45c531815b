"""The table of settings: its page of the docs, mistyped names, and writing one without touching the rest."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from store import settings
from store.errors import InvalidValue, StoreUnusable
from store.paths import settings as read
from tests.store.processes import as_nobody

WRITTEN = """# mine, do not touch
store = "/data/labtop"   # the big disk

[tui]
theme = "light"  # bright room
[tui.keys]
# left hand
"task.clone" = "x"
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"CAPTURE_CONFIG": str(tmp_path / "conf" / "config.toml")}


def file(environ: dict[str, str]) -> Path:
    return Path(environ["CAPTURE_CONFIG"])


def given(environ: dict[str, str], text: str = WRITTEN) -> Path:
    file(environ).parent.mkdir()
    file(environ).write_text(text, "utf-8")
    return file(environ)


def test_docs_stand_as_the_table_makes_them() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text("utf-8") == settings.markdown(), "run: python -m store.settings > docs/settings.md"


def test_a_setting_is_changed_and_the_rest_of_the_file_is_as_it_was(environ: dict[str, str]) -> None:
    path = given(environ)
    settings.write("tui.theme", "colour-blind", environ)
    settings.write("tui.keys.task.edit", "f2", environ)
    assert path.read_text("utf-8") == WRITTEN.replace('"light"', '"colour-blind"') + '"task.edit" = "f2"\n'
    settings.write("tui.keys.task.edit", None, environ)
    settings.write("tui.theme", "light", environ)
    assert path.read_text("utf-8") == WRITTEN


def test_the_first_setting_makes_the_file(environ: dict[str, str]) -> None:
    settings.write("agent.abort_grace", 60.0, environ)
    settings.write("tui.keys.task.clone", "x", environ)
    settings.write("agent.queue", None, environ)
    assert read(environ) == {"agent": {"abort_grace": 60}, "tui": {"keys": {"task.clone": "x"}}}


def test_an_id_written_without_quotes_is_the_same_one(environ: dict[str, str]) -> None:
    given(environ, '[tui.keys]\ntask.clone = "x"\n')
    settings.write("tui.keys.task.clone", "f2", environ)
    assert read(environ) == {"tui": {"keys": {"task": {"clone": "f2"}}}}
    assert settings.unknown(read(environ)) == []


def test_a_link_and_the_files_rights_stay(environ: dict[str, str], tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(WRITTEN, "utf-8")
    real.chmod(0o640)
    file(environ).parent.mkdir()
    file(environ).symlink_to(real)
    settings.write("tui.theme", "none", environ)
    assert file(environ).is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o640
    assert read(environ)["tui"]["theme"] == "none"
    assert set(os.listdir(tmp_path)) == {"dotfiles.toml", "conf"}


@pytest.mark.parametrize("text", ["[tui\n", "tui = 3\n"])
def test_a_file_that_is_wrong_is_left_alone(environ: dict[str, str], text: str) -> None:
    path = given(environ, text)
    with pytest.raises(StoreUnusable, match=r"Cannot (read|write) the settings"):
        settings.write("tui.theme", "light", environ)
    assert path.read_text("utf-8") == text


def test_unknown_names_are_answered_with_the_nearest() -> None:
    found = settings.unknown({"thme": 1, "tui": {"thme": "x", "theme": "dark", "keys": {"a.b": "c"}}, "abort_grce": 3})
    assert [sentence.partition("'")[2].partition("'")[0] for sentence in found] == ["thme", "tui.thme", "abort_grce"]
    assert found[1].endswith('Did you mean "tui.theme"?') and found[2].endswith('Did you mean "abort_grace"?')


@pytest.mark.parametrize(("key", "text"), [("tui.theme", "blue"), ("abort_grace", "-1"), ("abort_grace", "soon"),
                                           ("spool.limit_gib", "nan"), ("spool.limit_gib", "inf")])  # fmt: skip
def test_a_value_that_a_setting_does_not_take_is_refused(key: str, text: str) -> None:
    with pytest.raises(InvalidValue, match=f"{key} cannot be '{text}'"):
        settings.BY_KEY[key].checked(text)


def test_a_file_that_cannot_be_written_is_said(environ: dict[str, str]) -> None:
    path = given(environ)
    for folder in path.parents[:-2]:
        folder.chmod(0o755)
    said = as_nobody(lambda: settings.write("tui.theme", "none", environ))
    assert "StoreUnusable" in said and "Change the file by hand" in said
    assert path.read_text("utf-8") == WRITTEN
