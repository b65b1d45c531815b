"""Artifacts and models in the store, on both engines: each once, and a file goes when its row goes, never before."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from store import commands, files, tables
from store.engine import Store, open_store
from store.errors import NotFound
from store.going import FOLDER, LEFT, note, sweep
from store.ingest import ingest
from store.lifecycle import Status
from store.output_records import ArtifactRow, ModelRow
from store.paths import Location
from store.queries import artifacts, details
from store.shapes import detail as as_json
from tests.store.processes import forked, outcome
from tests.store.states import rows_of
from tests.support import Script

BY = "ada@host"


def started(store: Store) -> Script:
    script = Script()
    [taken] = ingest(store, [script.batch(events=[script.start()])], BY)
    script.execution = taken.execution
    return script


def take(store: Store, script: Script, *events: dict[str, Any]) -> str:
    return ingest(store, [script.batch(events=list(events))], BY)[0].outcome


def written(store: Store, script: Script, kind: str = "artifacts", name: str = "a.txt") -> str:
    """Put a file where a script would, and return its path."""
    path = files.place(str(store.location.home), script.task, kind, name)
    os.close(files.create(path))
    return path


def artifact(name: str, path: str, **more: Any) -> dict[str, Any]:
    about = {"preview": "beginning", "metadata": {"k": 1}, "content_type": "text/plain", "time": 1500.0}
    filed = {"uri": files.uri(path), "size": 5, "hash": "ab"}
    return {"e": "artifact", "name": name, "type": "custom"} | filed | about | more


def model(which: str, path: str = "", **more: Any) -> dict[str, Any]:
    about = {"labels": {"cat": 0}, "iteration": 3, "tags": ["best"], "time": 1500.0}
    filed = {"uri": files.uri(path) if path else "", "size": 7, "hash": "cd"}
    return {"e": "model", "id": which, "name": "net", "framework": "numpy"} | filed | about | more


def read(store: Store, task: str) -> tuple[dict[str, ArtifactRow], list[ModelRow]]:
    with store.read() as c:
        return {row.name: row for row in artifacts.listing(c, task)}, artifacts.models(c, task)


def finish(store: Store, task: str) -> None:
    commands.finish(store, task, by=BY, status=Status.COMPLETED, reason="")


def test_each_counts_once_and_what_takes_a_place_sends_the_old_file_away(store: Store) -> None:
    script = started(store)
    first, second, third, weights, better = (written(store, script) for _ in range(5))
    batch = script.batch(events=[artifact("data", first), artifact("data", second), model("m1", weights)])
    assert [ingest(store, [batch], BY)[0].outcome for _ in range(2)] == ["stored", "lost"]
    kept, [made] = read(store, script.task)
    assert kept["data"] == ArtifactRow("data", "custom", files.uri(second), 5, "ab", 1500.0, "text/plain", {"k": 1})
    assert (made.task, made.labels, made.tags, made.iteration, made.mode) == (
        script.task, {"cat": 0}, ("best",), 3, "output"
    )  # fmt: skip
    assert not Path(first).exists() and Path(second).exists()
    take(store, script, {"e": "offset", "value": 100}, artifact("data", third), model("m1", better, iteration=4))
    assert [Path(p).exists() for p in (second, third, weights, better)] == [False, True, False, True]
    assert read(store, script.task)[1][0].iteration == 104
    with store.read() as c:
        assert artifacts.preview(c, script.task, "data") == "beginning"
        assert artifacts.model(c, "m").id == "m1"
        with pytest.raises(NotFound, match="There is no model"):
            artifacts.model(c, "nothing")
        shown = as_json(details.detail(c, script.task))
    assert shown["artifacts"]["data"]["url"] == files.uri(third) and shown["models"]["output"][0]["id"] == "m1"


def test_a_reset_and_a_deletion_take_rows_and_files_and_a_rollback_takes_neither(store: Store) -> None:
    for end in ("reset", "delete"):
        script = started(store)
        here, weights, foreign = written(store, script), written(store, script, "models"), written(store, script)
        elsewhere = Path(str(store.location.home)) / "notes.txt"
        elsewhere.write_text("mine")
        take(store, script, artifact("a", here), artifact("b", str(elsewhere)), model(script.writer, weights))
        finish(store, script.task)
        with pytest.raises(RuntimeError), store.write(BY) as tx:
            tx.gone.append(files.uri(here))
            raise RuntimeError
        assert Path(here).exists()
        late = script.batch(events=[artifact("late", foreign)])
        if end == "reset":
            commands.reset(store, script.task, by=BY)
        else:
            commands.delete(store, script.task, by=BY, archived_only=False)
        assert rows_of(store, tables.artifact, script.task) == [] and rows_of(store, tables.model, script.task) == []
        assert not Path(here).exists() and not Path(weights).exists() and elsewhere.read_text() == "mine"
        assert ingest(store, [late], BY)[0].outcome == "dropped" and not Path(foreign).exists()
        assert not (Path(str(store.location.home)) / "files" / script.task).exists(), "empty folders go too"


def killed_before_it_removes(where: Location, task: str) -> None:
    """Delete a task in a process that is killed after the commit, at the first file that it removes."""

    def work() -> None:
        with open_store(where) as store:
            setattr(os, "unlink", lambda path: os.kill(os.getpid(), signal.SIGKILL))  # noqa: B010
            commands.delete(store, task, by=BY, archived_only=False)

    assert outcome(forked(work)) == "", "it was killed"


def test_files_that_a_killed_process_left_go_an_hour_later_and_no_others(store: Store) -> None:
    home = Path(str(store.location.home))
    script, other = started(store), started(store)
    data, weights, kept = written(store, script), written(store, script, "models"), written(store, other)
    unrecorded = written(store, other, name="journal.txt")
    take(store, script, artifact("a", data), model(script.writer, weights))
    take(store, other, artifact("a", kept))
    finish(store, script.task)
    killed_before_it_removes(store.location, script.task)
    assert rows_of(store, tables.artifact, script.task) == [] and Path(data).exists() and Path(weights).exists()
    note(str(home), [files.uri(kept)])  # as one does who is killed before the commit
    sweep(store)
    assert Path(data).exists(), "whoever wrote the note may still be about to remove it"
    notes = list((home / "files" / FOLDER).iterdir())
    assert len(notes) == 2
    for left in notes:
        os.utime(left, (time.time() - LEFT - 1,) * 2)
    sweep(store)
    assert not (home / "files" / script.task).exists() and Path(kept).exists() and Path(unrecorded).exists()
    finish(store, other.task)
    commands.delete(store, other.task, by=BY, archived_only=False)
    assert list((home / "files" / FOLDER).iterdir()) == [] and not Path(kept).exists()


def test_a_note_that_is_damaged_or_names_anything_else_removes_nothing(store: Store, tmp_path: Path) -> None:
    home = Path(str(store.location.home))
    mine, script = tmp_path / "mine", started(store)
    mine.write_text("mine")
    folder = home / "files" / FOLDER
    folder.mkdir(parents=True)
    row = written(store, script)
    take(store, script, artifact("a", row))
    texts = ("", '["file:', "3", json.dumps([files.uri(str(mine)), "file:///../../x", "", files.uri(row)]))
    for number, text in enumerate(texts):
        (folder / str(number)).write_text(text)
        os.utime(folder / str(number), (0, 0))
    sweep(store)
    assert mine.exists() and Path(row).exists() and list(folder.iterdir()) == []


def test_a_model_stays_while_it_is_published_or_used_and_only_its_maker_changes_it(store: Store) -> None:
    maker, user = started(store), started(store)
    used, final, spare = (written(store, maker, "models") for _ in range(3))
    u, f, s = (f"{name}-{maker.writer}" for name in "ufs")
    take(store, maker, model(u, used), model(f, final), model(s, spare))
    take(store, user, {"e": "input_model", "model": u, "name": "start", "time": 1.0},
         {"e": "input_model", "model": "no such model", "name": "", "time": 1.0}, model(u, name="stolen"))  # fmt: skip
    with store.write(BY) as tx:
        tx.execute(tables.model.update().values(published=True).where(tables.model.c.id == f))
    assert [(row.id, row.name, row.mode) for row in read(store, user.task)[1]] == [(u, "start", "input")]
    finish(store, maker.task)
    finish(store, user.task)
    clone = commands.clone(store, user.task, by=BY)
    assert [row.id for row in read(store, clone)[1]] == [u]
    assert read(store, commands.clone(store, maker.task, by=BY)) == ({}, [])
    commands.reset(store, maker.task, by=BY)
    assert [Path(path).exists() for path in (used, final, spare)] == [True, True, False]
    for task in (user.task, clone):
        with store.read() as c:
            assert artifacts.model(c, u).task is None
        commands.delete(store, task, by=BY, archived_only=False)
    assert [Path(path).exists() for path in (used, final)] == [False, True], "it went with its last user"


def test_publish_is_for_models_too_and_a_task_with_outputs_is_not_used_again(store: Store) -> None:
    script = started(store)
    take(store, script, model(script.writer))
    finish(store, script.task)
    again = Script(script.task)
    fallback = f"{again.writer}{again.writer}"
    start = again.start(mode="reuse", fallback=fallback, execution=1)
    assert ingest(store, [again.batch(events=[start])], BY)[0].task == fallback
    commands.publish(store, script.task, by=BY)
    assert [row.published for row in read(store, script.task)[1]] == [True]


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "_.._etc_passwd"), ("..", "file"), ("", "file"), ("a/b\\c", "a_b_c"), (".hidden", "hidden"),
     ("nul\0\x1b[2J", "nul__[2J"), ("ä" * 300 + ".npz", "ä" * 58 + ".npz"), ("e\u0301", "é")],
)  # fmt: skip
def test_a_name_is_one_harmless_part_of_a_path(name: str, safe: str) -> None:
    assert files.safe_name(name) == safe


def test_files_are_private_and_a_moved_store_finds_its_own(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    source = tmp_path / "source #1 %41.txt"
    source.write_text("text")
    umask = os.umask(0)
    try:
        path = files.place(str(before), "t1", "artifacts", source.name)
        assert files.copy(str(source), path) == files.digest(str(source))
    finally:
        os.umask(umask)
    modes = [oct(p.stat().st_mode & 0o777) for p in (before, before / "files", Path(path).parent, Path(path))]
    assert modes == ["0o700", "0o700", "0o700", "0o600"]
    assert files.path_of(str(before), files.uri(path)) == path
    before.rename(after)
    assert files.path_of(str(after), files.uri(path)) == path.replace("before", "after")
    assert files.path_of(str(after), "s3://bucket/x") == ""
    files.discard(str(after), [files.uri(str(source)), "file:///../files/x/artifacts/aa/..", files.uri(path)])
    assert source.exists() and not any((after / "files").iterdir())
    with pytest.raises(files.NoRoom, match="do not fit"):
        files.refuse_full(str(source), 1 << 60)
