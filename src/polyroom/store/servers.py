"""Heartbeats of the processes on this database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select

from polyroom.store.inserts import insert_or_set
from polyroom.store.records import same
from polyroom.store.tables import server_heartbeat

_LAST = select(server_heartbeat.c.at).where(same(server_heartbeat.c.server_id))
_LIVING = (
    select(server_heartbeat.c.server_id)
    .where(server_heartbeat.c.at >= bindparam("since"))
    .order_by(server_heartbeat.c.server_id)
)
_FORGET = delete(server_heartbeat).where(same(server_heartbeat.c.server_id))


class SqlServers:
    """Heartbeats on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, server_id: UUID, at: datetime) -> None:
        upsert = insert_or_set(self._connection, server_heartbeat, "server_id", "at")
        self._connection.execute(upsert, {"server_id": server_id, "at": at})

    def last_beat(self, server_id: UUID) -> datetime | None:
        return self._connection.execute(_LAST, {"server_id": server_id}).scalar()

    def living(self, since: datetime) -> Sequence[UUID]:
        return self._connection.execute(_LIVING, {"since": since}).scalars().all()

    def forget(self, server_id: UUID) -> None:
        self._connection.execute(_FORGET, {"server_id": server_id})
