"""The append-only log, numbered without gaps within each room."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from polyroom.domain.events import Event
from polyroom.store.inserts import insert_or_add
from polyroom.store.records import Record, same
from polyroom.store.tables import event, room_sequence

_EVENTS = Record(Event, event)
_ADD = insert(event)
_OF_ROOM = (
    select(*_EVENTS.columns)
    .where(same(event.c.room_id), event.c.sequence > bindparam("after"))
    .order_by(event.c.sequence)
    .limit(bindparam("most"))
)


class SqlEvents:
    """Events on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, events: Iterable[Event]) -> None:
        by_room: dict[UUID, list[Event]] = {}
        for one in events:
            by_room.setdefault(one.room_id, []).append(one)
        for room_id, theirs in by_room.items():
            last = self._reserve(room_id, len(theirs))
            rows = [_EVENTS.values(one) for one in theirs]
            for sequence, row in enumerate(rows, last - len(rows) + 1):
                row["sequence"] = sequence
            self._connection.execute(_ADD, rows[0] if len(rows) == 1 else rows)

    def of_room(self, room_id: UUID, after: int = 0, limit: int = 100) -> Sequence[Event]:
        return _EVENTS.all(self._connection, _OF_ROOM, room_id=room_id, after=after, most=limit)

    def _reserve(self, room_id: UUID, count: int) -> int:
        """Take that many numbers of the room and return the last; the row stays locked until the unit ends."""
        upsert = insert_or_add(self._connection, room_sequence, "last")
        return int(self._connection.execute(upsert, {"room_id": room_id, "last": count}).scalar_one())
