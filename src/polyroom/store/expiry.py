"""Deletes events and sessions that were kept long enough.

Both are found along their primary keys, which grow with time: no index is kept for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, bindparam, delete, exists, select, tuple_

from polyroom.domain.ids import first_uuid_at
from polyroom.store.records import same
from polyroom.store.tables import event, participant, quality, recording, session, track

_MOST = bindparam("most", type_=BigInteger)
_EVENTS = delete(event).where(
    event.c.id.in_(
        select(event.c.id)
        .where(event.c.id < bindparam("bound", type_=event.c.id.type))
        .order_by(event.c.id)
        .limit(_MOST)
    )
)
_ENDED = (
    select(session.c.id)
    .where(
        session.c.id < bindparam("bound", type_=session.c.id.type),
        session.c.ended_at < bindparam("before", type_=session.c.ended_at.type),
        # Recordings are shown with their session, however long they are kept.
        ~exists().where(recording.c.session_id == session.c.id).correlate(session),
    )
    .order_by(session.c.id)
    .limit(_MOST)
)
_GONE = delete(session).where(same(session.c.id))


def _some(table: Table, condition: ColumnElement[bool]) -> Any:
    key = tuple(table.primary_key)
    return delete(table).where(tuple_(*key).in_(select(*key).where(condition).limit(_MOST)))


_PEOPLE = select(participant.c.id).where(participant.c.session_id == bindparam("which", type_=session.c.id.type))
_CONTENTS = tuple(
    _some(table, condition)
    for table, condition in (
        (quality, quality.c.participant_id.in_(_PEOPLE)),
        (track, track.c.session_id == bindparam("which", type_=session.c.id.type)),
        (participant, participant.c.session_id == bindparam("which", type_=session.c.id.type)),
    )
)


class SqlExpiry:
    """The end of what is kept, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def events(self, before: datetime, limit: int) -> int:
        return self._connection.execute(_EVENTS, {"bound": first_uuid_at(before), "most": limit}).rowcount

    def sessions(self, before: datetime, limit: int) -> int:
        which = {"bound": first_uuid_at(before), "before": before, "most": limit}
        ended: Sequence[UUID] = self._connection.execute(_ENDED, which).scalars().all()
        gone = 0
        for session_id in ended:
            for statement in _CONTENTS:
                gone += self._connection.execute(statement, {"which": session_id, "most": limit - gone}).rowcount
                if gone == limit:
                    return gone
            gone += self._connection.execute(_GONE, {"id": session_id}).rowcount
            if gone == limit:
                return gone
        return gone
