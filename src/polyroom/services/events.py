"""Looking through the log of events, for those who tell of it in a vendor's words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.webhook import WebhookFormat
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import DeliverySearch, Story, ToldDelivery
from polyroom.services.record import Slice
from polyroom.services.stories import stories_of, tell

MOST_PASSED_OVER = 5000
"""Events a look reads at most; a page may then be short and yet not the last."""

_STEP = 500


@dataclass(frozen=True, slots=True)
class Look:
    """Which events: of all these conditions, latest first, behind the event `start`. Ids are in any form.

    `only` is a further condition on events of these types, which may pass over many. `user_id` needs another condition
    that names a room, a session or somebody.
    """

    types: frozenset[EventType]
    only: Callable[[Event], bool] | None = None
    room: str | None = None
    session: str | None = None
    peer: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    start: str | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Place:
    """A room and a session, where one is meant."""

    room_id: UUID | None = None
    session_id: UUID | None = None


class EventService:
    """Use cases of the log. Nothing is shown of people who are hidden, nor of what is erased."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def look(self, account_id: UUID, look: Look) -> Slice[Story]:
        """Some events with all they name; none where a condition names nothing of the account.

        Raises Invalid("start", "unknown").
        """

        def unit(tx: Transaction) -> Slice[Story]:
            search = _search(tx, account_id, look)
            return Slice([], None) if search is None else _gather(tx, account_id, search, look.only)

        return await self._store.read(unit)

    async def place(self, account_id: UUID, room: str | None, session: str | None) -> Place:
        """Our ids behind any form of them; NotFound("room"), NotFound("session")."""

        def unit(tx: Transaction) -> Place:
            room_id = tx.rooms.ever(account_id, room) if room is not None else None
            found = tx.history.session(account_id, session) if session is not None else None
            if room is not None and room_id is None:
                raise NotFound("room")
            if session is not None and found is None:
                raise NotFound("session")
            return Place(room_id, found.id if found else None)

        return await self._store.read(unit)

    async def are_there(self, account_id: UUID, event_ids: Collection[UUID]) -> bool:
        """Whether all of them are events of the account."""
        found = await self._store.read(lambda tx: tx.events.several(event_ids))
        return {one.id for one in found if one.account_id == account_id} == set(event_ids)

    async def deliveries(
        self, account_id: UUID, search: DeliverySearch, room: str | None, words: WebhookFormat
    ) -> tuple[Sequence[ToldDelivery], Mapping[object, Story], int]:
        """A page of what was told to receivers, the stories of its events by their ids, and how many there are.

        `room` is any form of a room's id, be it deleted.
        """

        def unit(tx: Transaction) -> tuple[Sequence[ToldDelivery], Mapping[object, Story], int]:
            wanted = search
            if room is not None:
                room_id = tx.rooms.ever(account_id, room)
                if room_id is None:
                    return [], {}, 0
                wanted = replace(search, room_id=room_id)
            page = tx.outbox.search(account_id, wanted)
            return page, stories_of(tx, {one.event.id for one in page}, words), tx.outbox.count(account_id, wanted)

        return await self._store.read(unit)


def _search(tx: Transaction, account_id: UUID, look: Look) -> EventSearch | None:
    """The conditions with ids of ours; None where nothing can fulfil them."""
    start = _start(tx, account_id, look.start)
    room_id = tx.rooms.ever(account_id, look.room) if look.room is not None else None
    session = tx.history.session(account_id, look.session) if look.session is not None else None
    named = [(look.room, room_id), (look.session, session)]
    if not look.types or any(asked is not None and found is None for asked, found in named):
        return None
    search = EventSearch(
        types=look.types,
        room_id=room_id,
        session_id=session.id if session else None,
        user_id=look.user_id,
        since=look.since,
        before=look.before,
        after=start,
        limit=look.limit,
    )
    if look.peer is None:
        return search
    peer_id = uuid_of_text(look.peer)
    peer = tx.sessions.participant(peer_id) if peer_id is not None else None
    if peer is None or peer.account_id != account_id or search.session_id not in {None, peer.session_id}:
        return None
    return replace(search, participant_id=peer.id, session_id=peer.session_id)


def _start(tx: Transaction, account_id: UUID, start: str | None) -> UUID | None:
    if start is None:
        return None
    start_id = uuid_of_text(start)
    found = tx.events.several([start_id]) if start_id is not None else []
    if not found or found[0].account_id != account_id:
        raise Invalid("start", "unknown")
    return start_id


def _gather(
    tx: Transaction, account_id: UUID, search: EventSearch, only: Callable[[Event], bool] | None
) -> Slice[Story]:
    step = search.limit + 1
    told: list[Story] = []
    after, passed = search.after, 0
    while True:
        found = tx.events.search(account_id, replace(search, after=after, limit=step))
        stories = tell(tx, [one for one in found if only is None or only(one)], WebhookFormat.POLYROOM)
        told += [one for one in stories if one.participant is None or not one.participant.hidden]
        if len(told) > search.limit:
            return Slice(told[: search.limit], told[search.limit - 1].event.id)
        if len(found) < step:
            return Slice(told, None)
        after, passed, step = found[-1].id, passed + len(found), min(2 * step, _STEP)
        if passed >= MOST_PASSED_OVER:
            return Slice(told, after)
