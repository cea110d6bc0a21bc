"""Forks: who publishes in one room is shown in another too, without anything being encoded or sent anew."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.errors import Invalid, NotFound, RoomFull
from polyroom.domain.events import EventType
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, Session, Track
from polyroom.services.entrance import IDENTITY_LENGTH, role_of, seats_of
from polyroom.services.facts import participant_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.feed import (
    Notice,
    ParticipantJoined,
    ParticipantLeft,
    SessionOpened,
    TrackAdded,
    TrackChanged,
    TrackHeld,
    TrackRemoved,
)
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.presence import Presence
from polyroom.services.rooms import find_room
from polyroom.services.session_ends import open_session
from polyroom.services.sessions import Attendant, LiveRoom, live_room
from polyroom.services.tracks import TrackService

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ForkWish:
    """How a room is forked into another.

    Publishers of the destination whom the source lacks go out, unless it is `additive`; those it has already are left
    alone, or replaced by `force`. With `keep_media` whoever goes out keeps their media until they go by themselves.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    additive: bool = False
    keep_media: bool = False


@dataclass(slots=True)
class _Fork:
    """A participant that shows another's tracks: the source's id of a track → our own of it.

    `waits` for the source to come in anew; `shown` once it was in step with it.
    """

    participant: Participant
    source_room: UUID
    source: UUID
    identity: str
    tracks: dict[UUID, Track] = field(default_factory=dict)
    waits: bool = False
    shown: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class _Written:
    """What a unit of work wrote."""

    room: Room
    session: Session | None
    opened: Session | None
    forks: Sequence[_Fork]
    removed: Sequence[Participant]


class ForkService:
    """Use cases of forks.

    An async context manager that keeps the tracks of forks in step with their sources; a listener of the feed, after
    `presence`. Forks are let go with the server: whoever publishes must come back first.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        departures: Departures,
        *,
        presence: Presence,
        tracks: TrackService,
        server_id: UUID,
    ) -> None:
        self._store, self._clock, self._ids = store, clock, departures.ids
        self._departures, self._presence, self._tracks = departures, presence, tracks
        self._server_id = server_id
        self._forks: dict[UUID, _Fork] = {}
        self._changed: dict[UUID, None] = {}
        self._wake = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._follower = asyncio.create_task(self._follow(), name="forks")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._follower is not None:
            self._follower.cancel()

    async def fork(self, account_id: UUID, source: str, destination: str, wish: ForkWish) -> LiveRoom:
        """Show the source's publishers in the destination; the answer holds those that were copied.

        Raises NotFound("room") for either, Invalid("room", "itself"), RoomFull, AdmissionRefused.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> _Written:
            of, into = _locked(tx, account_id, source, destination)
            return self._write(tx, of, into, wish, at)

        written = await self._store.write(unit)
        feed = self._departures.feed
        await self._departures.tell(written.removed, LeaveReason.REMOVED, keep_media=wish.keep_media)
        if written.opened is not None:
            feed.publish(SessionOpened(written.opened))
        for one in written.forks:
            self._forks[one.participant.id] = one
            feed.publish(ParticipantJoined(one.participant))
            self._note(one.participant.id)
        for one in written.forks:
            await one.shown.wait()
        shown = [Attendant(one.participant, list(one.tracks.values())) for one in written.forks]
        return LiveRoom(written.room, written.session, shown)

    def hear(self, notice: Notice) -> None:
        """Note which forks have to follow."""
        match notice:
            case ParticipantLeft(one, reason):
                self._left(one, reason)
            case ParticipantJoined(one):
                for fork in self._forks.values():
                    if fork.waits and (fork.source_room, fork.identity) == (one.room_id, one.identity):
                        fork.source, fork.waits = one.id, False
                        self._note(fork.participant.id)
            case TrackAdded(track) | TrackChanged(track) | TrackHeld(track) | TrackRemoved(track):
                for fork in self._of(track.participant_id):
                    self._note(fork.participant.id)

    def _left(self, one: Participant, reason: LeaveReason) -> None:
        for fork in self._of(one.id):
            # The same person comes in anew, in the same unit of work.
            fork.waits = reason is LeaveReason.REPLACED
            self._note(fork.participant.id)
        if one.id in self._forks:
            self._note(one.id)

    def _note(self, participant_id: UUID) -> None:
        self._changed[participant_id] = None
        self._wake.set()

    def _of(self, source: UUID) -> list[_Fork]:
        return [one for one in self._forks.values() if one.source == source]

    def _write(self, tx: Transaction, of: Room, into: Room, wish: ForkWish, at: datetime) -> _Written:
        publishers = _publishers(live_room(tx, of))
        live = live_room(tx, into)
        there = _publishers(live)
        out = [] if wish.additive else [one for origin, one in there.items() if origin not in publishers]
        out += [one for origin, one in there.items() if wish.force and origin in publishers]
        fresh = [one for origin, one in publishers.items() if wish.force or origin not in there]
        limit = seats_of(tx, into)
        if limit is not None and tx.sessions.count_present(into.id) - len(out) + len(fresh) > limit:
            raise RoomFull
        opened = open_session(tx, self._ids, into, at) if fresh and live.session is None else None
        session = live.session or opened
        forks = [self._add(tx, into, session, one, wish.attributes) for one in fresh] if session is not None else []
        removed = self._departures.write(tx, (one.participant for one in out), at, LeaveReason.REMOVED)
        return _Written(into, session, opened, forks, removed)

    def _add(
        self, tx: Transaction, into: Room, session: Session, one: Attendant, attributes: Mapping[str, str]
    ) -> _Fork:
        source, at = one.participant, self._clock.now()
        role = role_of(tx, into, Grant(Dialect.PHENIX, "Presenter", into.id))
        made = replace(
            source,
            id=self._ids.uuid(),
            room_id=into.id,
            session_id=session.id,
            server_id=self._server_id,
            identity=self._ids.base62(IDENTITY_LENGTH),
            role=role.name,
            role_class=role.role_class,
            permissions=role.permissions,
            subscribe_to=role.subscribe_to,
            attributes={**source.attributes, **attributes},
            admission_id=None,
            access_code_id=None,
            joined_at=at,
            updated_at=None,
            held=False,
            forked_from=source.origin,
        )
        tx.sessions.add_participant(made)
        tx.sessions.touch(session.id, at)
        tx.events.append([participant_event(self._ids, EventType.PARTICIPANT_JOINED, made, at)])
        return _Fork(made, source.room_id, source.id, source.identity)

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._changed:
                participant_id = next(iter(self._changed))
                del self._changed[participant_id]
                fork = self._forks.get(participant_id)
                if fork is not None:
                    await self._follow_one(fork)

    async def _follow_one(self, fork: _Fork) -> None:
        try:
            await self._step(fork)
        except Exception:
            log.exception("a fork is not what its source is")
        finally:
            fork.shown.set()

    async def _step(self, fork: _Fork) -> None:
        """Make the fork what its source is now."""
        one = fork.participant
        if self._presence.member(one.room_id, one.id) is None:
            del self._forks[one.id]
            await self._departures.media.evict(one.id, LeaveReason.REMOVED)
            return
        source = self._presence.member(fork.source_room, fork.source)
        if source is None and not fork.waits:
            await self._let_out(fork)
            return
        theirs = source.tracks if source is not None else {}
        for gone in [known for known in fork.tracks if known not in theirs]:
            await self._end(fork, gone)
        for track in list(theirs.values()):
            known = fork.tracks.get(track.id)
            if known is None:
                await self._show(fork, track)
            elif known.muted != track.silent:
                fork.tracks[track.id] = self._tracks.mute(known, track.silent)

    async def _show(self, fork: _Fork, track: Track) -> None:
        one, media = fork.participant, self._departures.media
        shown = replace(
            track,
            id=self._ids.uuid(),
            room_id=one.room_id,
            session_id=one.session_id,
            participant_id=one.id,
            muted=track.silent,
            held=False,
            started_at=self._clock.now(),
        )
        if not media.mirror(one, shown.id, track.id):
            return
        try:
            await self._tracks.add(shown)
        except (NotFound, Invalid):
            media.unmirror(one.id, shown.id)
            return
        fork.tracks[track.id] = shown

    async def _end(self, fork: _Fork, source_track: UUID) -> None:
        shown = fork.tracks.pop(source_track)
        await self._tracks.remove(shown)
        self._departures.media.unmirror(fork.participant.id, shown.id)

    async def _let_out(self, fork: _Fork) -> None:
        def unit(tx: Transaction) -> Sequence[Participant]:
            return self._departures.write(tx, [fork.participant], self._clock.now(), LeaveReason.LEFT)

        self._forks.pop(fork.participant.id, None)
        await self._departures.tell(await self._store.write(unit), LeaveReason.LEFT)


def _locked(tx: Transaction, account_id: UUID, source: str, destination: str) -> tuple[Room, Room]:
    """Both rooms, always locked in the same order."""
    of, into = find_room(tx, account_id, source), find_room(tx, account_id, destination)
    if of.id == into.id:
        raise Invalid("room", "itself")
    locked = {room_id: tx.rooms.get(room_id, lock=True) for room_id in sorted((of.id, into.id))}
    of_now, into_now = locked[of.id], locked[into.id]
    if of_now is None or into_now is None:
        raise NotFound("room")
    return of_now, into_now


def _publishers(live: LiveRoom) -> dict[UUID, Attendant]:
    return {one.participant.origin: one for one in live.attendants if one.tracks}
