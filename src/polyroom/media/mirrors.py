"""Tracks that are shown in another room too, under an id and by a participant of that room."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(slots=True)
class Mirror:
    """`track_id` stands for the live track `of`; `held` back, it reaches nobody in its room."""

    track_id: UUID
    of: UUID
    participant_id: UUID
    room_id: UUID
    held: bool = False


class Mirrors:
    """Found by their own track's id, and let go with the participant they are shown by."""

    def __init__(self) -> None:
        self._by_track: dict[UUID, Mirror] = {}
        self._by_participant: dict[UUID, set[UUID]] = {}

    def get(self, track_id: UUID) -> Mirror | None:
        """The mirror whose own track that is."""
        return self._by_track.get(track_id)

    def add(self, mirror: Mirror) -> None:
        """Keep one."""
        self._by_track[mirror.track_id] = mirror
        self._by_participant.setdefault(mirror.participant_id, set()).add(mirror.track_id)

    def of_participant(self, participant_id: UUID) -> Sequence[Mirror]:
        """Those somebody shows."""
        return [self._by_track[one] for one in self._by_participant.get(participant_id, ())]

    def forget(self, mirror: Mirror) -> None:
        """Let one go."""
        del self._by_track[mirror.track_id]
        there = self._by_participant[mirror.participant_id]
        there.discard(mirror.track_id)
        if not there:
            del self._by_participant[mirror.participant_id]
