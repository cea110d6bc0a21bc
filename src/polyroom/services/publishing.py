"""The encoders' door: what the name somebody publishes under is worth."""

from collections.abc import Sequence

from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, JoinRefused, KeyDisabled, RoomDisabled
from polyroom.domain.events import EventType
from polyroom.domain.session import Participant
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.facts import participant_event
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.publishing import Publication, StreamKeyVerifier
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.refused import RefusedJoins

LONGEST_NAME = 1024
_LONGEST_WHY = 200


class Publishing:
    """Checks stream keys, whichever dialect they are of."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        *,
        verifiers: Sequence[StreamKeyVerifier],
        attempts: AttemptLimiter,
        refused: RefusedJoins,
    ) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._verifiers, self._attempts, self._refused = verifiers, attempts, refused

    async def open(self, name: str, address: str) -> Publication:
        """What the stream's name is worth.

        Raises AdmissionRefused where it is no key, AdmissionExpired, KeyDisabled or RoomDisabled where it was one once,
        TooManyAttempts when the address has guessed too often. Refusals of true keys are kept in their room's log.
        """
        self._attempts.check(address)
        found = await self._store.read(lambda tx: self._find(tx, name), quick=True)
        if found is None:
            self._attempts.failed(address)
            raise AdmissionRefused
        refusal = self._judged(found)
        if refusal is not None:
            await self.refuse(found, refusal)
            raise refusal
        return found

    async def refuse(self, publication: Publication, refusal: JoinRefused) -> None:
        """Keep in the room's log that a true key did not let in."""
        await self._refused.keep(Ticket(publication.grant, None, publication.identity, publication.name), refusal)

    async def failed(self, participant: Participant, why: str) -> None:
        """Keep in the room's log that what came could not be used."""
        at = self._clock.now()

        def unit(tx: Transaction) -> None:
            data = {"why": why[:_LONGEST_WHY]}
            tx.events.append([participant_event(self._ids, EventType.INGEST_FAILED, participant, at, **data)])

        await self._store.write(unit)

    def _find(self, tx: Transaction, name: str) -> Publication | None:
        if len(name) > LONGEST_NAME or not name.isprintable():
            return None
        found = (verifier.find(tx, name) for verifier in self._verifiers)
        return next((one for one in found if one is not None), None)

    def _judged(self, found: Publication) -> JoinRefused | None:
        now = self._clock.now()
        if not found.room.enabled:
            return RoomDisabled()
        if found.key is not None and not found.key.enabled:
            return KeyDisabled()
        if not found.grant.valid_at(now):
            return AdmissionExpired()
        return None
