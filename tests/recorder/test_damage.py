"""Journals with damaged bytes: what can still be read is kept, what cannot is counted, said and put aside."""

from __future__ import annotations

import os
from pathlib import Path

from capture import frames
from capture.recorder.client import waiting
from store.paths import Location
from tests.recorder.processes import Start, Stored
from tests.recorder.spooled import Journal
from tests.recorder.test_recorder import GONE, filled
from tests.support import eventually


def segment(journal: Journal, number: int = 0) -> Path:
    return journal.spool / f"{journal.writer}.{number}.seg"


def damage(journal: Journal, offset: int, data: bytes, number: int = 0) -> None:
    """Write over what a segment holds; a negative offset counts from the end of what was written last."""
    with segment(journal, number).open("r+b") as file:
        file.seek(offset if offset >= 0 else journal._offset + offset)
        file.write(data)


def cleared(location: Location) -> None:
    eventually(lambda: not waiting(location.spool))


SCALAR = frames.FRAME.size + frames.SCALAR_FRAME.size


def test_a_flipped_bit_costs_one_record_and_is_counted_said_and_kept(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 100, **GONE)
    journal.close()
    damage(journal, -5 * SCALAR + 20, b"\xff")
    whole = segment(journal).read_bytes()
    recorder()
    cleared(location)
    assert stored.values(journal.task) == [float(n) for n in range(100) if n != 95]
    assert stored.task(journal.task)["dropped"] == 1
    (said,) = stored.lines(journal.task)
    assert said.startswith(f"{SCALAR} bytes of the journal are damaged")
    (kept,) = location.spool.iterdir()
    assert kept.name in said and kept.read_bytes() == whole


def test_a_damaged_length_is_passed_too_small_or_too_large(location: Location, recorder: Start, stored: Stored) -> None:
    journals = [filled(location, 100, **GONE) for _ in range(4)]
    for journal, length in zip(journals, (b"\0\0\0\0", b"\x05", b"\xff\xff\xff\x7f", b"\xff\xff\x00"), strict=True):
        journal.close()
        damage(journal, -5 * SCALAR, length)
    recorder()
    cleared(location)
    for journal in journals:
        assert stored.values(journal.task) == [float(n) for n in range(100) if n != 95]
        assert stored.task(journal.task)["dropped"] == 1


def test_a_lost_block_and_a_damaged_end_of_a_segment_do_not_cost_the_segments_behind(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 1000, segment=16384, **GONE)
    assert journal.number > 1
    journal.close()
    damage(journal, 4096, bytes(4096))
    damage(journal, 16384 - 40, b"\xff" * 40, 1)  # some of it is a record, the rest is padding
    recorder()
    cleared(location)
    values = stored.values(journal.task)
    lost = sorted(set(range(1000)) - set(map(int, values)))
    assert values == sorted(values) and 4096 // SCALAR <= len(lost) <= 4096 // SCALAR + 4
    assert stored.task(journal.task)["dropped"] >= 1
    assert (location.spool / f"{journal.writer}.0.seg.damaged").exists()


def test_damaged_padding_is_no_loss(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 10, segment=16384, **GONE)
    journal.frame(bytes([200]) + bytes(16384))  # does not fit: the rest of the first one is padding
    journal.close()
    damage(journal, 16384 - 100, b"\xff")
    recorder()
    cleared(location)
    assert stored.task(journal.task)["dropped"] == 0
    assert list(location.spool.iterdir()) == []


def test_a_live_writers_damaged_record_is_waited_for_until_a_good_one_follows(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10)
    begin = journal._offset
    journal.scalar(10.0, 10)
    damage(journal, -1, b"\xaa")
    recorder()
    eventually(lambda: journal.acknowledged()[2] == begin)
    assert stored.task(journal.task)["dropped"] == 0, "it may only not be there yet"
    journal.scalar(11.0, 11)
    eventually(lambda: len(stored.values(journal.task)) == 11)
    assert stored.values(journal.task) == [*map(float, range(10)), 11.0]
    assert stored.task(journal.task)["dropped"] == 1
    assert stored.status(journal.task)[0] == "running"
    journal.close()


def test_a_live_writers_zeroed_record_is_passed_once_it_has_gone_on(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10, segment=8192)
    damage(journal, -3 * SCALAR, bytes(3 * SCALAR))
    for number in range(10, 400):
        journal.scalar(float(number), number)
    recorder()
    eventually(lambda: len(stored.values(journal.task)) == 397)
    assert stored.task(journal.task)["dropped"] == 1
    journal.close()


def test_a_segment_without_a_header_is_said_and_kept_and_the_others_are_read(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 1000, segment=16384, **GONE)
    assert journal.number == 2
    journal.close()
    damage(journal, 0, b"what is this", 1)
    recorder()
    cleared(location)
    values = stored.values(journal.task)
    assert len(values) < 1000 and values[-1] == 999.0
    assert stored.task(journal.task)["dropped"] == 1
    assert [path.name for path in location.spool.iterdir()] == [f"{journal.writer}.1.seg.damaged"]


def test_a_missing_segment_does_not_hide_those_behind_it(location: Location, recorder: Start, stored: Stored) -> None:
    journal = filled(location, 1000, segment=16384, **GONE)
    journal.close()
    os.unlink(segment(journal, 1))
    recorder()
    cleared(location)
    assert stored.values(journal.task)[-1] == 999.0
    assert [line for line in stored.lines(journal.task) if "is missing" in line]


def test_a_journal_whose_beginning_cannot_be_read_still_comes_to_its_task(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = filled(location, 10, **GONE)
    journal.close()
    damage(journal, 40, b"\xff\xff")
    recorder()
    cleared(location)
    assert stored.values(journal.task) == [float(n) for n in range(10)]
    assert stored.status(journal.task)[0] == "failed"
    assert stored.task(journal.task)["dropped"] == 1


def test_a_journal_of_which_nothing_can_be_read_is_kept_aside_and_its_task_says_so(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = Journal(location.spool, **GONE)
    journal.raw(b"nothing of this is a record" * 10)
    journal.close()
    recorder()
    cleared(location)
    (kept,) = location.spool.iterdir()
    assert kept.name == f"{journal.writer}.0.seg.damaged"
    assert stored.status(journal.task)[0] == "failed"
    assert stored.lines(journal.task)[0].startswith("270 bytes of the journal are damaged")
    assert f"{journal.writer}.0.seg is kept as" in (location.home / "recorder.log").read_text()


def test_scalars_whose_series_name_was_damaged_keep_their_values(
    location: Location, recorder: Start, stored: Stored
) -> None:
    journal = Journal(location.spool, **GONE)
    journal.start()
    begin = journal._offset
    journal.scalar(1.0, 0)
    journal.scalar(2.0, 1)
    journal.close()
    damage(journal, begin + frames.FRAME.size + 6, b"\xff")
    recorder()
    cleared(location)
    assert stored.values(journal.task, "unnamed", "series 0") == [1.0, 2.0]
