"""Makes live streams on this machine: one worker each, a folder each."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.domain.live_stream import RENDITIONS, LiveStream
from polyroom.domain.recording import Layout, Recording
from polyroom.egress.jobs import Job, Live
from polyroom.egress.packaging import add_metadata
from polyroom.egress.recorder import LocalRecorder
from polyroom.egress.subjects import EVERYBODY
from polyroom.egress.workers import Workers
from polyroom.services.ports.clock import Clock
from polyroom.wire.live_index import SEGMENT, Metadata

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CUT = 200_000
_DELAY = 300_000
"""Less than a recording is behind: what travels for longer than that is late here."""
_SHAPE = 16 / 9


class LocalBroadcaster:
    """What workers tell of streams is handed on to whoever serves them."""

    def __init__(self, folder: Path, workers: Workers, recorder: LocalRecorder, clock: Clock) -> None:
        self._folder, self._workers, self._recorder, self._clock = folder, workers, recorder, clock
        self._begun: Callable[[UUID], None] = lambda _: None
        self._lost: Callable[[UUID], None] = lambda _: None
        self._heard: Callable[[UUID, Mapping[str, Any]], None] = lambda *_: None

    def watch(self, begun: Callable[[UUID], None], lost: Callable[[UUID], None]) -> None:
        self._begun, self._lost = begun, lost

    def serve(self, heard: Callable[[UUID, Mapping[str, Any]], None]) -> None:
        """Hand on to this: "part" of a "rendition", "metadata", "over"."""
        self._heard = heard

    def start(self, stream: LiveStream, recording: Recording | None) -> None:
        best = next((RENDITIONS[name] for name in _ordered(stream.renditions) if RENDITIONS[name].height), None)
        path = "" if recording is None else str(self._recorder.fragments(recording))
        job = Job(
            path,
            stream.layout,
            started=(stream.created_at - _EPOCH) // timedelta(microseconds=1),
            cut=_CUT,
            segment=SEGMENT,
            delay=_DELAY,
            live=Live(str(self.folder(stream.id)), _ordered(stream.renditions)),
            pictures=best is not None,
            handed_on=self._is_handed_on(stream),
            **_size(best.height, best.bitrate) if best is not None else {},
        )
        told: list[bool] = []

        def heard(news: Mapping[str, Any]) -> None:
            match news["is"]:
                case "part":
                    if not told:
                        told.append(True)
                        self._begun(stream.id)
                    self._heard(stream.id, news)
                case "lost":
                    self._lost(stream.id)

        self._workers.start(stream.id, stream.room_id, job, heard)

    def _is_handed_on(self, stream: LiveStream) -> bool:
        """Whether the one who publishes is likely to be passed on as they are."""
        pictures = [name for name in stream.renditions if RENDITIONS[name].height]
        single = stream.layout is Layout.SINGLE and len(pictures) == 1
        return single and self._workers.has_only_h264(stream.room_id, EVERYBODY)

    def pause_recording(self, stream_id: UUID, paused: bool) -> None:
        take = self._workers.get(stream_id)
        if take is not None:
            take.pause(paused)

    async def tell(self, stream: LiveStream, entries: list[tuple[UUID, str, int]]) -> None:
        now = (self._clock.now() - _EPOCH) // timedelta(milliseconds=1)
        folder = self.folder(stream.id)

        def write() -> None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for made_id, payload, duration in entries:
                add_metadata(folder, Metadata(str(made_id), now, duration, payload))

        await asyncio.to_thread(write)
        self._heard(stream.id, {"is": "metadata"})

    async def stop(self, stream: LiveStream) -> None:
        await self._workers.stop(stream.id)
        self._heard(stream.id, {"is": "over"})

    def runs(self, stream_id: UUID) -> bool:
        return self._workers.get(stream_id) is not None

    def folder(self, stream_id: UUID) -> Path:
        return self._folder / stream_id.hex

    def kept(self) -> list[UUID]:
        found = []
        for path in self._folder.glob("*"):
            with suppress(ValueError):
                found.append(UUID(hex=path.name))
        return found

    def discard(self, stream_id: UUID) -> None:
        shutil.rmtree(self.folder(stream_id), ignore_errors=True)


def _ordered(names: Sequence[str]) -> tuple[str, ...]:
    """As the manifest has them, the largest first; pictures come with sound."""
    wanted = {*names, "ahi"} if any(RENDITIONS[name].height for name in names) else set(names)
    return tuple(name for name in RENDITIONS if name in wanted)


def _size(height: int, bitrate: int) -> dict[str, Any]:
    return {"width": round(height * _SHAPE / 2) * 2, "height": height, "bitrate": bitrate}
