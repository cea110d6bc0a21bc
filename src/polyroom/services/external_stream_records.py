"""External streams on record, with their targets, their files, and the room and the session they are of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.external_stream import ExternalStream, Target
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.recording import Recording, RecordingAsset
from polyroom.domain.room import Room
from polyroom.domain.session import Session
from polyroom.services.narrowing import narrowed
from polyroom.services.ports.external_streams import ExternalStreamSearch
from polyroom.services.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class RecordedExternalStream:
    """A stream and what belongs to it. The room may be gone."""

    stream: ExternalStream
    targets: Sequence[Target]
    room: Room
    session: Session
    recording: Recording | None
    assets: Sequence[RecordingAsset]


@dataclass(frozen=True, slots=True)
class ExternalStreamFilter:
    """Which ones, in the caller's ids; `start` is the one that a page begins behind."""

    search: ExternalStreamSearch
    room: str | None = None
    session: str | None = None
    start: str | None = None


class ExternalStreamRecords:
    """Reads. What never was gives an empty page; a `start` that never was raises Invalid."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, wanted: ExternalStreamFilter, limit: int) -> Sequence[RecordedExternalStream]:
        """External streams, latest first."""

        def unit(tx: Transaction) -> Sequence[RecordedExternalStream]:
            search = _resolved(tx, wanted)
            return [] if search is None else _whole(tx, tx.external_streams.search(search, limit))

        return await self._store.read(unit)

    async def one(self, account_id: UUID, any_id: str) -> RecordedExternalStream:
        """One by any of its ids. Raises NotFound("external stream")."""

        def unit(tx: Transaction) -> RecordedExternalStream:
            found = _find(tx, account_id, any_id)
            if found is None:
                raise NotFound("external stream")
            return _whole(tx, [found])[0]

        return await self._store.read(unit)

    async def of_room(self, room_id: UUID) -> Sequence[RecordedExternalStream]:
        """Those of a room that are not over."""
        return await self._store.read(lambda tx: _whole(tx, tx.external_streams.unfinished(room_id)))


def _find(tx: Transaction, account_id: UUID, any_id: str) -> ExternalStream | None:
    number = uuid_of_text(any_id)
    if number is None:
        return tx.external_streams.by_hms_id(account_id, any_id.lower())
    found = tx.external_streams.get(number)
    return found if found is not None and found.account_id == account_id else None


def _resolved(tx: Transaction, wanted: ExternalStreamFilter) -> ExternalStreamSearch | None:
    search = wanted.search
    if wanted.start is not None:
        before = _find(tx, search.account_id, wanted.start)
        if before is None:
            raise Invalid("start", "unknown")
        search = replace(search, after=before.id)
    return narrowed(tx, search, wanted.room, wanted.session)


def _whole(tx: Transaction, found: Sequence[ExternalStream]) -> Sequence[RecordedExternalStream]:
    rooms = {one.id: one for one in tx.history.rooms(one.room_id for one in found)}
    targets = tx.external_streams.targets(one.id for one in found)
    whole = []
    for one in found:
        session = tx.sessions.get(one.session_id)
        assert session is not None
        recording = tx.recordings.get(one.recording_id) if one.recording_id is not None else None
        assets = tx.recordings.assets_of(recording.id) if recording is not None else ()
        whole.append(RecordedExternalStream(one, targets[one.id], rooms[one.room_id], session, recording, assets))
    return whole
