"""Makes of what a browser recorded the file people get: `python -m polyroom.egress.page.finishing FILE KIND PART…`.

Pictures are kept as they are, sound becomes AAC, parts follow each other, and the index goes to the front. KIND is
`sound` for a file without pictures. Prints a JSON line, as `polyroom.egress.finishing` does.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av import AudioFrame, AudioResampler, Packet
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from polyroom.egress.describing import describe
from polyroom.egress.mp4 import hold

_RATE = 48_000
_BITRATE = 128_000
_CHUNK = 1 << 20


class Joined:
    """The file that is made, part by part."""

    def __init__(self, target: OutputContainer, *, pictures: bool) -> None:
        self._target, self._pictures = target, pictures
        self._video: VideoStream | None = None
        self._head: bytes | None = None
        self._audio = target.add_stream("aac", _RATE, layout="stereo", bit_rate=_BITRATE)
        assert isinstance(self._audio, AudioStream)
        self._audio.time_base = Fraction(1, _RATE)
        self._shown, self._heard = -1, 0
        self.end = Fraction(0)
        """How long it is so far."""
        self.size = (0, 0)

    def add(self, source: InputContainer) -> None:
        """One more part. One that is not like those before is left out."""
        video = next(iter(source.streams.video), None) if self._pictures else None
        if video is not None and not self._takes(video):
            return
        start, resampler = self.end, AudioResampler("fltp", "stereo", _RATE)
        for packet in _whole(source):
            if packet.dts is None or packet.time_base is None:
                continue
            end = start + (packet.dts + (packet.duration or 0)) * packet.time_base
            # A packet that is broken is missing, and no more than that.
            with suppress(FFmpegError):
                if packet.stream.type == "audio":
                    self._sound(packet, start, resampler)
                elif video is not None and packet.stream.type == "video":
                    self._picture(packet, start)
                self.end = max(self.end, end)

    def close(self) -> None:
        """Write what the encoder still has."""
        self._target.mux(self._audio.encode(None))

    def _takes(self, video: VideoStream) -> bool:
        if self._video is None:
            self._video = self._target.add_stream_from_template(video)
            self._head, self.size = video.codec_context.extradata, (video.width, video.height)
        return self._head == video.codec_context.extradata

    def _picture(self, packet: "Packet[Any]", start: Fraction) -> None:
        assert self._video is not None and packet.time_base is not None and packet.dts is not None
        # A browser that is starved may give two pictures one time, or the later one an earlier time.
        at = max(int(start / packet.time_base) + packet.dts, self._shown + 1)
        self._shown = at
        packet.dts = packet.pts = at
        packet.stream = self._video
        self._target.mux(packet)

    def _sound(self, packet: "Packet[Any]", start: Fraction, resampler: AudioResampler) -> None:
        for frame in packet.decode():
            if not isinstance(frame, AudioFrame) or frame.pts is None or frame.time_base is None:
                continue
            for ready in resampler.resample(frame):
                if ready.pts is None or ready.time_base is None:
                    continue
                at = int((start + ready.pts * ready.time_base) * _RATE)
                if at + ready.samples <= self._heard:
                    continue
                ready.pts, ready.time_base = max(at, self._heard), Fraction(1, _RATE)
                self._heard = ready.pts + ready.samples
                self._target.mux(self._audio.encode(ready))


def _whole(source: InputContainer) -> "Iterator[Packet[Any]]":
    """Up to where a file that was cut off ends."""
    try:
        yield from source.demux()
    except FFmpegError:
        return


def join(target: Path, parts: Sequence[Path], *, pictures: bool) -> dict[str, object]:
    """Write the file and say what it is; nothing where there is nothing in the parts."""
    new = target.with_name(f"{target.name}.new")
    with av.open(str(new), "w", "mp4", options={"movflags": "faststart"}) as made:
        joined = Joined(made, pictures=pictures)
        for part in parts:
            try:
                with av.open(str(part)) as source:
                    joined.add(source)
            except (FFmpegError, OSError):
                continue
        if joined.end:
            joined.close()
    if not joined.end:
        new.unlink(missing_ok=True)
        return {"seconds": 0.0, "bytes": 0, "sha256": "", "width": 0, "height": 0}
    digest = hashlib.sha256()
    with new.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        os.fsync(file.fileno())
    new.replace(target)
    return {
        "seconds": round(float(joined.end), 3),
        "bytes": target.stat().st_size,
        "sha256": digest.hexdigest(),
        "width": joined.size[0],
        "height": joined.size[1],
    }


def main() -> None:
    """Exit code 1 when it cannot be made; the parts are kept then."""
    target, kind, parts = Path(sys.argv[1]), sys.argv[2], [Path(word) for word in sys.argv[3:]]
    try:
        # That of a server that is gone may be at it still.
        with parts[0].open("rb") as file:
            hold(file)
            there = [part for part in parts if part.exists()]
            found = join(target, there, pictures=kind != "sound") if there else describe(target)
            for part in there:
                part.unlink()
    except (FFmpegError, OSError) as error:
        raise SystemExit(f"{target}: {error}") from error
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
