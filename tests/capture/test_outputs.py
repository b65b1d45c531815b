"""Artifacts and models that a script keeps: each kind as a file of its own, read back, and nonsense never raises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from store import commands
from store.engine import open_store
from store.lifecycle import Status
from store.queries import details, tasks
from store.records import TaskDetail
from tests.capture.conftest import Bench
from tests.support import eventually

KINDS = """
    from pathlib import Path
    import csv, gzip, sys, types
    class Array:
        shape, nbytes = (2,), 16
        class dtype:
            hasobject = False
            def __str__(self): return "int64"
        dtype = dtype()
        def __str__(self): return "[1 2]"
    library = types.ModuleType("numpy")
    def savez_compressed(path, **named):
        open(path, "wb").write(repr(list(named)).encode())
    library.savez_compressed = savez_compressed
    Array.__module__, sys.modules["numpy"] = "numpy", library
    class Frame:
        columns = ["a"]
        def head(self, n): return self
        def to_csv(self, path=None):
            if path is None: return "a\\n1\\n"
            gzip.open(path, "wt").write("a\\n1\\n")
    class Picture:
        mode, width, height = "RGB", 4, 3
        def save(self, path): open(path, "wb").write(b"PNG")
    Picture.__module__ = "PIL.Image"
    os.makedirs("folder/deep"); Path("folder/a.txt").write_text("a"); Path("folder/deep/b.txt").write_text("b")
    Path("notes.txt").write_text("first line\\nsecond"); Path("gone.bin").write_bytes(b"\\0" * 10)
    task = Task.init("tests/outputs", "kinds", auto_connect_streams=False)
    given = {
        "dict": {"b": 1, "a": [1.5]}, "list": [1, "x"], "text": "said", "bytes": b"raw", "array": Array(),
        "frame": Frame(), "picture": Picture(), "file": Path("notes.txt"), "path": "notes.txt", "folder": "folder",
        "pattern": "folder/*.txt", "paths": [Path("notes.txt"), "folder/a.txt"], "pickle": (1, 2), "nothing": None,
    }
    assert all(task.upload_artifact(name, what, metadata={"of": name}) for name, what in given.items())
    assert task.upload_artifact("made", 5, serialization_function=lambda n: b"five", extension_name="num")
    assert task.upload_artifact("moved", "gone.bin", delete_after_upload=True) and not os.path.exists("gone.bin")
    given["dict"]["b"] = 2
"""
READ = """
    found = task.artifacts
    assert set(found) == {*given, "made", "moved"}, sorted(found)
    assert found["dict"].get() == {"a": [1.5], "b": 1} and found["list"].get() == [1, "x"]
    assert found["text"].get() == "said" and found["bytes"].get() == b"raw" and found["pickle"].get() == (1, 2)
    assert found["pickle"].get(block_unsafe_artifacts=True, force_download=True).name == "pickle.pkl"
    assert found["file"].get().read_text() == "first line\\nsecond" and found["made"].get().name == "made.num"
    assert found["folder"].type == "archive" and found["dict"].metadata == {"of": "dict"}
    unpacked = found["folder"].get_local_copy()
    assert sorted(str(p.relative_to(unpacked)) for p in Path(unpacked).rglob("*.txt")) == ["a.txt", "deep/b.txt"]
    assert found["paths"].get_local_copy(extract_archive=False).endswith("paths.zip")
    assert found["file"].preview == "first line\\nsecond" and "deep/b.txt" in found["folder"].preview
    assert found["file"].size == 17 and len(found["file"].hash) == 64 and found["file"].timestamp.tzinfo
    Path(found["pickle"].get_local_copy()).write_bytes(b"other")
    try: found["pickle"].get(force_download=True)
    except Exception as refused: assert "not the one that you kept" in str(refused)
    else: raise SystemExit("loaded what nobody kept")
    os.unlink(found["text"].get_local_copy())
    assert found["text"].get_local_copy() is None
"""


def detail(bench: Bench) -> TaskDetail:
    """Return the only task, once it has ended in the store."""

    def found() -> TaskDetail | None:
        with open_store(bench.home) as store, store.read() as c:
            rows = tasks.page(c, tasks.TaskQuery(statuses=("completed",)), 0, 10)
            return details.detail(c, rows[0].id) if rows else None

    return eventually(found)


def test_every_kind_becomes_a_file_and_is_read_back(bench: Bench) -> None:
    bench.online().run(KINDS + READ)
    found = {row.name: row for row in detail(bench).artifacts}
    assert {name: row.type for name, row in found.items()} == {
        "dict": "dict", "list": "list", "text": "string", "bytes": "bytes", "array": "numpy", "frame": "pandas",
        "picture": "image", "file": "custom", "path": "custom", "folder": "archive", "pattern": "archive",
        "paths": "archive", "pickle": "pickle", "nothing": "pickle", "made": "custom", "moved": "custom",
    }  # fmt: skip
    ends = {name: row.uri.rsplit("/", 1)[1] for name, row in found.items()}
    assert (ends["array"], ends["frame"], ends["picture"], ends["file"]) == (
        "array.npz", "frame.csv.gz", "picture.png", "notes.txt"
    )  # fmt: skip
    for kept in (bench.home / "files").rglob("*"):
        assert kept.stat().st_mode & 0o777 == (0o700 if kept.is_dir() else 0o600), kept


MODELS = """
    from capture import InputModel, Model, OutputModel
    from pathlib import Path
    task = Task.init("tests/outputs", "models", auto_connect_streams=False)
    Path("w1.npz").write_bytes(b"one"); Path("w2.npz").write_bytes(b"second")
    model = OutputModel(task, name="net", framework="numpy", label_enumeration={"cat": 0}, tags=["best"])
    first = model.update_weights("w1.npz", iteration=1)
    second = model.update_weights("w2.npz", iteration=2)
    assert Path("w2.npz").exists() and second == model.url != first
    model.update_labels({"cat": 0, "dog": 1}); model.update_design(config_dict={"layers": 3})
    assert task.connect(InputModel(name="net", tags=["best"])).id == model.id
    kept = task.models
    assert Path(kept["output"]["net"].get_local_copy()).read_bytes() == b"second"
    assert not os.path.exists(first.removeprefix("file://")), "the weights before gave way"
    assert [m.name for m in kept.input] == ["net"] and Model(model.id).labels == {"cat": 0, "dog": 1}
    assert Model(model.id[:8]).config_dict == {"layers": 3} and Model(model.id).task == task.id
    packed = OutputModel(name="two", tags="x"); packed.update_weights_package(["w1.npz", "w2.npz"])
    assert sorted(os.listdir(Model(packed.id).get_local_copy())) == ["w1.npz", "w2.npz"]
"""


def test_models_are_made_used_and_read(bench: Bench) -> None:
    bench.online().run(MODELS)
    found = detail(bench)
    assert [(row.name, row.mode, row.iteration, row.size) for row in found.models] == [
        ("net", "input", 2, 6), ("net", "output", 2, 6), ("two", "output", None, found.models[2].size),
    ]  # fmt: skip


def test_nothing_raises_and_what_is_not_kept_is_said_and_counted(bench: Bench) -> None:
    done = bench.run("""
        from capture import OutputModel
        from pathlib import Path
        task = Task.init("tests/outputs", "nonsense", auto_connect_streams=False)
        class Bad:
            def __getattr__(self, name): raise RuntimeError("no")
            def __reduce__(self): raise RuntimeError("no")
        wrong = {"": 1, "remote": "s3://bucket/x", "missing": Path("nowhere"), "code": lambda: 1, "bad": Bad(),
                 "fifo": Path("fifo"), "empty": Path("void")}
        os.mkfifo("fifo"); os.mkdir("void")
        for name, what in wrong.items():
            assert not task.upload_artifact(name, what), name
        assert not task.upload_artifact("strict", object(), auto_pickle=False)
        assert task.upload_artifact(5, {1: {2}}) and task.upload_artifact("x" * 5000, "long name", metadata=[1])
        model = OutputModel(name="net")
        for arguments in ({}, {"weights_filename": "nowhere"}, {"register_uri": "s3://b/x"},
                          {"weights_filename": "t", "upload_uri": "s3://b"}, {"weights_filename": 5}):
            assert model.update_weights(**arguments) is None
        task.close()
        assert not task.upload_artifact("late", "text"); model.update_labels({"a": 1})
        assert model.update_weights("train.py") is None
    """)
    for words in ("it needs a name", "s3:// is not recorded yet", "there is no file 'nowhere'", "cannot be pickled",
                  "no plain file", "there is no file in", "auto_pickle is False", "kept as a pickle",
                  "after its task was closed"):  # fmt: skip
        assert words in done.stderr, (words, done.stderr)
    assert "Traceback" not in done.stderr
    events = bench.journal().events
    assert [event["name"] for event in events if event["e"] == "artifact"] == ["5", "x" * 5000]
    assert sum(event["count"] for event in events if event["e"] == "refused") >= 10
    assert len(list((bench.home / "files").rglob("*.*"))) == 2, "nothing is left of what was not kept"


SECRET = "hf_" + "aB3" * 12


def test_a_disabled_script_keeps_nothing_and_secrets_stay_out_of_the_store(bench: Bench) -> None:
    bench.environ["CAPTURE_DISABLED"] = "1"
    bench.run("""
        from capture import OutputModel
        task = Task.init("tests/outputs", "disabled")
        assert not task.upload_artifact("a", "text")
        assert OutputModel(task).update_weights("train.py") is None
    """)
    assert not bench.home.exists()
    del bench.environ["CAPTURE_DISABLED"]
    bench.online().run(f"""
        task = Task.init("tests/outputs", "secret", auto_connect_streams=False)
        task.upload_artifact("a", {{"note": "{SECRET}"}}, metadata={{"api_key": "abcd" + "efgh", "k": "{SECRET}"}})
    """)
    assert detail(bench).artifacts[0].metadata["api_key"] != "abcdefgh"
    for path in bench.home.glob("store.db*"):
        assert SECRET.encode() not in path.read_bytes() and b"abcdefgh" not in path.read_bytes()


def test_a_full_disk_is_said_and_the_next_start_makes_a_task_of_its_own(bench: Bench) -> None:
    code = """
        import resource
        from pathlib import Path
        task = Task.init("tests/outputs", "again", auto_connect_streams=False)
        print(task.id)
        Path("big.bin").write_bytes(bytes(6 << 20))
        import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, -1))
        assert not task.upload_artifact("big", "big.bin")
        assert task.upload_artifact("small", "text")
    """
    first = bench.online().run(code)
    assert "the artifact 'big' is not kept: OSError" in first.stderr
    assert [row.name for row in detail(bench).artifacts] == ["small"]
    assert len([path for path in (bench.home / "files").rglob("*") if path.is_file()]) == 1
    again = bench.run(code)
    assert again.stdout != first.stdout, "a task with artifacts is not used again"
    task = again.stdout.strip()
    eventually(lambda: json.loads(_capture(bench, "show", task, "--json"))["status"] == "completed")
    assert json.loads(_capture(bench, "show", task, "--json"))["artifacts"]["small"]["type"] == "string"
    kept = Path(json.loads(_capture(bench, "show", task, "--json"))["artifacts"]["small"]["url"][7:])
    with open_store(bench.home) as store, store.read() as c:
        assert tasks.rows(c, [task])[0].status == Status.COMPLETED
    with open_store(bench.home) as store:
        commands.reset(store, task, by="ada@host")
    assert not kept.exists()


def _capture(bench: Bench, *words: str) -> str:
    command = [sys.executable, "-P", "-m", "capture.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | bench.environ, check=True).stdout
