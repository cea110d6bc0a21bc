"""Walks along keys, page by page. No page costs more for what lies before or behind it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, literal, select, tuple_

from polyroom.domain.quality import QualityMinute
from polyroom.domain.session import Participant, Session, Track
from polyroom.domain.webhook import Delivery, WebhookFormat
from polyroom.services.ports.walks import Line, Stay
from polyroom.store.columns import EPOCH
from polyroom.store.quality import minute_of_row
from polyroom.store.records import Record, same
from polyroom.store.tables import message, outbox, participant, quality, session, track, webhook_lane

_STAYS = Record(Stay, participant)
_LINES = Record(Line, message)
_SESSIONS = Record(Session, session)
_PARTICIPANTS = Record(Participant, participant)
_TRACKS = Record(Track, track)
_DELIVERIES = Record(Delivery, outbox)

_MOST = bindparam("most", type_=BigInteger)
_TRACKS_OF = select(*_TRACKS.columns).where(same(track.c.participant_id)).order_by(track.c.started_at, track.c.id)
_DELIVERIES_OF = (
    select(*_DELIVERIES.columns, webhook_lane.c.format)
    .join(webhook_lane, webhook_lane.c.id == outbox.c.lane_id)
    .where(outbox.c.event_id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.id)
)
_LAST_MINUTE = (
    select(quality.c.minute)
    .where(
        same(quality.c.participant_id),
        quality.c.minute > bindparam("after", type_=quality.c.minute.type),
    )
    .distinct()
    .order_by(quality.c.minute)
    .limit(_MOST)
)
_MINUTES = (
    select(*quality.columns)
    .where(
        same(quality.c.participant_id),
        quality.c.minute > bindparam("after", type_=quality.c.minute.type),
        quality.c.minute <= bindparam("upto", type_=quality.c.minute.type),
    )
    .order_by(*quality.primary_key)
)


def _walk(
    columns: Iterable[ColumnElement[Any]], owner: ColumnElement[bool], place: Sequence[ColumnElement[Any]], last: Any
) -> Select[Any]:
    statement = select(*columns).where(owner).order_by(*place).limit(_MOST)
    if last is None:
        return statement
    values = tuple(literal(getattr(last, one.key or ""), one.type) for one in place)
    return statement.where(tuple_(*place) > tuple_(*values))


class SqlWalks:
    """Walks on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stays(self, account_id: UUID, after: Stay | None, limit: int) -> Sequence[Stay]:
        place = (participant.c.hidden, participant.c.joined_at, participant.c.id)
        statement = _walk(_STAYS.columns, same(participant.c.account_id), place, after)
        return _STAYS.all(self._connection, statement, account_id=account_id, most=limit)

    def lines(self, after: UUID | None, limit: int) -> Sequence[Line]:
        behind = message.c.id > (after or UUID(int=0))
        statement = select(*_LINES.columns).where(behind).order_by(message.c.id).limit(_MOST)
        return _LINES.all(self._connection, statement, most=limit)

    def sessions(self, room_id: UUID, after: Session | None, limit: int) -> Sequence[Session]:
        statement = _walk(_SESSIONS.columns, same(session.c.room_id), (session.c.started_at, session.c.id), after)
        return _SESSIONS.all(self._connection, statement, room_id=room_id, most=limit)

    def people(self, session_id: UUID, after: Participant | None, limit: int) -> Sequence[Participant]:
        place = (participant.c.joined_at, participant.c.id)
        statement = _walk(_PARTICIPANTS.columns, same(participant.c.session_id), place, after)
        return _PARTICIPANTS.all(self._connection, statement, session_id=session_id, most=limit)

    def tracks(self, participant_id: UUID) -> Sequence[Track]:
        return _TRACKS.all(self._connection, _TRACKS_OF, participant_id=participant_id)

    def quality(self, participant_id: UUID, after: datetime | None, minutes: int) -> Sequence[QualityMinute]:
        which = {"participant_id": participant_id, "after": after or EPOCH}
        found = self._connection.execute(_LAST_MINUTE, which | {"most": minutes}).scalars().all()
        if not found:
            return []
        return [minute_of_row(row) for row in self._connection.execute(_MINUTES, which | {"upto": found[-1]}).all()]

    def deliveries(self, event_ids: Iterable[UUID]) -> Sequence[tuple[Delivery, WebhookFormat]]:
        wanted = list(event_ids)
        rows = self._connection.execute(_DELIVERIES_OF, {"ids": wanted}).all() if wanted else []
        return [(Delivery(*row[:-1]), row[-1]) for row in rows]
