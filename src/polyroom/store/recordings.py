"""Recordings and their files, read along one index per question."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Table, bindparam, insert, select, text, true, update

from polyroom.domain.recording import Recording, RecordingAsset
from polyroom.services.ports.paging import Page
from polyroom.services.ports.recordings import RecordingListing, RecordingSearch
from polyroom.store import recording_listing
from polyroom.store.columns import is_text
from polyroom.store.latest_first import matching
from polyroom.store.records import Record, may_lock, only, same
from polyroom.store.tables_recordings import recording, recording_asset

T = TypeVar("T")

_RECORDINGS = Record(Recording, recording)
_ASSETS = Record(RecordingAsset, recording_asset)
_CHANGING = ("updated_at", "state", "started_at", "stopped_at", "stopped_by", "failure")
_ADD, _ADD_ASSET = insert(recording), insert(recording_asset)
_UPDATE = update(recording).where(recording.c.id == bindparam("which", type_=recording.c.id.type))
# In the words of the partial index, or SQLite does not use it.
_UNFINISHED = select(*_RECORDINGS.columns).where(text("state NOT IN ('completed', 'failed')"))
_LOCAL = select(*_ASSETS.columns).where(text("in_bucket = false"))
_IN_BUCKET = (
    update(recording_asset)
    .where(recording_asset.c.id == bindparam("which", type_=recording_asset.c.id.type))
    .values(in_bucket=true())
)
_MOST = bindparam("most", type_=BigInteger)


class SqlRecordings:
    """Recordings on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, recording: Recording) -> None:
        self._connection.execute(_ADD, _RECORDINGS.values(recording))

    def update(self, recording: Recording) -> None:
        changed = only(_RECORDINGS.values(recording), _CHANGING)
        self._connection.execute(_UPDATE.values(changed), {"which": recording.id})

    def get(self, recording_id: UUID, *, lock: bool = False) -> Recording | None:
        wanted = select(*_RECORDINGS.columns).where(same(recording.c.id))
        if lock and may_lock(self._connection):
            wanted = wanted.with_for_update()
        return _RECORDINGS.one(self._connection, wanted, id=recording_id)

    def by_hms_id(self, account_id: UUID, hms_id: str) -> Recording | None:
        return self._by_hms_id(_RECORDINGS, recording, account_id, hms_id)

    def unfinished(self, room_id: UUID | None = None) -> Sequence[Recording]:
        wanted = _UNFINISHED.order_by(recording.c.id)
        if room_id is None:
            return _RECORDINGS.all(self._connection, wanted)
        return _RECORDINGS.all(self._connection, wanted.where(same(recording.c.room_id)), room_id=room_id)

    def search(self, search: RecordingSearch, limit: int) -> Sequence[Recording]:
        return self._search(_RECORDINGS, recording, search, limit)

    def listed(self, listing: RecordingListing) -> Page[Recording]:
        return recording_listing.page_of(self._connection, listing)

    def delete(self, recording_ids: Iterable[UUID], at: datetime) -> None:
        recording_listing.drop(self._connection, recording_ids, at)

    def expire(self, before: datetime, limit: int) -> int:
        return recording_listing.expire(self._connection, before, limit)

    def discarded(self) -> Sequence[str]:
        return recording_listing.discarded(self._connection)

    def off_the_disk(self, paths: Iterable[str]) -> None:
        recording_listing.forget_discarded(self._connection, paths)

    def add_asset(self, asset: RecordingAsset) -> None:
        self._connection.execute(_ADD_ASSET, _ASSETS.values(asset))

    def local_assets(self, after: UUID | None, limit: int) -> Sequence[RecordingAsset]:
        wanted = _LOCAL if after is None else _LOCAL.where(recording_asset.c.id > after)
        return _ASSETS.all(self._connection, wanted.order_by(recording_asset.c.id).limit(_MOST), most=limit)

    def in_bucket(self, asset_id: UUID) -> bool:
        return self._connection.execute(_IN_BUCKET, {"which": asset_id}).rowcount > 0

    def asset(self, asset_id: UUID) -> RecordingAsset | None:
        wanted = select(*_ASSETS.columns).where(same(recording_asset.c.id))
        return _ASSETS.one(self._connection, wanted, id=asset_id)

    def asset_by_hms_id(self, account_id: UUID, hms_id: str) -> RecordingAsset | None:
        return self._by_hms_id(_ASSETS, recording_asset, account_id, hms_id)

    def assets_of(self, recording_id: UUID) -> Sequence[RecordingAsset]:
        wanted = select(*_ASSETS.columns).where(same(recording_asset.c.recording_id)).order_by(recording_asset.c.id)
        return _ASSETS.all(self._connection, wanted, recording_id=recording_id)

    def search_assets(self, search: RecordingSearch, limit: int) -> Sequence[RecordingAsset]:
        return self._search(_ASSETS, recording_asset, search, limit)

    def _by_hms_id(self, kind: Record[T], table: Table, account_id: UUID, hms_id: str) -> T | None:
        if not is_text(hms_id):
            return None
        wanted = select(*kind.columns).where(same(table.c.account_id), same(table.c.hms_id))
        return kind.one(self._connection, wanted, account_id=account_id, hms_id=hms_id)

    def _search(self, kind: Record[T], table: Table, search: RecordingSearch, limit: int) -> Sequence[T]:
        statement, parameters = matching(table, search, select(*kind.columns))
        if search.holding is not None:
            statement = statement.where(table.c.kind.in_(sorted(search.holding)))
        latest_first = statement.order_by(table.c.id.desc()).limit(_MOST)
        return kind.all(self._connection, latest_first, most=limit, **parameters)
