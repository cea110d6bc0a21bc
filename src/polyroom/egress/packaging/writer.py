"""Writes live streams: `PackageWriter` for a stream, a `Rendition` for each of its qualities."""

import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from polyroom.egress.mp4 import Sample, fragment
from polyroom.egress.mp4_boxes import AUDIO_SCALE, AUDIO_TRACK, VIDEO_SCALE, VIDEO_TRACK, full_box, head
from polyroom.egress.packaging.cutting import Cut, Cutter
from polyroom.egress.packaging.index import RenditionFiles
from polyroom.wire.live_index import (
    METADATA,
    NAME,
    SECOND,
    SEGMENT,
    STREAM,
    Metadata,
    Run,
    StreamHead,
    read_stream,
    write_record,
    write_stream,
)

_NTP = 2_208_988_800
_CAPTURED = 24
_STEP = SECOND // 1000
_APART = SECOND // 10
_LATE = 10 * SECOND
_MEASURED = SEGMENT * 3 // 4
WINDOW = 2 * 3600.0
"""Seconds that can be watched again, unless said otherwise."""


def _nothing(_: str) -> None:
    return


class PackageWriter:
    """One live stream in a folder. Another writer on the same folder goes on after it, with a discontinuity.

    Args:
        folder: of the stream; made when it is not there. One writer at a time: the next waits until it is let go of.
        began: when the samples' time 0 is, in microseconds since 1970. The stream's own time 0 is that of its first
            writer; what later writers bring is moved to it, and never goes back.
        window: seconds that can be watched again; None keeps everything.
        told: called with a rendition's name when there is more of it on the disk.
    """

    def __init__(
        self,
        folder: Path,
        began: int,
        *,
        window: float | None = WINDOW,
        told: Callable[[str], None] = _nothing,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder, self._told, self._window = folder, told, window
        self._lock = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._head = _stream(folder, began)
        self._shift = began - self._head.began
        self._settled = False
        before = [RenditionFiles(folder, path.stem) for path in folder.glob("*.index") if path.name != METADATA]
        self._end = int(max((one.end for one in before), default=0.0) * SECOND)
        self.run = max((one.last_run for one in before), default=-1) + 1
        self._late = _LATE
        self._first: int | None = None
        for one in before:
            one.close()
        self._renditions: list[Rendition] = []

    def rendition(
        self,
        name: str,
        *,
        picture: tuple[int, int, bytes, bytes] | None = None,
        sound: bytes | None = None,
        bitrate: int,
        label: str,
        rate: float = 0.0,
    ) -> "Rendition":
        """A quality of pictures or of sound (one of them), as `mp4_boxes.head` wants it.

        Phenix' names are 720, 480, 360, 240 and 144 for pictures, ahi and alo for sound. `label` is for people;
        `bitrate` in bits per second, `rate` in pictures per second.
        """
        if not NAME.fullmatch(name) or (picture is None) == (sound is None):
            raise ValueError(f"not a rendition: {name}")
        scale = VIDEO_SCALE if picture else AUDIO_SCALE
        codecs = f"avc1.{picture[2][1:4].hex()}" if picture else f"mp4a.40.{(sound or b'')[0] >> 3}"
        width, height = picture[:2] if picture else (0, 0)
        kind = "video" if picture else "audio"
        init = head(pictures=[picture] if picture else [], sound=sound)
        digest = hashlib.sha256(init).hexdigest()[:16]
        run = Run(self.run, kind, digest, codecs, bitrate, label, scale, width, height, rate)
        made = Rendition(self, name, run, init)
        self._renditions.append(made)
        return made

    def metadata(self, entry: Metadata) -> None:
        """Something for the players' applications, told to them at its time."""
        add_metadata(self.folder, entry)
        self._told("")

    def close(self) -> None:
        """Write what is left of each rendition, and let another writer go on."""
        for one in self._renditions:
            one.close()
        self._renditions.clear()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def moved(self, samples: Sequence[Sample], scale: int) -> list[Sample]:
        """Samples in the stream's time."""
        if not self._settled:
            # Rounded up to what both scales can express, so that all renditions move alike.
            first = samples[0].time * SECOND // scale + self._shift
            late = self._end + _APART - first if self._end and first < self._end + _APART else 0
            self._shift = -(-(self._shift + max(late, 0)) // _STEP) * _STEP
            self._settled = True
        move = self._shift * scale // SECOND
        return [Sample(one.time + move, one.duration, one.data, one.key) for one in samples] if move else list(samples)

    @property
    def began(self) -> int:
        """When the stream's time 0 was, in microseconds since 1970."""
        return self._head.began

    def writes(self, until: int) -> None:
        """A rendition writes what was captured up to then. The least delay of the first parts is the stream's."""
        if self._head.behind is not None:
            return
        self._late = min(self._late, time.time_ns() // 1000 - self._head.began - until)
        self._first = until if self._first is None else self._first
        if until - self._first >= _MEASURED:
            self._head = StreamHead(self._head.began, max(self._late, 0))
            _replace(self.folder / STREAM, write_stream(self._head))

    def wrote(self, name: str) -> None:
        """A rendition has more on the disk."""
        self._told(name)

    def oldest(self, now: int) -> int | None:
        """Microseconds of the stream before which nothing is kept, when it is at `now`."""
        return None if self._window is None else now - int(self._window * SECOND)


class Rendition:
    """One quality of a stream."""

    def __init__(self, package: PackageWriter, name: str, run: Run, init: bytes) -> None:
        self.name = name
        self._package, self._run = package, run
        self._track = VIDEO_TRACK if run.kind == "video" else AUDIO_TRACK
        self._files = RenditionFiles(package.folder, name)
        self._cutter = Cutter(run.scale, pictures=run.kind == "video")
        self._fragments = 0
        self._files.begin(run, init)

    def write(self, samples: Sequence[Sample]) -> None:
        """The next samples in order; parts that are whole are on the disk when this returns."""
        if samples:
            for cut in self._cutter.feed(self._package.moved(samples, self._run.scale)):
                self._write(cut)

    def close(self) -> None:
        """Write the rest."""
        for cut in self._cutter.flush():
            self._write(cut)
        self._files.close()

    def _write(self, cut: Cut) -> None:
        self._fragments += 1
        at = cut.time * SECOND // self._run.scale
        self._package.writes(at + cut.duration * SECOND // self._run.scale)
        data = self._reference(cut.time, at) + fragment(self._fragments, [(self._track, cut.samples)])
        self._files.add(data, cut.time, cut.duration, key=cut.samples[0].key, fresh=cut.fresh)
        if cut.fresh and (oldest := self._package.oldest(at)) is not None:
            self._files.forget(oldest * self._run.scale // SECOND)
        self._package.wrote(self.name)

    def _reference(self, at: int, microseconds: int) -> bytes:
        """When the first sample was captured: `prft` (ISO/IEC 14496-12, 8.16.5)."""
        seconds, rest = divmod(self._package.began + microseconds, SECOND)
        ntp = (seconds + _NTP) << 32 | (rest << 32) // SECOND
        return full_box(b"prft", 1, _CAPTURED, struct.pack(">IQQ", self._track, ntp & (1 << 64) - 1, at))


def add_metadata(folder: Path, entry: Metadata) -> None:
    """Keep it; it is on the disk when this returns. The server may do this too, whether a writer runs or not."""
    descriptor = os.open(folder / METADATA, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, write_record(entry))
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def _stream(folder: Path, began: int) -> StreamHead:
    path = folder / STREAM
    with suppress(OSError, ValueError, TypeError):
        return read_stream(path.read_bytes())
    head = StreamHead(began)
    _replace(path, write_stream(head))
    return head


def _replace(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)
