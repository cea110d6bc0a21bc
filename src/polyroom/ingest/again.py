"""Pictures decoded and encoded again, so that they come in the order in which they are shown."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from polyroom.ingest import avc
from polyroom.ingest.timeline import Place

_TICKS = 90_000
_BITS_PER_PIXEL = 0.09
_RATE = 30
_LEAST, _MOST = 300_000, 6_000_000
_KEYFRAME_EVERY = 2.0
_TOO_LATE = 0.5
_HOPELESS = 2.0


class Again:
    """One decoder and one encoder of the pictures' own size."""

    def __init__(self, configuration: avc.Configuration, facts: avc.Facts) -> None:
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.extradata = configuration.record
        decoder.thread_count = 1
        self._decoder = decoder
        self._size = (facts.width & ~1, facts.height & ~1)
        self._encoder: VideoCodecContext | None = None
        self._places: dict[int, Place] = {}
        self._wanted = True
        self._key_at = 0.0
        self._last = -1.0
        self._skips = False

    def take(
        self, place: Place, key: bool, picture: bytes, now: float, *, wanted: bool
    ) -> Iterator[tuple[Place, bytes]]:
        """One picture in, those that are ready out, with start codes. Where time is short some are left out."""
        self._wanted |= wanted
        # The time between comes back when decoding skipped to the next place to begin at.
        self._skips = not key and (self._skips or now - place.due > _HOPELESS)
        if self._skips:
            return
        packet = av.Packet(picture)
        packet.time_base = Fraction(1, _TICKS)
        packet.pts = round(place.time * _TICKS)
        self._places[packet.pts] = place
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError:
            self._wanted = True
            return
        for frame in frames:
            at = self._places.pop(frame.pts or 0, place)
            if at.time <= self._last or now - at.due > _TOO_LATE:
                continue
            self._last = at.time
            yield from self._encode(frame, at)
        for stale in [pts for pts in self._places if pts < packet.pts - 2 * _TICKS]:
            del self._places[stale]

    def _encode(self, frame: VideoFrame, at: Place) -> Iterator[tuple[Place, bytes]]:
        if self._encoder is None:
            self._encoder = _encoder(*self._size)
        even = frame.reformat(*self._size, format="yuv420p")
        even.pts, even.time_base = round(at.time * _TICKS), Fraction(1, _TICKS)
        even.pict_type = PictureType.NONE
        if self._wanted or at.time - self._key_at >= _KEYFRAME_EVERY:
            even.pict_type = PictureType.I
            self._key_at, self._wanted = at.time, False
        for packet in self._encoder.encode(even):
            yield at, bytes(packet)


def _encoder(width: int, height: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, _TICKS)
    encoder.framerate = Fraction(_RATE)
    encoder.bit_rate = round(min(max(width * height * _RATE * _BITS_PER_PIXEL, _LEAST), _MOST))
    encoder.thread_count = 1
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "g": "600",
        "maxrate": str(encoder.bit_rate * 3 // 2),
        "bufsize": str(encoder.bit_rate),
    }
    return encoder
