"""Stream keys."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from polyroom.domain.stream_key import StreamKey
from polyroom.store.records import Record, may_lock, only, same
from polyroom.store.tables_ingest import stream_key

_KEYS = Record(StreamKey, stream_key)
_ADD = insert(stream_key)
_UPDATE = update(stream_key).where(stream_key.c.id == bindparam("which", type_=stream_key.c.id.type))
_REMOVE = delete(stream_key).where(same(stream_key.c.id))
_OF_ROOM = (
    select(*_KEYS.columns)
    .where(same(stream_key.c.room_id))
    .order_by(stream_key.c.id.desc())
    .limit(bindparam("most", type_=BigInteger))
)


class SqlStreamKeys:
    """Stream keys on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: StreamKey) -> None:
        self._connection.execute(_ADD, _KEYS.values(key))

    def update(self, key: StreamKey) -> None:
        changed = only(_KEYS.values(key), ("enabled", "updated_at"))
        self._connection.execute(_UPDATE.values(changed), {"which": key.id})

    def get(self, key_id: UUID, *, lock: bool = False) -> StreamKey | None:
        wanted = select(*_KEYS.columns).where(same(stream_key.c.id))
        if lock and may_lock(self._connection):
            wanted = wanted.with_for_update()
        return _KEYS.one(self._connection, wanted, id=key_id)

    def of_room(self, room_id: UUID, limit: int) -> Sequence[StreamKey]:
        return _KEYS.all(self._connection, _OF_ROOM, room_id=room_id, most=limit)

    def remove(self, key_id: UUID) -> None:
        self._connection.execute(_REMOVE, {"id": key_id})
