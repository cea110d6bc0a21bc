"""Minutes of quality, read by whose they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, bindparam, delete, func, select, tuple_, type_coerce

from polyroom.domain.quality import QualityMinute, Source, pack, unpack
from polyroom.services.ports.quality import Quality
from polyroom.store.inserts import insert_unless_there
from polyroom.store.records import same
from polyroom.store.tables import participant
from polyroom.store.tables_quality import quality

_KEY = tuple(quality.primary_key)
_MOST = bindparam("most", type_=BigInteger)
_NO_TRACK = UUID(int=0)

_MICROSECONDS = 60_000_000
_EVERY = type_coerce(quality.c.minute, BigInteger) % bindparam("step", type_=BigInteger) == 0
_PEOPLE = select(participant.c.id).where(same(participant.c.session_id))
_OF_PARTICIPANT = same(quality.c.participant_id)
_OF_SESSION = quality.c.participant_id.in_(_PEOPLE)
_EXPIRE = delete(quality).where(
    tuple_(*_KEY).in_(
        select(*_KEY)
        .where(quality.c.minute < bindparam("moment", type_=quality.c.minute.type))
        .order_by(quality.c.minute)
        .limit(_MOST)
    )
)


class SqlQuality(Quality):
    """Quality on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, minutes: Iterable[QualityMinute]) -> None:
        rows = [_row(one) for one in minutes]
        if rows:
            self._connection.execute(insert_unless_there(self._connection, quality, *(one.name for one in _KEY)), rows)

    def of_participant(self, participant_id: UUID, most: int) -> Sequence[QualityMinute]:
        return self._read(_OF_PARTICIPANT, most, participant_id=participant_id)

    def of_session(self, session_id: UUID, most: int) -> Sequence[QualityMinute]:
        return self._read(_OF_SESSION, most, session_id=session_id)

    def expire(self, before: datetime, limit: int) -> int:
        return self._connection.execute(_EXPIRE, {"moment": before, "most": limit}).rowcount

    def _read(self, whose: ColumnElement[bool], most: int, **which: UUID) -> Sequence[QualityMinute]:
        count = self._connection.execute(select(func.count()).select_from(quality).where(whose), which).scalar_one()
        step = max(1, -(-count // most)) * _MICROSECONDS
        found = select(*quality.columns).where(whose, _EVERY).order_by(quality.c.minute)
        return [minute_of_row(row) for row in self._connection.execute(found, {**which, "step": step})]


def _row(one: QualityMinute) -> dict[str, Any]:
    return {
        "participant_id": one.source.participant_id,
        "minute": one.minute,
        "track_id": one.source.track_id or _NO_TRACK,
        "kind": one.source.kind,
        "samples": pack(one.minute, one.samples),
    }


def minute_of_row(row: Row[Any]) -> QualityMinute:
    """The minute a row of the table holds."""
    track_id = None if row.track_id == _NO_TRACK else row.track_id
    return QualityMinute(
        Source(row.participant_id, track_id, row.kind), row.minute, unpack(row.minute, bytes(row.samples))
    )
