"""Text that attacks a terminal, a store full of it, and what of it reached the terminal.

``build`` makes a store through the product and then puts the corpus into every text column, with SQL where the
product itself refuses or cleans it: another program could have written it. The control is the same store made of
harmless text. Nothing here judges; ``kinds`` says what is in a stream of bytes.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from store import commands, hosts, models, queues
from store.compact import compact
from store.engine import Store, open_store
from store.ingest import ingest
from store.records import GpuRow, Holder, HostRow, Load, Plot, WorkerRow
from tests.support import Script, line, plot, points, sample

CORPUS = (
    "\x1b]52;c;ZXZpbA==\x1b\\",  # the clipboard, ended by ST
    "\x1b]52;c;ZXZpbA==\x07",  # the same, ended by BEL
    "\x1b]0;HACKED\x07\x1b]2;HACKED\x1b\\\x1bkHACKED\x1b\\",  # titles
    "\x1b[2J\x1b[3J\x1b[6n\x1b[5;8m\x1b[21t",  # clear, ask, conceal, report the title
    "\x9d52;c;ZXZpbA==\x9c\x9b3J\x90q\x9c\x85\x8d",  # C1
    "\x1bP$q\x22p\x1b\\\x1b_Gi=1\x1b\\\x1b^pm\x1b\\",  # DCS, APC, PM
    "\x1b]8;;file:///etc\x1b\\link\x1b]8;;\x1b\\",  # a link
    "\x1b[?1049l\x1b[?1000h\x1b[!p\x1bc",  # other modes, resets
    "[/foo] [bold [@click=app.quit]x[/] [link=http://a.invalid]y[/link] :smile:",
    "\u202edc\u202c\u2066ba\u2069\u200f\u061c",
    "nul\x00bs\x08\x08\x05\x0e\x7f",
    "cr\rlf\x0b\x0c\u2028\u2029",
    "e\u0301\u6f22\u5b57\U0001f469\u200d\U0001f52c\u200b\ufeff",
)
WOLF, LAMB = "WOLF", "LAMB"
LONG = 100_000
UNFINISHED = "WOLF\x1b]0;not ended"

ID, ANY, WORD, LIST, OBJECT = "id", "any", "word", "list", "object"
PLANTED: dict[str, str] = {
    "meta.key": ANY, "meta.value": ANY,
    "project.id": ID, "project.path": ANY, "project.parent_id": ID, "project.description": ANY,
    "project.baseline": ID,
    "task.id": ID, "task.project_id": ID, "task.name": ANY, "task.type": WORD, "task.status": WORD,
    "task.status_reason": ANY, "task.status_by": ANY, "task.user": ANY, "task.host": ANY, "task.comment": ANY,
    "task.parent_id": ID, "task.queue_id": ID, "task.worker": ANY, "task.abort_by": ANY,
    "task_code.task_id": ID, "task_code.repository": ANY, "task_code.branch": ANY, "task_code.commit": ANY,
    "task_code.entry_point": ANY, "task_code.working_dir": ANY, "task_code.argv": LIST, "task_code.binary": ANY,
    "task_code.packages": OBJECT, "task_code.environment": OBJECT,
    "parameter.task_id": ID, "parameter.section": ANY, "parameter.name": ANY, "parameter.value": ANY,
    "parameter.type": ANY, "parameter.description": ANY,
    "configuration.task_id": ID, "configuration.name": ANY, "configuration.text": ANY, "configuration.type": ANY,
    "configuration.description": ANY,
    "task_tag.task_id": ID, "task_tag.tag": ANY,
    "task_metric.task_id": ID, "task_metric.title": ANY, "task_metric.series": ANY,
    "single_value.task_id": ID, "single_value.name": ANY,
    "artifact.task_id": ID, "artifact.name": ANY, "artifact.type": ANY, "artifact.uri": ANY, "artifact.hash": ANY,
    "artifact.content_type": ANY, "artifact.preview": ANY, "artifact.metadata": OBJECT,
    "model.id": ID, "model.task_id": ID, "model.name": ANY, "model.framework": ANY, "model.uri": ANY,
    "model.hash": ANY, "model.labels": OBJECT, "model.design": ANY, "model.comment": ANY, "model.tags": LIST,
    "input_model.task_id": ID, "input_model.model_id": ID, "input_model.name": ANY,
    "plot.task_id": ID, "plot.title": ANY, "plot.series": ANY, "plot.types": ANY,
    "debug_sample.task_id": ID, "debug_sample.title": ANY, "debug_sample.series": ANY, "debug_sample.kind": ANY,
    "debug_sample.url": ANY,
    "scalar_journal.task_id": ID, "scalar_chunk.task_id": ID,
    "console_journal.task_id": ID, "console_chunk.task_id": ID,
    "task_event.task_id": ID, "task_event.id": ID, "task_event.action": WORD, "task_event.status_from": WORD,
    "task_event.status_to": WORD, "task_event.by": ANY, "task_event.reason": ANY,
    "tombstone.task_id": ID,
    "queue.id": ID, "queue.name": ANY,
    "queue_entry.task_id": ID, "queue_entry.queue_id": ID, "queue_entry.added_by": ANY,
    "worker.id": ID, "worker.name": ANY, "worker.host": ANY, "worker.user": ANY, "worker.queues": LIST,
    "worker.task_id": ID, "worker.state": WORD, "worker.process": ANY,
    "host.name": ANY, "host.sample": WORD,
    "writer.id": ID, "writer.task_id": ID, "writer.host": ANY, "writer.state": OBJECT,
}  # fmt: skip
"""Every text column, and how it is filled: ``ANY`` in every row, ``ID`` where one thing has a strange id, ``WORD`` in
the rows of the broken task or as made, JSON with the corpus as its strings (and no JSON at all in the broken task)."""

DRAFTS = ("draft", "edited", "sent", "based", "executed", "pending", "queued", "moved")
ENDED = {"completed": "completed", "other": "completed", "reset": "completed", "published": "completed",
         "failed": "failed", "retried": "failed", "aborted": "aborted", "archived": "completed",
         "deleted": "completed", "restored": "completed", "broken": "completed"}  # fmt: skip
RUNNING = ("running", "stopped", "strange")
ROLES = (*DRAFTS, *ENDED, *RUNNING)
IDS = {role: f"{0xA0 + number:02x}" * 16 for number, role in enumerate((*ROLES, "gone", "child"))}


def wolf(number: int, only: int | None = None) -> str:
    """Return corpus texts behind each other, each after the word that says that it was shown."""
    turned = CORPUS[number % len(CORPUS) :] + CORPUS[: number % len(CORPUS)]
    return "".join(WOLF + text for text in turned[:only])


def lamb(number: int, only: int | None = None) -> str:
    """Return harmless text."""
    return f"{LAMB} number {number}"


def text_columns() -> Iterator[tuple[str, str]]:
    """Yield table and column of every text column of every model."""
    for table in models.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.String):
                yield str(table.name), str(column.name)


# The store ----------------------------------------------------------------------------------------------------------


def build(folder: Path, text: Callable[..., str]) -> None:
    """Make a store in ``folder`` with a task for every role, of hostile text or, if it is ``lamb``'s, harmless."""
    hostile = text is not lamb
    with open_store(folder) as store:
        _tasks(store, text)
        database = store.location.database
    with sqlite3.connect(database) as connection:
        _fill(connection, text)
        # The ones that are hard to show come first on the home screen.
        first = ("broken", "failed", "completed", "draft", "strange")
        times = [(time.time() + 60 - n, IDS[role]) for n, role in enumerate(first)]
        connection.executemany("UPDATE task SET activity = ? WHERE id = ?", times)
        if hostile:
            _strange_ids(connection)
            _break(connection)
    connection.close()


def _tasks(store: Store, text: Callable[..., str]) -> None:
    for role in (*DRAFTS, "gone"):
        commands.create(store, by="ada@host", project=f"tests/{role}", name=f"the {role} one", task_id=IDS[role],
                        comment=text(1), tags=["a tag"], code={"entry_point": "train.py", "working_dir": "/nowhere"},
                        parameters={"Args/lr": ("0.1", "float"), "Args/text": (text(3), "str")})  # fmt: skip
        commands.configure(store, IDS[role], "model", text(4), by="ada@host")
    for role in (*ENDED, *RUNNING):
        _recorded(store, role, text, ENDED.get(role))
    commands.clone(store, IDS["strange"], by="ada@host")
    for project in ("tests", "tests/strange"):
        commands.set_baseline(store, project, IDS["strange"], by="ada@host")
    queues.create(store, "other queue", by="ada@host")
    for role in ("pending", "queued"):
        commands.enqueue(store, IDS[role], by="ada@host", queue="other queue" if role == "queued" else None)
    commands.publish(store, IDS["published"], by="ada@host")
    for role in ("archived", "deleted", "restored", "gone"):
        commands.archive(store, IDS[role], by="ada@host")
    commands.delete(store, IDS["gone"], by="ada@host")
    for number, task in enumerate((IDS["strange"], None)):
        now = time.time() + 3600
        queues.register(store, WorkerRow(f"w{number}", "worker", "host", "ada", 1 << 23, ["default"], task, "idle",
                                         now, now))  # fmt: skip
    held = tuple(Holder(9, text(n), task, 10.0) for n, task in enumerate((IDS["strange"], text(5), "")))
    load = Load(10.0, 1e9, 2e9, 1e9, 2e9)
    hosts.note(store, HostRow("host", now, load, (GpuRow(0, text(3), 5.0, 10.0, 20.0, held),), text(4)))


def _recorded(store: Store, role: str, text: Callable[..., str], end: str | None) -> None:
    """Have a task recorded, compact what is there, and have more of it recorded."""
    now = time.time() - 100
    script = Script(IDS[role])
    values = {f"Args/{text(n, 1)}": {"value": text(n), "type": "str", "description": text(n)} for n in range(3)}
    whole = "\n".join(text(n) for n in range(4))
    events = [
        script.start(project=f"tests/{role}", name=f"the {role} one", time=now, comment=text(5), tags=["one", "two"]),
        {"e": "parameters", "values": values},
        {"e": "configuration", "name": text(7, 1), "text": whole, "type": "", "description": ""},
        {"e": "single", "name": text(8, 1), "value": 1.5},
        *_files(role, text),
    ]  # fmt: skip
    scalars = {(text(9, 1), text(n, 1)): points([n + 0.1 * i for i in range(60)], at=now) for n in range(3)}
    scalars[":monitor:machine", text(1, 1)] = points([50.0 + i for i in range(30)], at=now)
    lines = [line(text(n), at=now) for n in range(20)] + [line("\x1b[31mError: red\x1b[0m", at=now)]
    samples = [sample(text(4, 1), text(5, 1), n, b"no picture") for n in range(2)]
    _take(store, script, events=events, scalars=scalars, lines=lines, plots=_plots(text), samples=samples)
    diff = f"diff --git a/x b/x\n+{text(0)}\n+{text(4)}".encode() + b"\xff\x9b2J"
    commands.set_environment(store, IDS[role], 1, {
        "entry_point": "train.py", "working_dir": "/nowhere", "argv": ["--lr", "0.1"], "packages": {"numpy": "2"},
        "environment": {"python": "3.12"}, "diff": diff,
    })  # fmt: skip
    compact(store, IDS[role], everything=True)
    ended = [{"e": "end", "status": end, "reason": text(2), "time": now + 60}] if end else []
    more = {key: points([1.0, float("nan")], first=60, at=now + 60) for key in scalars}
    _take(store, script, events=ended, scalars=more, lines=[line(text(n), at=now) for n in range(5)])


def _files(role: str, text: Callable[..., str]) -> list[dict[str, object]]:
    """Return events of artifacts and models, with text wherever it can stand."""
    about = {"uri": f"file:///{text(3)}", "hash": text(4), "size": 5, "time": 1000.0}
    kept = {"type": text(5), "content_type": text(6), "preview": text(7), "metadata": {text(8): text(9)}} | about
    said = {"framework": text(1), "labels": {text(2): 1}, "design": text(3), "comment": text(4), "tags": [text(5)]}
    return [
        *({"e": "artifact", "name": text(n, 1)} | kept for n in range(3)),
        {"e": "model", "id": f"model of {role}", "name": text(6)} | about | said,
        {"e": "input_model", "model": f"model of {role}", "name": text(7), "time": 1000.0},
    ]


def _plots(text: Callable[..., str]) -> list[Plot]:
    """Return a plot of each kind, with texts wherever one can stand."""
    names = [text(n) for n in range(3)]
    ticks = {"tickvals": [1, 2, 3], "ticktext": names}
    up = {"title": text(7), "type": text(1, 1)} | ticks
    axes = {"title": text(5), "xaxis": {"title": text(6)} | ticks, "yaxis": up}
    said = axes | {"comment": text(8), "barmode": text(9)}
    kinds: list[dict[str, object]] = [
        {"type": "scatter", "name": text(0), "x": [1, 2, 3], "y": [1.0, "NaN", 2.0], "text": names, "mode": text(2)},
        {"type": "scatter", "name": text(1), "x": names, "y": names},
        {"type": "bar", "name": text(2), "x": names, "y": [1, 2, 3]},
        {"type": "bar", "name": text(2), "y": names, "x": [1, 2, 3], "orientation": "h"},
        {"type": "heatmap", "x": names, "y": names, "z": [[1, 2, text(3)], [4, "NaN", 6], [7, 8, 9]]},
        {"type": "table", "header": {"values": names}, "cells": {"values": [names, [1, 2, 3], names]}},
        {"type": "scatter3d", "name": text(4), "x": [1, 2], "y": [3, 4], "z": [5, 6]},
        {"type": "box", "name": text(4), "x": names, "y": [1, 2, text(3)], "offsetgroup": text(1)},
        {"type": "violin", "name": text(5), "y": names, "x": [1, 2, 3], "orientation": "h", "side": text(3)},
        {"type": text(5), "name": text(6)},
    ]
    return [plot(text(n, 1), text(n + 1, 1), n, trace, layout=said) for n, trace in enumerate(kinds)]


def _take(store: Store, script: Script, **what: object) -> None:
    [taken] = ingest(store, [script.batch(**what)], "ada@host")  # type: ignore[arg-type]
    assert taken.outcome == "stored", taken
    script.execution = taken.execution


def _fill(connection: sqlite3.Connection, text: Callable[..., str]) -> None:
    """Put text into every row of every column that takes any."""
    connection.execute("INSERT INTO meta VALUES ('x', 'y')")
    for table, column in text_columns():
        kind = PLANTED.get(f"{table}.{column}")
        if kind not in (ANY, LIST, OBJECT):
            continue
        where = "WHERE key NOT IN ('schema', 'rev')" if table == "meta" else ""
        rows = connection.execute(f'SELECT rowid, "{column}" FROM "{table}" {where} ORDER BY rowid').fetchall()
        values = [(_value(kind, text, number, old), row) for number, (row, old) in enumerate(rows)]
        connection.executemany(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', values)
    if text is not lamb:
        connection.execute("UPDATE task SET name = name || ? WHERE id IN (?, ?)",
                           ("x" * LONG + UNFINISHED, IDS["completed"], IDS["draft"]))  # fmt: skip


def _value(kind: str, text: Callable[..., str], number: int, old: str) -> str:
    if kind == ANY:
        return (":monitor:" if old.startswith(":monitor:") else "") + f"{text(number)} {number}"
    surrogate = "s" if text is lamb else "\ud800"
    if kind == LIST:
        return json.dumps([text(number), text(number + 1) + surrogate])
    return json.dumps({text(number): text(number + 1) + surrogate})


def _strange_ids(connection: sqlite3.Connection) -> None:
    """Give one of each thing an id that attacks, wherever it stands."""
    [(project,)] = connection.execute("SELECT project_id FROM task WHERE id = ?", (IDS["strange"],))
    [(parent,)] = connection.execute("SELECT parent_id FROM project WHERE id = ?", (project,))
    [(queue,)] = connection.execute("SELECT queue_id FROM queue_entry WHERE task_id = ?", (IDS["queued"],))
    [(writer,)] = connection.execute("SELECT id FROM writer WHERE task_id = ?", (IDS["strange"],))
    events = connection.execute("SELECT id FROM task_event WHERE task_id = ?", (IDS["strange"],)).fetchall()
    olds = [IDS["strange"], IDS["queued"], IDS["gone"], project, parent, queue, writer, "w0", *(e for (e,) in events)]
    olds.append("model of strange")
    for number, old in enumerate(olds):
        for table, column in text_columns():
            if PLANTED.get(f"{table}.{column}") == ID:
                connection.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE "{column}" = ?', (wolf(number), old))


def _break(connection: sqlite3.Connection) -> None:
    """Let one task have words for states that are none, and no JSON where JSON belongs."""
    broken, text = IDS["broken"], wolf(0)
    connection.execute("UPDATE task SET status = ?, type = ? WHERE id = ?", (text, text, broken))
    connection.execute("UPDATE task_event SET action = ?, status_from = ?, status_to = ? WHERE task_id = ?",
                       (text, text, text, broken))  # fmt: skip
    connection.execute("UPDATE task_code SET argv = ?, packages = ?, environment = ? WHERE task_id = ?",
                       (text, text, "[1, 2]", broken))  # fmt: skip
    connection.execute("UPDATE worker SET queues = ?, state = ? WHERE id = 'w1'", (text, text))


def unplanted(folder: Path) -> list[str]:
    """Return the text columns of the store without a hostile value in any row."""
    with sqlite3.connect(folder / "store.db") as connection:
        columns = [(table, column) for table, column in text_columns() if not _holds(connection, table, column)]
    connection.close()
    return [".".join(column) for column in columns]


def _holds(connection: sqlite3.Connection, table: str, column: str) -> bool:
    values = (str(value) for (value,) in connection.execute(f'SELECT "{column}" FROM "{table}"'))
    return any(WOLF in value and ("\x1b" in value or r"\u001b" in value) for value in values)


# What reached the terminal ------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)(?P<middle>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<string>[\]PX^_])(?P<body>[^\x07\x1b\x9c]*)(?:\x07|\x1b\\)?"
    r"|\x1b(?P<escape>[ -/]*[0-~]?)"
    r"|(?P<control>[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f])|(?P<backspace>\x08)"
    r"|(?P<return>\r(?!\r*\n))"
    r"|(?P<direction>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    r"|(?P<raw>[\ud800-\udfff])"
)
_FREE = "ABCDEFGHXdfmr"
DRAWN = {"CSI X", "CSI r", "ESC M"}
"""How the dashboard erases and scrolls: which of them it needs depends on what moves, and no hostile text has them."""
_COLOUR = re.compile(r"[34]8[;:](?:5[;:]\d+|2(?:[;:]\d*){3})")
_TRICKS = {"5", "6", "8", "51", "52", "53"}
"""SGR codes no program here has a use for: blinking, concealed, framed."""


def kinds(data: bytes) -> set[str]:
    """Return what a stream has that a terminal acts on, by kind, without ``DRAWN``; numbers in moves are free."""
    text = data.decode("utf-8", "surrogateescape")
    return {kind for match in _TOKEN.finditer(text) for kind in _kinds(match)} - DRAWN


def _kinds(match: re.Match[str]) -> Iterator[str]:
    group = str(match.lastgroup)
    if match["final"]:
        yield _control_sequence(match)
        if match["final"] == "m":
            codes = re.split("[;:]", _COLOUR.sub("", match["parameters"]))
            yield from (f"SGR {code}" for code in codes if code in _TRICKS)
    elif match["string"]:
        yield f"ESC{match['string']}{_command(match['body'])}"
    elif match["escape"] is not None:
        yield f"ESC {match['escape']}"
    else:
        yield f"{group} {match.group()!a}"


def _control_sequence(match: re.Match[str]) -> str:
    private = match["parameters"][:1] if match["parameters"][:1] in tuple("<=>?") else ""
    free = match["final"] in _FREE and not private and not match["middle"]
    return f"CSI {'' if free else match['parameters']}{match['middle']}{match['final']}"


def _command(body: str) -> str:
    """An operating system command whole, but of a copy only what kind of text is copied."""
    if not body.startswith("52;c;"):
        return body
    try:
        copied = base64.b64decode(body[5:] + "==").decode("utf-8", "replace")
    except ValueError:  # a planted one whose end was cut off
        return body
    return "52;c;printable" if copied.isprintable() and copied != "evil" else f"52;c;{copied!r}"
