"""The running session ends for everybody, who is hidden too."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from polyroom.domain.errors import SessionOver
from polyroom.domain.events import EventType
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.facts import room_event, session_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.feed import RoomChanged
from polyroom.services.ports.store import Transaction
from polyroom.services.sessions import LiveRoom


@dataclass(frozen=True, slots=True)
class Ending:
    """Who is out, and the room where it was switched off, too."""

    out: Sequence[Participant]
    locked: Room | None


def end_session(
    tx: Transaction,
    ids: Ids,
    departures: Departures,
    live: LiveRoom,
    at: datetime,
    *,
    lock: bool,
    by: str = "",
    said: str = "",
) -> Ending:
    """Write the end; with `lock` the room is switched off. Raises SessionOver.

    `by` is the id of the participant who asked, `said` the words with which that was done.
    """
    if live.session is None:
        raise SessionOver
    asked = {name: value for name, value in (("by", by), ("said", said)) if value}
    tx.events.append([session_event(ids, EventType.SESSION_ENDED, live.session, at, lock=lock, **asked)])
    room = live.room
    if lock and room.enabled:
        room = replace(room, enabled=False, updated_at=at)
        tx.rooms.update(room)
        tx.events.append([room_event(ids, EventType.ROOM_UPDATED, room, at)])
    out = departures.write(tx, tx.sessions.present(room.id), at, LeaveReason.SESSION_ENDED, by=by)
    return Ending(out, room if lock else None)


async def tell_ending(departures: Departures, ending: Ending, by: str = "") -> None:
    """After the commit. `by` is the name of who asked."""
    if ending.locked is not None:
        departures.feed.publish(RoomChanged(ending.locked))
    await departures.tell(ending.out, LeaveReason.SESSION_ENDED, by=by)
