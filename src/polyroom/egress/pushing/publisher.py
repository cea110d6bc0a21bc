"""Publishes one stream to an RTMP server. Source: "Adobe's Real Time Messaging Protocol" 1.0, sections 5 and 7.

Media messages are FLV's tags without their heads: "Adobe Flash Video File Format" 10.1, annex E.
"""

import asyncio
import os
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from polyroom.egress.pushing import amf
from polyroom.egress.pushing.backlog import Packet
from polyroom.egress.pushing.chunks import BadChunks, ChunkReader, Kind, Said, chunked
from polyroom.egress.pushing.connecting import PATIENCE, PushFailed
from polyroom.wire.rtmp_urls import RtmpUrl

STALLED_AFTER = 10.0
"""Seconds without a byte taken, after which the way is held to be broken."""

_CHUNK_SIZE = 60_000
_CONTROL, _COMMANDS, _SOUNDS, _PICTURES = 2, 3, 4, 6
_HANDSHAKE = 1536
_CODE = re.compile(r"[A-Za-z0-9.]{1,64}")
_PING, _PONG = 6, 7
_HIGH_WATER = 1 << 16
_GOODBYE = 0.5


@dataclass(frozen=True, slots=True)
class Heads:
    """What decoders need first: size, rate and both parameter sets of H264; AAC's configuration."""

    picture: tuple[int, int, int, bytes, bytes] | None
    sound: bytes | None


class Publisher:
    """One connection. `start`, then `send` again and again, then `stop`; all but the last raise PushFailed."""

    def __init__(self, url: RtmpUrl, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._url, self._reader, self._writer = url, reader, writer
        self._chunks = ChunkReader()
        self._unread: list[Said] = []
        self._stream = 0
        self._calls = 0
        self._received = self._acknowledged = 0
        self._window = 0
        self._begun: int | None = None
        self._listening: asyncio.Task[None] | None = None
        self._over: str | None = None

    async def start(self, heads: Heads) -> None:
        """Until the server wants the stream."""
        self._writer.transport.set_write_buffer_limits(high=_HIGH_WATER)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._shake_hands()
                await self._publish()
        except TimeoutError:
            raise PushFailed("it does not answer as an RTMP server does") from None
        self._write_heads(heads)
        await self._drain()
        self._listening = asyncio.create_task(self._listen(), name="what the server says")

    async def send(self, packets: Sequence[Packet]) -> int:
        """Send what is due, the first of all a keyframe; the number of bytes. Nothing only looks whether it goes on."""
        if self._over is not None:
            raise PushFailed(self._over)
        if packets and self._begun is None:
            self._begun = packets[0].at
        # Sound from before the first picture has no place.
        whole = b"".join(self._message(one) for one in packets if one.at >= (self._begun or 0))
        self._writer.write(whole)
        await self._drain()
        return len(whole)

    async def stop(self) -> None:
        """Say that the stream is over, and close."""
        if self._listening is not None:
            self._listening.cancel()
        try:
            async with asyncio.timeout(_GOODBYE):
                if self._stream:
                    self._call("FCUnpublish", None, self._url.name)
                    self._call("deleteStream", None, self._stream)
                    await self._writer.drain()
                self._writer.close()
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            self._writer.transport.abort()

    async def _shake_hands(self) -> None:
        mine = os.urandom(_HANDSHAKE - 8)
        self._writer.write(b"\x03" + bytes(8) + mine)
        try:
            version = await self._reader.readexactly(1)
            theirs = await self._reader.readexactly(_HANDSHAKE)
            if version != b"\x03":
                raise PushFailed("it is no RTMP server")
            self._writer.write(theirs)
            await self._reader.readexactly(_HANDSHAKE)
        except (asyncio.IncompleteReadError, OSError):
            raise PushFailed("it ended the connection at once") from None

    async def _publish(self) -> None:
        self._writer.write(chunked(_CONTROL, Kind.CHUNK_SIZE, struct.pack(">I", _CHUNK_SIZE)))
        about: dict[str, amf.Value] = {
            "app": self._url.app,
            "type": "nonprivate",
            "flashVer": "FMLE/3.0 (compatible; polyroom)",
            "tcUrl": self._url.application_url,
        }
        await self._answer(self._call("connect", about))
        self._call("releaseStream", None, self._url.name)
        self._call("FCPublish", None, self._url.name)
        answer = await self._answer(self._call("createStream", None))
        stream = answer[1] if len(answer) > 1 else None
        if not isinstance(stream, float) or not 0 < stream < 1 << 32:
            raise PushFailed("it gives no stream to publish")
        self._stream = int(stream)
        self._call("publish", None, self._url.name, "live", stream=self._stream)
        while True:
            name, _, *more = await self._command()
            if name == "onStatus" and self._judged(more) == "NetStream.Publish.Start":
                return

    async def _answer(self, number: int) -> list[amf.Value]:
        """The rest of what the server says to one call."""
        while True:
            name, called, *more = await self._command()
            if name == "onStatus":
                self._judged(more)
            elif called == number and name == "_result":
                return more
            elif called == number and name == "_error":
                raise PushFailed(self._refusal(more))

    def _judged(self, more: Sequence[amf.Value]) -> str:
        """The code of a status. Raises PushFailed for an error."""
        about = more[-1] if more else None
        if not isinstance(about, dict):
            return ""
        if about.get("level") == "error":
            raise PushFailed(self._refusal(more))
        return str(about.get("code", ""))

    def _refusal(self, more: Sequence[amf.Value]) -> str:
        """Only the code: descriptions repeat the stream's name, which is the key."""
        about = more[-1] if more else None
        code = about.get("code") if isinstance(about, dict) else None
        if isinstance(code, str) and _CODE.fullmatch(code) and self._url.name not in code:
            return f"it refuses the stream ({code})"
        return "it refuses the stream"

    async def _command(self) -> list[amf.Value]:
        while True:
            while not self._unread:
                await self._read()
            said = self._unread.pop(0)
            if said.kind not in (Kind.COMMAND, Kind.COMMAND_AMF3):
                continue
            try:
                values = amf.decode(said.data[1:] if said.kind == Kind.COMMAND_AMF3 else said.data)
            except amf.BadAmf:
                raise PushFailed("it is no RTMP server") from None
            if len(values) >= 2:
                return values

    async def _read(self) -> None:
        try:
            more = await self._reader.read(1 << 14)
        except OSError:
            raise PushFailed("it ended the connection") from None
        if not more:
            raise PushFailed("it ended the connection")
        self._received += len(more)
        try:
            for said in self._chunks.feed(more):
                self._take(said)
        except BadChunks:
            raise PushFailed("it is no RTMP server") from None
        if self._window and self._received - self._acknowledged >= self._window // 2:
            self._acknowledged = self._received
            self._writer.write(chunked(_CONTROL, Kind.ACKNOWLEDGEMENT, struct.pack(">I", self._received & 0xFFFF_FFFF)))

    def _take(self, said: Said) -> None:
        if said.kind == Kind.WINDOW and len(said.data) >= 4:
            self._window = int.from_bytes(said.data[:4], "big")
        elif said.kind == Kind.USER_CONTROL and said.data[:2] == struct.pack(">H", _PING):
            self._writer.write(chunked(_CONTROL, Kind.USER_CONTROL, struct.pack(">H", _PONG) + said.data[2:6]))
        elif said.kind in (Kind.COMMAND, Kind.COMMAND_AMF3):
            self._unread.append(said)

    async def _listen(self) -> None:
        """While it is live: pings, and the end."""
        try:
            while True:
                name, _, *more = await self._command()
                if name == "onStatus":
                    self._judged(more)
        except PushFailed as over:
            self._over = str(over)
            self._writer.transport.abort()

    def _call(self, name: str, *arguments: amf.Value, stream: int = 0) -> int:
        self._calls += 1
        data = amf.encode(name, self._calls, *arguments)
        self._writer.write(chunked(_COMMANDS, Kind.COMMAND, data, stream=stream, size=_CHUNK_SIZE))
        return self._calls

    def _write_heads(self, heads: Heads) -> None:
        about: dict[str, amf.Value] = {"encoder": "polyroom"}
        tags: list[tuple[int, Kind, bytes]] = []
        if heads.picture is not None:
            width, height, rate, sequence, parameters = heads.picture
            about |= {"width": width, "height": height, "framerate": rate, "videocodecid": 7}
            sets = b"".join(
                struct.pack(">BH", count, len(one)) + one for count, one in ((0xE1, sequence), (1, parameters))
            )
            tags.append((_PICTURES, Kind.PICTURE, b"\x17\0\0\0\0\1" + sequence[1:4] + b"\xff" + sets))
        if heads.sound is not None:
            about |= {"audiocodecid": 10, "audiosamplerate": 48_000, "audiosamplesize": 16, "stereo": True}
            tags.append((_SOUNDS, Kind.SOUND, b"\xaf\0" + heads.sound))
        tags.insert(0, (_SOUNDS, Kind.DATA, amf.encode("@setDataFrame", "onMetaData", about)))
        for chunk_stream, kind, data in tags:
            self._writer.write(chunked(chunk_stream, kind, data, stream=self._stream, size=_CHUNK_SIZE))

    def _message(self, packet: Packet) -> bytes:
        time = packet.at - (self._begun or 0)
        if packet.is_picture:
            data = (b"\x17\1\0\0\0" if packet.is_key else b"\x27\1\0\0\0") + packet.data
            return chunked(_PICTURES, Kind.PICTURE, data, stream=self._stream, time=time, size=_CHUNK_SIZE)
        data = b"\xaf\1" + packet.data
        return chunked(_SOUNDS, Kind.SOUND, data, stream=self._stream, time=time, size=_CHUNK_SIZE)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(STALLED_AFTER):
                await self._writer.drain()
        except TimeoutError:
            raise PushFailed("it takes nothing any more") from None
        except OSError:
            raise PushFailed(self._over or "it ended the connection") from None
