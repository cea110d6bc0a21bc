"""Chat among a client's packets: streams, inline streams, older forms; bounds in size and pace."""

import zlib
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models

from polyroom.domain.message import TEXT_BYTES
from polyroom.signalling.livekit.chat_reading import BURST, PER_SECOND, ChatReader, Draft
from polyroom.signalling.livekit.data import read_packet

Stream = models.DataStream
PASSED_ON = (False, None)
TAKEN = (True, None)


@dataclass
class Watch:
    """Seconds that pass when told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def reader() -> ChatReader:
    return ChatReader(Watch())


def header(stream_id: str = "s", **more: Any) -> models.DataPacket:
    fields = {"topic": "lk.chat", "mime_type": "text/plain", "text_header": Stream.TextHeader()}
    return models.DataPacket(stream_header=Stream.Header(stream_id=stream_id, **fields | more))


def chunk(content: bytes, index: int = 0, stream_id: str = "s") -> models.DataPacket:
    return models.DataPacket(stream_chunk=Stream.Chunk(stream_id=stream_id, chunk_index=index, content=content))


def trailer(stream_id: str = "s", reason: str = "") -> models.DataPacket:
    return models.DataPacket(stream_trailer=Stream.Trailer(stream_id=stream_id, reason=reason))


def whole(reader: ChatReader, *packets: models.DataPacket) -> Draft | None:
    *some, last = packets
    assert all(reader.read(packet) == TAKEN for packet in some)
    is_chat, draft = reader.read(last)
    assert is_chat
    return draft


def test_a_stream_is_whole_with_its_trailer_and_keeps_its_packets() -> None:
    raw = "Grüße 🎉".encode()
    packets = [header(), chunk(raw[:4]), chunk(raw[4:], 1), trailer()]
    assert whole(reader(), *packets) == Draft("s", "Grüße 🎉", "text/plain", packets)


def test_chunks_are_put_in_their_order_and_one_sent_twice_counts_once() -> None:
    draft = whole(reader(), header(), chunk(b"b", 1), chunk(b"a", 0), chunk(b"a", 0), trailer())
    assert draft is not None and draft.text == "ab"


def test_streams_of_one_client_may_cross() -> None:
    one = reader()
    assert one.read(header("x")) == one.read(header("y")) == one.read(chunk(b"1", 0, "x")) == TAKEN
    first = whole(one, chunk(b"2", 0, "y"), trailer("y"))
    second = whole(one, trailer("x"))
    assert first is not None and second is not None
    assert (first.text, second.text) == ("2", "1")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_stream_may_be_one_packet_and_compressed(compressed: bool) -> None:
    text = "ha" * 500
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflater.compress(text.encode()) + deflater.flush()
    how = {"inline_content": deflated, "compression": Stream.CompressionType.DEFLATE_RAW}
    draft = whole(reader(), header(**how if compressed else {"inline_content": text.encode()}))
    assert draft is not None and draft.text == text


def test_what_inflates_beyond_the_limit_or_is_no_deflate_goes_nowhere() -> None:
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = deflater.compress(b"\0" * 10_000_000) + deflater.flush()
    for content in (bomb, b"\xff\xff\xff", b""):
        packet = header(inline_content=content, compression=Stream.CompressionType.DEFLATE_RAW)
        assert reader().read(packet) == TAKEN


@pytest.mark.parametrize("size", [TEXT_BYTES, TEXT_BYTES + 1])
def test_the_limit_counts_bytes_however_they_come(size: int) -> None:
    half, rest = b"x" * (size // 2), b"x" * (size - size // 2)
    fits = size <= TEXT_BYTES
    assert (whole(reader(), header(), chunk(half), chunk(rest, 1), trailer()) is not None) is fits
    assert (whole(reader(), header(inline_content=half + rest)) is not None) is fits
    assert (whole(reader(), header(total_length=size), trailer()) is not None) is fits
    line = models.DataPacket(chat_message=models.ChatMessage(id="1", message="x" * size))
    assert (whole(reader(), line) is not None) is fits


def test_what_is_no_text_or_broken_off_goes_nowhere() -> None:
    assert whole(reader(), header(), chunk(b"\xff\xfe"), trailer()) is None
    assert whole(reader(), header(), chunk(b"half"), trailer(reason="gone")) is None
    assert whole(reader(), header("i" * 200, inline_content=b"x")) is None
    assert whole(reader(), header(inline_content=b"x", mime_type="m" * 200)) is None
    crowd = header(inline_content=b"x")
    crowd.destination_identities.extend(str(number) for number in range(1000))
    assert whole(reader(), crowd) is None


def test_countless_chunks_without_content_are_not_kept() -> None:
    one = reader()
    one.read(header())
    for index in range(5000):
        assert one.read(chunk(b"", index)) == TAKEN
    assert one.read(trailer()) == TAKEN


def test_streams_that_never_end_are_forgotten() -> None:
    one = ChatReader(watch := Watch())
    for number in range(100):
        watch.now += 1
        assert one.read(header(str(number))) == TAKEN
    assert one.read(trailer("0")) == PASSED_ON
    assert one.read(trailer("99"))[1] is not None


def test_older_forms_are_read_and_a_line_that_is_also_a_stream_passes() -> None:
    packet = models.DataPacket(chat_message=models.ChatMessage(id="1", message="hi", timestamp=5))
    assert whole(reader(), packet) == Draft("1", "hi", "text/plain", [packet])

    def old(payload: bytes) -> tuple[bool, Draft | None]:
        return reader().read(models.DataPacket(user=models.UserPacket(topic="lk-chat-topic", payload=payload)))

    is_chat, draft = old(b'{"id": 7, "message": "hi \\ud800"}')
    assert is_chat and draft is not None and (draft.client_id, draft.text) == ("7", "hi ?")
    for payload in (b"", b"[]", b'{"message": 5}', b'{"message": "x", "ignoreLegacy": true}', b"[" * 50_000):
        assert old(payload) == PASSED_ON


def test_everything_else_passes_on() -> None:
    edited = models.ChatMessage(id="1", message="x", edit_timestamp=1)
    gone = models.ChatMessage(id="1", deleted=True)
    update = Stream.TextHeader(operation_type=Stream.OperationType.UPDATE)
    file = models.DataPacket(
        stream_header=Stream.Header(stream_id="s", topic="lk.chat", byte_header=Stream.ByteHeader())
    )
    for packet in (
        models.DataPacket(),
        models.DataPacket(user=models.UserPacket(topic="other", payload=b'{"message": "x"}')),
        models.DataPacket(chat_message=edited),
        models.DataPacket(chat_message=gone),
        header(topic="other"),
        header(text_header=update),
        header(encryption_type=models.Encryption.GCM),
        header(compression=7),
        file,
        chunk(b"x"),
        trailer(),
    ):
        assert reader().read(packet) == PASSED_ON


def test_the_pace_is_bounded_and_recovers() -> None:
    one = ChatReader(watch := Watch())

    def heard(count: int) -> int:
        return sum(one.read(header(inline_content=b"x"))[1] is not None for _ in range(count))

    assert heard(BURST * 2) == BURST
    watch.now = 1.0
    assert heard(BURST * 2) == PER_SECOND
    watch.now = 1000.0
    assert heard(BURST * 2) == BURST


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_packets_are_read_without_failing(payloads: list[bytes]) -> None:
    one = reader()
    for payload in payloads:
        packet = read_packet(payload)
        if packet is not None:
            one.read(packet)
            one.read(header(str(payload)[:20], inline_content=payload))
            one.read(models.DataPacket(user=models.UserPacket(topic="lk-chat-topic", payload=payload)))
