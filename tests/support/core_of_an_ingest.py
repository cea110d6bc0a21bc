"""Plays the packet core for an ingest's worker: greets it, takes its frames, hears its news."""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

_HEAD = struct.Struct("<IBBBBQqqQ")
_PATIENCE = 40.0
PICTURES, SOUNDS = 1, 2


@dataclass(frozen=True)
class Sent:
    """One frame of a worker's; `captured` in seconds."""

    track: int
    captured: float
    timestamp: int
    data: bytes


@dataclass
class Told:
    """All that a worker said until it ended."""

    frames: list[Sent] = field(default_factory=list)
    hellos: list[tuple[int, int, int]] = field(default_factory=list)
    news: list[dict[str, Any]] = field(default_factory=list)
    status: int = 0

    def of(self, track: int) -> list[Sent]:
        """The frames of one track."""
        return [frame for frame in self.frames if frame.track == track]

    @property
    def refusals(self) -> list[str]:
        """Why something was left out."""
        return [str(one["why"]) for one in self.news if one["is"] == "refused"]


def fed(stream: bytes, *, room: bool = True) -> Told:
    """What a worker makes of a stream that ends. `room` is the answer to whether pictures may be encoded again."""
    media, theirs = socket.socketpair()
    core, worker_core = socket.socketpair()
    with media, theirs, core, worker_core:
        command = [sys.executable, "-m", "polyroom.ingest.worker", str(theirs.fileno()), str(worker_core.fileno())]
        fds = [theirs.fileno(), worker_core.fileno()]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=fds)
        theirs.close()
        worker_core.close()
        try:
            return _Exchange(process, media, core, stream, room).run()
        finally:
            process.kill()
            process.wait()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            process.stdout.close()


class _Exchange:
    def __init__(
        self, process: "subprocess.Popen[bytes]", media: socket.socket, core: socket.socket, stream: bytes, room: bool
    ) -> None:
        self._process, self._media, self._core = process, media, core
        self._stream, self._room = memoryview(stream), room
        self._bytes, self._lines = b"", b""
        self._told = Told()

    def run(self) -> Told:
        assert self._process.stdout is not None
        news = self._process.stdout.fileno()
        self._core.sendall(_HEAD.pack(0, 0, 0, 0, 0, 0, time.time_ns() // 1000, time.monotonic_ns() // 1000, 1))
        self._media.setblocking(False)
        self._core.setblocking(False)
        self._write()
        open_ends, end = {self._core.fileno(), news}, time.monotonic() + _PATIENCE
        while open_ends:
            assert time.monotonic() < end, f"the worker does not end; it said {self._told.news}"
            writing = [self._media] if self._stream else []
            readable, writable, _ = select.select(list(open_ends), writing, [], 1.0)
            if writable:
                self._write()
            if self._core.fileno() in readable and not self._hear():
                open_ends.discard(self._core.fileno())
            if news in readable and not self._listen(news):
                open_ends.discard(news)
        self._told.status = self._process.wait(_PATIENCE)
        return self._told

    def _write(self) -> None:
        try:
            self._stream = self._stream[self._media.send(self._stream[:65536]) :]
        except OSError:
            self._stream = memoryview(b"")
        if not self._stream:
            self._media.shutdown(socket.SHUT_WR)

    def _hear(self) -> bool:
        try:
            more = self._core.recv(1 << 20)
        except ConnectionResetError:
            return False
        self._bytes += more
        while len(self._bytes) >= _HEAD.size:
            length, kind, codec, flags, _, track, captured, timestamp, _ = _HEAD.unpack_from(self._bytes)
            if len(self._bytes) < _HEAD.size + length:
                break
            data, self._bytes = self._bytes[_HEAD.size : _HEAD.size + length], self._bytes[_HEAD.size + length :]
            if kind == 0:
                self._told.hellos.append((track, codec, flags))
            elif kind == 1:
                self._told.frames.append(Sent(track, captured / 1e6, timestamp, data))
        return bool(more)

    def _listen(self, news: int) -> bool:
        more = os.read(news, 65536)
        *lines, self._lines = (self._lines + more).split(b"\n")
        for line in lines:
            one = json.loads(line)
            self._told.news.append(one)
            if one["is"] == "question":
                assert self._process.stdin is not None
                self._process.stdin.write(b"yes\n" if self._room else b"no\n")
                self._process.stdin.flush()
        return bool(more)
