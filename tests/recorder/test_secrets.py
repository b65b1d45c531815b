"""Secrets on their way through the recorder: in no file of the store, whatever piece of them comes when."""

from __future__ import annotations

import json
from pathlib import Path

from store.paths import Location
from tests.recorder.processes import Start, Stored, Writing
from tests.recorder.spooled import Journal
from tests.recorder.test_recorder import GONE, empty
from tests.support import eventually

KEY = "Zk3-plain-looking-83"
TOKEN = "hf_" + "aB3" * 12
PEM = ["-----BEGIN RSA PRIVATE KEY-----", "MIIEowAAkeykeykey1", "MIIEowBBkeykeykey2", "-----END RSA PRIVATE KEY-----"]


def held(location: Location) -> bytes:
    """All bytes of the store, with its journal and what was deleted from its tables."""
    return b"".join(path.read_bytes() for path in location.home.glob("store.db*"))


def taken(journal: Journal) -> None:
    eventually(lambda: journal.acknowledged()[1:] == (journal.number, journal._offset))


def test_a_secret_that_an_argument_names_is_found_wherever_else_the_task_says_it(
    location: Location, recorder: Start, stored: Stored, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(f'connect("{KEY}")\n')
    journal = Journal(location.spool, **GONE)
    journal.start(argv=[f"--api-key={KEY}", "--header", f"Bearer {KEY}", "--max-tokens", "plainwords"],
                  script=str(tmp_path / "train.py"), cwd=str(tmp_path), path=[], env={}, module="")  # fmt: skip
    journal.event("parameters", values={
        "General/db_password": {"value": "hunter2hunter2", "type": "str", "description": ""},
        "General/note": {"value": f"my {KEY}", "type": "str", "description": ""},
    })  # fmt: skip
    journal.text(f"logging in with {KEY}\nand hunter2hunter2\nplainwords stay, as does x{KEY}x\n")
    journal.event("end", status="failed", reason=f"ValueError: bad key {KEY}", time=2000.0)
    fork = Journal(location.spool, task=journal.task, primary=False, **GONE)
    fork.event("start", task=journal.task, mode="attach", parent=journal.writer, time=1001.0)
    fork.text(f"the fork says {KEY}\n")
    journal.close()
    fork.close()
    recorder()
    eventually(lambda: empty(location))
    lines = stored.lines(journal.task)
    assert lines[:3] == ["logging in with <redacted:api-key>", "and <redacted:db_password>",
                         f"plainwords stay, as does x{KEY}x"]  # fmt: skip
    assert lines[3:] == ["the fork says <redacted:api-key>"]
    code = stored.code(journal.task)
    assert json.loads(code["argv"])[2] == "Bearer <redacted:api-key>"
    assert code["diff"] == b'connect("<redacted:api-key>")\n'
    assert stored.parameters(journal.task)["General/note"] == "my <redacted:api-key>"
    assert stored.status(journal.task) == ("failed", "ValueError: bad key <redacted:api-key>")


def test_the_next_recorder_knows_them_and_nothing_of_them_stays_in_the_spool(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = Journal(location.spool)
    journal.start(argv=[f"--api-key={KEY}"])
    process = recorder()
    taken(journal)
    process.kill()
    process.wait()
    journal.text(f"now {KEY}\n")
    recorder()
    eventually(lambda: stored.lines(journal.task) == ["now <redacted:api-key>"])
    assert KEY.encode() not in held(location)
    (file,) = location.spool.glob("*.secrets")
    assert file.stat().st_mode & 0o777 == 0o600
    journal.event("end", status="completed", time=2000.0)
    journal.close()
    eventually(lambda: empty(location))


def test_an_unfinished_line_is_joined_but_its_secrets_are_never_stored(
    location: Location, recorder: Start, stored: Stored, writing: Writing
) -> None:
    out = location.home / "out.txt"
    out.write_text(f"file {TOKEN[:12]}")
    found = out.stat()
    journal = Journal(location.spool, **writing(out))
    journal.start(argv=[f"--api-key={KEY}"])
    journal.event("follow", stream="err", path=str(out), dev=found.st_dev, inode=found.st_ino, offset=0)
    recorder()
    for piece in (f"plain half, {TOKEN[:10]}", TOKEN[10:30], TOKEN[30:], f" and {KEY[:9]}", KEY[9:]):
        journal.text(piece)
        taken(journal)
        assert b"aB3aB3" not in held(location) and b"Zk3-" not in held(location)
    with out.open("a") as file:
        file.write(TOKEN[12:] + " end\n")
    journal.text(" end\n")
    eventually(lambda: len(stored.lines(journal.task)) == 2)
    assert set(stored.lines(journal.task)) == {
        "plain half, <redacted:huggingface-token> and <redacted:api-key> end",
        "file <redacted:huggingface-token> end",
    }
    assert b"aB3aB3" not in held(location)
    journal.close()


def test_the_rest_of_a_secret_does_not_come_out_after_a_recorder_was_killed_in_the_middle_of_it(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = Journal(location.spool)
    journal.start()
    process = recorder()
    journal.text(f"using {TOKEN[:30]}")
    taken(journal)
    process.kill()
    process.wait()
    journal.text(f"{TOKEN[30:]} now\n")
    recorder()
    eventually(lambda: stored.lines(journal.task))
    (line,) = stored.lines(journal.task)
    assert line == "using <redacted:huggingface-token> now"


def test_a_private_key_that_is_printed_slowly_stays_hidden(location: Location, recorder: Start, stored: Stored) -> None:
    journal = Journal(location.spool)
    journal.start()
    process = recorder()
    for number, line in enumerate([*PEM, "after it"]):
        journal.text(line + "\n")
        taken(journal)
        if number == 1:
            process.kill()
            process.wait()
            recorder()
    eventually(lambda: len(stored.lines(journal.task)) == 5)
    assert stored.lines(journal.task) == ["<redacted:private-key>"] * 4 + ["after it"]
    journal.close()
