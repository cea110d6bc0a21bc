"""Entries that were refused are kept too, so that an application can see why somebody did not come in.

Whoever holds a ticket may try as often as they like: of each room only some refusals a minute are kept.
"""

import logging
from collections.abc import Mapping
from uuid import UUID

from polyroom.domain.errors import (
    AccessCodeRejected,
    AccessCodeRequired,
    AdmissionExpired,
    AdmissionRefused,
    JoinRefused,
    KeptOut,
    KeyDisabled,
    RoleFull,
    RoomDisabled,
    RoomFull,
    TooManyAttempts,
)
from polyroom.domain.events import Event, EventType
from polyroom.domain.room import Room
from polyroom.domain.session import ParticipantKind
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.entrance import role_of
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

KEPT_A_MINUTE = 10
"""Refusals of one room."""

WORDS: Mapping[type[JoinRefused], str] = {
    RoomDisabled: "room_disabled",
    RoomFull: "room_full",
    RoleFull: "role_full",
    KeptOut: "kept_out",
    KeyDisabled: "stream_key_disabled",
    AdmissionExpired: "admission_expired",
    AdmissionRefused: "admission_refused",
    AccessCodeRequired: "access_code_required",
    AccessCodeRejected: "access_code_rejected",
}
"""What refuses somebody, and is told; that a server stops, or is asked too often, is not about them."""


class RefusedJoins:
    """Writes refusals into the log of their room."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._kept = AttemptLimiter(clock, limit=KEPT_A_MINUTE)

    async def keep(self, ticket: Ticket, refusal: JoinRefused) -> None:
        """Keep it, unless there are too many. A failure to do so is logged: somebody waits for the refusal itself."""
        word = WORDS.get(type(refusal))
        if word is None or ticket.grant.hidden or not self._may_keep(ticket.grant.room_id):
            return
        at = self._clock.now()

        def unit(tx: Transaction) -> None:
            room = tx.rooms.get(ticket.grant.room_id)
            if room is None:
                return
            session = tx.sessions.current(room.id)
            event = Event(
                self._ids.uuid(),
                room.account_id,
                room.id,
                EventType.PARTICIPANT_REFUSED,
                at,
                session.id if session is not None else None,
                data={"why": word, "role": _role(tx, room, ticket), **_kind(ticket)},
            )
            tx.events.append([event])

        try:
            await self._store.write(unit)
        except Exception:
            log.exception("a refused entry could not be kept")

    def _may_keep(self, room_id: UUID) -> bool:
        try:
            self._kept.check(room_id)
        except TooManyAttempts:
            return False
        self._kept.failed(room_id)
        return True


def _kind(ticket: Ticket) -> Mapping[str, str]:
    kind = ticket.grant.kind
    return {} if kind is ParticipantKind.STANDARD else {"kind": kind.value}


def _role(tx: Transaction, room: Room, ticket: Ticket) -> str:
    try:
        return role_of(tx, room, ticket.grant).name
    except AdmissionRefused:
        return ""
