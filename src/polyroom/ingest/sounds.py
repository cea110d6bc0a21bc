"""An encoder's sound as 48 kHz stereo Opus, in packets of 20 ms."""

from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler

from polyroom.ingest.outlet import Outlet
from polyroom.ingest.timeline import Place
from polyroom.ingest.words import Codec

RATE = 48_000
_PACKET = 960
_BITRATE = 128_000
_APART = 0.06
"""Seconds between where a frame belongs and where the samples before it end; more is a gap."""


class Sounds:
    """One track of sound, from AAC."""

    def __init__(self, outlet: Outlet, track: int, config: bytes) -> None:
        self._outlet, self._track = outlet, track
        decoder = av.CodecContext.create("aac", "r")
        assert isinstance(decoder, AudioCodecContext)
        decoder.extradata = config
        self._decoder = decoder
        self._encoder = _encoder()
        self._start()
        self._place: Place | None = None
        self._samples = 0
        outlet.open(track, Codec.OPUS, RATE)

    def _start(self) -> None:
        self._resampler = AudioResampler("s16", "stereo", RATE)
        self._fifo = AudioFifo()

    def take(self, place: Place, data: bytes) -> None:
        """One frame. What cannot be decoded is left out: the gap is bridged as any other."""
        try:
            frames = self._decoder.decode(av.Packet(data))
        except av.FFmpegError:
            return
        for frame in frames:
            if not self._follow(place):
                continue
            frame.pts = None
            for even in self._resampler.resample(frame):
                even.pts = None
                self._fifo.write(even)
        self._encode()

    def _follow(self, place: Place) -> bool:
        """Whether the samples go on: one by one, but for a gap; what would be said twice is left out."""
        if self._place is not None:
            gone = (self._samples + self._fifo.samples) / RATE
            apart = place.time - self._place.time - gone
            if apart <= -_APART:
                return False
            if apart < _APART:
                # Due times follow the encoder's clock, which is not exactly ours.
                self._place = Place(self._place.time, place.due - apart - gone)
                return True
            self._start()
        self._place, self._samples = place, 0
        return True

    def _encode(self) -> None:
        while self._place is not None and (frame := self._fifo.read(_PACKET)) is not None:
            frame.pts = None
            at = self._samples / RATE
            place = Place(self._place.time + at, self._place.due + at)
            self._samples += _PACKET
            for packet in self._encoder.encode(frame):
                self._outlet.push(self._track, place, bytes(packet))


def _encoder() -> AudioCodecContext:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate = RATE
    encoder.layout = "stereo"
    encoder.format = "s16"
    encoder.time_base = Fraction(1, RATE)
    encoder.bit_rate = _BITRATE
    encoder.options = {"frame_duration": "20", "application": "audio"}
    return encoder
