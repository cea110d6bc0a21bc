"""Whom a publisher lets subscribe to its tracks; everyone, unless it said otherwise."""

from collections.abc import Callable
from uuid import UUID

from livekit.protocol import rtc

from polyroom.domain.session import Participant
from polyroom.signalling.livekit.sids import participant_sid, track_sid

PEOPLE_AT_MOST = 1024

Allows = Callable[[Participant, UUID], bool]


def everyone(subscriber: Participant, track_id: UUID) -> bool:
    """The rule before a publisher sets one."""
    return True


def rule(message: rtc.SubscriptionPermission) -> Allows:
    """A publisher's own rule: who may subscribe to which of its tracks."""
    if message.all_participants:
        return everyone
    by_person: dict[str, frozenset[str] | None] = {}
    for one in message.track_permissions[:PEOPLE_AT_MOST]:
        person = one.participant_identity or one.participant_sid
        by_person[person] = None if one.all_tracks else frozenset(one.track_sids)

    def allows(subscriber: Participant, track_id: UUID) -> bool:
        for person in (subscriber.identity, participant_sid(subscriber.id)):
            if person in by_person:
                tracks = by_person[person]
                return tracks is None or track_sid(track_id) in tracks
        return False

    return allows
