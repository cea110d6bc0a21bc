"""The words of a source's socket, as the packet core reads them (docs/inject.md)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct("<IBBBBQqqQ")
_HELLO, _FRAME, _END, _WANT_KEYFRAME = range(4)
VERSION = 1
LONGEST = 4 * 1024 * 1024
"""Bytes of a frame, at most."""


class Codec(IntEnum):
    """What frames are encoded with."""

    OPUS = 1
    VP8 = 2
    H264 = 4


@dataclass(frozen=True, slots=True)
class Greeting:
    """The core's clock, in microseconds since 1970, and the machine's monotonic one at that moment."""

    now: int
    monotonic: int


@dataclass(frozen=True, slots=True)
class KeyframeWanted:
    """Somebody can go on only with a keyframe of that track."""

    track: int


class Reader:
    """Cuts what the core says into words."""

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, more: bytes) -> Iterator[Greeting | KeyframeWanted]:
        """What is whole by now; kinds this version does not know are passed over."""
        self._bytes += more
        while len(self._bytes) >= _HEAD.size:
            _, kind, _, _, _, track, captured, monotonic, _ = _HEAD.unpack_from(self._bytes)
            self._bytes = self._bytes[_HEAD.size :]
            if kind == _HELLO:
                yield Greeting(captured, monotonic)
            elif kind == _WANT_KEYFRAME:
                yield KeyframeWanted(track)


def hello(track: int, codec: Codec, *, deaf: bool = False) -> bytes:
    """A track is to come, or goes on; a `deaf` one makes no keyframes when asked."""
    return _HEAD.pack(0, _HELLO, codec, int(deaf), 0, track, 0, 0, VERSION)


def frame(track: int, captured: int, timestamp: int, data: bytes) -> bytes:
    """One picture or packet of sound; `captured` is by the core's clock, `timestamp` in the codec's."""
    return _HEAD.pack(len(data), _FRAME, 0, 0, 0, track, captured, timestamp, 0) + data


def end(track: int) -> bytes:
    """Nothing more of a track comes."""
    return _HEAD.pack(0, _END, 0, 0, 0, track, 0, 0, 0)
