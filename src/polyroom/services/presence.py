"""Who is in which room and what they publish, as this process saw it committed.

A projection of the feed kept in memory so that a joiner's snapshot and the news after it never overlap or leave a gap:
both come from the event loop's one order. An empty room takes no memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from polyroom.domain.session import Participant, Track
from polyroom.services.ports.feed import (
    Notice,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    RoleChanged,
    TrackAdded,
    TrackChanged,
    TrackHeld,
    TrackRemoved,
)


@dataclass(slots=True)
class Live:
    """What is live of an account: its rooms with anyone in them, and the people others see there."""

    rooms: int = 0
    people: int = 0


@dataclass(slots=True)
class Member:
    """One participant present, with its live tracks in order of publication."""

    participant: Participant
    tracks: dict[UUID, Track] = field(default_factory=dict)


class Presence:
    """The live rooms of this process."""

    def __init__(self) -> None:
        self._rooms: dict[UUID, dict[UUID, Member]] = {}

    def members(self, room_id: UUID) -> Mapping[UUID, Member]:
        """Who is in, by participant id, first come first."""
        return self._rooms.get(room_id, {})

    def member(self, room_id: UUID, participant_id: UUID) -> Member | None:
        """One participant, if present."""
        return self._rooms.get(room_id, {}).get(participant_id)

    @property
    def participant_count(self) -> int:
        """People in all rooms of this process."""
        return sum(map(len, self._rooms.values()))

    @property
    def room_count(self) -> int:
        """Rooms with anyone in them."""
        return len(self._rooms)

    def by_account(self) -> Mapping[UUID, Live]:
        """What is live of each account that has anyone in a room."""
        found: dict[UUID, Live] = {}
        for members in self._rooms.values():
            people = [member.participant for member in members.values()]
            live = found.setdefault(people[0].account_id, Live())
            live.rooms += 1
            live.people += sum(not one.hidden for one in people)
        return found

    def apply(self, notice: Notice) -> None:
        """Keep in step with the feed."""
        match notice:
            case ParticipantJoined(participant):
                self._rooms.setdefault(participant.room_id, {})[participant.id] = Member(participant)
            case ParticipantChanged(participant) | RoleChanged(participant):
                member = self.member(participant.room_id, participant.id)
                if member:
                    member.participant = participant
            case ParticipantLeft(participant):
                self._forget(participant)
            case TrackAdded(track) | TrackChanged(track) | TrackHeld(track):
                self._keep(notice, track)
            case TrackRemoved(track):
                member = self.member(track.room_id, track.participant_id)
                if member:
                    member.tracks.pop(track.id, None)
            case _:
                pass

    def _keep(self, notice: Notice, track: Track) -> None:
        """Publisher and moderator change a track at the same time, and neither knows of the other's news yet."""
        member = self.member(track.room_id, track.participant_id)
        if member is None:
            return
        known = member.tracks.get(track.id)
        match notice:
            case TrackChanged() if known is not None:
                track = replace(track, held=known.held)
            case TrackHeld() if known is not None:
                track = replace(known, held=track.held)
            case TrackHeld():
                return
        member.tracks[track.id] = track

    def _forget(self, participant: Participant) -> None:
        members = self._rooms.get(participant.room_id)
        if members is None:
            return
        members.pop(participant.id, None)
        if not members:
            del self._rooms[participant.room_id]
