"""Recordings and files on record, with the room and the session they are of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.recording import BESIDE, AssetKind, Recording, RecordingAsset, RecordingState
from polyroom.domain.room import Room
from polyroom.domain.session import Session
from polyroom.services.narrowing import narrowed
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recording_moves import OF_A_ROOM


@dataclass(frozen=True, slots=True)
class RecordedAsset:
    """A file, what it is of, and the paths of the thumbnails made of it."""

    asset: RecordingAsset
    recording: Recording
    room: Room
    session: Session
    thumbnails: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RecordedRecording:
    """A recording, its files, and what it is of. The room may be gone."""

    recording: Recording
    assets: Sequence[RecordingAsset]
    room: Room
    session: Session


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """Which ones, in the caller's ids; `start` is the one that a page begins behind."""

    search: RecordingSearch
    room: str | None = None
    session: str | None = None
    start: str | None = None


class RecordingRecords:
    """Reads. What never was gives an empty page; a `start` that never was raises Invalid."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, wanted: RecordingFilter, limit: int) -> Sequence[RecordedRecording]:
        """Recordings, latest first."""

        def unit(tx: Transaction) -> Sequence[RecordedRecording]:
            start = None if wanted.start is None else _started(_find(tx, wanted.search.account_id, wanted.start))
            search = _resolved(tx, wanted, start)
            return [] if search is None else _whole(tx, tx.recordings.search(search, limit))

        return await self._store.read(unit)

    async def runs_in(self, room_id: UUID) -> bool:
        """Whether everybody in a room is being recorded, be it paused."""
        there = await self._store.read(lambda tx: tx.recordings.unfinished(room_id))
        return any(one.kind in OF_A_ROOM and one.state is not RecordingState.STOPPING for one in there)

    async def one(self, account_id: UUID, any_id: str) -> RecordedRecording:
        """One by any of its ids. Raises NotFound("recording")."""

        def unit(tx: Transaction) -> RecordedRecording:
            found = _find(tx, account_id, any_id)
            if found is None:
                raise NotFound("recording")
            return _whole(tx, [found])[0]

        return await self._store.read(unit)

    async def assets(self, wanted: RecordingFilter, limit: int) -> Sequence[RecordedAsset]:
        """Files, latest first."""

        def unit(tx: Transaction) -> Sequence[RecordedAsset]:
            start = None if wanted.start is None else _started(_find_asset(tx, wanted.search.account_id, wanted.start))
            search = _resolved(tx, wanted, start)
            return [] if search is None else _whole_assets(tx, tx.recordings.search_assets(search, limit))

        return await self._store.read(unit)

    async def asset(self, account_id: UUID, any_id: str) -> RecordedAsset:
        """One file by any of its ids. Raises NotFound("asset")."""

        def unit(tx: Transaction) -> RecordedAsset:
            found = _find_asset(tx, account_id, any_id)
            if found is None:
                raise NotFound("asset")
            return _whole_assets(tx, [found])[0]

        return await self._store.read(unit)


def thumbnails_of(asset: RecordingAsset, beside: Sequence[RecordingAsset]) -> Sequence[str]:
    """The paths of the thumbnails among the files of the same recording, for one they were made of."""
    return [one.path for one in beside if one.kind is AssetKind.THUMBNAIL] if asset.kind not in BESIDE else []


def _started(found: Recording | RecordingAsset | None) -> UUID:
    if found is None:
        raise Invalid("start", "unknown")
    return found.id


def _resolved(tx: Transaction, wanted: RecordingFilter, start: UUID | None) -> RecordingSearch | None:
    return narrowed(tx, replace(wanted.search, after=start), wanted.room, wanted.session)


def _find(tx: Transaction, account_id: UUID, any_id: str) -> Recording | None:
    number = uuid_of_text(any_id)
    if number is None:
        return tx.recordings.by_hms_id(account_id, any_id.lower())
    found = tx.recordings.get(number)
    return found if found is not None and found.account_id == account_id else None


def _find_asset(tx: Transaction, account_id: UUID, any_id: str) -> RecordingAsset | None:
    number = uuid_of_text(any_id)
    if number is None:
        return tx.recordings.asset_by_hms_id(account_id, any_id.lower())
    found = tx.recordings.asset(number)
    return found if found is not None and found.account_id == account_id else None


def _whole(tx: Transaction, found: Sequence[Recording]) -> Sequence[RecordedRecording]:
    rooms = {one.id: one for one in tx.history.rooms(one.room_id for one in found)}
    return [
        RecordedRecording(one, tx.recordings.assets_of(one.id), rooms[one.room_id], _session(tx, one.session_id))
        for one in found
    ]


def _whole_assets(tx: Transaction, found: Sequence[RecordingAsset]) -> Sequence[RecordedAsset]:
    rooms = {one.id: one for one in tx.history.rooms(one.room_id for one in found)}
    whole = []
    for one in found:
        recording = tx.recordings.get(one.recording_id)
        assert recording is not None
        beside = () if one.kind in BESIDE else tx.recordings.assets_of(recording.id)
        session = _session(tx, one.session_id)
        whole.append(RecordedAsset(one, recording, rooms[one.room_id], session, thumbnails_of(one, beside)))
    return whole


def _session(tx: Transaction, session_id: UUID) -> Session:
    session = tx.sessions.get(session_id)
    assert session is not None
    return session
