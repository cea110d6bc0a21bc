"""What is kept of external streams, and whoever sends them out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from polyroom.domain.external_stream import ExternalState, ExternalStream, Target, TargetState
from polyroom.services.ports.paging import ALWAYS, Span


@dataclass(frozen=True, slots=True)
class ExternalStreamSearch:
    """External streams of an account, latest first, those after the id `after`."""

    account_id: UUID
    room_id: UUID | None = None
    session_id: UUID | None = None
    made: Span = ALWAYS
    states: frozenset[ExternalState] | None = None
    after: UUID | None = None


class ExternalStreams(Protocol):
    """External streams, running and over, and their targets, whose addresses pass sealed."""

    def add(self, stream: ExternalStream, targets: Sequence[Target]) -> None:
        """Keep a new one."""
        ...

    def update(self, stream: ExternalStream) -> None:
        """Keep what changed of one."""
        ...

    def get(self, stream_id: UUID, *, lock: bool = False) -> ExternalStream | None:
        """One by its id; `lock` keeps others from changing it before the unit is over."""
        ...

    def by_hms_id(self, account_id: UUID, hms_id: str) -> ExternalStream | None:
        """One by 100ms' id."""
        ...

    def unfinished(self, room_id: UUID | None = None) -> Sequence[ExternalStream]:
        """Those that are not over, of one room or of all."""
        ...

    def search(self, search: ExternalStreamSearch, limit: int) -> Sequence[ExternalStream]:
        """A page."""
        ...

    def add_target(self, target: Target) -> None:
        """Keep one more."""
        ...

    def update_target(self, target: Target) -> None:
        """Keep how one fares."""
        ...

    def targets(self, stream_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Target]]:
        """Those of several streams, first added first."""
        ...


@dataclass(frozen=True, slots=True)
class Pushed:
    """News of one target; `why` is in plain words, without the key. Without a state only the counts are new."""

    stream_id: UUID
    target_id: UUID
    state: TargetState | None
    why: str
    bytes: int
    retries: int
    dropped: int


@dataclass(frozen=True, slots=True)
class PushingLost:
    """A stream's workers die at once; nothing is sent any more."""

    stream_id: UUID


PushNews = Pushed | PushingLost


class Restreamer(Protocol):
    """Sends rooms to RTMP servers. What it is told of streams it does not have changes nothing."""

    def watch(self, told: Callable[[PushNews], None]) -> None:
        """Have somebody told how it goes, on the event loop."""
        ...

    def start(self, stream: ExternalStream, targets: Iterable[Target]) -> None:
        """Begin. Raises NoCapacity."""
        ...

    def add(self, target: Target) -> None:
        """Send a running stream to one more."""
        ...

    def remove(self, target: Target) -> None:
        """Send it nothing more."""
        ...

    async def end(self, stream_id: UUID) -> None:
        """Say goodbye to all."""
        ...
