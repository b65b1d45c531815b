"""A journal's new records as a ``Batch`` for the store.

``Reader`` never changes anything: it reads from its position, and only ``commit`` (after the store has taken the batch)
moves it on. ``rewind`` puts it where the store says it is. The loop over scalars is the recorder's hottest code: whole
runs are unpacked by one C iterator, and each record costs one checksum and three appends.
"""

from __future__ import annotations

import json
import logging
import re
import struct
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from zlib import crc32

from capture import frames
from capture.frames import END, EVENT, PLOT, SAMPLE, SCALAR, SERIES, STREAMS, TEXT
from store import clock, figures, redact
from store.records import Batch, Event, Line, Plot, Points, Position, SeriesKey, Taken
from store.sample_records import Sample
from store.writers import WriterRow

from .console import Tail
from .known import Known
from .memory import Memory
from .segments import START, Segments
from .spool import Identity, not_kept

MAX_BYTES = 4 << 20
"""Bytes of one writer taken in by one transaction: what bounds the recorder's memory while it catches up."""
log = logging.getLogger("labtop.recorder")
_FIRST_CHUNK = 16 << 10  # most ticks find little; reading a whole segment of zeros each time costs more than parsing

_PATIENCE = 5.0
"""Seconds between two looks for damage in a segment that is being written: through all the room ahead."""
_SCALAR_RUN = struct.Struct("<IIBIqdd")  # FRAME and SCALAR_FRAME in one
_SCALAR_LENGTH = frames.SCALAR_FRAME.size
_STEP = _SCALAR_RUN.size
_HEAD = frames.FRAME.size
_FOR_INGEST = frozenset(
    ("start", "parameters", "configuration", "progress", "comment", "rename", "tags", "single", "offset", "refused",
     "artifact", "model", "input_model")
)  # fmt: skip
_COUNT, _ENDING = re.compile(r"[0-9]{1,10}"), re.compile(r"[a-z0-9]{0,8}")
_WHOLE = tuple(number for number, stream in enumerate(STREAMS) if stream in ("text", "labtop"))

_Appends = tuple[Callable[[int], None], Callable[[float], None], Callable[[float], None]]


class Reader:
    """Reads one writer's journal. ``dead`` is set once its writer is known to be gone, before the last reads."""

    def __init__(self, folder: Path, identity: Identity, secrets: Known, row: WriterRow | None = None) -> None:
        self.identity = identity
        self.secrets = secrets
        self.position, self.memory = START, Memory()
        self.task, self.execution = identity.task, 0
        if row is not None:
            self.rewind(row)
        self.segments = Segments(folder, identity.writer, self.position)
        self.dead = False
        self.drained = False
        """Whether the last ``read`` came to the end of what is there."""
        self._not_before = 0.0
        """Before then nothing damaged is looked for, but where the writer is done with the segment."""
        self._next = self.memory

    def read(self, limit: int = MAX_BYTES) -> Batch | None:
        """Return what came since the position, None if nothing did."""
        self.segments.move(self.position)
        if self._quiet():
            self._next, self.drained = self.memory, True
            return None
        self._next = self.memory.copy()
        parser = self._parser()
        left, size = limit, _FIRST_CHUNK
        self.drained = False
        while left > 0:
            taken, moved = self._read_chunk(parser, min(left, size))
            left -= taken
            size = min(size * 8, frames.SEGMENT_SIZE)
            if not taken and not moved:
                self.drained = True
                break
        self._count_not_kept(parser)
        if self.segments.position == self.position and not parser.events:
            return None
        self._next.taken += limit - left
        return self._batch(parser)

    def stop_of(self, stream: str) -> int | None:
        """Return where the script said its share of a followed file ends, as far as was read; None while it did not."""
        end = self._next.follows.get(stream, {}).get("end")
        return int(end) if isinstance(end, int) else None

    def nothing(self) -> Batch:
        """Return a batch without records, where ``read`` found none, for what the recorder has to add."""
        return self._batch(self._parser())

    def commit(self, taken: Taken) -> None:
        """The store has taken the last batch: go on behind it."""
        self.memory, self.position = self._next, self.segments.position
        self.task, self.execution = taken.task, taken.execution

    def rewind(self, row: WriterRow | None) -> None:
        """Go to where the store says this journal is: somebody may have taken in part of it before."""
        self.position = START if row is None else row.position
        self.memory = Memory() if row is None else Memory.load(row.state)
        self.task = self.identity.task if row is None else row.task
        self.execution = 0 if row is None else row.execution

    def seal(self, sealed: Position, events: list[Event], moment: float) -> Batch:
        """Return the last batch of all: unfinished lines, the end's events, and a position nobody goes on from."""
        self._next = self.memory.copy()
        self.segments.move(sealed)
        parser = self._parser()
        parser.lines = _flushed(self._next, self.identity.rank, moment)
        self._count_not_kept(parser)
        parser.events += events
        return self._batch(parser)

    def _count_not_kept(self, parser: Parser) -> None:
        """Count what the script had no room for, and say it when that begins."""
        count = not_kept(self.segments.folder, self.identity.writer)
        fresh = count - self._next.not_kept
        if fresh <= 0 or (self.segments.position == START and not self.dead):
            return
        if self.segments.position == START and not parser.events:
            parser.events.append(self._beginning())
        parser.lost(
            "" if self._next.not_kept else "records are missing from here on: there was no room for them", fresh
        )
        self._next.not_kept = count

    def _quiet(self) -> bool:
        """Whether there is nothing to read, as for most writers at most ticks."""
        return not self.dead and not self.segments.waiting() and self.segments.later(dead=False) is None

    def _read_chunk(self, parser: Parser, limit: int) -> tuple[int, bool]:
        segments = self.segments
        data = segments.chunk(limit)
        taken = parser.feed(data, segments.salt) if data else 0
        segment, offset = segments.position
        segments.move(Position(segment, offset + taken))
        parser.padded = False
        if taken and not segments.at_end():
            return taken, False
        return taken, self._next_segment() if segments.at_end() else self._skip(parser)

    def _next_segment(self) -> bool:
        """Go on with the next segment, which need not be there yet."""
        number = self.segments.later(self.dead)
        if number is None:
            return False
        # One that is missing is met with as such.
        self.segments.move(Position(self.segments.position.segment + 1, START.offset))
        return True

    def _skip(self, parser: Parser) -> bool:
        """Go on behind what nobody will ever be able to read, and say so; False if there is nothing of that kind."""
        if monotonic() < self._not_before and not self.dead and self.segments.later(dead=False) is None:
            return False
        found = self.segments.damage(self.dead)
        if found is None:
            self._not_before = monotonic() + _PATIENCE
            return False
        if found.size:
            if self.segments.position == START and not parser.events:
                parser.events.append(self._beginning())
            torn = found.last and self.segments.position != START
            parser.lost(found.said(self.identity.writer, torn))
            if not torn and found.resume.segment == found.segment:
                self._next.damaged.append(found.segment)
        self.segments.move(found.resume)
        return True

    def _beginning(self) -> Event:
        """Return a ``start`` in place of the one that could not be read: what follows it must come to its task."""
        who = self.identity
        mode = "new" if who.primary else "attach"
        return {"e": "start", "mode": mode, "task": who.task, "host": who.host, "time": who.created}

    def _parser(self) -> Parser:
        folder, writer = self.segments.folder, self.identity.writer
        return Parser(
            self._next, self.identity.rank, self.secrets, lambda event: self.secrets.learn(folder, writer, event)
        )

    def _batch(self, parser: Parser) -> Batch:
        who, scalars = self.identity, parser.points()
        lines, self._next.in_key = redact.lines(self.secrets.lines(parser.lines), self._next.in_key)
        return Batch(
            writer=who.writer, task=self.task, execution=self.execution, primary=who.primary, host=who.host,
            old=self.position, new=self.segments.position, state=self._next.dump(self.secrets.unfinished),
            scalars=scalars, lines=lines, events=parser.events, records=parser.records, plots=parser.plots,
            samples=parser.samples,
        )  # fmt: skip


class Parser:
    """Frames into scalars, lines and events; changes the memory it is given as it goes."""

    def __init__(self, memory: Memory, rank: int, secrets: Known, learn: Callable[[Event], None]) -> None:
        self.memory = memory
        self.secrets, self._learn = secrets, learn
        self.rank = rank
        self.lines: list[Line] = []
        self.events: list[Event] = []
        self.plots: list[Plot] = []
        self.samples: list[Sample] = []
        self.records = 0
        self.padded = False
        """Whether the writer went on in the next segment."""
        self._points: dict[int, Points] = {}
        self._appends: dict[int, _Appends] = {}

    def feed(self, data: bytes, salt: int) -> int:
        """Take in the whole, good frames at the start of ``data``; return how many bytes those are."""
        view = memoryview(data)
        offset, limit = 0, len(data) - _HEAD
        unpack = frames.FRAME.unpack_from
        while offset < limit:
            if data[offset + _HEAD] == SCALAR:
                reached = self._scalars(data, view, offset, salt)
                if reached != offset:
                    offset = reached
                    continue
            length, checksum = unpack(data, offset)
            end = offset + _HEAD + length
            if not length or end > len(data) or crc32(view[offset + _HEAD : end], salt) != checksum:
                break
            self._other(data[offset + _HEAD : end])
            offset = end
            if self.padded:
                break
        return offset

    def points(self) -> dict[SeriesKey, Points]:
        """Return the scalars by series; ids that were given the same name twice are one series."""
        result: dict[SeriesKey, Points] = {}
        for number, points in self._points.items():
            key = self.memory.series[number]
            if key in result:
                _extend(result[key], points)
            else:
                result[key] = points
        if result:
            newest = max(points.iterations[-1] for points in result.values())
            self.memory.iteration = max(self.memory.iteration, newest)
        return result

    def _scalars(self, data: bytes, view: memoryview, offset: int, salt: int) -> int:
        """Take in the run of scalars at ``offset``; return where it ends."""
        appends, begin = self._appends, offset
        whole = offset + (len(data) - offset) // _STEP * _STEP
        for length, checksum, kind, number, iteration, time_, value in _SCALAR_RUN.iter_unpack(view[offset:whole]):
            end = offset + _STEP
            if length != _SCALAR_LENGTH or kind != SCALAR or crc32(data[offset + _HEAD : end], salt) != checksum:
                break
            offset = end
            entry = appends.get(number) or self._series(number)
            entry[0](iteration)
            entry[1](time_)
            entry[2](value)
        self.records += (offset - begin) // _STEP
        return offset

    def _series(self, number: int) -> _Appends:
        self.memory.series.setdefault(number, ("unnamed", f"series {number}"))  # its name was in a damaged record
        points = self._points[number] = Points()
        self._appends[number] = appends = (points.iterations.append, points.times.append, points.values.append)
        return appends

    def _other(self, payload: bytes) -> None:
        kind = payload[0]
        if kind == TEXT and len(payload) >= frames.TEXT_HEAD.size:
            self._text(payload)
        elif kind == SERIES and len(payload) > frames.SERIES_HEAD.size:
            number = frames.SERIES_HEAD.unpack_from(payload)[1]
            self.memory.series[number] = _names(payload[frames.SERIES_HEAD.size :])
        elif kind == EVENT:
            self._event(payload[1:])
        elif kind == PLOT and len(payload) > frames.PLOT_HEAD.size:
            self._plot(payload)
        elif kind == SAMPLE and len(payload) > frames.SAMPLE_HEAD.size:
            self._sample(payload)
        elif kind == END:
            self.padded = True

    def lost(self, why: str, count: int = 1) -> None:
        """Count records that are not kept, and say why in the task's console."""
        if why:
            self.lines.append(Line(clock.now(), "labtop", self.rank, why))
        self.events.append({"e": "dropped", "count": count})

    def _text(self, payload: bytes) -> None:
        _, stream, moment = frames.TEXT_HEAD.unpack_from(payload)
        tail = self.memory.tails.get(stream)
        if tail is None:
            tail = self.memory.tails[stream] = Tail()
        name = STREAMS[stream] if stream < len(STREAMS) else STREAMS[0]
        texts = tail.feed(payload[frames.TEXT_HEAD.size :])
        if stream in _WHOLE:
            texts += tail.flush()
        self.lines += [Line(moment, name, self.rank, text) for text in texts]
        self.records += 1

    def _plot(self, payload: bytes) -> None:
        """Take in a plot, its texts without secrets; as it was packed where there are none."""
        _, iteration, moment, length = frames.PLOT_HEAD.unpack_from(payload)
        body = frames.PLOT_HEAD.size + length
        title, series = map(self._clean, _names(payload[frames.PLOT_HEAD.size : body]))
        self.records += 1
        try:
            figure = figures.unpack(payload[body:])
            clean = figures.with_texts(figure, self._clean)
        except (ValueError, RecursionError) as error:
            self.lost(f"a plot was left out: {error}")
            return
        packed = payload[body:] if clean == figure else figures.pack(clean)
        self.plots.append(Plot(title, series, iteration, moment, figures.types_of(clean), packed))

    def _sample(self, payload: bytes) -> None:
        """Take in a debug sample; what is in its file is nobody's business here."""
        _, iteration, moment, length = frames.SAMPLE_HEAD.unpack_from(payload)
        body = frames.SAMPLE_HEAD.size + length
        names = payload[frames.SAMPLE_HEAD.size : body].decode("utf-8", "replace").split("\0")
        self.records += 1
        if len(names) != 5 or not _COUNT.fullmatch(names[4]) or not _ENDING.fullmatch(names[2]):
            self.lost("a debug sample of a strange shape was left out")
            return
        title, series, url = map(self._clean, (names[0], names[1], names[3]))
        number, data = self.memory.samples, payload[body:]
        self.memory.samples += 1
        self.samples.append(Sample(title, series, iteration, moment, names[2], url, int(names[4]), number, data))

    def _clean(self, text: str) -> str:
        return self.secrets.text(redact.free(text))

    def _event(self, payload: bytes) -> None:
        self.records += 1
        try:
            event: Event = json.loads(payload)
            kind = event["e"]
            self._learn(event)
            event = self.secrets.event(redact.event(event))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.lost(f"an event of a strange shape was left out: {type(error).__name__}")
            return
        if kind == "follow":
            self.memory.follows[str(event.get("stream"))] = event
        elif kind == "follow_end":
            self.memory.follows.get(str(event.get("stream")), {})["end"] = event.get("offset")
        elif kind == "end":
            self._end(event)
        elif kind in _FOR_INGEST:
            self.events.append(event)
            if kind == "start":
                self._start(event)

    def _start(self, event: Event) -> None:
        memory = self.memory
        memory.end = None
        memory.started = float(event.get("time") or 0)
        memory.monitor = bool(event.get("monitor", True))
        if "argv" in event:
            memory.environment = event

    def _end(self, event: Event) -> None:
        """Remember how it ended; a status is passed on at once, an exit code decides only when the process is gone."""
        self.memory.end = event
        if event.get("status") != "exit":
            self.lines += _flushed(self.memory, self.rank, float(event.get("time") or clock.now()))
            self.events.append(event)


def _flushed(memory: Memory, rank: int, moment: float) -> list[Line]:
    """Return every unfinished line, finished by the end of its journal."""
    kept = [(stream, text) for stream, tail in memory.tails.items() for text in tail.flush()]
    return [Line(moment, STREAMS[stream], rank, text) for stream, text in kept]


def _names(data: bytes) -> SeriesKey:
    title, _, series = data.decode("utf-8", "replace").partition("\0")
    return title, series


def _extend(points: Points, more: Points) -> None:
    points.iterations.extend(more.iterations)
    points.times.extend(more.times)
    points.values.extend(more.values)
