"""What is kept of live streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from polyroom.domain.live_stream import LiveState, LiveStream
from polyroom.services.ports.paging import ALWAYS, Span


@dataclass(frozen=True, slots=True)
class LiveStreamSearch:
    """Live streams of an account, latest first, those after the id `after`."""

    account_id: UUID
    room_id: UUID | None = None
    session_id: UUID | None = None
    made: Span = ALWAYS
    states: frozenset[LiveState] | None = None
    after: UUID | None = None


class LiveStreams(Protocol):
    """Live streams, running and over."""

    def add(self, stream: LiveStream) -> None:
        """Keep a new one."""
        ...

    def update(self, stream: LiveStream) -> None:
        """Keep what changed of one."""
        ...

    def get(self, stream_id: UUID, *, lock: bool = False) -> LiveStream | None:
        """One by its id; `lock` keeps others from changing it before the unit is over."""
        ...

    def by_hms_id(self, account_id: UUID, hms_id: str) -> LiveStream | None:
        """One by 100ms' id."""
        ...

    def by_recording(self, recording_id: UUID) -> LiveStream | None:
        """The one a recording is made along with."""
        ...

    def unfinished(self, room_id: UUID | None = None) -> Sequence[LiveStream]:
        """Those that are not over, of one room or of all."""
        ...

    def search(self, search: LiveStreamSearch, limit: int) -> Sequence[LiveStream]:
        """A page."""
        ...
