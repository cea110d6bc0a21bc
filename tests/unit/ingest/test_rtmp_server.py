"""The server that takes encoders: what leaves by the descriptor, and what ends a connection."""

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from tests.support.rtmp_client import RtmpClient

from polyroom import _sfu

PATIENCE = 30.0
FLV = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"


class Served:
    """A server, and what it told."""

    def __init__(self, **options: float) -> None:
        with closing(socket.create_server(("127.0.0.1", 0), backlog=512)) as listener:
            self.port = int(listener.getsockname()[1])
            self.server = _sfu.RtmpServer(listeners=[listener.fileno()], **options)

    def event(self, kind: type, patience: float = PATIENCE) -> object:
        """The next event, which is of that kind."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            select.select([self.server.event_fd()], [], [], 0.5)
            for event in self.server.poll_events(1):
                assert isinstance(event, kind), event
                return event
        raise AssertionError(f"no {kind.__name__}")

    def asked(self) -> "_sfu.PublishAsked":
        found = self.event(_sfu.PublishAsked)
        assert isinstance(found, _sfu.PublishAsked)
        return found

    def ended(self) -> str:
        found = self.event(_sfu.PublishEnded)
        assert isinstance(found, _sfu.PublishEnded)
        return found.reason

    def accept(self, asked: "_sfu.PublishAsked") -> socket.socket:
        """The end of the stream that is read."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.server.accept(asked.connection, theirs.fileno())
        ours.settimeout(PATIENCE)
        return ours


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    made: list[Served] = []

    def one(**options: float) -> Served:
        made.append(Served(**options))
        return made[-1]

    yield one
    for each in made:
        each.server.close()


def read_all(stream: socket.socket) -> bytes:
    """Until its end."""
    found = b""
    with stream:
        while part := stream.recv(65536):
            found += part
    return found


def test_a_stream_leaves_as_a_file_would_have_it(serve: Callable[..., Served]) -> None:
    served = serve()
    with RtmpClient(served.port) as client:
        client.publish("key?x=1", app="any/app")
        asked = served.asked()
        assert (asked.app, asked.name, asked.address) == ("any/app", "key?x=1", "127.0.0.1")
        assert "key" not in repr(asked)
        stream = served.accept(asked)
        client.hear(b"NetStream.Publish.Start")
        client.message(9, b"\x17\0\0\0\0picture", time=0x012345, stream=1)
        client.message(8, b"\xaf\0sound", time=5, stream=1)
        client.message(20, b"\x02\0\x0cdeleteStream\0\0\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\0\0", stream=1)
        found = read_all(stream)
        client.hear(b"NetStream.Unpublish.Success")
    assert served.ended() == "finished"
    picture = b"\x09\0\0\x0c\x01\x23\x45\0\0\0\0\x17\0\0\0\0picture\0\0\0\x17"
    assert found == FLV + picture + b"\x08\0\0\x07\0\0\x05\0\0\0\0\xaf\0sound\0\0\0\x12"


def test_whoever_is_refused_hears_why(serve: Callable[..., Served]) -> None:
    served = serve()
    with RtmpClient(served.port) as client:
        client.publish("key")
        served.server.close_connection(served.asked().connection, "NetStream.Publish.Denied", "unknown stream key")
        assert b"unknown stream key" in client.until_closed()
    assert served.ended() == "closed"


def test_half_open_connections_end_in_time_however_they_dawdle(serve: Callable[..., Served]) -> None:
    served = serve(handshake_timeout=1.0)
    with RtmpClient(served.port) as silent, RtmpClient(served.port) as slow, RtmpClient(served.port) as unanswered:
        unanswered.publish("key")
        served.asked()
        slow.socket.sendall(b"\x03")
        assert silent.until_closed() == slow.until_closed() == b""
        assert b"NetStream.Publish.Denied" in unanswered.until_closed()
    assert served.ended() == "silent"


def test_a_newer_half_open_connection_puts_out_the_oldest(serve: Callable[..., Served]) -> None:
    served = serve()
    crowd = [RtmpClient(served.port) for _ in range(200)]
    try:
        with RtmpClient(served.port) as client:
            client.publish("key")
            stream = served.accept(served.asked())
            client.hear(b"NetStream.Publish.Start")
            end = time.monotonic() + PATIENCE
            while served.server.counters().connections != 64 and time.monotonic() < end:
                time.sleep(0.1)
            assert served.server.counters().connections == 64
            assert crowd[0].until_closed() == b""
            client.message(9, b"picture", stream=1)
            assert stream.recv(100)
            stream.close()
    finally:
        for one in crowd:
            one.socket.close()


_NOISE = bytes(range(255, 191, -1))


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02", _NOISE])
def test_what_is_no_rtmp_is_hung_up_on(serve: Callable[..., Served], garbage: bytes) -> None:
    served = serve()
    with RtmpClient(served.port) as client:
        client.socket.sendall(garbage)
        assert client.until_closed() == b""


def test_a_stream_that_breaks_the_protocol_or_its_limit_ends(serve: Callable[..., Served]) -> None:
    served = serve()
    for broken in (b"\xff" * 64, b"\x04\0\0\0\xff\xff\xff\x09\x01\0\0\0"):
        with RtmpClient(served.port) as client:
            client.publish("key")
            stream = served.accept(served.asked())
            client.hear(b"NetStream.Publish.Start")
            client.socket.sendall(broken)
            assert read_all(stream) == FLV
        assert served.ended() == "fault"


def test_silence_ends_a_stream_and_a_shorter_pause_does_not(serve: Callable[..., Served]) -> None:
    served = serve(idle_timeout=2.0)
    with RtmpClient(served.port) as client:
        client.publish("key")
        stream = served.accept(served.asked())
        client.hear(b"NetStream.Publish.Start")
        time.sleep(1.0)
        client.message(9, b"picture", stream=1)
        assert read_all(stream).endswith(b"picture\0\0\0\x12")
        assert b"NetStream.Failed" in client.until_closed()
    assert served.ended() == "silent"


def test_a_reader_that_stands_still_holds_its_encoder_back_and_nobody_else(serve: Callable[..., Served]) -> None:
    served = serve()
    with RtmpClient(served.port, timeout=3) as fast, RtmpClient(served.port) as other:
        fast.publish("fast")
        held = served.accept(served.asked())
        fast.hear(b"NetStream.Publish.Start")
        sent = 0
        with pytest.raises(TimeoutError):
            for _ in range(500):
                fast.message(9, bytes(100_000), stream=1)
                sent += 100_000
        assert sent < 40_000_000
        other.publish("other")
        stream = served.accept(served.asked())
        other.hear(b"NetStream.Publish.Start")
        other.message(9, b"picture", stream=1)
        assert stream.recv(100)
        stream.close()
        read = 0
        while read < sent:
            read += len(held.recv(1 << 20))
        held.close()


def test_an_encoder_whose_reader_went_is_told(serve: Callable[..., Served]) -> None:
    served = serve()
    with RtmpClient(served.port) as client:
        client.publish("key")
        served.accept(served.asked()).close()
        assert b"NetStream.Failed" in client.until_closed()
    assert served.ended() == "unread"


def test_a_stop_tells_those_who_publish_and_waits_for_nobody_else(serve: Callable[..., Served]) -> None:
    served = serve()
    with RtmpClient(served.port) as client, RtmpClient(served.port):
        client.publish("key")
        stream = served.accept(served.asked())
        client.hear(b"NetStream.Publish.Start")
        client.message(9, b"picture", stream=1)
        served.server.close()
        assert b"come back" in client.until_closed()
        assert read_all(stream).endswith(b"picture\0\0\0\x12")
    served.server.close()
