"""Sessions, people and rooms of the past and present, for those who look back."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, false, func, select, tuple_

from polyroom.domain.ids import uuid_of_text
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.ports.history import Headcount, ParticipantSearch
from polyroom.services.ports.store import Page
from polyroom.store.columns import is_text
from polyroom.store.participant_search import page_of, parameters_of, total_of
from polyroom.store.records import Record, same
from polyroom.store.tables import participant, room, session, track

_PARTICIPANTS = Record(Participant, participant)
_SESSIONS = Record(Session, session)
_TRACKS = Record(Track, track)
_ROOMS = Record(Room, room)

_SESSION = select(*_SESSIONS.columns).where(same(session.c.account_id))
_BY_ID = _SESSION.where(same(session.c.id))
_BY_HMS_ID = _SESSION.where(same(session.c.hms_id))
_TRACKS_IN = (
    select(*_TRACKS.columns)
    .where(track.c.session_id.in_(bindparam("session_ids", expanding=True)))
    .order_by(track.c.started_at, track.c.id)
)
_PLACE = (participant.c.joined_at, participant.c.id)
_PEOPLE = (
    select(*_PARTICIPANTS.columns)
    .where(same(participant.c.session_id), participant.c.hidden == false())
    .order_by(*_PLACE)
    .limit(bindparam("most", type_=BigInteger))
)
_CURSOR = bindparam("after", type_=participant.c.id.type)
_LAST = participant.alias()
_JOINED = (
    select(_LAST.c.joined_at)
    .where(_LAST.c.id == _CURSOR, _LAST.c.session_id == bindparam("session_id", type_=_LAST.c.session_id.type))
    .scalar_subquery()
)
_PEOPLE_BEHIND = _PEOPLE.where(tuple_(*_PLACE) > tuple_(_JOINED, _CURSOR))
_HEADCOUNTS = (
    select(participant.c.session_id, func.count(), func.count() - func.count(participant.c.left_at))
    .where(participant.c.session_id.in_(bindparam("session_ids", expanding=True)), participant.c.hidden == false())
    .group_by(participant.c.session_id)
)
_TRACKS_OF = (
    select(*_TRACKS.columns)
    .where(same(track.c.session_id), track.c.participant_id.in_(bindparam("people", expanding=True)))
    .order_by(track.c.started_at, track.c.id)
)
_SEVERAL_ROOMS = select(*_ROOMS.columns).where(room.c.id.in_(bindparam("room_ids", expanding=True)))


class SqlHistory:
    """The past on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def participants(self, account_id: UUID, search: ParticipantSearch) -> Page[Participant]:
        if search.context is not None and not is_text(search.context):
            return Page([], 0)
        which = parameters_of(account_id, search)
        items = _PARTICIPANTS.all(self._connection, page_of(search), **which)
        return Page(items, self._connection.execute(total_of(search), which).scalar_one())

    def people(self, session_id: UUID, after: UUID | None, limit: int) -> Sequence[Participant]:
        which = {"session_id": session_id, "most": limit}
        if after is None:
            return _PARTICIPANTS.all(self._connection, _PEOPLE, **which)
        return _PARTICIPANTS.all(self._connection, _PEOPLE_BEHIND, **which, after=after)

    def headcounts(self, session_ids: Iterable[UUID]) -> Mapping[UUID, Headcount]:
        wanted = list(dict.fromkeys(session_ids))
        rows = self._connection.execute(_HEADCOUNTS, {"session_ids": wanted}).all() if wanted else []
        return {row[0]: Headcount(row[1], row[2]) for row in rows}

    def tracks_of(self, session_id: UUID, participant_ids: Iterable[UUID]) -> Sequence[Track]:
        wanted = list(dict.fromkeys(participant_ids))
        return _TRACKS.all(self._connection, _TRACKS_OF, session_id=session_id, people=wanted) if wanted else []

    def session(self, account_id: UUID, any_id: str) -> Session | None:
        own = uuid_of_text(any_id)
        if own is not None:
            return _SESSIONS.one(self._connection, _BY_ID, account_id=account_id, id=own)
        if not is_text(any_id):
            return None
        return _SESSIONS.one(self._connection, _BY_HMS_ID, account_id=account_id, hms_id=any_id.lower())

    def tracks(self, session_ids: Iterable[UUID]) -> Sequence[Track]:
        wanted = list(dict.fromkeys(session_ids))
        return _TRACKS.all(self._connection, _TRACKS_IN, session_ids=wanted) if wanted else []

    def rooms(self, room_ids: Iterable[UUID]) -> Sequence[Room]:
        wanted = list(dict.fromkeys(room_ids))
        return _ROOMS.all(self._connection, _SEVERAL_ROOMS, room_ids=wanted) if wanted else []
