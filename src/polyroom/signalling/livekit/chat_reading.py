"""Chat among what a client sends: LiveKit's text streams on its chat topic, its chat packets, its older JSON lines.

A message is taken out of the flow until it is whole, so that it goes on as it is kept, or not at all. Changes of
earlier messages, streams that are encrypted and everything else go their usual way.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from livekit.protocol import models

from polyroom.domain.message import TEXT_BYTES

CHAT_TOPIC = "lk.chat"
OLD_CHAT_TOPIC = "lk-chat-topic"

BURST = 20
PER_SECOND = 5
_STREAMS_AT_ONCE = 16
_CHUNKS = 512
_HEAVIEST = 4 * TEXT_BYTES
"""Bytes that the packets of a message may have together: attributes are bounded with it."""

_WORD_BYTES = 128
_DESTINATIONS = 256

_Header = models.DataStream.Header
_PLAIN, _DEFLATED = models.DataStream.CompressionType.NONE, models.DataStream.CompressionType.DEFLATE_RAW


@dataclass(slots=True)
class Draft:
    """A whole message and the packets it came in."""

    client_id: str
    text: str
    mime_type: str
    packets: list[models.DataPacket]


@dataclass(slots=True)
class _Stream:
    packets: list[models.DataPacket]
    weight: int
    chunks: dict[int, bytes] = field(default_factory=dict)
    refused: bool = False


class ChatReader:
    """What one client says, bounded in pace and size. `now` in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._left = float(BURST)
        self._since = now()
        self._streams: dict[str, _Stream] = {}

    def read(self, packet: models.DataPacket) -> tuple[bool, Draft | None]:
        """Whether the packet is chat, and the message that is whole with it; one that is refused never is."""
        match packet.WhichOneof("value"):
            case "chat_message" if not packet.chat_message.edit_timestamp and not packet.chat_message.deleted:
                return True, self._single(packet, packet.chat_message.id, packet.chat_message.message)
            case "user" if packet.user.topic == OLD_CHAT_TOPIC:
                line = _old_line(packet.user.payload)
                return (False, None) if line is None else (True, self._single(packet, *line))
            case "stream_header" if _is_chat(packet.stream_header):
                return True, self._begin(packet)
            case "stream_chunk" if packet.stream_chunk.stream_id in self._streams:
                self._go_on(packet)
                return True, None
            case "stream_trailer" if packet.stream_trailer.stream_id in self._streams:
                return True, self._end(packet)
        return False, None

    def _single(self, packet: models.DataPacket, client_id: str, text: str) -> Draft | None:
        return self._draft([packet], client_id, text.encode(), "") if self._in_time() else None

    def _begin(self, packet: models.DataPacket) -> Draft | None:
        header = packet.stream_header
        stream = _Stream([packet], packet.ByteSize())
        stream.refused = not self._in_time() or header.total_length > TEXT_BYTES or stream.weight > _HEAVIEST
        if header.HasField("inline_content"):
            return None if stream.refused else self._whole(stream, header.inline_content)
        self._streams.pop(header.stream_id, None)
        while len(self._streams) >= _STREAMS_AT_ONCE:
            del self._streams[next(iter(self._streams))]
        self._streams[header.stream_id] = stream
        return None

    def _go_on(self, packet: models.DataPacket) -> None:
        chunk = packet.stream_chunk
        stream = self._streams[chunk.stream_id]
        stream.weight += packet.ByteSize()
        if stream.refused or stream.weight > _HEAVIEST or len(stream.packets) > _CHUNKS:
            stream.refused = True
            stream.packets.clear()
            stream.chunks.clear()
            return
        stream.chunks[chunk.chunk_index] = chunk.content
        stream.packets.append(packet)

    def _end(self, packet: models.DataPacket) -> Draft | None:
        stream = self._streams.pop(packet.stream_trailer.stream_id)
        if stream.refused or packet.stream_trailer.reason:
            return None
        stream.packets.append(packet)
        return self._whole(stream, b"".join(content for _, content in sorted(stream.chunks.items())))

    def _whole(self, stream: _Stream, content: bytes) -> Draft | None:
        header = stream.packets[0].stream_header
        plain = _inflated(content) if header.compression == _DEFLATED else content
        return None if plain is None else self._draft(stream.packets, header.stream_id, plain, header.mime_type)

    @staticmethod
    def _draft(packets: list[models.DataPacket], client_id: str, content: bytes, mime_type: str) -> Draft | None:
        first = packets[0]
        destinations = len(first.destination_identities) + len(first.user.destination_identities)
        too_long = len(content) > TEXT_BYTES or max(len(client_id), len(mime_type)) > _WORD_BYTES
        if too_long or destinations + len(first.user.destination_sids) > _DESTINATIONS:
            return None
        try:
            return Draft(client_id, content.decode(), mime_type or "text/plain", packets)
        except UnicodeDecodeError:
            return None

    def _in_time(self) -> bool:
        now = self._now()
        self._left = min(BURST, self._left + (now - self._since) * PER_SECOND)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _is_chat(header: models.DataStream.Header) -> bool:
    return (
        header.topic == CHAT_TOPIC
        and header.WhichOneof("content_header") == "text_header"
        and header.text_header.operation_type == models.DataStream.OperationType.CREATE
        and header.encryption_type == models.Encryption.NONE
        and header.compression in {_PLAIN, _DEFLATED}
    )


def _inflated(content: bytes) -> bytes | None:
    """RFC 1951 data inflated, no further than a message may be long."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflating.decompress(content, TEXT_BYTES + 1)
    except zlib.error:
        return None
    return plain if inflating.eof and len(plain) <= TEXT_BYTES else None


def _old_line(payload: bytes) -> tuple[str, str] | None:
    """Id and text; None for what is no line, or one that went out as a stream, too."""
    if len(payload) > 4 * TEXT_BYTES:
        return None
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("ignoreLegacy") is True or not isinstance(found.get("message"), str):
        return None
    text: str = found["message"]
    return str(found.get("id", ""))[:_WORD_BYTES], text.encode("utf-8", "replace").decode()
