"""Whoever makes live streams."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import UUID

from polyroom.domain.live_stream import LiveStream
from polyroom.domain.recording import Recording


class Broadcaster(Protocol):
    """Makes live streams, and the recordings along with them. It keeps in memory what runs."""

    def watch(self, begun: Callable[[UUID], None], lost: Callable[[UUID], None]) -> None:
        """Have it told, by the stream's id, when there is something to watch, and when it cannot go on."""
        ...

    def start(self, stream: LiveStream, recording: Recording | None) -> None:
        """Begin, or go on with one that a former server began. Raises NoCapacity."""
        ...

    def pause_recording(self, stream_id: UUID, paused: bool) -> None:
        """Leave out what follows of the recording, or go on; the stream itself is as it was."""
        ...

    async def tell(self, stream: LiveStream, entries: list[tuple[UUID, str, int]]) -> None:
        """Tell players something now, each with an id, a text, and how long it holds in milliseconds."""
        ...

    async def stop(self, stream: LiveStream) -> None:
        """End it; all of it is on the disk then. Nothing happens where it does not run."""
        ...

    def runs(self, stream_id: UUID) -> bool:
        """Whether it is being made."""
        ...

    def folder(self, stream_id: UUID) -> Path:
        """Where it lies."""
        ...

    def kept(self) -> list[UUID]:
        """The streams that lie on the disk."""
        ...

    def discard(self, stream_id: UUID) -> None:
        """Delete one from the disk."""
        ...
