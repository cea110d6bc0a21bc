"""Recordings on record by kind, with their files: pages by number, and one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from polyroom.domain.errors import NotFound
from polyroom.domain.recording import Recording, RecordingAsset, RecordingKind
from polyroom.services.ports.paging import Page
from polyroom.services.ports.recordings import RecordingListing
from polyroom.services.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording and the files it has by now."""

    recording: Recording
    assets: Sequence[RecordingAsset]


class RecordingLists:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, listing: RecordingListing) -> Page[Listed]:
        """Recordings, latest first."""

        def unit(tx: Transaction) -> Page[Listed]:
            found = tx.recordings.listed(listing)
            return Page([Listed(one, tx.recordings.assets_of(one.id)) for one in found.items], found.total)

        return await self._store.read(unit)

    async def one(self, account_id: UUID, recording_id: UUID, kinds: frozenset[RecordingKind]) -> Listed:
        """One of these kinds. Raises NotFound("recording")."""

        def unit(tx: Transaction) -> Listed:
            found = tx.recordings.get(recording_id)
            if found is None or found.account_id != account_id or found.kind not in kinds:
                raise NotFound("recording")
            return Listed(found, tx.recordings.assets_of(found.id))

        return await self._store.read(unit)
