"""The index of a live stream on the disk: what its packager writes and whoever serves it reads.

A stream is a folder. Each rendition has an index there (`720.index`), an init segment per run of the packager
(`720-0.mp4`) and a file per segment (`720-17.m4s`) that grows part by part. A line of an index is a JSON array and is
appended when what it tells of is in its file, so that after any death the whole lines are the truth.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

SECOND = 1_000_000
SEGMENT = 2 * SECOND
"""Microseconds a segment is meant to last; a picture to begin with is wanted at each multiple."""
PART = SECOND // 5
"""Microseconds a part lasts at most, but for pictures that last longer."""
METADATA = "metadata.index"
STREAM = "stream.json"
NAME = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Run:
    """A packager begins to write a rendition. What follows was encoded anew; clients are told of a discontinuity.

    `kind` is video or audio; `head` stands for the bytes of its init segment. `first` is when it begins, in its scale:
    that of its first part unless it is said, in an index whose beginning is forgotten.
    """

    number: int
    kind: str
    head: str
    codecs: str
    bitrate: int
    label: str
    scale: int
    width: int = 0
    height: int = 0
    rate: float = 0.0
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some samples of a segment: a `moof` with its `mdat`. Time and duration are in the rendition's scale.

    Segments are numbered without gaps, from the first of the stream on. `key` says that it starts with a whole picture.
    """

    segment: int
    offset: int
    size: int
    time: int
    duration: int
    key: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """Segments below this number are no more."""

    below: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """Something for the players' applications at a time: milliseconds since 1970; the duration in milliseconds too."""

    id: str
    at: int
    duration: int
    payload: str


Record = Run | Part | Gone | Metadata


def write_record(record: Record) -> bytes:
    """One line."""
    match record:
        case Part(segment, offset, size, time, duration, key):
            found: list[Any] = ["part", segment, offset, size, time, duration, int(key)]
        case Run():
            found = ["run", asdict(record)]
        case Gone(below):
            found = ["gone", below]
        case Metadata():
            found = ["metadata", asdict(record)]
    return json.dumps(found, separators=(",", ":")).encode() + b"\n"


def read_records(lines: bytes) -> Iterator[Record]:
    """What whole lines say.

    Half a line at the end is not looked at, nor what a later version may tell, nor what a failing disk made of a line.
    """
    for line in lines[: lines.rfind(b"\n") + 1].splitlines():
        with suppress(ValueError, TypeError):
            match json.loads(line):
                case ["part", int(segment), int(offset), int(size), int(time), int(duration), key]:
                    yield Part(segment, offset, size, time, duration, bool(key))
                case ["run", found]:
                    yield Run(**found)
                case ["gone", int(below)]:
                    yield Gone(below)
                case ["metadata", found]:
                    yield Metadata(**found)


def index_name(rendition: str) -> str:
    """The file a rendition's index is in."""
    return f"{rendition}.index"


def head_name(rendition: str, run: int) -> str:
    """The init segment of a run."""
    return f"{rendition}-{run}.mp4"


def segment_name(rendition: str, segment: int) -> str:
    """The file of a segment."""
    return f"{rendition}-{segment}.m4s"


@dataclass(frozen=True, slots=True)
class StreamHead:
    """When the stream's time 0 was, in microseconds since 1970, and by how much what is captured is there later.

    The latter is told when enough was written to know, and does not change any more.
    """

    began: int
    behind: int | None = None


def write_stream(head: StreamHead) -> bytes:
    """The content of a stream's `STREAM`."""
    return json.dumps(asdict(head)).encode()


def read_stream(content: bytes) -> StreamHead:
    """What `write_stream` wrote. Raises ValueError or TypeError."""
    return StreamHead(**json.loads(content))
