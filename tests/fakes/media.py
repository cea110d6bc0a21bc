"""A media engine that only notes what it is told."""

from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.ports.media import EngineEvent


class FakeEngine:
    """`admitted`, `evicted` and `muted` are what the services asked for, in order; `mirrored` what is shown."""

    def __init__(self) -> None:
        self.admitted: list[UUID] = []
        self.evicted: list[tuple[UUID, LeaveReason]] = []
        self.muted: list[tuple[UUID, bool]] = []
        self.mirrored: list[tuple[UUID, UUID]] = []

    async def admit(self, participant: Participant, *, by_source: bool = False) -> None:
        self.admitted.append(participant.id)

    async def evict(self, participant_id: UUID, reason: LeaveReason) -> None:
        self.evicted.append((participant_id, reason))

    async def set_muted(self, track_id: UUID, muted: bool) -> None:
        self.muted.append((track_id, muted))

    def mirror(self, participant: Participant, track_id: UUID, of: UUID) -> bool:
        self.mirrored.append((track_id, of))
        return True

    def unmirror(self, participant_id: UUID, track_id: UUID) -> None:
        self.mirrored = [one for one in self.mirrored if one[0] != track_id]

    def observe(self, room_id: UUID) -> Sequence[Mapping[str, float]]:
        return []

    async def events(self) -> AsyncIterator[EngineEvent]:
        return
        yield  # makes this a generator
