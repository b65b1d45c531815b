"""Debug samples in the store, on both engines: each once, the newest iterations of it, files gone after their rows."""

from __future__ import annotations

import errno
import os
import resource
import stat
from pathlib import Path

import pytest

from store import commands, files, tables
from store.engine import Store
from store.errors import StoreUnusable
from store.ingest import ingest
from store.lifecycle import Status
from store.queries import details, samples
from store.sample_records import SampleRow
from store.samples import dimensions
from store.samples import keep as samples_kept
from tests.store.states import rows_of
from tests.support import Script, sample

BY = "ada@host"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x07\0\0\0\x05"


def started(store: Store) -> Script:
    script = Script()
    [taken] = ingest(store, [script.batch(events=[script.start()])], BY)
    script.execution = taken.execution
    return script


def kept(store: Store, task: str) -> dict[tuple[str, str], SampleRow]:
    with store.read() as c:
        return {(row.title, row.series): row for row in samples.listing(c, task)}


def file_of(store: Store, task: str, title: str, series: str, iteration: int) -> bytes | None:
    with store.read() as c:
        found = samples.at(c, store.location.folder, task, title, series, iteration)
    return None if found is None else files.read(found.path, 100)


def all_files(store: Store) -> list[bytes]:
    return sorted(path.read_bytes() for path in (store.location.home / "files").rglob("*") if path.is_file())


def test_a_sample_and_its_file_count_once_and_the_last_of_an_iteration_stays(store: Store) -> None:
    script = started(store)
    batch = script.batch(samples=[sample("p", "a", 1, PNG), sample("p", "b", 0, b"x", "wav", at=1500.0),
                                  sample("p", "u", 3, b"", url="https://host/x.png")])  # fmt: skip
    assert [ingest(store, [batch], BY)[0].outcome for _ in range(2)] == ["stored", "lost"]
    found = kept(store, script.task)
    assert found["p", "a"].url.startswith("file://" + str(store.location.home))
    assert [(row.iterations, row.kind, row.size, row.width, row.height) for row in found.values()] == [
        ((1,), "png", len(PNG), 7, 5), ((0,), "wav", 1, 0, 0), ((3,), "png", 0, 0, 0),
    ]  # fmt: skip
    assert found["p", "u"].url == "https://host/x.png" and all_files(store) == sorted([PNG, b"x"])
    with store.read() as c:
        whole = details.detail(c, script.task)
        elsewhere = samples.at(c, store.location.folder, script.task, "p", "u", 3)
    assert (whole.row.last_iteration, whole.row.last_seen) == (3, 1500.0)
    assert elsewhere is not None and elsewhere.path == ""
    ingest(store, [script.batch(samples=[sample("p", "a", 1, b"again"), sample("p", "a", 1, b"and again")])], BY)
    assert file_of(store, script.task, "p", "a", 1) == b"and again" and all_files(store) == [b"and again", b"x"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (store.location.home / "files").rglob("*")}
    assert modes == {0o700, 0o600}


def test_of_each_sample_the_newest_iterations_stay_or_as_many_as_its_script_says(store: Store) -> None:
    one, other = started(store), started(store)
    for first in (0, 4):
        batch = [sample("p", "s", n, b"%d" % n) for n in range(first, first + 4)]
        mine = [sample("p", "own", n, b"own%d" % n, history=1) for n in range(first, first + 4)]
        ingest(store, [one.batch(samples=[*batch, *mine]), other.batch(samples=batch)], BY, 100, 3)
    assert {key: row.iterations for key, row in kept(store, one.task).items()} == {
        ("p", "own"): (7,), ("p", "s"): (5, 6, 7),
    }  # fmt: skip
    assert all_files(store) == sorted([b"5", b"6", b"7", b"own7", b"5", b"6", b"7"])
    ingest(store, [one.batch(samples=[sample("p", "s", 2, b"late")])], BY, 100, 3)
    assert kept(store, one.task)["p", "s"].iterations == (5, 6, 7) and b"late" not in all_files(store)


def test_a_clone_takes_none_and_reset_and_delete_take_rows_and_files(store: Store) -> None:
    script = started(store)
    ingest(store, [script.batch(events=[{"e": "offset", "value": 100}], samples=[sample("p", "s", 5, b"1")])], BY)
    assert kept(store, script.task)["p", "s"].iterations == (105,)
    commands.finish(store, script.task, by=BY, status=Status.COMPLETED, reason="")
    assert kept(store, commands.clone(store, script.task, by=BY)) == {}
    late = script.batch(samples=[sample("p", "late", 2, b"late")])
    commands.reset(store, script.task, by=BY)
    assert kept(store, script.task) == {} and all_files(store) == []
    assert ingest(store, [late], BY)[0].outcome == "dropped"
    assert kept(store, script.task) == {} and all_files(store) == []
    again = started(store)
    ingest(store, [again.batch(samples=[sample("p", "s", 1, b"2")])], BY)
    commands.finish(store, again.task, by=BY, status=Status.COMPLETED, reason="")
    commands.delete(store, again.task, by=BY, archived_only=False)
    assert rows_of(store, tables.debug_sample, again.task) == [] and all_files(store) == []


def test_what_cannot_be_kept_is_tried_again_and_nothing_moves(store: Store) -> None:
    script = started(store)
    batch = script.batch(samples=[sample("p", "s", 1, b"x")])
    folder = store.location.home / "files"
    folder.write_text("in the way")
    with pytest.raises(FileExistsError):  # not StoreUnusable, for which a recorder would keep all tasks out
        ingest(store, [batch], BY)
    assert kept(store, script.task) == {}
    folder.unlink()
    assert ingest(store, [batch], BY)[0].outcome == "stored" and all_files(store) == [b"x"]


def test_where_the_disk_is_full_the_store_is_unusable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    script = started(store)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    full = errno.EFBIG  # what a limit of this process gives; a disk that is full is not made here
    monkeypatch.setattr("store.samples._FULL", (full,))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        with pytest.raises(StoreUnusable, match="Cannot keep files"):
            samples_kept(str(store.location.home), script.batch(samples=[sample("p", "s", 1, b"xyz")]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_only_plain_files_within_bounds_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 11)
    (tmp_path / "link").symlink_to("large")
    wrong = {"pipe": "no plain file", "large": "more than", "link": "symbolic links", "gone": "No such"}
    for name, error in wrong.items():
        with pytest.raises((ValueError, OSError), match=error):
            files.read(str(tmp_path / name), 10)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(PNG, (7, 5)), (b"GIF89a\x03\0\x02\0", (3, 2)), (b"BM" + bytes(16) + b"\x04\0\0\0\xfd\xff\xff\xff", (4, 3)),
     (b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08\0\x05\0\x09rest", (9, 5)), (b"", (0, 0)), (b"\xff\xd8\xff", (0, 0)),
     (b"\x89PNG\r\n\x1a\n", (0, 0)), (b"\xff\xd8" + b"\xff\xe0\0\0" * 9, (0, 0))],
)  # fmt: skip
def test_the_head_of_a_picture_names_its_size(data: bytes, expected: tuple[int, int]) -> None:
    assert dimensions(data) == expected
