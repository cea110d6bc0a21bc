"""Live streams on record, with their files, the room and the session they are of, and where they are watched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.live_stream import LiveState, LiveStream
from polyroom.domain.recording import Recording, RecordingAsset
from polyroom.domain.room import Room
from polyroom.domain.session import Session
from polyroom.services.narrowing import narrowed
from polyroom.services.ports.live_streams import LiveStreamSearch
from polyroom.services.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class RecordedLiveStream:
    """A stream and what belongs to it. `application` is the first part of its address. The room may be gone."""

    stream: LiveStream
    application: str
    room: Room
    session: Session
    recording: Recording | None
    assets: Sequence[RecordingAsset]


@dataclass(frozen=True, slots=True)
class LiveStreamFilter:
    """Which ones, in the caller's ids; `start` is the one that a page begins behind."""

    search: LiveStreamSearch
    room: str | None = None
    session: str | None = None
    start: str | None = None


class LiveStreamRecords:
    """Reads. What never was gives an empty page; a `start` that never was raises Invalid."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, wanted: LiveStreamFilter, limit: int) -> Sequence[RecordedLiveStream]:
        """Live streams, latest first."""

        def unit(tx: Transaction) -> Sequence[RecordedLiveStream]:
            search = wanted.search
            if wanted.start is not None:
                before = _find(tx, search.account_id, wanted.start)
                if before is None:
                    raise Invalid("start", "unknown")
                search = replace(search, after=before.id)
            found = narrowed(tx, search, wanted.room, wanted.session)
            return [] if found is None else _whole(tx, tx.live_streams.search(found, limit))

        return await self._store.read(unit)

    async def one(self, account_id: UUID, any_id: str) -> RecordedLiveStream:
        """One by any of its ids. Raises NotFound("live stream")."""

        def unit(tx: Transaction) -> RecordedLiveStream:
            found = _find(tx, account_id, any_id)
            if found is None:
                raise NotFound("live stream")
            return _whole(tx, [found])[0]

        return await self._store.read(unit)

    async def runs_in(self, room_id: UUID) -> bool:
        """Whether a room is live."""
        found = await self._store.read(lambda tx: tx.live_streams.unfinished(room_id))
        return any(one.state is not LiveState.STOPPING for one in found)


def _find(tx: Transaction, account_id: UUID, any_id: str) -> LiveStream | None:
    number = uuid_of_text(any_id)
    if number is None:
        return tx.live_streams.by_hms_id(account_id, any_id.lower())
    found = tx.live_streams.get(number)
    return found if found is not None and found.account_id == account_id else None


def _whole(tx: Transaction, found: Sequence[LiveStream]) -> Sequence[RecordedLiveStream]:
    rooms = {one.id: one for one in tx.history.rooms(one.room_id for one in found)}
    whole = []
    for one in found:
        session, account = tx.sessions.get(one.session_id), tx.accounts.get(one.account_id)
        assert session is not None and account is not None
        recording = tx.recordings.get(one.recording_id) if one.recording_id is not None else None
        assets = tx.recordings.assets_of(recording.id) if recording is not None else ()
        application = account.phenix_application_id
        whole.append(RecordedLiveStream(one, application, rooms[one.room_id], session, recording, assets))
    return whole
