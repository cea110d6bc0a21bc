"""Messages, numbered without gaps within each room and read by ranges of numbers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select

from polyroom.domain.message import Message
from polyroom.services.ports.messages import Stretch
from polyroom.store.inserts import insert_or_add
from polyroom.store.records import Record, same
from polyroom.store.tables_messages import message, message_sequence

_MESSAGES = Record(Message, message)
_ADD = insert(message)
_MOST = bindparam("most", type_=BigInteger)
_IN = select(*_MESSAGES.columns).where(
    same(message.c.room_id),
    message.c.number > bindparam("after", type_=BigInteger),
    message.c.number < bindparam("before", type_=BigInteger),
)
_FIRST = _IN.order_by(message.c.number).limit(_MOST)
_LAST = _IN.order_by(message.c.number.desc()).limit(_MOST)
_LAST_NUMBER = select(message_sequence.c.last).where(same(message_sequence.c.room_id))
_PURGE = delete(message).where(
    message.c.id.in_(
        select(message.c.id)
        .where(same(message.c.room_id), message.c.number <= bindparam("upto", type_=BigInteger))
        .order_by(message.c.number)
        .limit(_MOST)
    )
)
_EXPIRE = delete(message).where(
    message.c.id.in_(
        select(message.c.id)
        .where(message.c.sent_at < bindparam("moment", type_=message.c.sent_at.type))
        .order_by(message.c.sent_at)
        .limit(_MOST)
    )
)
_NO_NUMBER = 2**63 - 1


class SqlMessages:
    """Messages on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message: Message) -> Message:
        upsert = insert_or_add(self._connection, message_sequence, "last")
        number = self._connection.execute(upsert, {"room_id": message.room_id, "last": 1}).scalar_one()
        numbered = replace(message, number=int(number))
        self._connection.execute(_ADD, _MESSAGES.values(numbered))
        return numbered

    def first(self, room_id: UUID, stretch: Stretch, limit: int) -> Sequence[Message]:
        return _MESSAGES.all(self._connection, _FIRST, room_id=room_id, most=limit, **_ends(stretch))

    def last(self, room_id: UUID, stretch: Stretch, limit: int) -> Sequence[Message]:
        found = _MESSAGES.all(self._connection, _LAST, room_id=room_id, most=limit, **_ends(stretch))
        return found[::-1]

    def last_number(self, room_id: UUID) -> int:
        return self._connection.execute(_LAST_NUMBER, {"room_id": room_id}).scalar() or 0

    def purge(self, room_id: UUID, upto: int, limit: int) -> int:
        return self._connection.execute(_PURGE, {"room_id": room_id, "upto": upto, "most": limit}).rowcount

    def expire(self, before: datetime, limit: int) -> int:
        return self._connection.execute(_EXPIRE, {"moment": before, "most": limit}).rowcount


def _ends(stretch: Stretch) -> dict[str, int]:
    return {
        "after": -1 if stretch.after is None else stretch.after,
        "before": _NO_NUMBER if stretch.before is None else stretch.before,
    }
