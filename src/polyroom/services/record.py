"""Looking back: sessions with their rooms, who was in them and what happened, for somebody who watches an account."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.history import Headcount
from polyroom.services.ports.store import SessionSearch, Store, Transaction
from polyroom.services.sessions import Attendant

T = TypeVar("T")

_EVERY_TYPE = frozenset(EventType)
_NOBODY = Headcount()


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some of a list, and behind which id it goes on; None at its end."""

    items: Sequence[T]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class SeenSession:
    """A session with its room, which may be gone, and how many people it shows."""

    session: Session
    room: Room
    people: Headcount


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event with whom and what it is about, where that is known."""

    event: Event
    participant: Participant | None
    track: Track | None


class RecordService:
    """Use cases of looking back. What belongs to another account is not found; people who are hidden are not shown."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def sessions(self, account_id: UUID, search: SessionSearch) -> Slice[SeenSession]:
        """Some of an account's sessions; Invalid where they shall begin behind one that never was."""

        def unit(tx: Transaction) -> Slice[SeenSession]:
            if search.after is not None and tx.history.session(account_id, str(search.after)) is None:
                raise Invalid("after", "unknown")
            wanted = replace(search, count=False, limit=search.limit + 1)
            found = cut(tx.sessions.search(account_id, wanted).items, search.limit)
            return Slice(_seen(tx, found.items), found.next)

        return await self._store.read(unit)

    async def session(self, account_id: UUID, session_id: UUID) -> SeenSession:
        """One session; NotFound("session")."""
        return await self._store.read(lambda tx: _seen(tx, [_session(tx, account_id, session_id)])[0])

    async def latest(self, rooms: Iterable[Room]) -> Mapping[UUID, SeenSession]:
        """The latest session of each room that had one, by room."""
        by_id = {one.id: one for one in rooms}

        def unit(tx: Transaction) -> Mapping[UUID, SeenSession]:
            found = [one for of_room in tx.sessions.latest_of(by_id, 1).values() for one in of_room]
            people = tx.history.headcounts(one.id for one in found)
            return {one.room_id: SeenSession(one, by_id[one.room_id], people.get(one.id, _NOBODY)) for one in found}

        return await self._store.read(unit)

    async def people(self, account_id: UUID, session_id: UUID, after: UUID | None, limit: int) -> Slice[Attendant]:
        """Some of the people of a session with all they published, first come first. NotFound("session")."""

        def unit(tx: Transaction) -> Slice[Attendant]:
            _session(tx, account_id, session_id)
            found = cut(tx.history.people(session_id, after, limit + 1), limit)
            tracks: dict[UUID, list[Track]] = {one.id: [] for one in found.items}
            for track in tx.history.tracks_of(session_id, tracks):
                tracks[track.participant_id].append(track)
            return Slice([Attendant(one, tracks[one.id]) for one in found.items], found.next)

        return await self._store.read(unit)

    async def tracks_of(self, one: Participant) -> Sequence[Track]:
        """Everything somebody ever published, in order."""
        return await self._store.read(lambda tx: tx.history.tracks_of(one.session_id, [one.id]))

    async def events(self, account_id: UUID, session_id: UUID, after: UUID | None, limit: int) -> Slice[SeenEvent]:
        """Some of the events of a session, latest first, behind the event `after`. NotFound("session")."""

        def unit(tx: Transaction) -> Slice[SeenEvent]:
            _session(tx, account_id, session_id)
            search = EventSearch(types=_EVERY_TYPE, session_id=session_id, after=after, limit=limit + 1)
            found = cut(tx.events.search(account_id, search), limit)
            people = _known(tx.sessions.participant, (one.participant_id for one in found.items))
            tracks = _known(tx.sessions.track, (one.track_id for one in found.items))
            told = [
                SeenEvent(one, people.get(one.participant_id), tracks.get(one.track_id))
                for one in found.items
                if one.participant_id not in people or not people[one.participant_id].hidden
            ]
            return Slice(told, found.next)

        return await self._store.read(unit)


class Identified(Protocol):
    """What has an id."""

    @property
    def id(self) -> UUID: ...


I = TypeVar("I", bound=Identified)  # noqa: E741 - what is identified


def cut(found: Sequence[I], limit: int) -> Slice[I]:
    """The slice that a look for one more than `limit` found."""
    more = len(found) > limit
    items = found[:limit]
    return Slice(items, items[-1].id if more else None)


def _session(tx: Transaction, account_id: UUID, session_id: UUID) -> Session:
    found = tx.sessions.get(session_id)
    if found is None or found.account_id != account_id:
        raise NotFound("session")
    return found


def _seen(tx: Transaction, sessions: Sequence[Session]) -> Sequence[SeenSession]:
    rooms = {one.id: one for one in tx.history.rooms(one.room_id for one in sessions)}
    people = tx.history.headcounts(one.id for one in sessions)
    return [SeenSession(one, rooms[one.room_id], people.get(one.id, _NOBODY)) for one in sessions]


def _known(find: Callable[[UUID], I | None], ids: Iterable[UUID | None]) -> dict[UUID | None, I]:
    wanted = {one for one in ids if one is not None}
    return {one: found for one in wanted if (found := find(one)) is not None}
