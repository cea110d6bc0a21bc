"""The least of an RTMP encoder: what ffmpeg does, with a hand on every byte (Adobe's RTMP 1.0, §5 and §7)."""

import socket
import struct
from typing import Self

PACKET = 1536


class RtmpClient:
    """One connection; chunks are as large as their messages."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.heard = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def greet(self) -> None:
        """The handshake."""
        self.socket.sendall(b"\x03" + bytes(PACKET))
        answer = b""
        while len(answer) < 1 + 2 * PACKET:
            part = self.socket.recv(65536)
            assert part, "the server hung up"
            answer += part
        assert answer[0] == 3
        self.socket.sendall(bytes(PACKET))
        self.message(1, struct.pack(">I", 0xFFFFFF))

    def message(self, kind: int, payload: bytes, *, time: int = 0, stream: int = 0) -> None:
        """One message in one chunk."""
        head = bytes([3]) + time.to_bytes(3) + len(payload).to_bytes(3) + bytes([kind])
        self.socket.sendall(head + stream.to_bytes(4, "little") + payload)

    def publish(self, name: str, app: str = "live") -> None:
        """Everything up to the question whether it may."""
        self.greet()
        fields = _text("app")[1:] + _text(app) + b"\0\0\x09"
        self.message(20, _text("connect") + _number(1) + b"\x03" + fields)
        self.message(20, _text("createStream") + _number(2) + b"\x05")
        self.message(20, _text("publish") + _number(3) + b"\x05" + _text(name) + _text("live"), stream=1)

    def hear(self, word: bytes) -> None:
        """Wait until the server has said a word."""
        while word not in self.heard:
            part = self.socket.recv(65536)
            assert part, f"{word!r} was not said: {self.heard!r}"
            self.heard += part

    def until_closed(self) -> bytes:
        """All that is said until the server hangs up."""
        try:
            while part := self.socket.recv(65536):
                self.heard += part
        except ConnectionResetError:
            pass
        return self.heard


def _text(text: str) -> bytes:
    return b"\x02" + struct.pack(">H", len(text.encode())) + text.encode()


def _number(number: float) -> bytes:
    return b"\x00" + struct.pack(">d", number)
