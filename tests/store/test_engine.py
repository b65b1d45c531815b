"""Opening stores of every kind, and the two ways to touch one."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import tables, who
from store.engine import Store, current_rev, open_store
from store.errors import StoreUnusable
from store.paths import locate, refuse_foreign
from store.queries import tasks
from tests.store.processes import as_nobody, at_once
from tests.store.states import draft, row
from tests.store.test_migrations import made
from tests.support import private_environment


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that every user may look into (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="ltopen"))
    folder.chmod(0o755)
    monkeypatch.setenv("HOME", str(folder))
    yield folder
    shutil.rmtree(folder)


def modes(folder: Path) -> dict[str, str]:
    """Return the permissions of a folder and everything in it."""
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode)) for path in found}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("name", ["new/home", "new/own.db"])
def test_a_new_store_is_private_whatever_the_umask(tmp_path: Path, mask: int, name: str) -> None:
    old = os.umask(mask)
    try:
        with open_store(tmp_path / "top" / name) as store:
            draft(store)
            found = modes(tmp_path / "top")
    finally:
        os.umask(old)
    files = {path for path in found if path.endswith((".db", "-wal", "-shm", ".lock"))}
    assert len(files) == 4
    assert {found[path] for path in files} == {"0o600"}
    assert {found[path] for path in found if path not in files} == {"0o700"}


def test_sqlite_is_set_up_as_the_design_says(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        draft(store)
        with store.write() as tx:
            journal = tx.connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        with store.read() as c:
            asked = ("journal_mode", "synchronous", "busy_timeout", "secure_delete", "foreign_keys", "query_only")
            found = {name: c.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked}
    assert journal == "wal"
    assert found == {
        "journal_mode": "wal", "synchronous": 1, "busy_timeout": 30000, "secure_delete": 0, "foreign_keys": 1,
        "query_only": 1,
    }  # fmt: skip


def test_a_store_that_is_not_there_is_not_made_for_reading(tmp_path: Path) -> None:
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(StoreUnusable, match=r"There is no store at .*\. Start a script"):
            open_store(tmp_path / "none", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("words")
    with pytest.raises(StoreUnusable, match=r"directory of something else \(it holds 'thesis.tex' and no store\)"):
        open_store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_what_is_left_of_a_store_or_beside_it_is_no_directory_of_something_else(tmp_path: Path) -> None:
    for names in (["remote/0123456789ab"], [f"files/{'0a' * 16}/artifacts"], ["remote/0123456789ab", "spool"]):
        home = tmp_path / str(len(list(tmp_path.iterdir())))
        for name in names:
            (home / name).mkdir(parents=True)
        open_store(home).close()
        assert all((home / name).is_dir() for name in names)
    (tmp_path / "theirs" / "files" / "letters").mkdir(parents=True)
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "files").write_text("words")
    for other in ("theirs", "file"):
        with pytest.raises(StoreUnusable, match="it holds 'files' and no store"):
            open_store(tmp_path / other)


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    for name, table in (("photos.db", "CREATE TABLE photo (id)"), ("meta.db", "CREATE TABLE meta (a, b)")):
        with sqlite3.connect(tmp_path / name) as other:
            other.execute(table)
        other.close()
        before = (tmp_path / name).read_bytes()
        with pytest.raises(StoreUnusable, match="it is the database of something else"):
            open_store(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["meta.db", "photos.db"]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_bytes(b"words, not tables\n" * 500)
    with pytest.raises(StoreUnusable, match=r"notes.db.*it is not a labtop store\. Give another path") as refused:
        open_store(tmp_path / "notes.db")
    assert refused.value.exit_code == 3
    assert "\n" not in str(refused.value)
    (tmp_path / "plain").write_text("words")
    with pytest.raises(StoreUnusable, match="it is a file"):
        open_store(tmp_path / "plain")
    (tmp_path / "folder" / "store.db").mkdir(parents=True)
    with pytest.raises(StoreUnusable, match="Is a directory"):
        open_store(tmp_path / "folder")


def test_a_damaged_store(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        draft(store)
    database = tmp_path / "home/store.db"
    database.write_bytes(database.read_bytes()[: 3 * 4096])
    with pytest.raises(StoreUnusable, match=r"its file is damaged\. Run `capture doctor`"):
        open_store(tmp_path / "home")


def test_an_empty_file_is_a_new_store(tmp_path: Path) -> None:
    (tmp_path / "own.db").touch()
    with open_store(tmp_path / "own.db") as store:
        draft(store)


def test_a_newer_store_is_refused_with_both_versions(store: Store) -> None:
    with store.write() as tx:
        tx.execute(tables.meta.update().where(tables.meta.c.key == "schema").values(value="7"))
    for read_only in (False, True):
        with pytest.raises(StoreUnusable, match=r"its schema is version 7, this program knows version 3\. Update"):
            open_store(store.location.setting, read_only=read_only)


def test_opening_again_waits_for_nobody(store: Store) -> None:
    task = draft(store)
    with store.write():  # somebody writes
        for read_only in (False, True):
            with open_store(store.location.setting, read_only=read_only) as again, again.read() as c:
                assert tasks.resolve(c, task) == task


def read_and_try_to_write(where: Path, task: str) -> str:
    with open_store(where) as store:
        with store.read() as c:
            assert tasks.resolve(c, task) == task
        assert store.read_only
        try:
            draft(store)
        except StoreUnusable as error:
            return str(error)
    return "written"


@pytest.mark.parametrize("in_use", [False, True])
def test_somebody_elses_store_can_be_looked_at(public: Path, in_use: bool) -> None:
    home = public / "home"
    owner = open_store(home)
    task = draft(owner)
    if not in_use:
        owner.close()
    home.chmod(0o555)
    for path in home.glob("store.db*"):
        path.chmod(0o444)
    answer = as_nobody(lambda: read_and_try_to_write(home, task))
    assert answer == f"Cannot change the store {home}: it is open read-only."
    owner.close()


def test_of_somebody_elses_store_of_an_earlier_schema_the_owner_is_named(public: Path) -> None:
    home = public / "home"
    with open_store(home) as store, store.write() as tx:
        made(tx, 1)
    home.chmod(0o555)
    for path in home.glob("store.db*"):
        path.chmod(0o444)
    answer = as_nobody(lambda: open_store(home))
    assert f"Have its owner, {who.login(os.getuid())}, open it once with a labtop as new as this one" in answer


def test_a_store_that_may_not_be_read(public: Path) -> None:
    with open_store(public / "file") as store, open_store(public / "folder"):
        draft(store)
    (public / "file").chmod(0o755)
    refused = as_nobody(lambda: open_store(public / "file"))
    assert refused.startswith(f"StoreUnusable: Cannot open the store {public / 'file'}: it cannot be opened (permiss")
    refused = as_nobody(lambda: open_store(public / "folder"))
    assert refused.startswith(f"StoreUnusable: Cannot open the store {public / 'folder'}: you have no permission. Ask")
    refused = as_nobody(lambda: open_store(public / "folder" / "own.db"))
    assert refused.startswith(f"StoreUnusable: Cannot use the store {public / 'folder/own.db'}: you have no permission")
    refused = as_nobody(lambda: open_store(public / "new"))
    assert refused.startswith(f"StoreUnusable: Cannot make the store folder {public / 'new'}: Permission denied. Set")


def test_a_store_deleted_or_replaced_while_open(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    draft(store)
    shutil.copy(tmp_path / "home/store.db", tmp_path / "copy")
    (tmp_path / "copy").replace(tmp_path / "home/store.db")
    with pytest.raises(StoreUnusable, match="its file was deleted or replaced while it was open"):
        draft(store)
    shutil.rmtree(tmp_path / "home")
    with pytest.raises(StoreUnusable, match="Cannot write to the store"):
        draft(store)
    with pytest.raises(StoreUnusable, match="deleted or replaced"), store.read():
        pass
    store.close()


NAMES = """
import sys
from store.engine import open_store
import sqlalchemy as sa
from store import tables
with open_store(sys.argv[1]) as store, store.read() as c:
    print(*sorted(c.execute(sa.select(tables.task.c.name)).scalars()))
"""


def test_a_store_that_is_opened_again_in_one_process_keeps_its_log_from_others(tmp_path: Path) -> None:
    """POSIX locks are a process's: whoever closes the file by hand gives up those of its open databases."""

    def names_elsewhere() -> str:
        command = [sys.executable, "-c", NAMES, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with open_store(tmp_path) as store:
        draft(store, name="first")
        for read_only in (False, True):
            open_store(tmp_path, read_only=read_only).close()
            refuse_foreign(locate(str(tmp_path)))
        assert names_elsewhere() == "first\n"
        draft(store, name="second")
        assert names_elsewhere() == "first second\n"


@pytest.mark.slow
def test_thirty_two_processes_make_a_store_at_once(setting: str) -> None:
    def open_and_write(index: int) -> str:
        with open_store(setting) as store:
            return draft(store, name=f"task {index}")

    made = at_once(32, open_and_write)
    with open_store(setting) as store, store.read() as c:
        found = c.execute(sa.select(tables.task.c.id)).scalars().all()
        assert sorted(made) == sorted(found)
        assert c.execute(sa.select(sa.func.count()).select_from(tables.project)).scalar_one() == 2


def test_no_update_is_lost(store: Store) -> None:
    def count_up(_: int) -> str:
        with open_store(store.location.setting) as own:
            for _ in range(25):
                with own.write() as tx:
                    note = tables.meta.c.key == "note"
                    value = int(tx.execute(sa.select(tables.meta.c.value).where(note)).scalar_one())
                    tx.execute(tables.meta.update().where(note).values(value=str(value + 1)))
        return "done"

    with store.write() as tx:
        tx.execute(tables.meta.insert(), {"key": "note", "value": "0"})
    assert at_once(6, count_up) == ["done"] * 6
    with store.read() as c:
        assert c.execute(sa.select(tables.meta.c.value).where(tables.meta.c.key == "note")).scalar_one() == "150"


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((StoreUnusable, sa.exc.InternalError)), store.read() as c:
        c.execute(tables.meta.insert(), {"key": "x", "value": "y"})
    with open_store(store.location.setting, read_only=True) as again:
        assert again.read_only
        with pytest.raises(StoreUnusable, match="it is open read-only"), again.write():
            pass


def test_revisions_count_transactions(store: Store) -> None:
    with store.read() as c:
        before = current_rev(c)
    with store.write() as tx:
        assert tx.rev == tx.rev == before + 1
    with store.write():
        pass
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        assert tx.rev == before + 2
        raise ZeroDivisionError
    with store.read() as c:
        assert current_rev(c) == before + 1


def test_an_unreachable_server_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreUnusable) as refused:
        open_store("postgresql://ada:sesame@127.0.0.1:1/lab?connect_timeout=2")
    assert "sesame" not in str(refused.value)
    assert "ada:***@127.0.0.1:1/lab" in str(refused.value)
    assert "refused" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"postgresql://ada:sesame@127.0.0.1:{silent.getsockname()[1]}/lab"
        words = ["-c", "import sys; from capture.cli.__main__ import main; sys.exit(main(['list']))"]
        environ = private_environment(tmp_path, os.environ) | {"CAPTURE_STORE": where}
        environ.pop("PGCONNECT_TIMEOUT", None)
        done = subprocess.run([sys.executable, *words], env=environ, capture_output=True, text=True, timeout=30,
                              cwd=Path(__file__).parents[2])  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert [line.partition("/lab: ")[2] for line in done.stderr.splitlines()] == [
        "its server does not answer. Check that it runs, and the network to it."
    ]


@pytest.mark.parametrize("name", ["refused", "dropped"])
def test_counts_may_be_larger_than_32_bits(store: Store, name: str) -> None:
    task = draft(store)
    with store.write() as tx:
        tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values({name: 2**40}))
    assert row(store, task)[name] == 2**40


def test_a_lock_that_nobody_lets_go_of_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.locks.PATIENCE", 0.2)
    with open_store(tmp_path / "home") as store, (tmp_path / "home" / "store.lock").open() as held:
        draft(store)
        fcntl.flock(held, fcntl.LOCK_EX)  # as a process does that was stopped while it wrote
        with pytest.raises(StoreUnusable, match="another program held it locked for over 30 s"):
            draft(store)
        fcntl.flock(held, fcntl.LOCK_UN)
        draft(store)
