"""Hyperparameters: recorded from argparse, dicts and objects; under an agent, edited values come back typed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from capture import parameters
from tests.capture.conftest import Bench

PARSER = """
import argparse
from pathlib import Path
def parser():
    p = argparse.ArgumentParser()
    p.add_argument("--lr", type=float, default=0.1, help="rate (default: %(default)s)")
    p.add_argument("--epochs", type=int, default=3)
    p.add_argument("--name", default="net")
    p.add_argument("--fast", action="store_true")
    p.add_argument("--cache", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("--layers", type=int, nargs="+", default=[64, 32])
    p.add_argument("--tag", action="append", default=None)
    p.add_argument("--seed", type=int, default=None)
    p.add_argument("--out", type=Path, default=Path("model.bin"))
    p.add_argument("-v", action="count", default=0)
    p.add_argument("--mode", choices=["a", "b"], default="a")
    return p
"""
SHOW = "print(json.dumps({k: v if not isinstance(v, Path) else ['path', str(v)] for k, v in vars(args).items()}))"


def _stored(bench: Bench) -> dict[str, tuple[str, str]]:
    return {key: (p["value"], p["type"]) for key, p in bench.journal().parameters().items()}


@pytest.mark.parametrize("before", [True, False])
def test_arguments_are_recorded_before_and_after_init(bench: Bench, before: bool) -> None:
    init = 'Task.init("tests/parameters", "argparse")'
    parse = "args = parser().parse_args()"
    bench.run(
        "\n".join([PARSER, *([parse, init] if before else [init, parse])]), "--lr", "1e-3", "--fast", "--tag", "x"
    )
    assert _stored(bench) == {
        "Args/lr": ("0.001", "float"), "Args/epochs": ("3", "int"), "Args/name": ("net", "str"),
        "Args/fast": ("True", "bool"), "Args/cache": ("True", "bool"), "Args/layers": ("[64, 32]", "list/int"),
        "Args/tag": ('["x"]', "list/str"), "Args/seed": ("", "int"), "Args/out": ("model.bin", "str"),
        "Args/v": ("0", "int"), "Args/mode": ("a", "str"),
    }  # fmt: skip
    assert bench.journal().parameters()["Args/lr"]["description"] == "rate (default: 0.1)"


def test_argparse_may_have_been_imported_before_us(bench: Bench) -> None:
    (bench.folder / "sitecustomize.py").write_text("import argparse")
    environ = bench.environ | {"PYTHONPATH": f"{bench.folder}:{bench.environ['PYTHONPATH']}"}
    bench.run(f'{PARSER}\nTask.init("tests/parameters", "early")\nparser().parse_args()', env=environ)
    assert "Args/lr" in _stored(bench)


def test_looking_for_argparse_does_not_use_up_the_listening(bench: Bench) -> None:
    bench.run("""
        from importlib.util import find_spec
        assert "argparse" not in sys.modules
        for _ in range(2): assert find_spec("argparse").origin.endswith("argparse.py")
        Task.init("tests/parameters", "looked for")
        import argparse
        parser = argparse.ArgumentParser(); parser.add_argument("--lr", default=0.5)
        parser.parse_args()
    """)
    assert bench.journal().parameters()["Args/lr"]["value"] == "0.5"


def test_parsing_works_as_without_us(bench: Bench) -> None:
    done = bench.run(
        PARSER + 'Task.init("tests/parameters", "plain")\np = parser()\n'
        'print(p.parse_known_args(["--lr", "2", "rest"])[1], p.parse_intermixed_args(["--lr", "3"]).lr)\n'
        'p.parse_args(["--lr", "x"])', check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "['rest'] 3.0\n")
    assert "argument --lr: invalid float value: 'x'" in done.stderr
    assert _stored(bench)["Args/lr"] == ("3.0", "float")


def test_arguments_are_chosen(bench: Bench) -> None:
    for number, choice in enumerate(['{"lr": False, "epochs": False}', '{"*": False, "lr": True}', "False", "{}"]):
        bench.run(f'{PARSER}\nTask.init("tests/parameters", "choice {number}", auto_connect_arg_parser={choice})\n'
                  "parser().parse_args()")  # fmt: skip
    recorded = [{key.removeprefix("Args/") for key in written.parameters()} for written in bench.journals()]
    assert recorded[0] == {"name", "fast", "cache", "layers", "tag", "seed", "out", "v", "mode"}
    assert recorded[1:] == [{"lr"}, set(), set()]


def test_a_parser_can_be_connected(bench: Bench) -> None:
    bench.run(PARSER + """
task = Task.init("tests/parameters", "by hand", auto_connect_arg_parser=False)
p = parser()
p.parse_args()
task.connect(p)
""")  # fmt: skip
    assert "Args/lr" in _stored(bench)


SUBCOMMANDS = """
import argparse, json
p = argparse.ArgumentParser()
p.add_argument("data")
p.add_argument("--verbose", action="store_true")
s = p.add_subparsers({dest}required=True)
for name in ("train", "test"):
    q = s.add_parser(name)
    q.add_argument("model")
    q.add_argument("--" + name + "-steps", type=int, default=5)
Task.init("tests/parameters", "subcommands")
args = p.parse_args()
print(json.dumps(vars(args)))
"""


@pytest.mark.parametrize("dest", ['dest="command", ', ""])
def test_subcommands_are_recorded_and_chosen_again(bench: Bench, dest: str) -> None:
    code = SUBCOMMANDS.replace("{dest}", dest)
    first = json.loads(bench.run(code, "d.csv", "train", "big", "--train-steps", "9").stdout)
    stored = bench.journal().parameters()
    assert stored["Args/train_steps"]["value"] == "9"
    stored["Args/train_steps"]["value"] = "11"
    again = json.loads(_under_agent(bench, code, stored))
    assert again == first | {"train_steps": 11}
    assert isinstance(again["train_steps"], int)


def _under_agent(bench: Bench, code: str, stored: dict[str, Any], texts: dict[str, str] | None = None) -> str:
    handover = bench.folder / "handover.json"
    task = "0123456789abcdef" * 2
    handed = {"task": task, "execution": 3, "project": "x", "name": "y", "type": "training", "parameters": stored}
    handover.write_text(json.dumps(handed | {"configuration": texts or {}, "iteration_offset": 0}))
    environ = bench.environ | {"CAPTURE_TASK_ID": task, "CAPTURE_TASK_FILE": str(handover)}
    return bench.run(code, env=environ).stdout


EDITED = {
    "lr": "0.5", "epochs": "7", "name": "deep", "fast": "True", "cache": "False", "layers": "[1, 2, 3]",
    "tag": '["a", "b"]', "seed": "4", "out": "other.bin", "v": "2", "mode": "b",
}  # fmt: skip
EXPECTED = {
    "lr": 0.5, "epochs": 7, "name": "deep", "fast": True, "cache": False, "layers": [1, 2, 3],
    "tag": ["a", "b"], "seed": 4, "out": ["path", "other.bin"], "v": 2, "mode": "b",
}  # fmt: skip


@pytest.mark.parametrize("before", [True, False])
def test_an_agent_gives_back_every_kind_of_argument(bench: Bench, before: bool) -> None:
    init, parse = 'Task.init("tests/parameters", "argparse")', "args = parser().parse_args()"
    lines = [PARSER, "import json", *([parse, init] if before else [init, parse])]
    bench.run("\n".join(lines))
    stored = bench.journal().parameters()
    for name, value in EDITED.items():
        stored[f"Args/{name}"]["value"] = value
    shown = json.loads(_under_agent(bench, "\n".join([*lines, SHOW]), stored))
    assert shown == EXPECTED
    assert {name: type(value) for name, value in shown.items()} == {name: type(v) for name, v in EXPECTED.items()}


def test_unedited_arguments_come_back_as_they_were(bench: Bench) -> None:
    lines = [PARSER, "import json", 'Task.init("tests/parameters", "same")', "args = parser().parse_args()", SHOW]
    given = ["--fast", "--no-cache", "--layers", "9", "--tag", "q", "-vvv", "--mode", "b", "--seed", "1", "--lr", "2"]
    first = bench.run("\n".join(lines), *given).stdout
    stored = bench.journal().parameters()
    assert _under_agent(bench, "\n".join(lines), stored) == first


CHOSEN = """
import argparse, enum
class Opt(enum.Enum):
    SGD = "plain"
    ADAM = "adaptive"
p = argparse.ArgumentParser()
p.add_argument("--betas", nargs=2, type=float, default=(0.9, 0.999))
p.add_argument("--opt", type=Opt, default=Opt.SGD, choices=list(Opt))
p.add_argument("--mode", choices=["train", "test"], default="train", help="what to do")
p.add_argument("--bits", type=int, choices=[8, 16], default=8)
p.add_argument("--odd", choices=["a,b", "c"], default="c")
Task.init("tests/parameters", "chosen")
args = p.parse_args()
print(args.betas, args.opt.name, args.mode, args.bits)
"""


def test_a_tuple_comes_back_as_one_and_an_enum_by_its_name(bench: Bench) -> None:
    first = bench.run(CHOSEN).stdout
    stored = bench.journal().parameters()
    assert _under_agent(bench, CHOSEN, stored) == first == "(0.9, 0.999) SGD train 8\n"
    edits = {"betas": "[0.5, 0.7]", "opt": "ADAM", "mode": "test", "bits": "16"}
    for name, value in edits.items():
        stored[f"Args/{name}"]["value"] = value
    assert _under_agent(bench, CHOSEN, stored) == "(0.5, 0.7) ADAM test 16\n"


def test_the_choices_of_an_argument_are_kept_for_who_edits_it(bench: Bench) -> None:
    bench.run(CHOSEN)
    kept = {key: (each["type"], each["description"]) for key, each in bench.journal().parameters().items()}
    assert kept["Args/mode"] == ("str", "what to do\nValues:\ntrain,\ntest")
    assert kept["Args/bits"] == ("int", "Values:\n8,\n16")
    assert kept["Args/opt"] == ("enum", "Values:\nSGD,\nADAM")
    assert kept["Args/odd"] == ("str", "")


def test_required_arguments_come_from_the_task(bench: Bench) -> None:
    code = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("file")
p.add_argument("--need", required=True, type=int)
Task.init("tests/parameters", "required")
args = p.parse_args()
print(args.file, args.need + 1)
"""
    bench.run(code, "a.txt", "--need", "1")
    assert _under_agent(bench, code, bench.journal().parameters()) == "a.txt 2\n"


def test_an_edit_that_cannot_be_is_refused_as_argparse_does(bench: Bench) -> None:
    code = PARSER + 'Task.init("tests/parameters", "wrong")\nparser().parse_args()'
    bench.run(code)
    stored = bench.journal().parameters()
    stored["Args/mode"]["value"] = "c"
    handover = bench.folder / "handover.json"
    handover.write_text(json.dumps({"task": "0" * 32, "execution": 1, "parameters": stored}))
    environ = bench.environ | {"CAPTURE_TASK_ID": "0" * 32, "CAPTURE_TASK_FILE": str(handover)}
    done = bench.run(code, env=environ, check=False)
    assert done.returncode == 2
    assert "invalid choice: 'c'" in done.stderr


CONNECT = """
import enum, json
class Colour(enum.Enum):
    red = 1
    blue = 2
class Settings:
    width = 5
    _hidden = 1
    def method(self): ...
    def __init__(self): self.depth = 2.5
task = Task.init("tests/parameters", "connect")
settings = Settings()
net = {"layers": [1, 2], "act": "relu", "none": None}
original = {"lr": 0.1, "net": net, "on": False, "pair": (1, 2), "c": Colour.red, 3: "three"}
values = task.connect(original)
task.connect(settings, name="Settings")
task.connect({"a": 1}, "Other")
"""


def test_dicts_and_objects_are_recorded(bench: Bench) -> None:
    bench.run(CONNECT + """
values["lr"] = 0.2
values["net"]["act"] = "gelu"
values.update(on=True)
values["net"] |= {"new": {"x": 1}}
import copy, pickle
assert type(copy.deepcopy(values)["net"]) is dict and type(pickle.loads(pickle.dumps(values))["net"]) is dict
assert isinstance(values, dict) and json.loads(json.dumps(values["net"]))["act"] == "gelu"
""")  # fmt: skip
    assert _stored(bench) == {
        "General/lr": ("0.2", "float"), "General/net/layers": ("[1, 2]", "list/int"),
        "General/net/act": ("gelu", "str"), "General/net/none": ("", ""),
        "General/on": ("True", "bool"), "General/pair": ("[1, 2]", "tuple/int"),
        "General/c": ("red", "enum"), "General/3": ("three", "str"), "General/net/new/x": ("1", "int"),
        "Settings/depth": ("2.5", "float"), "Settings/width": ("5", "int"), "Other/a": ("1", "int"),
    }  # fmt: skip
    assert bench.journal().parameters()["General/c"]["description"] == "Values:\nred,\nblue"


def test_an_agent_gives_back_connected_values(bench: Bench) -> None:
    bench.run(CONNECT)
    stored = bench.journal().parameters()
    edits = {
        "lr": "0.9",
        "net/layers": "[5]",
        "net/none": "text",
        "on": "true",
        "pair": "[3, 4]",
        "c": "blue",
        "3": "drei",
    }
    for name, value in edits.items():
        stored[f"General/{name}"]["value"] = value
    stored["Settings/width"]["value"] = "6"
    show = """
assert values == original, "the script's own dict is filled too"
print([values[k] for k in ("lr", "on", "pair", "c", 3)], values["net"], settings.width, settings.depth, Settings.width)
"""
    shown = _under_agent(bench, CONNECT + show, stored)
    net = "{'layers': [5], 'act': 'relu', 'none': 'text'}"
    assert shown == f"[0.9, True, (3, 4), <Colour.blue: 2>, 'drei'] {net} 6 2.5 5\n"


def test_overrides_can_be_ignored(bench: Bench) -> None:
    code = 'task = Task.init("tests/parameters", "own")\nprint(task.connect({"lr": 0.1}, ignore_remote_overrides=True))'
    stored = {"General/lr": {"value": "5", "type": "float", "description": ""}}
    assert _under_agent(bench, code, stored) == "{'lr': 0.1}\n"


CONFIGURATION = """
from pathlib import Path
task = Task.init("tests/parameters", "configuration")
Path("net.yaml").write_text("a: 1")
values = {"x": [1, 2]}
assert task.connect_configuration(values) is values
path = task.connect_configuration(Path("net.yaml"), name="net", description="the net")
print(values, Path(path).read_text(), type(path).__name__, path.suffix)
"""


def test_configurations_are_recorded_and_given_back(bench: Bench) -> None:
    bench.run(CONFIGURATION)
    events = [event for event in bench.journal().events if event["e"] == "configuration"]
    assert [(event["name"], event["type"], event["description"]) for event in events] == [
        ("General", "dictionary", ""), ("net", "yaml", "the net"),
    ]  # fmt: skip
    assert json.loads(events[0]["text"]) == {"x": [1, 2]}
    assert events[1]["text"] == "a: 1"
    handed = {"General": '{"y": 5}', "net": "a: 2"}
    assert _under_agent(bench, CONFIGURATION, {}, handed) == "{'y': 5} a: 2 PosixPath .yaml\n"


def test_declared_parameters_are_connected(bench: Bench) -> None:
    code = """
from capture.task_parameters import TaskParameters, param, percent_param
class Params(TaskParameters):
    lr = param(type=float, range=(0, 1), default=0.1)
    share = percent_param(default=0.5)
params = Params(lr=0.2)
Task.init("tests/parameters", "declared").connect(params)
print(params.lr, params.share)
for wrong in ({"lr": 2.0}, {"lr": "x"}, {"z": 1}):
    try: params.update_from_dict(wrong)
    except (ValueError, TypeError): pass
    else: raise SystemExit("accepted")
"""
    bench.run(code)
    stored = bench.journal().parameters()
    assert {key: p["value"] for key, p in stored.items()} == {"General/lr": "0.2", "General/share": "0.5"}
    stored["General/lr"]["value"] = "0.75"
    assert _under_agent(bench, code, stored) == "0.75 0.5\n"


def test_connecting_nonsense_is_said_and_harmless(bench: Bench) -> None:
    done = bench.run("""
        task = Task.init("tests/parameters", "nonsense")
        assert task.connect(5) == 5
        assert task.connect({"f": print, "big": "x" * 2_000_000, "ok": 1})["ok"] == 1
        class Evil:
            def __getattribute__(self, name): raise RuntimeError(name)
        task.connect(Evil())
    """)
    assert _stored(bench) == {"General/ok": ("1", "int")}
    assert all(word in done.stderr for word in ("General/f", "General/big", "connect"))


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("3", 1, 3), ("3.0", 1, 3), ("3.5", 1, 3.5), ("1e-3", 0.1, 0.001), ("", 5, None), ("", "x", ""),
        ("0", True, False), ("False", True, False), ("1.0", False, True), ("[1, 2]", (0,), (1, 2)),
        ("a, b", ["x"], ["a", "b"]), ('{"k": 1}', {"k": 0}, {"k": 1}), ("['a']", [], ["a"]), ("nan", None, "nan"),
        ("0.01", None, 0.01), ("-3", None, -3), ("True", None, True), ("1e-3", None, 0.001), ("3 of", None, "3 of"),
    ],
)  # fmt: skip
def test_text_fits_the_default(text: str, default: Any, value: Any) -> None:
    fitted = parameters.fit(text, default, "")
    assert (fitted, type(fitted)) == (value, type(value))


@pytest.mark.parametrize(("text", "default"), [("x", 1), ("x", 1.5), ("maybe", True), ("5", {}), ("{}", [1])])
def test_text_that_does_not_fit_is_refused(text: str, default: Any) -> None:
    with pytest.raises(parameters.Unfit):
        parameters.fit(text, default, "")
