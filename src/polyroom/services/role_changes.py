"""Somebody present gets another role of the room's template: at once, and what it does not allow ends."""

from dataclasses import dataclass, replace
from datetime import datetime

from polyroom.domain.errors import NotFound
from polyroom.domain.events import EventType
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Track
from polyroom.services.entrance import check_role
from polyroom.services.facts import participant_event, track_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.feed import Deed, RoleChanged, Told, TrackRemoved
from polyroom.services.ports.store import Transaction
from polyroom.services.templates import find_role


@dataclass(frozen=True, slots=True)
class RoleChange:
    """Somebody before and after, the same where nothing changed, and what they publish no longer."""

    old: Participant
    new: Participant
    ended: tuple[Track, ...] = ()


def give_role(
    tx: Transaction, ids: Ids, room: Room, one: Participant, role: str, *, at: datetime, by: str = ""
) -> RoleChange:
    """Write the change. `by` is the id of the participant who asked, "" when it was the application.

    Raises NotFound("role") and RoleFull.
    """
    found = find_role(tx, room, role)
    if found is None:
        raise NotFound("role")
    if one.with_role(found) == one:
        return RoleChange(one, one)
    check_role(tx, room, found, besides=one)
    new = replace(one.with_role(found), updated_at=at)
    tx.sessions.update_participant(new)
    changed = {"previous_role": one.role, "role": new.role, "by": by}
    tx.events.append([participant_event(ids, EventType.PARTICIPANT_ROLE_CHANGED, new, at, **changed)])
    lost = [track for track in tx.sessions.live_tracks([new.id]) if not new.may_publish(track.source, track.kind)]
    ended = tuple(replace(track, ended_at=at) for track in lost if tx.sessions.end_track(track.id, at))
    tx.events.append(track_event(ids, EventType.TRACK_REMOVED, track, at) for track in ended)
    return RoleChange(one, new, ended)


async def tell_role(departures: Departures, change: RoleChange, by: Participant | None = None) -> None:
    """After the commit: the feed first, then the engine."""
    for track in change.ended:
        departures.feed.publish(TrackRemoved(track))
    if change.new is not change.old:
        departures.feed.publish(RoleChanged(change.new))
        departures.feed.publish(Told(change.new, Deed.ROLE_CHANGED, by))
    for track in change.ended:
        await departures.media.set_muted(track.id, True)
