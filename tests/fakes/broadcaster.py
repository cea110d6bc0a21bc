"""A broadcaster that only notes what it is told."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from polyroom.domain.live_stream import LiveStream
from polyroom.domain.recording import Recording
from polyroom.services.ports.recordings import NoCapacity


class FakeBroadcaster:
    """`full` refuses. `begun` and `lost` are for tests to say that something can be watched, or cannot go on."""

    def __init__(self) -> None:
        self.started: list[tuple[LiveStream, Recording | None]] = []
        self.paused: list[tuple[UUID, bool]] = []
        self.told: list[tuple[UUID, str, int]] = []
        self.stopped: list[UUID] = []
        self.lying: list[UUID] = []
        self.full = False
        self.begun: Callable[[UUID], None] = lambda _: None
        self.lost: Callable[[UUID], None] = lambda _: None

    def watch(self, begun: Callable[[UUID], None], lost: Callable[[UUID], None]) -> None:
        self.begun, self.lost = begun, lost

    def start(self, stream: LiveStream, recording: Recording | None) -> None:
        if self.full:
            raise NoCapacity
        self.started.append((stream, recording))
        self.lying.append(stream.id)

    def pause_recording(self, stream_id: UUID, paused: bool) -> None:
        self.paused.append((stream_id, paused))

    async def tell(self, stream: LiveStream, entries: list[tuple[UUID, str, int]]) -> None:
        self.told += [(stream.id, text, duration) for _, text, duration in entries]

    async def stop(self, stream: LiveStream) -> None:
        self.stopped.append(stream.id)

    def runs(self, stream_id: UUID) -> bool:
        return stream_id in {one.id for one, _ in self.started} - set(self.stopped)

    def folder(self, stream_id: UUID) -> Path:
        return Path("/nowhere") / stream_id.hex

    def kept(self) -> list[UUID]:
        return self.lying

    def discard(self, stream_id: UUID) -> None:
        self.lying.remove(stream_id)
