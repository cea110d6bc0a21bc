"""Writes and mends a fragmented mp4: what is on the disk can be played whatever happens to its writer.

Each fragment is one write at the end of the file. A writer that comes back cuts off half a fragment and goes on.
"""

import fcntl
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO

from polyroom.egress.mp4_boxes import (
    AUDIO_SCALE,
    AUDIO_TRACK,
    VIDEO_SCALE,
    VIDEO_TRACK,
    Picture,
    box,
    full_box,
    head,
    pictures_of,
)

_SYNC, _DEPENDS = 0x02000000, 0x01010000
_RESERVED = 16384
"""Bytes of the head of a file with pictures: further descriptions of them find room there."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded picture or AAC frame; times in the track's scale.

    `head` is what a picture is decoded with, None for what the output was made with.
    """

    time: int
    duration: int
    data: bytes
    key: bool = True
    head: Picture | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """A file cut to whole fragments: how many there are, its size, where each track ends, and how long its head is."""

    fragments: int
    size: int
    ends: dict[int, int]
    head: int = 0

    @property
    def seconds(self) -> float:
        """The length of what is there."""
        scales = {VIDEO_TRACK: VIDEO_SCALE, AUDIO_TRACK: AUDIO_SCALE}
        return max((end / scales[track] for track, end in self.ends.items() if track in scales), default=0.0)


class Mp4Writer:
    """One file. `picture` and `sound` are as in `mp4_boxes.head`; an existing file is gone on with.

    `began` is when time 0 is, in microseconds since 1970: files that belong together are laid beside each other by it.
    """

    def __init__(self, path: Path, *, picture: Picture | None, sound: bytes | None, began: int = 0) -> None:
        self._fragments = 0
        self._sound, self._began = sound, began
        self._heads = [picture] if picture else []
        if path.exists() and (mended := mend(path)).size:
            self._fragments = mended.fragments
            self._file = path.open("r+b")
            hold(self._file)
            self._heads = pictures_of(self._file.read(_RESERVED))
            self._room = mended.head
            self._file.seek(0, os.SEEK_END)
        else:
            self._file = path.open("w+b")
            hold(self._file)
            self._room = _RESERVED if picture else 0
            self._append(self._head())

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def accepts(self, picture: Picture) -> bool:
        """Whether pictures that are decoded with this can be written too; there is room for some dozens of such."""
        if picture in self._heads:
            return True
        self._heads.append(picture)
        made = self._head()
        if len(made) != self._room:
            self._heads.pop()
            return False
        end = self._file.tell()
        self._file.seek(0)
        self._append(made)
        self._file.seek(end)
        return True

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """Append a fragment; it is on the disk when this returns."""
        tracks = [(VIDEO_TRACK, list(run)) for _, run in groupby(pictures, lambda one: one.head)]
        tracks += [(AUDIO_TRACK, list(sounds))] if sounds else []
        if not tracks:
            return
        self._fragments += 1
        self._append(fragment(self._fragments, tracks, self._heads))

    def _head(self) -> bytes:
        made = head(pictures=self._heads, sound=self._sound, began=self._began)
        rest = self._room - len(made)
        return made + box(b"free", bytes(rest - 8)) if rest >= 8 else made

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _append(self, what: bytes) -> None:
        self._file.write(what)
        self._file.flush()
        os.fdatasync(self._file.fileno())


def fragment(number: int, tracks: Sequence[tuple[int, Sequence[Sample]]], heads: Sequence[Picture] = ()) -> bytes:
    """A fragment of the samples of one or more tracks (ISO/IEC 14496-12, 8.8).

    `heads` are the descriptions of pictures in their order; samples of one entry have the same.
    """
    shift = len(_moof(number, tracks, 0, heads)) + 8
    bodies = [sample.data for _, samples in tracks for sample in samples]
    return _moof(number, tracks, shift, heads) + box(b"mdat", *bodies)


def _moof(number: int, tracks: Sequence[tuple[int, Sequence[Sample]]], shift: int, heads: Sequence[Picture]) -> bytes:
    trafs = []
    for track, samples in tracks:
        rows = b"".join(
            struct.pack(">III", one.duration, len(one.data), _SYNC if one.key else _DEPENDS) for one in samples
        )
        trafs.append(
            box(
                b"traf",
                _tfhd(track, samples[0].head, heads),
                full_box(b"tfdt", 1, 0, struct.pack(">Q", samples[0].time)),
                full_box(b"trun", 0, 0x000701, struct.pack(">Ii", len(samples), shift), rows),
            )
        )
        shift += sum(len(one.data) for one in samples)
    return box(b"moof", full_box(b"mfhd", 0, 0, struct.pack(">I", number)), *trafs)


def _tfhd(track: int, picture: Picture | None, heads: Sequence[Picture]) -> bytes:
    """Of a track whose samples have the first description unless said."""
    if picture is None:
        return full_box(b"tfhd", 0, 0x020000, struct.pack(">I", track))
    return full_box(b"tfhd", 0, 0x020002, struct.pack(">II", track, heads.index(picture) + 1))


def hold(file: IO[bytes]) -> None:
    """Wait until nobody else writes the file; the kernel lets go of it with its process."""
    fcntl.flock(file, fcntl.LOCK_EX)


def mend(path: Path) -> Mended:
    """Cut a file to its whole fragments, and say what is left; a file without a whole head becomes empty."""
    fragments = size = before = 0
    ends: dict[int, int] = {}
    with path.open("r+b") as file:
        total = file.seek(0, os.SEEK_END)
        at, pending = 0, ends
        while at + 8 <= total:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length < 8 or at + length > total:
                break
            if kind == b"moof":
                pending = _ends(file.read(length - 8))
            at += length
            if kind in (b"moov", b"mdat") or (kind == b"free" and not fragments):
                size = at
                before = before if fragments or kind == b"mdat" else at
            if kind == b"mdat":
                fragments, ends = fragments + 1, ends | pending
        file.truncate(size)
    return Mended(fragments, size, ends, before)


def _ends(moof: bytes) -> dict[int, int]:
    """Where each track of a fragment of ours ends."""
    return {run.track: run.time + sum(run.durations) for run in runs_of(moof)}


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of a track that follow each other in a fragment of ours; `head` counts descriptions from 1."""

    track: int
    head: int
    time: int
    durations: Sequence[int]
    sizes: Sequence[int]
    keys: Sequence[bool]


def runs_of(moof: bytes) -> Iterator[Run]:
    """What is in a fragment, by the contents of its `moof`."""
    for kind, traf in boxes_of(moof):
        if kind != b"traf":
            continue
        parts = dict(boxes_of(traf))
        flags, track = struct.unpack_from(">II", parts[b"tfhd"])
        described = struct.unpack_from(">I", parts[b"tfhd"], 8)[0] if flags & 2 else 1
        time = struct.unpack_from(">Q", parts[b"tfdt"], 4)[0]
        rows = list(struct.iter_unpack(">III", parts[b"trun"][12:]))
        lasting, sizes, keys = [row[0] for row in rows], [row[1] for row in rows], [row[2] == _SYNC for row in rows]
        yield Run(track, described, time, lasting, sizes, keys)


def boxes_of(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in a box."""
    at = 0
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if length < 8:
            return
        yield kind, content[at + 8 : at + length]
        at += length
