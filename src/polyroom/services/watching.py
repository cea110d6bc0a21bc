"""Watching videos: who may, who does now, and how often one was viewed."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from polyroom.domain.admission import Grant
from polyroom.domain.errors import AdmissionRefused, NotFound, RoomDisabled, RoomFull
from polyroom.domain.features import seats
from polyroom.domain.room import Room
from polyroom.domain.video import Video, VideoState
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.entrance import Entrance, standing
from polyroom.services.ports.admission import Credential, Ticket, TicketSigner
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.videos import RoomVideos, VideoService

PLAYS_KEPT = timedelta(days=2)
"""How long it is remembered which plays were counted: longer than a ticket is good for."""

GONE_AFTER = timedelta(seconds=45)
"""Whoever has not been heard of for so long does not watch any more."""

_LOOKED_AT_EVERY = timedelta(seconds=10)
_MOST_REMEMBERED = 20_000
_VIEWS_A_MINUTE = 60
_PLAY_LENGTH = 22


@dataclass(frozen=True, slots=True)
class Play:
    """Somebody who may watch a room's video; `token` is "" while there is none."""

    room: Room
    videos: RoomVideos
    token: str


@dataclass(frozen=True, slots=True)
class _Standing:
    """What was found out about a token, and when."""

    ticket: Ticket
    at: datetime


class Watchers:
    """Who watches now, by room: in memory only, since they tell it every few seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rooms: dict[UUID, dict[str, tuple[str, datetime]]] = {}

    def seen(self, room_id: UUID, play: str, label: str) -> None:
        """Somebody is there."""
        self._rooms.setdefault(room_id, {})[play] = (label, self._clock.now())

    def left(self, room_id: UUID, play: str) -> None:
        """Somebody went."""
        self._rooms.get(room_id, {}).pop(play, None)

    def of(self, room_id: UUID) -> Mapping[str, int]:
        """How many watch a room now, by the label they came with."""
        horizon = self._clock.now() - GONE_AFTER
        there = {play: one for play, one in self._rooms.get(room_id, {}).items() if one[1] > horizon}
        if there:
            self._rooms[room_id] = there
        else:
            self._rooms.pop(room_id, None)
        return Counter(label for label, _ in there.values())


class WatchService:
    """Use cases of those who watch. They come in as people do, with the same credentials and refusals."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        *,
        entrance: Entrance,
        signer: TicketSigner,
        videos: VideoService,
        watchers: Watchers,
    ) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._entrance, self._signer, self._videos = entrance, signer, videos
        self._watchers = watchers
        self._known: OrderedDict[str, _Standing] = OrderedDict()
        self._views = AttemptLimiter(clock, limit=_VIEWS_A_MINUTE)

    async def play(self, any_room_id: str, credential: Credential, access_code: str | None, address: str) -> Play:
        """Let somebody watch. Raises NotFound("room") and any JoinRefused."""
        entered = await self._entrance.ticket(any_room_id, credential, access_code, "", address)
        room = entered.room
        await self._check_seats(room)
        videos = await self._videos.of_room(room.id)
        if videos.shown is None:
            return Play(room, videos, "")
        await self._touch(entered.ticket)
        plain = replace(entered.ticket.grant, metadata="", attributes={}, name=None)
        ticket = replace(entered.ticket, grant=plain, identity=self._ids.base62(_PLAY_LENGTH), name="")
        self._watchers.seen(room.id, ticket.identity, plain.label)
        return Play(room, videos, self._signer.sign(ticket))

    async def video(self, token: str, video_id: str) -> Video:
        """The video whose files the holder of a play's token may have now.

        Raises AdmissionRefused, AdmissionExpired, RoomDisabled; NotFound("room"), NotFound("video").
        """
        ticket = await self._standing(token)

        def unit(tx: Transaction) -> Video:
            found = tx.videos.by_short_id(video_id)
            if found is None or found.room_id != ticket.grant.room_id or found.state is not VideoState.READY:
                raise NotFound("video")
            return found

        return await self._store.read(unit, quick=True)

    async def here(self, token: str) -> None:
        """Somebody goes on watching. Raises as `video` does."""
        ticket = await self._standing(token)
        self._watchers.seen(ticket.grant.room_id, ticket.identity, ticket.grant.label)

    async def left(self, token: str) -> None:
        """Somebody closes the page. Raises as `video` does."""
        ticket = await self._standing(token)
        self._watchers.left(ticket.grant.room_id, ticket.identity)

    async def view(self, token: str, video_id: str, address: str) -> bool:
        """Count a view of a play that really began, once; whether it counted. From one address not more than some."""
        ticket, video = await self._standing(token), await self.video(token, video_id)
        key = (address, video.id)
        self._views.check(key)
        at = self._clock.now()
        counted = await self._store.write(lambda tx: tx.videos.view(video.id, ticket.identity, at))
        if counted:
            self._views.failed(key)
        return counted

    async def _standing(self, token: str) -> Ticket:
        """The ticket of a token, after a look at all it rests on that is not older than a few seconds."""
        known, now = self._known.get(token), self._clock.now()
        if known is not None and now - known.at < _LOOKED_AT_EVERY:
            return known.ticket
        ticket = self._signer.read(token)
        if ticket is None:
            raise AdmissionRefused
        await self._store.read(lambda tx: _check(tx, ticket.grant, now), quick=True)
        self._known[token] = _Standing(ticket, now)
        self._known.move_to_end(token)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return ticket

    async def _check_seats(self, room: Room) -> None:
        watching = sum(self._watchers.of(room.id).values())

        def unit(tx: Transaction) -> int | None:
            subscription = tx.accounts.subscription(room.subscription_id)
            present = tx.sessions.count_present(room.id)
            limit = seats(subscription.features if subscription else {}, room.capacity)
            return None if limit is None else limit - present

        free = await self._store.read(unit, quick=True)
        if free is not None and watching >= free:
            raise RoomFull

    async def _touch(self, ticket: Ticket) -> None:
        at, grant, code_id = self._clock.now(), ticket.grant, ticket.access_code_id

        def unit(tx: Transaction) -> None:
            if grant.admission_id:
                tx.admissions.touch(grant.admission_id, at)
            if code_id:
                tx.admissions.touch_code(code_id, at)

        await self._store.write(unit)


def _check(tx: Transaction, grant: Grant, now: datetime) -> None:
    room = tx.rooms.get(grant.room_id)
    if room is None:
        raise NotFound("room")
    if not room.enabled:
        raise RoomDisabled
    standing(tx, room, grant, now)
