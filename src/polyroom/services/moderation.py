"""What those in charge of a room do to the people in it: put out, hold their sound back, end the session."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from polyroom.domain.errors import NotFound, SessionOver
from polyroom.domain.events import EventType
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, Track, TrackKind
from polyroom.services.facts import participant_event, room_event, session_event, track_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import ParticipantChanged, RoomChanged, TrackHeld
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room
from polyroom.services.sessions import Attendant, LiveRoom, live_room

Where = Callable[[Transaction], LiveRoom]
"""Finds the place that is meant, its room locked until the unit ends."""

Who = Callable[[Attendant], bool]
"""Whether somebody visible there is meant."""


def in_room(account_id: UUID, any_room_id: str) -> Where:
    """A room, whether or not anybody is in; NotFound("room")."""
    return lambda tx: live_room(tx, find_room(tx, account_id, any_room_id, lock=True))


def in_active_room(account_id: UUID, any_room_id: str) -> Where:
    """A room somebody is in; NotFound that names "room" or "active session"."""

    def find(tx: Transaction) -> LiveRoom:
        live = in_room(account_id, any_room_id)(tx)
        if live.session is None:
            raise NotFound("active session")
        return live

    return find


def in_session(account_id: UUID, session_id: UUID) -> Where:
    """The room of a running session; NotFound("session"), SessionOver."""

    def find(tx: Transaction) -> LiveRoom:
        session = tx.sessions.get(session_id)
        if session is None or session.account_id != account_id:
            raise NotFound("session")
        room = tx.rooms.get(session.room_id, lock=True)
        live = live_room(tx, room) if room is not None else None
        if live is None or live.session is None or live.session.id != session_id:
            raise SessionOver
        return live

    return find


@dataclass(frozen=True, slots=True)
class _Held:
    """Whose sound is held back from now on, or no longer, and those tracks."""

    people: Sequence[Participant]
    tracks: Sequence[Track]


class ModerationService:
    """Use cases of moderation. What each may raise is what its `Where` raises."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures

    async def remove(self, where: Where, who: Who, *, keep_media: bool = False) -> LiveRoom:
        """Put people out; the answer holds those, as they were.

        With `keep_media` their clients are told to go, and their media ends when they do.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> LiveRoom:
            live = where(tx)
            chosen = {one.participant.id: one for one in live.attendants if who(one)}
            out = self._departures.write(tx, [one.participant for one in chosen.values()], at, LeaveReason.REMOVED)
            return LiveRoom(live.room, live.session, [chosen[one.id] for one in out])

        removed = await self._store.write(unit)
        people = [one.participant for one in removed.attendants]
        await self._departures.tell(people, LeaveReason.REMOVED, keep_media=keep_media)
        return removed

    async def end(self, where: Where, *, lock: bool = False) -> None:
        """End the running session: everyone is out, who is hidden too. With `lock` the room is switched off as well."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Room, list[Participant]]:
            live = where(tx)
            if live.session is None:
                raise SessionOver
            tx.events.append([session_event(self._ids, EventType.SESSION_ENDED, live.session, at, lock=lock)])
            room = self._locked(tx, live.room, at) if lock else live.room
            present = tx.sessions.present(room.id)
            return room, list(self._departures.write(tx, present, at, LeaveReason.SESSION_ENDED))

        room, out = await self._store.write(unit)
        if lock:
            self._departures.feed.publish(RoomChanged(room))
        await self._departures.tell(out, LeaveReason.SESSION_ENDED)

    async def hold(self, where: Where, who: Who, held: bool) -> None:
        """Hold people's sound back, or let it pass again: what they publish, and what they will."""
        at = self._clock.now()

        def unit(tx: Transaction) -> _Held:
            return self._hold(tx, [one for one in where(tx).attendants if who(one)], held, at)

        done = await self._store.write(unit)
        for track in done.tracks:
            await self._departures.media.set_muted(track.id, held)
        for one in done.people:
            self._departures.feed.publish(ParticipantChanged(one))
        for track in done.tracks:
            self._departures.feed.publish(TrackHeld(track))

    def _locked(self, tx: Transaction, room: Room, at: datetime) -> Room:
        if not room.enabled:
            return room
        locked = replace(room, enabled=False, updated_at=at)
        tx.rooms.update(locked)
        tx.events.append([room_event(self._ids, EventType.ROOM_UPDATED, locked, at)])
        return locked

    def _hold(self, tx: Transaction, chosen: Sequence[Attendant], held: bool, at: datetime) -> _Held:
        people = [
            replace(one.participant, held=held, updated_at=at) for one in chosen if one.participant.held is not held
        ]
        tracks = [
            replace(track, held=held)
            for one in chosen
            for track in one.tracks
            if track.kind is TrackKind.AUDIO and track.held is not held
        ]
        for one in people:
            tx.sessions.update_participant(one)
        for track in tracks:
            tx.sessions.update_track(track)
        kind = EventType.PARTICIPANT_MUTED if held else EventType.PARTICIPANT_UNMUTED
        tx.events.append(participant_event(self._ids, kind, one, at) for one in people)
        # What its publisher mutes anyway is heard neither before nor after.
        kind = EventType.TRACK_MUTED if held else EventType.TRACK_UNMUTED
        tx.events.append(track_event(self._ids, kind, track, at, held=held) for track in tracks if not track.muted)
        return _Held(people, tracks)
