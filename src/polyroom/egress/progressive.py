"""Makes an mp4 with its index in front of what fragments of ours hold; nothing is encoded again.

Source of the boxes: ISO/IEC 14496-12, section 8.
"""

import hashlib
import os
import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO

from polyroom.egress.mp4 import Run, runs_of
from polyroom.egress.mp4_boxes import (
    AUDIO_MEDIUM,
    AUDIO_SCALE,
    AUDIO_TRACK,
    PRIMING,
    VIDEO_MEDIUM,
    VIDEO_SCALE,
    VIDEO_TRACK,
    Shape,
    began_of,
    box,
    full_box,
    movie_header,
    picture_entry,
    pictures_of,
    sound_entry,
    sound_of,
    track_box,
)

_START = 1 << 16
_CHUNK = 1 << 20


@dataclass(slots=True)
class _Track:
    """The samples of one track; `chunks` are where each run lies, how many samples it has, and its description."""

    start: int = -1
    end: int = 0
    sizes: "array[int]" = field(default_factory=lambda: array("I"))
    durations: "array[int]" = field(default_factory=lambda: array("I"))
    keys: "array[int]" = field(default_factory=lambda: array("I"))
    chunks: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, run: Run, at: int) -> None:
        """What comes next. A gap before it lengthens the last sample."""
        if self.start < 0:
            self.start = run.time
        elif self.durations:
            self.durations[-1] = max(self.durations[-1] + run.time - self.end, 1)
        self.end = run.time + sum(run.durations)
        self.keys.extend(len(self.sizes) + number for number, key in enumerate(run.keys, 1) if key)
        self.sizes.extend(run.sizes)
        self.durations.extend(run.durations)
        self.chunks.append((at, len(run.sizes), run.head))


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the file: the size of its pictures, the largest where they change, when it began, and its hash."""

    size: tuple[int, int]
    began: int
    sha256: str


def make(source: IO[bytes], target: Path) -> Written:
    """Write the file, and onto the disk."""
    tracks: dict[int, _Track] = {VIDEO_TRACK: _Track(), AUDIO_TRACK: _Track()}
    payloads = list(_gather(source, tracks))
    source.seek(0)
    start = source.read(_START)
    heads, sound = pictures_of(start), sound_of(start)
    used = sorted({head for _, _, head in tracks[VIDEO_TRACK].chunks})
    pictures = [heads[number - 1] for number in used]
    entries = {
        VIDEO_TRACK: [picture_entry(one) for one in pictures],
        AUDIO_TRACK: [sound_entry(sound)] if sound else [],
    }
    size = max((one[:2] for one in pictures), key=lambda one: one[0] * one[1], default=(0, 0))
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    numbers = {head: number for number, head in enumerate(used, 1)} | ({1: 1} if not used else {})
    length = len(_moov(tracks, entries, numbers, size, 0))
    begin = len(ftyp) + length + 16
    digest = hashlib.sha256()
    with target.open("wb") as made:

        def write(piece: bytes) -> None:
            made.write(piece)
            digest.update(piece)

        write(ftyp + _moov(tracks, entries, numbers, size, begin))
        write(struct.pack(">I4sQ", 1, b"mdat", 16 + sum(count for _, count in payloads)))
        for at, count in payloads:
            source.seek(at)
            for left in range(count, 0, -_CHUNK):
                write(source.read(min(left, _CHUNK)))
        made.flush()
        os.fsync(made.fileno())
    return Written(size, began_of(start), digest.hexdigest())


def _gather(source: IO[bytes], tracks: dict[int, _Track]) -> Iterator[tuple[int, int]]:
    """Where the media of each fragment lies, after its samples were added with their places behind all before."""
    total = source.seek(0, 2)
    at = written = 0
    runs: list[Run] = []
    while at + 8 <= total:
        source.seek(at)
        length, kind = struct.unpack(">I4s", source.read(8))
        if length < 8:
            return
        if kind == b"moof":
            runs = list(runs_of(source.read(length - 8)))
        elif kind == b"mdat":
            place = written
            for run in runs:
                tracks[run.track].add(run, place)
                place += sum(run.sizes)
            written += length - 8
            yield at + 8, length - 8
        at += length


def _moov(
    tracks: dict[int, _Track],
    entries: dict[int, list[bytes]],
    numbers: dict[int, int],
    size: tuple[int, int],
    begin: int,
) -> bytes:
    shapes = (
        (Shape(VIDEO_TRACK, VIDEO_SCALE, b"vide", VIDEO_MEDIUM, size), 0),
        (Shape(AUDIO_TRACK, AUDIO_SCALE, b"soun", AUDIO_MEDIUM), PRIMING),
    )
    traks, longest = [], 0
    for shape, skip in shapes:
        track = tracks[shape.track]
        if not track.sizes:
            continue
        tables = _tables(track, numbers if shape.track == VIDEO_TRACK else {1: 1}, begin)
        lasts = max((track.end - track.start - skip) * 1000 // shape.scale, 1)
        wait = track.start * 1000 // shape.scale
        edits = ([(wait, -1)] if wait else []) + [(lasts, skip)]
        longest = max(longest, wait + lasts)
        traks.append(track_box(shape, entries[shape.track], tables, edits, sum(track.durations)))
    return box(b"moov", movie_header(longest), *traks)


def _tables(track: _Track, numbers: dict[int, int], begin: int) -> list[bytes]:
    lasting = [(len(list(same)), duration) for duration, same in groupby(track.durations)]
    rows, before = [], None
    for number, (_, count, head) in enumerate(track.chunks, 1):
        row = (count, numbers[head])
        if row != before:
            rows.append((number, *row))
            before = row
    places = [begin + at for at, _, _ in track.chunks]
    tables = [
        _table(b"stts", ">II", lasting),
        _table(b"stsc", ">III", rows),
        full_box(b"stsz", 0, 0, struct.pack(">II", 0, len(track.sizes)), _big(track.sizes)),
        full_box(b"co64", 0, 0, struct.pack(f">I{len(places)}Q", len(places), *places)),
    ]
    if len(track.keys) != len(track.sizes):
        tables.append(full_box(b"stss", 0, 0, struct.pack(">I", len(track.keys)), _big(track.keys)))
    return tables


def _table(kind: bytes, form: str, rows: Sequence[tuple[int, ...]]) -> bytes:
    return full_box(kind, 0, 0, struct.pack(">I", len(rows)), b"".join(struct.pack(form, *row) for row in rows))


def _big(numbers: "array[int]") -> bytes:
    turned = array("I", numbers)
    turned.byteswap()
    return turned.tobytes()
