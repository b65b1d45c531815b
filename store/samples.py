"""Debug samples: their files beside the tables, their rows inside the transaction of the batch they came with.

A file is written before its row, under a name that is the same each time the record is taken in, and goes after it:
once the transaction that deleted the row has committed. The newest iterations of each sample stay.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from . import files, tables
from .engine import Transaction
from .errors import StoreUnusable
from .intake import Sampled, label, sane
from .records import Batch
from .sample_records import Sample
from .text import storable

HISTORY = 100
"""Iterations of a debug sample that are kept, unless the setting ``samples.history`` or the script says otherwise."""
FOLDER = "samples"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
Row = dict[str, Any]
_S = tables.debug_sample.c
_KEY = (_S.task_id, _S.title, _S.series)


def keep(home: str, batch: Batch) -> list[Sampled]:
    """Write the files of a batch's samples, and return their rows.

    Args:
        home: the store's home folder.
        batch: what a journal gained.

    Raises:
        StoreUnusable: the disk has no room for them, so the tables have none either.
        OSError: something else keeps these files out; other tasks are not touched by it.
    """
    try:
        return [_kept(home, batch, sample) for sample in batch.samples]
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StoreUnusable(f"Cannot keep files in the store folder {home}: {error.strerror or error}.") from error


def _kept(home: str, batch: Batch, sample: Sample) -> Sampled:
    url, (width, height) = storable(sample.url), dimensions(sample.data)
    if sample.data:
        name = f"{sample.number}.{sample.kind}" if sample.kind else str(sample.number)
        url = files.uri(files.put(home, batch.task, FOLDER, batch.writer, name, sample.data))
    row = {
        "title": label(sample.title), "series": label(sample.series), "iteration": sample.iteration,
        "time": sample.time if sane(sample.time) else 0.0, "kind": storable(sample.kind), "url": url,
        "size": len(sample.data), "width": width, "height": height,
    }  # fmt: skip
    return Sampled(row, sample.history)


def write(tx: Transaction, rows: Sequence[tuple[Row, int]]) -> None:
    """Write samples, those of an iteration that is there already over it, and delete what is older than the history.

    Args:
        tx: the write transaction.
        rows: of the table ``debug_sample``, in the order they were reported, each with how many iterations of its
            sample are kept.
    """
    histories: dict[tuple[str, str, str], int] = {}
    for row, history in rows:
        histories[row["task_id"], row["title"], row["series"]] = max(1, history)
        _replace(tx, row)
    for key, kept in histories.items():
        _drop_old(tx, key, kept)


def _replace(tx: Transaction, row: Row) -> None:
    which = [column == row[column.name] for column in (*_KEY, _S.iteration)]
    _forget(tx, which, but=row["url"])
    tx.execute(tables.upsert(tables.debug_sample, tx.connection.dialect.name), row)


def _drop_old(tx: Transaction, key: tuple[str, str, str], kept: int) -> None:
    which = [column == value for column, value in zip(_KEY, key, strict=True)]
    newest = sa.select(_S.iteration).where(*which).order_by(_S.iteration.desc()).offset(kept).limit(1)
    first = tx.execute(newest).scalar_one_or_none()
    if first is not None:
        which.append(_S.iteration <= first)
        _forget(tx, which)
        tx.execute(sa.delete(tables.debug_sample).where(*which))


def forget(tx: Transaction, task: str) -> None:
    """Have the files of a task's samples removed, whose rows are about to be deleted."""
    _forget(tx, [_S.task_id == task])


def _forget(tx: Transaction, which: Iterable[sa.ColumnElement[bool]], but: str = "") -> None:
    """Have the files of these rows removed once the transaction has committed."""
    wanted = sa.select(_S.url).where(*which, _S.url != but)
    tx.gone += tx.execute(wanted).scalars().all()


# What the head of a file says -----------------------------------------------------------------------------------------


def dimensions(data: bytes) -> tuple[int, int]:
    """Return the width and height that the head of a PNG, GIF, BMP or JPEG file names, zeros where it names none."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return _pair(">II", data, 16)
    if data[:4] == b"GIF8" and len(data) >= 10:
        return _pair("<HH", data, 6)
    if data[:2] == b"BM" and len(data) >= 26:
        return _pair("<ii", data, 18)
    return _of_jpeg(data) if data[:2] == b"\xff\xd8" else (0, 0)


def _pair(form: str, data: bytes, offset: int) -> tuple[int, int]:
    width, height = struct.unpack_from(form, data, offset)
    return abs(width), abs(height)


def _of_jpeg(data: bytes) -> tuple[int, int]:
    """Go from segment to segment up to the one that starts a frame."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return _pair(">HH", data, place + 5)[::-1]
        place += 2 + max(2, length)
    return 0, 0
