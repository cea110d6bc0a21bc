"""Deleting recordings: off the record at once; their files follow (`discarded_files.py`)."""

from dataclasses import replace
from uuid import UUID

from polyroom.domain.errors import NotFound, WrongState
from polyroom.domain.recording import Recording, RecordingKind, RecordingState
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.recordings import RecordingListing
from polyroom.services.ports.store import Store, Transaction

_ENDS = frozenset({RecordingState.COMPLETED, RecordingState.FAILED})
_AT_ONCE = 500


class RecordingDeletion:
    """Use cases that delete."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def delete(self, account_id: UUID, recording_id: UUID, kinds: frozenset[RecordingKind]) -> None:
        """Delete one of these kinds. Raises NotFound("recording"), WrongState while something is being recorded."""
        at = self._clock.now()

        def unit(tx: Transaction) -> None:
            found = tx.recordings.get(recording_id, lock=True)
            if found is None or found.account_id != account_id or found.kind not in kinds:
                raise NotFound("recording")
            if _is_taken(found):
                raise WrongState("recording", found.state.value)
            tx.recordings.delete([found.id], at)

        await self._store.write(unit)

    async def delete_page(self, listing: RecordingListing) -> int:
        """Delete what is on one page of a listing and not being recorded; how many that was."""
        at = self._clock.now()

        def unit(tx: Transaction) -> int:
            found = [one.id for one in tx.recordings.listed(listing).items if not _is_taken(one)]
            tx.recordings.delete(found, at)
            return len(found)

        return await self._store.write(unit)

    async def delete_all(self, listing: RecordingListing) -> int:
        """Delete what a listing matches on all its pages, but for what is being recorded; how many that was."""
        at, wanted = self._clock.now(), replace(listing, offset=0, limit=_AT_ONCE)
        ends = _ENDS if listing.states is None else listing.states & _ENDS
        wanted = replace(wanted, states=ends)

        def unit(tx: Transaction) -> int:
            found = [one.id for one in tx.recordings.listed(wanted).items]
            tx.recordings.delete(found, at)
            return len(found)

        deleted = 0
        while some := await self._store.write(unit):
            deleted += some
        return deleted


def _is_taken(one: Recording) -> bool:
    return one.kind is not RecordingKind.COMPOSITION and not one.over
