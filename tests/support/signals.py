"""A client of the signalling socket that says exactly what a test wants said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect

SOURCES = {
    "audio": (models.TrackType.AUDIO, models.TrackSource.MICROPHONE),
    "video": (models.TrackType.VIDEO, models.TrackSource.CAMERA),
    "screen": (models.TrackType.VIDEO, models.TrackSource.SCREEN_SHARE),
}


class Signals:
    """One socket, from its first frame on."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.join = rtc.JoinResponse()
        self._seen: list[rtc.SignalResponse] = []

    async def begin(self) -> None:
        """Take the greeting in."""
        self.join = (await self.until("join")).join

    async def say(self, **message: Any) -> None:
        """Send one request."""
        await self._socket.send(rtc.SignalRequest(**message).SerializeToString())

    async def until(self, name: str, seconds: float = 10) -> rtc.SignalResponse:
        """The next response of that name; those before it are kept in `seen`."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self._socket.recv()
                assert isinstance(frame, bytes)
                response = rtc.SignalResponse.FromString(frame)
                self._seen.append(response)
                if response.WhichOneof("message") == name:
                    return response

    async def heard(self) -> list[rtc.SignalResponse]:
        """Everything the server said until it answered a ping sent now."""
        await self.say(ping_req=rtc.Ping(timestamp=1))
        await self.until("pong_resp")
        return self._seen

    async def may_publish(self, source: str) -> bool:
        """Announce a track of that source: whether the server takes it."""
        kind, number = SOURCES[source]
        await self.say(add_track=rtc.AddTrackRequest(cid=source, type=kind, source=number))
        return await self._taken("track_published")

    async def may_change_self(self) -> bool:
        """Ask for other metadata: whether the server changes it."""
        await self.say(update_metadata=rtc.UpdateParticipantMetadata(metadata="changed", request_id=7))
        response = (await self.until("request_response")).request_response
        assert response.request_id == 7
        return bool(response.reason == rtc.RequestResponse.OK)

    async def _taken(self, yes: str) -> bool:
        async with asyncio.timeout(10):
            while True:
                response = rtc.SignalResponse.FromString(await self._socket.recv())  # type: ignore[arg-type]
                name = response.WhichOneof("message")
                if name == yes:
                    return True
                if name == "request_response":
                    assert response.request_response.reason == rtc.RequestResponse.NOT_ALLOWED
                    return False


@asynccontextmanager
async def signals(server_url: str, token: str, path: str = "/rtc") -> AsyncIterator[Signals]:
    """A greeted socket. Raises websockets' InvalidStatus for a refusal."""
    address = "ws" + server_url.removeprefix("http") + path
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=headers, proxy=None, max_size=None) as socket:
        one = Signals(socket)
        await one.begin()
        yield one
