"""RTMP's messages and the chunks that carry them. Source: "Adobe's Real Time Messaging Protocol" 1.0, section 5."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

FIRST_CHUNK_SIZE = 128
_LARGEST_MESSAGE = 1 << 16
_MOST_CHUNK_STREAMS = 64
_EXTENDED = 0xFFFFFF
_HEADS = (11, 7, 3, 0)
"""Bytes in the heads of each form."""


class Kind(IntEnum):
    """What a message is."""

    CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW = 5
    BANDWIDTH = 6
    SOUND = 8
    PICTURE = 9
    COMMAND_AMF3 = 17
    DATA = 18
    COMMAND = 20


class BadChunks(ValueError):
    """The other end does not speak RTMP, or says more at once than it has to."""


@dataclass(frozen=True, slots=True)
class Said:
    """A whole message that was read. `kind` may be one that `Kind` does not know."""

    kind: int
    stream: int
    data: bytes


def chunked(
    chunk_stream: int, kind: Kind, data: bytes, *, stream: int = 0, time: int = 0, size: int = FIRST_CHUNK_SIZE
) -> bytes:
    """A message as chunks with whole heads. `time` is in milliseconds and wraps around."""
    time &= 0xFFFF_FFFF
    late = struct.pack(">I", time) if time >= _EXTENDED else b""
    head = bytes([chunk_stream]) + min(time, _EXTENDED).to_bytes(3, "big")
    head += len(data).to_bytes(3, "big") + bytes([kind]) + struct.pack("<I", stream) + late
    if len(data) <= size:
        return head + data
    again = bytes([0xC0 | chunk_stream]) + late
    pieces = [head + data[:size]]
    pieces += [again + data[at : at + size] for at in range(size, len(data), size)]
    return b"".join(pieces)


@dataclass(slots=True)
class _ChunkStream:
    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    data: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class _Head:
    form: int
    number: int
    stream: _ChunkStream
    at: int
    begin: int
    end: int
    length: int
    extended: bool


class ChunkReader:
    """Cuts what a server sends into messages. A server has little to say to a publisher: large messages are refused."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._size = FIRST_CHUNK_SIZE
        self._streams: dict[int, _ChunkStream] = {}

    def feed(self, more: bytes) -> Iterator[Said]:
        """What is whole by now. Raises BadChunks."""
        self._bytes += more
        while (head := self._head()) is not None:
            said = self._take(head)
            if said is None:
                continue
            if said.kind == Kind.CHUNK_SIZE and len(said.data) >= 4:
                self._size = min(max(int.from_bytes(said.data[:4], "big") & 0x7FFF_FFFF, 1), _LARGEST_MESSAGE)
            elif said.kind == Kind.ABORT and len(said.data) >= 4:
                self._streams.pop(int.from_bytes(said.data[:4], "big"), None)
            else:
                yield said

    def _head(self) -> _Head | None:
        """What comes next, once its chunk is whole."""
        data = self._bytes
        at, form, number = self._basic_head()
        head = _HEADS[form]
        if not data or len(data) < at + head:
            return None
        known = self._streams.get(number)
        if known is None:
            if form > 1 or len(self._streams) >= _MOST_CHUNK_STREAMS:
                raise BadChunks("a chunk that follows nothing")
            known = _ChunkStream()
        extended = known.extended if form == 3 else data[at : at + 3] == b"\xff\xff\xff"
        length = int.from_bytes(data[at + 3 : at + 6], "big") if form < 2 else known.length
        if length > _LARGEST_MESSAGE:
            raise BadChunks("a message that is too large")
        begin = at + head + 4 * extended
        end = begin + min(self._size, length - (len(known.data) if form == 3 else 0))
        return _Head(form, number, known, at, begin, end, length, extended) if len(data) >= end else None

    def _basic_head(self) -> tuple[int, int, int]:
        """Where the rest of the head begins, its form, and the number of the chunk stream."""
        first = self._bytes[0] if self._bytes else 0
        if first & 63 >= 2:
            return 1, first >> 6, first & 63
        more = 1 + (first & 1)
        return 1 + more, first >> 6, 64 + int.from_bytes(self._bytes[1 : 1 + more], "little")

    def _take(self, head: _Head) -> Said | None:
        """The message that a chunk completes."""
        data, at, known = self._bytes, head.at, head.stream
        if head.form < 3:
            known.data.clear()
        if head.form < 2:
            known.length, known.kind = head.length, data[at + 6]
        if head.form == 0:
            known.stream = int.from_bytes(data[at + 7 : at + 11], "little")
        known.extended = head.extended
        known.data += data[head.begin : head.end]
        self._streams[head.number] = known
        del data[: head.end]
        if len(known.data) < known.length:
            return None
        said = Said(known.kind, known.stream, bytes(known.data))
        known.data.clear()
        return said
