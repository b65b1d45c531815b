"""Where a store is, and where it may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.engine import open_store
from store.errors import StoreUnusable
from store.mounts import NETWORK_FILE_SYSTEMS, file_system
from store.paths import Location, config_file, locate, make_home, parse, settings

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 0:5 / /proc rw - proc proc rw
30 22 0:50 / {root}/net rw shared:1 - nfs4 server:/export rw
31 30 0:51 / {root}/net/local rw - xfs /dev/sdb1 rw
32 22 0:52 / {root}/my\\040disk rw - fuse.sshfs host: rw
33 22 0:53 / {root}/twice rw - ext4 /dev/sdc1 rw
34 22 0:54 / {root}/twice rw - lustre mds:/ rw
"""


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with network file systems below ``tmp_path``, as its mountinfo says."""
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.format(root=tmp_path))
    monkeypatch.setenv("CAPTURE_MOUNTINFO", str(table))
    return table


@pytest.fixture
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any setting, whose home is ``tmp_path``."""
    for name in ("CAPTURE_STORE", "CAPTURE_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_longest_and_latest_mount_point_decides(tmp_path: Path, mounts: Path) -> None:
    for name, kind in (
        ("", "ext4"),
        ("network", "ext4"),
        ("net/a/b", "nfs4"),
        ("net/local/a", "xfs"),
        ("my disk/a", "fuse.sshfs"),
        ("twice", "lustre"),
    ):
        assert file_system(tmp_path / name, mounts) == kind, name
    assert file_system(tmp_path, tmp_path / "no such table") == ""


def test_a_mount_point_that_is_not_utf8_hurts_nobody(tmp_path: Path, mounts: Path) -> None:
    mounts.write_bytes(mounts.read_bytes() + b"40 22 0:60 / /mnt/\xff\xe9 rw - nfs server:/ rw\n")
    assert file_system(tmp_path / "net", mounts) == "nfs4"


@pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
def test_no_sqlite_store_on_a_network_file_system(tmp_path: Path, mounts: Path, kind: str) -> None:
    mounts.write_text(f"30 22 0:50 / {tmp_path} rw - {kind} server:/export rw\n")
    for name in ("home", "own.db"):
        with pytest.raises(StoreUnusable) as refused:
            open_store(tmp_path / name)
        assert f"it is on a network file system ({kind}), where SQLite loses data. Set CAPTURE_STORE" in str(
            refused.value
        )
    assert [path.name for path in tmp_path.iterdir()] == ["mountinfo"]


def test_a_user_data_folder_on_a_network_file_system_gives_a_local_default(nothing_set: Path, mounts: Path) -> None:
    mounts.write_text(f"30 22 0:50 / {nothing_set} rw - nfs4 server:/export rw\n")
    found = locate()
    assert found.home == Path(f"/var/tmp/labtop-{os.getuid()}")
    assert found.database == found.home / "store.db"
    assert f"The user-data folder {nothing_set}/.local/share/labtop is on a network file system (nfs4)" in found.note
    assert f"using {found.home} on this machine instead. Set CAPTURE_STORE" in found.note
    assert locate(str(nothing_set / "chosen")).note == "", "what was chosen is refused on opening, not replaced"


def test_the_spool_of_a_server_is_on_this_machine_even_if_the_users_folder_is_not(
    nothing_set: Path, mounts: Path
) -> None:
    assert locate("postgresql://host/db").home.is_relative_to(nothing_set)
    mounts.write_text(f"30 22 0:50 / {nothing_set} rw - nfs4 server:/export rw\n")
    found, other = locate("postgresql://host/db"), locate("postgresql://host/other")
    assert found.home.parent == Path("/var/tmp") and found.home.name.startswith(f"labtop-{os.getuid()}-")
    assert found.home != other.home and locate(found.setting) == found
    assert f"using {found.home} on this machine" in found.note


def test_a_default_that_somebody_else_has_planted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    planted = [tmp_path / "link"]
    if os.getuid() == 0:
        os.chown(tmp_path / "theirs", 65534, 65534)
        planted.append(tmp_path / "theirs")
    for home in planted:
        with pytest.raises(StoreUnusable, match="it belongs to somebody else"):
            make_home(Location(home, f"sqlite:///{home}/store.db", note="chosen for you"))
    assert list((tmp_path / "theirs").iterdir()) == []


def test_what_names_a_store(nothing_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default = nothing_set / ".local/share/labtop"
    assert locate() == Location(default, f"sqlite:///{default}/store.db")
    config = nothing_set / ".config/labtop/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'store = "{nothing_set}/configured"\n')
    assert locate().home == nothing_set / "configured"
    monkeypatch.setenv("CAPTURE_STORE", "~/from/env")
    assert locate().home == nothing_set / "from/env"
    assert locate(str(nothing_set / "given")).home == nothing_set / "given"


def test_where_the_settings_are(nothing_set: Path) -> None:
    assert config_file({"XDG_CONFIG_HOME": "/etc/me"}) == Path("/etc/me/labtop/config.toml")
    assert config_file({"CAPTURE_CONFIG": "~/mine.toml"}) == nothing_set / "mine.toml"


def test_settings(tmp_path: Path) -> None:
    environ = {"CAPTURE_CONFIG": str(tmp_path / "config.toml")}
    assert settings(environ) == {}
    for text in (b"store = ", b"\xff"):
        (tmp_path / "config.toml").write_bytes(text)
        with pytest.raises(StoreUnusable, match=r"Cannot read the settings .*config.toml: .* Correct the file"):
            settings(environ)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('store = "/x"', {"store": "/x"}),
        ('"st\\u006fre" = "/x"', {"store": "/x"}),
        ('a = """\n# """\nstore = "/x"', {"a": "# ", "store": "/x"}),
        ('# store = "/y"\n[tui]\ntheme = "light"', {}),
        ("[tui", {}),
    ],
)
def test_a_file_that_does_not_name_a_setting_is_not_parsed_for_it(tmp_path: Path, text: str, found: object) -> None:
    (tmp_path / "config.toml").write_text(text)
    assert settings({"CAPTURE_CONFIG": str(tmp_path / "config.toml")}, only="store") == found


def test_the_three_forms_of_a_store_lead_back_to_themselves(nothing_set: Path) -> None:
    folder = parse(str(nothing_set / "here"))
    assert (folder.home, folder.database) == (nothing_set / "here", nothing_set / "here/store.db")
    file = parse(str(nothing_set / "own.db"))
    assert (file.home, file.database) == (nothing_set / "own.db.d", nothing_set / "own.db")
    (nothing_set / "folder.db").mkdir()
    assert parse(str(nothing_set / "folder.db")).database == nothing_set / "folder.db/store.db"
    server = parse("postgres://ada:sesame@host/lab")
    assert server.url == "postgresql+psycopg://ada:sesame@host/lab"
    assert server.home.is_relative_to(nothing_set / ".local/share/labtop/remote")
    for location in (folder, file, server):
        assert parse(location.setting) == location
        assert location.spool == location.home / "spool"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ada:sesame@host/lab", "ada:***@host/lab"),
        ("ada:ses@me:same@host/lab", "ada:***@host/lab"),
        (":sesame@host/lab", ":***@host/lab"),
        ("host/lab?user=ada&password=sesame&sslpassword=same", "host/lab?user=ada&password=***&sslpassword=***"),
        ("ada@host/lab", "ada@host/lab"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    assert parse(f"postgresql://{url}").shown == f"postgresql+psycopg://{shown}"


def test_an_engine_we_do_not_know() -> None:
    with pytest.raises(StoreUnusable, match=r"Cannot use the store mysql://…: only PostgreSQL URLs are known"):
        parse("mysql://ada:sesame@host/lab")
