"""External streams and their targets, read along one index per question."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, insert, select, text, update

from polyroom.domain.external_stream import ExternalStream, Target
from polyroom.services.ports.external_streams import ExternalStreamSearch
from polyroom.store.columns import is_text
from polyroom.store.latest_first import matching
from polyroom.store.records import Record, may_lock, only, same
from polyroom.store.secrets import Vault
from polyroom.store.tables_external import external_stream, external_target

_STREAMS = Record(ExternalStream, external_stream)
_CHANGING = ("updated_at", "state", "started_at", "stopped_at", "stopped_by", "reason")
_ADD = insert(external_stream)
_UPDATE = update(external_stream).where(
    external_stream.c.id == bindparam("which", type_=external_stream.c.id.type),
)
# In the words of the partial index, or SQLite does not use it.
_UNFINISHED = select(*_STREAMS.columns).where(text("state NOT IN ('stopped', 'failed')")).order_by(external_stream.c.id)
_MOST = bindparam("most", type_=BigInteger)

_OPEN = ("shown", "name", "added_at", "state", "since", "why", "live_at", "bytes", "retries", "dropped")
_FARING = ("state", "since", "why", "live_at", "bytes", "retries", "dropped")
_TARGETS = (
    select(
        external_target.c.id,
        external_target.c.stream_id,
        external_target.c.sealed,
        *(external_target.c[name] for name in _OPEN),
    )
    .where(external_target.c.stream_id.in_(bindparam("streams", expanding=True)))
    .order_by(external_target.c.stream_id, external_target.c.id)
)
_ADD_TARGET = insert(external_target)
_UPDATE_TARGET = update(external_target).where(
    external_target.c.id == bindparam("which", type_=external_target.c.id.type)
)


class SqlExternalStreams:
    """External streams on one connection. The addresses of their targets pass through the vault."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, stream: ExternalStream, targets: Sequence[Target]) -> None:
        self._connection.execute(_ADD, _STREAMS.values(stream))
        for target in targets:
            self.add_target(target)

    def update(self, stream: ExternalStream) -> None:
        changed = only(_STREAMS.values(stream), _CHANGING)
        self._connection.execute(_UPDATE.values(changed), {"which": stream.id})

    def get(self, stream_id: UUID, *, lock: bool = False) -> ExternalStream | None:
        wanted = select(*_STREAMS.columns).where(same(external_stream.c.id))
        if lock and may_lock(self._connection):
            wanted = wanted.with_for_update()
        return _STREAMS.one(self._connection, wanted, id=stream_id)

    def by_hms_id(self, account_id: UUID, hms_id: str) -> ExternalStream | None:
        if not is_text(hms_id):
            return None
        wanted = select(*_STREAMS.columns).where(same(external_stream.c.account_id), same(external_stream.c.hms_id))
        return _STREAMS.one(self._connection, wanted, account_id=account_id, hms_id=hms_id)

    def unfinished(self, room_id: UUID | None = None) -> Sequence[ExternalStream]:
        if room_id is None:
            return _STREAMS.all(self._connection, _UNFINISHED)
        return _STREAMS.all(self._connection, _UNFINISHED.where(same(external_stream.c.room_id)), room_id=room_id)

    def search(self, search: ExternalStreamSearch, limit: int) -> Sequence[ExternalStream]:
        statement, parameters = matching(external_stream, search, select(*_STREAMS.columns))
        latest_first = statement.order_by(external_stream.c.id.desc()).limit(_MOST)
        return _STREAMS.all(self._connection, latest_first, most=limit, **parameters)

    def add_target(self, target: Target) -> None:
        row = {name: getattr(target, name) for name in ("id", "stream_id", *_OPEN)}
        row["sealed"] = self._vault.seal(target.url.encode(), _context(target.id))
        self._connection.execute(_ADD_TARGET, row)

    def update_target(self, target: Target) -> None:
        faring = {name: getattr(target, name) for name in _FARING}
        self._connection.execute(_UPDATE_TARGET.values(faring), {"which": target.id})

    def targets(self, stream_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Target]]:
        found: dict[UUID, list[Target]] = {stream_id: [] for stream_id in stream_ids}
        if not found:
            return found
        for row in self._connection.execute(_TARGETS, {"streams": list(found)}).all():
            target_id, stream_id, sealed, *rest = row
            url = self._vault.unseal(sealed, _context(target_id)).decode()
            found[stream_id].append(Target(target_id, stream_id, url, *rest))
        return found


def _context(target_id: UUID) -> bytes:
    return b"external target " + target_id.bytes
