"""Pages of recordings by their number, and the deletion of recordings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Connection, bindparam, delete, exists, func, insert, select
from sqlalchemy.sql import ColumnElement

from polyroom.domain.ids import first_uuid_at
from polyroom.domain.recording import ENDS, Recording
from polyroom.services.ports.paging import Page
from polyroom.services.ports.recordings import RecordingListing
from polyroom.store.records import Record
from polyroom.store.room_counts import within
from polyroom.store.tables_recordings import discarded_file, recording, recording_asset

_RECORDINGS = Record(Recording, recording)
_LATEST_FIRST = recording.c.id.desc()
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PATHS_OF = select(recording_asset.c.path).where(recording_asset.c.recording_id.in_(_IDS))
_DROP_ASSETS = delete(recording_asset).where(recording_asset.c.recording_id.in_(_IDS))
_DROP = delete(recording).where(recording.c.id.in_(_IDS))
_OVER = (
    select(recording.c.id)
    .where(recording.c.id < bindparam("bound", type_=recording.c.id.type), recording.c.state.in_(sorted(ENDS)))
    .order_by(recording.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
_DISCARDED = select(discarded_file.c.path).order_by(discarded_file.c.path)
_GONE = delete(discarded_file).where(discarded_file.c.path.in_(bindparam("paths", expanding=True)))


def page_of(connection: Connection, listing: RecordingListing) -> Page[Recording]:
    """What matches; a page far back is counted off on the index of the account before any row is read."""
    conditions = _matching(listing)
    total = connection.execute(select(func.count()).select_from(recording).where(*conditions)).scalar() or 0
    if listing.offset >= total:
        return Page([], total)
    ids = select(recording.c.id).where(*conditions).order_by(_LATEST_FIRST)
    page = ids.limit(listing.limit).offset(listing.offset).subquery()
    statement = select(*_RECORDINGS.columns).join(page, page.c.id == recording.c.id).order_by(_LATEST_FIRST)
    return Page(_RECORDINGS.all(connection, statement), total)


def drop(connection: Connection, recording_ids: Iterable[UUID], at: datetime) -> None:
    """Delete rows; the files' paths are kept until somebody has deleted them."""
    ids = list(recording_ids)
    if not ids:
        return
    paths = connection.execute(_PATHS_OF, {"ids": ids}).scalars().all()
    if paths:
        connection.execute(insert(discarded_file), [{"path": path, "at": at} for path in paths])
    connection.execute(_DROP_ASSETS, {"ids": ids})
    connection.execute(_DROP, {"ids": ids})


def expire(connection: Connection, before: datetime, limit: int) -> int:
    """Drop what is over and was made before that; along the primary key, which grows with time."""
    ids = connection.execute(_OVER, {"bound": first_uuid_at(before), "most": limit}).scalars().all()
    drop(connection, ids, before)
    return len(ids)


def discarded(connection: Connection) -> Sequence[str]:
    """The paths that `drop` kept."""
    return connection.execute(_DISCARDED).scalars().all()


def forget_discarded(connection: Connection, paths: Iterable[str]) -> None:
    """They are off the disk."""
    gone = list(paths)
    if gone:
        connection.execute(_GONE, {"paths": gone})


def _matching(listing: RecordingListing) -> list[ColumnElement[bool]]:
    one = recording.c
    conditions: list[ColumnElement[bool]] = [
        one.account_id == listing.account_id,
        one.kind.in_(sorted(listing.kinds)),
        *within(one.created_at, listing.made),
        *within(one.started_at, listing.started),
        *within(one.stopped_at, listing.ended),
    ]
    names = ("room_id", "session_id", "participant_id")
    wanted: dict[str, Any] = {name: getattr(listing, name) for name in names}
    conditions += [one[name] == value for name, value in wanted.items() if value is not None]
    if listing.states is not None:
        conditions.append(one.state.in_(sorted(listing.states)))
    if listing.seconds:
        asset = recording_asset.c
        long_enough = (asset.recording_id == one.id, asset.milliseconds >= listing.seconds * 1000)
        conditions.append(exists().where(*long_enough).correlate(recording))
    return conditions
