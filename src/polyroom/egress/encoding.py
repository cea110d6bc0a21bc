"""The encoders, whose output goes into the mp4 writer: H264 by x264, AAC."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av import AudioCodecContext, AudioFifo, AudioFrame, AudioStream, Packet, VideoCodecContext, VideoFrame, VideoStream
from av.codec.context import Flags
from av.video.frame import PictureType

from polyroom.egress.mp4 import Sample
from polyroom.egress.mp4_boxes import VIDEO_SCALE
from polyroom.egress.sound import RATE, Sound

_SEQUENCE, _PICTURE = 7, 8
_AAC_FRAME = 1024
"""Samples in a packet; the first is the priming that `mp4_boxes` says to skip."""


class PictureEncoder:
    """H264 without B-frames. Pictures are numbered; the same settings always make the same parameter sets."""

    def __init__(self, width: int, height: int, rate: int, bitrate: int, preset: str) -> None:
        codec = VideoCodecContext.create("libx264", "w")
        codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
        codec.time_base, codec.framerate = Fraction(1, rate), Fraction(rate)
        codec.bit_rate = bitrate
        # One job's share of the machine is what it was admitted with.
        codec.thread_count = 1
        codec.flags |= Flags.global_header
        limits = f"vbv-maxrate={bitrate * 3 // 2000}:vbv-bufsize={bitrate * 2 // 1000}:scenecut=0:keyint=infinite"
        codec.options = {"preset": preset, "tune": "zerolatency", "forced-idr": "1", "x264-params": limits}
        codec.open()
        self._codec, self._rate = codec, rate
        units = {unit[0] & 31: unit for unit in units_of(codec.extradata or b"")}
        self.head = (width, height, units[_SEQUENCE], units[_PICTURE])

    def encode(self, frame: VideoFrame, number: int, *, key: bool) -> Iterator[Sample]:
        """One picture. Durations are the writer's to set."""
        frame.pts, frame.time_base = number, Fraction(1, self._rate)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        yield from map(self._sample, self._codec.encode(frame))

    def finish(self) -> Iterator[Sample]:
        """What the encoder still holds."""
        yield from map(self._sample, self._codec.encode(None))

    def _sample(self, packet: "Packet[VideoStream]") -> Sample:
        units = (unit for unit in units_of(bytes(packet)) if unit[0] & 31 not in (_SEQUENCE, _PICTURE))
        data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
        time = (packet.pts or 0) * VIDEO_SCALE // self._rate
        return Sample(time, VIDEO_SCALE // self._rate, data, packet.is_keyframe)


class SoundEncoder:
    """AAC-LC of stereo sound that goes on without gaps from a position in samples."""

    def __init__(self, position: int, bitrate: int = 128_000) -> None:
        codec = AudioCodecContext.create("aac", "w")
        codec.sample_rate, codec.layout, codec.format = RATE, "stereo", "fltp"
        codec.bit_rate, codec.time_base = bitrate, Fraction(1, RATE)
        codec.flags |= Flags.global_header
        codec.open()
        self._codec, self._fifo = codec, AudioFifo()
        self._position = position
        self._made = 0
        # Where a recording is gone on with, the priming is not there a second time.
        self._goes_on = position > 0
        self.head = bytes(codec.extradata or b"")

    def encode(self, block: Sound) -> Iterator[Sample]:
        """The next block."""
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        self._fifo.write(frame)
        for whole in self._fifo.read_many(_AAC_FRAME):
            yield from self._samples(self._codec.encode(whole))

    def finish(self) -> Iterator[Sample]:
        """The rest, filled up with silence."""
        rest = self._fifo.read(0, partial=True)
        if rest is not None:
            yield from self._samples(self._codec.encode(rest))
        yield from self._samples(self._codec.encode(None))

    def _samples(self, packets: "list[Packet[AudioStream]]") -> Iterator[Sample]:
        for packet in packets:
            time = self._position + self._made * _AAC_FRAME
            self._made += 1
            if time > self._position or not self._goes_on:
                yield Sample(time, _AAC_FRAME, bytes(packet))


def units_of(stream: bytes) -> list[bytes]:
    """The units between start codes (ITU-T H.264 annex B)."""
    parts = stream.split(b"\x00\x00\x01")[1:]
    # A start code of four bytes leaves its first zero at the end of the unit before it.
    return [unit for part in parts if (unit := part.rstrip(b"\x00"))]
