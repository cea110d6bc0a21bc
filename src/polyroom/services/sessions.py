"""Sessions: who is in a room right now, and who was when."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.roles import RoleClass
from polyroom.domain.room import Namespace, Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.ports.history import ParticipantSearch
from polyroom.services.ports.store import Page, SessionSearch, Store, Transaction
from polyroom.services.room_names import names_of
from polyroom.services.rooms import find_room


@dataclass(frozen=True, slots=True)
class RoomStatus:
    """A room this moment. `by_label` counts StreamWise-style labels: each participant by its own dialect's label where
    it is StreamWise's, else by its class.
    """

    room: Room
    session: Session | None
    participants: int
    by_class: Mapping[RoleClass, int]
    by_label: Mapping[tuple[str, str], int]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Attendant:
    """Someone with tracks in the order of their publication: the live ones of somebody present, else all there were."""

    participant: Participant
    tracks: Sequence[Track]


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """A room with its running session, None while it is empty, and everyone visible in it, first come first."""

    room: Room
    session: Session | None
    attendants: Sequence[Attendant]


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """A session with everyone visible who was ever in it, where that was asked for."""

    session: Session
    participants: Sequence[Participant] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """A session with everyone visible who was ever in it, what they published there, and its room.

    The room may be gone, and has no names then.
    """

    session: Session
    attendants: Sequence[Attendant]
    room: Room
    names: Mapping[Namespace, str]


class SessionService:
    """Use cases of sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def status(self, account_id: UUID, any_room_id: str) -> RoomStatus:
        """Live counts; NotFound("room")."""

        def unit(tx: Transaction) -> RoomStatus:
            room = find_room(tx, account_id, any_room_id)
            session = tx.sessions.current(room.id)
            present = _visible(tx.sessions.present(room.id)) if session else []
            return RoomStatus(
                room=room,
                session=session,
                participants=len(present),
                by_class=Counter(one.role_class for one in present),
                by_label=Counter((one.dialect.value, one.label) for one in present),
                since=session.started_at if session else None,
            )

        return await self._store.read(unit)

    async def live(self, account_id: UUID | None, any_room_id: str) -> LiveRoom:
        """Who is in and what they publish; None for account looks in all. NotFound("room")."""

        def unit(tx: Transaction) -> LiveRoom:
            return live_room(tx, find_room(tx, account_id, any_room_id))

        return await self._store.read(unit)

    async def people_in(self, account_id: UUID, any_room_id: str) -> int:
        """How many are in; NotFound("room")."""

        def unit(tx: Transaction) -> int:
            return tx.sessions.count_present(find_room(tx, account_id, any_room_id).id, hidden=False)

        return await self._store.read(unit, quick=True)

    async def current_of(self, room_ids: Iterable[UUID]) -> Mapping[UUID, Session]:
        """The running sessions of several rooms, by room."""
        found = await self._store.read(lambda tx: tx.sessions.current_of(room_ids), quick=True)
        return {session.room_id: session for session in found}

    async def search(
        self, account_id: UUID, any_room_id: str | None, search: SessionSearch, *, participants: bool = False
    ) -> Page[SessionDetails]:
        """A page of the sessions of one room, or of all rooms of the account. NotFound("room")."""

        def unit(tx: Transaction) -> Page[SessionDetails]:
            wanted = search
            if any_room_id is not None:
                wanted = replace(search, room_id=find_room(tx, account_id, any_room_id).id)
            page = tx.sessions.search(account_id, wanted)
            return Page(_with_people(tx, page.items, participants), page.total)

        return await self._store.read(unit)

    async def listed(
        self, account_id: UUID, search: SessionSearch, *, room: str | None = None, participants: bool = False
    ) -> Page[SessionDetails]:
        """A page of all the account's sessions, or of those in one room, be it gone; none where there never was one."""

        def unit(tx: Transaction) -> Page[SessionDetails]:
            wanted = _in_room(tx, account_id, search, room)
            if wanted is None:
                return Page([], 0)
            page = tx.sessions.search(account_id, wanted)
            return Page(_with_people(tx, page.items, participants), page.total)

        return await self._store.read(unit)

    async def recorded(
        self, account_id: UUID, search: SessionSearch, *, room: str | None = None, start: str | None = None
    ) -> Sequence[RecordedSession]:
        """A page as `listed`, with all that is on record. `start` is any id of the session it begins behind.

        Raises Invalid for a start that never was.
        """

        def unit(tx: Transaction) -> Sequence[RecordedSession]:
            wanted = _in_room(tx, account_id, search, room)
            if start is not None:
                last = tx.history.session(account_id, start)
                if last is None:
                    raise Invalid("start", "unknown")
                wanted = replace(wanted, after=last.id) if wanted is not None else None
            return _recorded(tx, tx.sessions.search(account_id, wanted).items) if wanted is not None else []

        return await self._store.read(unit)

    async def record(self, account_id: UUID, any_id: str) -> RecordedSession:
        """All that is on record of one session, by any of its ids; NotFound("session")."""

        def unit(tx: Transaction) -> RecordedSession:
            session = tx.history.session(account_id, any_id)
            if session is None:
                raise NotFound("session")
            return _recorded(tx, [session])[0]

        return await self._store.read(unit)

    async def participants(self, account_id: UUID, search: ParticipantSearch) -> Page[Participant]:
        """A page of the people in all the account's sessions, or in the one that is searched."""
        return await self._store.read(lambda tx: tx.history.participants(account_id, search))

    async def participants_of(self, account_id: UUID, session_id: UUID, search: ParticipantSearch) -> Page[Participant]:
        """A page of the people in one session; NotFound("session")."""

        def unit(tx: Transaction) -> Page[Participant]:
            if tx.history.session(account_id, str(session_id)) is None:
                raise NotFound("session")
            return tx.history.participants(account_id, replace(search, session_id=session_id))

        return await self._store.read(unit)

    async def participant(self, account_id: UUID, participant_id: UUID) -> Participant:
        """Somebody who is or was in a session; NotFound("participant")."""

        def unit(tx: Transaction) -> Participant:
            one = tx.sessions.participant(participant_id)
            if one is None or one.account_id != account_id or one.hidden:
                raise NotFound("participant")
            return one

        return await self._store.read(unit)

    async def latest_of(self, room_ids: Iterable[UUID], most: int) -> Mapping[UUID, Sequence[Session]]:
        """The latest sessions of several rooms, at most `most` of each; every room has an entry."""
        return await self._store.read(lambda tx: tx.sessions.latest_of(room_ids, most))

    async def get(self, account_id: UUID, session_id: UUID, *, participants: bool = False) -> SessionDetails:
        """One session; NotFound("session")."""

        def unit(tx: Transaction) -> SessionDetails:
            session = tx.sessions.get(session_id)
            if session is None or session.account_id != account_id:
                raise NotFound("session")
            return _with_people(tx, [session], participants)[0]

        return await self._store.read(unit)


def live_room(tx: Transaction, room: Room) -> LiveRoom:
    """A room with everyone visible in it and what they publish."""
    session = tx.sessions.current(room.id)
    present = _visible(tx.sessions.present(room.id)) if session else []
    tracks: dict[UUID, list[Track]] = {one.id: [] for one in present}
    for track in tx.sessions.live_tracks(tracks):
        tracks[track.participant_id].append(track)
    return LiveRoom(room, session, [Attendant(one, tracks[one.id]) for one in present])


def _visible(people: Sequence[Participant]) -> list[Participant]:
    return [one for one in people if not one.hidden]


def _with_people(tx: Transaction, sessions: Sequence[Session], wanted: bool) -> list[SessionDetails]:
    if not wanted:
        return [SessionDetails(one) for one in sessions]
    people: dict[UUID, list[Participant]] = {one.id: [] for one in sessions}
    for participant in _visible(tx.sessions.participants_of(people)):
        people[participant.session_id].append(participant)
    return [SessionDetails(one, people[one.id]) for one in sessions]


def _in_room(tx: Transaction, account_id: UUID, search: SessionSearch, room: str | None) -> SessionSearch | None:
    if room is None:
        return search
    room_id = tx.rooms.ever(account_id, room)
    return None if room_id is None else replace(search, room_id=room_id)


def _recorded(tx: Transaction, sessions: Sequence[Session]) -> Sequence[RecordedSession]:
    ids = [one.id for one in sessions]
    tracks: dict[UUID, list[Track]] = defaultdict(list)
    for track in tx.history.tracks(ids):
        tracks[track.participant_id].append(track)
    people: dict[UUID, list[Attendant]] = {one: [] for one in ids}
    for participant in _visible(tx.sessions.participants_of(ids)):
        people[participant.session_id].append(Attendant(participant, tracks[participant.id]))
    rooms = {one.id: one for one in tx.history.rooms(one.room_id for one in sessions)}
    names = names_of(tx, rooms)
    return [RecordedSession(one, people[one.id], rooms[one.room_id], names[one.room_id]) for one in sessions]
