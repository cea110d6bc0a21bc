"""The one way people go out, used by everyone who puts them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from polyroom.domain.events import Event, EventType
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.feed import Feed, ParticipantLeft
from polyroom.services.ports.media import MediaEngine
from polyroom.services.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Departures:
    """Writes leaves inside a unit of work, and tells the engine and the feed after its commit."""

    ids: Ids
    feed: Feed
    media: MediaEngine

    def write(
        self,
        tx: Transaction,
        participants: Iterable[Participant],
        at: datetime,
        reason: LeaveReason,
        *,
        after_crash: bool = False,
    ) -> Sequence[Participant]:
        """Close the participations still open, and each session that empties by it. Returns who really left."""
        left = [one for one in participants if tx.sessions.leave(one.id, at, reason)]
        tx.events.append(self._event(EventType.PARTICIPANT_LEFT, one, at, reason) for one in left)
        for session_id, one in {one.session_id: one for one in left}.items():
            if not tx.sessions.count_present(one.room_id):
                tx.sessions.close(session_id, at, reason, after_crash=after_crash)
                tx.events.append([self._event(EventType.SESSION_CLOSED, one, at, reason, with_participant=False)])
        return left

    async def tell(self, left: Iterable[Participant], reason: LeaveReason) -> None:
        """After the commit: the feed first, in one go, then the engine lets go of the media."""
        gone = list(left)
        for one in gone:
            self.feed.publish(ParticipantLeft(one, reason))
        for one in gone:
            await self.media.evict(one.id, reason)

    def _event(
        self, kind: EventType, one: Participant, at: datetime, reason: LeaveReason, *, with_participant: bool = True
    ) -> Event:
        participant_id: UUID | None = one.id if with_participant else None
        return Event(
            self.ids.uuid(),
            one.account_id,
            one.room_id,
            kind,
            at,
            one.session_id,
            participant_id,
            data={"reason": reason.value},
        )
