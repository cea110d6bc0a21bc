"""A participant made of PyPI's livekit: publishes a moving picture and a tone, and looks at what it receives."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from livekit import rtc

WIDTH, HEIGHT, FRAME_RATE = 320, 180, 15
SAMPLE_RATE = 48_000
TONE_HERTZ = 440.0


@dataclass
class Received:
    """What came from one other track."""

    frames: int = 0
    digests: set[int] = field(default_factory=set)
    brightness: float = 0.0
    width: int = 0
    samples: int = 0
    loud_samples: int = 0
    loudness: float = 0.0


class Participant:
    """One livekit room with tasks that feed and watch it."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.received: dict[str, Received] = {}
        self.data: list[tuple[str, bytes, str | None]] = []
        self.events: list[tuple[Any, ...]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.room.on("track_subscribed", self._subscribed)
        self.room.on(
            "data_received",
            lambda packet: self.data.append(
                (packet.participant.identity if packet.participant else "", bytes(packet.data), packet.topic)
            ),
        )
        for name in (
            "participant_connected",
            "participant_disconnected",
            "track_muted",
            "track_unmuted",
            "track_unsubscribed",
            "participant_attributes_changed",
            "participant_metadata_changed",
            "participant_name_changed",
            "disconnected",
            "token_refreshed",
        ):
            self.room.on(name, lambda *args, name=name: self.events.append((name, *args)))

    def saw(self, name: str) -> bool:
        """Whether an event of that name came."""
        return any(event[0] == name for event in self.events)

    async def publish_video(
        self, codec: "rtc.VideoCodec.ValueType | None" = None, colour: tuple[int, int, int] = (60, 60, 60)
    ) -> rtc.LocalTrackPublication:
        """A bright bar that wanders over a picture of one colour."""
        source = rtc.VideoSource(WIDTH, HEIGHT)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
        if codec is not None:
            options.video_codec = codec
        self._start(self._feed_video(source, colour))
        return await self.room.local_participant.publish_track(track, options)

    async def publish_audio(self, hertz: float = TONE_HERTZ) -> rtc.LocalTrackPublication:
        """A tone."""
        source = rtc.AudioSource(SAMPLE_RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        self._start(self._feed_audio(source, hertz))
        return await self.room.local_participant.publish_track(track, options)

    def total(self, what: str) -> float:
        """Sum of a number over everything received."""
        return float(sum(getattr(one, what) for one in self.received.values()))

    async def close(self) -> None:
        """Leave and stop."""
        await self.room.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _subscribed(self, track: Any, publication: Any, participant: Any) -> None:
        got = self.received.setdefault(publication.sid, Received())
        watch = self._watch_video if track.kind == rtc.TrackKind.KIND_VIDEO else self._watch_audio
        self._start(watch(track, got))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _feed_video(self, source: rtc.VideoSource, colour: tuple[int, int, int]) -> None:
        for number in range(100_000):
            picture = np.full((HEIGHT, WIDTH, 4), (*colour, 255), dtype=np.uint8)
            left = (number * 8) % (WIDTH - 40)
            picture[:, left : left + 40] = 220
            source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.RGBA, picture.tobytes()))
            await asyncio.sleep(1 / FRAME_RATE)

    async def _feed_audio(self, source: rtc.AudioSource, hertz: float) -> None:
        count = SAMPLE_RATE // 100
        phase = 0
        while True:
            steps = (np.arange(count) + phase) * (2 * math.pi * hertz / SAMPLE_RATE)
            phase += count
            samples = (np.sin(steps) * 8000).astype(np.int16)
            await source.capture_frame(rtc.AudioFrame(samples.tobytes(), SAMPLE_RATE, 1, count))

    @staticmethod
    async def _watch_video(track: Any, got: Received) -> None:
        stream = rtc.VideoStream(track)
        with contextlib.suppress(asyncio.CancelledError):
            async for event in stream:
                plane = np.frombuffer(event.frame.convert(rtc.VideoBufferType.RGBA).data, dtype=np.uint8)
                got.frames += 1
                got.width = event.frame.width
                got.brightness = float(plane.mean())
                if len(got.digests) < 1000:
                    got.digests.add(hash(plane[::997].tobytes()))
        await stream.aclose()

    @staticmethod
    async def _watch_audio(track: Any, got: Received) -> None:
        stream = rtc.AudioStream(track)
        with contextlib.suppress(asyncio.CancelledError):
            async for event in stream:
                samples = np.frombuffer(event.frame.data, dtype=np.int16)
                got.samples += len(samples)
                if len(samples) and np.abs(samples.astype(np.int32)).max() > 1000:
                    got.loud_samples += len(samples)
                got.loudness = max(got.loudness, float(np.abs(samples.astype(np.int32)).max()))
        await stream.aclose()


async def ticket(
    server_url: str, room_id: str, token: str | None = None, name: str = "Ada", **more: str
) -> dict[str, Any]:
    """What the meeting page asks for before it connects; `more` may have a `code` or an `access_code`."""
    async with httpx.AsyncClient(base_url=server_url, timeout=20) as http:
        answer = await http.post("/meet/join", json={"room": room_id, "token": token, "name": name, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@asynccontextmanager
async def livekit_participant(server_url: str, room_id: str, token: str, name: str) -> AsyncIterator[Participant]:
    """Someone in the room by way of livekit's own client."""
    place = await ticket(server_url, room_id, token, name)
    async with connected(place["server_url"], place["ticket"]) as someone:
        yield someone


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[Participant]:
    """Someone in a room by way of livekit's own client, with whatever its server takes for a token."""
    someone = Participant()
    await someone.room.connect(url, token)
    try:
        yield someone
    finally:
        await someone.close()
