"""Minutes of quality, read by whose they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    select,
    tuple_,
    type_coerce,
)

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
_PEOPLE = select(participant.c.id).where(same(participant.c.session_id))


def _some_of(whose: ColumnElement[bool]) -> tuple[Select[int], Select[Any]]:
    """How many minutes there are, and every `step`th of them. In no order: SQLite would walk all minutes for it."""
    every = type_coerce(quality.c.minute, BigInteger) % bindparam("step", type_=BigInteger) == 0
    return select(func.count()).select_from(quality).where(whose), select(*quality.columns).where(whose, every)


OF_PARTICIPANT = _some_of(same(quality.c.participant_id))
OF_SESSION = _some_of(quality.c.participant_id.in_(_PEOPLE))
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
        return self._read(OF_PARTICIPANT, most, participant_id=participant_id)

    def of_session(self, session_id: UUID, most: int) -> Sequence[QualityMinute]:
        return self._read(OF_SESSION, most, session_id=session_id)

    def expire(self, before: datetime, limit: int) -> int:
        return self._connection.execute(_EXPIRE, {"moment": before, "most": limit}).rowcount

    def _read(self, statements: tuple[Select[int], Select[Any]], most: int, **which: UUID) -> Sequence[QualityMinute]:
        count, some = statements
        step = max(1, -(-self._connection.execute(count, which).scalar_one() // most)) * _MICROSECONDS
        rows = self._connection.execute(some, {**which, "step": step}).all()
        return [minute_of_row(row) for row in sorted(rows, key=lambda row: row.minute)]


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
