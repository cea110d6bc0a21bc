"""Live streams, read along one index per question."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, insert, select, text, update

from polyroom.domain.live_stream import LiveStream
from polyroom.services.ports.live_streams import LiveStreamSearch
from polyroom.store.columns import is_text
from polyroom.store.latest_first import matching
from polyroom.store.records import Record, may_lock, only, same
from polyroom.store.tables_live import live_stream

_STREAMS = Record(LiveStream, live_stream)
_CHANGING = ("updated_at", "state", "started_at", "stopped_at", "stopped_by", "reason", "failure")
_ADD = insert(live_stream)
_UPDATE = update(live_stream).where(live_stream.c.id == bindparam("which", type_=live_stream.c.id.type))
# In the words of the partial index, or SQLite does not use it.
_UNFINISHED = select(*_STREAMS.columns).where(text("state NOT IN ('stopped', 'failed')")).order_by(live_stream.c.id)
_MOST = bindparam("most", type_=BigInteger)


class SqlLiveStreams:
    """Live streams on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, stream: LiveStream) -> None:
        self._connection.execute(_ADD, _STREAMS.values(stream))

    def update(self, stream: LiveStream) -> None:
        changed = only(_STREAMS.values(stream), _CHANGING)
        self._connection.execute(_UPDATE.values(changed), {"which": stream.id})

    def get(self, stream_id: UUID, *, lock: bool = False) -> LiveStream | None:
        wanted = select(*_STREAMS.columns).where(same(live_stream.c.id))
        if lock and may_lock(self._connection):
            wanted = wanted.with_for_update()
        return _STREAMS.one(self._connection, wanted, id=stream_id)

    def by_hms_id(self, account_id: UUID, hms_id: str) -> LiveStream | None:
        if not is_text(hms_id):
            return None
        wanted = select(*_STREAMS.columns).where(same(live_stream.c.account_id), same(live_stream.c.hms_id))
        return _STREAMS.one(self._connection, wanted, account_id=account_id, hms_id=hms_id)

    def by_recording(self, recording_id: UUID) -> LiveStream | None:
        wanted = select(*_STREAMS.columns).where(same(live_stream.c.recording_id))
        return _STREAMS.one(self._connection, wanted, recording_id=recording_id)

    def unfinished(self, room_id: UUID | None = None) -> Sequence[LiveStream]:
        if room_id is None:
            return _STREAMS.all(self._connection, _UNFINISHED)
        return _STREAMS.all(self._connection, _UNFINISHED.where(same(live_stream.c.room_id)), room_id=room_id)

    def search(self, search: LiveStreamSearch, limit: int) -> Sequence[LiveStream]:
        statement, parameters = matching(live_stream, search, select(*_STREAMS.columns))
        latest_first = statement.order_by(live_stream.c.id.desc()).limit(_MOST)
        return _STREAMS.all(self._connection, latest_first, most=limit, **parameters)
