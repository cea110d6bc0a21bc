"""What is known of a live stream in memory: read from its indexes once, kept up with what its packager tells."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.wire.live_index import (
    METADATA,
    SECOND,
    SEGMENT,
    STREAM,
    Gone,
    Metadata,
    Part,
    Record,
    Run,
    StreamHead,
    index_name,
    read_records,
    read_stream,
)

_METADATA_KEPT = 200
"""Of the latest; each is in every playlist."""
_PARTS_KEPT = 8
"""Segments that know their parts apart."""
# Phenix' order: pictures from large to small, then sound.
_NAMES = ("720", "480", "360", "240", "144", "ahi", "alo")


@dataclass(slots=True)
class Segment:
    """A segment as far as it is there."""

    number: int
    run: Run
    first: Part
    last: Part
    size: int
    parts: list[Part]
    """Of the latest segments only."""

    @property
    def time(self) -> int:
        """When it begins, in its scale."""
        return self.first.time

    @property
    def duration(self) -> int:
        """In its scale."""
        return self.last.time + self.last.duration - self.first.time

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.duration / self.run.scale

    @property
    def microseconds(self) -> int:
        """When it begins, in the stream's time."""
        return self.first.time * SECOND // self.run.scale


class RenditionModel:
    """One quality. Segments are numbered without gaps; the last one is open until another begins."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.changed = asyncio.Event()
        self._path = folder / index_name(name)
        self._reset()

    def _reset(self) -> None:
        self.runs: list[Run] = []
        self.segments: list[Segment] = []
        self.below = 0
        self.version = 0
        self.longest = 0.0
        """Seconds of the longest segment that is whole."""
        self.independent = True
        """Whether every segment begins with a whole picture."""
        self.made: dict[bool, tuple[object, bytes, str]] = {}
        """The playlist, and that of only what is new: what it depends on, its text, its digest."""
        self.cells: dict[tuple[int, int], tuple[int, list[tuple[int, int, int]]]] = {}
        """Pieces of DASH's latest segments: the version they are of, and the pieces."""
        self.old: tuple[int, list[str]] = (0, [])
        """The number of the first segment, and the lines of playlists of the segments without parts from it on."""
        self._inode, self._offset = -1, 0

    @property
    def first(self) -> int:
        """The number of the first segment that is left."""
        return self.segments[0].number if self.segments else self.below

    @property
    def open(self) -> Segment | None:
        """The last segment."""
        return self.segments[-1] if self.segments else None

    @property
    def run(self) -> Run:
        """The latest."""
        return self.runs[-1]

    def get(self, number: int) -> Segment | None:
        """A segment by its number."""
        index = number - self.first
        return self.segments[index] if 0 <= index < len(self.segments) else None

    def has(self, segment: int, part: int | None) -> bool:
        """Whether a part is there, or a whole segment where none is named (RFC 8216bis, 6.2.5.2)."""
        last = self.open
        if last is None:
            return False
        if segment != last.number or part is None:
            return segment < last.number
        return part < len(last.parts)

    def next_part(self) -> tuple[int, int]:
        """The segment and number of the part that most likely comes next."""
        last = self.open
        if last is None:
            return self.below, 0
        end = (last.last.time + last.last.duration) * SECOND // last.run.scale
        due = -(-(last.microseconds + SEGMENT // 4) // SEGMENT) * SEGMENT
        # Sound ends a segment up to a frame before the grid's next line.
        return (last.number + 1, 0) if end >= due - SEGMENT // 100 else (last.number, len(last.parts))

    def read(self) -> bool:
        """Take in what is new in the index; whether there was anything."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            found = os.fstat(descriptor)
            if found.st_ino != self._inode or found.st_size < self._offset:
                version = self.version
                self._reset()
                self._inode, self.version = found.st_ino, version
            if found.st_size == self._offset:
                return False
            lines = os.pread(descriptor, found.st_size - self._offset, self._offset)
        finally:
            os.close(descriptor)
        whole = lines.rfind(b"\n") + 1
        self._offset += whole
        for record in read_records(lines[:whole]):
            self._note(record)
        self.version += whole > 0
        return whole > 0

    def _note(self, record: Record) -> None:
        match record:
            case Run():
                self.runs.append(record)
            case Part(number):
                last = self.open
                if last is None or last.number != number:
                    self._begin(record)
                else:
                    last.last, last.size = record, last.size + record.size
                    last.parts.append(record)
            case Gone(below):
                self._forget(below)

    def _begin(self, part: Part) -> None:
        if self.run.first is None:
            self.runs[-1] = replace(self.run, first=part.time)
        if self.segments:
            self.longest = max(self.longest, self.segments[-1].seconds)
        self.independent &= part.key
        self.segments.append(Segment(part.segment, self.run, part, part, part.size, [part]))
        if len(self.segments) > _PARTS_KEPT:
            self.segments[-_PARTS_KEPT - 1].parts = []

    def _forget(self, below: int) -> None:
        self.below = below
        self.segments = [one for one in self.segments if one.number >= below]
        if self.segments:
            self.runs = [one for one in self.runs if one.number >= self.segments[0].run.number]


@dataclass(slots=True)
class StreamModel:
    """A stream: its renditions, its metadata, and those who wait for more."""

    stream: WatchedStream
    head: StreamHead = field(default_factory=lambda: StreamHead(0))
    renditions: dict[str, RenditionModel] = field(default_factory=dict)
    metadata: list[Metadata] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and another one in its place, when the stream can be described or is over. Renditions have theirs."""
    _metadata_at: int = 0
    _was_ready: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether it can be described: a segment of each rendition is whole (players want one), or does not come."""
        counts = [len(one.segments) for one in self.renditions.values()] or [0]
        if self.stream.over:
            return self.head.began > 0 and max(counts) > 0
        return self.head.behind is not None and (min(counts) > 1 or max(counts) > 2)

    @property
    def size(self) -> int:
        """Segments of all renditions."""
        return sum(len(one.segments) for one in self.renditions.values())

    def hear(self, name: str) -> None:
        """Read what is new of a rendition, "" for what is not of one; wakes those who wait."""
        if not name:
            self._read_metadata()
        elif name not in self.renditions:
            self._discover()
        elif self.renditions[name].read():
            _wake(self.renditions[name])
        if self.head.behind is None:
            with suppress(OSError, ValueError, TypeError):
                self.head = read_stream((self.stream.folder / STREAM).read_bytes())
        if not self._was_ready and self.is_ready:
            self._was_ready = True
            _wake(self)

    def wake(self) -> None:
        """Let whoever waits for anything here look again."""
        _wake(self)
        for one in self.renditions.values():
            _wake(one)

    def read_all(self) -> None:
        """Take in whatever is new."""
        self._discover()
        for name in [*self.renditions, ""]:
            self.hear(name)

    def _discover(self) -> None:
        """Take in renditions that were not there before."""
        names = {path.stem for path in self.stream.folder.glob("*.index") if path.name != METADATA}
        for name in sorted(names - self.renditions.keys()):
            self.renditions[name] = one = RenditionModel(self.stream.folder, name)
            one.read()

    def listed(self) -> Iterator[RenditionModel]:
        """Renditions with anything in them, in the order of playlists."""
        found = [one for one in self.renditions.values() if one.segments]
        yield from sorted(found, key=lambda one: (one.run.kind != "video", -one.run.height, _place(one.name), one.name))

    def _read_metadata(self) -> None:
        path = self.stream.folder / METADATA
        try:
            with path.open("rb") as file:
                file.seek(self._metadata_at)
                lines = file.read()
        except OSError:
            return
        whole = lines.rfind(b"\n") + 1
        self._metadata_at += whole
        self.metadata += [one for one in read_records(lines[:whole]) if isinstance(one, Metadata)]
        del self.metadata[:-_METADATA_KEPT]


def _place(name: str) -> int:
    return _NAMES.index(name) if name in _NAMES else len(_NAMES)


def load(stream: WatchedStream) -> StreamModel:
    """Read a stream's folder, which may not be there yet. May take a while: not on the event loop."""
    model = StreamModel(stream)
    model.read_all()
    return model


def _wake(one: StreamModel | RenditionModel) -> None:
    one.changed.set()
    one.changed = asyncio.Event()
