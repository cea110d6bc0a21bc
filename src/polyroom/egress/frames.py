"""The words of a tap's socket, as the packet core writes them (docs/tap.md)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct("<IBBBBQqqQ")
_REQUEST = struct.Struct("<QQ")
_WANT_KEYFRAME = 1
VERSION = 1


class Codec(IntEnum):
    """What a frame is encoded with."""

    OPUS = 1
    VP8 = 2
    VP9 = 3
    H264 = 4
    AV1 = 5


@dataclass(frozen=True, slots=True)
class Hello:
    """The core's first word: its clock, in microseconds since 1970, and the machine's monotonic one at that moment."""

    now: int
    monotonic: int
    version: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture or packet of sound. `captured` is by the core's clock, `turns` are clockwise quarters."""

    track: int
    codec: Codec
    key: bool
    gap: bool
    turns: int
    captured: int
    timestamp: int
    data: bytes


@dataclass(frozen=True, slots=True)
class TrackEnded:
    """Nothing more of a track comes."""

    track: int


Told = Hello | Frame | TrackEnded


class Reader:
    """Cuts a stream of bytes into what was said."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, more: bytes) -> Iterator[Told]:
        """What is whole by now; kinds and codecs this version does not know are passed over."""
        self._bytes += more
        at = 0
        while len(self._bytes) - at >= _HEAD.size:
            length, kind, codec, flags, turns, track, captured, timestamp, number = _HEAD.unpack_from(self._bytes, at)
            end = at + _HEAD.size + length
            if len(self._bytes) < end:
                break
            if kind == 0:
                yield Hello(captured, timestamp, number)
            elif kind == 1 and codec in Codec.__members__.values():
                data = bytes(self._bytes[at + _HEAD.size : end])
                yield Frame(track, Codec(codec), bool(flags & 1), bool(flags & 2), turns & 3, captured, timestamp, data)
            elif kind == 2:
                yield TrackEnded(track)
            at = end
        del self._bytes[:at]


def keyframe_request(track: int) -> bytes:
    """What a listener writes when it can go on only with a keyframe."""
    return _REQUEST.pack(_WANT_KEYFRAME, track)
