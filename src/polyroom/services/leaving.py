"""The one way people go out, used by everyone who puts them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, Participant, Session
from polyroom.services.facts import participant_event, session_event, track_event
from polyroom.services.poll_runs import stop_all
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
        by: str = "",
        said: str = "",
    ) -> Sequence[Participant]:
        """Close the participations still open with their tracks, and each session that empties by it.

        `by` is the id of the participant who put them out, `said` the words with which that was done. Returns who
        really left.
        """
        going = list(participants)
        tracks = tx.sessions.live_tracks(one.id for one in going)
        left = [one for one in going if tx.sessions.leave(one.id, at, reason)]
        for one in left:
            theirs = [track for track in tracks if track.participant_id == one.id]
            why = {"reason": reason.value} | ({"by": by} if by else {})
            removed = [track_event(self.ids, EventType.TRACK_REMOVED, each, at, **why) for each in theirs]
            words = {"said": said} if said else {}
            gone = participant_event(self.ids, EventType.PARTICIPANT_LEFT, one, at, **why, **words)
            tx.events.append([*removed, gone])
        for session_id in dict.fromkeys(one.session_id for one in left):
            session = tx.sessions.get(session_id)
            if session is not None:
                tx.sessions.touch(session_id, at)
            if session is not None and not tx.sessions.count_present(session.room_id):
                self.close(tx, session, at, reason, after_crash=after_crash)
        return left

    def close(
        self, tx: Transaction, session: Session, at: datetime, reason: LeaveReason, *, after_crash: bool = False
    ) -> None:
        """Close a session in which nobody is."""
        stop_all(tx, self.ids, session, at)
        tx.sessions.close(session.id, at, reason, after_crash=after_crash)
        tx.events.append([session_event(self.ids, EventType.SESSION_CLOSED, session, at, reason=reason.value)])

    async def tell(
        self, left: Iterable[Participant], reason: LeaveReason, *, keep_media: bool = False, by: str = ""
    ) -> None:
        """After the commit: the feed first, in one go, then the engine lets go of the media.

        With `keep_media` it does so only once the client has gone by itself. `by` is the name of who put them out.
        """
        gone = list(left)
        for one in gone:
            self.feed.publish(ParticipantLeft(one, reason, by))
        for one in () if keep_media else gone:
            await self.media.evict(one.id, reason)
