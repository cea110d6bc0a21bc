"""Writes and mends a fragmented mp4: what is on the disk can be played whatever happens to its writer.

Each fragment is one write at the end of the file. A writer that comes back cuts off half a fragment and goes on.
"""

import fcntl
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from polyroom.egress.mp4_boxes import AUDIO_SCALE, AUDIO_TRACK, VIDEO_SCALE, VIDEO_TRACK, box, full_box, head

_SYNC, _DEPENDS = 0x02000000, 0x01010000


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded picture or AAC frame; times in the track's scale."""

    time: int
    duration: int
    data: bytes
    key: bool = True


@dataclass(frozen=True, slots=True)
class Mended:
    """A file cut to whole fragments: how many there are, its size, and where each track ends."""

    fragments: int
    size: int
    ends: dict[int, int]

    @property
    def seconds(self) -> float:
        """The length of what is there."""
        scales = {VIDEO_TRACK: VIDEO_SCALE, AUDIO_TRACK: AUDIO_SCALE}
        return max((end / scales[track] for track, end in self.ends.items() if track in scales), default=0.0)


class Mp4Writer:
    """One file. `picture` and `sound` are as in `mp4_boxes.head`; an existing file is gone on with."""

    def __init__(self, path: Path, *, picture: tuple[int, int, bytes, bytes] | None, sound: bytes | None) -> None:
        self._fragments = 0
        if path.exists() and (mended := mend(path)).size:
            self._fragments = mended.fragments
            self._file = path.open("ab")
            hold(self._file)
        else:
            self._file = path.open("wb")
            hold(self._file)
            self._append(head(picture=picture, sound=sound))

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """Append a fragment; it is on the disk when this returns."""
        tracks = [(t, samples) for t, samples in ((VIDEO_TRACK, pictures), (AUDIO_TRACK, sounds)) if samples]
        if not tracks:
            return
        self._fragments += 1
        self._append(fragment(self._fragments, tracks))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _append(self, what: bytes) -> None:
        self._file.write(what)
        self._file.flush()
        os.fdatasync(self._file.fileno())


def fragment(number: int, tracks: Sequence[tuple[int, Sequence[Sample]]]) -> bytes:
    """A fragment of the samples of one or more tracks (ISO/IEC 14496-12, 8.8)."""
    shift = len(_moof(number, tracks, 0)) + 8
    bodies = [sample.data for _, samples in tracks for sample in samples]
    return _moof(number, tracks, shift) + box(b"mdat", *bodies)


def _moof(number: int, tracks: Sequence[tuple[int, Sequence[Sample]]], shift: int) -> bytes:
    trafs = []
    for track, samples in tracks:
        rows = b"".join(
            struct.pack(">III", one.duration, len(one.data), _SYNC if one.key else _DEPENDS) for one in samples
        )
        trafs.append(
            box(
                b"traf",
                full_box(b"tfhd", 0, 0x020000, struct.pack(">I", track)),
                full_box(b"tfdt", 1, 0, struct.pack(">Q", samples[0].time)),
                full_box(b"trun", 0, 0x000701, struct.pack(">Ii", len(samples), shift), rows),
            )
        )
        shift += sum(len(one.data) for one in samples)
    return box(b"moof", full_box(b"mfhd", 0, 0, struct.pack(">I", number)), *trafs)


def hold(file: IO[bytes]) -> None:
    """Wait until nobody else writes the file; the kernel lets go of it with its process."""
    fcntl.flock(file, fcntl.LOCK_EX)


def mend(path: Path) -> Mended:
    """Cut a file to its whole fragments, and say what is left; a file without a whole head becomes empty."""
    fragments, size = 0, 0
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
            if kind in (b"moov", b"mdat"):
                size = at
            if kind == b"mdat":
                fragments, ends = fragments + 1, ends | pending
        file.truncate(size)
    return Mended(fragments, size, ends)


def _ends(moof: bytes) -> dict[int, int]:
    """Where each track of a fragment of ours ends."""
    ends: dict[int, int] = {}
    at = 0
    while at + 8 <= len(moof):
        length, kind = struct.unpack_from(">I4s", moof, at)
        if length < 8:
            break
        if kind == b"traf":
            # tfhd (8 + 4 + 4), tfdt (8 + 4 + 8), trun (8 + 4 + count, shift, rows)
            track = struct.unpack_from(">I", moof, at + 8 + 12)[0]
            begin = struct.unpack_from(">Q", moof, at + 8 + 16 + 12)[0]
            count = struct.unpack_from(">I", moof, at + 8 + 16 + 20 + 12)[0]
            rows = at + 8 + 16 + 20 + 20
            ends[track] = begin + sum(struct.unpack_from(">I", moof, rows + 12 * row)[0] for row in range(count))
        at += length
    return ends
