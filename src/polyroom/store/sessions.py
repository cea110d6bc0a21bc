"""Sessions, participants and tracks: present and past.

An update never reopens or closes anything: only `close`, `leave` and `end_track` write an end, once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Connection,
    Integer,
    and_,
    bindparam,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from polyroom.domain.session import LeaveReason, Participant, Session, Track
from polyroom.services.ports.store import Page, SessionSearch
from polyroom.store.columns import is_text
from polyroom.store.records import Record, changed, only, same
from polyroom.store.session_search import LATEST_OF, page_of, parameters_of, total_of
from polyroom.store.tables import participant, session, track

_SESSIONS = Record(Session, session)
_PARTICIPANTS = Record(Participant, participant)
_TRACKS = Record(Track, track)

_OPEN = session.c.ended_at.is_(None)
_PRESENT = participant.c.left_at.is_(None)
_LIVE = track.c.ended_at.is_(None)

_SESSION = select(*_SESSIONS.columns)
_SESSION_GET = _SESSION.where(same(session.c.id))
_SESSION_CURRENT = _SESSION.where(same(session.c.room_id), _OPEN)
_SESSIONS_CURRENT = _SESSION.where(session.c.room_id.in_(bindparam("room_ids", expanding=True)), _OPEN)
_TOUCH_SESSION = update(session).where(session.c.id == bindparam("which")).values(updated_at=bindparam("at"))
_SESSION_EMPTY = _SESSION.where(
    _OPEN, ~exists().where(participant.c.session_id == session.c.id, _PRESENT).correlate(session)
).order_by(session.c.started_at, session.c.id)
_SET_END = update(session).where(session.c.id == bindparam("which"), _OPEN).values(ends_by=bindparam("moment"))
_NEXT_DUE = select(session.c.ends_by).where(_OPEN, session.c.ends_by.is_not(None)).order_by(session.c.ends_by).limit(1)
_DUE = (
    _SESSION.where(_OPEN, session.c.ends_by <= bindparam("moment", type_=session.c.ends_by.type))
    .order_by(session.c.ends_by)
    .limit(bindparam("most", type_=Integer))
)
_OPEN_SESSION = insert(session)
_CLOSE_SESSION = (
    update(session)
    .where(session.c.id == bindparam("which"), _OPEN)
    .values(
        ended_at=bindparam("at"),
        updated_at=bindparam("at"),
        end_reason=bindparam("reason"),
        after_crash=bindparam("crash"),
    )
)

_FIRST_COME = (participant.c.joined_at, participant.c.id)
_PARTICIPANT = select(*_PARTICIPANTS.columns)
_PARTICIPANT_GET = _PARTICIPANT.where(same(participant.c.id))
_PARTICIPANTS_IN = _PARTICIPANT.where(same(participant.c.room_id), _PRESENT).order_by(*_FIRST_COME)
_PARTICIPANTS_OF = _PARTICIPANT.where(participant.c.session_id.in_(bindparam("session_ids", expanding=True))).order_by(
    *_FIRST_COME
)
_COUNT_AS = (
    select(func.count()).select_from(participant).where(same(participant.c.room_id), same(participant.c.role), _PRESENT)
)
_COUNT_IN = select(func.count()).select_from(participant).where(same(participant.c.room_id), _PRESENT)
_COUNT_SEEN = _COUNT_IN.where(participant.c.hidden == false())
_BY_IDENTITY = (
    _PARTICIPANT.where(same(participant.c.room_id), same(participant.c.identity), _PRESENT)
    .order_by(*_FIRST_COME)
    .limit(1)
)
KEPT_OUT = select(literal(1)).where(
    exists().where(
        same(participant.c.session_id),
        # In the index' own words, so that SQLite uses it.
        literal_column("leave_reason = 'kept_out'"),
        or_(
            same(participant.c.identity),
            and_(participant.c.user_id != "", same(participant.c.user_id)),
            and_(participant.c.user_id == "", same(participant.c.admission_id)),
        ),
    )
)
"""Whether somebody may not come back into a session."""

_LEFT_BEHIND = _PARTICIPANT.where(
    _PRESENT, participant.c.server_id.not_in(bindparam("living", expanding=True))
).order_by(*_FIRST_COME)
_ADD_PARTICIPANT = insert(participant)
_PARTICIPANT_CHANGING = (
    "identity",
    "name",
    "label",
    "role",
    "role_class",
    "publish",
    "metadata",
    "attributes",
    "rights",
    "permissions",
    "subscribe_to",
    "held",
    "updated_at",
)
_UPDATE_PARTICIPANT = (
    update(participant)
    .where(participant.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in _PARTICIPANT_CHANGING})
)
_LEAVE = (
    update(participant)
    .where(participant.c.id == bindparam("which"), _PRESENT)
    .values(left_at=bindparam("at"), leave_reason=bindparam("reason"))
)

_TRACK = select(*_TRACKS.columns)
_TRACK_GET = _TRACK.where(same(track.c.id))
_TRACKS_OF = _TRACK.where(same(track.c.session_id)).order_by(track.c.started_at, track.c.id)
_TRACKS_LIVE = _TRACK.where(track.c.participant_id.in_(bindparam("participant_ids", expanding=True)), _LIVE).order_by(
    track.c.started_at, track.c.id
)
_ADD_TRACK = insert(track)
_TRACK_CHANGING = ("source", "name", "mime", "muted", "held")
_UPDATE_TRACK = (
    update(track).where(track.c.id == bindparam("which")).values({name: bindparam(name) for name in _TRACK_CHANGING})
)
_END_TRACK = update(track).where(track.c.id == bindparam("which"), _LIVE).values(ended_at=bindparam("at"))
_END_TRACKS_OF = (
    update(track).where(track.c.participant_id == bindparam("which"), _LIVE).values(ended_at=bindparam("at"))
)


class SqlSessions:
    """Sessions on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: Session) -> None:
        self._connection.execute(_OPEN_SESSION, _SESSIONS.values(session))

    def current(self, room_id: UUID) -> Session | None:
        return _SESSIONS.one(self._connection, _SESSION_CURRENT, room_id=room_id)

    def get(self, session_id: UUID) -> Session | None:
        return _SESSIONS.one(self._connection, _SESSION_GET, id=session_id)

    def current_of(self, room_ids: Iterable[UUID]) -> Sequence[Session]:
        wanted = list(dict.fromkeys(room_ids))
        return _SESSIONS.all(self._connection, _SESSIONS_CURRENT, room_ids=wanted) if wanted else []

    def search(self, account_id: UUID, search: SessionSearch) -> Page[Session]:
        which = parameters_of(account_id, search)
        items = _SESSIONS.all(self._connection, page_of(search), **which)
        if search.after or not search.count:
            return Page(items, 0)
        return Page(items, self._connection.execute(total_of(search), which).scalar() or 0)

    def latest_of(self, room_ids: Iterable[UUID], most: int) -> Mapping[UUID, Sequence[Session]]:
        found: dict[UUID, list[Session]] = {room_id: [] for room_id in room_ids}
        if found and most:
            rows = _SESSIONS.all(self._connection, LATEST_OF, room_ids=list(found), skip=most - 1)
            for one in rows:
                found[one.room_id].append(one)
        return {room_id: theirs[:most] for room_id, theirs in found.items()}

    def touch(self, session_id: UUID, at: datetime) -> None:
        self._connection.execute(_TOUCH_SESSION, {"which": session_id, "at": at})

    def close(self, session_id: UUID, at: datetime, reason: LeaveReason, *, after_crash: bool = False) -> None:
        which = {"which": session_id, "at": at, "reason": reason, "crash": after_crash}
        self._connection.execute(_CLOSE_SESSION, which)

    def set_end(self, session_id: UUID, ends_by: datetime | None) -> None:
        self._connection.execute(_SET_END, {"which": session_id, "moment": ends_by})

    def next_due(self) -> datetime | None:
        found: datetime | None = self._connection.execute(_NEXT_DUE).scalar()
        return found

    def due(self, at: datetime, limit: int) -> Sequence[Session]:
        return _SESSIONS.all(self._connection, _DUE, moment=at, most=limit)

    def add_participant(self, participant: Participant) -> None:
        self._connection.execute(_ADD_PARTICIPANT, _PARTICIPANTS.values(participant))

    def participant(self, participant_id: UUID) -> Participant | None:
        return _PARTICIPANTS.one(self._connection, _PARTICIPANT_GET, id=participant_id)

    def present(self, room_id: UUID) -> Sequence[Participant]:
        return _PARTICIPANTS.all(self._connection, _PARTICIPANTS_IN, room_id=room_id)

    def count_present(self, room_id: UUID, *, hidden: bool = True) -> int:
        statement = _COUNT_IN if hidden else _COUNT_SEEN
        return self._connection.execute(statement, {"room_id": room_id}).scalar() or 0

    def count_present_as(self, room_id: UUID, role: str) -> int:
        return self._connection.execute(_COUNT_AS, {"room_id": room_id, "role": role}).scalar() or 0

    def participants_of(self, session_ids: Iterable[UUID]) -> Sequence[Participant]:
        wanted = list(dict.fromkeys(session_ids))
        return _PARTICIPANTS.all(self._connection, _PARTICIPANTS_OF, session_ids=wanted) if wanted else []

    def present_by_identity(self, room_id: UUID, identity: str) -> Participant | None:
        if not is_text(identity):
            return None
        return _PARTICIPANTS.one(self._connection, _BY_IDENTITY, room_id=room_id, identity=identity)

    def is_kept_out(self, session_id: UUID, *, identity: str, user_id: str, admission_id: UUID | None) -> bool:
        if not is_text(identity) or not is_text(user_id):
            return False
        who = {"session_id": session_id, "identity": identity, "user_id": user_id, "admission_id": admission_id}
        return self._connection.execute(KEPT_OUT, who).first() is not None

    def update_participant(self, participant: Participant) -> None:
        row = only(_PARTICIPANTS.values(participant), _PARTICIPANT_CHANGING, which=participant.id)
        self._connection.execute(_UPDATE_PARTICIPANT, row)

    def leave(self, participant_id: UUID, at: datetime, reason: LeaveReason) -> bool:
        if not changed(self._connection.execute(_LEAVE, {"which": participant_id, "at": at, "reason": reason})):
            return False
        self._connection.execute(_END_TRACKS_OF, {"which": participant_id, "at": at})
        return True

    def add_track(self, track: Track) -> None:
        self._connection.execute(_ADD_TRACK, _TRACKS.values(track))

    def track(self, track_id: UUID) -> Track | None:
        return _TRACKS.one(self._connection, _TRACK_GET, id=track_id)

    def tracks(self, session_id: UUID) -> Sequence[Track]:
        return _TRACKS.all(self._connection, _TRACKS_OF, session_id=session_id)

    def live_tracks(self, participant_ids: Iterable[UUID]) -> Sequence[Track]:
        wanted = list(dict.fromkeys(participant_ids))
        return _TRACKS.all(self._connection, _TRACKS_LIVE, participant_ids=wanted) if wanted else []

    def update_track(self, track: Track) -> None:
        row = only(_TRACKS.values(track), _TRACK_CHANGING, which=track.id)
        self._connection.execute(_UPDATE_TRACK, row)

    def end_track(self, track_id: UUID, at: datetime) -> bool:
        return changed(self._connection.execute(_END_TRACK, {"which": track_id, "at": at}))

    def left_behind(self, living: Iterable[UUID]) -> Sequence[Participant]:
        return _PARTICIPANTS.all(self._connection, _LEFT_BEHIND, living=list(living))

    def open_and_empty(self) -> Sequence[Session]:
        return _SESSIONS.all(self._connection, _SESSION_EMPTY)
