"""FLV byte streams, as RTMP encoders send them (Adobe's "Video File Format Specification" version 10, annex E)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_FILE_HEAD, _TAG_HEAD, _TAG_TAIL = 9, 11, 4
LONGEST = 8 * 1024 * 1024
"""Bytes of a tag, at most: what is longer is no live stream."""


class NotFlv(Exception):
    """The bytes are no FLV, or no longer."""


class TagKind(IntEnum):
    """What a tag carries."""

    AUDIO = 8
    VIDEO = 9
    SCRIPT = 18


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag; `time` is in milliseconds and begins anew after 32 bits."""

    kind: TagKind
    time: int
    data: bytes


class Reader:
    """Cuts a stream of bytes into tags."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begun = False

    def feed(self, more: bytes) -> Iterator[Tag]:
        """The tags that are whole by now. Raises NotFlv."""
        self._bytes += more
        at = 0
        if not self._begun:
            if len(self._bytes) < _FILE_HEAD:
                return
            if self._bytes[:3] != b"FLV" or not _FILE_HEAD <= (at := int.from_bytes(self._bytes[5:9])) < 256:
                raise NotFlv("it does not begin as FLV does")
            if len(self._bytes) < at + _TAG_TAIL:
                return
            at += _TAG_TAIL
            self._begun = True
        while len(self._bytes) - at >= _TAG_HEAD:
            kind, length = self._bytes[at], int.from_bytes(self._bytes[at + 1 : at + 4])
            if kind not in TagKind.__members__.values() or length > LONGEST:
                raise NotFlv("a tag makes no sense")
            if len(self._bytes) - at < _TAG_HEAD + length + _TAG_TAIL:
                break
            time = int.from_bytes(self._bytes[at + 4 : at + 7]) | self._bytes[at + 7] << 24
            begin = at + _TAG_HEAD
            yield Tag(TagKind(kind), time, bytes(self._bytes[begin : begin + length]))
            at = begin + length + _TAG_TAIL
        del self._bytes[:at]
