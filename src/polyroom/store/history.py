"""Sessions, people and rooms of the past and present, for those who look back."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from polyroom.domain.ids import uuid_of_text
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.ports.history import ParticipantSearch
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
